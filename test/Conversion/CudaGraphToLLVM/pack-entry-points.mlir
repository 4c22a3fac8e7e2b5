// RUN: graph-opt --pack-entry-points --split-input-file %s | FileCheck %s
// RUN: graph-opt --pack-entry-points=own-results --split-input-file %s | FileCheck %s --check-prefix=OWN
// RUN: graph-opt --pack-entry-points --split-input-file --remarks-filter=graph-opt --remark-policy=all \
// RUN:   --verify-diagnostics %s

// Tests that arguments are unpacked by kind and that the body moves.
// CHECK-LABEL: func.func @graphopt_entry_arguments(
// CHECK-SAME: %[[CONTEXT:.*]]: !llvm.ptr {graphopt.context}, %{{.*}}: !llvm.ptr {graphopt.stream}, %[[ARGS:.*]]: !llvm.ptr, %[[RESULTS:.*]]: !llvm.ptr) -> i32
// CHECK-SAME: graphopt.entry = "arguments"
// CHECK-SAME: graphopt.entry_type = (memref<4xf32>, memref<?xf32>, f64, i1, index) -> ()
// CHECK: %[[DATA:.*]] = llvm.load %[[ARGS]]
// CHECK: llvm.insertvalue %[[DATA]], %{{.*}}[1]
// CHECK: unrealized_conversion_cast %{{.*}} to memref<4xf32>
// CHECK: %[[SLOT1:.*]] = llvm.getelementptr %[[ARGS]][1]
// CHECK: %[[ADDRESS1:.*]] = llvm.load %[[SLOT1]]
// CHECK: %[[DESCRIPTOR:.*]] = llvm.load %[[ADDRESS1]] : !llvm.ptr -> !llvm.struct
// CHECK: unrealized_conversion_cast %[[DESCRIPTOR]] : {{.*}} to memref<?xf32>
// CHECK: %[[F:.*]] = llvm.load %{{.*}} : !llvm.ptr -> f64
// CHECK: %[[BYTE:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i8
// CHECK: %[[BIT:.*]] = arith.cmpi ne, %[[BYTE]]
// CHECK: %[[I64:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i64
// CHECK: %[[INDEX:.*]] = builtin.unrealized_conversion_cast %[[I64]] : i64 to index
// CHECK: call @use(%{{.*}}, %{{.*}}, %[[F]], %[[BIT]], %[[INDEX]]) :
// CHECK: %[[STATUS:.*]] = llvm.call @goContextTakeStatus(%[[CONTEXT]])
// CHECK: return %[[STATUS]] : i32
// CHECK-NOT: @arguments
func.func private @use(memref<4xf32>, memref<?xf32>, f64, i1, index)
func.func @arguments(%m: memref<4xf32>, %d: memref<?xf32>, %f: f64, %b: i1, %i: index) {
  call @use(%m, %d, %f, %b, %i) : (memref<4xf32>, memref<?xf32>, f64, i1, index) -> ()
  return
}

// -----

// Tests that a returned allocation is the caller's memory from the start.
// CHECK-LABEL: func.func @graphopt_entry_result_memory(
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.copy
// CHECK: %[[OUT:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<4xf32>
// CHECK: memref.store %{{.*}}, %[[OUT]]
// CHECK-NOT: memref.copy
func.func @result_memory(%f: f32, %i: index) -> memref<4xf32> {
  %r = memref.alloc() : memref<4xf32>
  memref.store %f, %r[%i] : memref<4xf32>
  return %r : memref<4xf32>
}

// -----

// Tests that an allocation that is returned twice is copied once.
// CHECK-LABEL: func.func @graphopt_entry_result_twice(
// CHECK-NOT: memref.alloc
// CHECK: llvm.alloca
// CHECK: %[[ONE:.*]] = llvm.mlir.constant(1 : i64)
// CHECK: llvm.call @goCopyAll(%{{.*}}, %{{.*}}, %{{.*}}, %[[ONE]])
// CHECK-NOT: goCopyAll
// CHECK: goContextTakeStatus
func.func @result_twice() -> (memref<4xf32>, memref<4xf32>) {
  %r = memref.alloc() : memref<4xf32>
  return %r, %r : memref<4xf32>, memref<4xf32>
}

