// Tests that programs with kernels of their own agree with the reference: what
// is captured runs in the order that memory, tokens and the host ask for.
//
// RUN: graph-run %s --entry=chain --verify | FileCheck %s
// RUN: graph-run %s --entry=chain --verify --repeat=3 | FileCheck %s
// RUN: graph-run %s --entry=chain --mode=stream --verify | FileCheck %s
// RUN: graph-run %s --entry=hazards --verify | FileCheck %s
// RUN: graph-run %s --entry=tokens --verify | FileCheck %s
// RUN: graph-run %s --entry=host_between --arg 2=3 --verify | FileCheck %s
// RUN: graph-run %s --entry=host_reads --verify | FileCheck %s
// RUN: graph-run %s --entry=host_reads --verify --repeat=2 | FileCheck %s
// RUN: graph-run %s --entry=in_loop --arg 1=5 --verify | FileCheck %s
// RUN: graph-run %s --entry=in_branch --arg 1=0 --verify | FileCheck %s
// RUN: graph-run %s --entry=in_branch --arg 1=1 --verify | FileCheck %s
// RUN: graph-run %s --entry=scalars --arg 2=2.5 --arg 3=-7 --arg 4=1 --arg 5=3 --verify | FileCheck %s
// RUN: graph-run %s --entry=views --verify | FileCheck %s
// RUN: graph-run %s --entry=shapes --verify | FileCheck %s
// RUN: graph-run %s --entry=counted --verify | FileCheck %s
// RUN: graph-run %s --entry=outlined --verify | FileCheck %s
// RUN: graph-run %s --entry=with_tensors --verify | FileCheck %s
// RUN: graph-run %s --entry=fallbacks --verify | FileCheck %s

