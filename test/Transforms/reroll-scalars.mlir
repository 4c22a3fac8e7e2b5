// RUN: graph-opt %s --pass-pipeline='builtin.module(func.func(reroll-scalars{min-steps=3}))' | FileCheck %s
// RUN: graph-opt %s --pass-pipeline='builtin.module(func.func(reroll-scalars{min-steps=3}))' --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o %t
// RUN: graph-opt %s --reroll-scalars | FileCheck %s --check-prefix=DEFAULT

// Tests a sum of norms: the loop joins in the order of the steps, and nothing of
// the steps is left.
// CHECK-LABEL: func.func @sum_of_norms(
// CHECK-NEXT:    tseq.scalar
// CHECK-NEXT:    ^bb0(%[[P:.*]]: tensor<3xf32>, %[[INIT:.*]]: f32):
// CHECK-DAG:       %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-DAG:       %[[ONE:.*]] = arith.constant 1 : index
// CHECK-DAG:       %[[END:.*]] = arith.constant 3 : index
// CHECK:      %[[R:.*]] = scf.for %[[I:.*]] = %[[ZERO]] to %[[END]] step %[[ONE]] iter_args(%[[S:.*]] = %[[INIT]]) -> (f32) {
// CHECK-NEXT:        %[[X:.*]] = tensor.extract %[[P]][%[[I]]] : tensor<3xf32>
// CHECK-NEXT:        %[[Y:.*]] = math.sqrt %[[X]] : f32
// CHECK-NEXT:        %[[A:.*]] = arith.addf %[[S]], %[[Y]] : f32
// CHECK-NEXT:        scf.yield %[[A]] : f32
// CHECK-NEXT:      }
// CHECK-NEXT:      tseq.yield %[[R]] : f32
func.func @sum_of_norms(%p0: tensor<3xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<3xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<3xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l0[%c0] : tensor<3xf32>
    %y0 = math.sqrt %x0 : f32
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=3}}
    %a0 = arith.addf %s0, %y0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<3xf32>
    %y1 = math.sqrt %x1 : f32
    %a1 = arith.addf %a0, %y1 : f32
    %x2 = tensor.extract %l0[%c2] : tensor<3xf32>
    %y2 = math.sqrt %x2 : f32
    %a2 = arith.addf %a1, %y2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// Tests a chain of maxima, and that attributes stay.
// CHECK-LABEL: func.func @maximum(
// CHECK:           scf.for %[[I:.*]] = {{.*}} iter_args(%[[S:.*]] = %{{.*}}) -> (f32) {
// CHECK-NEXT:        %[[X:.*]] = tensor.extract %{{.*}}[%[[I]]]
// CHECK-NEXT:        arith.maximumf %[[S]], %[[X]] fastmath<nnan> : f32
func.func @maximum(%p0: tensor<3xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<3xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<3xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l0[%c0] : tensor<3xf32>
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=3}}
    %a0 = arith.maximumf %s0, %x0 fastmath<nnan> : f32
    %x1 = tensor.extract %l0[%c1] : tensor<3xf32>
    %a1 = arith.maximumf %a0, %x1 fastmath<nnan> : f32
    %x2 = tensor.extract %l0[%c2] : tensor<3xf32>
    %a2 = arith.maximumf %a1, %x2 fastmath<nnan> : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// Tests a product over two lists of different lengths, with a value that all
// steps share.
// CHECK-LABEL: func.func @product_of_lists(
// CHECK:         ^bb0(%[[P:.*]]: tensor<4xf32>, %[[Q:.*]]: tensor<3xf32>, %[[INIT:.*]]: f32, %[[SHARED:.*]]: f32):
// CHECK-DAG:       %[[END:.*]] = arith.constant 3 : index
// CHECK:           scf.for %[[I:.*]] = %{{.*}} to %[[END]] step %{{.*}} iter_args(%[[S:.*]] = %[[INIT]])
// CHECK-NEXT:        %[[X:.*]] = tensor.extract %[[P]][%[[I]]]
// CHECK-NEXT:        %[[Y:.*]] = tensor.extract %[[Q]][%[[I]]]
// CHECK-NEXT:        %[[Z:.*]] = arith.mulf %[[X]], %[[Y]]
// CHECK-NEXT:        %[[W:.*]] = arith.divf %[[Z]], %[[SHARED]]
// CHECK-NEXT:        arith.mulf %[[S]], %[[W]]
func.func @product_of_lists(%p0: tensor<4xf32>, %p1: tensor<3xf32>, %i0: tensor<f32>, %i1: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %p1, %i0, %i1 : tensor<4xf32>, tensor<3xf32>, tensor<f32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<4xf32>, %l1: tensor<3xf32>, %s0: f32, %s1: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l0[%c0] : tensor<4xf32>
    %y0 = tensor.extract %l1[%c0] : tensor<3xf32>
    %z0 = arith.mulf %x0, %y0 : f32
    %w0 = arith.divf %z0, %s1 : f32
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=3}}
    %a0 = arith.mulf %s0, %w0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<4xf32>
    %y1 = tensor.extract %l1[%c1] : tensor<3xf32>
    %z1 = arith.mulf %x1, %y1 : f32
    %w1 = arith.divf %z1, %s1 : f32
    %a1 = arith.mulf %a0, %w1 : f32
    %x2 = tensor.extract %l0[%c2] : tensor<4xf32>
    %y2 = tensor.extract %l1[%c2] : tensor<3xf32>
    %z2 = arith.mulf %x2, %y2 : f32
    %w2 = arith.divf %z2, %s1 : f32
    %a2 = arith.mulf %a1, %w2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// Tests elements that do not start with the first: the loop counts from 0.
