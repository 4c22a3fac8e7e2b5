// RUN: graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_90 stop-after=graphs" | FileCheck %s --implicit-check-not=linalg. --implicit-check-not=tensor.
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_90" | FileCheck %s --check-prefix=CODE
// RUN: %python %S/Inputs/verify_functions.py %build/bin/graph-run %s | FileCheck %s --check-prefix=HOST

// Tests that structured ops of odd shapes, types and maps become kernels, that none
// is left to the host, that there is code for all, and that the same graphs compute
// on the host what the ops say.
// CHECK-COUNT-31: cudagraph.launch
// CHECK:     gpu.module
// CODE:      @graphopt_kernels.image(
// HOST:      31 of 31 functions are right

// Narrow elements.
func.func @transpose_bf16(%a: tensor<5x3xbf16>) -> tensor<3x5xbf16> {
  %e = tensor.empty() : tensor<3x5xbf16>
  %t = linalg.transpose ins(%a : tensor<5x3xbf16>) outs(%e : tensor<3x5xbf16>) permutation = [1, 0]
  return %t : tensor<3x5xbf16>
}

// Dimensions before and behind those of the input.
func.func @broadcast_i8(%a: tensor<3xi8>) -> tensor<4x3x2xi8> {
  %e = tensor.empty() : tensor<4x3x2xi8>
  %t = linalg.broadcast ins(%a : tensor<3xi8>) outs(%e : tensor<4x3x2xi8>) dimensions = [0, 2]
  return %t : tensor<4x3x2xi8>
}

// Reductions of columns and of rows, from minus infinity.
func.func @row_max_f16(%a: tensor<6x4xf16>) -> (tensor<4xf16>, tensor<6xf16>) {
  %m = arith.constant 0xFC00 : f16
  %e = tensor.empty() : tensor<4xf16>
  %f = linalg.fill ins(%m : f16) outs(%e : tensor<4xf16>) -> tensor<4xf16>
  %g = tensor.empty() : tensor<6xf16>
  %h = linalg.fill ins(%m : f16) outs(%g : tensor<6xf16>) -> tensor<6xf16>
  %0 = linalg.reduce { arith.maximumf } ins(%a : tensor<6x4xf16>) outs(%f : tensor<4xf16>) dimensions = [0]
  %1 = linalg.reduce { arith.maximumf } ins(%a : tensor<6x4xf16>) outs(%h : tensor<6xf16>) dimensions = [1]
  return %0, %1 : tensor<4xf16>, tensor<6xf16>
}

func.func @batch_matmul(%a: tensor<2x3x4xf32>, %b: tensor<2x4x5xf32>) -> tensor<2x3x5xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x3x5xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  %0 = linalg.batch_matmul ins(%a, %b : tensor<2x3x4xf32>, tensor<2x4x5xf32>) outs(%f : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  return %0 : tensor<2x3x5xf32>
}

func.func @matmul_bf16(%a: tensor<3x4xbf16>, %b: tensor<4x5xbf16>) -> tensor<3x5xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<3x4xbf16>, tensor<4x5xbf16>) outs(%f : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// A window with steps, as convolutions have it.
func.func @affine_sums(%a: tensor<12xf32>, %k: tensor<2x3xf32>) -> tensor<8x2xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x2xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<8x2xf32>) -> tensor<8x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(n, o, k) -> (n + 2 * k)>, affine_map<(n, o, k) -> (o, k)>, affine_map<(n, o, k) -> (n, o)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %k : tensor<12xf32>, tensor<2x3xf32>) outs(%f : tensor<8x2xf32>) {
  ^bb0(%x: f32, %w: f32, %s: f32):
    %p = arith.mulf %x, %w : f32
    %q = arith.addf %s, %p : f32
    linalg.yield %q : f32
  } -> tensor<8x2xf32>
  return %0 : tensor<8x2xf32>
}

// No loop at all.
func.func @rank_zero(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  %e = tensor.empty() : tensor<f32>
  %0 = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []}
      ins(%a, %b : tensor<f32>, tensor<f32>) outs(%e : tensor<f32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %p = arith.mulf %x, %y : f32
    linalg.yield %p : f32
  } -> tensor<f32>
  return %0 : tensor<f32>
}

