// RUN: graph-run %s --device=host --verify | FileCheck %s --check-prefix=RUNS
// RUN: graph-run %s --device=host --mode=stream --verify | FileCheck %s --check-prefix=RUNS
// RUN: not graph-run %s --device=host --chip=sm_90 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not graph-run %s --mode=sideways 2>&1 | FileCheck %s --check-prefix=MODE
// RUN: env CUDA_VISIBLE_DEVICES= not graph-run %s --device=cuda 2>&1 | count 1
// RUN: env CUDA_VISIBLE_DEVICES= not graph-run %s --device=cuda 2>&1 | FileCheck %s --check-prefix=CUDA
// RUN: env CUDA_VISIBLE_DEVICES= graph-run %s --verify 2> %t | FileCheck %s --check-prefix=RUNS
// RUN: FileCheck %s --check-prefix=AUTO --input-file=%t

// Tests that the host device runs programs in both modes.
// RUNS:      result0 = 9 : i64
// RUNS-NEXT: verify: ok

// Tests that options that mean nothing are refused.
// CHIP: graph-run: error: --chip: the host has none
// MODE: Cannot find option named 'sideways'!

// Tests that one line says why there is no CUDA device, whether there is no
// driver or no device.
// CUDA: graph-run: error: --device=cuda: {{.+}}

// Tests that the host is taken when there is no CUDA device, and that a line
// says so.
// AUTO:     graph-run: device: host ({{.+}})
// AUTO-NOT: {{.}}
func.func @square(%x: i64) -> i64 {
  %three = arith.constant 3 : i64
  %0 = arith.muli %x, %three : i64
  %1 = arith.muli %0, %three : i64
  return %1 : i64
}
