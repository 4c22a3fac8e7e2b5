// RUN: graph-opt %s | graph-opt | FileCheck %s
// RUN: graph-opt %s --mlir-print-op-generic | graph-opt | FileCheck %s

// Tests that runs of equal types are written with their length, and are joined.
// CHECK-LABEL: func.func private @types(
// CHECK-SAME:    !tseq.seq<>
// CHECK-SAME:    !tseq.seq<tensor<768x2304xf32>, tensor<2304xf32>>
// CHECK-SAME:    !tseq.seq<256 x tensor<16x4096xbf16>>
// CHECK-SAME:    !tseq.seq<3 x tensor<4xf32>, tensor<f32>, 2 x tensor<4xf32>>
// CHECK-SAME:    !tseq.seq<2 x memref<0xi1>, memref<4xf32, strided<[1], offset: 2>>>
func.func private @types(
    !tseq.seq<>,
    !tseq.seq<tensor<768x2304xf32>, tensor<2304xf32>>,
    !tseq.seq<256 x tensor<16x4096xbf16>>,
    !tseq.seq<tensor<4xf32>, 2 x tensor<4xf32>, 1 x tensor<f32>, tensor<4xf32>, tensor<4xf32>>,
    !tseq.seq<memref<0xi1>, memref<0xi1>, memref<4xf32, strided<[1], offset: 2>>>)

// Tests lists of tensors of different shapes and types.
// CHECK-LABEL: func.func @lists(
// CHECK-SAME:    %[[A:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<2x3xi64>
func.func @lists(%a: tensor<4xf32>, %b: tensor<2x3xi64>) -> tensor<2x3xi64> {
  // CHECK: %[[S:.*]] = tseq.pack %[[A]], %[[B]] : !tseq.seq<tensor<4xf32>, tensor<2x3xi64>>
  %s = tseq.pack %a, %b : !tseq.seq<tensor<4xf32>, tensor<2x3xi64>>
  // CHECK: %{{.*}}:2 = tseq.unpack %[[S]] : !tseq.seq<tensor<4xf32>, tensor<2x3xi64>>
  %c, %d = tseq.unpack %s : !tseq.seq<tensor<4xf32>, tensor<2x3xi64>>
  // CHECK: tseq.get %[[S]][1] : <tensor<4xf32>, tensor<2x3xi64>>
  %e = tseq.get %s[1] : <tensor<4xf32>, tensor<2x3xi64>>
  return %e : tensor<2x3xi64>
}

// Tests the empty list and a list of memrefs.
// CHECK-LABEL: func.func @special_lists
func.func @special_lists(%a: memref<4xf32>) {
  // CHECK: tseq.pack : !tseq.seq<>
  %0 = tseq.pack : !tseq.seq<>
  // CHECK: tseq.pack %{{.*}}, %{{.*}} : !tseq.seq<2 x memref<4xf32>>
  %1 = tseq.pack %a, %a : !tseq.seq<2 x memref<4xf32>>
  return
}

// Tests a map of two lists with one scalar for all and one per tensor.
// CHECK-LABEL: func.func @map
func.func @map(%a: !tseq.seq<2 x tensor<4xf32>>, %b: !tseq.seq<2 x tensor<4xbf16>>,
               %k: tensor<f32>, %n: tensor<2xf32>) -> !tseq.seq<2 x tensor<4xf32>> {
  // CHECK:      %[[R:.*]]:2 = tseq.map ins(%{{.*}}, %{{.*}} : !tseq.seq<2 x tensor<4xf32>>, !tseq.seq<2 x tensor<4xbf16>>)
  // CHECK-SAME:   scalars(%{{.*}}, %{{.*}} : tensor<f32>, tensor<2xf32>)
  // CHECK-SAME:   -> !tseq.seq<2 x tensor<4xf32>>, !tseq.seq<2 x tensor<4xi1>> {
  // CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: bf16, %{{.*}}: f32, %{{.*}}: f32):
  // CHECK:      tseq.yield %{{.*}}, %{{.*}} : f32, i1
  %r, %m = tseq.map ins(%a, %b : !tseq.seq<2 x tensor<4xf32>>, !tseq.seq<2 x tensor<4xbf16>>)
      scalars(%k, %n : tensor<f32>, tensor<2xf32>)
      -> !tseq.seq<2 x tensor<4xf32>>, !tseq.seq<2 x tensor<4xi1>> {
  ^bb0(%x: f32, %y: bf16, %s: f32, %t: f32):
    %w = arith.extf %y : bf16 to f32
    %u = arith.mulf %x, %s : f32
    %v = arith.addf %u, %w : f32
    %c = arith.cmpf olt, %v, %t : f32
    tseq.yield %v, %c : f32, i1
  }
  return %r : !tseq.seq<2 x tensor<4xf32>>
}