// Results that are empty, and reductions of nothing.
func.func @zero_size(%a: tensor<0x4xf32>, %b: tensor<4x0xf32>) -> (tensor<4x0xf32>, tensor<4xf32>, tensor<4x4xf32>) {
  %e = tensor.empty() : tensor<4x0xf32>
  %t = linalg.transpose ins(%a : tensor<0x4xf32>) outs(%e : tensor<4x0xf32>) permutation = [1, 0]
  %c = arith.constant 3.0 : f32
  %g = tensor.empty() : tensor<4xf32>
  %h = linalg.fill ins(%c : f32) outs(%g : tensor<4xf32>) -> tensor<4xf32>
  %r = linalg.reduce { arith.addf } ins(%a : tensor<0x4xf32>) outs(%h : tensor<4xf32>) dimensions = [0]
  %i = tensor.empty() : tensor<4x4xf32>
  %j = linalg.fill ins(%c : f32) outs(%i : tensor<4x4xf32>) -> tensor<4x4xf32>
  %m = linalg.matmul ins(%b, %a : tensor<4x0xf32>, tensor<0x4xf32>) outs(%j : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %t, %r, %m : tensor<4x0xf32>, tensor<4xf32>, tensor<4x4xf32>
}

func.func @permute_5d(%a: tensor<2x3x4x5x6xf32>) -> tensor<6x4x2x5x3xf32> {
  %e = tensor.empty() : tensor<6x4x2x5x3xf32>
  %t = linalg.transpose ins(%a : tensor<2x3x4x5x6xf32>) outs(%e : tensor<6x4x2x5x3xf32>) permutation = [4, 2, 0, 3, 1]
  return %t : tensor<6x4x2x5x3xf32>
}

// Elements that are indices, made of places.
func.func @index_outputs(%a: tensor<5xi32>) -> tensor<3x5xindex> {
  %e = tensor.empty() : tensor<3x5xindex>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<5xi32>) outs(%e : tensor<3x5xindex>) {
  ^bb0(%x: i32, %o: index):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %k = arith.index_cast %x : i32 to index
    %s = arith.addi %i, %k : index
    %t = arith.muli %s, %j : index
    linalg.yield %t : index
  } -> tensor<3x5xindex>
  return %0 : tensor<3x5xindex>
}

func.func @iota(%a: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %e = tensor.empty() : tensor<4x5xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<4x5xf32>) outs(%e : tensor<4x5xf32>) {
  ^bb0(%x: f32, %o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %c = arith.cmpi uge, %i, %j : index
    %z = arith.constant 0.0 : f32
    %s = arith.select %c, %x, %z : f32
    linalg.yield %s : f32
  } -> tensor<4x5xf32>
  return %0 : tensor<4x5xf32>
}

// Two results of rank 0, one of them a place.
func.func @argmax(%a: tensor<37xf32>) -> (tensor<f32>, tensor<i32>) {
  %m = arith.constant 0xFF800000 : f32
  %z = arith.constant 0 : i32
  %e = tensor.empty() : tensor<f32>
  %f = linalg.fill ins(%m : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %g = tensor.empty() : tensor<i32>
  %h = linalg.fill ins(%z : i32) outs(%g : tensor<i32>) -> tensor<i32>
  %0:2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%a : tensor<37xf32>) outs(%f, %h : tensor<f32>, tensor<i32>) {
  ^bb0(%x: f32, %b: f32, %n: i32):
    %i = linalg.index 0 : index
    %j = arith.index_cast %i : index to i32
    %c = arith.cmpf ogt, %x, %b : f32
    %v = arith.select %c, %x, %b : f32
    %w = arith.select %c, %j, %n : i32
    linalg.yield %v, %w : f32, i32
  } -> (tensor<f32>, tensor<i32>)
  return %0#0, %0#1 : tensor<f32>, tensor<i32>
}

func.func @two_row_reductions(%a: tensor<6x9xf32>) -> (tensor<6xf32>, tensor<6xf32>) {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<6xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<6xf32>) -> tensor<6xf32>
  %0:2 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%a : tensor<6x9xf32>) outs(%f, %f : tensor<6xf32>, tensor<6xf32>) {
  ^bb0(%x: f32, %s: f32, %q: f32):
    %t = arith.addf %s, %x : f32
    %y = arith.mulf %x, %x : f32
    %u = arith.addf %q, %y : f32
    linalg.yield %t, %u : f32, f32
  } -> (tensor<6xf32>, tensor<6xf32>)
  return %0#0, %0#1 : tensor<6xf32>, tensor<6xf32>
}

