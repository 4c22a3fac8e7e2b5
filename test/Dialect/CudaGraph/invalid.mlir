// RUN: graph-opt --split-input-file --verify-diagnostics %s

// Tests that a read must come after the write before it.
cudagraph.graph @read_after_write(%a: memref<8xf32>, %b: memref<8xf32>) {
  // expected-note @+1 {{the other access is by memset #0}}
  %0 = cudagraph.memset %a value(0 : i8) : memref<8xf32>
  // expected-error @+1 {{memcpy #1 is not ordered after memset #0: read-after-write hazard on buffer #0, bytes 0 to 32}}
  %1 = cudagraph.memcpy %a to %b : memref<8xf32> to memref<8xf32>
}

// -----

func.func private @phase(!llvm.ptr, i64, i64)

// Tests that a write must come after the reads before it, and that kernels are named.
cudagraph.graph @write_after_read(%a: memref<8xf32>, %b: memref<8xf32>) {
  // expected-note @+1 {{the other access is by kernel "sum"}}
  %0 = cudagraph.kernel "sum" phases [#cudagraph.phase<@phase, 8>] args(%a read : memref<8xf32>)
  // expected-error @+1 {{kernel "scale" is not ordered after kernel "sum": write-after-read hazard on buffer #0}}
  %1 = cudagraph.kernel "scale" phases [#cudagraph.phase<@phase, 8>] args(%a readwrite : memref<8xf32>)
}

// -----

// Tests that overlapping views of the arena conflict.
cudagraph.graph @write_after_write(%c: memref<i1>) arena(%a: memref<64xi8>) {
  %c0 = arith.constant 0 : index
  %c12 = arith.constant 12 : index
  %x = memref.view %a[%c0][] : memref<64xi8> to memref<4xf32>
  %y = memref.view %a[%c12][] : memref<64xi8> to memref<4xf32>
  // expected-note @+1 {{the other access is by memset #0}}
  %0 = cudagraph.memset %x value(0 : i8) : memref<4xf32>
  // expected-error @+1 {{if #1 is not ordered after memset #0: write-after-write hazard on the arena, bytes 12 to 28}}
  %1 = cudagraph.if %c : memref<i1> {
    %in = cudagraph.memset %y value(0 : i8) : memref<4xf32>
  }
}

// -----

// Tests that hazards are found inside of bodies.
cudagraph.graph @hazard_in_body(%c: memref<i1>, %a: memref<8xf32>) {
  %0 = cudagraph.while %c : memref<i1> {
    // expected-note @+1 {{the other access}}
    %x = cudagraph.memset %a value(0 : i8) : memref<8xf32>
    // expected-error @+1 {{write-after-write hazard on buffer #1}}
    %y = cudagraph.memset %a value(1 : i8) : memref<8xf32>
  }
}

// -----

// Tests that siblings of an ordered node are not ordered by it.
cudagraph.graph @siblings(%a: memref<8xf32>, %b: memref<8xf32>, %c: memref<8xf32>) {
  %0 = cudagraph.memset %a value(0 : i8) : memref<8xf32>
  // expected-note @+1 {{the other access}}
  %1 = cudagraph.memcpy %a to %b after(%0) : memref<8xf32> to memref<8xf32>
  %2 = cudagraph.memcpy %a to %c after(%0) : memref<8xf32> to memref<8xf32>
  // expected-error @+1 {{memset #3 is not ordered after memcpy #1: write-after-read hazard on buffer #0}}
  %3 = cudagraph.memset %a value(0 : i8) after(%2) : memref<8xf32>
}

// -----

// Tests that no node writes a parameter.
cudagraph.graph @parameter_written() parameters(%p: memref<f32>) {
  // expected-error @+1 {{memset #0 writes a parameter of the graph}}
  %0 = cudagraph.memset %p value(0 : i8) : memref<f32>
}

// -----

// Tests that a view stays inside of its buffer.
cudagraph.graph @outside() arena(%a: memref<16xi8>) {
  %c8 = arith.constant 8 : index
  // expected-error @+1 {{covers bytes 8 to 24 of a graph argument of 16 bytes}}
  %v = memref.view %a[%c8][] : memref<16xi8> to memref<4xf32>
}

// -----

// Tests that only nodes, constants and views are allowed.
cudagraph.graph @foreign(%a: memref<f32>) {
  // expected-error @+1 {{'memref.load' op is not allowed in a cudagraph.graph}}
  %0 = memref.load %a[] : memref<f32>
}

// -----

// Tests that the body of a conditional holds nodes alone, too.
cudagraph.graph @foreign_in_body(%a: memref<f32>, %c: memref<i1>) {
  %0 = cudagraph.if %c : memref<i1> {
    // expected-error @+1 {{'memref.load' op is not allowed in a cudagraph.graph}}
    %1 = memref.load %a[] : memref<f32>
  }
}

// -----

// expected-error @+1 {{argument #0 (a buffer) must be a memref of static shape and strides, but is 'memref<?xf32>'}}
cudagraph.graph @dynamic_shape(%a: memref<?xf32>) {
}

// -----

// expected-error @+1 {{argument #0 (a buffer) must be a memref of static shape and strides, but is 'memref<4xf32, strided<[1], offset: ?>>'}}
cudagraph.graph @dynamic_offset(%a: memref<4xf32, strided<[1], offset: ?>>) {
}

// -----

// expected-error @+1 {{argument #0 (a buffer) must hold integers, indices, floats or complex numbers}}
cudagraph.graph @bad_element(%a: memref<4xvector<4xf32>>) {
}

// -----

// expected-error @+1 {{argument #0 (a parameter) must be a memref of rank 0}}
cudagraph.graph @bad_parameter() parameters(%p: memref<2xf32>) {
}

// -----

// expected-error @+1 {{the arena must be a memref<Nxi8>, but is 'memref<4xf32>'}}
cudagraph.graph @bad_arena() arena(%a: memref<4xf32>) {
}

// -----

// expected-error @+1 {{has 1 arguments, which are not 3 buffers, 0 parameters and at most one arena}}
"cudagraph.graph"() <{sym_name = "counts", num_buffers = 3 : i64, num_parameters = 0 : i64}> ({
^bb0(%a: memref<4xf32>):
}) : () -> ()

// -----

// Tests that edges do not cross the border of a body.
cudagraph.graph @edge_across(%a: memref<4xf32>, %c: memref<i1>) {
  %0 = cudagraph.empty
  %1 = cudagraph.if %c after(%0) : memref<i1> {
    // expected-error @+1 {{can only come after nodes of the same graph or body}}
    %in = cudagraph.memset %a value(0 : i8) after(%0) : memref<4xf32>
  }
}

// -----

// Tests that nodes stand in graphs only.
func.func @outside_of_graph() {
  // expected-error @+1 {{expects parent op to be one of}}
  %0 = cudagraph.empty
  return
}

// -----

cudagraph.graph @no_phase(%a: memref<4xf32>) {
  // expected-error @+1 {{phase @nowhere does not name a function}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@nowhere, 1>] args(%a read : memref<4xf32>)
}

// -----

func.func private @phase(!llvm.ptr, i64)

cudagraph.graph @bad_phase(%a: memref<4xf32>) {
  // expected-error @+1 {{phase @phase must be a function of type (!llvm.ptr, i64, i64) -> ()}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>] args(%a read : memref<4xf32>)
}

// -----

cudagraph.graph @phase_is_graph(%a: memref<4xf32>) {
  // expected-error @+1 {{phase @phase_is_graph names something that is no function}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase_is_graph, 1>] args(%a read : memref<4xf32>)
}

// -----

cudagraph.graph @no_phases(%a: memref<4xf32>) {
  // expected-error @+1 {{needs at least one phase}}
  %0 = cudagraph.kernel "k" phases [] args(%a read : memref<4xf32>)
}

// -----

// expected-error @+1 {{the number of items of a phase must not be negative}}
#phase = #cudagraph.phase<@phase, -1>

// -----

func.func private @phase(!llvm.ptr, i64, i64)

cudagraph.graph @bad_grid(%a: memref<4xf32>) {
  // expected-error @+1 {{grid must be three positive numbers}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>] args() grid [1, 0, 1] block [1, 1, 1]
}

// -----

func.func private @phase(!llvm.ptr, i64, i64)
cudagraph.graph @large_grid(%a: memref<4xf32>) {
  // expected-error @+1 {{grid is too large: CUDA has at most 2147483647, 65535, 65535}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>] args() grid [1, 65536, 1] block [1, 1, 1]
}

// -----

func.func private @phase(!llvm.ptr, i64, i64)
cudagraph.graph @wide_grid(%a: memref<4xf32>) {
  // expected-error @+1 {{grid is too large}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>] args() grid [2147483648, 1, 1] block [1, 1, 1]
}

// -----

func.func private @phase(!llvm.ptr, i64, i64)
cudagraph.graph @large_block(%a: memref<4xf32>) {
  // expected-error @+1 {{block is too large: CUDA has at most 1024, 1024, 64}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>] args() grid [1, 1, 1] block [4294967296, 1, 1]
}

// -----

func.func private @phase(!llvm.ptr, i64, i64)
cudagraph.graph @many_threads(%a: memref<4xf32>) {
  // expected-error @+1 {{block has more than 1024 threads}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>] args() grid [1, 1, 1] block [32, 33, 1]
}

// -----

func.func private @phase(!llvm.ptr, i64, i64)
cudagraph.graph @much_shared(%a: memref<4xf32>) {
  // expected-error @+1 {{shared_bytes is more than 232448}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>] args() grid [1, 1, 1] block [1, 1, 1] shared_bytes 4294967296
}

// -----

func.func private @phase(!llvm.ptr, i64, i64)

cudagraph.graph @half_a_launch(%a: memref<4xf32>) {
  // expected-error @+1 {{needs both grid and block, or neither}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>] args() grid [1, 1, 1]
}

// -----

func.func private @phase(!llvm.ptr, i64, i64)

// Tests that a kernel of the host sets no handle.
cudagraph.graph @sets_without_grid(%c: memref<i1>) {
  // expected-error @+1 {{sets needs grid and block: handles are for a GPU}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>] args(%c read : memref<i1>) sets [0]
}

// -----

func.func private @phase(!llvm.ptr, i64, i64)

cudagraph.graph @sets_negative(%c: memref<i1>) {
  // expected-error @+1 {{sets a handle with a negative number}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>] args(%c read : memref<i1>) sets [0, -1] grid [1, 1, 1] block [1, 1, 1]
}

// -----

cudagraph.graph @negative_handle(%a: memref<4xf32>, %c: memref<i1>) {
  // expected-error @+1 {{'handle' failed to satisfy constraint: 64-bit signless integer attribute whose value is non-negative}}
  %0 = cudagraph.if %c handle(-1) : memref<i1> {
    %in = cudagraph.memset %a value(0 : i8) : memref<4xf32>
  }
}

// -----

// Tests that two nodes have two handles, at whatever depth they are.
cudagraph.graph @shared_handle(%a: memref<4xf32>, %c: memref<i1>, %s: memref<i64>) {
  // expected-note @+1 {{the other node}}
  %0 = cudagraph.switch %s handle(2) : memref<i64> cases {
    %in = cudagraph.memset %a value(0 : i8) : memref<4xf32>
  }
  %1 = cudagraph.if %c after(%0) handle(1) : memref<i1> {
    // expected-error @+1 {{while #0 has handle 2, which another node has}}
    %in = cudagraph.while %c handle(2) : memref<i1> {
      %deeper = cudagraph.memset %a value(0 : i8) : memref<4xf32>
    }
  }
}

// -----

gpu.module @kernels {
  gpu.func @set(%c: memref<i1>) kernel {
    gpu.return
  }
}

// Tests that a conditional node comes after the kernels that set its handle, each
// of them; both only read the condition.
cudagraph.graph @not_after_setter(%a: memref<4xf32>, %c: memref<i1>) {
  %0 = cudagraph.kernel "first" phases [#cudagraph.phase<@kernels::@set, 1>] args(%c read : memref<i1>) sets [0] grid [1, 1, 1] block [32, 1, 1]
  // expected-note @+1 {{the kernel}}
  %1 = cudagraph.kernel "second" phases [#cudagraph.phase<@kernels::@set, 1>] args(%c read : memref<i1>) sets [1, 0] grid [1, 1, 1] block [32, 1, 1]
  // expected-error @+1 {{if #2 has no edge from kernel "second", which sets its handle}}
  %2 = cudagraph.if %c after(%0) handle(0) : memref<i1> {
    %in = cudagraph.memset %a value(0 : i8) : memref<4xf32>
  }
}

// -----

gpu.module @kernels {
  gpu.func @set(%c: memref<i1>) kernel {
    gpu.return
  }
}

// Tests that the same holds inside of a body, and that the kernel must not come
// later.
cudagraph.graph @setter_later(%a: memref<4xf32>, %c: memref<i1>) {
  %0 = cudagraph.if %c : memref<i1> {
    // expected-error @+1 {{if #0 has no edge from kernel "late", which sets its handle}}
    %1 = cudagraph.if %c handle(0) : memref<i1> {
      %in = cudagraph.memset %a value(0 : i8) : memref<4xf32>
    }
    // expected-note @+1 {{the kernel}}
    %2 = cudagraph.kernel "late" after(%1) phases [#cudagraph.phase<@kernels::@set, 1>] args(%c read : memref<i1>) sets [0] grid [1, 1, 1] block [32, 1, 1]
  }
}

// -----

cudagraph.graph @bad_access(%a: memref<4xf32>) {
  // expected-error @+1 {{an operand is used as `read`, `write` or `readwrite`, not as `modify`}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>] args(%a modify : memref<4xf32>)
}

// -----

cudagraph.graph @strided_copy(%a: memref<4xf32, strided<[2]>>, %b: memref<4xf32>) {
  // expected-error @+1 {{source must be contiguous}}
  %0 = cudagraph.memcpy %a to %b : memref<4xf32, strided<[2]>> to memref<4xf32>
}

// -----

cudagraph.graph @copy_of_other_shape(%a: memref<4xf32>, %b: memref<8xf32>) {
  // expected-error @+1 {{source and destination must have one shape and element type}}
  %0 = cudagraph.memcpy %a to %b : memref<4xf32> to memref<8xf32>
}

// -----

cudagraph.graph @overlapping_copy(%a: memref<8xf32>) {
  %x = memref.subview %a[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  %y = memref.subview %a[2] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 2>>
  // expected-error @+1 {{source and destination overlap}}
  %0 = cudagraph.memcpy %x to %y : memref<4xf32, strided<[1]>> to memref<4xf32, strided<[1], offset: 2>>
}

// -----

cudagraph.graph @uneven_fill(%a: memref<3xi8>) {
  // expected-error @+1 {{fills 3 bytes with a 2-byte pattern}}
  %0 = cudagraph.memset %a value(0 : i16) : memref<3xi8>
}

// -----

cudagraph.graph @child(%a: memref<4xf32>) parameters(%p: memref<f32>) {
}
cudagraph.graph @parent(%a: memref<4xf32>) {
  // expected-error @+1 {{graph @child can not be a child: it has parameters or an arena of its own}}
  %0 = cudagraph.child @child args(%a read : memref<4xf32>)
}

// -----

// Tests that a graph with conditionals is no child.
cudagraph.graph @child(%c: memref<i1>) {
  %0 = cudagraph.if %c : memref<i1> {
    %in = cudagraph.empty
  }
}
cudagraph.graph @parent(%c: memref<i1>) {
  // expected-error @+1 {{graph @child can not be a child: it holds conditional nodes}}
  %0 = cudagraph.child @child args(%c read : memref<i1>)
}

// -----

cudagraph.graph @child(%a: memref<4xf32>) {
  %0 = cudagraph.memset %a value(0 : i8) : memref<4xf32>
}
cudagraph.graph @parent(%a: memref<4xf32>) {
  // expected-error @+1 {{graph @child uses buffer #0 as `write`, but the node says `read`}}
  %0 = cudagraph.child @child args(%a read : memref<4xf32>)
}

// -----

// Tests that children do not form a cycle.
cudagraph.graph @a() {
  %0 = cudagraph.child @b args()
}
cudagraph.graph @b() {
  // expected-error @+1 {{graph @a contains itself}}
  %0 = cudagraph.child @a args()
}

// -----

func.func @not_a_graph() {
  // expected-error @+1 {{@not_a_graph does not name a cudagraph.graph}}
  %e = cudagraph.instantiate @not_a_graph : !cudagraph.exec
  return
}

// -----

func.func @unknown_exec(%e: !cudagraph.exec) {
  // expected-error @+1 {{needs an executable that a cudagraph.instantiate of the same function made}}
  cudagraph.launch %e buffers()
  return
}

// -----

cudagraph.graph @g(%a: memref<4xf32>) {
}
func.func @too_few_buffers() {
  %e = cudagraph.instantiate @g : !cudagraph.exec
  // expected-error @+1 {{passes 0 buffers, but graph @g has 1}}
  cudagraph.launch %e buffers()
  return
}

// -----

cudagraph.graph @g(%a: memref<4xf32>) {
}
func.func @other_strides(%a: memref<4xf32, strided<[2]>>) {
  %e = cudagraph.instantiate @g : !cudagraph.exec
  // expected-error @+1 {{buffer #0 is 'memref<4xf32, strided<[2]>>', but graph @g takes 'memref<4xf32>'}}
  cudagraph.update %e buffers(%a : memref<4xf32, strided<[2]>>)
  return
}

// -----

cudagraph.graph @g() parameters(%p: memref<f32>) {
}
func.func @other_parameter(%x: f64) {
  %e = cudagraph.instantiate @g : !cudagraph.exec
  // expected-error @+1 {{parameter #0 is 'f64', but graph @g takes 'f32'}}
  cudagraph.launch %e buffers() parameters(%x : f64)
  return
}

// -----

cudagraph.graph @g(%a: memref<f32>) {
}
func.func @mailbox_of_no_buffer() {
  %e = cudagraph.instantiate @g : !cudagraph.exec
  // expected-error @+1 {{graph @g has no buffer #1}}
  %m = cudagraph.mailbox %e[1] : memref<f32>
  return
}

// -----

cudagraph.graph @g(%a: memref<2xf32>) {
}
func.func @mailbox_of_a_list() {
  %e = cudagraph.instantiate @g : !cudagraph.exec
  // expected-error @+1 {{is for one scalar of at most 8 bytes, not 'memref<2xf32>'}}
  %m = cudagraph.mailbox %e[0] : memref<2xf32>
  return
}

// -----

// Tests that a written buffer is not passed twice: the proof takes buffers to be disjoint.
cudagraph.graph @g(%a: memref<4xf32>, %b: memref<4xf32>) {
  %0 = cudagraph.memcpy %a to %b : memref<4xf32> to memref<4xf32>
}
func.func @aliasing(%m: memref<4xf32>) {
  %e = cudagraph.instantiate @g : !cudagraph.exec
  // expected-error @+1 {{passes one memref as buffers #0 and #1 of graph @g, which writes it}}
  cudagraph.launch %e buffers(%m, %m : memref<4xf32>, memref<4xf32>)
  return
}

// -----

func.func @many_elements(%m: memref<4xf32>) -> f32 {
  // expected-error @+1 {{reads back one element, but a source is 'memref<4xf32>'}}
  %v = cudagraph.readback %m : memref<4xf32> -> f32
  return %v : f32
}

// -----

func.func @other_type(%m: memref<f32>) -> f64 {
  // expected-error @+1 {{reads 'f64' from 'memref<f32>'}}
  %v = cudagraph.readback %m : memref<f32> -> f64
  return %v : f64
}

// -----

func.func @never_awaited(%m: memref<f32>) {
  // expected-error @+1 {{must be awaited exactly once, in the same block}}
  %p = cudagraph.fetch %m : memref<f32> -> !cudagraph.pending<f32>
  return
}

// -----

func.func @awaited_twice(%m: memref<f32>) {
  // expected-error @+1 {{must be awaited exactly once, in the same block}}
  %p = cudagraph.fetch %m : memref<f32> -> !cudagraph.pending<f32>
  %a = cudagraph.await %p : !cudagraph.pending<f32>
  %b = cudagraph.await %p : !cudagraph.pending<f32>
  return
}

// -----

func.func @awaited_in_branch(%m: memref<f32>, %c: i1) {
  // expected-error @+1 {{must be awaited exactly once, in the same block}}
  %p = cudagraph.fetch %m : memref<f32> -> !cudagraph.pending<f32>
  scf.if %c {
    %a = cudagraph.await %p : !cudagraph.pending<f32>
  }
  return
}

// -----

func.func @passed_on(%m: memref<f32>) -> !cudagraph.pending<f32> {
  // expected-error @+1 {{must be awaited exactly once, in the same block}}
  %p = cudagraph.fetch %m : memref<f32> -> !cudagraph.pending<f32>
  return %p : !cudagraph.pending<f32>
}

// -----

func.func @from_elsewhere(%p: !cudagraph.pending<f32>) {
  // expected-error @+1 {{needs what a cudagraph.fetch of its block made}}
  %a = cudagraph.await %p : !cudagraph.pending<f32>
  return
}

// -----

func.func @fetch_many_elements(%m: memref<4xf32>) {
  // expected-error @+1 {{reads back one element, but a source is 'memref<4xf32>'}}
  %p = cudagraph.fetch %m : memref<4xf32> -> !cudagraph.pending<f32>
  %a = cudagraph.await %p : !cudagraph.pending<f32>
  return
}

// -----

func.func @fetch_other_type(%m: memref<f32>) {
  // expected-error @+1 {{reads 'f64' from 'memref<f32>'}}
  %p = cudagraph.fetch %m : memref<f32> -> !cudagraph.pending<f64>
  %a = cudagraph.await %p : !cudagraph.pending<f64>
  return
}

// -----

func.func @fetch_other_count(%m: memref<f32>) {
  // expected-error @+1 {{has 1 sources but 2 results}}
  %p = cudagraph.fetch %m : memref<f32> -> !cudagraph.pending<f32, f32>
  %a:2 = cudagraph.await %p : !cudagraph.pending<f32, f32>
  return
}

// -----

// expected-error @+1 {{a value of type 'tensor<f32>' can not be on its way: it is no integer, index or float}}
func.func private @pending_tensor(!cudagraph.pending<tensor<f32>>)

// -----

func.func @deliver_nothing() {
  // expected-error @+1 {{needs at least one source}}
  "cudagraph.deliver"() : () -> ()
  return
}

// -----

func.func @deliver_other_type(%m: memref<f32>, %out: memref<f64>) {
  // expected-error @+1 {{reads 'f64' from 'memref<f32>'}}
  cudagraph.deliver %m to %out : memref<f32> to memref<f64>
  return
}

// -----

// expected-error @+1 {{`addresses` must be an array of runs of buffers, which are 2 in all}}
cudagraph.graph @addresses_count(%a: memref<4xf32>, %b: memref<4xf32>) attributes {addresses = [{count = 1 : i64, policy = "slot"}]} {
}

// -----

// expected-error @+1 {{`addresses` must be an array of runs of buffers, which are 1 in all}}
cudagraph.graph @addresses_too_many(%a: memref<4xf32>) attributes {addresses = [{count = 9223372036854775807 : i64, policy = "slot"}, {count = 9223372036854775807 : i64, policy = "slot"}]} {
}

// -----

// expected-error @+1 {{`addresses` must be an array of runs of buffers}}
cudagraph.graph @addresses_kind(%a: memref<4xf32>) attributes {addresses = "slot"} {
}

// -----

// expected-error @+1 {{`addresses` must hold dictionaries with an i64 `count` and a `policy`}}
cudagraph.graph @addresses_policy(%a: memref<4xf32>) attributes {addresses = [{count = 1 : i64, policy = "auto"}]} {
}
