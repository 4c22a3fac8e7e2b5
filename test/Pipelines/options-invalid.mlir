// RUN: rm -rf %t && mkdir %t
// RUN: not graph-opt %s --graph-opt-pipeline="device=abacus" 2>&1 | FileCheck %s --check-prefix=DEVICE
// RUN: not graph-opt %s --graph-opt-pipeline="precision=sloppy" 2>&1 | FileCheck %s --check-prefix=PRECISION
// RUN: not graph-opt %s --graph-opt-pipeline="stop-after=dinner" 2>&1 | FileCheck %s --check-prefix=STATE
// RUN: not graph-opt %s --graph-opt-pipeline="speed=high" 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_12 stop-after=sequences" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not graph-opt %s --graph-opt-pipeline="device=host chip=sm_90x" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not graph-opt %s --graph-opt-pipeline="chip=sm_90ff" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not graph-opt %s --graph-opt-pipeline="chip=90" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not graph-opt %s --graph-opt-pipeline="chip=sm_75" 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_90a stop-after=graphs" | FileCheck %s --check-prefix=GOOD
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_120f stop-after=graphs" | FileCheck %s --check-prefix=GOOD
// RUN: not graph-opt %s --graph-opt-pipeline="device=cuda format=paper" 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: not graph-opt %s --graph-opt-pipeline="device=cuda format=bin toolkit=%t" 2>%t/error | count 0
// RUN: FileCheck %s --input-file=%t/error --check-prefix=TOOLKIT
// RUN: not graph-opt %s --graph-opt-pipeline="device=cuda format=fatbin toolkit=%t" 2>%t/error | count 0
// RUN: FileCheck %s --input-file=%t/error --check-prefix=TOOLKIT
// RUN: not graph-opt %s --graph-opt-pipeline="min-graph-kernels=-1" 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not graph-opt %s --graph-opt-pipeline="strict stop-after=hoisted" 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: not graph-opt %s --graph-opt-strict --graph-opt-pipeline="stop-after=sequences" 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: graph-opt %s --graph-opt-pipeline="strict stop-after=regions" | FileCheck %s --check-prefix=REGIONS

// Tests that a bad option is named, and that nothing is compiled. A chip is known
// by its name before the first pass, whether the program needs one or not.
// DEVICE: Cannot find option named 'abacus'
// DEVICE-NOT: func.func
// PRECISION: Cannot find option named 'sloppy'
// STATE: Cannot find option named 'dinner'
// OPTION: no such option {{.?}}speed
// CHIP: for the --chip option: unknown chip '{{sm_12|sm_90x|sm_90ff|90}}': it must be one of LLVM's NVPTX backend
// CHIP-NOT: func.func
// OLD: for the --chip option: chip 'sm_75' is too old: kernels need sm_80 or newer
// OLD-NOT: func.func
// GOOD: gpu.func @negate_graph0_k0
// FORMAT: Cannot find option named 'paper'
// NEGATIVE: min-graph-kernels must not be negative
// NEGATIVE-NOT: func.func
// STRICT: strict is about what is in no region: it needs stop-after=regions or a later state
// STRICT-NOT: func.func
// REGIONS: tseq.graph

// Tests that machine code without a CUDA toolkit is refused by what was looked
// for.
// TOOLKIT: found no CUDA toolkit: looked for {{.*}}bin/ptxas
func.func @negate(%m: memref<8xf32>) {
  %a = bufferization.to_tensor %m restrict writable : memref<8xf32> to tensor<8xf32>
  %b = arith.negf %a : tensor<8xf32>
  bufferization.materialize_in_destination %b in restrict writable %m : (tensor<8xf32>, memref<8xf32>) -> ()
  return
}
