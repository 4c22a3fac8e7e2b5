// RUN: graph-opt %s --pack-entry-points --convert-cudagraph-to-llvm | FileCheck %s

// Tests that the addresses of many arguments are copied in a loop, by a table
// of places and arguments; what is no argument is stored by itself.
// CHECK-DAG:   llvm.mlir.global internal constant @graphopt_entry_many.places(dense<[0, 17, 1, 16, 2, 15, {{.*}}, 17, 0]> : tensor<36xi64>)
// CHECK-LABEL: func.func @graphopt_entry_many(
// CHECK-SAME:    %{{.*}}: !llvm.ptr {graphopt.context}, %{{.*}}: !llvm.ptr {graphopt.stream}, %[[ARGUMENTS:.*]]: !llvm.ptr, %{{.*}}: !llvm.ptr)
// CHECK:         llvm.call @goGraphInstantiate
// CHECK:         %[[ARRAY:.*]] = llvm.alloca %{{.*}} x !llvm.ptr
// CHECK:         %[[TABLE:.*]] = llvm.mlir.addressof @graphopt_entry_many.places
// CHECK:         scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %{{.*}} : i64
// CHECK:           %[[J:.*]] = llvm.add %[[I]], %{{.*}}
// CHECK:           %[[AT:.*]] = llvm.getelementptr %[[TABLE]][%[[I]]]
// CHECK:           %[[PLACE:.*]] = llvm.load %[[AT]]
// CHECK:           %[[AT2:.*]] = llvm.getelementptr %[[TABLE]][%[[J]]]
// CHECK:           %[[NUMBER:.*]] = llvm.load %[[AT2]]
// CHECK:           %[[FROM:.*]] = llvm.getelementptr %[[ARGUMENTS]][%[[NUMBER]]]
// CHECK:           %[[ADDRESS:.*]] = llvm.load %[[FROM]]
// CHECK:           %[[TO:.*]] = llvm.getelementptr %[[ARRAY]][%[[PLACE]]]
// CHECK:           llvm.store %[[ADDRESS]], %[[TO]]
// CHECK:         %[[LAST:.*]] = llvm.getelementptr %[[ARRAY]][18]
// CHECK-NEXT:    llvm.store %{{.*}}, %[[LAST]]
// CHECK:         llvm.call @goExecLaunch(%{{.*}}, %{{.*}}, %[[ARRAY]],
cudagraph.graph @g(%b0: memref<4xf32>, %b1: memref<4xf32>, %b2: memref<4xf32>, %b3: memref<4xf32>, %b4: memref<4xf32>, %b5: memref<4xf32>, %b6: memref<4xf32>, %b7: memref<4xf32>, %b8: memref<4xf32>, %b9: memref<4xf32>, %b10: memref<4xf32>, %b11: memref<4xf32>, %b12: memref<4xf32>, %b13: memref<4xf32>, %b14: memref<4xf32>, %b15: memref<4xf32>, %b16: memref<4xf32>, %b17: memref<4xf32>, %b18: memref<4xf32>) {
  %0 = cudagraph.memset %b0 value(0 : i8) : memref<4xf32>
}
func.func @many(%m0: memref<4xf32>, %m1: memref<4xf32>, %m2: memref<4xf32>, %m3: memref<4xf32>, %m4: memref<4xf32>, %m5: memref<4xf32>, %m6: memref<4xf32>, %m7: memref<4xf32>, %m8: memref<4xf32>, %m9: memref<4xf32>, %m10: memref<4xf32>, %m11: memref<4xf32>, %m12: memref<4xf32>, %m13: memref<4xf32>, %m14: memref<4xf32>, %m15: memref<4xf32>, %m16: memref<4xf32>, %m17: memref<4xf32>) {
  %t = memref.alloc() : memref<4xf32>
  %e = cudagraph.instantiate @g : !cudagraph.exec
  cudagraph.launch %e buffers(%m17, %m16, %m15, %m14, %m13, %m12, %m11, %m10, %m9, %m8, %m7, %m6, %m5, %m4, %m3, %m2, %m1, %m0, %t : memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>)
  memref.dealloc %t : memref<4xf32>
  return
}
