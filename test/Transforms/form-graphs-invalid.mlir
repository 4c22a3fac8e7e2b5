// RUN: graph-opt --split-input-file --verify-diagnostics %s --form-graphs

// Tests that an op that no region can hold is named if it was to be in one.
func.func @not_captured(%d: tensor<?xf32>) -> tensor<?xf32> {
  // expected-error @+1 {{attribute 'graphopt.launch' asks for a graph, but the op can not be part of one: the shape of tensor<?xf32> is not static}}
  %e = linalg.map { math.exp } ins(%d : tensor<?xf32>) outs(%d : tensor<?xf32>) {graphopt.launch = "graph"}
  return %e : tensor<?xf32>
}

// -----

func.func @host_op(%x: f32) -> f32 {
  // expected-error @+1 {{attribute 'graphopt.launch' asks for a graph, but the op can not be part of one}}
  %y = arith.negf %x {graphopt.launch = "graph"} : f32
  return %y : f32
}

// -----

func.func @other_word(%x: f32) -> f32 {
  // expected-error @+1 {{attribute 'graphopt.launch' must be "graph" or "stream"}}
  %y = arith.negf %x {graphopt.launch = "never"} : f32
  return %y : f32
}