// CHECK: verify: ok

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @scale(%m: memref<1000xf32>, %factor: f32) kernel {
      %i = gpu.global_id x
      %n = arith.constant 1000 : index
      %inside = arith.cmpi ult, %i, %n : index
      scf.if %inside {
        %x = memref.load %m[%i] : memref<1000xf32>
        %y = arith.mulf %x, %factor : f32
        memref.store %y, %m[%i] : memref<1000xf32>
      }
      gpu.return
    }
    gpu.func @add(%a: memref<1000xf32>, %b: memref<1000xf32>,
                  %sum: memref<1000xf32>) kernel {
      %b0 = gpu.block_id x
      %d0 = gpu.block_dim x
      %t0 = gpu.thread_id x
      %first = arith.muli %b0, %d0 : index
      %i = arith.addi %first, %t0 : index
      %n = arith.constant 1000 : index
      %inside = arith.cmpi ult, %i, %n : index
      cf.cond_br %inside, ^work, ^end
    ^work:
      %x = memref.load %a[%i] : memref<1000xf32>
      %y = memref.load %b[%i] : memref<1000xf32>
      %z = arith.addf %x, %y : f32
      memref.store %z, %sum[%i] : memref<1000xf32>
      cf.br ^end
    ^end:
      gpu.return
    }
    // Each thread stores where it is, on a grid of three dimensions.
    gpu.func @places(%m: memref<2x3x4x5x2x3xi32>) kernel {
      %bx = gpu.block_id x
      %by = gpu.block_id y
      %bz = gpu.block_id z
      %tx = gpu.thread_id x
      %ty = gpu.thread_id y
      %tz = gpu.thread_id z
      %gx = gpu.grid_dim x
      %gy = gpu.grid_dim y
      %gid = gpu.global_id y
      %0 = arith.muli %bz, %gy : index
      %1 = arith.addi %0, %by : index
      %2 = arith.muli %1, %gx : index
      %3 = arith.addi %2, %bx : index
      %4 = arith.addi %3, %gid : index
      %v = arith.index_cast %4 : index to i32
      memref.store %v, %m[%bz, %by, %bx, %tx, %ty, %tz] : memref<2x3x4x5x2x3xi32>
      gpu.return
    }
    gpu.func @mixed(%m: memref<64xf32>, %k: memref<64xi32>, %f: f32, %i: i32,
                    %on: i1, %at: index) kernel {
      %t = gpu.thread_id x
      %x = memref.load %m[%t] : memref<64xf32>
      %y = arith.mulf %x, %f : f32
      %z = arith.select %on, %y, %x : f32
      memref.store %z, %m[%t] : memref<64xf32>
      %c = memref.load %k[%at] : memref<64xi32>
      %d = arith.addi %c, %i : i32
      %is = arith.cmpi eq, %t, %at : index
      scf.if %is {
        memref.store %d, %k[%at] : memref<64xi32>
      }
      gpu.return
    }
    gpu.func @shift(%from: memref<?xf32>, %to: memref<4x8xf32, strided<[16, 1], offset: ?>>) kernel {
      %i = gpu.block_id x
      %j = gpu.thread_id x
      %c8 = arith.constant 8 : index
      %r = arith.muli %i, %c8 : index
      %k = arith.addi %r, %j : index
      %x = memref.load %from[%k] : memref<?xf32>
      memref.store %x, %to[%i, %j] : memref<4x8xf32, strided<[16, 1], offset: ?>>
      gpu.return
    }
    gpu.func @count(%bins: memref<8xi32>) kernel {
      %i = gpu.global_id x
      %c8 = arith.constant 8 : index
      %one = arith.constant 1 : i32
      %bin = arith.remui %i, %c8 : index
      %old = memref.atomic_rmw addi %one, %bins[%bin] : (i32, memref<8xi32>) -> i32
      gpu.return
    }
  }

  // Launch after launch, a fill and a copy, all of the same memory.
  func.func @chain(%a: memref<1000xf32>, %b: memref<1000xf32>, %c: memref<1000xf32>) {
    %one = arith.constant 1 : index
    %four = arith.constant 4 : index
    %threads = arith.constant 256 : index
    %two = arith.constant 2.0 : f32
    gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%a : memref<1000xf32>, %two : f32)
    gpu.memcpy %c, %a : memref<1000xf32>, memref<1000xf32>
    gpu.launch_func @kernels::@add blocks in (%four, %one, %one)
      threads in (%threads, %one, %one)
      args(%a : memref<1000xf32>, %b : memref<1000xf32>, %a : memref<1000xf32>)
    gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%b : memref<1000xf32>, %two : f32)
    return
  }

  // Read after write, write after read, write after write, with temporaries.
  func.func @hazards(%a: memref<1000xf32>, %b: memref<1000xf32>, %out: memref<1000xf32>) {
    %one = arith.constant 1 : index
    %four = arith.constant 4 : index
    %threads = arith.constant 256 : index
    %three = arith.constant 3.0 : f32
    %zero = arith.constant 0.0 : f32
    %t = memref.alloc() : memref<1000xf32>
    %u = gpu.alloc () : memref<1000xf32>
    gpu.memset %t, %zero : memref<1000xf32>, f32
    gpu.launch_func @kernels::@add blocks in (%four, %one, %one)
      threads in (%threads, %one, %one)
      args(%a : memref<1000xf32>, %t : memref<1000xf32>, %u : memref<1000xf32>)
    gpu.memset %t, %three : memref<1000xf32>, f32
    gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%u : memref<1000xf32>, %three : f32)
    gpu.launch_func @kernels::@add blocks in (%four, %one, %one)
      threads in (%threads, %one, %one)
      args(%u : memref<1000xf32>, %t : memref<1000xf32>, %out : memref<1000xf32>)
    gpu.memcpy %u, %b : memref<1000xf32>, memref<1000xf32>
    gpu.memcpy %a, %u : memref<1000xf32>, memref<1000xf32>
    gpu.dealloc %u : memref<1000xf32>
    memref.dealloc %t : memref<1000xf32>
    return
  }

  // Asynchronous, with a fork, a join, and memory that comes and goes.
  func.func @tokens(%a: memref<1000xf32>, %b: memref<1000xf32>, %out: memref<1000xf32>) -> f32 {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %four = arith.constant 4 : index
    %threads = arith.constant 256 : index
    %two = arith.constant 2.0 : f32
    %t0 = gpu.wait async
    %m, %t1 = gpu.alloc async [%t0] () : memref<1000xf32>
    %t2 = gpu.memcpy async [%t1] %m, %a : memref<1000xf32>, memref<1000xf32>
    %t3 = gpu.launch_func async [%t2] @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%m : memref<1000xf32>, %two : f32)
    %t4 = gpu.launch_func async [%t1] @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%b : memref<1000xf32>, %two : f32)
    %t5 = gpu.wait async [%t3, %t4]
    %t6 = gpu.launch_func async [%t5] @kernels::@add blocks in (%four, %one, %one)
      threads in (%threads, %one, %one)
      args(%m : memref<1000xf32>, %b : memref<1000xf32>, %out : memref<1000xf32>)
    %t7 = gpu.dealloc async [%t6] %m : memref<1000xf32>
    gpu.wait [%t7]
    %first = memref.load %out[%zero] : memref<1000xf32>
    return %first : f32
  }

  // The host works on memory of its own, and on other elements, in between.
  func.func @host_between(%a: memref<1000xf32>, %b: memref<1000xf32>, %at: index) -> f32 {
    %one = arith.constant 1 : index
    %four = arith.constant 4 : index
    %threads = arith.constant 256 : index
    %two = arith.constant 2.0 : f32
    %own = memref.alloc() : memref<4xf32>
    gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%a : memref<1000xf32>, %two : f32)
    memref.store %two, %own[%at] : memref<4xf32>
    %x = memref.load %own[%at] : memref<4xf32>
    %y = arith.addf %x, %two : f32
    gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%a : memref<1000xf32>, %y : f32)
    memref.dealloc %own : memref<4xf32>
    return %y : f32
  }

  // What the host reads and writes keeps its place.
  func.func @host_reads(%a: memref<1000xf32>, %b: memref<1000xf32>) -> f32 {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %four = arith.constant 4 : index
    %threads = arith.constant 256 : index
    %two = arith.constant 2.0 : f32
    gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%a : memref<1000xf32>, %two : f32)
    %x = memref.load %a[%zero] : memref<1000xf32>
    memref.store %two, %a[%one] : memref<1000xf32>
    gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%a : memref<1000xf32>, %x : f32)
    memref.copy %a, %b : memref<1000xf32> to memref<1000xf32>
    gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%a : memref<1000xf32>, %two : f32)
    %y = memref.load %a[%one] : memref<1000xf32>
    %z = arith.addf %x, %y : f32
    return %z : f32
  }

  func.func @in_loop(%a: memref<1000xf32>, %n: index) {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %four = arith.constant 4 : index
    %threads = arith.constant 256 : index
    %two = arith.constant 0.5 : f32
    %t = memref.alloc() : memref<1000xf32>
    scf.for %i = %zero to %n step %one {
      gpu.memcpy %t, %a : memref<1000xf32>, memref<1000xf32>
      gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
        threads in (%threads, %one, %one) args(%t : memref<1000xf32>, %two : f32)
      gpu.launch_func @kernels::@add blocks in (%four, %one, %one)
        threads in (%threads, %one, %one)
        args(%a : memref<1000xf32>, %t : memref<1000xf32>, %a : memref<1000xf32>)
    }
    memref.dealloc %t : memref<1000xf32>
    return
  }

  func.func @in_branch(%a: memref<1000xf32>, %on: i1) -> f32 {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %four = arith.constant 4 : index
    %threads = arith.constant 256 : index
    %two = arith.constant 0.5 : f32
    gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%a : memref<1000xf32>, %two : f32)
    %r = scf.if %on -> f32 {
      gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
        threads in (%threads, %one, %one) args(%a : memref<1000xf32>, %two : f32)
      %x = memref.load %a[%zero] : memref<1000xf32>
      scf.yield %x : f32
    } else {
      %x = memref.load %a[%one] : memref<1000xf32>
      scf.yield %x : f32
    }
    return %r : f32
  }

  func.func @scalars(%m: memref<64xf32>, %k: memref<64xi32>, %f: f32, %i: i32,
                     %on: i1, %at: index) {
    %one = arith.constant 1 : index
    %threads = arith.constant 64 : index
    gpu.launch_func @kernels::@mixed blocks in (%one, %one, %one)
      threads in (%threads, %one, %one)
      args(%m : memref<64xf32>, %k : memref<64xi32>, %f : f32, %i : i32,
           %on : i1, %at : index)
    return
  }

  // A static memref as one of unknown size, and a strided view.
  func.func @views(%a: memref<32xf32>, %b: memref<4x16xf32>) {
    %one = arith.constant 1 : index
    %four = arith.constant 4 : index
    %eight = arith.constant 8 : index
    %from = memref.cast %a : memref<32xf32> to memref<?xf32>
    %left = memref.subview %b[0, 0] [4, 8] [1, 1]
      : memref<4x16xf32> to memref<4x8xf32, strided<[16, 1]>>
    %left1 = memref.cast %left : memref<4x8xf32, strided<[16, 1]>> to memref<4x8xf32, strided<[16, 1], offset: ?>>
    %right = memref.subview %b[0, 8] [4, 8] [1, 1]
      : memref<4x16xf32> to memref<4x8xf32, strided<[16, 1], offset: 8>>
    %right1 = memref.cast %right : memref<4x8xf32, strided<[16, 1], offset: 8>> to memref<4x8xf32, strided<[16, 1], offset: ?>>
    gpu.launch_func @kernels::@shift blocks in (%four, %one, %one)
      threads in (%eight, %one, %one)
      args(%from : memref<?xf32>, %left1 : memref<4x8xf32, strided<[16, 1], offset: ?>>)
    gpu.launch_func @kernels::@shift blocks in (%four, %one, %one)
      threads in (%eight, %one, %one)
      args(%from : memref<?xf32>, %right1 : memref<4x8xf32, strided<[16, 1], offset: ?>>)
    return
  }

  func.func @shapes(%m: memref<2x3x4x5x2x3xi32>) {
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %c4 = arith.constant 4 : index
    %c5 = arith.constant 5 : index
    gpu.launch_func @kernels::@places blocks in (%c4, %c3, %c2)
      threads in (%c5, %c2, %c3) args(%m : memref<2x3x4x5x2x3xi32>)
    return
  }

  func.func @counted(%bins: memref<8xi32>) {
    %one = arith.constant 1 : index
    %blocks = arith.constant 13 : index
    %threads = arith.constant 32 : index
    gpu.launch_func @kernels::@count blocks in (%blocks, %one, %one)
      threads in (%threads, %one, %one) args(%bins : memref<8xi32>)
    gpu.launch_func @kernels::@count blocks in (%blocks, %one, %one)
      threads in (%threads, %one, %one) args(%bins : memref<8xi32>)
    return
  }

  // A launch that has its body in place.
  func.func @outlined(%m: memref<64xf32>) {
    %one = arith.constant 1 : index
    %n = arith.constant 64 : index
    gpu.launch blocks(%bx, %by, %bz) in (%gx = %one, %gy = %one, %gz = %one)
        threads(%tx, %ty, %tz) in (%dx = %n, %dy = %one, %dz = %one) {
      %x = memref.load %m[%tx] : memref<64xf32>
      %y = arith.addf %x, %x : f32
      memref.store %y, %m[%tx] : memref<64xf32>
      gpu.terminator
    }
    return
  }

  // Both doors in one function: tensors of a buffer that a kernel wrote.
  func.func @with_tensors(%a: memref<1000xf32>) -> f32 {
    %one = arith.constant 1 : index
    %four = arith.constant 4 : index
    %threads = arith.constant 256 : index
    %two = arith.constant 2.0 : f32
    %zero = arith.constant dense<0.0> : tensor<f32>
    gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%a : memref<1000xf32>, %two : f32)
    %t = bufferization.to_tensor %a restrict writable : memref<1000xf32> to tensor<1000xf32>
    %sum = linalg.generic {
        indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>],
        iterator_types = ["reduction"]}
        ins(%t : tensor<1000xf32>) outs(%zero : tensor<f32>) {
    ^bb0(%x: f32, %acc: f32):
      %s = arith.addf %acc, %x : f32
      linalg.yield %s : f32
    } -> tensor<f32>
    %r = tensor.extract %sum[] : tensor<f32>
    gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%a : memref<1000xf32>, %r : f32)
    return %r : f32
  }

  // A fill with a value that only the host knows, and a copy that is no range.
  func.func @fallbacks(%a: memref<1000xf32>, %b: memref<4x16xf32>, %c: memref<4x8xf32>) {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %four = arith.constant 4 : index
    %threads = arith.constant 256 : index
    %two = arith.constant 2.0 : f32
    %x = memref.load %a[%zero] : memref<1000xf32>
    %left = memref.subview %b[0, 4] [4, 8] [1, 1]
      : memref<4x16xf32> to memref<4x8xf32, strided<[16, 1], offset: 4>>
    gpu.launch_func @kernels::@scale blocks in (%four, %one, %one)
      threads in (%threads, %one, %one) args(%a : memref<1000xf32>, %two : f32)
    gpu.memset %b, %x : memref<4x16xf32>, f32
    gpu.memcpy %left, %c : memref<4x8xf32, strided<[16, 1], offset: 4>>, memref<4x8xf32>
    gpu.memcpy %c, %c : memref<4x8xf32>, memref<4x8xf32>
    return
  }
}
