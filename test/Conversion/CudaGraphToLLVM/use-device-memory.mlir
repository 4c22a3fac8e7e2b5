// RUN: graph-opt %s --use-device-memory --canonicalize | FileCheck %s
// RUN: graph-opt %s --use-device-memory --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o %t

// Tests that memory comes from the runtime, in the order of the stream, and goes
// back to it; its size is known at run time only.
// CHECK-LABEL: func.func @allocation(
// CHECK-SAME:    %[[C:[^:]*]]: !llvm.ptr {graphopt.context}, %[[S:[^:]*]]: !llvm.ptr {graphopt.stream}, %[[N:[^:]*]]: index
// CHECK:         %[[SIZE:.*]] = builtin.unrealized_conversion_cast %[[N]] : index to i64
// CHECK:         %[[END:.*]] = llvm.getelementptr %{{.*}}[%[[SIZE]]] : (!llvm.ptr, i64) -> !llvm.ptr, f64
// CHECK:         %[[BYTES:.*]] = llvm.ptrtoint %[[END]]
// CHECK:         %[[M:.*]] = llvm.call @goAllocate(%[[C]], %[[S]], %[[BYTES]])
// CHECK:         llvm.call @goFree(%[[C]], %[[S]], %[[M]])
// CHECK-NOT:     memref
// CHECK:         return
func.func @allocation(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %n: index) {
  %m = memref.alloc(%n) : memref<?xf64>
  memref.dealloc %m : memref<?xf64>
  return
}

// Tests that a scalar which the host reads gets memory that it can read.
// CHECK-LABEL: func.func @readable(
// CHECK-SAME:    %[[C:[^:]*]]: !llvm.ptr {graphopt.context}, %[[S:[^:]*]]: !llvm.ptr {graphopt.stream}
// CHECK:         %[[M:.*]] = llvm.call @goAllocateReadable(%[[C]], %[[S]], %{{.*}})
// CHECK-NOT:     @goAllocate(
// CHECK:         llvm.call @goFree(%[[C]], %[[S]], %[[M]])
func.func @readable(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}) {
  %m = memref.alloc() {graphopt.readable} : memref<f64>
  memref.dealloc %m : memref<f64>
  return
}

// Tests that a copy of contiguous memory is one call, from where its first
// element is.
// CHECK-LABEL: func.func @copy(
// CHECK-SAME:    %[[C:[^:]*]]: !llvm.ptr {graphopt.context}, %[[S:[^:]*]]: !llvm.ptr {graphopt.stream}
// CHECK:         %[[BYTES:.*]] = llvm.mul %{{.*}}, %{{.*}} : i64
// CHECK:         %[[FROM:.*]] = llvm.getelementptr %{{.*}}[2] : (!llvm.ptr) -> !llvm.ptr, f32
// CHECK:         %[[TO:.*]] = llvm.extractvalue %{{.*}}[1]
// CHECK:         llvm.call @goCopy(%[[C]], %[[S]], %[[FROM]], %[[TO]], %[[BYTES]])
// CHECK-NOT:     llvm.call
// CHECK:         return
func.func @copy(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %a: memref<4xf32, strided<[1], offset: 2>>, %b: memref<4xf32>) {
  memref.copy %a, %b : memref<4xf32, strided<[1], offset: 2>> to memref<4xf32>
  return
}

// Tests that a copy of other memory goes element by element, which a remark says.
// CHECK-LABEL: func.func @strided_copy(
// CHECK:         scf.for %[[I:.*]] = %c0 to %c3 step %c1
// CHECK:           scf.for %[[J:.*]] = %c0 to %c4 step %c1
// CHECK:             llvm.call @goReadback(
// CHECK:             llvm.call @goWait(
// CHECK:             llvm.call @goUpload(
// CHECK-NOT:     goCopy
// CHECK:         return
func.func @strided_copy(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %a: memref<3x4xf32, strided<[8, 1]>>, %b: memref<3x4xf32>) {
  // expected-remark @+1 {{host-access | Category:graph-opt | Reason="each element travels between host and device"}}
  memref.copy %a, %b : memref<3x4xf32, strided<[8, 1]>> to memref<3x4xf32>
  return
}

