// RUN: graph-run %s --entry=result_and_write --verify | FileCheck %s
// RUN: graph-run %s --entry=same_twice --verify | FileCheck %s
// RUN: graph-run %s --entry=butterfly --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=reshaped_in_place --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=global_buffer --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=insert_chain --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=matmul_accumulate --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=softmax_inplace --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=broadcast_row --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=scalar_operand --arg 1=2.5 --verify | FileCheck %s
// RUN: graph-run %s --entry=fill_readback --verify | FileCheck %s
// RUN: graph-run %s --entry=from_elements_many --verify | FileCheck %s
// RUN: graph-run %s --entry=slice_at_readback --verify | FileCheck %s
// RUN: graph-run %s --entry=old_contents_reshaped --verify | FileCheck %s
// CHECK: verify: ok

func.func private @sum(%g: tensor<24xf32>) -> f32 {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%g : tensor<24xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<f32>
  return %h : f32
}

// Tests that a value that is written to a buffer is also returned and reduced.
func.func @result_and_write(%m: memref<24xf32>) -> (tensor<24xf32>, f32) {
  %a = bufferization.to_tensor %m restrict writable : memref<24xf32> to tensor<24xf32>
  %b = arith.mulf %a, %a : tensor<24xf32>
  bufferization.materialize_in_destination %b in restrict writable %m : (tensor<24xf32>, memref<24xf32>) -> ()
  %s = call @sum(%b) : (tensor<24xf32>) -> f32
  return %b, %s : tensor<24xf32>, f32
}

// Tests that one value is returned twice and once more in another shape.
func.func @same_twice(%a: tensor<24xf32>) -> (tensor<24xf32>, tensor<24xf32>, tensor<4x6xf32>) {
  %b = arith.mulf %a, %a : tensor<24xf32>
  %c = tensor.expand_shape %b [[0, 1]] output_shape [4, 6] : tensor<24xf32> into tensor<4x6xf32>
  return %b, %b, %c : tensor<24xf32>, tensor<24xf32>, tensor<4x6xf32>
}

// Tests that a sum and a difference take the places of their operands.
func.func @butterfly(%m: memref<24xf32>, %k: memref<24xf32>) {
  %a = bufferization.to_tensor %m restrict writable : memref<24xf32> to tensor<24xf32>
  %b = bufferization.to_tensor %k restrict writable : memref<24xf32> to tensor<24xf32>
  %c = arith.addf %a, %b : tensor<24xf32>
  %d = arith.subf %a, %b : tensor<24xf32>
  bufferization.materialize_in_destination %c in restrict writable %m : (tensor<24xf32>, memref<24xf32>) -> ()
  bufferization.materialize_in_destination %d in restrict writable %k : (tensor<24xf32>, memref<24xf32>) -> ()
  return
}

// Tests an update in place of a buffer that is seen in another shape.
func.func @reshaped_in_place(%m: memref<4x6xf32>) -> f32 {
  %a = bufferization.to_tensor %m restrict writable : memref<4x6xf32> to tensor<4x6xf32>
  %f = tensor.collapse_shape %a [[0, 1]] : tensor<4x6xf32> into tensor<24xf32>
  %g = arith.mulf %f, %f : tensor<24xf32>
  %s = call @sum(%f) : (tensor<24xf32>) -> f32
  %e = tensor.expand_shape %g [[0, 1]] output_shape [4, 6] : tensor<24xf32> into tensor<4x6xf32>
  %h = arith.subf %e, %a : tensor<4x6xf32>
  bufferization.materialize_in_destination %h in restrict writable %m : (tensor<4x6xf32>, memref<4x6xf32>) -> ()
  return %s : f32
}

// Tests a buffer that belongs to the module and keeps its contents from call to
// call.
memref.global "private" @state : memref<24xf32> = dense<1.5>
func.func @global_buffer(%a: tensor<24xf32>) -> tensor<24xf32> {
  %g = memref.get_global @state : memref<24xf32>
  %t = bufferization.to_tensor %g restrict writable : memref<24xf32> to tensor<24xf32>
  %u = arith.addf %t, %a : tensor<24xf32>
  bufferization.materialize_in_destination %u in restrict writable %g : (tensor<24xf32>, memref<24xf32>) -> ()
  return %u : tensor<24xf32>
}

// Tests slices that are taken and put back in turn, on contents that two buffers
// get.
func.func @insert_chain(%m: memref<24xf32>, %k: memref<6xf32>) -> tensor<24xf32> {
  %a = bufferization.to_tensor %m restrict writable : memref<24xf32> to tensor<24xf32>
  %b = bufferization.to_tensor %k restrict writable : memref<6xf32> to tensor<6xf32>
  %s = tensor.extract_slice %a[6] [6] [1] : tensor<24xf32> to tensor<6xf32>
  %x = tensor.insert_slice %b into %a[6] [6] [1] : tensor<6xf32> into tensor<24xf32>
  %y = tensor.insert_slice %s into %x[12] [6] [1] : tensor<6xf32> into tensor<24xf32>
  bufferization.materialize_in_destination %y in restrict writable %m : (tensor<24xf32>, memref<24xf32>) -> ()
  bufferization.materialize_in_destination %s in restrict writable %k : (tensor<6xf32>, memref<6xf32>) -> ()
  return %x : tensor<24xf32>
}

