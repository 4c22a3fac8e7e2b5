// RUN: graph-opt %s --pack-entry-points --convert-cudagraph-to-llvm | FileCheck %s

// Tests that the builder tells the runtime which buffers share no memory, but
// for strided ones, and which do not move.
// CHECK-DAG:   llvm.mlir.global internal constant @told.buffers.{{[0-9]+}}(dense<[0, 2, 3]> : tensor<3xi64>)
// CHECK-DAG:   llvm.mlir.global internal constant @told.buffers.{{[0-9]+}}(dense<[1, 2]> : tensor<2xi64>)
// CHECK-LABEL: llvm.func internal @told.build(
// CHECK-SAME:    %[[GRAPH:.*]]: !llvm.ptr)
// CHECK:         llvm.call @goGraphSetDisjoint(%[[GRAPH]], %{{.*}}, %{{.*}}) : (!llvm.ptr, !llvm.ptr, i64) -> i32
// CHECK:         llvm.call @goGraphSetBaked(%[[GRAPH]], %{{.*}}, %{{.*}}) : (!llvm.ptr, !llvm.ptr, i64) -> i32
// CHECK:         llvm.call @goGraphAddMemset
cudagraph.graph @told(%a: memref<4xf32>, %b: memref<4xf32, strided<[2]>>, %c: memref<4xf32>, %d: memref<4xf32>)
    attributes {disjoint_buffers, addresses = [{count = 1 : i64, policy = "parameters"},
      {count = 2 : i64, policy = "baked"}, {count = 1 : i64, policy = "slot"}]} {
  %0 = cudagraph.memset %a value(0 : i8) : memref<4xf32>
}

// Tests that nothing is said of a graph whose buffers may overlap.
// CHECK-LABEL: llvm.func internal @silent.build(
// CHECK-NOT:     goGraphSet
// CHECK:         llvm.call @goGraphAddMemset
// CHECK-NOT:     goGraphSet
// CHECK:         llvm.return
cudagraph.graph @silent(%a: memref<4xf32>, %b: memref<4xf32>) {
  %0 = cudagraph.memset %a value(0 : i8) : memref<4xf32>
}

// Tests that arguments that are passed on in their order are not copied: the
// launch reads the array of the caller.
// CHECK-LABEL: func.func @graphopt_entry_neighbours(
// CHECK-SAME:    %{{.*}}: !llvm.ptr {graphopt.context}, %{{.*}}: !llvm.ptr {graphopt.stream}, %[[ARGUMENTS:.*]]: !llvm.ptr, %{{.*}}: !llvm.ptr)
// CHECK:         %[[FROM:.*]] = llvm.getelementptr %[[ARGUMENTS]][1]
// CHECK:         llvm.call @goGraphInstantiate
// CHECK-NOT:     llvm.store
// CHECK:         %[[FIRST:.*]] = llvm.getelementptr %[[ARGUMENTS]][1] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
// CHECK-NOT:     llvm.store
// CHECK:         llvm.call @goExecLaunch(%{{.*}}, %{{.*}}, %[[FIRST]],
func.func @neighbours(%s: f32, %a: memref<4xf32>, %b: memref<4xf32>) {
  %e = cudagraph.instantiate @silent : !cudagraph.exec
  cudagraph.launch %e buffers(%a, %b : memref<4xf32>, memref<4xf32>)
  return
}

// Tests that they are if the order is another one.
// CHECK-LABEL: func.func @graphopt_entry_swapped(
// CHECK:         llvm.call @goGraphInstantiate
// CHECK:         %[[ARRAY:.*]] = llvm.alloca %{{.*}} x !llvm.ptr
// CHECK:         llvm.call @goExecLaunch(%{{.*}}, %{{.*}}, %[[ARRAY]],
func.func @swapped(%a: memref<4xf32>, %b: memref<4xf32>) {
  %e = cudagraph.instantiate @silent : !cudagraph.exec
  cudagraph.launch %e buffers(%b, %a : memref<4xf32>, memref<4xf32>)
  return
}
