// RUN: graph-opt %s --capture-launches | FileCheck %s
// RUN: graph-opt %s --capture-launches | FileCheck %s --check-prefix=GRAPH

// Tests which launches, copies and fills become the nodes of one graph, and
// which edges they get.

module attributes {gpu.container_module} {
gpu.module @k {
  memref.global "private" @state : memref<8xf32> = dense<0.0>
  gpu.func @copy(%r: memref<8xf32>, %w: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %x = memref.load %r[%i] : memref<8xf32>
    memref.store %x, %w[%i] : memref<8xf32>
    gpu.return
  }
  gpu.func @scale(%m: memref<8xf32>, %f: f32) kernel {
    %i = gpu.thread_id x
    %x = memref.load %m[%i] : memref<8xf32>
    %y = arith.mulf %x, %f : f32
    memref.store %y, %m[%i] : memref<8xf32>
    gpu.return
  }
  gpu.func @count(%r: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %g = memref.get_global @state : memref<8xf32>
    %x = memref.load %r[%i] : memref<8xf32>
    memref.store %x, %g[%i] : memref<8xf32>
    gpu.return
  }
  gpu.func @open(%r: memref<?xf32>, %w: memref<4xf32, strided<[2], offset: ?>>) kernel {
    %i = gpu.thread_id x
    %x = memref.load %r[%i] : memref<?xf32>
    memref.store %x, %w[%i] : memref<4xf32, strided<[2], offset: ?>>
    gpu.return
  }
}

// A write is ordered after the reads and writes of the same memory, a read
// after the write; reads are not ordered.
// GRAPH-LABEL: cudagraph.graph @hazards.chain0
// GRAPH-SAME:    (%[[A:.*]]: memref<8xf32>, %[[B:.*]]: memref<8xf32>, %[[C:.*]]: memref<8xf32>) parameters(%[[F:.*]]: memref<f32>)
// GRAPH-NEXT:  %[[K0:.*]] = cudagraph.kernel "copy" phases [#cudagraph.phase<@k::@copy, 1>]
// GRAPH-SAME:    args(%[[A]] read, %[[B]] write : memref<8xf32>, memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
// GRAPH-NEXT:  %[[K1:.*]] = cudagraph.kernel "copy" phases
// GRAPH-SAME:    args(%[[A]] read, %[[C]] write
// GRAPH-NEXT:  %[[K2:.*]] = cudagraph.kernel "scale" after(%[[K0]], %[[K1]])
// GRAPH-SAME:    args(%[[A]] readwrite, %[[F]] read : memref<8xf32>, memref<f32>)
// GRAPH-NEXT:  %[[K3:.*]] = cudagraph.memset %[[C]] value(0 : i32) after(%[[K1]]) : memref<8xf32>
// GRAPH-NEXT:  %[[K4:.*]] = cudagraph.memcpy %[[C]] to %[[B]] after(%[[K3]], %[[K0]])
// GRAPH-NEXT:  }
func.func @hazards(%a: memref<8xf32> {llvm.noalias}, %b: memref<8xf32> {llvm.noalias},
                   %c: memref<8xf32> {llvm.noalias}, %f: f32) {
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  gpu.launch_func @k::@copy blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %b : memref<8xf32>)
  gpu.launch_func @k::@copy blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %c : memref<8xf32>)
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  gpu.memset %c, %zero : memref<8xf32>, f32
  gpu.memcpy %b, %c : memref<8xf32>, memref<8xf32>
  return
}

// Arguments that may be the same memory keep the order of the program.
// GRAPH-LABEL: cudagraph.graph @may_alias.chain0
// GRAPH:       %[[K0:.*]] = cudagraph.memset %{{.*}} value(0 : i32) : memref<8xf32>
// GRAPH-NEXT:  %[[K1:.*]] = cudagraph.memset %{{.*}} value(0 : i32) after(%[[K0]])
// An allocation is nobody else's.
// GRAPH-NEXT:  cudagraph.memset %{{.*}} value(0 : i32) : memref<8xf32>
func.func @may_alias(%a: memref<8xf32>, %b: memref<8xf32>) {
  %zero = arith.constant 0.0 : f32
  %own = memref.alloc() : memref<8xf32>
  gpu.memset %a, %zero : memref<8xf32>, f32
  gpu.memset %b, %zero : memref<8xf32>, f32
  gpu.memset %own, %zero : memref<8xf32>, f32
  return
}

