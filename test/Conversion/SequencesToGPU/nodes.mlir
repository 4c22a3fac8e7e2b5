// RUN: graph-opt %s --convert-sequences-to-gpu --canonicalize --split-input-file | FileCheck %s

// Tests that independent phases share a node, whose blocks work on both.
// CHECK-LABEL: func.func @independent(
// CHECK:         gpu.func @g_k0(
// CHECK-SAME:      nvvm.minctasm = 4 : i32
// CHECK:           scf.if
// CHECK:             arith.negf
// CHECK:           scf.if
// CHECK:             math.absf
// CHECK-NOT:     gpu.func
// CHECK:         cudagraph.kernel "g.k0" {{.*}} args(%{{.*}} readwrite, %{{.*}} readwrite : memref<8xf32>, memref<20xf32>) grid [5, 1, 1]
// CHECK-NOT:     cudagraph.kernel
func.func @independent(%m: memref<8xf32>, %n: memref<20xf32>) {
  tseq.graph "g" (%a = %m, %b = %n) : (memref<8xf32>, memref<20xf32>) -> () {
    tseq.kernel {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
      %t = tseq.pack %b : !tseq.seq<memref<20xf32>>
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) outs(%s : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32):
        %y = arith.negf %x : f32
        tseq.yield %y : f32
      }
      tseq.map chunk(4) ins(%t : !tseq.seq<memref<20xf32>>) outs(%t : !tseq.seq<memref<20xf32>>) {
      ^bb0(%x: f32):
        %y = math.absf %x : f32
        tseq.yield %y : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a phase of all blocks that needs what another one has written, or
// writes what another one reads, begins a node.
// CHECK-LABEL: func.func @dependent(
// CHECK:         gpu.func @g_k0_0(
// CHECK:           arith.negf
// CHECK:         gpu.func @g_k0_1(
// CHECK:           math.absf
// CHECK:         gpu.func @g_k0_2(
// CHECK:           math.sqrt
// CHECK:         %[[K0:.*]] = cudagraph.kernel "g.k0.0" phases [#cudagraph.phase<@graphopt_kernels::@g_k0_0, 1>] args(%[[A:.*]] read, %[[B:.*]] write :
// CHECK-NEXT:    %[[K1:.*]] = cudagraph.kernel "g.k0.1" after(%[[K0]]) phases [#cudagraph.phase<@graphopt_kernels::@g_k0_1, 1>] args(%[[B]] read, %[[C:.*]] write :
// CHECK-NEXT:    cudagraph.kernel "g.k0.2" after(%[[K1]]) phases [#cudagraph.phase<@graphopt_kernels::@g_k0_2, 1>] args(%[[A]] read, %[[B]] write :
func.func @dependent(%m: memref<8xf32>, %n: memref<8xf32>, %o: memref<8xf32>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %o) : (memref<8xf32>, memref<8xf32>, memref<8xf32>) -> () {
    tseq.kernel {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
      %t = tseq.pack %b : !tseq.seq<memref<8xf32>>
      %u = tseq.pack %c : !tseq.seq<memref<8xf32>>
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) outs(%t : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32):
        %y = arith.negf %x : f32
        tseq.yield %y : f32
      }
      tseq.map chunk(4) ins(%t : !tseq.seq<memref<8xf32>>) outs(%u : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32):
        %y = math.absf %x : f32
        tseq.yield %y : f32
      }
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) outs(%t : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32):
        %y = math.sqrt %x : f32
        tseq.yield %y : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a map that uses the result of a reduction begins a node, and that
