// RUN: graph-opt --pass-pipeline='builtin.module(func.func(defer-readbacks))' --split-input-file %s | FileCheck %s
// RUN: graph-opt --pass-pipeline='builtin.module(func.func(defer-readbacks{async-results}))' --split-input-file %s \
// RUN:   | FileCheck %s --check-prefix=ASYNC
// RUN: graph-opt --pass-pipeline='builtin.module(func.func(defer-readbacks))' --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter=graph-opt --remark-policy=all %s

func.func private @tick()
func.func private @log(f32)

// Tests that a call that does not take the value comes first, and arithmetic
// on the value after it.
// CHECK-LABEL: func.func @call_between
// CHECK:         %[[P:.*]] = cudagraph.fetch %arg0 : memref<f32> -> <f32>
// CHECK-NEXT:    call @tick
// CHECK-NEXT:    %[[V:.*]] = cudagraph.await %[[P]] : <f32>
// CHECK-NEXT:    %[[R:.*]] = math.sqrt %[[V]]
// CHECK-NEXT:    call @log(%[[R]])
// CHECK-NEXT:    return
func.func @call_between(%m: memref<f32>) {
  // expected-remark @+1 {{readback-deferred | Category:graph-opt | FirstUse="func.call at}}
  %v = cudagraph.readback %m : memref<f32> -> f32
  %r = math.sqrt %v : f32
  func.call @tick() : () -> ()
  func.call @log(%r) : (f32) -> ()
  return
}

// Tests that a value that is used at once is waited for at once.
// CHECK-LABEL: func.func @used_at_once
// CHECK-NEXT:    %[[V:.*]] = cudagraph.readback
// CHECK-NEXT:    math.sqrt
// CHECK-NEXT:    call @log
func.func @used_at_once(%m: memref<f32>) {
  // expected-remark @+1 {{readback-waits | Category:graph-opt | FirstUse="func.call at}}
  %v = cudagraph.readback %m : memref<f32> -> f32
  %r = math.sqrt %v : f32
  func.call @log(%r) : (f32) -> ()
  return
}

// Tests that the wait comes before a branch that may use the value, not in it.
// CHECK-LABEL: func.func @used_in_branch
// CHECK:         cudagraph.fetch
// CHECK-NEXT:    call @tick
// CHECK-NEXT:    cudagraph.await
// CHECK-NEXT:    scf.if
// CHECK-NEXT:      call @log
func.func @used_in_branch(%m: memref<f32>, %c: i1) {
  // expected-remark @+1 {{readback-deferred | Category:graph-opt | FirstUse="scf.if at}}
  %v = cudagraph.readback %m : memref<f32> -> f32
  func.call @tick() : () -> ()
  scf.if %c {
    func.call @log(%v) : (f32) -> ()
  }
  return
}

// Tests that a turn of a loop awaits what it fetches, before it ends.
// CHECK-LABEL: func.func @in_loop
// CHECK:         scf.for
// CHECK-NEXT:      cudagraph.fetch
// CHECK-NEXT:      call @tick
// CHECK-NEXT:      %[[V:.*]] = cudagraph.await
// CHECK-NEXT:      %[[S:.*]] = arith.addf %{{.*}}, %[[V]]
// CHECK-NEXT:      scf.yield %[[S]]
func.func @in_loop(%m: memref<f32>, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %sum = scf.for %i = %c0 to %n step %c1 iter_args(%a = %zero) -> f32 {
    // expected-remark @+1 {{readback-deferred | Category:graph-opt | FirstUse="scf.yield at}}
    %v = cudagraph.readback %m : memref<f32> -> f32
    %s = arith.addf %a, %v : f32
    func.call @tick() : () -> ()
    scf.yield %s : f32
  }
  return %sum : f32
}

