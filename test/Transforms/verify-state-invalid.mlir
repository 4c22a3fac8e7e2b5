// RUN: split-file %s %t
// RUN: graph-opt %t/sequences.mlir --verify-state="state=sequences" --verify-diagnostics
// RUN: graph-opt %t/hoisted.mlir --verify-state="state=hoisted" --verify-diagnostics
// RUN: graph-opt %t/regions.mlir --verify-state="state=regions" --verify-diagnostics
// RUN: graph-opt %t/fused.mlir --verify-state="state=fused" --verify-diagnostics
// RUN: graph-opt %t/buffers.mlir --verify-state="state=buffers" --verify-diagnostics
// RUN: graph-opt %t/arena.mlir --verify-state="state=buffers" --verify-diagnostics
// RUN: graph-opt %t/views.mlir --verify-state="state=buffers" --verify-diagnostics
// RUN: graph-opt %t/graphs.mlir --verify-state="state=graphs" --verify-diagnostics
// RUN: graph-opt %t/runtime.mlir --verify-state="state=runtime" --verify-diagnostics

//--- sequences.mlir
// Tests that no readback is left behind an upstream op.
func.func @hidden_readback(%t: tensor<f32>) -> f32 {
  // expected-error @+1 {{a readback must be a tseq.item in this state}}
  %h = tensor.extract %t[] : tensor<f32>
  return %h : f32
}

//--- hoisted.mlir
// Tests that nothing is read back only to be uploaded again.
func.func @round_trip(%t: tensor<f32>) -> tensor<f32> {
  %h = tseq.item %t : tensor<f32>
  // expected-error @+1 {{a device scalar is read back only to be uploaded}}
  %u = tensor.from_elements %h : tensor<f32>
  return %u : tensor<f32>
}

//--- regions.mlir
// Tests that device work is in a region.
func.func @work_outside(%s: !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  // expected-error @+1 {{device work must be inside of tseq.graph in this state}}
  %r = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return %r : tensor<f32>
}

//--- fused.mlir
// Tests that a chain of maps is one map.
func.func @chain(%t: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tseq.graph "g" (%p = %t) : (tensor<4xf32>) -> tensor<4xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    // expected-error @+1 {{reads what a map of the same tensors makes: the two must be one map in this state}}
    %n = tseq.map ins(%m : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %v : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

//--- buffers.mlir
// Tests that no tensor is left.
func.func @tensors_left(%m: memref<4xf32>) {
  // expected-error @+1 {{uses tensors, but everything must be in memory in this state}}
  %t = bufferization.to_tensor %m restrict : memref<4xf32> to tensor<4xf32>
  return
}

//--- arena.mlir
// Tests that a region allocates nothing.
func.func @allocation_in_region(%m: memref<4xf32>) {
  tseq.graph "g" (%a = %m) : (memref<4xf32>) -> () {
    // expected-error @+1 {{a region must not allocate in this state}}
    %x = memref.alloc() : memref<4xf32>
    memref.copy %a, %x : memref<4xf32> to memref<4xf32>
    tseq.yield
  }
  return
}

//--- views.mlir
// Tests that a region takes a buffer and not views of it.
func.func @view_outside(%m: memref<8xf32>) {
  %v = memref.subview %m[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  // expected-error @+1 {{operand #1 is a view that must be made inside of the region in this state}}
  tseq.graph "g" (%a = %m, %b = %v) : (memref<8xf32>, memref<4xf32, strided<[1]>>) -> () {
    tseq.yield
  }
  return
}

//--- graphs.mlir
// Tests that nothing of the dialect is left.
func.func @readback_left(%m: memref<f32>) -> f32 {
  // expected-error @+1 {{must not exist in this state}}
  %h = tseq.item %m : memref<f32>
  return %h : f32
}

//--- runtime.mlir
// Tests that what has no lowering is named.
// expected-error @+1 {{no lowering to LLVM exists for 'func.func'}}
func.func private @function_left()