// CHECK-LABEL: func.func @later_elements(
// CHECK-DAG:       %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-DAG:       %[[END:.*]] = arith.constant 3 : index
// CHECK:           scf.for %[[I:.*]] = %[[ZERO]] to %[[END]] 
// CHECK-NEXT:        %[[TWO:.*]] = arith.constant 2 : index
// CHECK-NEXT:        %[[AT:.*]] = arith.addi %[[I]], %[[TWO]] : index
// CHECK-NEXT:        tensor.extract %{{.*}}[%[[AT]]]
func.func @later_elements(%p0: tensor<5xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<5xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<5xf32>, %s0: f32):
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %c4 = arith.constant 4 : index
    %x2 = tensor.extract %l0[%c2] : tensor<5xf32>
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=3}}
    %a0 = arith.addf %s0, %x2 : f32
    %x3 = tensor.extract %l0[%c3] : tensor<5xf32>
    %a1 = arith.addf %a0, %x3 : f32
    %x4 = tensor.extract %l0[%c4] : tensor<5xf32>
    %a2 = arith.addf %a1, %x4 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// Tests a step that reads two elements of one list, the second by an offset.
// CHECK-LABEL: func.func @index_offset(
// CHECK:           scf.for %[[I:.*]] = {{.*}} iter_args(%[[S:.*]] =
// CHECK-NEXT:        %[[X:.*]] = tensor.extract %[[P:.*]][%[[I]]]
// CHECK-NEXT:        %[[ONE:.*]] = arith.constant 1 : index
// CHECK-NEXT:        %[[AT:.*]] = arith.addi %[[I]], %[[ONE]]
// CHECK-NEXT:        %[[NEXT:.*]] = tensor.extract %[[P]][%[[AT]]]
// CHECK-NEXT:        %[[Y:.*]] = arith.subf %[[X]], %[[NEXT]]
// CHECK-NEXT:        arith.addf %[[S]], %[[Y]]
func.func @index_offset(%p0: tensor<4xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<4xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<4xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %x0 = tensor.extract %l0[%c0] : tensor<4xf32>
    %x1 = tensor.extract %l0[%c1] : tensor<4xf32>
    %x2 = tensor.extract %l0[%c2] : tensor<4xf32>
    %x3 = tensor.extract %l0[%c3] : tensor<4xf32>
    %y0 = arith.subf %x0, %x1 : f32
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=3}}
    %a0 = arith.addf %s0, %y0 : f32
    %y1 = arith.subf %x1, %x2 : f32
    %a1 = arith.addf %a0, %y1 : f32
    %y2 = arith.subf %x2, %x3 : f32
    %a2 = arith.addf %a1, %y2 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// Tests that the carried value may be the right operand, and stays there.
// CHECK-LABEL: func.func @carried_right(
// CHECK:           scf.for %[[I:.*]] = {{.*}} iter_args(%[[S:.*]] =
// CHECK-NEXT:        %[[X:.*]] = tensor.extract %{{.*}}[%[[I]]]
// CHECK-NEXT:        %[[A:.*]] = arith.subf %[[X]], %[[S]]
// CHECK-NEXT:        scf.yield %[[A]]
func.func @carried_right(%p0: tensor<3xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<3xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<3xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l0[%c0] : tensor<3xf32>
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=3}}
    %a0 = arith.subf %x0, %s0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<3xf32>
    %a1 = arith.subf %x1, %a0 : f32
    %x2 = tensor.extract %l0[%c2] : tensor<3xf32>
    %a2 = arith.subf %x2, %a1 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// Tests a sum without an initial value: its first element is that.
