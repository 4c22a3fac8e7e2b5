// RUN: graph-opt %s --plan-memory --split-input-file | FileCheck %s
// RUN: graph-opt %s --plan-memory --split-input-file --remarks-filter="graph-opt.*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: graph-opt %s --plan-memory="min-shared-bytes=256" --split-input-file | FileCheck %s --check-prefix=SHARED
// RUN: graph-opt %s --plan-memory="min-shared-bytes=256" --split-input-file --remarks-filter="graph-opt.*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=SHARED-REMARK

// Tests that temporaries are views of one arena, each at a multiple of 256
// bytes, and that one that is over gives its place to the next.
// CHECK-LABEL: func.func @reuse(
// CHECK:         %[[ARENA:.*]] = memref.alloc() {{.*}}: memref<512xi8>
// CHECK:         tseq.graph "g" (%{{.*}}, %[[A:[^ ]*]] = %[[ARENA]]) : (memref<8xf32>, memref<512xi8>) -> () attributes {
// CHECK-DAG:       arena = 1 : i64
// CHECK-DAG:       arena_bytes = 512 : i64
// CHECK-DAG:       arena_bytes_without_reuse = 768 : i64
// CHECK-NOT:       memref.alloc
// CHECK:           memref.view %[[A]][%{{.*}}][] : memref<512xi8> to memref<8xf32>
// CHECK:           memref.view %[[A]][%{{.*}}][] : memref<512xi8> to memref<8xf32>
// CHECK:           memref.view %[[A]][%{{.*}}][] : memref<512xi8> to memref<8xf32>
func.func @reuse(%m: memref<8xf32>) {
  tseq.graph "g" (%a = %m) : (memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    memref.copy %a, %x : memref<8xf32> to memref<8xf32>
    %y = memref.alloc() : memref<8xf32>
    memref.copy %x, %y : memref<8xf32> to memref<8xf32>
    %z = memref.alloc() : memref<8xf32>
    memref.copy %y, %z : memref<8xf32> to memref<8xf32>
    memref.copy %z, %a : memref<8xf32> to memref<8xf32>
    tseq.yield
  }
  return
}

// -----

// Tests that temporaries that live at the same time, through a list or a view,
// do not share memory.
// CHECK-LABEL: func.func @alive_together(
// CHECK:         tseq.graph
// CHECK-SAME:      arena_bytes = 512 : i64
// CHECK-SAME:      arena_bytes_without_reuse = 512 : i64
func.func @alive_together(%m: memref<8xf32>) {
  tseq.graph "g" (%a = %m) : (memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    %v = memref.expand_shape %x [[0, 1]] output_shape [2, 4] : memref<8xf32> into memref<2x4xf32>
    memref.copy %a, %x : memref<8xf32> to memref<8xf32>
    %y = memref.alloc() : memref<2x4xf32>
    %s = tseq.pack %v : !tseq.seq<memref<2x4xf32>>
    %t = tseq.pack %y : !tseq.seq<memref<2x4xf32>>
    tseq.map chunk(4) ins(%s : !tseq.seq<memref<2x4xf32>>) outs(%t : !tseq.seq<memref<2x4xf32>>) {
    ^bb0(%e: f32):
      tseq.yield %e : f32
    }
    %w = memref.collapse_shape %y [[0, 1]] : memref<2x4xf32> into memref<8xf32>
    memref.copy %w, %a : memref<8xf32> to memref<8xf32>
    tseq.yield
  }
  return
}

// -----