// Tests that a value that another block uses is awaited at the end of its own.
// CHECK-LABEL: func.func @other_block
// CHECK:         cudagraph.fetch
// CHECK-NEXT:    call @tick
// CHECK-NEXT:    cudagraph.await
// CHECK-NEXT:    cf.br
func.func @other_block(%m: memref<f32>) -> f32 {
  // expected-remark @+1 {{readback-deferred | Category:graph-opt | FirstUse="cf.br at}}
  %v = cudagraph.readback %m : memref<f32> -> f32
  func.call @tick() : () -> ()
  cf.br ^bb1
^bb1:
  return %v : f32
}

// Tests that waits that meet begin with the fetch that was started last, with
// the arithmetic on either value after both.
// CHECK-LABEL: func.func @meeting
// CHECK:         %[[P:.*]] = cudagraph.fetch %arg0
// CHECK-NEXT:    call @tick
// CHECK-NEXT:    %[[Q:.*]] = cudagraph.fetch %arg1
// CHECK-NEXT:    call @tick
// CHECK-NEXT:    %[[W:.*]] = cudagraph.await %[[Q]]
// CHECK-NEXT:    %[[V:.*]] = cudagraph.await %[[P]]
// CHECK-NEXT:    %[[S:.*]] = arith.addf %[[V]], %[[W]]
// CHECK-NEXT:    return %[[S]]
func.func @meeting(%m: memref<f32>, %n: memref<f32>) -> f32 {
  // expected-remark @+1 {{readback-deferred}}
  %v = cudagraph.readback %m : memref<f32> -> f32
  func.call @tick() : () -> ()
  // expected-remark @+1 {{readback-deferred}}
  %w = cudagraph.readback %n : memref<f32> -> f32
  %s = arith.addf %v, %w : f32
  func.call @tick() : () -> ()
  return %s : f32
}

// Tests that a readback that waits for the stream serves an earlier fetch.
// CHECK-LABEL: func.func @served
// CHECK:         %[[P:.*]] = cudagraph.fetch %arg0
// CHECK-NEXT:    call @tick
// CHECK-NEXT:    %[[W:.*]] = cudagraph.readback %arg1
// CHECK-NEXT:    %[[V:.*]] = cudagraph.await %[[P]]
// CHECK-NEXT:    arith.addf %[[V]], %[[W]]
func.func @served(%m: memref<f32>, %n: memref<f32>) -> f32 {
  // expected-remark @+1 {{readback-deferred}}
  %v = cudagraph.readback %m : memref<f32> -> f32
  func.call @tick() : () -> ()
  // expected-remark @+1 {{readback-waits}}
  %w = cudagraph.readback %n : memref<f32> -> f32
  %s = arith.addf %v, %w : f32
  return %s : f32
}

// -----

cudagraph.graph @g(%a: memref<4xf32>, %r: memref<f32>) {
}
func.func private @use(memref<f32>)
func.func private @tick()

// Tests that the copy starts right behind the launch that makes the value, so
// that nothing launched later is waited for.
// CHECK-LABEL: func.func @starts_early
// CHECK:         cudagraph.launch %{{.*}} buffers(%{{.*}}, %[[M:.*]] :
// CHECK-NEXT:    %[[P:.*]] = cudagraph.fetch %[[M]]
// CHECK-NEXT:    call @tick
// CHECK-NEXT:    memref.dealloc
// CHECK-NEXT:    %[[V:.*]] = cudagraph.await %[[P]]
// CHECK-NEXT:    return %[[V]]
// ASYNC-LABEL: func.func @starts_early
// ASYNC:         cudagraph.launch
// ASYNC-NEXT:    cudagraph.fetch
// ASYNC-NEXT:    call @tick
// ASYNC-NEXT:    memref.dealloc
// ASYNC-NEXT:    %[[V:.*]] = cudagraph.await
// ASYNC-NEXT:    return %[[V]]
func.func @starts_early(%a: memref<4xf32>) -> f32 {
  %m = memref.alloc() : memref<f32>
  %e = cudagraph.instantiate @g : !cudagraph.exec
  cudagraph.launch %e buffers(%a, %m : memref<4xf32>, memref<f32>)
  func.call @tick() : () -> ()
  // expected-remark @+1 {{readback-deferred}}
  %v = cudagraph.readback %m : memref<f32> -> f32
  memref.dealloc %m : memref<f32>
  return %v : f32
}

