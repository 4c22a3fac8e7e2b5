// RUN: graph-opt %s --pass-pipeline='builtin.module(func.func(reroll-scalars{min-steps=3}))' | FileCheck %s
// SEVERE (wrong numbers). emitLoop maps the initial value to the loop's carried
// value and clones with that mapping; a step that also uses the initial value for
// something else then reads the running value. Map only the step's carried
// operand (e.g. clone the step and set operand `carried`), not the value.

// init + x0*init + x1*init + x2*init
// CHECK-LABEL: func.func @initial_value_in_step(
// CHECK:         ^bb0(%{{.*}}: tensor<3xf32>, %[[INIT:.*]]: f32):
// CHECK:           scf.for {{.*}} iter_args(%[[S:.*]] = %[[INIT]])
// CHECK:             %[[Y:.*]] = arith.mulf %{{.*}}, %[[INIT]]
// CHECK:             arith.addf %[[S]], %[[Y]]
func.func @initial_value_in_step(%p: tensor<3xf32>, %i: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p, %i : tensor<3xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l: tensor<3xf32>, %init: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l[%c0] : tensor<3xf32>
    %y0 = arith.mulf %x0, %init : f32
    %a0 = arith.addf %init, %y0 : f32
    %x1 = tensor.extract %l[%c1] : tensor<3xf32>
    %y1 = arith.mulf %x1, %init : f32
    %a1 = arith.addf %a0, %y1 : f32
    %x2 = tensor.extract %l[%c2] : tensor<3xf32>
    %y2 = arith.mulf %x2, %init : f32
    %a2 = arith.addf %a1, %y2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// x0 + x0*x1 + x1*x2 + x2*x3: the initial value is the first element.
// CHECK-LABEL: func.func @first_element_is_initial(
// CHECK:           scf.for %[[I:.*]] = {{.*}} iter_args(%[[S:.*]] = %{{.*}})
// CHECK-DAG:         %[[X:.*]] = tensor.extract %{{.*}}[%[[I]]]
// CHECK:             %[[Y:.*]] = arith.mulf %[[X]], %{{.*}}
// CHECK:             arith.addf %[[S]], %[[Y]]
func.func @first_element_is_initial(%p: tensor<5xf32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p : tensor<5xf32>) -> tensor<f32> {
  ^bb0(%l: tensor<5xf32>):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %x0 = tensor.extract %l[%c0] : tensor<5xf32>
    %x1 = tensor.extract %l[%c1] : tensor<5xf32>
    %x2 = tensor.extract %l[%c2] : tensor<5xf32>
    %x3 = tensor.extract %l[%c3] : tensor<5xf32>
    %y0 = arith.mulf %x0, %x1 : f32
    %a0 = arith.addf %x0, %y0 : f32
    %y1 = arith.mulf %x1, %x2 : f32
    %a1 = arith.addf %a0, %y1 : f32
    %y2 = arith.mulf %x2, %x3 : f32
    %a2 = arith.addf %a1, %y2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// x0*x0 * x1 * x2: both operands of the first step are one value.
// CHECK-LABEL: func.func @both_operands(
// CHECK:           scf.for %[[I:.*]] = {{.*}} iter_args(%[[S:.*]] = %{{.*}})
// CHECK:             %[[X:.*]] = tensor.extract %{{.*}}[%[[I]]]
// CHECK:             arith.mulf %[[S]], %[[X]]
func.func @both_operands(%p: tensor<5xf32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p : tensor<5xf32>) -> tensor<f32> {
  ^bb0(%l: tensor<5xf32>):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l[%c0] : tensor<5xf32>
    %x1 = tensor.extract %l[%c1] : tensor<5xf32>
    %x2 = tensor.extract %l[%c2] : tensor<5xf32>
    %a0 = arith.mulf %x0, %x0 : f32
    %a1 = arith.mulf %a0, %x1 : f32
    %a2 = arith.mulf %a1, %x2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// 0 + max(x0, 0) + max(x1, 0) + max(x2, 0) after CSE: the constant of the step is
// the initial value. This is how it meets programs that people write.
// CHECK-LABEL: func.func @initial_constant(
// CHECK:           %[[ZERO:.*]] = arith.constant 0.0
// CHECK:           scf.for {{.*}} iter_args(%[[S:.*]] = %[[ZERO]])
// CHECK:             arith.maximumf %{{.*}}, %[[ZERO]]
func.func @initial_constant(%p: tensor<3xf32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p : tensor<3xf32>) -> tensor<f32> {
  ^bb0(%l: tensor<3xf32>):
    %z = arith.constant 0.0 : f32
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l[%c0] : tensor<3xf32>
    %y0 = arith.maximumf %x0, %z : f32
    %a0 = arith.addf %z, %y0 : f32
    %x1 = tensor.extract %l[%c1] : tensor<3xf32>
    %y1 = arith.maximumf %x1, %z : f32
    %a1 = arith.addf %a0, %y1 : f32
    %x2 = tensor.extract %l[%c2] : tensor<3xf32>
    %y2 = arith.maximumf %x2, %z : f32
    %a2 = arith.addf %a1, %y2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}
