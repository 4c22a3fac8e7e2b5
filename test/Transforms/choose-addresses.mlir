// RUN: graph-opt %s --choose-addresses --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics | FileCheck %s --enable-var-scope
// RUN: graph-opt %s --choose-addresses --choose-addresses | FileCheck %s --enable-var-scope
// RUN: graph-opt %s --choose-addresses=policy=slot --verify-each | FileCheck %s --check-prefix=SLOT
// RUN: graph-opt %s --choose-addresses=policy=table | FileCheck %s --check-prefix=TABLE
// RUN: graph-opt %s --choose-addresses=policy=baked | FileCheck %s --check-prefix=BAKED
// RUN: graph-opt %s --choose-addresses=policy=parameters | FileCheck %s --check-prefix=PARAMETERS

// A table with round figures: an update takes 2, a copy of a little 1 and its
// own update, the upload of a table 4.5, one more pointer of a kernel 0.5.
module attributes {graphopt.calibration = {
    graph_node_us = 0.5, stream_node_us = 4.0, kernel_ramp_us = 1.5,
    copy_ramp_us = 0.5, memory_bytes_per_us = 4194304.0,
    cache_bytes_per_us = 4194304.0, cache_bytes = 4194304.0,
    node_update_us = 2.0, node_build_us = 3.0}} {

gpu.module @k {
  gpu.func @f(%slots: !llvm.ptr) kernel {
    gpu.return
  }
}
func.func private @p(!llvm.ptr, i64, i64)
memref.global "private" constant @weights : memref<16xf32> = dense<1.0>

// Tests that one node is written to: half the calls take one update, which two
// buffers share. A table is cheaper without its upload only. On request all
// kernels with such a buffer take a table, or the buffers are copied to slots,
// and what is written back.
// CHECK-LABEL: cudagraph.graph @one_node(
// CHECK-SAME:    attributes {addresses = [{count = 2 : i64, moves = 5.000000e-01 : f64, policy = "parameters", predicted_us = {baked = 3.000000e+00 : f64, parameters = 1.000000e+00 : f64, slot = 6.000091552734375 : f64, table = 5.000000e-01 : f64}}], disjoint_buffers} {
// CHECK-NEXT:    cudagraph.kernel "a" {{.*}} block [32, 1, 1]{{$}}
// CHECK-NEXT:  }
// SLOT-LABEL:  cudagraph.graph @one_node(
// SLOT-SAME:     %[[A:.*]]: memref<16xf32>, %[[B:.*]]: memref<16xf32>) arena(%[[ARENA:.*]]: memref<320xi8>) attributes {addresses = [{count = 2 : i64, moves = 5.000000e-01 : f64, policy = "slot",
// SLOT:          %[[SA:.*]] = memref.view %[[ARENA]][%{{.*}}][] : memref<320xi8> to memref<16xf32>
// SLOT-NEXT:     %[[INA:.*]] = cudagraph.memcpy %[[A]] to %[[SA]] :
// SLOT:          %[[SB:.*]] = memref.view %[[ARENA]][%{{.*}}][] : memref<320xi8> to memref<16xf32>
// SLOT-NEXT:     %[[INB:.*]] = cudagraph.memcpy %[[B]] to %[[SB]] :
// SLOT-NEXT:     %[[K:.*]] = cudagraph.kernel "a" after(%[[INA]], %[[INB]]) {{.*}} args(%[[SA]] read, %[[SB]] write
// SLOT-NEXT:     cudagraph.memcpy %[[SB]] to %[[B]] after(%[[K]]) :
// SLOT-NEXT:   }
// TABLE-LABEL: cudagraph.graph @one_node(
// TABLE-SAME:    policy = "table"
// TABLE:         cudagraph.kernel "a" {{.*}} {operands = "table"}
// BAKED-LABEL: cudagraph.graph @one_node(
// BAKED-SAME:    count = 2 {{.*}} policy = "baked"
// expected-remark @+1 {{addresses-parameters}}
cudagraph.graph @one_node(%a: memref<16xf32>, %b: memref<16xf32>) attributes {disjoint_buffers} {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a read, %b write : memref<16xf32>, memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
}
func.func @launch_one_node(%a: memref<16xf32>, %b: memref<16xf32>) {
  %e = cudagraph.instantiate @one_node : !cudagraph.exec
  cudagraph.launch %e buffers(%a, %b : memref<16xf32>, memref<16xf32>)
  return
}

// Tests that a little buffer that many nodes use is copied to a slot behind the
// arena, and that all its nodes stay between the copies.
// CHECK-LABEL: cudagraph.graph @little(
// CHECK-SAME:    %[[A:.*]]: memref<16xf32>) arena(%[[ARENA:.*]]: memref<320xi8>) attributes {addresses = [{count = 1 : i64, moves = 5.000000e-01 : f64, policy = "slot", predicted_us = {baked = 1.050000e+01 : f64, parameters = 5.000000e+00 : f64, slot = 4.0000{{.*}} : f64, table = 5.000000e+00 : f64}}]
// CHECK-NEXT:    %[[C256:.*]] = arith.constant 256 : index
// CHECK-NEXT:    %[[S:.*]] = memref.view %[[ARENA]][%[[C256]]][] : memref<320xi8> to memref<16xf32>
// CHECK-NEXT:    %[[IN:.*]] = cudagraph.memcpy %[[A]] to %[[S]] :
// CHECK:         %[[N0:.*]] = cudagraph.memset %[[S]] value(0 : i8) after(%[[IN]])
// CHECK-NEXT:    %[[IF:.*]] = cudagraph.if %{{.*}} after(%[[N0]], %[[IN]])
// CHECK-NEXT:      %[[N1:.*]] = cudagraph.memset %[[S]]
// CHECK-NEXT:      %[[N2:.*]] = cudagraph.memset %[[S]] {{.*}} after(%[[N1]])
// CHECK-NEXT:      %[[N3:.*]] = cudagraph.memset %[[S]] {{.*}} after(%[[N2]])
// CHECK-NEXT:      cudagraph.memset %[[S]] {{.*}} after(%[[N3]])
// CHECK:         cudagraph.memcpy %[[S]] to %[[A]] after(%[[N0]], %[[IF]])
// PARAMETERS-LABEL: cudagraph.graph @little(
// PARAMETERS-SAME:    arena(%{{.*}}: memref<1xi8>) attributes {addresses = [{{.*}} policy = "parameters"
// expected-remark @+1 {{addresses-slot}}
cudagraph.graph @little(%a: memref<16xf32>) arena(%arena: memref<1xi8>) attributes {disjoint_buffers} {
  %zero = arith.constant 0 : index
  %flag = memref.view %arena[%zero][] : memref<1xi8> to memref<i1>
  %0 = cudagraph.memset %a value(0 : i8) : memref<16xf32>
  %1 = cudagraph.if %flag after(%0) : memref<i1> {
    %2 = cudagraph.memset %a value(1 : i8) : memref<16xf32>
    %3 = cudagraph.memset %a value(2 : i8) after(%2) : memref<16xf32>
    %4 = cudagraph.memset %a value(3 : i8) after(%3) : memref<16xf32>
    %5 = cudagraph.memset %a value(4 : i8) after(%4) : memref<16xf32>
  }
  %6 = cudagraph.empty
}
func.func @launch_little(%a: memref<16xf32>) {
  %e = cudagraph.instantiate @little : !cudagraph.exec
  cudagraph.launch %e buffers(%a : memref<16xf32>)
  return
}

// Tests that a large buffer that moves at each call goes in a table, which one
// upload keeps right for four kernels: 2 + 4.5 instead of 8.
// CHECK-LABEL: cudagraph.graph @large(
// CHECK-SAME:    {count = 1 : i64, moves = 1.000000e+00 : f64, policy = "table", predicted_us = {baked = 1.200000e+01 : f64, parameters = 8.000000e+00 : f64, slot = 1.000000e+01 : f64, table = 2.000000e+00 : f64}}
// CHECK-COUNT-4: {operands = "table"}
// BAKED-LABEL: cudagraph.graph @large(
// BAKED-NOT:     operands
// BAKED-LABEL: func.func @launch_large
// expected-remark @+1 {{addresses-table}}
cudagraph.graph @large(%a: memref<1048576xf32>) attributes {disjoint_buffers} {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a readwrite : memref<1048576xf32>) grid [1, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "b" after(%0) phases [#cudagraph.phase<@k::@f, 1>] args(%a readwrite : memref<1048576xf32>) grid [1, 1, 1] block [32, 1, 1]
  %2 = cudagraph.kernel "c" after(%1) phases [#cudagraph.phase<@k::@f, 1>] args(%a readwrite : memref<1048576xf32>) grid [1, 1, 1] block [32, 1, 1]
  %3 = cudagraph.kernel "d" after(%2) phases [#cudagraph.phase<@k::@f, 1>] args(%a readwrite : memref<1048576xf32>) grid [1, 1, 1] block [32, 1, 1]
}
func.func @launch_large(%a: memref<1048576xf32> {graphopt.moves = 1.0 : f64}) {
  %e = cudagraph.instantiate @large : !cudagraph.exec
  cudagraph.launch %e buffers(%a : memref<1048576xf32>)
  return
}

// Tests that what never moves is baked: a global, and an argument that says so,
// through a view. What an argument asks for goes before the option.
// CHECK-LABEL: cudagraph.graph @stays(
// CHECK-SAME:    [{count = 2 : i64, moves = 0.000000e+00 : f64, policy = "baked", predicted_us = {baked = 0.000000e+00 : f64, parameters = 0.000000e+00 : f64,
// CHECK-SAME:    {count = 1 : i64, moves = 5.000000e-01 : f64, policy = "parameters",
// TABLE-LABEL: cudagraph.graph @stays(
// TABLE-SAME:    [{count = 2 : i64, moves = 0.000000e+00 : f64, policy = "table",
// TABLE-SAME:    {count = 1 : i64, moves = 5.000000e-01 : f64, policy = "parameters",
// expected-remark @+2 {{addresses-baked}}
// expected-remark @+1 {{addresses-parameters}}
cudagraph.graph @stays(%a: memref<16xf32>, %b: memref<8xf32>, %c: memref<16xf32>) attributes {disjoint_buffers} {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a read, %b read, %c write : memref<16xf32>, memref<8xf32>, memref<16xf32>) grid [1, 1, 1] block [32, 1, 1]
}
func.func @launch_stays(%b: memref<16xf32> {graphopt.moves = 0.0 : f64}, %c: memref<16xf32> {graphopt.addresses = "parameters"}) {
  %a = memref.get_global @weights : memref<16xf32>
  %v = memref.subview %b[8] [8] [1] : memref<16xf32> to memref<8xf32, strided<[1], offset: 8>>
  %e = cudagraph.instantiate @stays : !cudagraph.exec
  cudagraph.launch %e buffers(%a, %v, %c : memref<16xf32>, memref<8xf32, strided<[1], offset: 8>>, memref<16xf32>)
  return
}

// Tests that a buffer gets no slot where others may overlap it, nor if it has a
// layout of its own.
// CHECK-LABEL: cudagraph.graph @overlapping(
// CHECK-SAME:    policy = "parameters"
// SLOT-LABEL:  cudagraph.graph @overlapping(
// SLOT-SAME:     policy = "parameters"
// SLOT-NOT:      memcpy
// SLOT-LABEL:  func.func @launch_overlapping
// expected-remark @+2 {{no-slot | Category:graph-opt | Reason="buffer #0: the graph allows its buffers to overlap}}
// expected-remark @+1 {{addresses-parameters}}
cudagraph.graph @overlapping(%a: memref<16xf32>) {
  %0 = cudagraph.memset %a value(0 : i8) : memref<16xf32>
}
func.func @launch_overlapping(%a: memref<16xf32> {graphopt.addresses = "slot"}) {
  %e = cudagraph.instantiate @overlapping : !cudagraph.exec
  cudagraph.launch %e buffers(%a : memref<16xf32>)
  return
}
// CHECK-LABEL: cudagraph.graph @strided(
// CHECK-SAME:    policy = "parameters"
// expected-remark @+2 {{no-slot | Category:graph-opt | Reason="buffer #0: its layout is not the identity}}
// expected-remark @+1 {{addresses-parameters}}
cudagraph.graph @strided(%a: memref<16xf32, strided<[2]>>) attributes {disjoint_buffers} {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@f, 1>] args(%a readwrite : memref<16xf32, strided<[2]>>) grid [1, 1, 1] block [32, 1, 1]
}
func.func @launch_strided(%a: memref<16xf32, strided<[2]>> {graphopt.addresses = "slot"}) {
  %e = cudagraph.instantiate @strided : !cudagraph.exec
  cudagraph.launch %e buffers(%a : memref<16xf32, strided<[2]>>)
  return
}

// Tests that a graph of the host gets a slot only where it is asked for.
// CHECK-LABEL: cudagraph.graph @host(
// CHECK-SAME:    %{{.*}}: memref<16xf32>) attributes {disjoint_buffers} {
// SLOT-LABEL:  cudagraph.graph @host(
// SLOT-SAME:     arena(%{{.*}}: memref<64xi8>) attributes {addresses = [{count = 1 : i64, policy = "slot"}], disjoint_buffers} {
// SLOT:          cudagraph.memcpy
cudagraph.graph @host(%a: memref<16xf32>) attributes {disjoint_buffers} {
  %0 = cudagraph.kernel "h" phases [#cudagraph.phase<@p, 1>] args(%a readwrite : memref<16xf32>)
}
func.func @launch_host(%a: memref<16xf32>) {
  %e = cudagraph.instantiate @host : !cudagraph.exec
  cudagraph.launch %e buffers(%a : memref<16xf32>)
  return
}

// Tests that a child stays: it has the buffers of the graph around it.
// CHECK-LABEL: cudagraph.graph @child(
// CHECK-SAME:    %{{.*}}: memref<16xf32>) attributes {disjoint_buffers} {
// SLOT-LABEL:  cudagraph.graph @child(
// SLOT-NOT:      memcpy
// SLOT-LABEL:  cudagraph.graph @parent(
// SLOT:          %[[IN:.*]] = cudagraph.memcpy %{{.*}} to %[[S:.*]] :
// SLOT-NEXT:     cudagraph.child @child after(%[[IN]]) args(%[[S]] write
cudagraph.graph @child(%a: memref<16xf32>) attributes {disjoint_buffers} {
  %0 = cudagraph.memset %a value(0 : i8) : memref<16xf32>
}
// expected-remark @+1 {{addresses-parameters}}
cudagraph.graph @parent(%a: memref<16xf32>) attributes {disjoint_buffers} {
  %0 = cudagraph.child @child args(%a write : memref<16xf32>)
}
func.func @launch_parent(%a: memref<16xf32>) {
  %e = cudagraph.instantiate @parent : !cudagraph.exec
  cudagraph.launch %e buffers(%a : memref<16xf32>)
  return
}
}