// What touches memory that is no argument comes after and before all else.
// GRAPH-LABEL: cudagraph.graph @unknown.chain0
// GRAPH:       %[[K0:.*]] = cudagraph.memset %{{.*}} :
// GRAPH-NEXT:  %[[K1:.*]] = cudagraph.kernel "count" after(%[[K0]])
// GRAPH-NEXT:  %[[K2:.*]] = cudagraph.memset %{{.*}} after({{(%.*, )?}}%[[K1]])
func.func @unknown(%a: memref<8xf32> {llvm.noalias}, %b: memref<8xf32> {llvm.noalias}) {
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  gpu.memset %a, %zero : memref<8xf32>, f32
  gpu.launch_func @k::@count blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%b : memref<8xf32>)
  gpu.memset %a, %zero : memref<8xf32>, f32
  return
}

// Tokens are edges, also where memory asks for none. The host waits where the
// program does, not where it launches; memory is the runtime's.
// CHECK-LABEL: func.func @tokens
// CHECK-NEXT:    arith.constant
// CHECK:         %[[M:.*]] = memref.alloc() : memref<8xf32>
// CHECK-NEXT:    %[[E:.*]] = cudagraph.instantiate @tokens.chain0
// CHECK-NEXT:    cudagraph.launch %[[E]] buffers(%[[M]], %{{.*}} : memref<8xf32>, memref<8xf32>)
// CHECK-NEXT:    memref.dealloc %[[M]]
// CHECK-NEXT:    cudagraph.wait
// CHECK-NEXT:    return
// GRAPH-LABEL: cudagraph.graph @tokens.chain0
// GRAPH:         %[[K0:.*]] = cudagraph.memset %[[M:.*]] value(0 : i32) : memref<8xf32>
// GRAPH-NEXT:    %[[K1:.*]] = cudagraph.memset %{{.*}} value(0 : i32) after(%[[K0]])
// GRAPH-NEXT:    %[[K2:.*]] = cudagraph.memset %{{.*}} value(1065353216 : i32) after(%[[K0]])
// GRAPH-NEXT:    cudagraph.memcpy {{.*}} after(%[[K1]], %[[K2]])
func.func @tokens(%a: memref<8xf32> {llvm.noalias}) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %t0 = gpu.wait async
  %m, %t1 = gpu.alloc async [%t0] () : memref<8xf32>
  %t2 = gpu.memset async [%t1] %m, %zero : memref<8xf32>, f32
  %t3 = gpu.memset async [%t2] %a, %zero : memref<8xf32>, f32
  %t4 = gpu.memset async [%t2] %m, %one : memref<8xf32>, f32
  %t5 = gpu.wait async [%t3, %t4]
  %t6 = gpu.memcpy async [%t5] %a, %m : memref<8xf32>, memref<8xf32>
  %t7 = gpu.dealloc async [%t6] %m : memref<8xf32>
  gpu.wait [%t7]
  return
}

// Chains of different streams are different graphs, on their streams.
// CHECK-LABEL: func.func @streams
// CHECK-SAME:    %{{.*}}: memref<8xf32> {llvm.noalias}, %{{.*}}: memref<8xf32> {llvm.noalias}, %[[S:.*]]: !llvm.ptr, %[[T:.*]]: !llvm.ptr
// CHECK-DAG:     cudagraph.launch %{{.*}} buffers(%{{.*}}) parameters(%{{.*}}, %{{.*}} : f32, f32) stream(%[[S]] : !llvm.ptr)
// CHECK-DAG:     cudagraph.launch %{{.*}} buffers(%{{.*}}) parameters(%{{.*}} : f32) stream(%[[T]] : !llvm.ptr)
// CHECK-NOT:     cudagraph.launch
// CHECK:         return
// GRAPH-LABEL: cudagraph.graph @streams.chain0
// GRAPH-COUNT-2: cudagraph.kernel "scale"
// GRAPH-LABEL: cudagraph.graph @streams.chain1
// GRAPH-COUNT-1: cudagraph.kernel "scale"
func.func @streams(%a: memref<8xf32> {llvm.noalias}, %b: memref<8xf32> {llvm.noalias},
                   %s: !llvm.ptr, %t: !llvm.ptr, %f: f32, %g: f32) {
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  gpu.launch_func <%s : !llvm.ptr> @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  gpu.launch_func <%t : !llvm.ptr> @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%b : memref<8xf32>, %f : f32)
  gpu.launch_func <%s : !llvm.ptr> @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %g : f32)
  return
}

