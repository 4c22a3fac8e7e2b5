// RUN: graph-run %S/../Integration/CUDA/Inputs/block-launches.mlir --entry=total --arg 0=2 --reference-only --print | FileCheck %s --check-prefix=BLOCKS
// RUN: graph-run %s --entry=places --reference-only --print | FileCheck %s --check-prefix=PLACES
// RUN: graph-run %s --entry=in_place --arg 0=3 --reference-only --print | FileCheck %s --check-prefix=PLACE
// RUN: not graph-run %s --entry=no_body --reference-only 2>&1 | FileCheck %s --check-prefix=BODY
// RUN: not graph-run %s --entry=waits_in_place --reference-only 2>&1 | FileCheck %s --check-prefix=WAITS

// Tests that threads wait for each other at barriers, also in loops: each block
// of 128 sums twos.
// BLOCKS: result0 = 256 : i32

// BODY: error: the reference has no body for kernel @code::@k
// WAITS: error: the reference runs these threads one after the other: they can not wait
module attributes {gpu.container_module} {
  gpu.binary @code [#gpu.object<#nvvm.target, bin = "code">]
  gpu.module @k {
    gpu.func @number(%m: memref<6xi64>) kernel {
      %b = gpu.block_id y
      %d = gpu.block_dim x
      %t = gpu.thread_id x
      %g = gpu.global_id y
      %n = gpu.grid_dim y
      %first = arith.muli %b, %d : index
      %i = arith.addi %first, %t : index
      %j = arith.addi %g, %n : index
      %v = arith.index_cast %j : index to i64
      memref.store %v, %m[%i] : memref<6xi64>
      gpu.return
    }
  }
  // Tests the numbers of threads and blocks.
  // PLACES: result0 = i64 [6]: 3 3 4 4 5 5
  func.func @places() -> memref<6xi64> {
    %1 = arith.constant 1 : index
    %3 = arith.constant 3 : index
    %2 = arith.constant 2 : index
    %m = gpu.alloc () : memref<6xi64>
    gpu.launch_func @k::@number blocks in (%1, %3, %1) threads in (%2, %1, %1)
      args(%m : memref<6xi64>)
    return %m : memref<6xi64>
  }
  // Tests a launch that has its body in place, a fill and a copy.
  // PLACE: result0 = f32 [4]: 4 5 6 7
  func.func @in_place(%f: f32) -> memref<4xf32> {
    %1 = arith.constant 1 : index
    %4 = arith.constant 4 : index
    %m = memref.alloc() : memref<4xf32>
    %n = memref.alloc() : memref<4xf32>
    gpu.memset %m, %f : memref<4xf32>, f32
    gpu.launch blocks(%bx, %by, %bz) in (%gx = %4, %gy = %1, %gz = %1)
        threads(%tx, %ty, %tz) in (%dx = %1, %dy = %1, %dz = %1) {
      %x = memref.load %m[%bx] : memref<4xf32>
      %j = arith.addi %bx, %1 : index
      %i = arith.index_cast %j : index to i32
      %y = arith.sitofp %i : i32 to f32
      %z = arith.addf %x, %y : f32
      memref.store %z, %m[%bx] : memref<4xf32>
      gpu.terminator
    }
    gpu.memcpy %n, %m : memref<4xf32>, memref<4xf32>
    return %n : memref<4xf32>
  }
  func.func @no_body(%m: memref<4xf32>) {
    %1 = arith.constant 1 : index
    gpu.launch_func @code::@k blocks in (%1, %1, %1) threads in (%1, %1, %1)
      args(%m : memref<4xf32>)
    return
  }
  func.func @waits_in_place() {
    %1 = arith.constant 1 : index
    gpu.launch blocks(%bx, %by, %bz) in (%gx = %1, %gy = %1, %gz = %1)
        threads(%tx, %ty, %tz) in (%dx = %1, %dy = %1, %dz = %1) {
      gpu.barrier
      gpu.terminator
    }
    return
  }
}
