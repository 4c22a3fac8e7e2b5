// RUN: graph-opt %s --convert-sequences-to-gpu --canonicalize --split-input-file | FileCheck %s

// Tests that the scalar program that computes a temporary condition sets the
// handle of the branch too: its slot is behind those of the operands and holds
// zero where there is no handle.
// CHECK-LABEL: func.func @set_by_scalar(
// CHECK:         llvm.func @cudaGraphSetConditional(i64, i32)
// CHECK:         gpu.func @g_k0(%[[SLOTS:.*]]: !llvm.ptr) kernel
// CHECK-SAME:      graphopt.slots_by_value = 3 : i64
// CHECK:           %[[HOLDS:.*]] = arith.cmpf ogt
// CHECK:           llvm.store %{{.*}} : i8, !llvm.ptr<1>
// CHECK:           %[[SLOT:.*]] = llvm.getelementptr %[[SLOTS]][2]
// CHECK:           %[[HANDLE:.*]] = llvm.load %[[SLOT]] : !llvm.ptr -> i64
// CHECK:           arith.cmpi ne, %[[HANDLE]], %{{.*}} : i64
// CHECK:           scf.if
// CHECK:             %[[NUMBER:.*]] = arith.extui %{{.*}} : i1 to i32
// CHECK:             llvm.call @cudaGraphSetConditional(%[[HANDLE]], %[[NUMBER]])
// CHECK:         %[[K:.*]] = cudagraph.kernel "g.k0" {{.*}} sets [0] grid [1, 1, 1]
// CHECK:         cudagraph.if %{{.*}} after(%[[K]]) handle(0) : memref<i1> {
// CHECK-NOT:     cudagraph.kernel
func.func @set_by_scalar(%m: memref<8xf32>, %n: memref<8xf32>, %o: memref<f32>) {
  %arena = memref.alloc() : memref<1xi8>
  tseq.graph "g" (%a = %m, %b = %n, %r = %o, %d = %arena) : (memref<8xf32>, memref<8xf32>, memref<f32>, memref<1xi8>) -> () attributes {arena = 3 : i64, arena_bytes = 1 : i64} {
    %c0 = arith.constant 0 : index
    %c = memref.view %d[%c0][] : memref<1xi8> to memref<i1>
    tseq.scalar ins(%r : memref<f32>) outs(%c : memref<i1>) {
    ^bb0(%x: f32):
      %one = arith.constant 1.0 : f32
      %y = arith.cmpf ogt, %x, %one : f32
      tseq.yield %y : i1
    }
    tseq.if %c : memref<i1> {
      memref.copy %a, %b : memref<8xf32> to memref<8xf32>
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a kernel before a loop sets its handle from memory, and another one
// at the end of its body, behind what writes the condition.
// CHECK-LABEL: func.func @loop(
// CHECK:         gpu.func @g_k0(
// CHECK:           %[[BYTE:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> i8
// CHECK:           arith.trunci %[[BYTE]] : i8 to i1
// CHECK:           llvm.call @cudaGraphSetConditional(
// CHECK:         %[[BEFORE:.*]] = cudagraph.kernel "g.k0" {{.*}} args(%[[C:.*]] read : memref<i1>) sets [0] grid [1, 1, 1] block [32, 1, 1]
// CHECK:         cudagraph.while %[[C]] after(%[[BEFORE]]) handle(0) : memref<i1> {
// CHECK:           %[[WRITES:.*]] = cudagraph.kernel "g.k1" {{.*}} args(%[[C]] write : memref<i1>) grid
// CHECK:           cudagraph.kernel "g.k2" after(%[[WRITES]]) {{.*}} args(%[[C]] read : memref<i1>) sets [0]
// CHECK:         }
func.func @loop(%f: memref<i1>) {
  tseq.graph "g" (%c = %f) : (memref<i1>) -> () {
    tseq.while %c : memref<i1> {
      tseq.scalar outs(%c : memref<i1>) {
        %false = arith.constant false
        tseq.yield %false : i1
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that branches one after the other have handles of their own, each with a
// kernel that sets it, also where they share a condition; both bodies are there.
// CHECK-LABEL: func.func @branches(
// CHECK:         cudagraph.kernel "g.k0" {{.*}} sets [0]
// CHECK:         cudagraph.if %[[C:[^ ]*]] {{.*}}handle(0) : memref<i1> {
// CHECK:           cudagraph.memcpy
// CHECK:         } else {
// CHECK:           cudagraph.memcpy
// CHECK:         }
// CHECK:         cudagraph.kernel "g.k1" {{.*}} sets [1]
// CHECK:         cudagraph.if %[[C]] {{.*}}handle(1) : memref<i1> {
// CHECK:           cudagraph.kernel "g.k2" {{.*}} args(%{{.*}} readwrite : memref<8xf32>) grid
// CHECK:         }
func.func @branches(%m: memref<8xf32>, %n: memref<8xf32>, %f: memref<i1>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %f) : (memref<8xf32>, memref<8xf32>, memref<i1>) -> () {
    tseq.if %c : memref<i1> {
      memref.copy %a, %b : memref<8xf32> to memref<8xf32>
      tseq.yield
    } else {
      memref.copy %b, %a : memref<8xf32> to memref<8xf32>
      tseq.yield
    }
    tseq.if %c : memref<i1> {
      %s = tseq.pack %b : !tseq.seq<memref<8xf32>>
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) outs(%s : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32):
        %z = arith.negf %x : f32
        tseq.yield %z : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a branch comes after the kernel that sets its handle, though both
// only read the condition.
// CHECK-LABEL: func.func @set_before_branch(
// CHECK:       cudagraph.graph @g(%[[A:.*]]: memref<8xf32>, %[[B:.*]]: memref<8xf32>, %[[C:.*]]: memref<i1>)
// CHECK:         %[[SET:.*]] = cudagraph.kernel "g.k0" {{.*}} args(%[[C]] read : memref<i1>) sets [0]
// CHECK:         cudagraph.if %[[C]] after(%[[SET]]) handle(0) : memref<i1> {
func.func @set_before_branch(%m: memref<8xf32>, %n: memref<8xf32>, %f: memref<i1>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %f) : (memref<8xf32>, memref<8xf32>, memref<i1>) -> () {
    tseq.if %c : memref<i1> {
      memref.copy %a, %b : memref<8xf32> to memref<8xf32>
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests a condition that the scalar after a reduction computes: the block that
// comes last sets it, whichever that is.
// CHECK-LABEL: func.func @set_by_last_block(
// CHECK:         gpu.func @g_k0(%[[SLOTS:.*]]: !llvm.ptr)
// CHECK:           %[[BLOCK:.*]] = gpu.block_id  x
// CHECK:           %[[NUMBER:.*]] = arith.index_castui %[[BLOCK]]
// CHECK:           llvm.atomicrmw uinc_wrap
// CHECK:           %[[LAST:.*]] = arith.cmpi eq
// CHECK:           scf.if %[[LAST]]
// CHECK-NOT:         %[[NUMBER]]{{[^0-9]}}
// CHECK:             arith.cmpf ogt
// CHECK-NOT:         %[[NUMBER]]{{[^0-9]}}
// CHECK:             %[[HANDLE:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i64
// CHECK-NEXT:        %[[EXISTS:.*]] = arith.cmpi ne, %[[HANDLE]], %{{.*}} : i64
// CHECK-NEXT:        scf.if %[[EXISTS]]
// CHECK:               llvm.call @cudaGraphSetConditional(%[[HANDLE]],
// CHECK:         %[[K:.*]] = cudagraph.kernel "g.k0" {{.*}} sets [0] grid [2, 1, 1]
// CHECK:         cudagraph.if %{{.*}} after(%[[K]]) handle(0)
func.func @set_by_last_block(%m: memref<8xf32>, %n: memref<8xf32>) {
  %arena = memref.alloc() : memref<768xi8>
  tseq.graph "g" (%a = %m, %b = %n, %d = %arena) : (memref<8xf32>, memref<8xf32>, memref<768xi8>) -> () attributes {arena = 2 : i64, arena_bytes = 768 : i64} {
    %c0 = arith.constant 0 : index
    %c256 = arith.constant 256 : index
    %c512 = arith.constant 512 : index
    %p = memref.view %d[%c0][] : memref<768xi8> to memref<2xf32>
    %q = memref.view %d[%c256][] : memref<768xi8> to memref<f32>
    %c = memref.view %d[%c512][] : memref<768xi8> to memref<i1>
    tseq.kernel {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
      tseq.reduce [add] chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) outs(%q : memref<f32>) scratch(%p : memref<2xf32>) {
      ^bb0(%x: f32):
        tseq.yield %x : f32
      }
      tseq.scalar ins(%q : memref<f32>) outs(%c : memref<i1>) {
      ^bb0(%x: f32):
        %one = arith.constant 1.0 : f32
        %y = arith.cmpf ogt, %x, %one : f32
        tseq.yield %y : i1
      }
      tseq.yield
    }
    tseq.if %c : memref<i1> {
      memref.copy %a, %b : memref<8xf32> to memref<8xf32>
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests a condition that every block computes before a map: the first one sets
// it.
// CHECK-LABEL: func.func @set_by_first_block(
// CHECK:         gpu.func @g_k0(
// CHECK:           %[[BLOCK:.*]] = gpu.block_id  x
// CHECK:           %[[NUMBER:.*]] = arith.index_castui %[[BLOCK]]
// CHECK:           arith.cmpf ogt
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq, %[[NUMBER]], %c0_i32
// CHECK-NEXT:      scf.if %[[FIRST]]
// CHECK:             llvm.call @cudaGraphSetConditional(
// CHECK:         cudagraph.kernel "g.k0" {{.*}} sets [0] grid [2, 1, 1]
func.func @set_by_first_block(%m: memref<8xf32>, %n: memref<8xf32>, %u: memref<f32>) {
  %arena = memref.alloc() : memref<1xi8>
  tseq.graph "g" (%a = %m, %b = %n, %v = %u, %d = %arena) : (memref<8xf32>, memref<8xf32>, memref<f32>, memref<1xi8>) -> () attributes {arena = 3 : i64, arena_bytes = 1 : i64} {
    %c0 = arith.constant 0 : index
    %c = memref.view %d[%c0][] : memref<1xi8> to memref<i1>
    tseq.kernel {
      tseq.scalar ins(%v : memref<f32>) outs(%c : memref<i1>) {
      ^bb0(%x: f32):
        %one = arith.constant 1.0 : f32
        %y = arith.cmpf ogt, %x, %one : f32
        tseq.yield %y : i1
      }
      %s = tseq.pack %b : !tseq.seq<memref<8xf32>>
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) scalars(%v : memref<f32>) outs(%s : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        tseq.yield %z : f32
      }
      tseq.yield
    }
    tseq.if %c : memref<i1> {
      memref.copy %a, %b : memref<8xf32> to memref<8xf32>
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a branch inside of a loop on the same condition has a handle of its
// own, and that the loop's is set again after it.
// CHECK-LABEL: func.func @branch_in_loop(
// CHECK:         cudagraph.kernel "g.k0" {{.*}} sets [0]
// CHECK:         cudagraph.while %[[C:[^ ]*]] after({{.*}}) handle(0) : memref<i1> {
// CHECK:           %[[W:.*]] = cudagraph.kernel "g.k1" {{.*}} args(%[[C]] write : memref<i1>) grid
// CHECK:           %[[SET:.*]] = cudagraph.kernel "g.k2" after(%[[W]]) {{.*}} args(%[[C]] read : memref<i1>) sets [1]
// CHECK:           cudagraph.if %[[C]] after(%[[SET]]) handle(1) : memref<i1> {
// CHECK-NEXT:        cudagraph.memcpy
// CHECK-NEXT:      }
// CHECK:           cudagraph.kernel "g.k3" after(%[[W]]) {{.*}} args(%[[C]] read : memref<i1>) sets [0]
// CHECK-NEXT:    }
func.func @branch_in_loop(%m: memref<8xf32>, %n: memref<8xf32>, %f: memref<i1>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %f) : (memref<8xf32>, memref<8xf32>, memref<i1>) -> () {
    tseq.while %c : memref<i1> {
      tseq.scalar outs(%c : memref<i1>) {
        %false = arith.constant false
        tseq.yield %false : i1
      }
      tseq.if %c : memref<i1> {
        memref.copy %a, %b : memref<8xf32> to memref<8xf32>
        tseq.yield
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a scalar behind a branch does not set its handle: the branch goes by
// what memory holds, which a kernel of its own reads.
// CHECK-LABEL: func.func @set_behind(
// CHECK:         %[[SETS:.*]] = cudagraph.kernel "g.k0" {{.*}} args(%[[C:.*]] read : memref<i1>) sets [0] grid [1, 1, 1] block [32, 1, 1]
// CHECK-NEXT:    %[[IF:.*]] = cudagraph.if %[[C]] after(%[[SETS]]) handle(0) : memref<i1> {
// CHECK:         }
// CHECK-NEXT:    cudagraph.kernel "g.k1" after(%[[IF]]) {{.*}} args(%{{.*}} read, %[[C]] write : memref<f32>, memref<i1>) grid
func.func @set_behind(%m: memref<8xf32>, %n: memref<8xf32>, %o: memref<f32>) {
  %arena = memref.alloc() : memref<1xi8>
  tseq.graph "g" (%a = %m, %b = %n, %r = %o, %d = %arena) : (memref<8xf32>, memref<8xf32>, memref<f32>, memref<1xi8>) -> () attributes {arena = 3 : i64, arena_bytes = 1 : i64} {
    %c0 = arith.constant 0 : index
    %c = memref.view %d[%c0][] : memref<1xi8> to memref<i1>
    tseq.if %c : memref<i1> {
      memref.copy %a, %b : memref<8xf32> to memref<8xf32>
      tseq.yield
    }
    tseq.scalar ins(%r : memref<f32>) outs(%c : memref<i1>) {
    ^bb0(%x: f32):
      %one = arith.constant 1.0 : f32
      %y = arith.cmpf ogt, %x, %one : f32
      tseq.yield %y : i1
    }
    tseq.yield
  }
  return
}

// -----

// Tests that neither does one whose result something else overwrites before the
// branch, through a view of its own and a list.
// CHECK-LABEL: func.func @overwritten(
// CHECK:         %[[SCALAR:.*]] = cudagraph.kernel "g.k0" {{.*}} args(%{{.*}} read, %[[C:[^ ]*]] write : memref<f32>, memref<i1>) grid
// CHECK:         %[[MAP:.*]] = cudagraph.kernel "g.k1" after(%[[SCALAR]])
// CHECK:         %[[SETS:.*]] = cudagraph.kernel "g.k2" after(%[[MAP]]) {{.*}} args(%[[C]] read : memref<i1>) sets [0]
// CHECK:         cudagraph.if %[[C]] after(%[[SETS]]) handle(0)
func.func @overwritten(%m: memref<8xf32>, %n: memref<8xf32>, %o: memref<f32>, %f: memref<4xi8>) {
  %arena = memref.alloc() : memref<4xi8>
  tseq.graph "g" (%a = %m, %b = %n, %r = %o, %e = %f, %d = %arena) : (memref<8xf32>, memref<8xf32>, memref<f32>, memref<4xi8>, memref<4xi8>) -> () attributes {arena = 4 : i64, arena_bytes = 4 : i64} {
    %c0 = arith.constant 0 : index
    %c3 = arith.constant 3 : index
    %c = memref.view %d[%c3][] : memref<4xi8> to memref<i1>
    %all = memref.view %d[%c0][] : memref<4xi8> to memref<4xi8>
    %in = tseq.pack %e : !tseq.seq<memref<4xi8>>
    %out = tseq.pack %all : !tseq.seq<memref<4xi8>>
    tseq.scalar ins(%r : memref<f32>) outs(%c : memref<i1>) {
    ^bb0(%x: f32):
      %one = arith.constant 1.0 : f32
      %y = arith.cmpf ogt, %x, %one : f32
      tseq.yield %y : i1
    }
    tseq.map chunk(4) ins(%in : !tseq.seq<memref<4xi8>>) outs(%out : !tseq.seq<memref<4xi8>>) {
    ^bb0(%x: i8):
      tseq.yield %x : i8
    }
    tseq.if %c : memref<i1> {
      memref.copy %a, %b : memref<8xf32> to memref<8xf32>
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that neither does one that may be overwritten in a branch between, and that
// each of two scalars sets the handle where the second stands before the branch.
// CHECK-LABEL: func.func @overwritten_in_branch(
// CHECK:         cudagraph.kernel "g.k0" {{.*}} write : memref<f32>, memref<i1>, memref<i1>) sets [0]
// CHECK:         cudagraph.if %{{.*}} handle(0)
// CHECK:           cudagraph.kernel "g.k1" {{.*}} write : memref<f32>, memref<i1>) grid
// CHECK:         }
// CHECK:         cudagraph.kernel "g.k2" {{.*}} read : memref<i1>) sets [1]
// CHECK:         cudagraph.if %{{.*}} handle(1)
// CHECK-LABEL: cudagraph.graph @h(
// CHECK:         %[[FIRST:.*]] = cudagraph.kernel "h.k0" {{.*}} sets [0]
// CHECK:         %[[SECOND:.*]] = cudagraph.kernel "h.k1" {{.*}} sets [0]
// CHECK-NEXT:    cudagraph.if %{{.*}} after(%[[SECOND]]) handle(0)
func.func @overwritten_in_branch(%m: memref<8xf32>, %n: memref<8xf32>, %o: memref<f32>) {
  %arena = memref.alloc() : memref<2xi8>
  tseq.graph "g" (%a = %m, %b = %n, %r = %o, %d = %arena) : (memref<8xf32>, memref<8xf32>, memref<f32>, memref<2xi8>) -> () attributes {arena = 3 : i64, arena_bytes = 2 : i64} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c = memref.view %d[%c0][] : memref<2xi8> to memref<i1>
    %e = memref.view %d[%c1][] : memref<2xi8> to memref<i1>
    tseq.scalar ins(%r : memref<f32>) outs(%c, %e : memref<i1>, memref<i1>) {
    ^bb0(%x: f32):
      %one = arith.constant 1.0 : f32
      %y = arith.cmpf ogt, %x, %one : f32
      tseq.yield %y, %y : i1, i1
    }
    tseq.if %e : memref<i1> {
      tseq.scalar ins(%r : memref<f32>) outs(%c : memref<i1>) {
      ^bb0(%x: f32):
        %two = arith.constant 2.0 : f32
        %y = arith.cmpf ogt, %x, %two : f32
        tseq.yield %y : i1
      }
      tseq.yield
    }
    tseq.if %c : memref<i1> {
      memref.copy %a, %b : memref<8xf32> to memref<8xf32>
      tseq.yield
    }
    tseq.yield
  }
  %other = memref.alloc() : memref<1xi8>
  tseq.graph "h" (%a = %m, %b = %n, %r = %o, %d = %other) : (memref<8xf32>, memref<8xf32>, memref<f32>, memref<1xi8>) -> () attributes {arena = 3 : i64, arena_bytes = 1 : i64} {
    %c0 = arith.constant 0 : index
    %c = memref.view %d[%c0][] : memref<1xi8> to memref<i1>
    tseq.scalar ins(%r : memref<f32>) outs(%c : memref<i1>) {
    ^bb0(%x: f32):
      %one = arith.constant 1.0 : f32
      %y = arith.cmpf ogt, %x, %one : f32
      tseq.yield %y : i1
    }
    tseq.scalar ins(%r : memref<f32>) outs(%c : memref<i1>) {
    ^bb0(%x: f32):
      %two = arith.constant 2.0 : f32
      %y = arith.cmpf ogt, %x, %two : f32
      tseq.yield %y : i1
    }
    tseq.if %c : memref<i1> {
      memref.copy %a, %b : memref<8xf32> to memref<8xf32>
      tseq.yield
    }
    tseq.yield
  }
  return
}
