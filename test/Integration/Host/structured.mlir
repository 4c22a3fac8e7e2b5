// RUN: graph-run %s --entry=matmul_in_chain --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=broadcast_and_transpose --verify | FileCheck %s
// RUN: graph-run %s --entry=row_softmax --verify | FileCheck %s
// RUN: graph-run %s --entry=slices --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=insert_into_buffer --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=concat_and_pad --verify | FileCheck %s
// RUN: graph-run %s --entry=named_ops --verify | FileCheck %s
// RUN: graph-run %s --entry=dot_products --verify | FileCheck %s
// RUN: graph-run %s --entry=constants --verify | FileCheck %s
// RUN: graph-run %s --entry=initial_values --verify | FileCheck %s
// RUN: graph-run %s --entry=not_associative --verify | FileCheck %s
// RUN: graph-run %s --entry=argmax --verify | FileCheck %s
// RUN: graph-run %s --entry=index_in_body --verify | FileCheck %s
// RUN: graph-run %s --entry=gather --verify | FileCheck %s
// RUN: graph-run %s --entry=extract_and_insert --arg 2=3 --verify | FileCheck %s
// RUN: graph-run %s --entry=generate --verify | FileCheck %s
// RUN: graph-run %s --entry=permuted --verify | FileCheck %s
// RUN: graph-run %s --entry=layer_norm --verify | FileCheck %s
// RUN: graph-run %s --entry=pooling --verify | FileCheck %s
// RUN: graph-run %s --entry=two_reductions_at_once --verify | FileCheck %s
// RUN: graph-run %s --entry=accumulator_read --verify | FileCheck %s
// CHECK: verify: ok

#id = affine_map<(i, j) -> (i, j)>
#ji = affine_map<(i, j) -> (j, i)>
#row = affine_map<(i, j) -> (i)>
#col = affine_map<(i, j) -> (j)>
#all = affine_map<(i, j) -> ()>

// Tests a contraction between elementwise ops, and a norm of its result that
// scales it.
func.func @matmul_in_chain(%a: tensor<6x7xf32>, %b: tensor<7x5xf32>, %m: memref<6x5xf32>) -> f32 {
  %zero = arith.constant 0.0 : f32
  %x = arith.addf %a, %a : tensor<6x7xf32>
  %e = tensor.empty() : tensor<6x5xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<6x5xf32>) -> tensor<6x5xf32>
  %c = linalg.matmul ins(%x, %b : tensor<6x7xf32>, tensor<7x5xf32>) outs(%f : tensor<6x5xf32>) -> tensor<6x5xf32>
  %q = arith.mulf %c, %c : tensor<6x5xf32>
  %init = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%q : tensor<6x5xf32>) outs(%init : tensor<f32>) dimensions = [0, 1]
  %h = tensor.extract %s[] : tensor<f32>
  %n = math.sqrt %h : f32
  %by = tensor.splat %n : tensor<6x5xf32>
  %r = arith.divf %c, %by : tensor<6x5xf32>
  bufferization.materialize_in_destination %r in restrict writable %m : (tensor<6x5xf32>, memref<6x5xf32>) -> ()
  return %n : f32
}

// Tests a row that is added to each row, and a transpose after it.
func.func @broadcast_and_transpose(%a: tensor<3x4xf32>, %bias: tensor<4xf32>) -> tensor<4x3xf32> {
  %e = tensor.empty() : tensor<3x4xf32>
  %b = linalg.broadcast ins(%bias : tensor<4xf32>) outs(%e : tensor<3x4xf32>) dimensions = [0]
  %x = arith.addf %a, %b : tensor<3x4xf32>
  %e2 = tensor.empty() : tensor<4x3xf32>
  %t = linalg.transpose ins(%x : tensor<3x4xf32>) outs(%e2 : tensor<4x3xf32>) permutation = [1, 0]
  %r = math.absf %t : tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}

