// RUN: graph-run %s --entry=nested --repeat 3 --device=host --verify | FileCheck %s
// RUN: graph-run %s --entry=crossing --repeat 3 --device=host --verify | FileCheck %s
// RUN: graph-run %s --entry=side_by_side --repeat 3 --device=host --verify | FileCheck %s
// RUN: graph-run %s --entry=branches --arg 2=1.0 --repeat 3 --device=host --verify | FileCheck %s
// RUN: graph-run %s --entry=branches --arg 2=-1.0 --repeat 3 --device=host --verify | FileCheck %s
// RUN: graph-run %s --entry=loop --repeat 3 --device=host --verify | FileCheck %s
// CHECK: verify: ok

// Tests a temporary that is alive while others come and go.
func.func @nested(%x: tensor<12x12xf32>, %y: tensor<12x20xf32>) -> tensor<12x20xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<12x12xf32>
  %f = tensor.empty() : tensor<12x20xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<12x12xf32>) -> tensor<12x12xf32>
  %w = linalg.fill ins(%zero : f32) outs(%f : tensor<12x20xf32>) -> tensor<12x20xf32>
  %long = linalg.matmul ins(%x, %x : tensor<12x12xf32>, tensor<12x12xf32>) outs(%z : tensor<12x12xf32>) -> tensor<12x12xf32>
  %a = linalg.matmul ins(%x, %y : tensor<12x12xf32>, tensor<12x20xf32>) outs(%w : tensor<12x20xf32>) -> tensor<12x20xf32>
  %b = linalg.matmul ins(%x, %a : tensor<12x12xf32>, tensor<12x20xf32>) outs(%w : tensor<12x20xf32>) -> tensor<12x20xf32>
  %c = linalg.matmul ins(%x, %b : tensor<12x12xf32>, tensor<12x20xf32>) outs(%w : tensor<12x20xf32>) -> tensor<12x20xf32>
  %d = linalg.matmul ins(%x, %c : tensor<12x12xf32>, tensor<12x20xf32>) outs(%w : tensor<12x20xf32>) -> tensor<12x20xf32>
  %r = linalg.matmul ins(%long, %d : tensor<12x12xf32>, tensor<12x20xf32>) outs(%w : tensor<12x20xf32>) -> tensor<12x20xf32>
  return %r : tensor<12x20xf32>
}

// Tests temporaries of different sizes each of which ends while the next but
// one is alive.
func.func @crossing(%x: tensor<16x16xf32>, %y: tensor<16x9xf32>) -> (tensor<16x9xf32>, tensor<9x9xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<16x16xf32>
  %f = tensor.empty() : tensor<16x9xf32>
  %g = tensor.empty() : tensor<9x16xf32>
  %h = tensor.empty() : tensor<9x9xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<16x16xf32>) -> tensor<16x16xf32>
  %w = linalg.fill ins(%zero : f32) outs(%f : tensor<16x9xf32>) -> tensor<16x9xf32>
  %v = linalg.fill ins(%zero : f32) outs(%h : tensor<9x9xf32>) -> tensor<9x9xf32>
  %a = linalg.matmul ins(%x, %x : tensor<16x16xf32>, tensor<16x16xf32>) outs(%z : tensor<16x16xf32>) -> tensor<16x16xf32>
  %b = linalg.matmul ins(%x, %y : tensor<16x16xf32>, tensor<16x9xf32>) outs(%w : tensor<16x9xf32>) -> tensor<16x9xf32>
  %c = linalg.matmul ins(%a, %b : tensor<16x16xf32>, tensor<16x9xf32>) outs(%w : tensor<16x9xf32>) -> tensor<16x9xf32>
  %t = linalg.transpose ins(%b : tensor<16x9xf32>) outs(%g : tensor<9x16xf32>) permutation = [1, 0]
  %d = linalg.matmul ins(%t, %c : tensor<9x16xf32>, tensor<16x9xf32>) outs(%v : tensor<9x9xf32>) -> tensor<9x9xf32>
  %r = linalg.matmul ins(%c, %d : tensor<16x9xf32>, tensor<9x9xf32>) outs(%w : tensor<16x9xf32>) -> tensor<16x9xf32>
  %s = linalg.matmul ins(%t, %r : tensor<9x16xf32>, tensor<16x9xf32>) outs(%v : tensor<9x9xf32>) -> tensor<9x9xf32>
  return %r, %s : tensor<16x9xf32>, tensor<9x9xf32>
}

