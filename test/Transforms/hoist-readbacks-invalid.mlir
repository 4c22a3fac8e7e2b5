// RUN: graph-opt --split-input-file --verify-diagnostics %s --hoist-readbacks

func.func private @log(f32)

// Tests that a loop that was to run on the device and can not is named.
func.func @holds_a_call(%a: tensor<f32>, %limit: f32) -> tensor<f32> {
  // expected-error @+1 {{attribute 'graphopt.loop' asks for the device, but the loop holds work of the host, or its condition is known there}}
  %r = scf.while (%x = %a) : (tensor<f32>) -> tensor<f32> {
    %h = tseq.item %x : tensor<f32>
    func.call @log(%h) : (f32) -> ()
    %p = arith.cmpf olt, %h, %limit : f32
    scf.condition(%p) %x : tensor<f32>
  } do {
  ^bb0(%x: tensor<f32>):
    scf.yield %x : tensor<f32>
  } attributes {graphopt.loop = "device"}
  return %r : tensor<f32>
}

// -----

func.func @other_word(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{attribute 'graphopt.loop' must be "device" or "host", on an scf.for or scf.while}}
  scf.for %i = %c0 to %n step %c1 {
  } {graphopt.loop = "gpu"}
  return
}

// -----

func.func @elsewhere(%x: f32) -> f32 {
  // expected-error @+1 {{attribute 'graphopt.loop' must be "device" or "host", on an scf.for or scf.while}}
  %y = arith.negf %x {graphopt.loop = "device"} : f32
  return %y : f32
}

// -----

func.func @turns(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{attribute 'graphopt.turns' must be an integer, 0 or more}}
  scf.for %i = %c0 to %n step %c1 {
  } {graphopt.turns = -1 : i64}
  return
}