// Tests that a map may have no inputs, or no tensors at all.
// CHECK-LABEL: func.func @map_of_nothing
func.func @map_of_nothing(%e: !tseq.seq<>) -> (!tseq.seq<tensor<4xf32>>, !tseq.seq<>) {
  // CHECK: tseq.map -> !tseq.seq<tensor<4xf32>> {
  %0 = tseq.map -> !tseq.seq<tensor<4xf32>> {
    %zero = arith.constant 0.0 : f32
    tseq.yield %zero : f32
  }
  // CHECK: tseq.map ins(%{{.*}} : !tseq.seq<>) -> !tseq.seq<> {
  %1 = tseq.map ins(%e : !tseq.seq<>) -> !tseq.seq<> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return %0, %1 : !tseq.seq<tensor<4xf32>>, !tseq.seq<>
}

// Tests a predicated map.
// CHECK-LABEL: func.func @predicated_map
func.func @predicated_map(%a: !tseq.seq<2 x tensor<4xf32>>, %p: tensor<i1>) -> !tseq.seq<2 x tensor<4xf32>> {
  // CHECK: tseq.map ins(%[[A:.*]] : !tseq.seq<2 x tensor<4xf32>>) when(%{{.*}} : tensor<i1>) else(%[[A]] : !tseq.seq<2 x tensor<4xf32>>) -> !tseq.seq<2 x tensor<4xf32>> {
  %0 = tseq.map ins(%a : !tseq.seq<2 x tensor<4xf32>>) when(%p : tensor<i1>)
      else(%a : !tseq.seq<2 x tensor<4xf32>>) -> !tseq.seq<2 x tensor<4xf32>> {
  ^bb0(%x: f32):
    %y = arith.negf %x : f32
    tseq.yield %y : f32
  }
  return %0 : !tseq.seq<2 x tensor<4xf32>>
}