// CHECK-LABEL: func.func @first_element_carried(
// CHECK:           %[[FIRST:.*]] = tensor.extract %[[P:.*]][%c0]
// CHECK:           scf.for %[[I:.*]] = {{.*}} iter_args(%[[S:.*]] = %[[FIRST]])
// CHECK:             %[[AT:.*]] = arith.addi %[[I]], %{{.*}}
// CHECK-NEXT:        %[[X:.*]] = tensor.extract %[[P]][%[[AT]]]
// CHECK-NEXT:        arith.addf %[[S]], %[[X]]
func.func @first_element_carried(%p0: tensor<4xf32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0 : tensor<4xf32>) -> tensor<f32> {
  ^bb0(%l0: tensor<4xf32>):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %x0 = tensor.extract %l0[%c0] : tensor<4xf32>
    %x1 = tensor.extract %l0[%c1] : tensor<4xf32>
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=3}}
    %a0 = arith.addf %x0, %x1 : f32
    %x2 = tensor.extract %l0[%c2] : tensor<4xf32>
    %a1 = arith.addf %a0, %x2 : f32
    %x3 = tensor.extract %l0[%c3] : tensor<4xf32>
    %a2 = arith.addf %a1, %x3 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}

// Tests two chains in one scalar, side by side over one list.
// CHECK-LABEL: func.func @two_chains(
// CHECK:           %[[SUM:.*]] = scf.for {{.*}} to %c3{{.*}} {
// CHECK:             arith.addf
// CHECK:           %[[MAX:.*]] = scf.for {{.*}} to %c4{{.*}} {
// CHECK:             arith.maximumf
// CHECK:           arith.divf %[[SUM]], %[[MAX]]
func.func @two_chains(%p0: tensor<4xf32>, %i0: tensor<f32>, %i1: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0, %i1 : tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<4xf32>, %s0: f32, %s1: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %x0 = tensor.extract %l0[%c0] : tensor<4xf32>
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=3}}
    %a0 = arith.addf %s0, %x0 : f32
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=4}}
    %b0 = arith.maximumf %s1, %x0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<4xf32>
    %a1 = arith.addf %a0, %x1 : f32
    %b1 = arith.maximumf %b0, %x1 : f32
    %x2 = tensor.extract %l0[%c2] : tensor<4xf32>
    %a2 = arith.addf %a1, %x2 : f32
    %b2 = arith.maximumf %b1, %x2 : f32
    %x3 = tensor.extract %l0[%c3] : tensor<4xf32>
    %b3 = arith.maximumf %b2, %x3 : f32
    %d = arith.divf %a2, %b3 : f32
    tseq.yield %d : f32
  }
  return %r : tensor<f32>
}

// Tests that a chain may start with what another one made, and that an element
// with another use stays.
// CHECK-LABEL: func.func @chain_after_chain(
// CHECK:           %[[X:.*]] = tensor.extract %{{.*}}[%c0]
// CHECK:           %[[SUM:.*]] = scf.for 
// CHECK:           %[[BETWEEN:.*]] = arith.mulf %[[SUM]], %[[X]]
// CHECK:           %[[PRODUCT:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[BETWEEN]])
// CHECK:           tseq.yield %[[PRODUCT]]
func.func @chain_after_chain(%p0: tensor<3xf32>, %p1: tensor<3xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %p1, %i0 : tensor<3xf32>, tensor<3xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<3xf32>, %l1: tensor<3xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x0 = tensor.extract %l0[%c0] : tensor<3xf32>
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=3}}
    %a0 = arith.addf %s0, %x0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<3xf32>
    %a1 = arith.addf %a0, %x1 : f32
    %x2 = tensor.extract %l0[%c2] : tensor<3xf32>
    %a2 = arith.addf %a1, %x2 : f32
    %m0 = arith.mulf %a2, %x0 : f32
    %y0 = tensor.extract %l1[%c0] : tensor<3xf32>
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=3}}
    %b0 = arith.mulf %m0, %y0 : f32
    %y1 = tensor.extract %l1[%c1] : tensor<3xf32>
    %b1 = arith.mulf %b0, %y1 : f32
    %y2 = tensor.extract %l1[%c2] : tensor<3xf32>
    %b2 = arith.mulf %b1, %y2 : f32
    tseq.yield %b2 : f32
  }
  return %r : tensor<f32>
}