// Launches on another stream that touch the same memory stay in their order.
// CHECK-LABEL: func.func @ordered_streams
// CHECK:         cudagraph.launch {{.*}} stream(%[[S:.*]] : !llvm.ptr)
// CHECK:         cudagraph.launch {{.*}} stream(%[[T:.*]] : !llvm.ptr)
// CHECK:         cudagraph.launch {{.*}} stream(%[[S]] : !llvm.ptr)
func.func @ordered_streams(%a: memref<8xf32>, %s: !llvm.ptr, %t: !llvm.ptr, %f: f32) {
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  gpu.launch_func <%s : !llvm.ptr> @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  gpu.launch_func <%t : !llvm.ptr> @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  gpu.launch_func <%s : !llvm.ptr> @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  return
}

// Host ops that the chain does not touch move above it, a read of what it
// writes below it.
// CHECK-LABEL: func.func @host_between
// CHECK:         memref.store
// CHECK-NEXT:    %[[X:.*]] = memref.load
// CHECK-NEXT:    cudagraph.instantiate
// CHECK-NEXT:    cudagraph.launch
// CHECK-SAME:      parameters(%{{.*}}, %[[X]] : f32, f32)
// CHECK-NEXT:    %[[Y:.*]] = memref.load
// CHECK-NEXT:    return %[[Y]]
func.func @host_between(%a: memref<8xf32>, %b: memref<8xf32>, %f: f32) -> f32 {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  %own = memref.alloc() : memref<8xf32>
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  memref.store %f, %own[%0] : memref<8xf32>
  %y = memref.load %a[%0] : memref<8xf32>
  %x = memref.load %own[%0] : memref<8xf32>
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%own : memref<8xf32>, %x : f32)
  return %y : f32
}

// Views are made in the graph; one whose place only the host knows is passed
// as it is, and so is the static memref behind one of unknown size.
// CHECK-LABEL: func.func @views
// CHECK:         %[[V:.*]] = memref.subview %{{.*}}[%{{.*}}] [4] [2]
// CHECK:         cudagraph.launch %{{.*}} buffers(%{{.*}}, %[[V]] : memref<8xf32>, memref<4xf32, strided<[2], offset: ?>>)
// GRAPH-LABEL: cudagraph.graph @views.chain0
// GRAPH-SAME:    (%[[A:.*]]: memref<8xf32>, %[[B:.*]]: memref<4xf32, strided<[2]>>)
// GRAPH:         cudagraph.kernel "open" {{.*}} args(%[[A]] read, %[[B]] write : memref<8xf32>, memref<4xf32, strided<[2]>>)
// GRAPH:         %[[H:.*]] = memref.subview %[[A]][4] [4] [1]
// GRAPH:         cudagraph.memset %[[H]] value(0 : i32)
func.func @views(%a: memref<8xf32>, %b: memref<16xf32>, %at: index) {
  %1 = arith.constant 1 : index
  %4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %c = memref.cast %a : memref<8xf32> to memref<?xf32>
  %v = memref.subview %b[%at] [4] [2] : memref<16xf32> to memref<4xf32, strided<[2], offset: ?>>
  gpu.launch_func @k::@open blocks in (%1, %1, %1) threads in (%4, %1, %1)
    args(%c : memref<?xf32>, %v : memref<4xf32, strided<[2], offset: ?>>)
  %h = memref.subview %a[4] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
  gpu.memset %h, %zero : memref<4xf32, strided<[1], offset: 4>>, f32
  return
}

