// RUN: graph-opt %s --form-graphs | FileCheck %s
// RUN: graph-opt %s --form-graphs --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda stop-after=graphs" | FileCheck %s --check-prefix=GRAPHS

// Tests that an op that is to be launched by itself is a region of its own,
// between those of what it needs and of what needs it, and that it is no graph.
// CHECK-LABEL: func.func @apart(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<4xf32>
// CHECK:         %[[G:.*]]:2 = tseq.graph "apart.graph1" (%{{.*}} = %[[A]])
// CHECK:           arith.negf
// CHECK:         %[[H:.*]] = tseq.graph "apart.graph0" (%[[X:.*]] = %[[G]]#0) : (tensor<4xf32>) -> tensor<4xf32> attributes {graphopt.launch = "stream", kernels = 1 : i64} {
// CHECK-NEXT:      %[[P:.*]] = tseq.pack %[[X]]
// CHECK-NEXT:      tseq.map ins(%[[P]] : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
// CHECK:           math.absf
// CHECK:         tseq.graph "apart.graph2" (%{{.*}} = %[[H]], %{{.*}} = %[[G]]#1)
// CHECK:           arith.addf
// CHECK-NOT:     graphopt.launch
// GRAPHS: cudagraph.graph @apart.graph0({{.*}}launch = "stream"
func.func @apart(%a: tensor<4xf32>) -> tensor<4xf32> {
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %a : !tseq.seq<tensor<4xf32>>
  %x = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  // expected-remark @+2 {{region-formed}}
  // expected-remark @+1 {{kept-apart}}
  %y = tseq.map ins(%x : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> attributes {graphopt.launch = "stream"} {
  ^bb0(%v: f32):
    %w = math.absf %v : f32
    tseq.yield %w : f32
  }
  // expected-remark @+1 {{region-formed}}
  %z = tseq.map ins(%y, %x : !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32, %u: f32):
    %w = arith.addf %v, %u : f32
    tseq.yield %w : f32
  }
  %r = tseq.get %z[0] : !tseq.seq<tensor<4xf32>>
  return %r : tensor<4xf32>
}

// Tests that the request of one op makes its region one launch, whatever that
// costs, and is found in a body.
// CHECK-LABEL: func.func @in_graph(
// CHECK:         tseq.graph {{.*}} attributes {graphopt.launch = "graph", kernels = 1 : i64}
// CHECK-NOT:     graphopt.launch
// GRAPHS: cudagraph.graph @in_graph.graph0({{.*}}graphopt.launch = "graph"{{.*}} launch = "graph"
func.func @in_graph(%a: tensor<4xf32>) -> tensor<4xf32> {
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %a : !tseq.seq<tensor<4xf32>>
  %x = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v {graphopt.launch = "graph"} : f32
    tseq.yield %w : f32
  }
  %r = tseq.get %x[0] : !tseq.seq<tensor<4xf32>>
  return %r : tensor<4xf32>
}

// Tests that a function's request is left to what launches its regions, and
// that it is obeyed there.
// CHECK-LABEL: func.func @all(
// CHECK-SAME:    graphopt.launch = "stream"
// CHECK:         tseq.graph {{.*}} attributes {kernels = 1 : i64}
// GRAPHS: cudagraph.graph @all.graph0({{.*}}launch = "stream"
func.func @all(%a: tensor<4xf32>) -> tensor<4xf32> attributes {graphopt.launch = "stream"} {
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %a : !tseq.seq<tensor<4xf32>>
  %x = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %r = tseq.get %x[0] : !tseq.seq<tensor<4xf32>>
  return %r : tensor<4xf32>
}
