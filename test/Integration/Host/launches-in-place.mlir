// Tests that launches with sizes that only the host knows, and launches that are
// not captured, do what the reference does.
//
// RUN: %python %S/../../graph-run/Inputs/npy.py write %t.npy "<f4" "(5,)" f 1 2 3 4 5
// RUN: graph-run %s --entry=grid_of_host --arg 1=0 --verify | FileCheck %s
// RUN: graph-run %s --entry=grid_of_host --arg 1=2 --verify | FileCheck %s
// RUN: graph-run %s --entry=grid_of_host --arg 1=3 --repeat=2 --verify | FileCheck %s
// RUN: graph-run %s --entry=grid_of_three --arg 1=0 --verify | FileCheck %s
// RUN: graph-run %s --entry=grid_of_three --arg 1=2 --verify | FileCheck %s
// RUN: graph-run %s --entry=grid_of_three --arg 1=3 --verify | FileCheck %s
// RUN: graph-run %s --entry=block_of_host --arg 1=16 --verify | FileCheck %s
// RUN: graph-run %s --entry=dynamic_argument --arg 0=%t.npy --arg 2=4 --verify | FileCheck %s
// RUN: graph-run %s --entry=dynamic_view --arg 1=4 --verify | FileCheck %s
// RUN: graph-run %s --entry=dynamic_allocation --arg 1=4 --verify | FileCheck %s
// RUN: graph-run %s --entry=loop_token --arg 1=4 --verify | FileCheck %s
// RUN: graph-run %s --entry=loop_token --arg 1=0 --verify | FileCheck %s
// RUN: graph-run %s --entry=if_token --arg 2=true --verify | FileCheck %s
// RUN: graph-run %s --entry=if_token --arg 2=false --verify | FileCheck %s
// RUN: graph-run %s --entry=same_names --verify | FileCheck %s
// RUN: graph-run %s --entry=globals --verify | FileCheck %s
// RUN: graph-run %s --entry=recursive --verify | FileCheck %s
// RUN: graph-run %s --entry=atomics --verify | FileCheck %s
// RUN: graph-run %s --entry=fill_between_tokens --verify | FileCheck %s
// RUN: graph-run %s --entry=allocation_in_loop --arg 1=4 --verify | FileCheck %s
// RUN: graph-run %s --entry=clusters --arg 1=2 --verify | FileCheck %s
// RUN: graph-run %s --entry=shared_of_host --arg 1=64 --verify | FileCheck %s
// RUN: graph-run %s --entry=tokens_of_both --arg 2=64 --verify | FileCheck %s
// RUN: graph-run %s --entry=requests --repeat=2 --verify | FileCheck %s
// RUN: graph-run %s --entry=helper --arg 2=16 --verify | FileCheck %s
// CHECK: verify: ok

module attributes {gpu.container_module} {
  gpu.module @k {
    gpu.func @scale(%m: memref<64xf32>, %f: f32) kernel {
      %t = gpu.thread_id x
      %x = memref.load %m[%t] : memref<64xf32>
      %y = arith.mulf %x, %f : f32
      memref.store %y, %m[%t] : memref<64xf32>
      gpu.return
    }
    gpu.func @add(%a: memref<64xf32>, %b: memref<64xf32>, %o: memref<64xf32>) kernel {
      %t = gpu.thread_id x
      %x = memref.load %a[%t] : memref<64xf32>
      %y = memref.load %b[%t] : memref<64xf32>
      %z = arith.addf %x, %y : f32
      memref.store %z, %o[%t] : memref<64xf32>
      gpu.return
    }
    gpu.func @dyn(%a: memref<?xf32>, %f: f32) kernel {
      %g = gpu.global_id x
      %c0 = arith.constant 0 : index
      %n = memref.dim %a, %c0 : memref<?xf32>
      %p = arith.cmpi slt, %g, %n : index
      scf.if %p {
        %x = memref.load %a[%g] : memref<?xf32>
        %y = arith.addf %x, %f : f32
        memref.store %y, %a[%g] : memref<?xf32>
      }
      gpu.return
    }
    gpu.func @grid(%a: memref<64xf32>) kernel {
      %b = gpu.block_id x
      %n = gpu.grid_dim x
      %t = gpu.thread_id x
      %d = gpu.block_dim x
      %o = arith.muli %b, %d : index
      %i = arith.addi %o, %t : index
      %x = memref.load %a[%i] : memref<64xf32>
      %ni = arith.index_cast %n : index to i32
      %nf = arith.sitofp %ni : i32 to f32
      %y = arith.addf %x, %nf : f32
      memref.store %y, %a[%i] : memref<64xf32>
      gpu.return
    }
    gpu.func @grid3(%a: memref<64xf32>) kernel {
      %x = gpu.block_id x
      %y = gpu.block_id y
      %z = gpu.block_id z
      %nx = gpu.grid_dim x
      %ny = gpu.grid_dim y
      %0 = arith.muli %z, %ny : index
      %1 = arith.addi %0, %y : index
      %2 = arith.muli %1, %nx : index
      %3 = arith.addi %2, %x : index
      %c64 = arith.constant 64 : index
      %in = arith.cmpi ult, %3, %c64 : index
      cf.cond_br %in, ^work, ^end
    ^work:
      %s = memref.alloca() : memref<1xf32>
      %c0 = arith.constant 0 : index
      %v = memref.load %a[%3] : memref<64xf32>
      memref.store %v, %s[%c0] : memref<1xf32>
      %w = memref.load %s[%c0] : memref<1xf32>
      %r = arith.addf %w, %w : f32
      memref.store %r, %a[%3] : memref<64xf32>
      cf.br ^end
    ^end:
      gpu.return
    }
  }

func.func @grid_of_host(%a: memref<64xf32>, %n: index) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c16 = arith.constant 16 : index
  %q = arith.remui %n, %c4 : index
  %p = arith.addi %q, %c1 : index
  gpu.launch_func @k::@grid blocks in (%p, %c1, %c1) threads in (%c16, %c1, %c1) args(%a : memref<64xf32>)
  gpu.launch_func @k::@grid blocks in (%c4, %c1, %c1) threads in (%c16, %c1, %c1) args(%a : memref<64xf32>)
  return
}

