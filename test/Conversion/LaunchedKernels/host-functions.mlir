// RUN: graph-opt %s --convert-launched-kernels-to-host --split-input-file | FileCheck %s --implicit-check-not=gpu.func --implicit-check-not=gpu.module --implicit-check-not="= gpu."

// Tests that launches of one kernel with equal sizes and types share their
// functions, and that others get their own.

// CHECK-LABEL: cudagraph.graph @shared
// CHECK-COUNT-2:   phases [#cudagraph.phase<@set.blocks, 4>]
// CHECK:           phases [#cudagraph.phase<@set.blocks_[[O:[0-9]+]], 4>]
// CHECK:           phases [#cudagraph.phase<@set.blocks_[[G:[0-9]+]], 2>]
// CHECK-DAG:     func.func private @set.blocks(
// CHECK-DAG:     func.func private @set.blocks_[[O]](
// CHECK-DAG:     func.func private @set.blocks_[[G]](
cudagraph.graph @shared(%a: memref<8xf32>, %b: memref<8xf32>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@set, 1>]
    args(%a readwrite : memref<8xf32>) grid [4, 1, 1] block [2, 1, 1]
  %1 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@set, 1>]
    args(%b readwrite : memref<8xf32>) grid [4, 1, 1] block [2, 1, 1]
  %v = memref.reinterpret_cast %b to offset: [0], sizes: [4], strides: [2] : memref<8xf32> to memref<4xf32, strided<[2]>>
  %2 = cudagraph.kernel "k" after(%1) phases [#cudagraph.phase<@k::@set, 1>]
    args(%v readwrite : memref<4xf32, strided<[2]>>) grid [4, 1, 1] block [1, 1, 1]
  %3 = cudagraph.kernel "k" after(%2) phases [#cudagraph.phase<@k::@set, 1>]
    args(%b readwrite : memref<8xf32>) grid [2, 1, 1] block [2, 1, 1]
}
gpu.module @k {
  gpu.func @set(%m: memref<?xf32, strided<[?]>>) kernel {
    gpu.return
  }
}

// -----

// Tests that functions that kernels call, and globals that they use, come with
// them, those of equal names from different modules apart.

// CHECK-LABEL: cudagraph.graph @called
// CHECK:       func.func private @use.thread(
// CHECK:         call @k.half(
// CHECK:       func.func private @k.half(
// CHECK:         memref.get_global @k.table
// CHECK:         call @k.half(
// CHECK:       memref.global "private" constant @k.table : memref<2xf32> = dense<[1.000000e+00, 2.000000e+00]>
// CHECK:       func.func private @use.thread_{{[0-9]+}}(
// CHECK:         call @l.half(
// CHECK:       func.func private @l.half(
cudagraph.graph @called(%a: memref<8xf32>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@use, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
  %1 = cudagraph.kernel "k" after(%0) phases [#cudagraph.phase<@l::@use, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
}
gpu.module @k {
  memref.global "private" constant @table : memref<2xf32> = dense<[1.0, 2.0]>
  func.func private @half(%i: index) -> f32 {
    %t = memref.get_global @table : memref<2xf32>
    %c = arith.cmpi ult, %i, %i : index
    %x = scf.if %c -> f32 {
      %y = func.call @half(%i) : (index) -> f32
      scf.yield %y : f32
    } else {
      %y = memref.load %t[%i] : memref<2xf32>
      scf.yield %y : f32
    }
    return %x : f32
  }
  gpu.func @use(%m: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %x = func.call @half(%i) : (index) -> f32
    memref.store %x, %m[%i] : memref<8xf32>
    gpu.return
  }
}
gpu.module @l {
  func.func private @half(%i: index) -> f32 {
    %x = arith.constant 0.5 : f32
    return %x : f32
  }
  gpu.func @use(%m: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %x = func.call @half(%i) : (index) -> f32
    memref.store %x, %m[%i] : memref<8xf32>
    gpu.return
  }
}

// -----

// Tests that what was not captured runs in place, in the order of the program,
// and that tokens go, also those that a loop carries.

// CHECK-LABEL: func.func @left
// CHECK-SAME:    (%[[A:.*]]: memref<?xf32>, %[[N:.*]]: index, %[[F:.*]]: f32)
// CHECK:         %[[C1:.*]] = arith.constant 1 : index
// CHECK:         %[[M:.*]] = memref.alloc(%[[N]]) : memref<?xf32>
// CHECK:         linalg.fill ins(%[[F]] : f32) outs(%[[M]] : memref<?xf32>)
// CHECK:         linalg.generic {{.*}} ins(%[[M]] : memref<?xf32>) outs(%[[A]] : memref<?xf32>)
// CHECK:         scf.for {{.*}} iter_args(%[[T:.*]] = %{{.*}}) -> (i1)
// CHECK:           func.call @add.grid(%[[A]], %[[F]], %[[N]], %[[C1]], %[[C1]], %[[N]], %[[C1]], %[[C1]])
// CHECK:         memref.dealloc %[[M]]
// CHECK:       func.func private @add.thread(%{{.*}}: memref<?xf32>, %{{.*}}: f32, %[[BX:.*]]: index, %{{.*}}: index, %{{.*}}: index, %[[TX:.*]]: index, %{{.*}}: index, %{{.*}}: index, %[[GX:.*]]: index, %{{.*}}: index, %{{.*}}: index, %[[SX:.*]]: index, %{{.*}}: index, %{{.*}}: index)
// CHECK:         %[[B:.*]] = arith.muli %[[BX]], %[[SX]] : index
// CHECK:         %[[I:.*]] = arith.addi %[[B]], %[[TX]] : index
// CHECK:         memref.load %{{.*}}[%[[I]]]
// CHECK:       func.func private @add.grid
// CHECK-COUNT-6: scf.for
// CHECK:         func.call @add.thread
module attributes {gpu.container_module} {
func.func @left(%a: memref<?xf32>, %n: index, %f: f32) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %m, %t0 = gpu.alloc async (%n) : memref<?xf32>
  %t1 = gpu.memset async [%t0] %m, %f : memref<?xf32>, f32
  %t2 = gpu.memcpy async [%t1] %a, %m : memref<?xf32>, memref<?xf32>
  %t3 = scf.for %i = %0 to %n step %1 iter_args(%t = %t2) -> !gpu.async.token {
    %u = gpu.launch_func async [%t] @k::@add blocks in (%n, %1, %1) threads in (%n, %1, %1)
      args(%a : memref<?xf32>, %f : f32)
    scf.yield %u : !gpu.async.token
  }
  %t4 = gpu.dealloc async [%t3] %m : memref<?xf32>
  gpu.wait [%t4]
  return
}
gpu.module @k {
  gpu.func @add(%m: memref<?xf32>, %f: f32) kernel {
    %i = gpu.global_id x
    %x = memref.load %m[%i] : memref<?xf32>
    %y = arith.addf %x, %f : f32
    memref.store %y, %m[%i] : memref<?xf32>
    gpu.return
  }
}
}
