// RUN: graph-opt %s --graph-opt-pipeline="stop-after=fused" | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="stop-after=fused" --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics
// RUN: graph-opt %s --graph-opt-pipeline | FileCheck %s --check-prefix=LOWERED

// LOWERED-NOT: func.func

// Tests that a function with nothing to capture stays as it was.
// CHECK-LABEL: func.func @nothing_to_capture(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>, %[[X:[^:]*]]: f32, %[[I:[^:]*]]: index
// CHECK-NEXT:    %[[V:.*]] = memref.load %[[M]][%[[I]]]
// CHECK-NEXT:    %[[S:.*]] = arith.addf %[[V]], %[[X]]
// CHECK-NEXT:    memref.store %[[S]], %[[M]][%[[I]]]
// CHECK-NEXT:    return
func.func @nothing_to_capture(%m: memref<4xf32>, %x: f32, %i: index) {
  %v = memref.load %m[%i] : memref<4xf32>
  %s = arith.addf %v, %x : f32
  memref.store %s, %m[%i] : memref<4xf32>
  return
}

// Tests that shapes known at run time only are left to the host, with a remark.
// CHECK-LABEL: func.func @dynamic_shape(
// CHECK-NOT:     tseq
// CHECK:         linalg
// CHECK-NOT:     tseq
func.func @dynamic_shape(%a: tensor<?xf32>) -> tensor<?xf32> {
  // expected-remark @+2 {{not-raised}}
  // expected-remark @+1 {{not-captured}}
  %0 = arith.mulf %a, %a : tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func private @log(f32)

// Tests that a call to the outside between two chains is where they part, and
// that the remark stands there.
// CHECK-LABEL: func.func @call_between(
// CHECK:         tseq.graph
// CHECK:         %[[H:.*]] = tseq.item
// CHECK:         call @log(%[[H]])
// CHECK:         tseq.graph
// CHECK-NOT:     tseq.graph
func.func @call_between(%a: tensor<4xf32>, %b: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<f32>
  // expected-remark @+1 {{region-formed}}
  %n = linalg.reduce { arith.addf } ins(%a : tensor<4xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  // expected-remark @+1 {{readback-deferred}}
  %h = tensor.extract %n[] : tensor<f32>
  %x = arith.negf %a : tensor<4xf32>
  // expected-remark @+1 {{region-split}}
  call @log(%h) : (f32) -> ()
  // expected-remark @+1 {{region-formed}}
  %y = arith.negf %b : tensor<4xf32>
  return %x, %y : tensor<4xf32>, tensor<4xf32>
}

// Tests that a readback that sizes an allocation stays, and says so.
// CHECK-LABEL: func.func @readback_sizes(
// CHECK:         tseq.graph
// CHECK:         tseq.item %{{.*}} use(decisive)
// CHECK:         memref.alloc(%{{.*}}) : memref<?xf32>
func.func @readback_sizes(%a: tensor<4xi32>) -> memref<?xf32> {
  %zero = arith.constant dense<0> : tensor<i32>
  // expected-remark @+1 {{region-formed}}
  %n = linalg.reduce { arith.addi } ins(%a : tensor<4xi32>) outs(%zero : tensor<i32>) dimensions = [0]
  // expected-remark @+1 {{readback-kept}}
  %h = tensor.extract %n[] : tensor<i32>
  %i = arith.index_cast %h : i32 to index
  %m = memref.alloc(%i) : memref<?xf32>
  return %m : memref<?xf32>
}