// Tests that a temporary of a loop lives as long as the loop runs.
// CHECK-LABEL: func.func @in_a_loop(
// CHECK:         tseq.graph
// CHECK-SAME:      arena_bytes = 512 : i64
func.func @in_a_loop(%m: memref<8xf32>, %c: memref<i1>) {
  tseq.graph "g" (%a = %m, %d = %c) : (memref<8xf32>, memref<i1>) -> () {
    %x = memref.alloc() : memref<8xf32>
    memref.copy %a, %x : memref<8xf32> to memref<8xf32>
    tseq.while %d : memref<i1> {
      memref.copy %x, %a : memref<8xf32> to memref<8xf32>
      %y = memref.alloc() : memref<8xf32>
      memref.copy %a, %y : memref<8xf32> to memref<8xf32>
      memref.copy %y, %a : memref<8xf32> to memref<8xf32>
      tseq.scalar outs(%d : memref<i1>) {
        %f = arith.constant false
        tseq.yield %f : i1
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a region without temporaries gets no arena, and that memory
// outside of regions is left alone.
// CHECK-LABEL: func.func @no_temporaries(
// CHECK:         memref.alloc() : memref<8xf32>
// CHECK:         tseq.graph "g" (%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) : (memref<8xf32>, memref<8xf32>) -> () {
func.func @no_temporaries(%m: memref<8xf32>) {
  %x = memref.alloc() : memref<8xf32>
  tseq.graph "g" (%a = %m, %b = %x) : (memref<8xf32>, memref<8xf32>) -> () {
    memref.copy %a, %b : memref<8xf32> to memref<8xf32>
    tseq.yield
  }
  memref.dealloc %x : memref<8xf32>
  return
}

// -----

// Tests that the smallest place that is large enough is taken: %z fits in both
// that are free, and leaves the large one to %w.
// CHECK-LABEL: func.func @best_fit(
// CHECK:           arena_bytes = 1792 : i64
// CHECK:           %[[SMALL:.*]] = arith.constant 1280 : index
// CHECK-NEXT:      memref.view %{{.*}}[%[[SMALL]]][] : memref<1792xi8> to memref<64xf32>
// CHECK:           %[[Z:.*]] = arith.constant 1280 : index
// CHECK-NEXT:      memref.view %{{.*}}[%[[Z]]][] : memref<1792xi8> to memref<64xf32>
// CHECK:           %[[W:.*]] = arith.constant 0 : index
// CHECK-NEXT:      memref.view %{{.*}}[%[[W]]][] : memref<1792xi8> to memref<256xf32>
func.func @best_fit(%m: memref<256xf32>, %n: memref<64xf32>) attributes {graphopt.shape = "chain"} {
  tseq.graph "g" (%a = %m, %b = %n) : (memref<256xf32>, memref<64xf32>) -> () {
    %x = memref.alloc() : memref<256xf32>
    memref.copy %a, %x : memref<256xf32> to memref<256xf32>
    %keep0 = memref.alloc() : memref<64xf32>
    memref.copy %b, %keep0 : memref<64xf32> to memref<64xf32>
    %y = memref.alloc() : memref<64xf32>
    memref.copy %b, %y : memref<64xf32> to memref<64xf32>
    %keep1 = memref.alloc() : memref<64xf32>
    memref.copy %b, %keep1 : memref<64xf32> to memref<64xf32>
    memref.copy %x, %a : memref<256xf32> to memref<256xf32>
    memref.copy %y, %b : memref<64xf32> to memref<64xf32>
    %z = memref.alloc() : memref<64xf32>
    memref.copy %keep0, %z : memref<64xf32> to memref<64xf32>
    %w = memref.alloc() : memref<256xf32>
    memref.copy %a, %w : memref<256xf32> to memref<256xf32>
    memref.copy %w, %a : memref<256xf32> to memref<256xf32>
    memref.copy %z, %b : memref<64xf32> to memref<64xf32>
    memref.copy %keep0, %b : memref<64xf32> to memref<64xf32>
    memref.copy %keep1, %b : memref<64xf32> to memref<64xf32>
    tseq.yield
  }
  return
}

// -----

// Tests that temporaries of chains that do not depend on each other do not share
// memory: an edge would keep the chains from running side by side.
// CHECK-LABEL: func.func @side_by_side(
// CHECK:           arena_bytes = 512 : i64
func.func @side_by_side(%m: memref<8xf32>, %n: memref<8xf32>) {
  tseq.graph "g" (%a = %m, %b = %n) : (memref<8xf32>, memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
    linalg.exp ins(%x : memref<8xf32>) outs(%a : memref<8xf32>)
    %y = memref.alloc() : memref<8xf32>
    linalg.exp ins(%b : memref<8xf32>) outs(%y : memref<8xf32>)
    linalg.exp ins(%y : memref<8xf32>) outs(%b : memref<8xf32>)
    tseq.yield
  }
  return
}

// -----

// Tests that they do where ops are asked to run one after the other.
// CHECK-LABEL: func.func @one_after_the_other(
// CHECK:           arena_bytes = 256 : i64
func.func @one_after_the_other(%m: memref<8xf32>, %n: memref<8xf32>) attributes {graphopt.shape = "chain"} {
  tseq.graph "g" (%a = %m, %b = %n) : (memref<8xf32>, memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
    linalg.exp ins(%x : memref<8xf32>) outs(%a : memref<8xf32>)
    %y = memref.alloc() : memref<8xf32>
    linalg.exp ins(%b : memref<8xf32>) outs(%y : memref<8xf32>)
    linalg.exp ins(%y : memref<8xf32>) outs(%b : memref<8xf32>)
    tseq.yield
  }
  return
}

// -----

// Tests that they do where kernels fill the memory and gain nothing side by side.
// CHECK-LABEL: func.func @large(
// CHECK:           arena_bytes = 16777216 : i64
func.func @large(%m: memref<4194304xf32>, %n: memref<4194304xf32>) {
  tseq.graph "g" (%a = %m, %b = %n) : (memref<4194304xf32>, memref<4194304xf32>) -> () {
    %x = memref.alloc() : memref<4194304xf32>
    linalg.exp ins(%a : memref<4194304xf32>) outs(%x : memref<4194304xf32>)
    linalg.exp ins(%x : memref<4194304xf32>) outs(%a : memref<4194304xf32>)
    %y = memref.alloc() : memref<4194304xf32>
    linalg.exp ins(%b : memref<4194304xf32>) outs(%y : memref<4194304xf32>)
    linalg.exp ins(%y : memref<4194304xf32>) outs(%b : memref<4194304xf32>)
    tseq.yield
  }
  return
}

// -----

// Tests that a fill does not decide when memory is needed: %y is filled before
// %x is over, but first read after it.
// CHECK-LABEL: func.func @prepared(
// CHECK:           arena_bytes = 256 : i64
func.func @prepared(%m: memref<8xf32>) {
  tseq.graph "g" (%a = %m) : (memref<8xf32>) -> () {
    %zero = arith.constant 0.0 : f32
    %x = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
    linalg.exp ins(%x : memref<8xf32>) outs(%a : memref<8xf32>)
    %y = memref.alloc() : memref<8xf32>
    linalg.fill ins(%zero : f32) outs(%y : memref<8xf32>)
    linalg.add ins(%a, %y : memref<8xf32>, memref<8xf32>) outs(%y : memref<8xf32>)
    linalg.exp ins(%y : memref<8xf32>) outs(%a : memref<8xf32>)
    tseq.yield
  }
  return
}

// -----

// Tests that both branches of an if use the same place, that temporaries of one
// branch reuse memory, that one that is made before but used in one branch only
// is of that branch, and that what is alive across is not touched.
// CHECK-LABEL: func.func @branches(
// CHECK:           arena_bytes = 768 : i64
// CHECK-SAME:      arena_bytes_without_reuse = 1536 : i64
func.func @branches(%m: memref<8xf32>, %c: memref<i1>) {
  tseq.graph "g" (%a = %m, %d = %c) : (memref<8xf32>, memref<i1>) -> () {
    %across = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%across : memref<8xf32>)
    %early = memref.alloc() : memref<8xf32>
    tseq.if %d : memref<i1> {
      linalg.exp ins(%a : memref<8xf32>) outs(%early : memref<8xf32>)
      %x = memref.alloc() : memref<8xf32>
      linalg.exp ins(%early : memref<8xf32>) outs(%x : memref<8xf32>)
      %y = memref.alloc() : memref<8xf32>
      linalg.exp ins(%x : memref<8xf32>) outs(%y : memref<8xf32>)
      linalg.exp ins(%y : memref<8xf32>) outs(%a : memref<8xf32>)
      tseq.yield
    } else {
      %x = memref.alloc() : memref<8xf32>
      linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
      %y = memref.alloc() : memref<8xf32>
      linalg.exp ins(%x : memref<8xf32>) outs(%y : memref<8xf32>)
      linalg.exp ins(%y : memref<8xf32>) outs(%a : memref<8xf32>)
      tseq.yield
    }
    linalg.exp ins(%across : memref<8xf32>) outs(%a : memref<8xf32>)
    tseq.yield
  }
  return
}

// -----

// Tests that what is made before a loop and used in it lives as long as the
// loop, and that what is made and used up before is reused in it.
// CHECK-LABEL: func.func @before_a_loop(
// CHECK:           arena_bytes = 512 : i64
// CHECK-SAME:      arena_bytes_without_reuse = 1024 : i64
func.func @before_a_loop(%m: memref<8xf32>, %c: memref<i1>) {
  tseq.graph "g" (%a = %m, %d = %c) : (memref<8xf32>, memref<i1>) -> () {
    %over = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%over : memref<8xf32>)
    linalg.exp ins(%over : memref<8xf32>) outs(%a : memref<8xf32>)
    %kept = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%kept : memref<8xf32>)
    tseq.while %d : memref<i1> {
      linalg.exp ins(%kept : memref<8xf32>) outs(%a : memref<8xf32>)
      %x = memref.alloc() : memref<8xf32>
      linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
      linalg.exp ins(%x : memref<8xf32>) outs(%kept : memref<8xf32>)
      %y = memref.alloc() : memref<8xf32>
      linalg.exp ins(%kept : memref<8xf32>) outs(%y : memref<8xf32>)
      linalg.exp ins(%y : memref<8xf32>) outs(%a : memref<8xf32>)
      tseq.scalar outs(%d : memref<i1>) {
        %f = arith.constant false
        tseq.yield %f : i1
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests the refusals: memory that the region yields, and types that a view of
// bytes can not have. What is placed is placed all the same.
// CHECK-LABEL: func.func @refused(
// CHECK:           arena_bytes = 256 : i64
// CHECK:           memref.alloc() {{.*}}: memref<4xf32>
// CHECK:           memref.alloc() {{.*}}: memref<4xf32, 3>
// CHECK:           memref.alloc() {{.*}}: memref<4xf32, strided<[2]>>
// CHECK:           memref.alloc() {{.*}}: memref<8xf32>
// CHECK-NOT:       memref.alloc
// REMARK: temporary-kept{{.*}}it is yielded
// REMARK-COUNT-3: temporary-not-placed{{.*}}its size, layout, memory space or alignment
func.func @refused(%m: memref<8xf32>, %c: memref<i1>) {
  tseq.graph "g" (%a = %m, %d = %c) : (memref<8xf32>, memref<i1>) -> () {
    %k = tseq.if %d : memref<i1> -> memref<4xf32> {
      %kept = memref.alloc() : memref<4xf32>
      tseq.yield %kept : memref<4xf32>
    } else {
      %other = memref.alloc() {alignment = 64} : memref<4xf32>
      tseq.yield %other : memref<4xf32>
    }
    %space = memref.alloc() : memref<4xf32, 3>
    %layout = memref.alloc() : memref<4xf32, strided<[2]>>
    %aligned = memref.alloc() {alignment = 512} : memref<8xf32>
    %x = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
    linalg.exp ins(%x : memref<8xf32>) outs(%a : memref<8xf32>)
    tseq.yield
  }
  return
}

// -----

// Tests that regions of a function, also of a loop of the host, share an arena
// of the call if that saves enough; what the function returns is not in it.
// CHECK-LABEL: func.func @two_regions(
// CHECK-COUNT-2:   arena = 1 : i64
// REMARK: arena-not-shared{{.*}}it would save too little{{.*}}saved-bytes=256
// SHARED-LABEL: func.func @two_regions(
// SHARED:         %[[ARENA:.*]] = memref.alloc() : memref<256xi8>
// SHARED:         %[[RESULT:.*]] = memref.alloc() : memref<8xf32>
// SHARED:         tseq.graph "g" (%{{.*}} = %{{.*}}, %{{.*}} = %[[ARENA]]) {{.*}} shared_arena = 1 : i64
// SHARED:         scf.for
// SHARED:           tseq.graph "h" (%{{.*}} = %{{.*}}, %{{.*}} = %[[ARENA]]) {{.*}} shared_arena = 1 : i64
// SHARED:         tseq.graph "i" (%{{.*}} = %[[RESULT]]) : (memref<8xf32>) -> () {
// SHARED:         memref.dealloc %[[ARENA]]
// SHARED-NEXT:    return %[[RESULT]]
// SHARED-REMARK: arena-shared{{.*}}bytes=256, bytes-without-sharing=512, regions=2
func.func @two_regions(%m: memref<8xf32>, %l: index, %u: index) -> memref<8xf32> {
  %r = memref.alloc() : memref<8xf32>
  tseq.graph "g" (%a = %m) : (memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
    linalg.exp ins(%x : memref<8xf32>) outs(%a : memref<8xf32>)
    tseq.yield
  }
  scf.for %i = %l to %u step %u {
  tseq.graph "h" (%a = %m) : (memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
    linalg.exp ins(%x : memref<8xf32>) outs(%a : memref<8xf32>)
    tseq.yield
  }
  }
  tseq.graph "i" (%a = %r) : (memref<8xf32>) -> () {
    linalg.exp ins(%a : memref<8xf32>) outs(%a : memref<8xf32>)
    tseq.yield
  }
  return %r : memref<8xf32>
}

// -----

// Tests that a region whose graph would be built anew for other addresses, and
// one that may run beside others, keep their own arenas.
// SHARED-LABEL: func.func @own_arenas(
// SHARED:         tseq.graph "g" {{.*}} shared_arena = 1 : i64
// SHARED:         tseq.graph "h" {{.*}} shared_arena = 1 : i64
// SHARED:         tseq.graph "i" {{.*}}{{[{]}}arena = 2 : i64
// SHARED:         scf.parallel
// SHARED:           tseq.graph "j" {{.*}}{{[{]}}arena = 1 : i64
// SHARED-REMARK: arena-not-shared{{.*}}a graph with branches would be built anew
func.func @own_arenas(%m: memref<8xf32>, %c: memref<i1>, %l: index, %u: index) {
  tseq.graph "g" (%a = %m) : (memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
    linalg.exp ins(%x : memref<8xf32>) outs(%a : memref<8xf32>)
    tseq.yield
  }
  tseq.graph "h" (%a = %m) : (memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
    linalg.exp ins(%x : memref<8xf32>) outs(%a : memref<8xf32>)
    tseq.yield
  }
  tseq.graph "i" (%a = %m, %d = %c) : (memref<8xf32>, memref<i1>) -> () {
    tseq.if %d : memref<i1> {
      %x = memref.alloc() : memref<8xf32>
      linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
      linalg.exp ins(%x : memref<8xf32>) outs(%a : memref<8xf32>)
      tseq.yield
    }
    tseq.yield
  }
  scf.parallel (%i) = (%l) to (%u) step (%u) {
  tseq.graph "j" (%a = %m) : (memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
    linalg.exp ins(%x : memref<8xf32>) outs(%a : memref<8xf32>)
    tseq.yield
  }
    scf.reduce
  }
  return
}

// -----

// Tests that regions of a function with several blocks keep their own arenas.
// SHARED-LABEL: func.func @blocks(
// SHARED-COUNT-2: arena = 1 : i64
func.func @blocks(%m: memref<8xf32>, %c: i1) {
  tseq.graph "g" (%a = %m) : (memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
    linalg.exp ins(%x : memref<8xf32>) outs(%a : memref<8xf32>)
    tseq.yield
  }
  cf.cond_br %c, ^bb1, ^bb2
^bb1:
  tseq.graph "h" (%a = %m) : (memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    linalg.exp ins(%a : memref<8xf32>) outs(%x : memref<8xf32>)
    linalg.exp ins(%x : memref<8xf32>) outs(%a : memref<8xf32>)
    tseq.yield
  }
  cf.br ^bb2
^bb2:
  return
}