// -----

// Tests that a returned argument is copied, and freed only if results are owned.
// CHECK-LABEL: func.func @graphopt_entry_result_argument(
// CHECK: goCopyAll
// CHECK-NOT: memref.dealloc
// OWN-LABEL: func.func @graphopt_entry_result_argument(
// OWN: goCopyAll
// OWN: memref.dealloc
func.func @result_argument(%m: memref<4xf32>) -> memref<4xf32> {
  return %m : memref<4xf32>
}

// -----

// Tests that a returned view of an allocation is copied and the allocation freed.
// CHECK-LABEL: func.func @graphopt_entry_result_view(
// CHECK: %[[ALLOC:.*]] = memref.alloc
// CHECK: goCopyAll
// CHECK: memref.dealloc %[[ALLOC]]
func.func @result_view() -> memref<2x2xf32> {
  %r = memref.alloc() : memref<4xf32>
  %v = memref.expand_shape %r [[0, 1]] output_shape [2, 2] : memref<4xf32> into memref<2x2xf32>
  return %v : memref<2x2xf32>
}

// -----

// Tests that a result of dynamic shape is a compact copy in the runtime's memory.
// CHECK-LABEL: func.func @graphopt_entry_result_dynamic(
// CHECK: %[[MEMORY:.*]] = llvm.call @goAllocate
// CHECK: scf.if
// CHECK: memref.copy
// CHECK: llvm.store %{{.*}} : !llvm.struct
func.func @result_dynamic(%m: memref<?xf32>) -> memref<?xf32> {
  return %m : memref<?xf32>
}

// -----

// Tests that a strided result is copied without a library.
// CHECK-LABEL: func.func @graphopt_entry_result_strided(
// CHECK-NOT: memref.copy
// CHECK: scf.for
// CHECK: memref.load
// CHECK: memref.store
func.func @result_strided(%m: memref<4xf32, strided<[?], offset: ?>>) -> memref<4xf32, strided<[?], offset: ?>> {
  return %m : memref<4xf32, strided<[?], offset: ?>>
}

// -----

// Tests that scalars are stored, at each of several returns.
// CHECK-LABEL: func.func @graphopt_entry_scalars(
// CHECK: cf.cond_br %[[BIT:.*]], ^[[A:.*]], ^[[B:.*]]
// CHECK: ^[[A]]:
// CHECK: %[[BYTE:.*]] = arith.extui %[[BIT]] : i1 to i8
// CHECK: llvm.store %[[BYTE]]
// CHECK: return
// CHECK: ^[[B]]:
// CHECK: arith.extui
// CHECK: return
func.func @scalars(%b: i1, %i: index) -> (i1, index) {
  cf.cond_br %b, ^a, ^b
^a:
  return %b, %i : i1, index
^b:
  return %b, %i : i1, index
}

// -----

// Tests that a function that is called stays and the entry point calls it.
// CHECK-LABEL: func.func @graphopt_entry_called(
// CHECK: call @called(
// CHECK: goContextTakeStatus
// CHECK-LABEL: func.func @called(
// CHECK-LABEL: func.func @graphopt_entry_caller(
// CHECK: call @called(
func.func @called(%f: f32) -> f32 {
  return %f : f32
}
func.func @caller(%f: f32) -> f32 {
  %r = call @called(%f) : (f32) -> f32
  return %r : f32
}

// -----

