// RUN: graph-opt %s --graph-opt-pipeline="device=cuda stop-after=graphs" | FileCheck %s
// RUN: graph-run %s --device=host --entry=apart --verify | FileCheck %s --check-prefix=VERIFY
// RUN: graph-run %s --device=host --entry=branch --verify | FileCheck %s --check-prefix=VERIFY

// VERIFY: verify: ok

// Tests that what a program asks for one of its ops is still there where
// regions are formed: of a structured op, and of arithmetic on tensors.
// CHECK: cudagraph.graph @apart.graph0({{.*}}launch = "stream"
// CHECK: cudagraph.graph @apart.graph1({{.*}}launch = "stream"
func.func @apart(%a: tensor<64xf32>) -> tensor<64xf32> {
  %e = tensor.empty() : tensor<64xf32>
  %x = linalg.map { math.absf } ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {graphopt.launch = "stream"}
  %y = arith.mulf %x, %x : tensor<64xf32>
  %z = arith.addf %y, %a {graphopt.launch = "stream"} : tensor<64xf32>
  return %z : tensor<64xf32>
}

// Tests that a branch on the device that holds such an op is the host's.
// CHECK: cudagraph.graph @branch.graph{{[0-9]}}({{.*}}launch = "stream"
// CHECK-NOT: cudagraph.if
func.func @branch(%a: tensor<64xf32>) -> tensor<64xf32> {
  %zero = arith.constant 0.0 : f32
  %z = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%a : tensor<64xf32>) outs(%z : tensor<f32>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<f32>
  %c = arith.cmpf ogt, %h, %zero : f32
  %r = scf.if %c -> tensor<64xf32> {
    %y = arith.mulf %a, %a {graphopt.launch = "stream"} : tensor<64xf32>
    scf.yield %y : tensor<64xf32>
  } else {
    scf.yield %a : tensor<64xf32>
  }
  return %r : tensor<64xf32>
}
