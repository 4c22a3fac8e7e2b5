// RUN: not graph-opt %s --graph-opt-pipeline="device=abacus" 2>&1 | FileCheck %s --check-prefix=DEVICE
// RUN: not graph-opt %s --graph-opt-pipeline="precision=sloppy" 2>&1 | FileCheck %s --check-prefix=PRECISION
// RUN: not graph-opt %s --graph-opt-pipeline="stop-after=dinner" 2>&1 | FileCheck %s --check-prefix=STATE
// RUN: not graph-opt %s --graph-opt-pipeline="speed=high" 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not graph-opt %s --graph-opt-pipeline="device=cuda" 2>&1 | FileCheck %s --check-prefix=CUDA

// Tests that a bad option is named, and that nothing is compiled.
// DEVICE: Cannot find option named 'abacus'
// DEVICE-NOT: func.func
// PRECISION: Cannot find option named 'sloppy'
// STATE: Cannot find option named 'dinner'
// OPTION: no such option {{.?}}speed

// Tests that a device that this build has no kernels for is refused by name.
// CUDA: 'cuda'
// CUDA-NOT: func.func
func.func @nothing() {
  return
}