// Tests a contraction that reads the buffer that it adds to.
func.func @matmul_accumulate(%m: memref<5x5xf32>, %a: tensor<5x5xf32>) {
  %c = bufferization.to_tensor %m restrict writable : memref<5x5xf32> to tensor<5x5xf32>
  %d = linalg.matmul ins(%c, %a : tensor<5x5xf32>, tensor<5x5xf32>) outs(%c : tensor<5x5xf32>) -> tensor<5x5xf32>
  bufferization.materialize_in_destination %d in restrict writable %m : (tensor<5x5xf32>, memref<5x5xf32>) -> ()
  return
}

// Tests a softmax of a buffer to itself.
func.func @softmax_inplace(%m: memref<4x6xf32>) {
  %a = bufferization.to_tensor %m restrict writable : memref<4x6xf32> to tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %s = linalg.softmax dimension(1) ins(%a : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
  bufferization.materialize_in_destination %s in restrict writable %m : (tensor<4x6xf32>, memref<4x6xf32>) -> ()
  return
}

// Tests that a row is read by an update of the rows while the update of the row
// reads them.
func.func @broadcast_row(%m: memref<4x6xf32>, %r: memref<6xf32>) {
  %a = bufferization.to_tensor %m restrict writable : memref<4x6xf32> to tensor<4x6xf32>
  %b = bufferization.to_tensor %r restrict writable : memref<6xf32> to tensor<6xf32>
  %x = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%a, %b : tensor<4x6xf32>, tensor<6xf32>) outs(%a : tensor<4x6xf32>) {
  ^bb0(%u: f32, %v: f32, %o: f32):
    %w = arith.mulf %u, %v : f32
    %z = arith.addf %w, %o : f32
    linalg.yield %z : f32
  } -> tensor<4x6xf32>
  %y = linalg.reduce { arith.addf } ins(%a : tensor<4x6xf32>) outs(%b : tensor<6xf32>) dimensions = [0]
  bufferization.materialize_in_destination %x in restrict writable %m : (tensor<4x6xf32>, memref<4x6xf32>) -> ()
  bufferization.materialize_in_destination %y in restrict writable %r : (tensor<6xf32>, memref<6xf32>) -> ()
  return
}

// Tests a host scalar as an operand of an elementwise op.
func.func @scalar_operand(%a: tensor<24xf32>, %x: f32) -> tensor<24xf32> {
  %e = tensor.empty() : tensor<24xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%a, %x : tensor<24xf32>, f32) outs(%e : tensor<24xf32>) {
  ^bb0(%u: f32, %v: f32, %o: f32):
    %w = arith.mulf %u, %v : f32
    linalg.yield %w : f32
  } -> tensor<24xf32>
  return %r : tensor<24xf32>
}

// Tests a fill with a value that was read back.
func.func @fill_readback(%a: tensor<24xf32>) -> (tensor<24xf32>, f32) {
  %s = call @sum(%a) : (tensor<24xf32>) -> f32
  %e = tensor.empty() : tensor<24xf32>
  %r = linalg.fill ins(%s : f32) outs(%e : tensor<24xf32>) -> tensor<24xf32>
  %q = arith.subf %r, %a : tensor<24xf32>
  %t = call @sum(%q) : (tensor<24xf32>) -> f32
  return %q, %t : tensor<24xf32>, f32
}

// Tests a tensor made of several host scalars, and an element of it read.
func.func @from_elements_many(%x: f32, %y: f32) -> (tensor<2x2xf32>, f32) {
  %t = tensor.from_elements %x, %y, %y, %x : tensor<2x2xf32>
  %u = arith.addf %t, %t : tensor<2x2xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = tensor.extract %u[%c0, %c1] : tensor<2x2xf32>
  return %u, %v : tensor<2x2xf32>, f32
}

// Tests a slice whose place was read back.
func.func @slice_at_readback(%a: tensor<24xf32>, %t: tensor<3xi32>) -> tensor<4xf32> {
  %z = arith.constant dense<0> : tensor<i32>
  %m = linalg.reduce { arith.maxsi } ins(%t : tensor<3xi32>) outs(%z : tensor<i32>) dimensions = [0]
  %h = tensor.extract %m[] : tensor<i32>
  %i = arith.index_cast %h : i32 to index
  %b = arith.negf %a : tensor<24xf32>
  %s = tensor.extract_slice %b[%i] [4] [1] : tensor<24xf32> to tensor<4xf32>
  %r = arith.addf %s, %s : tensor<4xf32>
  return %r : tensor<4xf32>
}

// Tests that what a buffer held is returned in another shape after the buffer
// was overwritten.
func.func @old_contents_reshaped(%m: memref<4x6xf32>) -> tensor<24xf32> {
  %a = bufferization.to_tensor %m restrict writable : memref<4x6xf32> to tensor<4x6xf32>
  %f = tensor.collapse_shape %a [[0, 1]] : tensor<4x6xf32> into tensor<24xf32>
  %n = arith.negf %a : tensor<4x6xf32>
  bufferization.materialize_in_destination %n in restrict writable %m : (tensor<4x6xf32>, memref<4x6xf32>) -> ()
  return %f : tensor<24xf32>
}