// Disjoint parts of one buffer are not ordered.
// GRAPH-LABEL: cudagraph.graph @parts.chain0
// GRAPH-COUNT-2: cudagraph.memset %{{.*}} value(0 : i32) : memref<4xf32
func.func @parts(%a: memref<8xf32>) {
  %zero = arith.constant 0.0 : f32
  %l = memref.subview %a[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  %h = memref.subview %a[4] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
  gpu.memset %l, %zero : memref<4xf32, strided<[1]>>, f32
  gpu.memset %h, %zero : memref<4xf32, strided<[1], offset: 4>>, f32
  return
}

// Launches that are not asynchronous are over before a call; asynchronous ones
// are if the program waits.
func.func private @look(memref<8xf32>)
// CHECK-LABEL: func.func @call_after
// CHECK:         cudagraph.launch
// CHECK-NEXT:    cudagraph.wait
// CHECK-NEXT:    call @look
func.func @call_after(%a: memref<8xf32>) {
  %zero = arith.constant 0.0 : f32
  gpu.memset %a, %zero : memref<8xf32>, f32
  func.call @look(%a) : (memref<8xf32>) -> ()
  return
}
// CHECK-LABEL: func.func @call_after_async
// CHECK:         cudagraph.launch
// CHECK-NEXT:    call @look
// CHECK-NEXT:    cudagraph.wait
func.func @call_after_async(%a: memref<8xf32>) {
  %zero = arith.constant 0.0 : f32
  %t = gpu.memset async %a, %zero : memref<8xf32>, f32
  func.call @look(%a) : (memref<8xf32>) -> ()
  gpu.wait [%t]
  return
}
// A loop comes back to the call.
// CHECK-LABEL: func.func @call_before_in_loop
// CHECK:         scf.for
// CHECK-NEXT:      call @look
// CHECK-NEXT:      cudagraph.instantiate
// CHECK-NEXT:      cudagraph.launch
// CHECK-NEXT:      cudagraph.wait
func.func @call_before_in_loop(%a: memref<8xf32>, %n: index) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.for %i = %0 to %n step %1 {
    func.call @look(%a) : (memref<8xf32>) -> ()
    gpu.memset %a, %zero : memref<8xf32>, f32
  }
  return
}

// The extents of a grid that only the host knows are operands of the node; the
// number of its blocks is fixed.
// CHECK-LABEL: func.func @host_grid
// CHECK-SAME:    %[[A:.*]]: memref<8xf32>, %[[F:.*]]: f32, %[[N:.*]]: index
// CHECK:         %[[C1:.*]] = arith.constant 1 : index
// CHECK:         cudagraph.launch %{{.*}} buffers(%[[A]] : memref<8xf32>) parameters(%[[F]], %[[N]], %[[C1]] : f32, index, index)
// GRAPH-LABEL: cudagraph.graph @host_grid.chain0
// GRAPH-SAME:    parameters(%[[F:.*]]: memref<f32>, %[[N:.*]]: memref<index>, %[[O:.*]]: memref<index>)
// GRAPH-NEXT:    cudagraph.kernel "scale" phases
// GRAPH-SAME:      args(%{{.*}} readwrite, %[[F]] read, %[[N]] read, %[[O]] read, %[[O]] read
// GRAPH-SAME:      grid [1024, 1, 1] block [8, 1, 1] {graphopt.grid_in_operands}
func.func @host_grid(%a: memref<8xf32>, %f: f32, %n: index) {
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  gpu.launch_func @k::@scale blocks in (%n, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  return
}

// Tokens that loops and branches carry ask for the order that the caller's
// stream has anyway.
// CHECK-LABEL: func.func @carried_tokens
// CHECK:         %[[R:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}) -> (i1) {
// CHECK:           cudagraph.launch
// CHECK:           scf.yield %{{.*}} : i1
// CHECK:         scf.if %{{.*}} -> (i1) {
// CHECK:           cudagraph.launch
// CHECK:           scf.yield %{{.*}} : i1
// CHECK:         } else {
// CHECK:           scf.yield %[[R]] : i1
// CHECK:         cudagraph.launch
// CHECK:         cudagraph.wait
// CHECK-NEXT:    return
func.func @carried_tokens(%a: memref<8xf32>, %n: index, %c: i1, %f: f32) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %t0 = gpu.wait async
  %r = scf.for %i = %0 to %n step %1 iter_args(%t = %t0) -> !gpu.async.token {
    %t1 = gpu.launch_func async [%t] @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %1)
      args(%a : memref<8xf32>, %f : f32)
    scf.yield %t1 : !gpu.async.token
  }
  %s = scf.if %c -> !gpu.async.token {
    %t1 = gpu.launch_func async [%r] @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %1)
      args(%a : memref<8xf32>, %f : f32)
    scf.yield %t1 : !gpu.async.token
  } else {
    scf.yield %r : !gpu.async.token
  }
  %t2 = gpu.launch_func async [%s] @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  gpu.wait [%t2]
  return
}
}
