// RUN: not graph-run %s --chip=foo 2>&1 | count 1
// RUN: not graph-run %s --chip=foo 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not graph-run %s --device=host --chip=sm_90x 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not graph-run %s --chip=sm_60 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: env CUDA_VISIBLE_DEVICES= graph-run %s --chip=sm_100f --verify | FileCheck %s --check-prefix=RUNS
// RUN: not graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_1" 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_89 stop-after=graphs" | FileCheck %s --check-prefix=SM89
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_100a stop-after=graphs" | FileCheck %s --check-prefix=SM100
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_120f format=isa" | %python %S/../Conversion/GPULowering/Inputs/print_ptx.py | FileCheck %s --check-prefix=SM120
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_88 format=isa" | %python %S/../Conversion/GPULowering/Inputs/print_ptx.py | FileCheck %s --check-prefix=SM88

// Tests that both tools refuse a chip that they can not compile for, in one line
// and whatever the device.
// UNKNOWN: for the --chip option: unknown chip '{{foo|sm_90x|sm_1}}': it must be one of LLVM's NVPTX backend, such as sm_90 or sm_90a, and sm_80 or newer
// OLD: for the --chip option: chip 'sm_60' is too old: kernels need sm_80 or newer

// Tests that a known one is accepted where the host runs the program.
// RUNS: verify: ok

// Tests that the chip, with a letter behind it or not, sets the grid: 4 blocks of
// 256 threads for each of 142 and of 148 multiprocessors. (Twice as many elements
// would be dealt out in tiles.)
// SM89:  grid [568, 1, 1] block [256, 1, 1]
// SM100: grid [592, 1, 1] block [256, 1, 1]

// Tests that the PTX is the first that knows the chip.
// SM120: .version 8.8
// SM120: .target sm_120f
// SM88:  .version 9.0
// SM88:  .target sm_88
func.func @negate(%m: memref<2000x1500xf32>) {
  %a = bufferization.to_tensor %m restrict writable : memref<2000x1500xf32> to tensor<2000x1500xf32>
  %b = arith.negf %a : tensor<2000x1500xf32>
  bufferization.materialize_in_destination %b in restrict writable %m : (tensor<2000x1500xf32>, memref<2000x1500xf32>) -> ()
  return
}
