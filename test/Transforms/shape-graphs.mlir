// RUN: graph-opt %s --shape-graphs | FileCheck %s --check-prefixes=AUTO,ALL
// RUN: graph-opt %s --shape-graphs=shape=chain | FileCheck %s --check-prefixes=CHAIN,ALL
// RUN: graph-opt %s --shape-graphs=shape=wide | FileCheck %s --check-prefixes=WIDE,ALL
// RUN: graph-opt %s --shape-graphs --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o /dev/null

gpu.module @k {
  gpu.func @f(%slots: !llvm.ptr) kernel {
    gpu.return
  }
}
func.func private @p(!llvm.ptr, i64, i64)

// Tests that short nodes become a chain: each takes less than a branch costs
// the host. The edges of hazards give way to those of the chain.
// AUTO-LABEL:  cudagraph.graph @short(
// AUTO-SAME:     attributes {chain_microseconds = 2.8{{.*}}, shape = "chain", wide_microseconds = 3.4{{.*}}}
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
// expected-remark @+1 {{graph-chained}}
cudagraph.graph @short(%a: memref<16xf32>, %b: memref<16xf32>, %c: memref<16xf32>, %d: memref<16xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "b" phases [#cudagraph.phase<@k::@f, 1>] args(%b write : memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
  %2 = cudagraph.memset %c value(0 : i8) : memref<16xf32>
  %3 = cudagraph.kernel "d" after(%0, %2) phases [#cudagraph.phase<@k::@f, 1>] args(%a read, %c read, %d write : memref<16xf32>, memref<16xf32>, memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
}

// Tests that kernels of few blocks, which take long, run side by side.
// AUTO-LABEL:  cudagraph.graph @long(
// AUTO-SAME:     shape = "wide"
// AUTO:          cudagraph.kernel "b" phases
// CHAIN-LABEL: cudagraph.graph @long(
// CHAIN-SAME:    shape = "chain"
// CHAIN:         %[[A:.*]] = cudagraph.kernel "a" phases
// CHAIN:         cudagraph.kernel "b" after(%[[A]])
// expected-remark @+1 {{graph-wide}}
cudagraph.graph @long(%a: memref<1048576xf32>, %b: memref<1048576xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<1048576xf32>) grid [1, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "b" phases [#cudagraph.phase<@k::@f, 1>] args(%b write : memref<1048576xf32>) grid [1, 1, 1] block [32, 1, 1]
}

// Tests that kernels that fill the memory gain nothing side by side.
// AUTO-LABEL:  cudagraph.graph @full(
// AUTO-SAME:     shape = "chain"
// expected-remark @+1 {{graph-chained}}
cudagraph.graph @full(%a: memref<1048576xf32>, %b: memref<1048576xf32>, %c: memref<1048576xf32>, %d: memref<1048576xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<1048576xf32>) grid [264, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "b" phases [#cudagraph.phase<@k::@f, 1>] args(%b write : memref<1048576xf32>) grid [264, 1, 1] block [32, 1, 1]
  %2 = cudagraph.kernel "c" phases [#cudagraph.phase<@k::@f, 1>] args(%c write : memref<1048576xf32>) grid [264, 1, 1] block [32, 1, 1]
  %3 = cudagraph.kernel "d" phases [#cudagraph.phase<@k::@f, 1>] args(%d write : memref<1048576xf32>) grid [264, 1, 1] block [32, 1, 1]
}

// Tests that a chain and a graph of the host stay as they are.
// ALL-LABEL: cudagraph.graph @one(
// ALL-NOT:     attributes
// ALL-LABEL: cudagraph.graph @host(
// ALL-NOT:     attributes
// ALL:         cudagraph.kernel "b" phases
cudagraph.graph @one(%a: memref<4xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<4xf32>) grid [1, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "b" after(%0) phases [#cudagraph.phase<@k::@f, 1>] args(%a readwrite : memref<4xf32>) grid [1, 1, 1] block [32, 1, 1]
}
cudagraph.graph @host(%a: memref<4xf32>, %b: memref<4xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@p, 1>] args(%a write : memref<4xf32>)
  %1 = cudagraph.kernel "b" phases [#cudagraph.phase<@p, 1>] args(%b write : memref<4xf32>)
}
