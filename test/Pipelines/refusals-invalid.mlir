// RUN: graph-opt %s --graph-opt-pipeline --split-input-file --verify-diagnostics

// Tests that an op that nothing lowers is refused where it stands.
// expected-error @+1 {{no lowering to LLVM exists for}}
func.func @of_another_dialect(%q: !quant.uniform<i8:f32, 1.0>) {
  return
}
