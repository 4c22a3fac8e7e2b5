// REQUIRES: libdevice
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_90 stop-after=graphs" | FileCheck %s --implicit-check-not=linalg. --implicit-check-not=tensor.
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_90" | FileCheck %s --check-prefix=CODE
// RUN: %python %S/Inputs/verify_functions.py %build/bin/graph-run %s | FileCheck %s --check-prefix=HOST

// Tests the same as structured-cases.mlir for ops with functions of libdevice.
// CHECK-COUNT-4: cudagraph.launch
// CHECK:     gpu.module
// CODE:      @graphopt_kernels.image(
// HOST:      4 of 4 functions are right

func.func @softmax(%a: tensor<4x9xf32>) -> tensor<4x9xf32> {
  %e = tensor.empty() : tensor<4x9xf32>
  %0 = linalg.softmax dimension(1) ins(%a : tensor<4x9xf32>) outs(%e : tensor<4x9xf32>) -> tensor<4x9xf32>
  return %0 : tensor<4x9xf32>
}

func.func @softmax_by_hand(%a: tensor<4x9xbf16>) -> tensor<4x9xbf16> {
  %m = arith.constant 0xFF80 : bf16
  %z = arith.constant 0.0 : bf16
  %e = tensor.empty() : tensor<4xbf16>
  %f = linalg.fill ins(%m : bf16) outs(%e : tensor<4xbf16>) -> tensor<4xbf16>
  %g = linalg.fill ins(%z : bf16) outs(%e : tensor<4xbf16>) -> tensor<4xbf16>
  %max = linalg.reduce { arith.maximumf } ins(%a : tensor<4x9xbf16>) outs(%f : tensor<4xbf16>) dimensions = [1]
  %w = tensor.empty() : tensor<4x9xbf16>
  %wide = linalg.broadcast ins(%max : tensor<4xbf16>) outs(%w : tensor<4x9xbf16>) dimensions = [1]
  %d = arith.subf %a, %wide : tensor<4x9xbf16>
  %x = math.exp %d : tensor<4x9xbf16>
  %sum = linalg.reduce { arith.addf } ins(%x : tensor<4x9xbf16>) outs(%g : tensor<4xbf16>) dimensions = [1]
  %sums = linalg.broadcast ins(%sum : tensor<4xbf16>) outs(%w : tensor<4x9xbf16>) dimensions = [1]
  %r = arith.divf %x, %sums : tensor<4x9xbf16>
  return %r : tensor<4x9xbf16>
}

func.func @layer_norm(%a: tensor<6x16xf16>, %g: tensor<16xf16>) -> tensor<6x16xf16> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<6xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<6xf32>) -> tensor<6xf32>
  %s:2 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%a : tensor<6x16xf16>) outs(%f, %f : tensor<6xf32>, tensor<6xf32>) {
  ^bb0(%x: f16, %m: f32, %q: f32):
    %w = arith.extf %x : f16 to f32
    %t = arith.addf %m, %w : f32
    %y = arith.mulf %w, %w : f32
    %u = arith.addf %q, %y : f32
    linalg.yield %t, %u : f32, f32
  } -> (tensor<6xf32>, tensor<6xf32>)
  %o = tensor.empty() : tensor<6x16xf16>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a, %s#0, %s#1, %g : tensor<6x16xf16>, tensor<6xf32>, tensor<6xf32>, tensor<16xf16>) outs(%o : tensor<6x16xf16>) {
  ^bb0(%x: f16, %m: f32, %q: f32, %k: f16, %out: f16):
    %n = arith.constant 16.0 : f32
    %eps = arith.constant 1.0e-5 : f32
    %w = arith.extf %x : f16 to f32
    %h = arith.extf %k : f16 to f32
    %mean = arith.divf %m, %n : f32
    %square = arith.divf %q, %n : f32
    %mm = arith.mulf %mean, %mean : f32
    %var = arith.subf %square, %mm : f32
    %ve = arith.addf %var, %eps : f32
    %inv = math.rsqrt %ve : f32
    %d = arith.subf %w, %mean : f32
    %p = arith.mulf %d, %inv : f32
    %l = arith.mulf %p, %h : f32
    %c = arith.truncf %l : f32 to f16
    linalg.yield %c : f16
  } -> tensor<6x16xf16>
  return %r : tensor<6x16xf16>
}

func.func @math_in_broadcast(%a: tensor<5xf32>, %b: tensor<3xbf16>) -> tensor<3x5xf32> {
  %e = tensor.empty() : tensor<3x5xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : tensor<5xf32>, tensor<3xbf16>) outs(%e : tensor<3x5xf32>) {
  ^bb0(%x: f32, %y: bf16, %o: f32):
    %t = math.tanh %x : f32
    %u = math.exp %y : bf16
    %w = arith.extf %u : bf16 to f32
    %v = math.powf %w, %t : f32
    %z = math.erf %v : f32
    %c = math.cos %z : f32
    linalg.yield %c : f32
  } -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}
