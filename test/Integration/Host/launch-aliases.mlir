// Tests that a buffer that is reached by another name keeps its order with the
// launches that use that name: alignment, selections, reshapes, loops.
//
// RUN: graph-run %s --entry=align --verify | FileCheck %s
// RUN: graph-run %s --entry=sel --arg 0=1 --verify | FileCheck %s
// RUN: graph-run %s --entry=sel --arg 0=0 --verify | FileCheck %s
// RUN: graph-run %s --entry=reshape --verify | FileCheck %s
// RUN: graph-run %s --entry=iter --arg 0=3 --verify | FileCheck %s
// RUN: graph-run %s --entry=iter --arg 0=4 --verify --repeat=2 | FileCheck %s

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
  }
  func.func @align() -> f32 {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %c64 = arith.constant 64 : index
    %two = arith.constant 2.0 : f32
    %three = arith.constant 3.0 : f32
    %t = memref.alloc() : memref<64xf32>
    gpu.memset %t, %two : memref<64xf32>, f32
    %m = memref.assume_alignment %t, 16 : memref<64xf32>
    gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%m : memref<64xf32>, %three : f32)
    %x = memref.load %t[%c0] : memref<64xf32>
    gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%m : memref<64xf32>, %three : f32)
    return %x : f32
  }

  func.func @sel(%on: i1) -> f32 {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %two = arith.constant 2.0 : f32
    %three = arith.constant 3.0 : f32
    %t = memref.alloc() : memref<64xf32>
    %u = memref.alloc() : memref<64xf32>
    gpu.memset %t, %two : memref<64xf32>, f32
    gpu.memset %u, %three : memref<64xf32>, f32
    %m = arith.select %on, %t, %u : memref<64xf32>
    gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%m : memref<64xf32>, %three : f32)
    %x = memref.load %t[%c0] : memref<64xf32>
    gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%m : memref<64xf32>, %three : f32)
    memref.dealloc %t : memref<64xf32>
    memref.dealloc %u : memref<64xf32>
    return %x : f32
  }

  func.func @reshape() -> f32 {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %c64 = arith.constant 64 : index
    %two = arith.constant 2.0 : f32
    %three = arith.constant 3.0 : f32
    %t = memref.alloc() : memref<64xf32>
    gpu.memset %t, %two : memref<64xf32>, f32
    %sh = memref.alloca() : memref<1xindex>
    memref.store %c64, %sh[%c0] : memref<1xindex>
    %m = memref.reshape %t(%sh) : (memref<64xf32>, memref<1xindex>) -> memref<64xf32>
    gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%m : memref<64xf32>, %three : f32)
    %x = memref.load %t[%c0] : memref<64xf32>
    gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%m : memref<64xf32>, %three : f32)
    return %x : f32
  }

  func.func @iter(%n: index, %out: memref<64xf32>) -> f32 {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %two = arith.constant 2.0 : f32
    %three = arith.constant 3.0 : f32
    %t = memref.alloc() : memref<64xf32>
    %u = memref.alloc() : memref<64xf32>
    gpu.memset %t, %two : memref<64xf32>, f32
    gpu.memset %u, %three : memref<64xf32>, f32
    %z = arith.constant 0.0 : f32
    %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%p = %t, %q = %u, %acc = %z) -> (memref<64xf32>, memref<64xf32>, f32) {
      gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%p : memref<64xf32>, %three : f32)
      %x = memref.load %t[%c0] : memref<64xf32>
      %y = arith.addf %acc, %x : f32
      gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%p : memref<64xf32>, %two : f32)
      gpu.memcpy %q, %t : memref<64xf32>, memref<64xf32>
      scf.yield %q, %p, %y : memref<64xf32>, memref<64xf32>, f32
    }
    gpu.memcpy %out, %t : memref<64xf32>, memref<64xf32>
    return %r#2 : f32
  }
}