// Tests that context and stream reach a launch through calls, and nothing else.
// CHECK-LABEL: cudagraph.graph @g
cudagraph.graph @g() {
}
// CHECK-LABEL: func.func private @launches(
// CHECK-SAME: %[[C:.*]]: !llvm.ptr {graphopt.context}, %[[S:.*]]: !llvm.ptr {graphopt.stream}, %{{.*}}: f32)
func.func private @launches(%f: f32) {
  %e = cudagraph.instantiate @g : !cudagraph.exec
  cudagraph.launch %e buffers()
  return
}
// CHECK: func.func private @between(%[[C:.*]]: !llvm.ptr {graphopt.context}, %[[S:.*]]: !llvm.ptr {graphopt.stream}, %[[F:.*]]: f32)
// CHECK-NEXT: call @launches(%[[C]], %[[S]], %[[F]])
func.func private @between(%f: f32) {
  call @launches(%f) : (f32) -> ()
  return
}
// CHECK: func.func private @host(%{{.*}}: f32)
func.func private @host(%f: f32) {
  return
}
// CHECK: func.func @graphopt_entry_main(%[[C:.*]]: !llvm.ptr {graphopt.context}, %[[S:.*]]: !llvm.ptr {graphopt.stream}, {{.*}}) -> i32
// CHECK-SAME: graphopt.entry_type = (f32) -> ()
// CHECK: call @between(%[[C]], %[[S]], %[[F:[^)]*]])
// CHECK: call @host(%[[F]])
func.func @main(%f: f32) {
  call @between(%f) : (f32) -> ()
  call @host(%f) : (f32) -> ()
  return
}

// -----

// Tests that a public function that launches and is called is private afterwards.
cudagraph.graph @g() {
}
// CHECK-LABEL: func.func @graphopt_entry_launches(
// CHECK-SAME: %[[C:.*]]: !llvm.ptr {graphopt.context}, %[[S:.*]]: !llvm.ptr {graphopt.stream}
// CHECK: call @launches(%[[C]], %[[S]])
// CHECK: func.func private @launches(
func.func @launches() {
  %e = cudagraph.instantiate @g : !cudagraph.exec
  cudagraph.launch %e buffers()
  return
}
func.func @main() {
  call @launches() : () -> ()
  return
}

// -----

// Tests that a function whose arguments can not be packed is left as it is.
// CHECK-LABEL: func.func @vector_argument(%{{.*}}: vector<4xf32>)
// expected-remark @+1 {{no entry point for @vector_argument: a value of type vector<4xf32> can not be packed}}
func.func @vector_argument(%v: vector<4xf32>) {
  return
}

// -----

// Tests that a function by address keeps its type if it needs no context.
// CHECK-LABEL: func.func @graphopt_entry_by_address(
// CHECK: call @by_address(
// CHECK: func.func @by_address(%{{.*}}: f32) -> f32
func.func @by_address(%f: f32) -> f32 {
  return %f : f32
}
func.func private @take((f32) -> f32)
func.func @main() {
  %f = constant @by_address : (f32) -> f32
  call @take(%f) : ((f32) -> f32) -> ()
  return
}

// -----

// Tests that results are copied at once, after what is copied to new memory and
// before scalars are stored, as they may lie on arguments.
// CHECK-LABEL: func.func @graphopt_entry_copies(
// CHECK-SAME: %[[C:.*]]: !llvm.ptr {graphopt.context}, %[[S:.*]]: !llvm.ptr {graphopt.stream}
// CHECK: llvm.call @goAllocate
// CHECK: memref.copy
// CHECK: %[[BYTES:.*]] = llvm.mlir.constant(16 : i64)
// CHECK: %[[TWO:.*]] = llvm.mlir.constant(2 : i64)
// CHECK: %[[ITEMS:.*]] = llvm.alloca %[[TWO]] x !llvm.struct<(ptr, ptr, i64)>
// CHECK: llvm.call @goCopyAll(%[[C]], %[[S]], %[[ITEMS]], %{{.*}})
// CHECK: llvm.store %{{.*}} : f32
// CHECK: goContextTakeStatus
func.func @copies(%a: memref<4xf32>, %b: memref<4xf32>, %d: memref<?xf32>, %f: f32)
    -> (memref<4xf32>, f32, memref<4xf32>, memref<?xf32>) {
  return %b, %f, %a, %d : memref<4xf32>, f32, memref<4xf32>, memref<?xf32>
}

