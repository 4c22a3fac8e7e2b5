// RUN: graph-opt %s --shape-graphs | FileCheck %s --check-prefixes=AUTO,ALL
// RUN: graph-opt %s --shape-graphs=shape=chain | FileCheck %s --check-prefixes=CHAIN,ALL
// RUN: graph-opt %s --shape-graphs=shape=wide | FileCheck %s --check-prefixes=WIDE,ALL
// RUN: graph-opt %s --shape-graphs --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o /dev/null

// A table with round figures: memory and cache are alike, and a node takes 1.
module attributes {graphopt.calibration = {
    graph_launch_us = 6.0, graph_node_us = 0.5, graph_branch_us = 2.0,
    stream_launch_us = 5.0, stream_node_us = 4.0, kernel_ramp_us = 0.5,
    copy_ramp_us = 0.5, memory_bytes_per_us = 4194304.0,
    cache_bytes_per_us = 4194304.0, block_bytes_per_us = 65536.0,
    node_update_us = 0.5, node_build_us = 3.0}} {

gpu.module @k {
  gpu.func @f(%slots: !llvm.ptr) kernel {
    gpu.return
  }
}
func.func private @p(!llvm.ptr, i64, i64)

// Tests that short nodes become a chain: each takes less than a branch costs
// the host. The edges of hazards give way to those of the chain. Four nodes of
// 1 microsecond; two of them and two branches of 2; 6 more for the launch; four
// launches on a stream, and then the last node.
// AUTO-LABEL:  cudagraph.graph @short(
// AUTO-SAME:     attributes {launch = "graph", predicted_us = {chain = 4.0{{.*}}, graph = 10.0{{.*}} : f64, rebuild = 1.200000e+01 : f64, stream = 21.5{{.*}} : f64, update = 1.500000e+00 : f64, wide = 6.0{{.*}}}, shape = "chain"}
// AUTO:          %[[A:.*]] = cudagraph.kernel "a" phases
// AUTO:          %[[B:.*]] = cudagraph.kernel "b" after(%[[A]])
// AUTO:          %[[C:.*]] = cudagraph.memset %{{.*}} after(%[[B]])
// AUTO:          cudagraph.kernel "d" after(%[[C]])
// CHAIN-LABEL: cudagraph.graph @short(
// CHAIN-SAME:    shape = "chain"
// WIDE-LABEL:  cudagraph.graph @short(
// WIDE-SAME:     shape = "wide"
// WIDE:          %[[A:.*]] = cudagraph.kernel "a" phases
// WIDE:          cudagraph.kernel "b" phases
// WIDE:          %[[C:.*]] = cudagraph.memset %{{.*}} value(0 : i8) :
// WIDE:          cudagraph.kernel "d" after(%[[A]], %[[C]])
// expected-remark @+2 {{graph-chained}}
// expected-remark @+1 {{launched-as-graph}}
cudagraph.graph @short(%a: memref<16xf32>, %b: memref<16xf32>, %c: memref<16xf32>, %d: memref<16xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "b" phases [#cudagraph.phase<@k::@f, 1>] args(%b write : memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
  %2 = cudagraph.memset %c value(0 : i8) : memref<16xf32>
  %3 = cudagraph.kernel "d" after(%0, %2) phases [#cudagraph.phase<@k::@f, 1>] args(%a read, %c read, %d write : memref<16xf32>, memref<16xf32>, memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
}

// Tests that kernels of few blocks, which take long, run side by side: one
// block moves 4 MiB in 64 microseconds.
// AUTO-LABEL:  cudagraph.graph @long(
// AUTO-SAME:     chain = 1.290000e+02
// AUTO-SAME:     shape = "wide"
// AUTO:          cudagraph.kernel "b" phases
// CHAIN-LABEL: cudagraph.graph @long(
// CHAIN-SAME:    shape = "chain"
// CHAIN:         %[[A:.*]] = cudagraph.kernel "a" phases
// CHAIN:         cudagraph.kernel "b" after(%[[A]])
// expected-remark @+2 {{graph-wide}}
// expected-remark @+1 {{launched-as-graph}}
cudagraph.graph @long(%a: memref<1048576xf32>, %b: memref<1048576xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<1048576xf32>) grid [1, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "b" phases [#cudagraph.phase<@k::@f, 1>] args(%b write : memref<1048576xf32>) grid [1, 1, 1] block [32, 1, 1]
}

// Tests that kernels that fill the memory gain nothing side by side: each
// takes 1 microsecond to get going and 1 for its bytes, which add up.
// AUTO-LABEL:  cudagraph.graph @full(
// AUTO-SAME:     chain = 8.000000e+00
// AUTO-SAME:     wide = 1.000000e+01
// AUTO-SAME:     shape = "chain"
// expected-remark @+2 {{graph-chained}}
// expected-remark @+1 {{launched-as-graph}}
cudagraph.graph @full(%a: memref<1048576xf32>, %b: memref<1048576xf32>, %c: memref<1048576xf32>, %d: memref<1048576xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<1048576xf32>) grid [264, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "b" phases [#cudagraph.phase<@k::@f, 1>] args(%b write : memref<1048576xf32>) grid [264, 1, 1] block [32, 1, 1]
  %2 = cudagraph.kernel "c" phases [#cudagraph.phase<@k::@f, 1>] args(%c write : memref<1048576xf32>) grid [264, 1, 1] block [32, 1, 1]
  %3 = cudagraph.kernel "d" phases [#cudagraph.phase<@k::@f, 1>] args(%d write : memref<1048576xf32>) grid [264, 1, 1] block [32, 1, 1]
}

// Tests that a graph may ask for its edges.
// AUTO-LABEL:  cudagraph.graph @asked(
// AUTO-SAME:     shape = "wide"
// AUTO:          cudagraph.kernel "b" phases
// CHAIN-LABEL: cudagraph.graph @asked(
// CHAIN-SAME:    shape = "wide"
// expected-remark @+2 {{graph-wide}}
// expected-remark @+1 {{launched-as-graph}}
cudagraph.graph @asked(%a: memref<16xf32>, %b: memref<16xf32>) attributes {graphopt.shape = "wide"} {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "b" phases [#cudagraph.phase<@k::@f, 1>] args(%b write : memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
}

// Tests that a chain has no shape to choose, and that a graph of the host stays
// as it is.
// ALL-LABEL: cudagraph.graph @one(
// ALL-NOT:     shape =
// ALL-LABEL: cudagraph.graph @host(
// ALL-NOT:     attributes
// ALL:         cudagraph.kernel "b" phases
// expected-remark @+1 {{launched-as-graph}}
cudagraph.graph @one(%a: memref<4xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<4xf32>) grid [1, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "b" after(%0) phases [#cudagraph.phase<@k::@f, 1>] args(%a readwrite : memref<4xf32>) grid [1, 1, 1] block [32, 1, 1]
}
cudagraph.graph @host(%a: memref<4xf32>, %b: memref<4xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@p, 1>] args(%a write : memref<4xf32>)
  %1 = cudagraph.kernel "b" phases [#cudagraph.phase<@p, 1>] args(%b write : memref<4xf32>)
}
}
