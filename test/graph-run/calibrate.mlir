// RUN: not graph-run --device=host --calibrate=%t.json 2>&1 | FileCheck %s --check-prefix=HOST
// RUN: not ls %t.json
// RUN: not graph-run --device=host --mode=stream --calibrate=%t.json 2>&1 | FileCheck %s --check-prefix=MODE
// RUN: graph-run %s --device=host --bench-modes | FileCheck %s --check-prefix=TEXT
// RUN: graph-run %s --device=host --bench-modes --stats=json | FileCheck %s --check-prefix=JSON
// RUN: not graph-run %s --device=host --calibration=%t.none 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: graph-run %s --device=host --calibration=%root/calibrations/h200.json --verify | FileCheck %s --check-prefix=VERIFY
// RUN: not graph-run %s --device=host --reference-only --bench-modes 2>&1 | FileCheck %s --check-prefix=NOTHING

// Tests that the host has no table, and that no file is left.
// HOST: graph-run: error: --calibrate measures a CUDA device
// MODE: graph-run: error: --calibrate measures both modes

// Tests that a call is measured in both modes.
// TEXT: bench: mode graph   median {{[0-9.]+}} us per call
// TEXT: bench: mode stream  median {{[0-9.]+}} us per call
// JSON: {"modes":{"graph":{"median_us":{{[0-9.e-]+}},"rounds_us":[{{[-0-9.e,]+}}]},"stream":{"median_us"
// NOTHING: error: --reference-only compiles nothing

// Tests that a program is compiled with a table, and that a missing one is
// reported.
// NONE: error: calibration '{{.*}}.none': No such file or directory
// VERIFY: verify: ok
func.func @f(%a: tensor<64xf32>) -> tensor<64xf32> {
  %0 = arith.addf %a, %a : tensor<64xf32>
  return %0 : tensor<64xf32>
}
