// Tests kernels of a program's own whose threads share memory and wait for each
// other: only a GPU runs them.
//
// RUN: graph-run %s --entry=twice --arg 1=3 --verify
// RUN: graph-run %s --entry=twice --arg 1=3 --repeat=3 --verify
// RUN: graph-run %s --entry=twice --arg 1=3 --mode=stream --verify
// RUN: graph-run %s --entry=total --verify
// RUN: graph-run %s --entry=dynamic --verify

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @reverse(%m: memref<1024xf32>, %add: i32)
        workgroup(%s: memref<256xf32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %i = gpu.global_id x
      %c255 = arith.constant 255 : index
      %x = memref.load %m[%i] : memref<1024xf32>
      memref.store %x, %s[%t] : memref<256xf32, #gpu.address_space<workgroup>>
      gpu.barrier
      %r = arith.subi %c255, %t : index
      %y = memref.load %s[%r] : memref<256xf32, #gpu.address_space<workgroup>>
      %f = arith.sitofp %add : i32 to f32
      %z = arith.addf %y, %f : f32
      memref.store %z, %m[%i] : memref<1024xf32>
      gpu.return
    }
    // A tree of sums in each block.
    gpu.func @sum(%m: memref<1024xi32>, %out: memref<8xi32>)
        workgroup(%s: memref<128xi32, #gpu.address_space<workgroup>>) kernel {
      %t = gpu.thread_id x
      %b = gpu.block_id x
      %i = gpu.global_id x
      %zero = arith.constant 0 : index
      %one = arith.constant 1 : index
      %seven = arith.constant 7 : index
      %half = arith.constant 64 : index
      %x = memref.load %m[%i] : memref<1024xi32>
      memref.store %x, %s[%t] : memref<128xi32, #gpu.address_space<workgroup>>
      gpu.barrier
      scf.for %k = %zero to %seven step %one {
        %width = arith.shrui %half, %k : index
        %on = arith.cmpi ult, %t, %width : index
        scf.if %on {
          %j = arith.addi %t, %width : index
          %a = memref.load %s[%t] : memref<128xi32, #gpu.address_space<workgroup>>
          %c = memref.load %s[%j] : memref<128xi32, #gpu.address_space<workgroup>>
          %d = arith.addi %a, %c : i32
          memref.store %d, %s[%t] : memref<128xi32, #gpu.address_space<workgroup>>
        }
        gpu.barrier
      }
      %first = arith.cmpi eq, %t, %zero : index
      scf.if %first {
        %r = memref.load %s[%zero] : memref<128xi32, #gpu.address_space<workgroup>>
        memref.store %r, %out[%b] : memref<8xi32>
      }
      gpu.return
    }
    gpu.func @add(%m: memref<1024xi32>, %s: memref<8xi32>) kernel {
      %b = gpu.block_id x
      %i = gpu.global_id x
      %x = memref.load %m[%i] : memref<1024xi32>
      %y = memref.load %s[%b] : memref<8xi32>
      %z = arith.addi %x, %y : i32
      memref.store %z, %m[%i] : memref<1024xi32>
      gpu.return
    }
  }

  func.func @twice(%m: memref<1024xf32>, %add: i32) {
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %c256 = arith.constant 256 : index
    gpu.launch_func @kernels::@reverse blocks in (%c4, %c1, %c1)
      threads in (%c256, %c1, %c1) args(%m : memref<1024xf32>, %add : i32)
    gpu.launch_func @kernels::@reverse blocks in (%c4, %c1, %c1)
      threads in (%c256, %c1, %c1) args(%m : memref<1024xf32>, %add : i32)
    return
  }

  func.func @total(%m: memref<1024xi32>) -> i32 {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %c128 = arith.constant 128 : index
    %sums = gpu.alloc () : memref<8xi32>
    gpu.launch_func @kernels::@sum blocks in (%c8, %c1, %c1)
      threads in (%c128, %c1, %c1) args(%m : memref<1024xi32>, %sums : memref<8xi32>)
    gpu.launch_func @kernels::@add blocks in (%c8, %c1, %c1)
      threads in (%c128, %c1, %c1) args(%m : memref<1024xi32>, %sums : memref<8xi32>)
    %s = memref.load %sums[%c0] : memref<8xi32>
    gpu.dealloc %sums : memref<8xi32>
    return %s : i32
  }

  func.func @dynamic(%m: memref<1024xi32>) -> i32 {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %c128 = arith.constant 128 : index
    %bytes = arith.constant 2048 : i32
    %sums = gpu.alloc () : memref<8xi32>
    %t0 = gpu.wait async
    %t1 = gpu.launch_func async [%t0] @kernels::@sum blocks in (%c8, %c1, %c1)
      threads in (%c128, %c1, %c1) dynamic_shared_memory_size %bytes
      args(%m : memref<1024xi32>, %sums : memref<8xi32>)
    gpu.wait [%t1]
    %s = memref.load %sums[%c1] : memref<8xi32>
    gpu.dealloc %sums : memref<8xi32>
    return %s : i32
  }
}