func.func @i1_and_i64(%a: tensor<3x4xi1>, %b: tensor<4xi64>) -> (tensor<4x3xi1>, tensor<3x4xi64>) {
  %e = tensor.empty() : tensor<4x3xi1>
  %t = linalg.transpose ins(%a : tensor<3x4xi1>) outs(%e : tensor<4x3xi1>) permutation = [1, 0]
  %f = tensor.empty() : tensor<3x4xi64>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : tensor<3x4xi1>, tensor<4xi64>) outs(%f : tensor<3x4xi64>) {
  ^bb0(%c: i1, %x: i64, %o: i64):
    %z = arith.constant 0 : i64
    %s = arith.select %c, %x, %z : i64
    linalg.yield %s : i64
  } -> tensor<3x4xi64>
  return %t, %0 : tensor<4x3xi1>, tensor<3x4xi64>
}

// A reduction that starts from what the buffer of the caller holds.
func.func @column_reduction_in_place(%m: memref<4xf32>, %a: tensor<300x4xf32>) {
  %t = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  %r = linalg.reduce { arith.addf } ins(%a : tensor<300x4xf32>) outs(%t : tensor<4xf32>) dimensions = [0]
  bufferization.materialize_in_destination %r in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

func.func @matvec_dot(%a: tensor<4x6xf64>, %x: tensor<6xf64>, %y: tensor<4xf64>) -> (tensor<4xf64>, tensor<f64>) {
  %z = arith.constant 0.0 : f64
  %e = tensor.empty() : tensor<4xf64>
  %f = linalg.fill ins(%z : f64) outs(%e : tensor<4xf64>) -> tensor<4xf64>
  %v = linalg.matvec ins(%a, %x : tensor<4x6xf64>, tensor<6xf64>) outs(%f : tensor<4xf64>) -> tensor<4xf64>
  %g = tensor.empty() : tensor<f64>
  %h = linalg.fill ins(%z : f64) outs(%g : tensor<f64>) -> tensor<f64>
  %d = linalg.dot ins(%v, %y : tensor<4xf64>, tensor<4xf64>) outs(%h : tensor<f64>) -> tensor<f64>
  return %v, %d : tensor<4xf64>, tensor<f64>
}

// More elements than threads.
func.func @large_transpose(%a: tensor<1500x700xf32>) -> tensor<700x1500xf32> {
  %e = tensor.empty() : tensor<700x1500xf32>
  %t = linalg.transpose ins(%a : tensor<1500x700xf32>) outs(%e : tensor<700x1500xf32>) permutation = [1, 0]
  return %t : tensor<700x1500xf32>
}

// Indices that fall.
func.func @reverse(%a: tensor<10x3xf32>) -> tensor<10x3xf32> {
  %e = tensor.empty() : tensor<10x3xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (9 - i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<10x3xf32>) outs(%e : tensor<10x3xf32>) {
  ^bb0(%x: f32, %o: f32):
    linalg.yield %x : f32
  } -> tensor<10x3xf32>
  return %0 : tensor<10x3xf32>
}

// An operand that is not read whole.
func.func @constant_in_map(%a: tensor<4x10xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i, 7)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%a : tensor<4x10xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%x: f32, %o: f32):
    linalg.yield %x : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Results of two shapes and types.
func.func @outs_of_two_maps(%a: tensor<4x5xf32>, %b: tensor<5x4xf64>) -> (tensor<5x4xf32>, tensor<4x5xf64>) {
  %f = tensor.empty() : tensor<4x5xf64>
  %e = tensor.empty() : tensor<5x4xf32>
  %0:2 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : tensor<4x5xf32>, tensor<5x4xf64>) outs(%e, %f : tensor<5x4xf32>, tensor<4x5xf64>) {
  ^bb0(%x: f32, %y: f64, %o: f32, %p: f64):
    %z = arith.extf %x : f32 to f64
    %s = arith.addf %z, %y : f64
    %t = arith.truncf %y : f64 to f32
    linalg.yield %t, %s : f32, f64
  } -> (tensor<5x4xf32>, tensor<4x5xf64>)
  return %0#0, %0#1 : tensor<5x4xf32>, tensor<4x5xf64>
}