// Tests that the copy stays behind a call that knows the memory.
// CHECK-LABEL: func.func @known_to_a_call
// CHECK:         call @use
// CHECK-NEXT:    cudagraph.readback
func.func @known_to_a_call(%a: memref<4xf32>) -> f32 {
  %m = memref.alloc() : memref<f32>
  %e = cudagraph.instantiate @g : !cudagraph.exec
  cudagraph.launch %e buffers(%a, %m : memref<4xf32>, memref<f32>)
  func.call @use(%m) : (memref<f32>) -> ()
  // expected-remark @+1 {{readback-waits}}
  %v = cudagraph.readback %m : memref<f32> -> f32
  return %v : f32
}

// Tests that the copy stays behind work of another stream.
// CHECK-LABEL: func.func @other_stream
// CHECK:         call @tick
// CHECK-NEXT:    cudagraph.readback
func.func @other_stream(%a: memref<4xf32>, %s: !llvm.ptr) -> f32 {
  %m = memref.alloc() : memref<f32>
  %e = cudagraph.instantiate @g : !cudagraph.exec
  cudagraph.launch %e buffers(%a, %m : memref<4xf32>, memref<f32>) stream(%s : !llvm.ptr)
  func.call @tick() : () -> ()
  // expected-remark @+1 {{readback-waits}}
  %v = cudagraph.readback %m : memref<f32> -> f32
  return %v : f32
}

// Tests that copies that start at one place keep their order.
// CHECK-LABEL: func.func @same_start
// CHECK:         cudagraph.launch
// CHECK-NEXT:    %[[P:.*]] = cudagraph.fetch
// CHECK-NEXT:    %[[Q:.*]] = cudagraph.fetch
// CHECK-NEXT:    call @tick
// CHECK-NEXT:    cudagraph.await %[[Q]]
// CHECK-NEXT:    cudagraph.await %[[P]]
func.func @same_start(%a: memref<4xf32>) -> (f32, f32) {
  %m = memref.alloc() : memref<f32>
  %e = cudagraph.instantiate @g : !cudagraph.exec
  cudagraph.launch %e buffers(%a, %m : memref<4xf32>, memref<f32>)
  // expected-remark @+1 {{readback-deferred}}
  %v = cudagraph.readback %m : memref<f32> -> f32
  func.call @tick() : () -> ()
  // expected-remark @+1 {{readback-deferred}}
  %w = cudagraph.readback %m : memref<f32> -> f32
  return %v, %w : f32, f32
}

// -----

// Tests that only with async-results what is only returned is fetched, apart
// from what is also used.
// CHECK-LABEL: func.func @returned
// CHECK-NEXT:    %[[V:.*]]:2 = cudagraph.readback
// CHECK-NEXT:    call @log(%[[V]]#1)
// CHECK-NEXT:    return %[[V]]#0
// ASYNC-LABEL: func.func @returned
// ASYNC-NEXT:    %[[P:.*]] = cudagraph.fetch %arg0
// ASYNC-NEXT:    %[[W:.*]] = cudagraph.readback %arg1
// ASYNC-NEXT:    call @log(%[[W]])
// ASYNC-NEXT:    %[[V:.*]] = cudagraph.await %[[P]]
// ASYNC-NEXT:    return %[[V]], %[[W]]
func.func private @log(f32)
func.func @returned(%m: memref<f64>, %n: memref<f32>) -> (f64, f32) {
  // expected-remark @+1 {{readback-waits}}
  %v:2 = cudagraph.readback %m, %n : memref<f64>, memref<f32> -> f64, f32
  func.call @log(%v#1) : (f32) -> ()
  return %v#0, %v#1 : f64, f32
}

// Tests that a type that results do not hold as memory does is not handed on.
// ASYNC-LABEL: func.func @odd_type
// ASYNC-NEXT:    cudagraph.readback
func.func @odd_type(%m: memref<i7>) -> i7 {
  // expected-remark @+1 {{readback-waits}}
  %v = cudagraph.readback %m : memref<i7> -> i7
  return %v : i7
}
