// RUN: graph-opt %s --convert-sequences-to-gpu="max-blocks=2 threads=64" --canonicalize --split-input-file | FileCheck %s

// Tests that the elements of a transposition are dealt out to the threads of
// the grid, last dimension fastest, as many rounds as it takes.
// CHECK-LABEL: func.func @transposition(
// CHECK:         gpu.func @g_k0(%{{.*}}: !llvm.ptr) kernel
// CHECK-SAME:      known_block_size = array<i32: 64, 1, 1>, known_grid_size = array<i32: 2, 1, 1>
// CHECK-DAG:       %[[A:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<12x24xf32>
// CHECK-DAG:       %[[B:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<24x12xf32>
// CHECK:           %[[START:.*]] = arith.muli %{{.*}}, %c64 : index
// CHECK:           %[[BEGIN:.*]] = arith.addi %[[START]], %{{.*}} : index
// CHECK:           scf.for %[[I:.*]] = %[[BEGIN]] to %c288 step %c128 {
// CHECK-NEXT:        %[[COLUMN:.*]] = arith.remui %[[I]], %c12 : index
// CHECK-NEXT:        %[[ROW:.*]] = arith.divui %[[I]], %c12 : index
// CHECK-NEXT:        %[[X:.*]] = memref.load %[[A]][%[[COLUMN]], %[[ROW]]]
// CHECK-NEXT:        memref.store %[[X]], %[[B]][%[[ROW]], %[[COLUMN]]]
// CHECK-NEXT:      }
// CHECK-NEXT:      gpu.return
// CHECK:         cudagraph.kernel "g.k0" {{.*}} args(%{{.*}} read, %{{.*}} readwrite : memref<12x24xf32>, memref<24x12xf32>) grid [2, 1, 1]
func.func @transposition(%m: memref<12x24xf32>, %n: memref<24x12xf32>) {
  tseq.graph "g" (%a = %m, %b = %n) : (memref<12x24xf32>, memref<24x12xf32>) -> () {
    linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%a : memref<12x24xf32>) outs(%b : memref<24x12xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests a broadcast that also uses the number of the element and a scalar of
// the host that its body captures.
// CHECK-LABEL: func.func @broadcast(
// CHECK:         gpu.func @g_k0(
// CHECK:           scf.for %[[I:.*]] = %{{.*}} to %c32 step %c64
// CHECK:             %[[COLUMN:.*]] = arith.remui %[[I]], %c8
// CHECK:             %[[ROW:.*]] = arith.divui %[[I]], %c8
// CHECK:             memref.load %{{.*}}[%[[COLUMN]]] : memref<8xf32>
// CHECK:             arith.index_cast %[[ROW]] : index to i32
// CHECK:         cudagraph.kernel "g.k0" {{.*}} args(%{{.*}} read, %{{.*}} readwrite, %[[K:.*]] read : memref<8xf32>, memref<4x8xf32>, memref<f32>) grid [1, 1, 1]
func.func @broadcast(%m: memref<8xf32>, %n: memref<4x8xf32>, %h: f32) {
  tseq.graph "g" (%a = %m, %b = %n, %k = %h) : (memref<8xf32>, memref<4x8xf32>, f32) -> () {
    linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%a : memref<8xf32>) outs(%b : memref<4x8xf32>) {
    ^bb0(%x: f32, %y: f32):
      %i = linalg.index 0 : index
      %j = arith.index_cast %i : index to i32
      %f = arith.sitofp %j : i32 to f32
      %g = memref.load %k[] : memref<f32>
      %z = arith.mulf %x, %f : f32
      %w = arith.addf %z, %g : f32
      linalg.yield %w : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a reduction of rows is a loop in each thread, also where the
// reduced dimension comes first.
// CHECK-LABEL: func.func @columns(
// CHECK:         gpu.func @g_k0(
// CHECK:           scf.for %[[COLUMN:.*]] = %{{.*}} to %c200 step %c128 {
// CHECK-NEXT:        scf.for %[[ROW:.*]] = %c0 to %c5 step %c1 {
// CHECK:               memref.load %{{.*}}[%[[ROW]], %[[COLUMN]]] : memref<5x200xf32>
// CHECK:               memref.load %{{.*}}[%[[COLUMN]]] : memref<200xf32>
// CHECK:               memref.store %{{.*}}, %{{.*}}[%[[COLUMN]]] : memref<200xf32>
// CHECK:         cudagraph.kernel "g.k0" {{.*}} grid [2, 1, 1]
func.func @columns(%m: memref<5x200xf32>, %n: memref<200xf32>) {
  tseq.graph "g" (%a = %m, %b = %n) : (memref<5x200xf32>, memref<200xf32>) -> () {
    linalg.reduce { arith.addf } ins(%a : memref<5x200xf32>) outs(%b : memref<200xf32>) dimensions = [0]
    tseq.yield
  }
  return
}

// -----

// Tests that each thread computes elements of a product.
// CHECK-LABEL: func.func @product(
// CHECK:         gpu.func @g_k0(
// CHECK:           scf.for %[[I:.*]] = %{{.*}} to %c20 step %c64 {
// CHECK:             %[[COLUMN:.*]] = arith.remui %[[I]], %c5
// CHECK:             %[[ROW:.*]] = arith.divui %[[I]], %c5
// CHECK:             scf.for %[[K:.*]] = %c0 to %c3 step %c1 {
// CHECK:               memref.load %{{.*}}[%[[ROW]], %[[K]]] : memref<4x3xf32>
// CHECK:               memref.load %{{.*}}[%[[K]], %[[COLUMN]]] : memref<3x5xf32>
// CHECK:               memref.store %{{.*}}, %{{.*}}[%[[ROW]], %[[COLUMN]]] : memref<4x5xf32>
func.func @product(%m: memref<4x3xf32>, %n: memref<3x5xf32>, %o: memref<4x5xf32>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %o) : (memref<4x3xf32>, memref<3x5xf32>, memref<4x5xf32>) -> () {
    linalg.matmul ins(%a, %b : memref<4x3xf32>, memref<3x5xf32>) outs(%c : memref<4x5xf32>)
    tseq.yield
  }
  return
}

// -----

// Tests that what has no parallel loop runs in one thread of the grid.
// CHECK-LABEL: func.func @serial(
// CHECK:         gpu.func @g_k0(
// CHECK:           %[[THREAD:.*]] = arith.cmpi eq, %{{.*}}, %c0_i32
// CHECK:           %[[BLOCK:.*]] = arith.cmpi eq, %{{.*}}, %c0_i32
// CHECK:           %[[FIRST:.*]] = arith.andi %[[THREAD]], %[[BLOCK]]
// CHECK:           scf.if %[[FIRST]] {
// CHECK-NEXT:        scf.for %[[I:.*]] = %c0 to %c300 step %c1 {
// CHECK:               memref.load %{{.*}}[%[[I]]] : memref<300xf32>
// CHECK:         cudagraph.kernel "g.k0" {{.*}} grid [1, 1, 1]
func.func @serial(%m: memref<300xf32>, %n: memref<f32>) {
  tseq.graph "g" (%a = %m, %b = %n) : (memref<300xf32>, memref<f32>) -> () {
    linalg.reduce { arith.addf } ins(%a : memref<300xf32>) outs(%b : memref<f32>) dimensions = [0]
    tseq.yield
  }
  return
}

// -----

// Tests that a view with gaps is made again in the kernel, that views without,
// of the arena or not, are operands, and that the slot holds the address of the
// first element.
// CHECK-LABEL: func.func @views(
// CHECK:         gpu.func @g_k0(%[[SLOTS:.*]]: !llvm.ptr) kernel
// CHECK-SAME:      graphopt.slots_by_value = 3 : i64
// CHECK:           %[[ADDRESS:.*]] = llvm.load %[[SLOTS]] : !llvm.ptr -> !llvm.ptr<1>
// CHECK:           %[[GENERIC:.*]] = llvm.addrspacecast %[[ADDRESS]]
// CHECK:           llvm.getelementptr %[[GENERIC]][-3]
// CHECK:           %[[M:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<16xf32, strided<[1], offset: 3>>
// CHECK:           memref.subview %[[M]][0] [8] [2]
// CHECK:           llvm.getelementptr %{{.*}}[-7]
// CHECK:           builtin.unrealized_conversion_cast %{{.*}} to memref<8xf32, strided<[1], offset: 7>>
// CHECK:       cudagraph.graph @g(%[[A:.*]]: memref<16xf32, strided<[1], offset: 3>>) arena(%[[ARENA:.*]]: memref<288xi8>)
// CHECK-DAG:     %[[VIEW:.*]] = memref.view %[[ARENA]][%c256][] : memref<288xi8> to memref<8xf32>
// CHECK-DAG:     %[[PART:.*]] = memref.subview %[[A]][4] [8] [1]
// CHECK:         cudagraph.kernel "g.k0" {{.*}} args(%[[A]] read, %[[PART]] read, %[[VIEW]] readwrite :
func.func @views(%m: memref<16xf32, strided<[1], offset: 3>>) {
  %arena = memref.alloc() : memref<288xi8>
  tseq.graph "g" (%a = %m, %d = %arena) : (memref<16xf32, strided<[1], offset: 3>>, memref<288xi8>) -> () attributes {arena = 1 : i64, arena_bytes = 288 : i64} {
    %c256 = arith.constant 256 : index
    %p = memref.view %d[%c256][] : memref<288xi8> to memref<8xf32>
    %e = memref.subview %a[0] [8] [2] : memref<16xf32, strided<[1], offset: 3>> to memref<8xf32, strided<[2], offset: 3>>
    %s = memref.subview %a[4] [8] [1] : memref<16xf32, strided<[1], offset: 3>> to memref<8xf32, strided<[1], offset: 7>>
    linalg.add ins(%e, %s : memref<8xf32, strided<[2], offset: 3>>, memref<8xf32, strided<[1], offset: 7>>) outs(%p : memref<8xf32>)
    tseq.yield
  }
  return
}

// -----

// Tests that an op without iterations is a loop that is never entered.
// CHECK-LABEL: func.func @no_elements(
// CHECK:         gpu.func @g_k0(
// CHECK:           scf.for %{{.*}} = %{{.*}} to %c0 step %c64 {
// CHECK:         cudagraph.kernel "g.k0" {{.*}} grid [1, 1, 1]
func.func @no_elements(%m: memref<0x4xf32>, %n: memref<4x0xf32>) {
  tseq.graph "g" (%a = %m, %b = %n) : (memref<0x4xf32>, memref<4x0xf32>) -> () {
    linalg.transpose ins(%a : memref<0x4xf32>) outs(%b : memref<4x0xf32>) permutation = [1, 0]
    tseq.yield
  }
  return
}