// Tests that the device has its own copy of a constant: the runtime is asked for
// it with the host's address and its size.
// CHECK-LABEL: func.func @constant(
// CHECK-SAME:    %[[C:[^:]*]]: !llvm.ptr {graphopt.context}, %[[S:[^:]*]]: !llvm.ptr {graphopt.stream}
// CHECK:         %[[BYTES:.*]] = llvm.mlir.constant(32 : i64)
// CHECK:         %[[HOST:.*]] = memref.get_global @table : memref<4xi64>
// CHECK:         %[[INDEX:.*]] = memref.extract_aligned_pointer_as_index %[[HOST]]
// CHECK:         %[[INTEGER:.*]] = arith.index_cast %[[INDEX]]
// CHECK:         %[[ADDRESS:.*]] = llvm.inttoptr %[[INTEGER]]
// CHECK:         %[[OWN:.*]] = llvm.call @goConstant(%[[C]], %[[S]], %[[ADDRESS]], %[[BYTES]])
// CHECK:         llvm.call @goCopy(%[[C]], %[[S]], %[[OWN]],
memref.global "private" constant @table : memref<4xi64> = dense<[1, 2, 3, 4]>
func.func @constant(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %b: memref<4xi64>) {
  %g = memref.get_global @table : memref<4xi64>
  memref.copy %g, %b : memref<4xi64> to memref<4xi64>
  return
}

// Tests that a load waits for its element, which is zero if that fails.
// CHECK-LABEL: func.func @load(
// CHECK-SAME:    %[[C:[^:]*]]: !llvm.ptr {graphopt.context}, %[[S:[^:]*]]: !llvm.ptr {graphopt.stream}
// CHECK:         %[[ZERO:.*]] = llvm.mlir.zero : f32
// CHECK:         %[[ADDRESS:.*]] = llvm.getelementptr %{{.*}}[%{{.*}}] : (!llvm.ptr, i64) -> !llvm.ptr, f32
// CHECK:         %[[SAVED:.*]] = llvm.intr.stacksave
// CHECK:         %[[SLOT:.*]] = llvm.alloca %{{.*}} x f32
// CHECK:         llvm.store %[[ZERO]], %[[SLOT]]
// CHECK:         llvm.call @goReadback(%[[C]], %[[S]], %[[ADDRESS]], %[[SLOT]], %{{.*}})
// CHECK:         llvm.call @goWait(%[[C]], %[[S]])
// CHECK:         %[[VALUE:.*]] = llvm.load %[[SLOT]]
// CHECK:         llvm.intr.stackrestore %[[SAVED]]
// CHECK:         return %[[VALUE]]
func.func @load(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %m: memref<4x4xf32>, %i: index) -> f32 {
  // expected-remark @+1 {{host-access}}
  %x = memref.load %m[%i, %i] : memref<4x4xf32>
  return %x : f32
}

// Tests that a store sends its element.
// CHECK-LABEL: func.func @store(
// CHECK-SAME:    %[[C:[^:]*]]: !llvm.ptr {graphopt.context}, %[[S:[^:]*]]: !llvm.ptr {graphopt.stream}, %{{[^:]*}}: memref<4xf32>, %{{[^:]*}}: index, %[[X:[^:]*]]: f32
// CHECK:         %[[ADDRESS:.*]] = llvm.getelementptr
// CHECK:         %[[SLOT:.*]] = llvm.alloca
// CHECK:         llvm.store %[[X]], %[[SLOT]]
// CHECK:         llvm.call @goUpload(%[[C]], %[[S]], %[[SLOT]], %[[ADDRESS]], %{{.*}})
// CHECK-NOT:     goWait
// CHECK:         return
func.func @store(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %m: memref<4xf32>, %i: index, %x: f32) {
  // expected-remark @+1 {{host-access}}
  memref.store %x, %m[%i] : memref<4xf32>
  return
}

// Tests that memory on the stack of the host stays as it is, also through a view.
// CHECK-LABEL: func.func @stack(
// CHECK:         %[[M:.*]] = memref.alloca() : memref<4xf32>
// CHECK:         memref.store %{{.*}}, %[[M]]
// CHECK:         %[[V:.*]] = memref.subview %[[M]]
// CHECK:         memref.load %[[V]]
// CHECK-NOT:     llvm.call
// CHECK:         return
func.func @stack(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %i: index, %x: f32) -> f32 {
  %m = memref.alloca() : memref<4xf32>
  memref.store %x, %m[%i] : memref<4xf32>
  %v = memref.subview %m[1] [2] [1] : memref<4xf32> to memref<2xf32, strided<[1], offset: 1>>
  %y = memref.load %v[%i] : memref<2xf32, strided<[1], offset: 1>>
  return %y : f32
}

