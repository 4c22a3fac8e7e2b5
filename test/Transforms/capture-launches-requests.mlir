// RUN: split-file %s %t
// RUN: graph-opt %t/requests.mlir --capture-launches --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o - | FileCheck %s
// RUN: graph-opt %t/requests.mlir --graph-opt-pipeline="device=cuda stop-after=graphs" | FileCheck %s --check-prefix=MODE
// RUN: graph-run %t/requests.mlir --device=host --entry=apart --verify | FileCheck %s --check-prefix=VERIFY
// RUN: graph-opt %t/refused.mlir --capture-launches --verify-diagnostics
// RUN: graph-opt %t/refused.mlir --graph-opt-pipeline="device=cuda stop-after=graphs" --verify-diagnostics
// RUN: not graph-opt %t/lost.mlir --graph-opt-pipeline 2>&1 | FileCheck %s --check-prefix=LOST
// RUN: not graph-opt %t/wrong.mlir --capture-launches 2>&1 | FileCheck %s --check-prefix=WRONG

// VERIFY: verify: ok

//--- requests.mlir
module attributes {gpu.container_module} {
gpu.module @k {
  gpu.func @scale(%m: memref<8xf32>, %f: f32) kernel {
    %i = gpu.thread_id x
    %x = memref.load %m[%i] : memref<8xf32>
    %y = arith.mulf %x, %f : f32
    memref.store %y, %m[%i] : memref<8xf32>
    gpu.return
  }
}

// Tests that a launch and a copy that are to be launched by themselves are
// graphs of their own, between those of what they need and of what needs them,
// which does not touch the same memory aside; and that one launch makes its
// chain one graph.
// CHECK-LABEL: func.func @apart(
// CHECK-SAME:    %[[A:[^:]*]]: memref<8xf32>{{[^,]*}}, %[[B:[^:]*]]: memref<8xf32>
// CHECK:         %[[G0:.*]] = cudagraph.instantiate @apart.chain0
// CHECK:         %[[G2:.*]] = cudagraph.instantiate @apart.chain2
// CHECK:         cudagraph.launch %[[G2]] buffers(%[[A]], %[[B]] :
// CHECK-NEXT:    cudagraph.launch %[[G0]] buffers(%[[A]] :
// CHECK-NEXT:    %[[G3:.*]] = cudagraph.instantiate @apart.chain3
// CHECK-NEXT:    cudagraph.launch %[[G3]] buffers(%[[A]] :
// CHECK-NEXT:    %[[G1:.*]] = cudagraph.instantiate @apart.chain1
// CHECK-NEXT:    cudagraph.launch %[[G1]] buffers(%[[B]], %[[A]] :
// CHECK-NOT:     cudagraph.launch
// CHECK:       cudagraph.graph @apart.chain0({{.*}} attributes {graphopt.launch = "stream"}
// CHECK:       cudagraph.graph @apart.chain1({{.*}} attributes {graphopt.launch = "stream"}
// CHECK:       cudagraph.graph @apart.chain2(
// CHECK-NOT:   graphopt.launch
// CHECK:       cudagraph.graph @apart.chain3({{.*}} attributes {graphopt.launch = "graph"}
// MODE-DAG: cudagraph.graph @apart.chain0({{.*}} launch = "stream"
// MODE-DAG: cudagraph.graph @apart.chain1({{.*}} launch = "stream"
// MODE-DAG: cudagraph.graph @apart.chain3({{.*}} launch = "graph"
func.func @apart(%a: memref<8xf32> {llvm.noalias}, %b: memref<8xf32> {llvm.noalias}, %f: f32) {
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  // expected-remark @below {{launches-captured}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  // expected-remark @+3 {{kept-apart}}
  // expected-remark @+2 {{launches-captured}}
  // expected-remark @+1 {{chain-split}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %f : f32) {graphopt.launch = "stream"}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%b : memref<8xf32>, %f : f32)
  // expected-remark @below {{launches-captured}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %f : f32) {graphopt.launch = "graph"}
  // expected-remark @+2 {{kept-apart}}
  // expected-remark @+1 {{launches-captured}}
  gpu.memcpy %a, %b : memref<8xf32>, memref<8xf32> {graphopt.launch = "stream"}
  return
}
}

//--- refused.mlir
// Tests that what was to be part of a graph and can not be is an error.
module attributes {gpu.container_module} {
gpu.module @k {
  gpu.func @scale(%m: memref<?xf32>) kernel {
    gpu.return
  }
}
func.func @refused(%m: memref<?xf32>) {
  %1 = arith.constant 1 : index
  // expected-error @below {{attribute 'graphopt.launch' asks for a graph, but the op can not be part of one: a kernel operand is a memref with a dynamic shape}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %1)
    args(%m : memref<?xf32>) {graphopt.launch = "graph"}
  return
}
}

//--- lost.mlir
// Tests that the attribute is refused where it would be lost.
// LOST: error: attribute 'graphopt.launch' means nothing on 'gpu.launch'
func.func @lost(%m: memref<8xf32>, %f: f32) {
  %1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %1, %gy = %1, %gz = %1)
      threads(%tx, %ty, %tz) in (%lx = %1, %ly = %1, %lz = %1) {
    memref.store %f, %m[%tx] : memref<8xf32>
    gpu.terminator
  } {graphopt.launch = "stream"}
  return
}

//--- wrong.mlir
// WRONG: error: {{.*}}graphopt.launch{{.*}}"graph"{{.*}}"stream"
func.func @wrong(%a: memref<8xf32>, %b: memref<8xf32>) {
  gpu.memcpy %a, %b : memref<8xf32>, memref<8xf32> {graphopt.launch = "maybe"}
  return
}
