// RUN: graph-opt %s --graph-opt-pipeline="device=host async-results" | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda format=isa async-results" | FileCheck %s --check-prefixes=CHECK,CUDA
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda stop-after=graphs" | FileCheck %s --check-prefix=SYNC
// RUN: graph-opt %s --graph-opt-pipeline="stop-after=graphs" --remarks-filter="graph-opt.*" --remark-policy=all 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REMARKS
// RUN: graph-opt %s --graph-opt-pipeline="stop-after=graphs async-results" --remarks-filter="graph-opt.*" \
// RUN:   --remark-policy=all 2>&1 | FileCheck %s --check-prefix=ASYNC-REMARKS

// Tests that a function whose results the caller awaits never waits.
// CHECK-LABEL: llvm.func @graphopt_async_entry_norm(
// CHECK-SAME: %[[PENDING:[^:]*]]: !llvm.ptr {graphopt.pending}) -> i32
// CHECK-NOT: goWait
// CHECK-NOT: goAwait
// CHECK: llvm.store %{{.*}}, %[[PENDING]] : !llvm.ptr, !llvm.ptr
// CUDA: llvm.call @goExecMailbox
// CHECK: llvm.call @goExecLaunch
// CHECK: llvm.call @goFetch({{.*}}, %[[PENDING]])
// CUDA-NOT: llvm.call @goFree
// CHECK-NOT: goWait
// CHECK-NOT: goAwait
// CHECK: llvm.return

// Tests that without the option it waits once, at the end.
// SYNC: cudagraph.launch
// SYNC: cudagraph.readback
// SYNC-NEXT: memref.dealloc
// SYNC: return

// Tests that the remarks say what became of the readback.
// REMARKS: readback-observed | {{.*}}the value is returned
// REMARKS: readback-waits | {{.*}}FirstUse="func.return
// ASYNC-REMARKS: readback-observed | {{.*}}the value is returned
// ASYNC-REMARKS: readback-deferred | {{.*}}FirstUse="func.return
func.func @norm(%g: tensor<100xf32>) -> f32 {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = arith.mulf %g, %g : tensor<100xf32>
  %n = linalg.reduce { arith.addf } ins(%s : tensor<100xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %v = tensor.extract %n[] : tensor<f32>
  return %v : f32
}

// Tests that what the host would compute from a readback and return is computed
// on the device, where that leaves no more readbacks.
// CHECK-LABEL: llvm.func @graphopt_async_entry_root(
// CHECK-NOT: goWait
// CHECK-NOT: goAwait
// CHECK: llvm.call @goFetch(
// CHECK-NOT: goWait
// CHECK-NOT: goAwait
// CHECK: llvm.return

// SYNC-LABEL: func.func @root
// SYNC: %[[SUM:.*]] = cudagraph.readback
// SYNC: %[[WIDE:.*]] = arith.extf %[[SUM]]
// SYNC: math.sqrt %[[WIDE]]
func.func @root(%g: tensor<100xf32>) -> f64 {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %n = linalg.reduce { arith.addf } ins(%g : tensor<100xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %v = tensor.extract %n[] : tensor<f32>
  %wide = arith.extf %v : f32 to f64
  %root = math.sqrt %wide : f64
  return %root : f64
}

// Tests that two values made of one readback are not: they would be two.
// CHECK-LABEL: llvm.func @graphopt_async_entry_both(
// CHECK: goWait
func.func @both(%g: tensor<100xf32>) -> (f64, f64) {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %n = linalg.reduce { arith.addf } ins(%g : tensor<100xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %v = tensor.extract %n[] : tensor<f32>
  %wide = arith.extf %v : f32 to f64
  %root = math.sqrt %wide : f64
  return %wide, %root : f64, f64
}