func.func @grid_of_three(%a: memref<64xf32>, %n: i32) {
  %one = arith.constant 1 : i32
  %three_i = arith.constant 3 : i32
  %q = arith.andi %n, %three_i : i32
  %p = arith.addi %q, %one : i32
  %ci = arith.constant 3 : i32
  gpu.launch_func @k::@grid3 blocks in (%p, %ci, %p) threads in (%one, %one, %one) : i32 args(%a : memref<64xf32>)
  return
}

func.func @block_of_host(%a: memref<64xf32>, %n: index) {
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  %three = arith.constant 3.0 : f32
  %p = arith.andi %n, %c16 : index
  %q = arith.addi %p, %c1 : index
  gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%q, %c1, %c1) args(%a : memref<64xf32>, %two : f32)
  gpu.launch_func  @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %three : f32)
  return
}

func.func @dynamic_argument(%a: memref<?xf32>, %b: memref<64xf32>, %n: index) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  %three = arith.constant 3.0 : f32
  gpu.launch_func  @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%b : memref<64xf32>, %two : f32)
  gpu.launch_func @k::@dyn blocks in (%c4, %c1, %c1) threads in (%c16, %c1, %c1) args(%a : memref<?xf32>, %two : f32)
  gpu.launch_func  @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%b : memref<64xf32>, %three : f32)
  return
}

func.func @dynamic_view(%b: memref<64xf32>, %n: index) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  %three = arith.constant 3.0 : f32
  %r = arith.andi %n, %c4 : index
  %v = memref.subview %b[0] [%r] [1] : memref<64xf32> to memref<?xf32, strided<[1]>>
  %w = memref.cast %v : memref<?xf32, strided<[1]>> to memref<?xf32>
  gpu.launch_func @k::@dyn blocks in (%c4, %c1, %c1) threads in (%c16, %c1, %c1) args(%w : memref<?xf32>, %two : f32)
  gpu.launch_func  @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%b : memref<64xf32>, %three : f32)
  return
}

func.func @dynamic_allocation(%a: memref<64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  %m = arith.andi %n, %c4 : index
  %s = arith.addi %m, %c1 : index
  %t = gpu.alloc (%s) : memref<?xf32>
  gpu.memset %t, %two : memref<?xf32>, f32
  gpu.launch_func @k::@dyn blocks in (%c4, %c1, %c1) threads in (%c16, %c1, %c1) args(%t : memref<?xf32>, %two : f32)
  %v = memref.load %t[%c0] : memref<?xf32>
  gpu.dealloc %t : memref<?xf32>
  gpu.launch_func  @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %v : f32)
  return
}

func.func @loop_token(%a: memref<64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  %m = arith.andi %n, %c4 : index
  %t0 = gpu.wait async
  %r = scf.for %i = %c0 to %m step %c1 iter_args(%t = %t0) -> !gpu.async.token {
    %t1 = gpu.launch_func async [%t] @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %two : f32)
    scf.yield %t1 : !gpu.async.token
  }
  gpu.wait [%r]
  return
}

