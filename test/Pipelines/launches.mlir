// RUN: graph-opt %s --graph-opt-pipeline="device=cuda stop-after=graphs" | FileCheck %s --check-prefix=GRAPHS
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda format=isa" | FileCheck %s
// RUN: not graph-opt %s --graph-opt-pipeline="device=host" 2>&1 | FileCheck %s --check-prefix=HOST

// Tests that a program with kernels of its own, which share memory and wait for
// each other, becomes a program of the runtime with their code.

// GRAPHS: gpu.module @kernels
// GRAPHS:   gpu.func @reverse(%{{.*}}: memref<1024xf32>, %{{.*}}: i32) workgroup
// GRAPHS: cudagraph.graph @twice.chain0(%[[A:.*]]: memref<1024xf32>) parameters(%{{.*}}: memref<i32>)
// GRAPHS:   cudagraph.kernel "reverse" {{.*}} grid [4, 1, 1] block [256, 1, 1] shared_bytes 1024
// GRAPHS:   cudagraph.kernel "reverse" after(

// HOST: error: the kernel can not run on the host: it declares memory of the block

// CHECK-DAG: .visible .entry reverse_slots(\0A\09.param .align 8 .b8 reverse_slots_param_0[16]
// CHECK-DAG: llvm.mlir.global internal constant @kernels.image
// CHECK-DAG: llvm.func @goGraphAddCudaKernel
// CHECK-DAG: llvm.call @goExecLaunch
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
  }
  func.func @twice(%m: memref<1024xf32>, %add: i32) {
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %c256 = arith.constant 256 : index
    %bytes = arith.constant 1024 : i32
    gpu.launch_func @kernels::@reverse blocks in (%c4, %c1, %c1) threads in (%c256, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%m : memref<1024xf32>, %add : i32)
    gpu.launch_func @kernels::@reverse blocks in (%c4, %c1, %c1) threads in (%c256, %c1, %c1)
      args(%m : memref<1024xf32>, %add : i32)
    return
  }
}
