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
  // expected-remark @+3 {{not-raised}}
  // expected-remark @+2 {{not-captured}}
  // expected-remark @+1 {{what-if | Category:graph-opt | Blocker=dynamic-shape}}
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
func.func @call_between(%a: tensor<4xf32>, %b: memref<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<f32>
  // expected-remark @+1 {{region-formed}}
  %n = linalg.reduce { arith.addf } ins(%a : tensor<4xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  // expected-remark @+1 {{readback-observed}}
  %h = tensor.extract %n[] : tensor<f32>
  %x = arith.negf %a : tensor<4xf32>
  // expected-remark @+1 {{region-split}}
  call @log(%h) : (f32) -> ()
  %t = bufferization.to_tensor %b restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %y = arith.negf %t : tensor<4xf32>
  bufferization.materialize_in_destination %y in restrict writable %b : (tensor<4xf32>, memref<4xf32>) -> ()
  return %x : tensor<4xf32>
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

// Tests that an assertion between two chains splits them, and that nothing of
// what follows runs before it.
// CHECK-LABEL: func.func @assertion_between(
// CHECK:         tseq.graph
// CHECK:         %[[H:.*]] = tseq.item %{{.*}} use(decisive)
// CHECK:         %[[C:.*]] = arith.cmpf
// CHECK:         cf.assert %[[C]]
// CHECK:         tseq.graph
func.func @assertion_between(%a: tensor<4xf32>, %b: memref<4xf32>) {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %limit = arith.constant 8.0 : f32
  // expected-remark @+1 {{region-formed}}
  %n = linalg.reduce { arith.addf } ins(%a : tensor<4xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  // expected-remark @+2 {{readback-kept | Category:graph-opt | Remark="the value is asserted"}}
  // expected-remark @+1 {{what-if | Category:graph-opt | Blocker=readback-kept}}
  %h = tensor.extract %n[] : tensor<f32>
  %c = arith.cmpf olt, %h, %limit : f32
  // expected-remark @+1 {{region-split}}
  cf.assert %c, "the sum is too large"
  %t = bufferization.to_tensor %b restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %y = arith.negf %t : tensor<4xf32>
  bufferization.materialize_in_destination %y in restrict writable %b : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// Tests that a split at a place that depends on data stays, with its reason,
// and that the whole tensor is still captured.
// CHECK-LABEL: func.func @split_by_data(
// CHECK:         tseq.graph
// CHECK:         %[[H:.*]] = tseq.item %{{.*}} use(decisive)
// CHECK:         tensor.extract_slice %{{.*}}[0] [%{{.*}}] [1]
func.func @split_by_data(%a: tensor<8xi32>, %x: tensor<64xf32>) -> tensor<?xf32> {
  %zero = arith.constant dense<0> : tensor<i32>
  // expected-remark @+1 {{region-formed}}
  %n = linalg.reduce { arith.maxsi } ins(%a : tensor<8xi32>) outs(%zero : tensor<i32>) dimensions = [0]
  %y = arith.negf %x : tensor<64xf32>
  // expected-remark @+2 {{readback-kept | Category:graph-opt | Remark="the value is an extent", UsedBy="tensor.extract_slice}}
  // expected-remark @+1 {{what-if | Category:graph-opt | Blocker=readback-kept}}
  %h = tensor.extract %n[] : tensor<i32>
  %i = arith.index_cast %h : i32 to index
  // expected-remark @+2 {{not-captured}}
  // expected-remark @+1 {{what-if | Category:graph-opt | Blocker=dynamic-shape}}
  %part = tensor.extract_slice %y[0] [%i] [1] : tensor<64xf32> to tensor<?xf32>
  return %part : tensor<?xf32>
}

func.func private @all_reduce(tensor<4xf32>) -> tensor<4xf32>

// Tests that a collective, which is a call to the outside, is where two chains
// part, also if no scalar is read.
// CHECK-LABEL: func.func @collective_between(
// CHECK:         tseq.graph
// CHECK:         call @all_reduce
// CHECK:         tseq.graph
func.func @collective_between(%a: tensor<4xf32>) -> tensor<4xf32> {
  // expected-remark @+1 {{region-formed}}
  %x = arith.negf %a : tensor<4xf32>
  // expected-remark @+1 {{region-split}}
  %y = call @all_reduce(%x) : (tensor<4xf32>) -> tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %z = math.absf %y : tensor<4xf32>
  return %z : tensor<4xf32>
}

// Tests that a choice of the element type by a schedule of the host stays a
// branch of the host, with a region in each arm.
// CHECK-LABEL: func.func @width_by_schedule(
// CHECK:         scf.index_switch
// CHECK:         case 8 {
// CHECK:           tseq.graph
// CHECK:         case 4 {
// CHECK:           tseq.graph
func.func @width_by_schedule(%bits: index, %m: memref<64xf32>) {
  scf.index_switch %bits
  case 8 {
    %t = bufferization.to_tensor %m restrict writable : memref<64xf32> to tensor<64xf32>
    // expected-remark @+1 {{region-formed}}
    %i = arith.fptosi %t : tensor<64xf32> to tensor<64xi8>
    %q = arith.sitofp %i : tensor<64xi8> to tensor<64xf32>
    bufferization.materialize_in_destination %q in restrict writable %m : (tensor<64xf32>, memref<64xf32>) -> ()
    scf.yield
  }
  case 4 {
    %t = bufferization.to_tensor %m restrict writable : memref<64xf32> to tensor<64xf32>
    // expected-remark @+1 {{region-formed}}
    %h = arith.truncf %t : tensor<64xf32> to tensor<64xf16>
    %q = arith.extf %h : tensor<64xf16> to tensor<64xf32>
    bufferization.materialize_in_destination %q in restrict writable %m : (tensor<64xf32>, memref<64xf32>) -> ()
    scf.yield
  }
  default {
  }
  return
}