// Tests that views and sizes, which touch no memory, stay.
// CHECK-LABEL: func.func @addresses(
// CHECK:         memref.subview
// CHECK:         memref.dim
// CHECK-NOT:     llvm.call
// CHECK:         return
func.func @addresses(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %m: memref<?xf32>, %n: index) -> (memref<?xf32, strided<[1], offset: ?>>, index) {
  %v = memref.subview %m[%n] [%n] [1] : memref<?xf32> to memref<?xf32, strided<[1], offset: ?>>
  %z = arith.constant 0 : index
  %d = memref.dim %m, %z : memref<?xf32>
  return %v, %d : memref<?xf32, strided<[1], offset: ?>>, index
}

// Tests a copy from the stack of the host to the device: each element is sent.
// CHECK-LABEL: func.func @stack_to_device(
// CHECK:         %[[M:.*]] = memref.alloca() : memref<4xf32>
// CHECK:         scf.for %[[I:.*]] = %c0 to %c4 step %c1
// CHECK:           %[[X:.*]] = memref.load %[[M]][%[[I]]]
// CHECK:           llvm.store %[[X]], %[[SLOT:.*]] : f32
// CHECK:           llvm.call @goUpload(%{{.*}}, %{{.*}}, %[[SLOT]],
// CHECK-NOT:     goCopy
// CHECK:         return
func.func @stack_to_device(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %a: memref<4xf32>) {
  %m = memref.alloca() : memref<4xf32>
  // expected-remark @+1 {{host-access}}
  memref.copy %m, %a : memref<4xf32> to memref<4xf32>
  return
}

// Tests a copy from the device to the stack of the host: each element is fetched.
// CHECK-LABEL: func.func @device_to_stack(
// CHECK:         %[[M:.*]] = memref.alloca() : memref<4xf32>
// CHECK:         scf.for %[[I:.*]] = %c0 to %c4 step %c1
// CHECK:           llvm.call @goReadback(
// CHECK:           llvm.call @goWait(
// CHECK:           %[[X:.*]] = llvm.load %{{.*}} : !llvm.ptr -> f32
// CHECK:           memref.store %[[X]], %[[M]][%[[I]]]
// CHECK-NOT:     goCopy
// CHECK:         return
func.func @device_to_stack(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %a: memref<4xf32>, %i: index) -> f32 {
  %m = memref.alloca() : memref<4xf32>
  // expected-remark @+1 {{host-access}}
  memref.copy %a, %m : memref<4xf32> to memref<4xf32>
  %x = memref.load %m[%i] : memref<4xf32>
  return %x : f32
}

// Tests that a copy on the stack of the host stays as it is.
// CHECK-LABEL: func.func @copy_on_stack(
// CHECK:         memref.copy
// CHECK-NOT:     llvm.call
// CHECK:         return
func.func @copy_on_stack(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %i: index, %x: f32) -> f32 {
  %m = memref.alloca() : memref<4xf32>
  %n = memref.alloca() : memref<4xf32>
  memref.store %x, %m[%i] : memref<4xf32>
  memref.copy %m, %n : memref<4xf32> to memref<4xf32>
  %y = memref.load %n[%i] : memref<4xf32>
  return %y : f32
}

// Tests that a call of a function that is not in the module stays, and that a
// remark says that it gets an address of the device.
// CHECK-LABEL: func.func @external_call(
// CHECK:         %[[M:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<4xf32>
// CHECK:         call @host(%[[M]])
func.func private @host(memref<4xf32>)
func.func @external_call(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}) {
  %m = memref.alloc() : memref<4xf32>
  // expected-remark @+1 {{device-memory-passed | Category:graph-opt | Reason="@host gets the address of device memory"}}
  call @host(%m) : (memref<4xf32>) -> ()
  return
}

// Tests that there is no such remark where memory of the host is passed, or the
// function is known.
// CHECK-LABEL: func.func @other_calls(
// CHECK:         call @host(
// CHECK:         call @known(
func.func private @known(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %m: memref<4xf32>) {
  return
}
func.func @other_calls(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %a: memref<4xf32>) {
  %m = memref.alloca() : memref<4xf32>
  call @host(%m) : (memref<4xf32>) -> ()
  call @known(%c, %s, %a) : (!llvm.ptr, !llvm.ptr, memref<4xf32>) -> ()
  return
}