// Tests that eight steps are enough without the option.
// DEFAULT-LABEL: func.func @eight_steps(
// DEFAULT:         scf.for
// DEFAULT:         tseq.yield
func.func @eight_steps(%p0: tensor<8xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<8xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<8xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %c4 = arith.constant 4 : index
    %c5 = arith.constant 5 : index
    %c6 = arith.constant 6 : index
    %c7 = arith.constant 7 : index
    %x0 = tensor.extract %l0[%c0] : tensor<8xf32>
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=8}}
    %a0 = arith.addf %s0, %x0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<8xf32>
    %a1 = arith.addf %a0, %x1 : f32
    %x2 = tensor.extract %l0[%c2] : tensor<8xf32>
    %a2 = arith.addf %a1, %x2 : f32
    %x3 = tensor.extract %l0[%c3] : tensor<8xf32>
    %a3 = arith.addf %a2, %x3 : f32
    %x4 = tensor.extract %l0[%c4] : tensor<8xf32>
    %a4 = arith.addf %a3, %x4 : f32
    %x5 = tensor.extract %l0[%c5] : tensor<8xf32>
    %a5 = arith.addf %a4, %x5 : f32
    %x6 = tensor.extract %l0[%c6] : tensor<8xf32>
    %a6 = arith.addf %a5, %x6 : f32
    %x7 = tensor.extract %l0[%c7] : tensor<8xf32>
    %a7 = arith.addf %a6, %x7 : f32
    tseq.yield %a7 : f32
  }
  return %r : tensor<f32>
}

// Tests that seven steps are not.
// DEFAULT-LABEL: func.func @seven_steps(
// DEFAULT-NOT:     scf.for
// DEFAULT:         tseq.yield
func.func @seven_steps(%p0: tensor<7xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<7xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<7xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %c4 = arith.constant 4 : index
    %c5 = arith.constant 5 : index
    %c6 = arith.constant 6 : index
    %x0 = tensor.extract %l0[%c0] : tensor<7xf32>
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=7}}
    %a0 = arith.addf %s0, %x0 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<7xf32>
    %a1 = arith.addf %a0, %x1 : f32
    %x2 = tensor.extract %l0[%c2] : tensor<7xf32>
    %a2 = arith.addf %a1, %x2 : f32
    %x3 = tensor.extract %l0[%c3] : tensor<7xf32>
    %a3 = arith.addf %a2, %x3 : f32
    %x4 = tensor.extract %l0[%c4] : tensor<7xf32>
    %a4 = arith.addf %a3, %x4 : f32
    %x5 = tensor.extract %l0[%c5] : tensor<7xf32>
    %a5 = arith.addf %a4, %x5 : f32
    %x6 = tensor.extract %l0[%c6] : tensor<7xf32>
    %a6 = arith.addf %a5, %x6 : f32
    tseq.yield %a6 : f32
  }
  return %r : tensor<f32>
}

// Tests that a chain from the last element to the first becomes a loop that
// goes the same way.
// CHECK-LABEL: func.func @descending(
// CHECK:         tseq.scalar ins(%{{.*}}, %{{.*}} : tensor<3xf32>, tensor<f32>)
// CHECK-NEXT:    ^bb0(%[[L:.*]]: tensor<3xf32>, %[[S:.*]]: f32):
// CHECK:           %[[R:.*]] = scf.for %[[T:.*]] = %c0 to %c3 step %c1 iter_args(%[[A:.*]] = %[[S]]) -> (f32)
// CHECK:             %[[I:.*]] = arith.subi %c2, %[[T]] : index
// CHECK:             %[[X:.*]] = tensor.extract %[[L]][%[[I]]]
// CHECK:             %[[N:.*]] = arith.addf %[[A]], %[[X]]
// CHECK:             scf.yield %[[N]]
// CHECK:           tseq.yield %[[R]]
func.func @descending(%p0: tensor<3xf32>, %i0: tensor<f32>) -> tensor<f32> {
  %r = tseq.scalar ins(%p0, %i0 : tensor<3xf32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%l0: tensor<3xf32>, %s0: f32):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %x2 = tensor.extract %l0[%c2] : tensor<3xf32>
    // expected-remark @+1 {{rerolled | Category:graph-opt | steps=3}}
    %a0 = arith.addf %s0, %x2 : f32
    %x1 = tensor.extract %l0[%c1] : tensor<3xf32>
    %a1 = arith.addf %a0, %x1 : f32
    %x0 = tensor.extract %l0[%c0] : tensor<3xf32>
    %a2 = arith.addf %a1, %x0 : f32
    tseq.yield %a2 : f32
  }
  return %r : tensor<f32>
}