func.func @if_token(%a: memref<64xf32>, %b: memref<64xf32>, %p: i1) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  %t0 = gpu.wait async
  %r = scf.if %p -> !gpu.async.token {
    %t1 = gpu.launch_func async [%t0] @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %two : f32)
    scf.yield %t1 : !gpu.async.token
  } else {
    %t2 = gpu.memcpy async [%t0] %a, %b : memref<64xf32>, memref<64xf32>
    scf.yield %t2 : !gpu.async.token
  }
  %t3 = gpu.launch_func async [%r] @k::@add blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %b : memref<64xf32>, %b : memref<64xf32>)
  gpu.wait [%t3]
  return
}

gpu.module @q1 { gpu.func @scale(%m: memref<64xf32>, %f: f32) kernel {
    %t = gpu.thread_id x
    %x = memref.load %m[%t] : memref<64xf32>
    %y = func.call @h(%x, %f) : (f32, f32) -> f32
    memref.store %y, %m[%t] : memref<64xf32>
    gpu.return }
  func.func private @h(%x: f32, %f: f32) -> f32 { %y = arith.subf %x, %f : f32
    return %y : f32 } }
func.func @same_names(%a: memref<64xf32>, %b: memref<64xf32>) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  gpu.launch_func  @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %two : f32)
  gpu.launch_func @q1::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %two : f32)
  gpu.launch_func @q1::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%b : memref<64xf32>, %two : f32)
  gpu.launch_func  @k::@add blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %b : memref<64xf32>, %a : memref<64xf32>)
  return
}

memref.global "private" constant @g : memref<64xf32> = dense<7.0>
gpu.module @q2 { memref.global "private" constant @gg : memref<64xf32> = dense<2.0>
  gpu.func @g2(%m: memref<64xf32>) kernel { gpu.return }
  gpu.func @g(%m: memref<64xf32>) kernel {
    %t = gpu.thread_id x
    %g = memref.get_global @gg : memref<64xf32>
    %x = memref.load %g[%t] : memref<64xf32>
    memref.store %x, %m[%t] : memref<64xf32>
    gpu.return } }
gpu.module @p2 { memref.global "private" constant @h : memref<64xf32> = dense<3.0>
  gpu.func @g(%m: memref<64xf32>) kernel {
    %t = gpu.thread_id x
    %g = memref.get_global @h : memref<64xf32>
    %x = memref.load %g[%t] : memref<64xf32>
    memref.store %x, %m[%t] : memref<64xf32>
    gpu.return } }
func.func @globals(%a: memref<64xf32>, %b: memref<64xf32>) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  gpu.launch_func @q2::@g blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>)
  gpu.launch_func @p2::@g blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%b : memref<64xf32>)
  return
}

gpu.module @q3 { gpu.func @s(%m: memref<8xi32>) kernel {
    %t = gpu.thread_id x
    %n = arith.index_cast %t : index to i32
    %y = func.call @fact(%n) : (i32) -> i32
    memref.store %y, %m[%t] : memref<8xi32>
    gpu.return }
  func.func private @fact(%n: i32) -> i32 {
    %c1 = arith.constant 1 : i32
    %p = arith.cmpi sle, %n, %c1 : i32
    %r = scf.if %p -> i32 { scf.yield %c1 : i32 } else {
      %m = arith.subi %n, %c1 : i32
      %s = func.call @fact(%m) : (i32) -> i32
      %q = arith.muli %n, %s : i32
      scf.yield %q : i32 }
    return %r : i32 } }
func.func @recursive(%a: memref<8xi32>) {
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  gpu.launch_func @q3::@s blocks in (%c1, %c1, %c1) threads in (%c8, %c1, %c1) args(%a : memref<8xi32>)
  return
}

gpu.module @q4 { gpu.func @s(%a: memref<8xi32>, %b: memref<8xf32>, %c: memref<8xf64>) kernel {
    %g = gpu.global_id x
    %c8 = arith.constant 8 : index
    %i = arith.remui %g, %c8 : index
    %one = arith.constant 1 : i32
    %f = arith.constant 1.0 : f32
    %t = arith.constant 2.0 : f64
    %0 = memref.atomic_rmw addi %one, %a[%i] : (i32, memref<8xi32>) -> i32
    %1 = memref.atomic_rmw addf %f, %b[%i] : (f32, memref<8xf32>) -> f32
    %2 = memref.atomic_rmw mulf %t, %c[%i] : (f64, memref<8xf64>) -> f64
    gpu.return } }
