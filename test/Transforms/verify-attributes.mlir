// RUN: graph-opt %s --verify-attributes | FileCheck %s
// RUN: sed 's/graphopt.launch/graphopt.calibration/' %s > %t.mlir
// RUN: not graph-opt %t.mlir --graph-opt-pipeline 2>&1 | FileCheck %s --check-prefix=PIPELINE

// Tests that what stands where it means something stays, and so does what
// graph-opt does not know.

// CHECK: module attributes {graphopt.calibration = {}, graphopt.report = {}, other.name = 1 : i64}
module attributes {graphopt.calibration = {}, graphopt.report = {}, other.name = 1 : i64} {
// CHECK: cudagraph.graph @g{{.*}}graphopt.launch = "stream", graphopt.shape = "wide"
cudagraph.graph @g(%a: memref<16xf32>, %c: memref<i1>) attributes {graphopt.launch = "stream", graphopt.shape = "wide"} {
  // CHECK: cudagraph.if {{.*}} attributes {graphopt.shape = "chain"}
  %0 = cudagraph.if %c : memref<i1> attributes {graphopt.shape = "chain"} {
    %1 = cudagraph.memset %a value(0 : i8) : memref<16xf32>
  }
}
// CHECK: func.func @f() attributes {graphopt.shape = "chain"}
func.func @f() attributes {graphopt.shape = "chain"} {
  return
}
}

// Tests that the pipeline checks first.
// PIPELINE: error: attribute 'graphopt.calibration' means nothing on 'cudagraph.graph'
