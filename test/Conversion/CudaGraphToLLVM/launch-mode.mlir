// RUN: graph-opt --convert-cudagraph-to-llvm %s | FileCheck %s

// Tests that a graph whose nodes are launched one by one says so to the runtime
// (GO_MODE_STREAM is 1), and that any other does not.
// CHECK-LABEL: llvm.func internal @stream.build(
// CHECK-SAME:    %[[GRAPH:.*]]: !llvm.ptr) -> i32
// CHECK:         %[[MODE:.*]] = llvm.mlir.constant(1 : i32)
// CHECK:         llvm.call @goGraphSetMode(%[[GRAPH]], %[[MODE]])
// CHECK:         llvm.call @goGraphAddMemset
// CHECK-LABEL: llvm.func internal @graph.build(
// CHECK-NOT:     goGraphSetMode
// CHECK:         llvm.return
cudagraph.graph @stream(%a: memref<64xf32>) attributes {launch = "stream"} {
  %0 = cudagraph.memset %a value(0 : i32) : memref<64xf32>
}
cudagraph.graph @graph(%a: memref<64xf32>) attributes {launch = "graph"} {
  %0 = cudagraph.memset %a value(0 : i32) : memref<64xf32>
}