// Tests reductions of rows with what they feed.
func.func @row_softmax(%a: tensor<5x9xf32>) -> tensor<5x9xf32> {
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<5xf32>
  %f = linalg.fill ins(%low : f32) outs(%e : tensor<5xf32>) -> tensor<5xf32>
  %max = linalg.reduce { arith.maximumf } ins(%a : tensor<5x9xf32>) outs(%f : tensor<5xf32>) dimensions = [1]
  %e2 = tensor.empty() : tensor<5x9xf32>
  %x = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %max : tensor<5x9xf32>, tensor<5xf32>) outs(%e2 : tensor<5x9xf32>) {
  ^bb0(%v: f32, %m: f32, %o: f32):
    %d = arith.subf %v, %m : f32
    %p = math.exp %d : f32
    linalg.yield %p : f32
  } -> tensor<5x9xf32>
  %g = linalg.fill ins(%zero : f32) outs(%e : tensor<5xf32>) -> tensor<5xf32>
  %sum = linalg.reduce { arith.addf } ins(%x : tensor<5x9xf32>) outs(%g : tensor<5xf32>) dimensions = [1]
  %b = linalg.broadcast ins(%sum : tensor<5xf32>) outs(%e2 : tensor<5x9xf32>) dimensions = [1]
  %r = arith.divf %x, %b : tensor<5x9xf32>
  return %r : tensor<5x9xf32>
}

// Tests slices with steps, taken from a value and put into another.
func.func @slices(%m: memref<8x6xf32>) -> tensor<4x2xf32> {
  %t = bufferization.to_tensor %m restrict writable : memref<8x6xf32> to tensor<8x6xf32>
  %s = tensor.extract_slice %t[1, 0] [4, 2] [2, 3] : tensor<8x6xf32> to tensor<4x2xf32>
  %d = arith.addf %s, %s : tensor<4x2xf32>
  %u = tensor.insert_slice %d into %t[0, 2] [4, 2] [2, 1] : tensor<4x2xf32> into tensor<8x6xf32>
  %n = arith.negf %u : tensor<8x6xf32>
  bufferization.materialize_in_destination %n in restrict writable %m : (tensor<8x6xf32>, memref<8x6xf32>) -> ()
  return %s : tensor<4x2xf32>
}

// Tests that a slice put into the contents of a buffer leaves the rest alone.
func.func @insert_into_buffer(%m: memref<10xf32>, %a: tensor<3xf32>) -> tensor<10xf32> {
  %t = bufferization.to_tensor %m restrict writable : memref<10xf32> to tensor<10xf32>
  %b = arith.mulf %a, %a : tensor<3xf32>
  %u = tensor.insert_slice %b into %t[4] [3] [1] : tensor<3xf32> into tensor<10xf32>
  bufferization.materialize_in_destination %u in restrict writable %m : (tensor<10xf32>, memref<10xf32>) -> ()
  %d = arith.subf %u, %t : tensor<10xf32>
  return %d : tensor<10xf32>
}

// Tests concatenation and padding.
func.func @concat_and_pad(%a: tensor<2x3xf32>, %b: tensor<4x3xf32>) -> tensor<8x5xf32> {
  %x = arith.negf %a : tensor<2x3xf32>
  %c = tensor.concat dim(0) %x, %b : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<6x3xf32>
  %v = arith.constant 7.0 : f32
  %p = tensor.pad %c low[1, 0] high[1, 2] {
  ^bb0(%i: index, %j: index):
    tensor.yield %v : f32
  } : tensor<6x3xf32> to tensor<8x5xf32>
  %r = arith.addf %p, %p : tensor<8x5xf32>
  return %r : tensor<8x5xf32>
}

