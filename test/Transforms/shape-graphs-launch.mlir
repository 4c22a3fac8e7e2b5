// RUN: rm -rf %t && split-file %s %t
// RUN: graph-opt %t/graphs.mlir --shape-graphs | FileCheck %s --check-prefix=AUTO
// RUN: graph-opt %t/graphs.mlir --shape-graphs=min-kernels=2 | FileCheck %s --check-prefix=SIZE
// RUN: graph-opt %t/graphs.mlir --shape-graphs=min-kernels=2 --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o /dev/null
// RUN: sed 's|^module|module attributes {graphopt.calibration = {graph_launch_us = 100.0}}|' %t/graphs.mlir > %t/slow-graphs.mlir
// RUN: graph-opt %t/slow-graphs.mlir --shape-graphs | FileCheck %s --check-prefix=SLOW
// RUN: graph-opt %examples/accumulate.mlir --graph-opt-pipeline="device=cuda stop-after=graphs min-graph-kernels=2" | FileCheck %s --check-prefix=PIPELINE
// RUN: not graph-opt %t/function.mlir --shape-graphs 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: not graph-opt %t/graph.mlir --shape-graphs 2>&1 | FileCheck %s --check-prefix=GRAPH

// Tests that a graph is one launch where that is predicted to cost less, and
// that a function's or a graph's own attribute decides otherwise.
// AUTO: cudagraph.graph @one({{.*}}launch = "graph", predicted_us = {graph = {{[0-9.e+-]+}} : f64, rebuild = {{[0-9.e+-]+}} : f64, stream = {{[0-9.e+-]+}} : f64, update = {{[0-9.e+-]+}} : f64}
// AUTO: cudagraph.graph @two({{.*}}launch = "graph"
// AUTO: cudagraph.graph @by_function({{.*}}launch = "stream"
// AUTO: cudagraph.graph @by_graph({{.*}}graphopt.launch = "graph", launch = "graph"

// Tests that a graph of fewer kernels than asked for is not.
// SIZE: cudagraph.graph @one({{.*}}launch = "stream"
// SIZE: cudagraph.graph @two({{.*}}launch = "graph"
// SIZE: cudagraph.graph @by_function({{.*}}launch = "stream"
// SIZE: cudagraph.graph @by_graph({{.*}}launch = "graph"

// Tests the pipeline's option for it.
// PIPELINE: cudagraph.graph @{{.*}}launch = "stream"

// Tests that another table decides otherwise.
// SLOW: cudagraph.graph @one({{.*}}launch = "stream"
// SLOW: cudagraph.graph @two({{.*}}launch = "stream"
// SLOW: cudagraph.graph @by_graph({{.*}}launch = "graph"

// Tests that a request that is none is an error.
// FUNCTION: error: attribute 'graphopt.launch' must be "graph" or "stream"
// GRAPH: error: attribute 'graphopt.shape' must be "chain" or "wide"

//--- graphs.mlir
module {
func.func @launches() attributes {graphopt.launch = "stream"} {
  %0 = cudagraph.instantiate @by_function : !cudagraph.exec
  %1 = cudagraph.instantiate @by_graph : !cudagraph.exec
  return
}
gpu.module @k {
  gpu.func @f(%slots: !llvm.ptr) kernel {
    gpu.return
  }
}
// expected-remark @+1 {{fewer-kernels-than-asked-for}}
cudagraph.graph @one(%a: memref<16xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
}
// expected-remark @+1 {{costs-less}}
cudagraph.graph @two(%a: memref<16xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "b" after(%0) phases [#cudagraph.phase<@k::@f, 1>] args(%a readwrite : memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
}
// expected-remark @+1 {{requested}}
cudagraph.graph @by_function(%a: memref<16xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
}
// expected-remark @+1 {{requested}}
cudagraph.graph @by_graph(%a: memref<16xf32>) attributes {graphopt.launch = "graph"} {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a write : memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
}
}
//--- function.mlir
func.func @f() attributes {graphopt.launch = "often"} {
  return
}
//--- graph.mlir
cudagraph.graph @g() attributes {graphopt.shape = 3 : i64} {
}