// Loops out of order: parallel ones go outermost.
func.func @middle_reduction(%a: tensor<3x7x4xi16>) -> (tensor<3x4xi16>, tensor<3x4xi32>) {
  %m = arith.constant -32768 : i16
  %z = arith.constant 0 : i32
  %e = tensor.empty() : tensor<3x4xi16>
  %f = linalg.fill ins(%m : i16) outs(%e : tensor<3x4xi16>) -> tensor<3x4xi16>
  %g = tensor.empty() : tensor<3x4xi32>
  %h = linalg.fill ins(%z : i32) outs(%g : tensor<3x4xi32>) -> tensor<3x4xi32>
  %0 = linalg.reduce { arith.maxsi } ins(%a : tensor<3x7x4xi16>) outs(%f : tensor<3x4xi16>) dimensions = [1]
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, k)>], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%a : tensor<3x7x4xi16>) outs(%h : tensor<3x4xi32>) {
  ^bb0(%x: i16, %s: i32):
    %j = linalg.index 1 : index
    %w = arith.index_cast %j : index to i32
    %y = arith.extsi %x : i16 to i32
    %p = arith.muli %y, %w : i32
    %q = arith.addi %s, %p : i32
    linalg.yield %q : i32
  } -> tensor<3x4xi32>
  return %0, %1 : tensor<3x4xi16>, tensor<3x4xi32>
}

// Bits, which take a byte each.
func.func @any_and_all(%a: tensor<4x5xi1>) -> (tensor<4xi1>, tensor<5xi1>) {
  %t = arith.constant true
  %n = arith.constant false
  %e = tensor.empty() : tensor<4xi1>
  %f = linalg.fill ins(%n : i1) outs(%e : tensor<4xi1>) -> tensor<4xi1>
  %g = tensor.empty() : tensor<5xi1>
  %h = linalg.fill ins(%t : i1) outs(%g : tensor<5xi1>) -> tensor<5xi1>
  %0 = linalg.reduce { arith.ori } ins(%a : tensor<4x5xi1>) outs(%f : tensor<4xi1>) dimensions = [1]
  %1 = linalg.reduce { arith.andi } ins(%a : tensor<4x5xi1>) outs(%h : tensor<5xi1>) dimensions = [0]
  return %0, %1 : tensor<4xi1>, tensor<5xi1>
}

// A structured op in a branch.
func.func @in_branch(%m: memref<4x6xf32>, %a: tensor<4x6xf32>) -> f32 {
  %t = bufferization.to_tensor %m restrict writable : memref<4x6xf32> to tensor<4x6xf32>
  %z = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%a : tensor<4x6xf32>) outs(%z : tensor<f32>) dimensions = [0, 1]
  %h = tensor.extract %s[] : tensor<f32>
  %zero = arith.constant 0.0 : f32
  %c = arith.cmpf ogt, %h, %zero : f32
  %r = scf.if %c -> (tensor<4x6xf32>) {
    %e = tensor.empty() : tensor<4x6xf32>
    %f = linalg.generic {indexing_maps = [affine_map<(i, j) -> (3 - i, 5 - j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        ins(%t : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) {
    ^bb0(%x: f32, %o: f32):
      linalg.yield %x : f32
    } -> tensor<4x6xf32>
    scf.yield %f : tensor<4x6xf32>
  } else {
    scf.yield %t : tensor<4x6xf32>
  }
  bufferization.materialize_in_destination %r in restrict writable %m : (tensor<4x6xf32>, memref<4x6xf32>) -> ()
  return %h : f32
}

// And in a loop.
func.func @in_loop(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%x = %a) -> (tensor<4x4xf32>) {
    %e = tensor.empty() : tensor<4x4xf32>
    %t = linalg.transpose ins(%x : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) permutation = [1, 0]
    %s = arith.addf %t, %a : tensor<4x4xf32>
    scf.yield %s : tensor<4x4xf32>
  }
  return %r : tensor<4x4xf32>
}

func.func @unit_dims(%a: tensor<1x5x1xf32>, %b: tensor<1xf32>) -> (tensor<1x1xf32>, tensor<1x5x1xf32>) {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x1xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<1x1xf32>) -> tensor<1x1xf32>
  %0 = linalg.reduce { arith.addf } ins(%a : tensor<1x5x1xf32>) outs(%f : tensor<1x1xf32>) dimensions = [1]
  %g = tensor.empty() : tensor<1x5x1xf32>
  %1 = linalg.broadcast ins(%b : tensor<1xf32>) outs(%g : tensor<1x5x1xf32>) dimensions = [1, 2]
  return %0, %1 : tensor<1x1xf32>, tensor<1x5x1xf32>
}