// Tests the attributes that say how a GPU walks a map and writes its results.
// CHECK-LABEL: func.func @map_attributes
func.func @map_attributes(%a: !tseq.seq<tensor<4xf32>>) {
  // CHECK: tseq.map backward streaming chunk(16) ins(%{{.*}} : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  %0 = tseq.map backward streaming chunk(16) ins(%a : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  // CHECK: tseq.map streaming ins(
  %1 = tseq.map streaming ins(%a : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// Tests reductions to one value for all and to one per tensor, with attributes.
// CHECK-LABEL: func.func @reduce
func.func @reduce(%a: !tseq.seq<2 x tensor<4xbf16>>, %k: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: tseq.reduce [add, maximum] ins(%{{.*}} : !tseq.seq<2 x tensor<4xbf16>>) -> tensor<f32>, tensor<bf16> {
  %0:2 = tseq.reduce [add, maximum] ins(%a : !tseq.seq<2 x tensor<4xbf16>>) -> tensor<f32>, tensor<bf16> {
  ^bb0(%x: bf16):
    %w = arith.extf %x : bf16 to f32
    tseq.yield %w, %x : f32, bf16
  }
  // CHECK: tseq.reduce [add] per_tensor ins(%{{.*}} : !tseq.seq<2 x tensor<4xbf16>>) scalars(%{{.*}} : tensor<2xf32>) -> tensor<2xf32> attributes {note = "kept"} {
  %1 = tseq.reduce [add] per_tensor ins(%a : !tseq.seq<2 x tensor<4xbf16>>) scalars(%k : tensor<2xf32>) -> tensor<2xf32> attributes {note = "kept"} {
  ^bb0(%x: bf16, %s: f32):
    %w = arith.extf %x : bf16 to f32
    %y = arith.mulf %w, %s : f32
    tseq.yield %y : f32
  }
  return %1 : tensor<2xf32>
}

// Tests every combiner.
// CHECK-LABEL: func.func @combiners
func.func @combiners(%a: !tseq.seq<tensor<4xf32>>, %b: !tseq.seq<tensor<4xi32>>) {
  // CHECK: tseq.reduce [add, mul, maximum, minimum, maxnum, minnum]
  %0:6 = tseq.reduce [add, mul, maximum, minimum, maxnum, minnum] ins(%a : !tseq.seq<tensor<4xf32>>)
      -> tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x, %x, %x, %x, %x, %x : f32, f32, f32, f32, f32, f32
  }
  // CHECK: tseq.reduce [add, mul, maxs, mins, maxu, minu, and, or, xor]
  %1:9 = tseq.reduce [add, mul, maxs, mins, maxu, minu, and, or, xor] ins(%b : !tseq.seq<tensor<4xi32>>)
      -> tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32> {
  ^bb0(%x: i32):
    tseq.yield %x, %x, %x, %x, %x, %x, %x, %x, %x : i32, i32, i32, i32, i32, i32, i32, i32, i32
  }
  return
}

// Tests a scalar program that reads a device scalar and a list of them.
// CHECK-LABEL: func.func @scalar
func.func @scalar(%a: tensor<f64>, %n: tensor<2xf32>) -> tensor<f64> {
  // CHECK:      tseq.scalar ins(%{{.*}}, %{{.*}} : tensor<f64>, tensor<2xf32>) -> tensor<f64>, tensor<i1> {
  // CHECK-NEXT: ^bb0(%{{.*}}: f64, %[[N:.*]]: tensor<2xf32>):
  // CHECK:      tensor.extract %[[N]]
  %0:2 = tseq.scalar ins(%a, %n : tensor<f64>, tensor<2xf32>) -> tensor<f64>, tensor<i1> {
  ^bb0(%x: f64, %t: tensor<2xf32>):
    %c1 = arith.constant 1 : index
    %v = tensor.extract %t[%c1] : tensor<2xf32>
    %w = arith.extf %v : f32 to f64
    %y = arith.addf %x, %w : f64
    %c = arith.cmpf olt, %y, %x : f64
    tseq.yield %y, %c : f64, i1
  }
  // CHECK: tseq.scalar -> tensor<f64> {
  %1 = tseq.scalar -> tensor<f64> {
    %z = arith.constant 0.0 : f64
    tseq.yield %z : f64
  }
  return %0#0 : tensor<f64>
}

// Tests readbacks of any rank, with and without what they are for.
// CHECK-LABEL: func.func @items
func.func @items(%a: tensor<f32>, %b: tensor<1x1xi1>, %c: memref<index>) -> (f32, i1, index) {
  // CHECK: tseq.item %{{.*}} : tensor<f32>
  %0 = tseq.item %a : tensor<f32>
  // CHECK: tseq.item %{{.*}} use(decisive) : tensor<1x1xi1>
  %1 = tseq.item %b use(decisive) : tensor<1x1xi1>
  // CHECK: tseq.item %{{.*}} use(observed) : memref<index>
  %2 = tseq.item %c use(observed) : memref<index>
  return %0, %1, %2 : f32, i1, index
}

// Tests a kernel of several phases.
// CHECK-LABEL: func.func @kernel
func.func @kernel(%a: tensor<4xf32>, %b: tensor<8xf32>) -> tensor<f64> {
  // CHECK: tseq.kernel -> tensor<f64> {
  // CHECK:   tseq.pack
  // CHECK:   tseq.reduce
  // CHECK:   tseq.scalar
  // CHECK:   tseq.yield %{{.*}} : tensor<f64>
  %0 = tseq.kernel -> tensor<f64> {
    %s = tseq.pack %a, %b : !tseq.seq<tensor<4xf32>, tensor<8xf32>>
    %n = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>, tensor<8xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %d = tseq.scalar ins(%n : tensor<f32>) -> tensor<f64> {
    ^bb0(%x: f32):
      %w = arith.extf %x : f32 to f64
      tseq.yield %w : f64
    }
    tseq.yield %d : tensor<f64>
  }
  return %0 : tensor<f64>
}

// Tests that a graph sees a host scalar as a device scalar.
// CHECK-LABEL: func.func @graph
func.func @graph(%a: tensor<4xf32>, %k: f64) -> (tensor<4xf32>, tensor<f64>) {
  // CHECK: tseq.graph "clip" (%[[X:.*]] = %{{.*}}, %[[K:.*]] = %{{.*}}) : (tensor<4xf32>, f64) -> (tensor<4xf32>, tensor<f64>) attributes {kernels = 0 : i64} {
  // CHECK:   tseq.yield %[[X]], %[[K]] : tensor<4xf32>, tensor<f64>
  %0:2 = tseq.graph "clip" (%x = %a, %m = %k) : (tensor<4xf32>, f64) -> (tensor<4xf32>, tensor<f64>)
      attributes {kernels = 0 : i64} {
    tseq.yield %x, %m : tensor<4xf32>, tensor<f64>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<f64>
}

// Tests branches on a device scalar, with and without results.
// CHECK-LABEL: func.func @branches
func.func @branches(%a: tensor<4xf32>, %c: tensor<i1>) -> tensor<4xf32> {
  // CHECK: tseq.if %{{.*}} : tensor<i1> -> tensor<4xf32> {
  // CHECK: } else {
  %0 = tseq.if %c : tensor<i1> -> tensor<4xf32> {
    tseq.yield %a : tensor<4xf32>
  } else {
    tseq.yield %a : tensor<4xf32>
  }
  // CHECK: tseq.if %{{.*}} : tensor<i1> {
  // CHECK-NOT: else
  tseq.if %c : tensor<i1> {
    tseq.yield
  }
  return %0 : tensor<4xf32>
}

// Tests a loop on a device scalar.
// CHECK-LABEL: func.func @loop
func.func @loop(%x0: tensor<f32>, %c0: tensor<i1>) -> tensor<f32> {
  // CHECK:      tseq.while %{{.*}} : tensor<i1> iter(%{{.*}} : tensor<f32>) -> tensor<f32> {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<f32>):
  // CHECK:      tseq.yield %{{.*}}, %{{.*}} : tensor<i1>, tensor<f32>
  %0 = tseq.while %c0 : tensor<i1> iter(%x0 : tensor<f32>) -> tensor<f32> {
  ^bb0(%x: tensor<f32>):
    %y:2 = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32>, tensor<i1> {
    ^bb1(%v: f32):
      %w = arith.addf %v, %v : f32
      %c = arith.cmpf olt, %w, %v : f32
      tseq.yield %w, %c : f32, i1
    }
    tseq.yield %y#1, %y#0 : tensor<i1>, tensor<f32>
  }
  return %0 : tensor<f32>
}

// Tests that on memrefs results become outs.
// CHECK-LABEL: func.func @buffers
func.func @buffers(%a: memref<4xf32>, %n: memref<f32>, %c: memref<i1>, %p: memref<1xf32>) {
  // CHECK: tseq.graph "g" (%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) : (memref<4xf32>, memref<f32>, memref<i1>, memref<1xf32>) -> () {
  tseq.graph "g" (%x = %a, %y = %n, %z = %c, %q = %p) : (memref<4xf32>, memref<f32>, memref<i1>, memref<1xf32>) -> () {
    %s = tseq.pack %x : !tseq.seq<memref<4xf32>>
    // CHECK: tseq.reduce [add] chunk(16) ins(%{{.*}} : !tseq.seq<memref<4xf32>>) outs(%{{.*}} : memref<f32>) scratch(%{{.*}} : memref<1xf32>) {
    tseq.reduce [add] chunk(16) ins(%s : !tseq.seq<memref<4xf32>>) outs(%y : memref<f32>) scratch(%q : memref<1xf32>) {
    ^bb0(%v: f32):
      tseq.yield %v : f32
    }
    // CHECK: tseq.scalar ins(%{{.*}} : memref<f32>) outs(%{{.*}} : memref<i1>) {
    tseq.scalar ins(%y : memref<f32>) outs(%z : memref<i1>) {
    ^bb0(%v: f32):
      %b = arith.cmpf uno, %v, %v : f32
      tseq.yield %b : i1
    }
    // CHECK: tseq.if %{{.*}} : memref<i1> {
    tseq.if %z : memref<i1> {
      // CHECK: tseq.map chunk(16) ins(%{{.*}} : !tseq.seq<memref<4xf32>>) scalars(%{{.*}} : memref<f32>) when(%{{.*}} : memref<i1>) outs(%{{.*}} : !tseq.seq<memref<4xf32>>) {
      tseq.map chunk(16) ins(%s : !tseq.seq<memref<4xf32>>) scalars(%y : memref<f32>) when(%z : memref<i1>) outs(%s : !tseq.seq<memref<4xf32>>) {
      ^bb0(%v: f32, %k: f32):
        %w = arith.mulf %v, %k : f32
        tseq.yield %w : f32
      }
      tseq.yield
    }
    // CHECK: tseq.while %{{.*}} : memref<i1> {
    tseq.while %z : memref<i1> {
      tseq.scalar outs(%z : memref<i1>) {
        %f = arith.constant false
        tseq.yield %f : i1
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}
