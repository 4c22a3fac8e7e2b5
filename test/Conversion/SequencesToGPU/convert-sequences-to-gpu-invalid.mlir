// RUN: graph-opt %s --convert-sequences-to-gpu --split-input-file --verify-diagnostics
// RUN: not graph-opt %s --convert-sequences-to-gpu="max-blocks=-1" 2>&1 | FileCheck %s --check-prefix=BLOCKS
// RUN: not graph-opt %s --convert-sequences-to-gpu="threads=33" 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not graph-opt %s --convert-sequences-to-gpu="threads=0" 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not graph-opt %s --convert-sequences-to-gpu="threads=1056" 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not graph-opt %s --convert-sequences-to-gpu="chip=sm_1" 2>&1 | FileCheck %s --check-prefix=CHIP

// Tests that the chip is checked before kernels are made for it.
// CHIP: error: unknown chip 'sm_1': it must be one of LLVM's NVPTX backend

// Tests that the sizes of the grid are checked.
// BLOCKS: error: max-blocks must not be negative
// THREADS: error: threads must be a multiple of 32 from 32 to 1024

// Tests that a region must be in memory.
func.func @region_of_tensors(%t: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{'tseq.graph' op must be bufferized before it becomes a graph}}
  %0 = tseq.graph "g" (%a = %t) : (tensor<4xf32>) -> tensor<4xf32> {
    tseq.yield %a : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

// Tests that a readback is of memory.
func.func @item_of_tensor(%t: tensor<f32>) -> f32 {
  // expected-error @+1 {{'tseq.item' op must be bufferized before it becomes a readback}}
  %0 = tseq.item %t : tensor<f32>
  return %0 : f32
}

// -----

// Tests that an op that can not be a node is named.
func.func @not_a_node(%m: memref<4xf32>, %x: f32) {
  tseq.graph "g" (%a = %m, %k = %x) : (memref<4xf32>, f32) -> () {
    // expected-error @+1 {{'func.call' op can not be a node of a graph}}
    func.call @log(%a) : (memref<4xf32>) -> ()
    tseq.yield
  }
  return
}
func.func private @log(memref<4xf32>)
