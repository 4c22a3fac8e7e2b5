// RUN: graph-opt %s --join-kernels=min-bytes=64 --split-input-file | FileCheck %s
// RUN: graph-opt %s --join-kernels --split-input-file | FileCheck %s --check-prefix=SMALL
// RUN: graph-opt %s --join-kernels="min-bytes=64 max-cached=1e-6" --split-input-file | FileCheck %s --check-prefix=SMALL
// RUN: graph-opt %s --join-kernels=min-bytes=64 --split-input-file --remarks-filter="graph-opt.*" --remark-policy=all \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// Tests that kernels which move less than the default stay apart, and so do those that
// move more than a multiple of the cache (here of 42 bytes).
// SMALL-NOT: cooperative{{ *}}{

// Tests that a map that waits for a kernel becomes a phase of it, over views, lists
// and allocations.
// REMARK: kernels-joined
// CHECK-LABEL: func.func @waits
// CHECK: memref.alloc() : memref<8xf32>
// CHECK: tseq.kernel cooperative {
// CHECK: tseq.reduce
// CHECK: tseq.scalar
// CHECK: tseq.map
// CHECK-NEXT: ^bb0
// CHECK-NEXT: arith.mulf
// CHECK-NEXT: tseq.yield
// CHECK-NEXT: }
// CHECK-NEXT: tseq.yield
// CHECK-NEXT: }
// CHECK-NEXT: tseq.yield
func.func @waits(%m: memref<8xf32>, %n: memref<f32>, %c: memref<f32>, %p: memref<1xf32>) {
  tseq.graph "waits.graph0" (%g = %m, %sum = %n, %by = %c, %s = %p) : (memref<8xf32>, memref<f32>, memref<f32>, memref<1xf32>) -> () {
    tseq.kernel {
      %l = tseq.pack %g : !tseq.seq<memref<8xf32>>
      tseq.reduce [add] chunk(8) ins(%l : !tseq.seq<memref<8xf32>>) outs(%sum : memref<f32>) scratch(%s : memref<1xf32>) {
      ^bb0(%x: f32):
        tseq.yield %x : f32
      }
      tseq.scalar ins(%sum : memref<f32>) outs(%by : memref<f32>) {
      ^bb0(%x: f32):
        %r = math.sqrt %x : f32
        tseq.yield %r : f32
      }
      tseq.yield
    }
    %t = memref.alloc() : memref<8xf32>
    %l = tseq.pack %g : !tseq.seq<memref<8xf32>>
    tseq.map chunk(8) ins(%l : !tseq.seq<memref<8xf32>>) scalars(%by : memref<f32>) outs(%l : !tseq.seq<memref<8xf32>>) {
    ^bb0(%x: f32, %k: f32):
      %y = arith.mulf %x, %k : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that what does not wait, what a copy stands between, and what is forbidden
// on an op stays apart.
// CHECK-LABEL: func.func @stays
// CHECK-NOT: tseq.kernel cooperative
func.func @stays(%m: memref<16xf32>, %o: memref<16xf32>, %q: memref<16xf32>) {
  tseq.graph "stays.graph0" (%a = %m, %b = %o, %c = %q) : (memref<16xf32>, memref<16xf32>, memref<16xf32>) -> () {
    %la = tseq.pack %a : !tseq.seq<memref<16xf32>>
    %lb = tseq.pack %b : !tseq.seq<memref<16xf32>>
    %lc = tseq.pack %c : !tseq.seq<memref<16xf32>>
    tseq.map chunk(8) ins(%la : !tseq.seq<memref<16xf32>>) outs(%la : !tseq.seq<memref<16xf32>>) {
    ^bb0(%x: f32):
      %y = arith.mulf %x, %x : f32
      tseq.yield %y : f32
    }
    tseq.map chunk(8) ins(%lb : !tseq.seq<memref<16xf32>>) outs(%lb : !tseq.seq<memref<16xf32>>) {
    ^bb0(%x: f32):
      %y = arith.addf %x, %x : f32
      tseq.yield %y : f32
    }
    memref.copy %b, %c : memref<16xf32> to memref<16xf32>
    tseq.map chunk(8) ins(%lc : !tseq.seq<memref<16xf32>>) outs(%lb : !tseq.seq<memref<16xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.map chunk(8) ins(%lb : !tseq.seq<memref<16xf32>>) outs(%lc : !tseq.seq<memref<16xf32>>) attributes {graphopt.cooperative = false} {
    ^bb0(%x: f32):
      %y = arith.addf %x, %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that it is forbidden for a whole function, too.
// CHECK-LABEL: func.func @forbidden
// CHECK-NOT: tseq.kernel cooperative
func.func @forbidden(%m: memref<16xf32>) attributes {graphopt.cooperative = false} {
  tseq.graph "forbidden.graph0" (%a = %m) : (memref<16xf32>) -> () {
    %l = tseq.pack %a : !tseq.seq<memref<16xf32>>
    tseq.map chunk(8) ins(%l : !tseq.seq<memref<16xf32>>) outs(%l : !tseq.seq<memref<16xf32>>) {
    ^bb0(%x: f32):
      %y = arith.mulf %x, %x : f32
      tseq.yield %y : f32
    }
    tseq.map chunk(8) ins(%l : !tseq.seq<memref<16xf32>>) outs(%l : !tseq.seq<memref<16xf32>>) {
    ^bb0(%x: f32):
      %y = arith.addf %x, %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that bodies of loops and branches are blocks of their own, and that three
// in a row become one.
// CHECK-LABEL: func.func @nested
// CHECK: tseq.if
// CHECK: tseq.kernel cooperative {
// CHECK-COUNT-3: tseq.map
// CHECK: tseq.map
// CHECK-NOT: cooperative
func.func @nested(%m: memref<16xf32>, %p: memref<i1>) {
  tseq.graph "nested.graph0" (%a = %m, %c = %p) : (memref<16xf32>, memref<i1>) -> () {
    %l = tseq.pack %a : !tseq.seq<memref<16xf32>>
    tseq.if %c : memref<i1> {
      tseq.map chunk(8) ins(%l : !tseq.seq<memref<16xf32>>) outs(%l : !tseq.seq<memref<16xf32>>) {
      ^bb0(%x: f32):
        %y = arith.mulf %x, %x : f32
        tseq.yield %y : f32
      }
      tseq.map chunk(8) ins(%l : !tseq.seq<memref<16xf32>>) outs(%l : !tseq.seq<memref<16xf32>>) {
      ^bb0(%x: f32):
        %y = arith.addf %x, %x : f32
        tseq.yield %y : f32
      }
      tseq.map chunk(8) ins(%l : !tseq.seq<memref<16xf32>>) outs(%l : !tseq.seq<memref<16xf32>>) {
      ^bb0(%x: f32):
        %y = arith.negf %x : f32
        tseq.yield %y : f32
      }
      tseq.yield
    }
    tseq.map chunk(8) ins(%l : !tseq.seq<memref<16xf32>>) outs(%l : !tseq.seq<memref<16xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}
