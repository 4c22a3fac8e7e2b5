// RUN: graph-opt --split-input-file --verify-diagnostics %s

// Each case lacks one edge: of two kernels, of copies and fills, of children,
// of bodies, of views of one arena.

func.func private @phase(!llvm.ptr, i64, i64)

// Tests a kernel that reads what one before it writes.
cudagraph.graph @kernel_read_after_write(%a: memref<8xf32>, %b: memref<8xf32>) {
  // expected-note @+1 {{the other access is by kernel "make"}}
  %0 = cudagraph.kernel "make" phases [#cudagraph.phase<@phase, 8>] args(%a write : memref<8xf32>)
  // expected-error @+1 {{kernel "use" is not ordered after kernel "make": read-after-write hazard on buffer #0, bytes 0 to 32}}
  %1 = cudagraph.kernel "use" phases [#cudagraph.phase<@phase, 8>] args(%a read, %b write : memref<8xf32>, memref<8xf32>)
}

// -----

func.func private @phase(!llvm.ptr, i64, i64)

// Tests a kernel that writes what one before it writes.
cudagraph.graph @kernel_write_after_write(%a: memref<8xf32>) {
  // expected-note @+1 {{the other access is by kernel "first"}}
  %0 = cudagraph.kernel "first" phases [#cudagraph.phase<@phase, 8>] args(%a write : memref<8xf32>)
  // expected-error @+1 {{kernel "second" is not ordered after kernel "first": write-after-write hazard on buffer #0}}
  %1 = cudagraph.kernel "second" phases [#cudagraph.phase<@phase, 8>] args(%a write : memref<8xf32>)
}

// -----

func.func private @phase(!llvm.ptr, i64, i64)

// Tests that a write waits for each of many readers.
cudagraph.graph @one_of_many_readers(%a: memref<8xf32>) {
  %0 = cudagraph.kernel "r0" phases [#cudagraph.phase<@phase, 8>] args(%a read : memref<8xf32>)
  // expected-note @+1 {{the other access is by kernel "r1"}}
  %1 = cudagraph.kernel "r1" phases [#cudagraph.phase<@phase, 8>] args(%a read : memref<8xf32>)
  %2 = cudagraph.kernel "r2" phases [#cudagraph.phase<@phase, 8>] args(%a read : memref<8xf32>)
  // expected-error @+1 {{kernel "w" is not ordered after kernel "r1": write-after-read hazard on buffer #0}}
  %3 = cudagraph.kernel "w" after(%0, %2) phases [#cudagraph.phase<@phase, 8>] args(%a write : memref<8xf32>)
}

// -----

// Tests a copy that overwrites what another copy reads.
cudagraph.graph @copy_write_after_read(%a: memref<8xf32>, %b: memref<8xf32>, %c: memref<8xf32>) {
  // expected-note @+1 {{the other access is by memcpy #0}}
  %0 = cudagraph.memcpy %a to %b : memref<8xf32> to memref<8xf32>
  // expected-error @+1 {{memcpy #1 is not ordered after memcpy #0: write-after-read hazard on buffer #0}}
  %1 = cudagraph.memcpy %c to %a : memref<8xf32> to memref<8xf32>
}

// -----

// Tests a fill of what a copy wrote.
cudagraph.graph @fill_after_copy(%a: memref<8xf32>, %b: memref<8xf32>) {
  // expected-note @+1 {{the other access is by memcpy #0}}
  %0 = cudagraph.memcpy %a to %b : memref<8xf32> to memref<8xf32>
  // expected-error @+1 {{memset #1 is not ordered after memcpy #0: write-after-write hazard on buffer #1}}
  %1 = cudagraph.memset %b value(0 : i8) : memref<8xf32>
}

// -----

// Tests a child that reads what a fill writes.
cudagraph.graph @inner(%a: memref<4xf32>, %b: memref<4xf32>) {
  %0 = cudagraph.memcpy %a to %b : memref<4xf32> to memref<4xf32>
}
cudagraph.graph @child_read_after_write(%a: memref<4xf32>, %b: memref<4xf32>) {
  // expected-note @+1 {{the other access is by memset #0}}
  %0 = cudagraph.memset %a value(0 : i8) : memref<4xf32>
  // expected-error @+1 {{child #1 is not ordered after memset #0: read-after-write hazard on buffer #0}}
  %1 = cudagraph.child @inner args(%a read, %b write : memref<4xf32>, memref<4xf32>)
}

// -----

// Tests a fill of what a child writes.
cudagraph.graph @inner(%a: memref<4xf32>, %b: memref<4xf32>) {
  %0 = cudagraph.memcpy %a to %b : memref<4xf32> to memref<4xf32>
}
cudagraph.graph @write_after_child(%a: memref<4xf32>, %b: memref<4xf32>) {
  // expected-note @+1 {{the other access is by child #0}}
  %0 = cudagraph.child @inner args(%a read, %b write : memref<4xf32>, memref<4xf32>)
  // expected-error @+1 {{memset #1 is not ordered after child #0: write-after-write hazard on buffer #1}}
  %1 = cudagraph.memset %b value(0 : i8) : memref<4xf32>
}

// -----

// Tests a branch that reads its condition before it is there.
cudagraph.graph @condition(%c: memref<i1>, %a: memref<8xf32>) {
  // expected-note @+1 {{the other access is by memset #0}}
  %0 = cudagraph.memset %c value(1 : i8) : memref<i1>
  // expected-error @+1 {{if #1 is not ordered after memset #0: read-after-write hazard on buffer #0}}
  %1 = cudagraph.if %c : memref<i1> {
    %in = cudagraph.memset %a value(0 : i8) : memref<8xf32>
  }
}

// -----

// Tests that what a body reads counts for the branch, in the else region and at
// any depth.
cudagraph.graph @body_reads(%c: memref<i1>, %a: memref<8xf32>, %b: memref<8xf32>) {
  // expected-note @+1 {{the other access is by memset #0}}
  %0 = cudagraph.memset %a value(0 : i8) : memref<8xf32>
  // expected-error @+1 {{if #1 is not ordered after memset #0: read-after-write hazard on buffer #1}}
  %1 = cudagraph.if %c : memref<i1> {
    %in = cudagraph.empty
  } else {
    %in = cudagraph.while %c : memref<i1> {
      %deep = cudagraph.memcpy %a to %b : memref<8xf32> to memref<8xf32>
    }
  }
}

// -----

// Tests that a later write waits for a loop whose body reads.
cudagraph.graph @after_body(%c: memref<i1>, %a: memref<8xf32>, %b: memref<8xf32>) {
  // expected-note @+1 {{the other access is by while #0}}
  %0 = cudagraph.while %c : memref<i1> {
    %in = cudagraph.memcpy %a to %b : memref<8xf32> to memref<8xf32>
  }
  // expected-error @+1 {{memset #1 is not ordered after while #0: write-after-read hazard on buffer #1}}
  %1 = cudagraph.memset %a value(0 : i8) : memref<8xf32>
}

// -----

// Tests two branches that write the same.
cudagraph.graph @two_branches(%c: memref<i1>, %s: memref<i64>, %a: memref<8xf32>) {
  // expected-note @+1 {{the other access is by if #0}}
  %0 = cudagraph.if %c : memref<i1> {
    %in = cudagraph.memset %a value(0 : i8) : memref<8xf32>
  }
  // expected-error @+1 {{switch #1 is not ordered after if #0: write-after-write hazard on buffer #2}}
  %1 = cudagraph.switch %s : memref<i64> cases {
    %in = cudagraph.empty
  }, {
    %in = cudagraph.memset %a value(1 : i8) : memref<8xf32>
  }
}

// -----

// Tests a missing edge in the body of a branch, and one in the body within it.
cudagraph.graph @in_if(%c: memref<i1>, %a: memref<8xf32>, %b: memref<8xf32>) {
  %0 = cudagraph.if %c : memref<i1> {
    // expected-note @+1 {{the other access is by memcpy #0}}
    %x = cudagraph.memcpy %a to %b : memref<8xf32> to memref<8xf32>
    // expected-error @+1 {{memset #1 is not ordered after memcpy #0: write-after-read hazard on buffer #1}}
    %y = cudagraph.memset %a value(0 : i8) : memref<8xf32>
  }
}

// -----

cudagraph.graph @in_nested(%c: memref<i1>, %a: memref<8xf32>, %b: memref<8xf32>) {
  %0 = cudagraph.if %c : memref<i1> {
    %1 = cudagraph.while %c : memref<i1> {
      // expected-note @+1 {{the other access is by memset #0}}
      %x = cudagraph.memset %a value(0 : i8) : memref<8xf32>
      // expected-error @+1 {{memcpy #1 is not ordered after memset #0: read-after-write hazard on buffer #1}}
      %y = cudagraph.memcpy %a to %b : memref<8xf32> to memref<8xf32>
    }
  }
}

// -----

// Tests views of one arena that overlap by one byte, from either side, each on
// views of views.
cudagraph.graph @overlap_in_front(%m: memref<4xi8>) arena(%a: memref<64xi8>) {
  %c15 = arith.constant 15 : index
  %x = memref.subview %a[16] [4] [1] : memref<64xi8> to memref<4xi8, strided<[1], offset: 16>>
  %v = memref.view %a[%c15][] : memref<64xi8> to memref<2x1xi8>
  %y = memref.collapse_shape %v [[0, 1]] : memref<2x1xi8> into memref<2xi8>
  // expected-note @+1 {{the other access is by memcpy #0}}
  %0 = cudagraph.memcpy %x to %m : memref<4xi8, strided<[1], offset: 16>> to memref<4xi8>
  // expected-error @+1 {{memset #1 is not ordered after memcpy #0: write-after-read hazard on the arena, bytes 15 to 17}}
  %1 = cudagraph.memset %y value(0 : i8) : memref<2xi8>
}

// -----

cudagraph.graph @overlap_behind(%m: memref<4xi8>) arena(%a: memref<64xi8>) {
  %x = memref.subview %a[16] [4] [1] : memref<64xi8> to memref<4xi8, strided<[1], offset: 16>>
  %y = memref.reinterpret_cast %a to offset: [19], sizes: [2], strides: [1] : memref<64xi8> to memref<2xi8, strided<[1], offset: 19>>
  // expected-note @+1 {{the other access is by memset #0}}
  %0 = cudagraph.memset %y value(0 : i8) : memref<2xi8, strided<[1], offset: 19>>
  // expected-error @+1 {{memcpy #1 is not ordered after memset #0: read-after-write hazard on the arena, bytes 16 to 20}}
  %1 = cudagraph.memcpy %x to %m : memref<4xi8, strided<[1], offset: 16>> to memref<4xi8>
}

// -----

// Tests that an edge to the last writer of one half leaves the other open.
cudagraph.graph @two_halves(%a: memref<8xf32>, %b: memref<8xf32>) {
  %x = memref.subview %a[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  %y = memref.subview %a[4] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
  // expected-note @+1 {{the other access is by memset #0}}
  %0 = cudagraph.memset %x value(0 : i8) : memref<4xf32, strided<[1]>>
  %1 = cudagraph.memset %y value(0 : i8) : memref<4xf32, strided<[1], offset: 4>>
  // expected-error @+1 {{memcpy #2 is not ordered after memset #0: read-after-write hazard on buffer #0}}
  %2 = cudagraph.memcpy %a to %b after(%1) : memref<8xf32> to memref<8xf32>
}

// -----

// Tests that a path must lead there: edges of other nodes do not help.
cudagraph.graph @path_elsewhere(%a: memref<8xf32>, %b: memref<8xf32>, %c: memref<8xf32>) {
  // expected-note @+1 {{the other access is by memset #0}}
  %0 = cudagraph.memset %a value(0 : i8) : memref<8xf32>
  %1 = cudagraph.empty after(%0)
  %2 = cudagraph.memset %b value(0 : i8) : memref<8xf32>
  // expected-error @+1 {{memcpy #3 is not ordered after memset #0: read-after-write hazard on buffer #0}}
  %3 = cudagraph.memcpy %a to %c after(%2) : memref<8xf32> to memref<8xf32>
}

// -----

func.func private @phase(!llvm.ptr, i64, i64)

// Tests that a node in a body does not write a parameter either.
cudagraph.graph @parameter_in_body(%c: memref<i1>) parameters(%p: memref<f32>) {
  // expected-error @+1 {{if #0 writes a parameter of the graph}}
  %0 = cudagraph.if %c : memref<i1> {
    %in = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>] args(%p readwrite : memref<f32>)
  }
}