// the scalar between them belongs to the first.
// CHECK-LABEL: func.func @reduce_scalar_map(
// CHECK:         gpu.func @g_k0_0(
// CHECK:           llvm.atomicrmw
// CHECK:           math.sqrt
// CHECK:         gpu.func @g_k0_1(
// CHECK-NOT:       math.sqrt
// CHECK:           arith.mulf
// CHECK:         %[[K0:.*]] = cudagraph.kernel "g.k0.0"
// CHECK:         cudagraph.kernel "g.k0.1" after(%[[K0]])
func.func @reduce_scalar_map(%m: memref<8xf32>, %n: memref<f32>, %o: memref<f32>, %k: memref<2xf32>) {
  tseq.graph "g" (%a = %m, %r = %n, %f = %o, %p = %k) : (memref<8xf32>, memref<f32>, memref<f32>, memref<2xf32>) -> () {
    tseq.kernel {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
      tseq.reduce [add] chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) outs(%r : memref<f32>) scratch(%p : memref<2xf32>) {
      ^bb0(%x: f32):
        tseq.yield %x : f32
      }
      tseq.scalar ins(%r : memref<f32>) outs(%f : memref<f32>) {
      ^bb0(%x: f32):
        %y = math.sqrt %x : f32
        tseq.yield %y : f32
      }
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) scalars(%f : memref<f32>) outs(%s : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        tseq.yield %z : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that every block computes the scalar before a map for itself, one
// thread of it, the others wait.
// CHECK-LABEL: func.func @scalar_before_map(
// CHECK:         gpu.func @g_k0(
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq, %{{.*}}, %c0_i32
// CHECK:           scf.if %[[FIRST]] {
// CHECK:             math.sqrt
// CHECK:             llvm.store
// CHECK:           }
// CHECK-NEXT:      gpu.barrier
// CHECK:           scf.if
// CHECK:             arith.mulf
// CHECK:         cudagraph.kernel "g.k0"
// CHECK-NOT:     cudagraph.kernel
func.func @scalar_before_map(%m: memref<8xf32>, %n: memref<f32>, %o: memref<f32>) {
  tseq.graph "g" (%a = %m, %r = %n, %f = %o) : (memref<8xf32>, memref<f32>, memref<f32>) -> () {
    tseq.kernel {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
      tseq.scalar ins(%r : memref<f32>) outs(%f : memref<f32>) {
      ^bb0(%x: f32):
        %y = math.sqrt %x : f32
        tseq.yield %y : f32
      }
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) scalars(%f : memref<f32>) outs(%s : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        tseq.yield %z : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that of what every block computes, block 0 alone stores what no other phase
// needs, and every block what the map reads.
// CHECK-LABEL: func.func @scalar_result(
// CHECK:         gpu.func @g_k0(
// CHECK:           %[[BLOCK:.*]] = arith.index_castui %block_id_x
// CHECK:           %[[ROOT:.*]] = math.sqrt
// CHECK:           %[[WHOLE:.*]] = math.floor %[[ROOT]]
// CHECK-NOT:       scf.if
// CHECK:           llvm.store %[[ROOT]], %{{.*}} : f32
// CHECK:           %[[ISFIRST:.*]] = arith.cmpi eq, %[[BLOCK]], %c0_i32
// CHECK:           scf.if %[[ISFIRST]] {
// CHECK-NOT:       }
// CHECK:             llvm.store %[[WHOLE]], %{{.*}} : f32
// CHECK-NEXT:      }
// CHECK-NEXT:    }
// CHECK-NEXT:    gpu.barrier
// CHECK:           arith.mulf
// CHECK:         cudagraph.kernel "g.k0"
// CHECK-NOT:     cudagraph.kernel
func.func @scalar_result(%m: memref<8xf32>, %n: memref<f32>, %o: memref<f32>, %p: memref<f32>) {
  tseq.graph "g" (%a = %m, %r = %n, %f = %o, %h = %p) : (memref<8xf32>, memref<f32>, memref<f32>, memref<f32>) -> () {
    tseq.kernel {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
      tseq.scalar ins(%r : memref<f32>) outs(%f, %h : memref<f32>, memref<f32>) {
      ^bb0(%x: f32):
        %y = math.sqrt %x : f32
        %z = math.floor %y : f32
        tseq.yield %y, %z : f32, f32
      }
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) scalars(%f : memref<f32>) outs(%s : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        tseq.yield %z : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a scalar before a map that changes what it reads (a counter) runs
// once, in a node of its own.
// CHECK-LABEL: func.func @counter_before_map(
// CHECK:         gpu.func @g_k0_0(
// CHECK:           arith.addf
// CHECK-NOT:       gpu.barrier
// CHECK:         gpu.func @g_k0_1(
// CHECK:           arith.mulf
// CHECK:         %[[K0:.*]] = cudagraph.kernel "g.k0.0" {{.*}} grid [1, 1, 1]
// CHECK:         cudagraph.kernel "g.k0.1" after(%[[K0]]) {{.*}} grid [2, 1, 1]
func.func @counter_before_map(%m: memref<8xf32>, %n: memref<f32>) {
  tseq.graph "g" (%a = %m, %r = %n) : (memref<8xf32>, memref<f32>) -> () {
    tseq.kernel {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
      tseq.scalar ins(%r : memref<f32>) outs(%r : memref<f32>) {
      ^bb0(%x: f32):
        %one = arith.constant 1.0 : f32
        %y = arith.addf %x, %one : f32
        tseq.yield %y : f32
      }
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) scalars(%r : memref<f32>) outs(%s : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        tseq.yield %z : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that of two scalars before a map the second waits in a node of its own if
// it writes what the first reads: another block may still be there.
// CHECK-LABEL: func.func @scalar_writes_what_a_scalar_reads(
// CHECK:       cudagraph.graph @g(%[[M:.*]]: memref<8xf32>, %[[A:.*]]: memref<f32>, %[[B:.*]]: memref<f32>, %[[C:.*]]: memref<f32>)
// CHECK:         %[[FIRST:.*]] = cudagraph.kernel "g.k0.0" {{.*}} args(%[[B]] read, %[[A]] write :
// CHECK:         cudagraph.kernel "g.k0.1" after(%[[FIRST]]) {{.*}} args(%[[M]] readwrite, %[[A]] read, %[[C]] read, %[[B]] write :
// CHECK-NOT:     cudagraph.kernel
func.func @scalar_writes_what_a_scalar_reads(%m: memref<8xf32>, %u: memref<f32>, %v: memref<f32>, %w: memref<f32>) {
  tseq.graph "g" (%s0 = %m, %a = %u, %b = %v, %c = %w) : (memref<8xf32>, memref<f32>, memref<f32>, memref<f32>) -> () {
    tseq.kernel {
      tseq.scalar ins(%b : memref<f32>) outs(%a : memref<f32>) {
      ^bb0(%x: f32):
        %y = arith.negf %x : f32
        tseq.yield %y : f32
      }
      tseq.scalar ins(%c : memref<f32>) outs(%b : memref<f32>) {
      ^bb0(%x: f32):
        tseq.yield %x : f32
      }
      %s = tseq.pack %s0 : !tseq.seq<memref<8xf32>>
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) scalars(%a : memref<f32>) outs(%s : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        tseq.yield %z : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a map does not share a node with a scalar whose operand it writes:
// another block may still be at the scalar.
// CHECK-LABEL: func.func @map_writes_what_the_scalar_reads(
// CHECK:         %[[K0:.*]] = cudagraph.kernel "g.k0.0"
// CHECK:         cudagraph.kernel "g.k0.1" after(%[[K0]])
func.func @map_writes_what_the_scalar_reads(%n: memref<f32>, %o: memref<f32>) {
  tseq.graph "g" (%r = %n, %f = %o) : (memref<f32>, memref<f32>) -> () {
    tseq.kernel {
      tseq.scalar ins(%r : memref<f32>) outs(%f : memref<f32>) {
      ^bb0(%x: f32):
        %y = math.sqrt %x : f32
        tseq.yield %y : f32
      }
      %s = tseq.pack %r : !tseq.seq<memref<f32>>
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<f32>>) outs(%s : !tseq.seq<memref<f32>>) {
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

// Tests that a scalar behind a map that it does not depend on waits for all
// blocks too: it is the last to run.
// CHECK-LABEL: func.func @scalar_after_map(
// CHECK:         gpu.func @g_k0(
// CHECK:           arith.negf
// CHECK:           llvm.atomicrmw uinc_wrap
// CHECK:           scf.if
// CHECK:             math.sqrt
// CHECK:         cudagraph.kernel "g.k0" {{.*}} memref<4xi8>) grid [2, 1, 1]
// CHECK-NOT:     cudagraph.kernel
func.func @scalar_after_map(%m: memref<8xf32>, %n: memref<f32>) {
  tseq.graph "g" (%a = %m, %r = %n) : (memref<8xf32>, memref<f32>) -> () {
    tseq.kernel {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) outs(%s : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32):
        %z = arith.negf %x : f32
        tseq.yield %z : f32
      }
      tseq.scalar ins(%r : memref<f32>) outs(%r : memref<f32>) {
      ^bb0(%x: f32):
        %y = math.sqrt %x : f32
        tseq.yield %y : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a scalar program alone is one thread of one warp, with the registers
// that it likes, and that a vector among its operands is there as a memref.
// CHECK-LABEL: func.func @scalar_alone(
// CHECK:         gpu.func @g_k0(%[[SLOTS:.*]]: !llvm.ptr) kernel
// CHECK-SAME:      known_block_size = array<i32: 32, 1, 1>, known_grid_size = array<i32: 1, 1, 1>}
// CHECK:           scf.if
// CHECK:             %[[GENERIC:.*]] = llvm.addrspacecast %{{.*}} : !llvm.ptr<1> to !llvm.ptr
// CHECK:             %[[V:.*]] = builtin.unrealized_conversion_cast %{{.*}} : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)> to memref<2xf32>
// CHECK:             %[[BIT:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> i8
// CHECK:             arith.trunci %[[BIT]] : i8 to i1
// CHECK:             memref.load %[[V]][%c1]
// CHECK:             llvm.store %{{.*}} : f32, !llvm.ptr<1>
// CHECK:         cudagraph.kernel "g.k0" {{.*}} args(%{{.*}} read, %{{.*}} read, %{{.*}} write : memref<2xf32>, memref<i1>, memref<f32>) grid [1, 1, 1] block [32, 1, 1]
func.func @scalar_alone(%m: memref<2xf32>, %n: memref<i1>, %o: memref<f32>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %o) : (memref<2xf32>, memref<i1>, memref<f32>) -> () {
    tseq.scalar ins(%a, %b : memref<2xf32>, memref<i1>) outs(%c : memref<f32>) {
    ^bb0(%v: memref<2xf32>, %w: i1):
      %c1 = arith.constant 1 : index
      %x = memref.load %v[%c1] : memref<2xf32>
      %y = arith.negf %x : f32
      %z = arith.select %w, %x, %y : f32
      tseq.yield %z : f32
    }
    tseq.yield
  }
  return
}
