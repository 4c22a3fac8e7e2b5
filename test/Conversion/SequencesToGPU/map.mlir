// RUN: graph-opt %s --convert-sequences-to-gpu="max-blocks=3 threads=64" --canonicalize --split-input-file | FileCheck %s

// Tests that a region becomes a graph whose kernel is a gpu.func: a table has a
// row for each block (first piece and end; offset; tensor and length of the piece
// to start with), another one all pieces. Elements up to the first aligned one are
// single, then come four at a time, then the rest. A list that is read and written
// is one operand.
// CHECK-LABEL: func.func @in_place(
// CHECK-SAME:    %[[M:[^:]*]]: memref<10xf32>
// CHECK:         %[[E:.*]] = cudagraph.instantiate @g : !cudagraph.exec
// CHECK:         cudagraph.launch %[[E]] buffers(%[[M]] : memref<10xf32>)
// CHECK:       gpu.module @graphopt_kernels
// CHECK:         llvm.mlir.global internal constant @[[PIECES:table.*]](dense<[0, 4, 4, 4, 8, 2]> : tensor<6xi64>) {addr_space = 1 : i32, alignment = 16 : i64}
// CHECK:         llvm.mlir.global internal constant @[[BLOCKS:table.*]](dense<[4294967296, 0, 0, 4, 8589934593, 0, 4, 4, 12884901890, 0, 8, 2]> : tensor<12xi64>) {addr_space = 1 : i32, alignment = 16 : i64}
// CHECK:         gpu.func @g_k0(%[[SLOTS:.*]]: !llvm.ptr) kernel
// CHECK-SAME:      graphopt.slots_by_value = 1 : i64
// CHECK-SAME:      known_block_size = array<i32: 64, 1, 1>, known_grid_size = array<i32: 3, 1, 1>
// As many registers as blocks of 1024 threads in all leave.
// CHECK-SAME:      nvvm.minctasm = 16 : i32
// CHECK-DAG:       %[[P:.*]] = llvm.mlir.addressof @[[PIECES]]
// CHECK-DAG:       %[[B:.*]] = llvm.mlir.addressof @[[BLOCKS]]
// CHECK-DAG:       %[[TID:.*]] = gpu.thread_id x
// CHECK-DAG:       %[[ID:.*]] = gpu.block_id x
// CHECK-DAG:       %[[THREAD:.*]] = arith.index_castui %[[TID]]
// CHECK-DAG:       %[[BLOCK:.*]] = arith.index_castui %[[ID]]
// The row of the block, or the last one.
// CHECK:           %[[NUMBER:.*]] = arith.minui %[[BLOCK]], %c2_i32
// CHECK:           %[[ROW:.*]] = arith.muli %[[NUMBER]], %c2_i32
// CHECK:           llvm.getelementptr %[[B]][%[[ROW]]] : {{.*}}, vector<2xi64>
// CHECK:           %[[WORDS:.*]] = llvm.load %{{.*}} invariant {alignment = 16 : i64}
// CHECK:           %[[BOUNDS:.*]] = llvm.extractelement %[[WORDS]][%c0_i32
// CHECK:           %[[WORDS:.*]] = llvm.load %{{.*}} invariant {alignment = 16 : i64}
// CHECK:           %[[OFFSET:.*]] = llvm.extractelement %[[WORDS]][%c0_i32
// CHECK:           %[[LENGTH:.*]] = llvm.extractelement %[[WORDS]][%c1_i32
// CHECK:           %[[WORKS:.*]] = arith.cmpi ult, %[[BLOCK]], %c3_i32
// CHECK:           scf.if %[[WORKS]]
// CHECK:             %[[HIGH:.*]] = arith.shrui %[[BOUNDS]], %c32_i64
// CHECK:             %[[BEGIN:.*]] = arith.trunci %[[BOUNDS]]
// CHECK:             %[[END:.*]] = arith.trunci %[[HIGH]]
// CHECK:             %[[LAST:.*]] = arith.subi %[[END]], %c1_i32
// CHECK:             scf.for %[[PIECE:.*]] = %[[BEGIN]] to %[[END]] step %c1_i32 iter_args(%[[FROM:.*]] = %[[OFFSET]], %[[SIZE:.*]] = %[[LENGTH]])
// The next piece, which is loaded before the work on this one.
// CHECK:               %[[FOLLOWING:.*]] = arith.addi %[[PIECE]], %c1_i32
// CHECK:               %[[NEXT:.*]] = arith.minui %[[FOLLOWING]], %[[LAST]]
// CHECK:               llvm.getelementptr %[[P]][%[[NEXT]]] : {{.*}}, vector<2xi64>
// CHECK:               %[[WORDS:.*]] = llvm.load %{{.*}} invariant
// CHECK:               %[[NEXTFROM:.*]] = llvm.extractelement %[[WORDS]][%c0_i32
// CHECK:               %[[NEXTSIZE:.*]] = llvm.extractelement %[[WORDS]][%c1_i32
// CHECK:               %[[SLOT:.*]] = llvm.getelementptr %[[SLOTS]][%{{.*}}] : (!llvm.ptr, i32)
// CHECK:               %[[BASE:.*]] = llvm.load %[[SLOT]] : !llvm.ptr -> !llvm.ptr<1>
// CHECK:               %[[X:.*]] = llvm.getelementptr %[[BASE]][%[[FROM]]]
// CHECK:               scf.for {{.*}} step %c128_i32
// CHECK-COUNT-2:         llvm.load %{{.*}} : !llvm.ptr<1> -> f32
// CHECK-COUNT-2:         arith.negf
// CHECK-COUNT-2:         llvm.store %{{.*}} : f32, !llvm.ptr<1>
// The rest of the strip is a round in which units are missing: those are loaded
// where the last one is, and not stored.
// CHECK:               %[[UNIT:.*]] = arith.addi %{{.*}}, %[[THREAD]]
// CHECK:               %[[ISANY:.*]] = arith.cmpi ult, %[[UNIT]], %[[COUNT:.*]] :
// CHECK:               scf.if %[[ISANY]] {
// CHECK-DAG:             %[[LASTUNIT:.*]] = arith.subi %[[COUNT]], %c1_i32
// CHECK-DAG:             %[[IS0:.*]] = arith.cmpi ult, %[[UNIT]], %[[COUNT]]
// CHECK-DAG:             %[[UNIT1:.*]] = arith.addi %[[UNIT]], %c64_i32
// CHECK-DAG:             %[[IS1:.*]] = arith.cmpi ult, %[[UNIT1]], %[[COUNT]]
// CHECK-DAG:             %[[AT1:.*]] = arith.minui %[[UNIT1]], %[[LASTUNIT]]
// CHECK:                 llvm.getelementptr %[[X]][%[[UNIT]]]
// CHECK:                 llvm.getelementptr %[[X]][%[[AT1]]]
// CHECK:                 %[[V1:.*]] = llvm.load
// CHECK:                 %[[W1:.*]] = arith.negf %[[V1]]
// CHECK-NOT:             llvm.store
// CHECK:                 scf.if %[[IS0]] {
// CHECK:                 scf.if %[[IS1]] {
// CHECK-NEXT:              %[[PLACE:.*]] = llvm.getelementptr %[[X]][%[[AT1]]]
// CHECK-NEXT:              llvm.store %[[W1]], %[[PLACE]] : f32, !llvm.ptr<1>
// CHECK:               scf.for {{.*}} step %c256_i32
// CHECK-COUNT-4:         llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
// CHECK-COUNT-16:        arith.negf
// CHECK-COUNT-4:         llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
// CHECK:               %[[UNIT:.*]] = arith.addi %{{.*}}, %[[THREAD]]
// CHECK:               %[[ISANY:.*]] = arith.cmpi ult, %[[UNIT]], %[[COUNT:.*]] :
// CHECK:               scf.if %[[ISANY]] {
// CHECK-COUNT-3:         arith.minui
// CHECK-COUNT-4:         llvm.load %{{.*}} : !llvm.ptr<1> -> vector<4xf32>
// CHECK-COUNT-16:        arith.negf
// CHECK-NOT:             llvm.store
// CHECK:                 scf.if
// CHECK:                   llvm.store %{{.*}} : vector<4xf32>, !llvm.ptr<1>
// CHECK:                 scf.if
// CHECK:                   llvm.store %{{.*}} : vector<4xf32>, !llvm.ptr<1>
// CHECK:                 scf.if
// CHECK:                   llvm.store %{{.*}} : vector<4xf32>, !llvm.ptr<1>
// CHECK:                 scf.if
// CHECK:                   llvm.store %{{.*}} : vector<4xf32>, !llvm.ptr<1>
// What is left is less than a unit.
// CHECK:               %[[LEFT:.*]] = arith.cmpi ult, %[[THREAD]], %{{.*}}
// CHECK:               scf.if %[[LEFT]]
// CHECK-NOT:             vector
// CHECK:                 llvm.load %{{.*}} : !llvm.ptr<1> -> f32
// CHECK-NOT:             scf.if
// CHECK:                 llvm.store %{{.*}} : f32, !llvm.ptr<1>
// CHECK-NOT:           scf.for
// CHECK:               scf.yield %[[NEXTFROM]], %[[NEXTSIZE]] : i64, i64
// CHECK:           gpu.return
// CHECK:       cudagraph.graph @g(%[[A:.*]]: memref<10xf32>) attributes {disjoint_buffers} {
// CHECK-NEXT:    cudagraph.kernel "g.k0" phases [#cudagraph.phase<@graphopt_kernels::@g_k0, 1>] args(%[[A]] readwrite : memref<10xf32>) grid [3, 1, 1] block [64, 1, 1]
// CHECK-NEXT:  }
func.func @in_place(%m: memref<10xf32>) {
  tseq.graph "g" (%a = %m) : (memref<10xf32>) -> () {
    %s = tseq.pack %a : !tseq.seq<memref<10xf32>>
    tseq.map chunk(4) ins(%s : !tseq.seq<memref<10xf32>>) outs(%s : !tseq.seq<memref<10xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a block that walks backward starts with the last of its pieces: its
// row holds that one, the next is the one before, and not before the first. What
// does not fill a unit, at the end of a piece, comes first.
// Pieces: (0, 0, 4), (1, 0, 2), (1, 2, 3), (2, 0, 3) in (tensor, offset, length).
// CHECK-LABEL: func.func @backward(
// CHECK:         @[[PIECES:table.*]](dense<[0, 4, 0, 4294967298, 2, 4294967299, 0, 8589934595]> : tensor<8xi64>)
// CHECK:         @[[BLOCKS:table.*]](dense<[8589934592, 0, 0, 4294967298, 12884901890, 0, 2, 4294967299, 17179869187, 0, 0, 8589934595]> : tensor<12xi64>)
// CHECK:         gpu.func @g_k0(
// CHECK:           %[[P:.*]] = llvm.mlir.addressof @[[PIECES]]
// CHECK:           %[[LAST:.*]] = arith.subi %[[END:.*]], %c1_i32
// CHECK:           scf.for %[[PIECE:.*]] = %[[BEGIN:.*]] to %[[END]] step %c1_i32 iter_args(
// CHECK:             %[[FOLLOWING:.*]] = arith.addi %[[PIECE]], %c1_i32
// CHECK:             %[[MIRRORED:.*]] = arith.minui %[[FOLLOWING]], %[[LAST]]
// CHECK:             %[[SUM:.*]] = arith.addi %[[BEGIN]], %[[LAST]]
// CHECK:             %[[NEXT:.*]] = arith.subi %[[SUM]], %[[MIRRORED]]
// CHECK:             llvm.getelementptr %[[P]][%[[NEXT]]] : {{.*}}, vector<2xi64>
// CHECK:             scf.if
// CHECK:               llvm.load %{{.*}} : !llvm.ptr<1> -> f32
// CHECK-NOT:         scf.for
// CHECK:             llvm.load %{{.*}} : !llvm.ptr<1> -> vector<4xf32>
func.func @backward(%m: memref<4xf32>, %n: memref<5xf32>, %o: memref<3xf32>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %o) : (memref<4xf32>, memref<5xf32>, memref<3xf32>) -> () {
    %s = tseq.pack %a, %b, %c : !tseq.seq<memref<4xf32>, memref<5xf32>, memref<3xf32>>
    tseq.map backward chunk(2) ins(%s : !tseq.seq<memref<4xf32>, memref<5xf32>, memref<3xf32>>) outs(%s : !tseq.seq<memref<4xf32>, memref<5xf32>, memref<3xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that several lists of several types are aligned together, that a unit
// has as many elements of each, as many as an access of the widest, and that each list says whether it is read.
// CHECK-LABEL: func.func @mixed_types(
// CHECK:         gpu.func @g_k0(%[[SLOTS:.*]]: !llvm.ptr) kernel
// CHECK-SAME:      graphopt.slots_by_value = 4 : i64
// CHECK:           %[[SLOT:.*]] = llvm.getelementptr %[[SLOTS]][%[[T:.*]]] :
// CHECK:           %[[NARROW:.*]] = llvm.load %[[SLOT]] : !llvm.ptr -> !llvm.ptr<1>
// CHECK:           %[[NEXT:.*]] = arith.addi %[[T]], %c2_i32
// CHECK:           %[[SLOT2:.*]] = llvm.getelementptr %[[SLOTS]][%[[NEXT]]]
// CHECK:           %[[WIDE:.*]] = llvm.load %[[SLOT2]] : !llvm.ptr -> !llvm.ptr<1>
// CHECK:           scf.for {{.*}} step %c256_i32
// CHECK-COUNT-4:     llvm.load %{{.*}} {alignment = 8 : i64} : !llvm.ptr<1> -> vector<4xbf16>
// CHECK-COUNT-16:    arith.extf %{{.*}} : bf16 to f32
// CHECK:             llvm.store %{{.*}} {alignment = 8 : i64} : vector<4xbf16>
// CHECK:             llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xf32>
// CHECK:             llvm.store %{{.*}} {alignment = 8 : i64} : vector<4xbf16>
// CHECK:             llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xf32>
// CHECK:           scf.if
// A condition for all that is stored of a unit.
// CHECK-COUNT-4:     llvm.load %{{.*}} {alignment = 8 : i64} : !llvm.ptr<1> -> vector<4xbf16>
// CHECK:             scf.if
// CHECK:               llvm.store %{{.*}} {alignment = 8 : i64} : vector<4xbf16>
// CHECK:               llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xf32>
// CHECK:             scf.if
// CHECK:               llvm.store %{{.*}} {alignment = 8 : i64} : vector<4xbf16>
// CHECK:               llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xf32>
// CHECK:             scf.if
// CHECK:               llvm.store %{{.*}} {alignment = 8 : i64} : vector<4xbf16>
// CHECK:               llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xf32>
// CHECK:             scf.if
// CHECK:               llvm.store %{{.*}} {alignment = 8 : i64} : vector<4xbf16>
// CHECK:               llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xf32>
// CHECK-NOT:       vector
// CHECK:           gpu.return
// CHECK:       cudagraph.graph @g(%[[A:.*]]: memref<8xbf16>, %[[B:.*]]: memref<8xbf16>, %[[C:.*]]: memref<8xf32>, %[[D:.*]]: memref<8xf32>)
// CHECK-NEXT:    cudagraph.kernel {{.*}} args(%[[A]] readwrite, %[[B]] readwrite, %[[C]] write, %[[D]] write :
func.func @mixed_types(%m: memref<8xbf16>, %n: memref<8xbf16>, %p: memref<8xf32>, %q: memref<8xf32>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %p, %d = %q) : (memref<8xbf16>, memref<8xbf16>, memref<8xf32>, memref<8xf32>) -> () {
    %s = tseq.pack %a, %b : !tseq.seq<2 x memref<8xbf16>>
    %t = tseq.pack %c, %d : !tseq.seq<2 x memref<8xf32>>
    tseq.map chunk(8) ins(%s : !tseq.seq<2 x memref<8xbf16>>) outs(%t, %s : !tseq.seq<2 x memref<8xf32>>, !tseq.seq<2 x memref<8xbf16>>) {
    ^bb0(%x: bf16):
      %y = arith.extf %x : bf16 to f32
      %z = arith.constant 0.0 : bf16
      tseq.yield %y, %z : f32, bf16
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a list that is only read and one that is only written are two.
// CHECK-LABEL: func.func @out_of_place(
// CHECK:         gpu.func @g_k0(
// CHECK-NOT:       llvm.inline_asm
// CHECK:           gpu.return
// CHECK:       cudagraph.graph @g(%[[A:.*]]: memref<8xf64>, %[[B:.*]]: memref<8xf64>)
// CHECK-NEXT:    cudagraph.kernel {{.*}} args(%[[A]] read, %[[B]] write :
func.func @out_of_place(%m: memref<8xf64>, %n: memref<8xf64>) {
  tseq.graph "g" (%a = %m, %b = %n) : (memref<8xf64>, memref<8xf64>) -> () {
    %s = tseq.pack %a : !tseq.seq<memref<8xf64>>
    %t = tseq.pack %b : !tseq.seq<memref<8xf64>>
    tseq.map chunk(8) ins(%s : !tseq.seq<memref<8xf64>>) outs(%t : !tseq.seq<memref<8xf64>>) {
    ^bb0(%x: f64):
      tseq.yield %x : f64
    }
    tseq.yield
  }
  return
}

// -----

// Tests that units so wide that a thread has one in a round need no condition of
// their own in the rest.
// CHECK-LABEL: func.func @one_unit(
// CHECK:         gpu.func @g_k0(
// CHECK:           scf.for {{.*}} step %c64_i32
// CHECK-COUNT-3:     llvm.load %{{.*}} : !llvm.ptr<1> -> vector<2xf64>
// CHECK-COUNT-4:     llvm.store %{{.*}} : vector<2xf64>
// CHECK:           scf.if
// CHECK-COUNT-3:     llvm.load %{{.*}} : !llvm.ptr<1> -> vector<2xf64>
// CHECK-NOT:         scf.if
// CHECK-COUNT-4:     llvm.store %{{.*}} : vector<2xf64>
// CHECK-NOT:       vector
// CHECK:           gpu.return
func.func @one_unit(%m: memref<8xf64>, %n: memref<8xf64>, %o: memref<8xf64>, %p: memref<8xf64>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %o, %d = %p) : (memref<8xf64>, memref<8xf64>, memref<8xf64>, memref<8xf64>) -> () {
    %s = tseq.pack %a : !tseq.seq<memref<8xf64>>
    %t = tseq.pack %b : !tseq.seq<memref<8xf64>>
    %u = tseq.pack %c : !tseq.seq<memref<8xf64>>
    %v = tseq.pack %d : !tseq.seq<memref<8xf64>>
    tseq.map chunk(8) ins(%s, %t, %u : !tseq.seq<memref<8xf64>>, !tseq.seq<memref<8xf64>>, !tseq.seq<memref<8xf64>>) outs(%s, %t, %u, %v : !tseq.seq<memref<8xf64>>, !tseq.seq<memref<8xf64>>, !tseq.seq<memref<8xf64>>, !tseq.seq<memref<8xf64>>) {
    ^bb0(%x: f64, %y: f64, %z: f64):
      tseq.yield %y, %z, %x, %x : f64, f64, f64, f64
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a scalar of the host is in its slot, one of the device behind the
// address in its slot, both loaded once, before it is seen whether the block has
// work; one per tensor is loaded per piece.
// CHECK-LABEL: func.func @scalars(
// CHECK-SAME:    %[[K:[^:]*]]: f32
// CHECK:         cudagraph.launch %{{.*}} parameters(%[[K]] : f32)
// CHECK:         gpu.func @g_k0(%[[SLOTS:.*]]: !llvm.ptr) kernel
// CHECK-NOT:       scf.if
// CHECK:           %[[HOSTSLOT:.*]] = llvm.getelementptr %[[SLOTS]][3]
// CHECK:           %[[HOST:.*]] = llvm.load %[[HOSTSLOT]] : !llvm.ptr -> f32
// CHECK:           %[[DEVICESLOT:.*]] = llvm.getelementptr %[[SLOTS]][4]
// CHECK:           %[[ADDRESS:.*]] = llvm.load %[[DEVICESLOT]] : !llvm.ptr -> !llvm.ptr<1>
// CHECK:           %[[DEVICE:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> f32
// CHECK:           scf.if
// CHECK:             scf.for
// CHECK:               %[[TENSORSLOT:.*]] = llvm.getelementptr %[[SLOTS]][2]
// CHECK:               %[[NUMBERS:.*]] = llvm.load %[[TENSORSLOT]] : !llvm.ptr -> !llvm.ptr<1>
// CHECK:               %[[NUMBER:.*]] = llvm.getelementptr %[[NUMBERS]][%[[T:.*]]] : {{.*}}, f32
// CHECK:               %[[OWN:.*]] = llvm.load %[[NUMBER]] : !llvm.ptr<1> -> f32
// CHECK:               llvm.getelementptr %[[SLOTS]][%[[T]]]
// CHECK:               scf.for
// CHECK:                 %[[F:.*]] = arith.mulf %{{.*}}, %[[OWN]]
// CHECK:                 %[[G:.*]] = arith.addf %[[F]], %[[HOST]]
// CHECK:                 arith.divf %[[G]], %[[DEVICE]]
// CHECK:       cudagraph.graph @g({{.*}}) parameters(%[[P:.*]]: memref<f32>)
// CHECK-NEXT:    cudagraph.kernel {{.*}} args(%{{.*}} readwrite, %{{.*}} readwrite, %{{.*}} read, %[[P]] read, %{{.*}} read :
func.func @scalars(%x: f32, %m: memref<4xf32>, %n: memref<4xf32>, %o: memref<2xf32>, %y: memref<f32>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %o, %d = %x, %e = %y) : (memref<4xf32>, memref<4xf32>, memref<2xf32>, f32, memref<f32>) -> () {
    %s = tseq.pack %a, %b : !tseq.seq<2 x memref<4xf32>>
    tseq.map chunk(4) ins(%s : !tseq.seq<2 x memref<4xf32>>) scalars(%c, %d, %e : memref<2xf32>, memref<f32>, memref<f32>) outs(%s : !tseq.seq<2 x memref<4xf32>>) {
    ^bb0(%v: f32, %p: f32, %q: f32, %r: f32):
      %f = arith.mulf %v, %p : f32
      %g = arith.addf %f, %q : f32
      %h = arith.divf %g, %r : f32
      tseq.yield %h : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a predicated map asks for its predicate, a byte, before it touches
// data.
// CHECK-LABEL: func.func @predicate(
// CHECK:         gpu.func @g_k0(%[[SLOTS:.*]]: !llvm.ptr) kernel
// CHECK:           %[[SLOT:.*]] = llvm.getelementptr %[[SLOTS]][1]
// CHECK:           %[[ADDRESS:.*]] = llvm.load %[[SLOT]]
// CHECK:           %[[BYTE:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> i8
// CHECK:           %[[HOLDS:.*]] = arith.trunci %[[BYTE]] : i8 to i1
// CHECK-NOT:       llvm.load
// CHECK:           scf.if %[[HOLDS]] {
// CHECK:             %[[WORKS:.*]] = arith.cmpi ult
// CHECK:             scf.if %[[WORKS]] {
// CHECK:               arith.negf
// CHECK:         cudagraph.kernel {{.*}} args(%{{.*}} readwrite, %{{.*}} read : memref<8xf32>, memref<i1>)
func.func @predicate(%m: memref<8xf32>, %f: memref<i1>) {
  tseq.graph "g" (%a = %m, %c = %f) : (memref<8xf32>, memref<i1>) -> () {
    %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
    tseq.map chunk(8) ins(%s : !tseq.seq<memref<8xf32>>) when(%c : memref<i1>) outs(%s : !tseq.seq<memref<8xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that tensors without elements are a node that does nothing.
// CHECK-LABEL: func.func @no_elements(
// CHECK:         gpu.func @g_k0(%{{.*}}: !llvm.ptr) kernel
// CHECK-NEXT:      gpu.return
// CHECK:         cudagraph.kernel "g.k0" {{.*}} grid [1, 1, 1]
func.func @no_elements(%m: memref<0xf32>, %n: memref<3x0xf32>) {
  tseq.graph "g" (%a = %m, %b = %n) : (memref<0xf32>, memref<3x0xf32>) -> () {
    %s = tseq.pack %a, %b : !tseq.seq<memref<0xf32>, memref<3x0xf32>>
    tseq.map chunk(8) ins(%s : !tseq.seq<memref<0xf32>, memref<3x0xf32>>) outs(%s : !tseq.seq<memref<0xf32>, memref<3x0xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a list without tensors is a node that takes and does nothing.
// CHECK-LABEL: func.func @empty_list(
// CHECK:         gpu.func @g_k0(%{{.*}}: !llvm.ptr) kernel
// CHECK-SAME:      graphopt.slots_by_value = 0 : i64
// CHECK-NEXT:      gpu.return
// CHECK:         cudagraph.kernel "g.k0" {{.*}} args() grid [1, 1, 1]
func.func @empty_list() {
  tseq.graph "g" () : () -> () {
    %s = tseq.pack : !tseq.seq<>
    tseq.map chunk(8) outs(%s : !tseq.seq<>) {
      %y = arith.constant 0.0 : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that tensors of no and of one element are dealt out with the others:
// six chunks to three blocks, two each; neighbours of one tensor are joined.
// Pieces: (1, 0, 3), (2, 0, 1), (3, 0, 2), (3, 2, 3) in (tensor, offset, length).
// CHECK-LABEL: func.func @small_tensors(
// CHECK:         @{{.*}}(dense<[0, 4294967299, 0, 8589934593, 0, 12884901890, 2, 12884901891]> : tensor<8xi64>)
// CHECK:         @{{.*}}(dense<[4294967296, 0, 0, 4294967299, 12884901889, 0, 0, 8589934593, 17179869187, 0, 2, 12884901891]> : tensor<12xi64>)
// CHECK:         known_grid_size = array<i32: 3, 1, 1>
func.func @small_tensors(%m: memref<0xf32>, %n: memref<3xf32>, %o: memref<f32>, %p: memref<5xf32>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %o, %d = %p) : (memref<0xf32>, memref<3xf32>, memref<f32>, memref<5xf32>) -> () {
    %s = tseq.pack %a, %b, %c, %d : !tseq.seq<memref<0xf32>, memref<3xf32>, memref<f32>, memref<5xf32>>
    tseq.map chunk(2) ins(%s : !tseq.seq<memref<0xf32>, memref<3xf32>, memref<f32>, memref<5xf32>>) outs(%s : !tseq.seq<memref<0xf32>, memref<3xf32>, memref<f32>, memref<5xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that i1 lies in bytes that are 0 or 1 and index in 64 bits.
// CHECK-LABEL: func.func @stored_types(
// CHECK:         gpu.func @g_k0(
// CHECK:           %[[BYTES:.*]] = llvm.load %{{.*}} {alignment = 2 : i64} : !llvm.ptr<1> -> vector<2xi8>
// CHECK:           %[[BYTE:.*]] = llvm.extractelement %[[BYTES]]
// CHECK:           arith.trunci %[[BYTE]] : i8 to i1
// CHECK:           llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<2xi64>
// CHECK:           %[[BIT:.*]] = arith.cmpi eq
// CHECK:           arith.extui %[[BIT]] : i1 to i8
// CHECK:           llvm.store %{{.*}} {alignment = 2 : i64} : vector<2xi8>
// CHECK:           llvm.store %{{.*}} {alignment = 16 : i64} : vector<2xi64>
func.func @stored_types(%m: memref<8xi1>, %n: memref<8xindex>) {
  tseq.graph "g" (%a = %m, %b = %n) : (memref<8xi1>, memref<8xindex>) -> () {
    %s = tseq.pack %a : !tseq.seq<memref<8xi1>>
    %t = tseq.pack %b : !tseq.seq<memref<8xindex>>
    tseq.map chunk(8) ins(%s, %t : !tseq.seq<memref<8xi1>>, !tseq.seq<memref<8xindex>>) outs(%s, %t : !tseq.seq<memref<8xi1>>, !tseq.seq<memref<8xindex>>) {
    ^bb0(%x: i1, %i: index):
      %z = arith.constant 0 : index
      %j = arith.select %x, %i, %z : index
      %y = arith.cmpi eq, %i, %z : index
      tseq.yield %y, %j : i1, index
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a device works on what is in a region only: nothing else is in the
// module, so there is no module of kernels.
// CHECK-LABEL: func.func @no_region(
// CHECK-NOT:     gpu.module
func.func @no_region(%m: memref<8xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %x = memref.load %m[%c0] : memref<8xf32>
  return %x : f32
}