// A view with strides.
func.func @slices(%a: tensor<8x6xf32>) -> tensor<3x4xf32> {
  %s = tensor.extract_slice %a[1, 0] [4, 3] [2, 2] : tensor<8x6xf32> to tensor<4x3xf32>
  %e = tensor.empty() : tensor<3x4xf32>
  %t = linalg.transpose ins(%s : tensor<4x3xf32>) outs(%e : tensor<3x4xf32>) permutation = [1, 0]
  return %t : tensor<3x4xf32>
}

func.func @reshaped(%a: tensor<4x6xf32>) -> tensor<6x2x2xf32> {
  %x = tensor.expand_shape %a [[0, 1], [2]] output_shape [2, 2, 6] : tensor<4x6xf32> into tensor<2x2x6xf32>
  %e = tensor.empty() : tensor<6x2x2xf32>
  %t = linalg.transpose ins(%x : tensor<2x2x6xf32>) outs(%e : tensor<6x2x2xf32>) permutation = [2, 0, 1]
  return %t : tensor<6x2x2xf32>
}

func.func @centered_square(%a: tensor<6x8xf32>) -> (tensor<6x8xf32>, f32) {
  %z = arith.constant 0.0 : f32
  %n = arith.constant 8.0 : f32
  %e = tensor.empty() : tensor<6xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<6xf32>) -> tensor<6xf32>
  %0 = linalg.reduce { arith.addf } ins(%a : tensor<6x8xf32>) outs(%f : tensor<6xf32>) dimensions = [1]
  %k = tensor.splat %n : tensor<6xf32>
  %m = arith.divf %0, %k : tensor<6xf32>
  %g = tensor.empty() : tensor<6x8xf32>
  %w = linalg.broadcast ins(%m : tensor<6xf32>) outs(%g : tensor<6x8xf32>) dimensions = [1]
  %r = arith.subf %a, %w : tensor<6x8xf32>
  %q = arith.mulf %r, %r : tensor<6x8xf32>
  %i = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%q : tensor<6x8xf32>) outs(%i : tensor<f32>) dimensions = [0, 1]
  %h = tensor.extract %s[] : tensor<f32>
  return %r, %h : tensor<6x8xf32>, f32
}

func.func @index_reduction(%a: tensor<5x4xindex>) -> tensor<5xindex> {
  %z = arith.constant 0 : index
  %e = tensor.empty() : tensor<5xindex>
  %f = linalg.fill ins(%z : index) outs(%e : tensor<5xindex>) -> tensor<5xindex>
  %0 = linalg.reduce { arith.addi } ins(%a : tensor<5x4xindex>) outs(%f : tensor<5xindex>) dimensions = [1]
  return %0 : tensor<5xindex>
}

// An op that reads nothing.
func.func @no_input(%m: memref<3x4xf32>) {
  %e = tensor.empty() : tensor<3x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      outs(%e : tensor<3x4xf32>) {
  ^bb0(%o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %s = arith.addi %i, %j : index
    %k = arith.index_cast %s : index to i32
    %x = arith.sitofp %k : i32 to f32
    linalg.yield %x : f32
  } -> tensor<3x4xf32>
  bufferization.materialize_in_destination %0 in restrict writable %m : (tensor<3x4xf32>, memref<3x4xf32>) -> ()
  return
}

// Two indices of one loop.
func.func @diagonal(%a: tensor<5x5xf32>) -> (tensor<5xf32>, tensor<f32>) {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<5xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i, i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%a : tensor<5x5xf32>) outs(%e : tensor<5xf32>) {
  ^bb0(%x: f32, %o: f32):
    linalg.yield %x : f32
  } -> tensor<5xf32>
  %g = tensor.empty() : tensor<f32>
  %h = linalg.fill ins(%z : f32) outs(%g : tensor<f32>) -> tensor<f32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i, i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%a : tensor<5x5xf32>) outs(%h : tensor<f32>) {
  ^bb0(%x: f32, %s: f32):
    %t = arith.addf %s, %x : f32
    linalg.yield %t : f32
  } -> tensor<f32>
  return %0, %1 : tensor<5xf32>, tensor<f32>
}
