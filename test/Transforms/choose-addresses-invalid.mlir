// RUN: graph-opt %s --choose-addresses --split-input-file --verify-diagnostics

// expected-error @+1 {{attribute 'graphopt.addresses' of argument #1 must be "auto", "baked", "parameters", "table" or "slot"}}
func.func @name(%a: memref<4xf32>, %b: memref<4xf32> {graphopt.addresses = "pointer"}) {
  return
}

// -----

// expected-error @+1 {{attribute 'graphopt.addresses' of argument #0 must be}}
func.func @kind(%a: memref<4xf32> {graphopt.addresses = 1 : i64}) {
  return
}

// -----

// expected-error @+1 {{attribute 'graphopt.moves' of argument #0 must be a float from 0 to 1}}
func.func @range(%a: memref<4xf32> {graphopt.moves = 1.5 : f64}) {
  return
}

// -----

// expected-error @+1 {{attribute 'graphopt.moves' of argument #0 must be a float from 0 to 1}}
func.func @nan(%a: memref<4xf32> {graphopt.moves = 0x7FF8000000000000 : f64}) {
  return
}