func.func @atomics(%a: memref<8xi32>, %b: memref<8xf32>, %c: memref<8xf64>) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c16 = arith.constant 16 : index
  gpu.launch_func @q4::@s blocks in (%c4, %c1, %c1) threads in (%c16, %c1, %c1) args(%a : memref<8xi32>, %b : memref<8xf32>, %c : memref<8xf64>)
  gpu.launch_func @q4::@s blocks in (%c4, %c1, %c1) threads in (%c16, %c1, %c1) args(%a : memref<8xi32>, %b : memref<8xf32>, %c : memref<8xf64>)
  return
}

func.func @fill_between_tokens(%a: memref<64xf32>, %f: f32) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  %t0 = gpu.launch_func async @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %f : f32)
  %t1 = gpu.memset async [%t0] %a, %f : memref<64xf32>, f32
  %t2 = gpu.launch_func async [%t1] @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %two : f32)
  gpu.wait [%t2]
  return
}

func.func @allocation_in_loop(%a: memref<64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c64 = arith.constant 64 : index
  %m = arith.andi %n, %c4 : index
  scf.for %i = %c0 to %m step %c1 {
    %t0 = gpu.wait async
    %t, %t1 = gpu.alloc async [%t0] () : memref<64xf32>
    %t2 = gpu.memcpy async [%t1] %t, %a : memref<64xf32>, memref<64xf32>
    %t3 = gpu.launch_func async [%t2] @k::@add blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %t : memref<64xf32>, %a : memref<64xf32>)
    %t4 = gpu.dealloc async [%t3] %t : memref<64xf32>
    gpu.wait [%t4]
  }
  return
}

func.func @clusters(%a: memref<64xf32>, %n: index) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c16 = arith.constant 16 : index
  %p = arith.andi %n, %c2 : index
  gpu.launch_func @k::@grid clusters in (%c2, %c1, %c1) blocks in (%p, %c1, %c1) threads in (%c16, %c1, %c1) args(%a : memref<64xf32>)
  return
}

func.func @shared_of_host(%a: memref<64xf32>, %n: i32) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  %most = arith.constant 1023 : i32
  %s = arith.andi %n, %most : i32
  gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) dynamic_shared_memory_size %s
    args(%a : memref<64xf32>, %two : f32)
  return
}

// What is captured and what is not share tokens.
func.func @tokens_of_both(%a: memref<64xf32>, %f: f32, %n: index) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %p = arith.andi %n, %c64 : index
  %t, %t0 = gpu.alloc async () : memref<64xf32>
  %t1 = gpu.memcpy async [%t0] %t, %a : memref<64xf32>, memref<64xf32>
  %t2 = gpu.launch_func async [%t1] @k::@scale blocks in (%c1, %c1, %c1) threads in (%p, %c1, %c1) args(%t : memref<64xf32>, %f : f32)
  %t3 = gpu.launch_func async [%t1, %t2] @k::@add blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %t : memref<64xf32>, %a : memref<64xf32>)
  %t4 = gpu.launch_func async [%t3] @k::@scale blocks in (%c1, %c1, %c1) threads in (%p, %c1, %c1) args(%a : memref<64xf32>, %f : f32)
  %t5 = gpu.dealloc async [%t3] %t : memref<64xf32>
  gpu.wait [%t4, %t5]
  return
}

func.func @requests(%a: memref<64xf32>, %b: memref<64xf32>) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  %three = arith.constant 3.0 : f32
  gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %two : f32)
  gpu.launch_func @k::@add blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %b : memref<64xf32>, %a : memref<64xf32>) {graphopt.launch = "stream"}
  gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%b : memref<64xf32>, %three : f32)
  gpu.memcpy %b, %a : memref<64xf32>, memref<64xf32> {graphopt.launch = "stream"}
  gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%b : memref<64xf32>, %three : f32) {graphopt.launch = "graph"}
  return
}

func.func private @helped(%a: memref<64xf32>, %f: f32, %n: index) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>, %f : f32)
  gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%n, %c1, %c1) args(%a : memref<64xf32>, %f : f32)
  return
}
func.func @helper(%a: memref<64xf32>, %f: f32, %n: index) {
  %c64 = arith.constant 64 : index
  %p = arith.andi %n, %c64 : index
  func.call @helped(%a, %f, %p) : (memref<64xf32>, f32, index) -> ()
  func.call @helped(%a, %f, %c64) : (memref<64xf32>, f32, index) -> ()
  return
}
}