// Tests two chains that do not depend on each other until the end.
func.func @side_by_side(%x: tensor<10x10xf32>, %y: tensor<10x10xf32>) -> tensor<10x10xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<10x10xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<10x10xf32>) -> tensor<10x10xf32>
  %a0 = linalg.matmul ins(%x, %x : tensor<10x10xf32>, tensor<10x10xf32>) outs(%z : tensor<10x10xf32>) -> tensor<10x10xf32>
  %b0 = linalg.matmul ins(%y, %y : tensor<10x10xf32>, tensor<10x10xf32>) outs(%z : tensor<10x10xf32>) -> tensor<10x10xf32>
  %a1 = linalg.matmul ins(%x, %a0 : tensor<10x10xf32>, tensor<10x10xf32>) outs(%z : tensor<10x10xf32>) -> tensor<10x10xf32>
  %b1 = linalg.matmul ins(%y, %b0 : tensor<10x10xf32>, tensor<10x10xf32>) outs(%z : tensor<10x10xf32>) -> tensor<10x10xf32>
  %a2 = linalg.matmul ins(%x, %a1 : tensor<10x10xf32>, tensor<10x10xf32>) outs(%z : tensor<10x10xf32>) -> tensor<10x10xf32>
  %b2 = linalg.matmul ins(%y, %b1 : tensor<10x10xf32>, tensor<10x10xf32>) outs(%z : tensor<10x10xf32>) -> tensor<10x10xf32>
  %c = linalg.matmul ins(%a2, %b2 : tensor<10x10xf32>, tensor<10x10xf32>) outs(%z : tensor<10x10xf32>) -> tensor<10x10xf32>
  %d = linalg.matmul ins(%c, %c : tensor<10x10xf32>, tensor<10x10xf32>) outs(%z : tensor<10x10xf32>) -> tensor<10x10xf32>
  return %d : tensor<10x10xf32>
}

// Tests temporaries of both branches of a conditional node beside those that
// are alive across it.
func.func @branches(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>, %s: tensor<f32>) -> tensor<8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %across = linalg.matmul ins(%x, %y : tensor<8x8xf32>, tensor<8x8xf32>) outs(%z : tensor<8x8xf32>) -> tensor<8x8xf32>
  %v = tensor.extract %s[] : tensor<f32>
  %c = arith.cmpf ogt, %v, %zero : f32
  %r = scf.if %c -> tensor<8x8xf32> {
    %a = linalg.matmul ins(%x, %x : tensor<8x8xf32>, tensor<8x8xf32>) outs(%z : tensor<8x8xf32>) -> tensor<8x8xf32>
    %b = linalg.matmul ins(%a, %x : tensor<8x8xf32>, tensor<8x8xf32>) outs(%z : tensor<8x8xf32>) -> tensor<8x8xf32>
    %d = linalg.matmul ins(%b, %a : tensor<8x8xf32>, tensor<8x8xf32>) outs(%z : tensor<8x8xf32>) -> tensor<8x8xf32>
    scf.yield %d : tensor<8x8xf32>
  } else {
    %a = linalg.matmul ins(%y, %y : tensor<8x8xf32>, tensor<8x8xf32>) outs(%z : tensor<8x8xf32>) -> tensor<8x8xf32>
    %b = linalg.matmul ins(%a, %y : tensor<8x8xf32>, tensor<8x8xf32>) outs(%z : tensor<8x8xf32>) -> tensor<8x8xf32>
    scf.yield %b : tensor<8x8xf32>
  } {graphopt.branch = "conditional"}
  %t = linalg.matmul ins(%r, %y : tensor<8x8xf32>, tensor<8x8xf32>) outs(%z : tensor<8x8xf32>) -> tensor<8x8xf32>
  %u = linalg.matmul ins(%t, %across : tensor<8x8xf32>, tensor<8x8xf32>) outs(%z : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %u : tensor<8x8xf32>
}

// Tests temporaries of the turns of a loop, and one that is read in each turn.
func.func @loop(%x: tensor<6x6xf32>, %y: tensor<6x6xf32>) -> tensor<6x6xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %limit = arith.constant 5.0 : f32
  %e = tensor.empty() : tensor<6x6xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<6x6xf32>) -> tensor<6x6xf32>
  %across = linalg.matmul ins(%x, %y : tensor<6x6xf32>, tensor<6x6xf32>) outs(%z : tensor<6x6xf32>) -> tensor<6x6xf32>
  %n0 = tensor.splat %zero : tensor<f32>
  %r:2 = scf.while (%n = %n0, %m = %x) : (tensor<f32>, tensor<6x6xf32>) -> (tensor<f32>, tensor<6x6xf32>) {
    %v = tensor.extract %n[] : tensor<f32>
    %c = arith.cmpf olt, %v, %limit : f32
    scf.condition(%c) %n, %m : tensor<f32>, tensor<6x6xf32>
  } do {
  ^bb0(%n: tensor<f32>, %m: tensor<6x6xf32>):
    %v = tensor.extract %n[] : tensor<f32>
    %w = arith.addf %v, %one : f32
    %n1 = tensor.from_elements %w : tensor<f32>
    %a = linalg.matmul ins(%m, %across : tensor<6x6xf32>, tensor<6x6xf32>) outs(%z : tensor<6x6xf32>) -> tensor<6x6xf32>
    %b = linalg.matmul ins(%a, %y : tensor<6x6xf32>, tensor<6x6xf32>) outs(%z : tensor<6x6xf32>) -> tensor<6x6xf32>
    %t = math.tanh %b : tensor<6x6xf32>
    scf.yield %n1, %t : tensor<f32>, tensor<6x6xf32>
  }
  %u = linalg.matmul ins(%r#1, %across : tensor<6x6xf32>, tensor<6x6xf32>) outs(%z : tensor<6x6xf32>) -> tensor<6x6xf32>
  return %u : tensor<6x6xf32>
}
