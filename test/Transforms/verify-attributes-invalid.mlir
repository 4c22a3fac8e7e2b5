// RUN: graph-opt %s --verify-attributes --verify-diagnostics --split-input-file

// Tests that a wish that would be ignored is named with the place where it
// belongs, wherever it stands, and that all are.

// expected-error @below {{attribute 'graphopt.launch' means nothing on 'builtin.module': it belongs on a function, a graph, or an op on tensors or buffers}}
module attributes {graphopt.launch = "graph"} {
  // expected-error @below {{attribute 'graphopt.shape' means nothing on an argument: it belongs on a function, graph or conditional node}}
  func.func @argument(%a: i32 {graphopt.shape = "wide"}) {
    return
  }
  // expected-error @below {{attribute 'graphopt.launch' means nothing on a result}}
  func.func @result(%a: i32) -> (i32 {graphopt.launch = "stream"}) {
    // expected-error @below {{attribute 'graphopt.launch' means nothing on 'arith.addi'}}
    %0 = arith.addi %a, %a {graphopt.launch = "graph"} : i32
    return %0 : i32
  }
  // expected-error @below {{attribute 'graphopt.calibration' means nothing on 'func.func': it belongs on the outermost module}}
  func.func @table() attributes {graphopt.calibration = {}} {
    return
  }
}

// -----

module {
  // expected-error @below {{attribute 'graphopt.report' means nothing on 'builtin.module': it belongs on the outermost module}}
  module attributes {graphopt.report = {}} {}
}

// -----

cudagraph.graph @g(%a: memref<16xf32>) {
  // expected-error @below {{attribute 'graphopt.launch' means nothing on 'cudagraph.memset'}}
  %0 = cudagraph.memset %a value(0 : i8) {graphopt.launch = "graph"} : memref<16xf32>
}

// -----

// expected-error @below {{attribute 'graphopt.streaming' means nothing on 'builtin.module': it belongs on a function, or an op on tensors or buffers}}
module attributes {graphopt.streaming = true} {
  // expected-error @below {{attribute 'graphopt.cooperative' means nothing on 'cudagraph.graph'}}
  cudagraph.graph @g() attributes {graphopt.cooperative = false} {
  }
}
