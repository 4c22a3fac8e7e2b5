// RUN: graph-opt %s --pass-pipeline='builtin.module(func.func(reroll-scalars{min-steps=3}))' | FileCheck %s
// RUN: graph-opt %s --pass-pipeline='builtin.module(func.func(reroll-scalars{min-steps=3}))' --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o %t
// RUN: not graph-opt %s --pass-pipeline='builtin.module(func.func(reroll-scalars{min-steps=1}))' 2>&1 | FileCheck %s --check-prefix=MIN

// Tests that a loop has two turns at least.
// MIN: error: min-steps must be at least 2

// Tests that a chain stays if something else looks at a step in the middle.
// CHECK-LABEL: func.func @step_used_elsewhere(
// CHECK-NOT:     scf.for
// CHECK:         tseq.yield
func.func @step_used_elsewhere(%p0: tensor<3xf32>, %i0: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %r:2 = tseq.scalar ins(%p0, %i0 : tensor<3xf32>, tensor<f32>) -> tensor<f32>, tensor<f32> {
  ^bb0(%l0: tensor<3xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l0[%c0] : tensor<3xf32>
    %a0 = arith.addf %s0, %x0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<3xf32>
    %a1 = arith.addf %a0, %x1 : f32
    %x2 = tensor.extract %l0[%c2] : tensor<3xf32>
    %a2 = arith.addf %a1, %x2 : f32
    tseq.yield %a2, %a1 : f32, f32
  }
  return %r#0, %r#1 : tensor<f32>, tensor<f32>
}

// Tests that a gap in the elements ends a chain: both parts are too short here.
// CHECK-LABEL: func.func @gap(
// CHECK-NOT:     scf.for
// CHECK:         tseq.yield
func.func @gap(%p0: tensor<5xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<5xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<5xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %c4 = arith.constant 4 : index
    %x0 = tensor.extract %l0[%c0] : tensor<5xf32>
    %a0 = arith.addf %s0, %x0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<5xf32>
    %a1 = arith.addf %a0, %x1 : f32
    %x3 = tensor.extract %l0[%c3] : tensor<5xf32>
    %a2 = arith.addf %a1, %x3 : f32
    %x4 = tensor.extract %l0[%c4] : tensor<5xf32>
    %a3 = arith.addf %a2, %x4 : f32
    tseq.yield %a3 : f32
  }
  return %r : tensor<f32>
}

// Tests that elements in no order stay: the loop would change it.
// CHECK-LABEL: func.func @mixed_order(
// CHECK-NOT:     scf.for
// CHECK:         tseq.yield
func.func @mixed_order(%p0: tensor<3xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<3xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<3xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %y0 = tensor.extract %l0[%c1] : tensor<3xf32>
    %a0 = arith.addf %s0, %y0 : f32
    %y1 = tensor.extract %l0[%c2] : tensor<3xf32>
    %a1 = arith.addf %a0, %y1 : f32
    %y2 = tensor.extract %l0[%c0] : tensor<3xf32>
    %a2 = arith.addf %a1, %y2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// Tests that a step with another constant than its neighbours is no step.
// CHECK-LABEL: func.func @different_constants(
// CHECK-NOT:     scf.for
// CHECK:         tseq.yield
func.func @different_constants(%p0: tensor<3xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<3xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<3xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %half = arith.constant 0.5 : f32
    %third = arith.constant 0.3 : f32
    %x0 = tensor.extract %l0[%c0] : tensor<3xf32>
    %y0 = arith.mulf %x0, %half : f32
    %a0 = arith.addf %s0, %y0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<3xf32>
    %y1 = arith.mulf %x1, %third : f32
    %a1 = arith.addf %a0, %y1 : f32
    %x2 = tensor.extract %l0[%c2] : tensor<3xf32>
    %y2 = arith.mulf %x2, %half : f32
    %a2 = arith.addf %a1, %y2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// Tests that a step with other attributes is no step.
// CHECK-LABEL: func.func @different_attributes(
// CHECK-NOT:     scf.for
// CHECK:         tseq.yield
func.func @different_attributes(%p0: tensor<3xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<3xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<3xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l0[%c0] : tensor<3xf32>
    %a0 = arith.addf %s0, %x0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<3xf32>
    %a1 = arith.addf %a0, %x1 fastmath<contract> : f32
    %x2 = tensor.extract %l0[%c2] : tensor<3xf32>
    %a2 = arith.addf %a1, %x2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// Tests that a chain with less steps than min-steps stays.
// CHECK-LABEL: func.func @too_few_steps(
// CHECK-NOT:     scf.for
// CHECK:         tseq.yield
func.func @too_few_steps(%p0: tensor<2xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<2xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<2xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %x0 = tensor.extract %l0[%c0] : tensor<2xf32>
    %a0 = arith.addf %s0, %x0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<2xf32>
    %a1 = arith.addf %a0, %x1 : f32
    tseq.yield %a1 : f32
  }
  return %r : tensor<f32>
}

// Tests that elements of different lists make no chain.
// CHECK-LABEL: func.func @different_lists(
// CHECK-NOT:     scf.for
// CHECK:         tseq.yield
func.func @different_lists(%p0: tensor<3xf32>, %p1: tensor<3xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %p1, %i0 : tensor<3xf32>, tensor<3xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<3xf32>, %l1: tensor<3xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l0[%c0] : tensor<3xf32>
    %x1 = tensor.extract %l1[%c1] : tensor<3xf32>
    %x2 = tensor.extract %l0[%c2] : tensor<3xf32>
    %a0 = arith.addf %s0, %x0 : f32
    %a1 = arith.addf %a0, %x1 : f32
    %a2 = arith.addf %a1, %x2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// Tests that the carried value must stay on its side.
// CHECK-LABEL: func.func @other_side(
// CHECK-NOT:     scf.for
// CHECK:         tseq.yield
func.func @other_side(%p0: tensor<3xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<3xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<3xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l0[%c0] : tensor<3xf32>
    %a0 = arith.subf %s0, %x0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<3xf32>
    %a1 = arith.subf %x1, %a0 : f32
    %x2 = tensor.extract %l0[%c2] : tensor<3xf32>
    %a2 = arith.subf %a1, %x2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// Tests that steps which all join the same value stay.
// CHECK-LABEL: func.func @no_elements(
// CHECK-NOT:     scf.for
// CHECK:         tseq.yield
func.func @no_elements(%i0: tensor<f32>, %i1: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%i0, %i1 : tensor<f32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%s0: f32, %s1: f32):
    %y = math.sqrt %s1 : f32
    %a0 = arith.addf %s0, %y : f32
    %a1 = arith.addf %a0, %y : f32
    %a2 = arith.addf %a1, %y : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

func.func private @host(f32) -> f32

// Tests that steps with side effects stay, each in its place.
// CHECK-LABEL: func.func @side_effects(
// CHECK-NOT:     scf.for
// CHECK:         tseq.yield
func.func @side_effects(%p0: tensor<3xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<3xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<3xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l0[%c0] : tensor<3xf32>
    %y0 = func.call @host(%x0) : (f32) -> f32
    %a0 = arith.addf %s0, %y0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<3xf32>
    %y1 = func.call @host(%x1) : (f32) -> f32
    %a1 = arith.addf %a0, %y1 : f32
    %x2 = tensor.extract %l0[%c2] : tensor<3xf32>
    %y2 = func.call @host(%x2) : (f32) -> f32
    %a2 = arith.addf %a1, %y2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}