// Tests named elementwise ops, maps and the elementwise op.
func.func @named_ops(%a: tensor<3x4xf32>, %b: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %e = tensor.empty() : tensor<3x4xf32>
  %0 = linalg.add ins(%a, %b : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  %1 = linalg.mul ins(%0, %b : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  %2 = linalg.square ins(%1 : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  %3 = linalg.map { arith.maximumf } ins(%2, %a : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>)
  %4 = linalg.elementwise kind=#linalg.elementwise_kind<sub> ins(%3, %0 : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  %5 = linalg.elementwise kind=#linalg.elementwise_kind<exp> ins(%4 : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  %6 = linalg.copy ins(%5 : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  return %6 : tensor<3x4xf32>
}

// Tests products that reduce to one value, a vector and a batch.
func.func @dot_products(%a: tensor<9xf32>, %b: tensor<9xf32>, %w: tensor<4x9xf32>, %p: tensor<2x3x4xf32>, %q: tensor<2x4x5xf32>)
    -> (f32, tensor<4xf32>, tensor<2x3x5xf32>) {
  %init = arith.constant dense<0.0> : tensor<f32>
  %d = linalg.dot ins(%a, %b : tensor<9xf32>, tensor<9xf32>) outs(%init : tensor<f32>) -> tensor<f32>
  %h = tensor.extract %d[] : tensor<f32>
  %v0 = arith.constant dense<1.0> : tensor<4xf32>
  %v = linalg.matvec ins(%w, %b : tensor<4x9xf32>, tensor<9xf32>) outs(%v0 : tensor<4xf32>) -> tensor<4xf32>
  %b0 = arith.constant dense<0.0> : tensor<2x3x5xf32>
  %m = linalg.batch_matmul ins(%p, %q : tensor<2x3x4xf32>, tensor<2x4x5xf32>) outs(%b0 : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  %f = tensor.splat %h : tensor<4xf32>
  %s = arith.mulf %v, %f : tensor<4xf32>
  return %h, %s, %m : f32, tensor<4xf32>, tensor<2x3x5xf32>
}

// Tests constants as operands, results and sources of writes.
func.func @constants(%m: memref<2x2xf32>) -> (tensor<3xf32>, tensor<2x2xf32>, f32) {
  %c = arith.constant dense<[1.0, 2.0, 4.0]> : tensor<3xf32>
  %d = arith.constant dense<[[1.0, -1.0], [0.5, 8.0]]> : tensor<2x2xf32>
  %t = bufferization.to_tensor %m restrict writable : memref<2x2xf32> to tensor<2x2xf32>
  %s = arith.mulf %t, %d : tensor<2x2xf32>
  bufferization.materialize_in_destination %d in restrict writable %m : (tensor<2x2xf32>, memref<2x2xf32>) -> ()
  %init = arith.constant dense<0.5> : tensor<f32>
  %r = linalg.reduce { arith.mulf } ins(%c : tensor<3xf32>) outs(%init : tensor<f32>) dimensions = [0]
  %h = tensor.extract %r[] : tensor<f32>
  return %c, %s, %h : tensor<3xf32>, tensor<2x2xf32>, f32
}

// Tests reductions that start from a value of the caller.
func.func @initial_values(%a: tensor<21xf32>, %i: tensor<f32>, %j: f32) -> (tensor<f32>, f32) {
  %s = linalg.reduce { arith.addf } ins(%a : tensor<21xf32>) outs(%i : tensor<f32>) dimensions = [0]
  %u = tensor.from_elements %j : tensor<f32>
  %m = linalg.reduce { arith.minimumf } ins(%a : tensor<21xf32>) outs(%u : tensor<f32>) dimensions = [0]
  %h = tensor.extract %m[] : tensor<f32>
  return %s, %h : tensor<f32>, f32
}

// Tests that a reduction whose order matters keeps it.
func.func @not_associative(%a: tensor<13xf32>) -> f32 {
  %init = arith.constant dense<1.0> : tensor<f32>
  %s = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%a : tensor<13xf32>) outs(%init : tensor<f32>) {
  ^bb0(%e: f32, %acc: f32):
    %h = arith.constant 0.5 : f32
    %x = arith.mulf %acc, %h : f32
    %y = arith.subf %e, %x : f32
    linalg.yield %y : f32
  } -> tensor<f32>
  %r = tensor.extract %s[] : tensor<f32>
  return %r : f32
}

// Tests a reduction with two results that depend on each other.
func.func @argmax(%a: tensor<13xf32>) -> (f32, i32) {
  %low = arith.constant dense<0xFF800000> : tensor<f32>
  %none = arith.constant dense<-1> : tensor<i32>
  %r:2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%a : tensor<13xf32>) outs(%low, %none : tensor<f32>, tensor<i32>) {
  ^bb0(%e: f32, %m: f32, %at: i32):
    %i = linalg.index 0 : index
    %k = arith.index_cast %i : index to i32
    %gt = arith.cmpf ogt, %e, %m : f32
    %nm = arith.select %gt, %e, %m : f32
    %na = arith.select %gt, %k, %at : i32
    linalg.yield %nm, %na : f32, i32
  } -> (tensor<f32>, tensor<i32>)
  %x = tensor.extract %r#0[] : tensor<f32>
  %y = tensor.extract %r#1[] : tensor<i32>
  return %x, %y : f32, i32
}

// Tests a body that uses its place.
func.func @index_in_body(%a: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %b = arith.negf %a : tensor<4x5xf32>
  %e = tensor.empty() : tensor<4x5xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%b : tensor<4x5xf32>) outs(%e : tensor<4x5xf32>) {
  ^bb0(%v: f32, %o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %lower = arith.cmpi uge, %i, %j : index
    %zero = arith.constant 0.0 : f32
    %x = arith.select %lower, %v, %zero : f32
    linalg.yield %x : f32
  } -> tensor<4x5xf32>
  %n = arith.addf %r, %r : tensor<4x5xf32>
  return %n : tensor<4x5xf32>
}

// Tests a body that reads another tensor.
func.func @gather(%table: tensor<8x3xf32>, %at: tensor<5xi32>) -> tensor<5x3xf32> {
  %t = arith.addf %table, %table : tensor<8x3xf32>
  %e = tensor.empty() : tensor<5x3xf32>
  %r = linalg.generic {indexing_maps = [#row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%at : tensor<5xi32>) outs(%e : tensor<5x3xf32>) {
  ^bb0(%k: i32, %o: f32):
    %seven = arith.constant 7 : i32
    %safe = arith.andi %k, %seven : i32
    %i = arith.index_cast %safe : i32 to index
    %j = linalg.index 1 : index
    %v = tensor.extract %t[%i, %j] : tensor<8x3xf32>
    linalg.yield %v : f32
  } -> tensor<5x3xf32>
  %n = arith.negf %r : tensor<5x3xf32>
  return %n : tensor<5x3xf32>
}

// Tests one element of many, read to the host and put back.
func.func @extract_and_insert(%a: tensor<6xf32>, %b: tensor<6xf32>, %i: index) -> (tensor<6xf32>, f32) {
  %s = arith.addf %a, %b : tensor<6xf32>
  %v = tensor.extract %s[%i] : tensor<6xf32>
  %w = arith.mulf %v, %v : f32
  %c0 = arith.constant 0 : index
  %t = tensor.insert %w into %s[%c0] : tensor<6xf32>
  %r = arith.negf %t : tensor<6xf32>
  return %r, %v : tensor<6xf32>, f32
}

// Tests a tensor made by place.
func.func @generate(%x: f32) -> (tensor<3x4xf32>, f32) {
  %t = tensor.generate {
  ^bb0(%i: index, %j: index):
    %k = arith.addi %i, %j : index
    %n = arith.index_cast %k : index to i32
    %f = arith.sitofp %n : i32 to f32
    %y = arith.mulf %f, %x : f32
    tensor.yield %y : f32
  } : tensor<3x4xf32>
  %q = arith.mulf %t, %t : tensor<3x4xf32>
  %init = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%q : tensor<3x4xf32>) outs(%init : tensor<f32>) dimensions = [0, 1]
  %h = tensor.extract %s[] : tensor<f32>
  return %q, %h : tensor<3x4xf32>, f32
}

// Tests an elementwise op whose loops are in another order than its tensors',
// and a reduction of two tensors that lie differently.
func.func @permuted(%a: tensor<3x4xf32>, %b: tensor<3x4xf32>) -> (tensor<3x4xf32>, f32) {
  %e = tensor.empty() : tensor<3x4xf32>
  %r = linalg.generic {indexing_maps = [#ji, #ji, #ji], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %d = arith.subf %x, %y : f32
    linalg.yield %d : f32
  } -> tensor<3x4xf32>
  %init = arith.constant dense<0.0> : tensor<f32>
  %t = tensor.empty() : tensor<4x3xf32>
  %u = linalg.transpose ins(%b : tensor<3x4xf32>) outs(%t : tensor<4x3xf32>) permutation = [1, 0]
  %s = linalg.generic {indexing_maps = [#ji, #id, #all], iterator_types = ["reduction", "reduction"]}
      ins(%r, %u : tensor<3x4xf32>, tensor<4x3xf32>) outs(%init : tensor<f32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %p = arith.mulf %x, %y : f32
    %n = arith.addf %p, %acc : f32
    linalg.yield %n : f32
  } -> tensor<f32>
  %h = tensor.extract %s[] : tensor<f32>
  return %r, %h : tensor<3x4xf32>, f32
}

// Tests the mean and the variance of rows.
func.func @layer_norm(%a: tensor<4x6xf32>, %w: tensor<6xf32>) -> tensor<4x6xf32> {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %n = arith.constant dense<6.0> : tensor<4xf32>
  %eps = arith.constant dense<1.0e-5> : tensor<4xf32>
  %s = linalg.reduce { arith.addf } ins(%a : tensor<4x6xf32>) outs(%zero : tensor<4xf32>) dimensions = [1]
  %q = arith.mulf %a, %a : tensor<4x6xf32>
  %s2 = linalg.reduce { arith.addf } ins(%q : tensor<4x6xf32>) outs(%zero : tensor<4xf32>) dimensions = [1]
  %mean = arith.divf %s, %n : tensor<4xf32>
  %mean2 = arith.divf %s2, %n : tensor<4xf32>
  %sq = arith.mulf %mean, %mean : tensor<4xf32>
  %var = arith.subf %mean2, %sq : tensor<4xf32>
  %v = arith.addf %var, %eps : tensor<4xf32>
  %inv = math.rsqrt %v : tensor<4xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %r = linalg.generic {indexing_maps = [#id, #row, #row, #col, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %mean, %inv, %w : tensor<4x6xf32>, tensor<4xf32>, tensor<4xf32>, tensor<6xf32>) outs(%e : tensor<4x6xf32>) {
  ^bb0(%x: f32, %m: f32, %i: f32, %g: f32, %o: f32):
    %d = arith.subf %x, %m : f32
    %y = arith.mulf %d, %i : f32
    %z = arith.mulf %y, %g : f32
    linalg.yield %z : f32
  } -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// Tests a convolution and a pooling, which stay ops of their own.
func.func @pooling(%a: tensor<1x6x6x2xf32>, %k: tensor<3x3x2x4xf32>) -> tensor<1x2x2x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<1x4x4x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %c = linalg.conv_2d_nhwc_hwcf {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>}
      ins(%a, %k : tensor<1x6x6x2xf32>, tensor<3x3x2x4xf32>) outs(%f : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %r = math.absf %c : tensor<1x4x4x4xf32>
  %w = tensor.empty() : tensor<2x2xf32>
  %e2 = tensor.empty() : tensor<1x2x2x4xf32>
  %g = linalg.fill ins(%low : f32) outs(%e2 : tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32>
  %p = linalg.pooling_nhwc_max {dilations = dense<1> : tensor<2xi64>, strides = dense<2> : tensor<2xi64>}
      ins(%r, %w : tensor<1x4x4x4xf32>, tensor<2x2xf32>) outs(%g : tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32>
  return %p : tensor<1x2x2x4xf32>
}

// Tests one op that makes a sum and an extremum.
func.func @two_reductions_at_once(%a: tensor<90xf32>) -> (f32, f32) {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %low = arith.constant dense<0xFF800000> : tensor<f32>
  %r:2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%a : tensor<90xf32>) outs(%zero, %low : tensor<f32>, tensor<f32>) {
  ^bb0(%e: f32, %s: f32, %m: f32):
    %q = arith.mulf %e, %e : f32
    %ns = arith.addf %s, %q : f32
    %nm = arith.maximumf %e, %m : f32
    linalg.yield %ns, %nm : f32, f32
  } -> (tensor<f32>, tensor<f32>)
  %x = tensor.extract %r#0[] : tensor<f32>
  %y = tensor.extract %r#1[] : tensor<f32>
  return %x, %y : f32, f32
}

// Tests an elementwise op that reads what it is to overwrite.
func.func @accumulator_read(%a: tensor<3x4xf32>, %b: tensor<3x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %n = arith.negf %b : tensor<3x4xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<3x4xf32>) outs(%n : tensor<3x4xf32>) {
  ^bb0(%x: f32, %o: f32):
    %d = arith.subf %o, %x : f32
    linalg.yield %d : f32
  } -> tensor<3x4xf32>
  return %r, %n : tensor<3x4xf32>, tensor<3x4xf32>
}
