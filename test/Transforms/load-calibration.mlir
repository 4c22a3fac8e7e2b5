// RUN: graph-opt %s --load-calibration=file=%root/calibrations/h200.json | FileCheck %s
// RUN: graph-opt %s --load-calibration | FileCheck %s --check-prefix=NONE
// RUN: graph-opt %s --graph-opt-pipeline="calibration=%root/calibrations/h200.json stop-after=sequences" | FileCheck %s
// RUN: graph-opt %S/Inputs/partial-calibration.mlir --load-calibration | FileCheck %s --check-prefix=PARTIAL

// Tests that the table of a file becomes an attribute of the module, that the
// pipeline's option does the same, and that without a file nothing changes.
// CHECK: module attributes {graphopt.calibration = {
// CHECK-SAME: device = "NVIDIA H200"
// CHECK-SAME: graph_launch_us = {{[0-9.e+-]+}} : f64
// NONE-NOT: graphopt.calibration

// Tests that an attribute may name some of the fields.
// PARTIAL: module attributes {graphopt.calibration = {conditional_us = 2.500000e+00 : f64}}
func.func @f() {
  return
}