// -----

// Tests that a result is elsewhere if it lies on an argument that is used later.
// CHECK-LABEL: func.func @graphopt_entry_later(
// CHECK-SAME: %[[C:.*]]: !llvm.ptr {graphopt.context}, %[[S:.*]]: !llvm.ptr {graphopt.stream}
// CHECK: %[[RESULTS:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, i64, i64)>
// CHECK: %[[ONE:.*]] = llvm.mlir.constant(1 : i64)
// CHECK: %[[ARGUMENTS:.*]] = llvm.alloca %[[ONE]] x !llvm.struct<(ptr, i64, i64)>
// CHECK: %[[MEMORY:.*]] = llvm.call @goPlaceResults(%[[C]], %[[S]], %[[RESULTS]], %{{.*}}, %[[ARGUMENTS]], %{{.*}})
// CHECK: %[[PLACED:.*]] = llvm.load %[[RESULTS]]
// CHECK: %[[OUT:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<4xf32>
// CHECK: memref.store %{{.*}}, %[[OUT]]
// CHECK: memref.load
// CHECK: llvm.call @goCopyAll
// CHECK: llvm.call @goFree(%[[C]], %[[S]], %[[MEMORY]])
func.func @later(%a: memref<4xf32>, %b: memref<4xf32>, %i: index) -> (memref<4xf32>, f32) {
  %x = memref.load %a[%i] : memref<4xf32>
  %r = memref.alloc() : memref<4xf32>
  memref.store %x, %r[%i] : memref<4xf32>
  %v = memref.reinterpret_cast %b to offset: [0], sizes: [2], strides: [1] : memref<4xf32> to memref<2xf32, strided<[1]>>
  %y = memref.load %v[%i] : memref<2xf32, strided<[1]>>
  return %r, %y : memref<4xf32>, f32
}

// -----

// Tests that a launch that looks for overlaps itself needs no help, and that
// others do.
cudagraph.graph @checked(%a: memref<4xf32>, %r: memref<4xf32>) attributes {disjoint_buffers} {
}
cudagraph.graph @unchecked(%a: memref<4xf32>, %r: memref<4xf32>) {
}
// CHECK-LABEL: func.func @graphopt_entry_one_launch(
// CHECK-NOT: goPlaceResults
// CHECK: cudagraph.launch
func.func @one_launch(%a: memref<4xf32>) -> memref<4xf32> {
  %r = memref.alloc() : memref<4xf32>
  %e = cudagraph.instantiate @checked : !cudagraph.exec
  cudagraph.launch %e buffers(%a, %r : memref<4xf32>, memref<4xf32>)
  return %r : memref<4xf32>
}
// CHECK-LABEL: func.func @graphopt_entry_unchecked_launch(
// CHECK: goPlaceResults
// CHECK: cudagraph.launch
func.func @unchecked_launch(%a: memref<4xf32>) -> memref<4xf32> {
  %r = memref.alloc() : memref<4xf32>
  %e = cudagraph.instantiate @unchecked : !cudagraph.exec
  cudagraph.launch %e buffers(%a, %r : memref<4xf32>, memref<4xf32>)
  return %r : memref<4xf32>
}
// CHECK-LABEL: func.func @graphopt_entry_two_launches(
// CHECK: goPlaceResults
// CHECK: cudagraph.launch
func.func @two_launches(%a: memref<4xf32>) -> memref<4xf32> {
  %r = memref.alloc() : memref<4xf32>
  %e = cudagraph.instantiate @checked : !cudagraph.exec
  cudagraph.launch %e buffers(%a, %r : memref<4xf32>, memref<4xf32>)
  cudagraph.launch %e buffers(%a, %r : memref<4xf32>, memref<4xf32>)
  return %r : memref<4xf32>
}
