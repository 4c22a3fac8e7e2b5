// RUN: graph-opt %s --verify-captured=launches --verify-diagnostics --split-input-file
// RUN: not graph-opt %s --graph-opt-pipeline="strict device=cuda stop-after=graphs" --split-input-file -o /dev/null 2>&1 | FileCheck %s

// Tests that launches that could be nodes and are in no graph are errors, with
// the reason why, also those that only share a token with what is refused, or
// with another block.

// CHECK: error: not captured [launch-not-captured]: it shares an async token
module attributes {gpu.container_module} {
gpu.module @k {
  gpu.func @scale(%m: memref<8xf32>) kernel {
    gpu.return
  }
}
func.func @carried(%a: memref<8xf32>, %n: index, %s: !llvm.ptr) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %t0 = gpu.wait async
  %r = scf.for %i = %0 to %n step %1 iter_args(%t = %t0) -> !gpu.async.token {
    // expected-error @below {{not captured [launch-not-captured]: it shares an async token with an op that is not captured, or with another block}}
    %t1 = gpu.launch_func async [%t] <%s : !llvm.ptr> @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %1)
      args(%a : memref<8xf32>)
    scf.yield %t1 : !gpu.async.token
  }
  gpu.wait [%r]
  return
}
}

// -----

// CHECK: error: not captured [launch-not-captured]: it shares an async token
func.func @given(%a: memref<8xf32>, %t0: !gpu.async.token) -> !gpu.async.token {
  %zero = arith.constant 0.0 : f32
  // expected-error @below {{not captured [launch-not-captured]: it shares an async token}}
  %t = gpu.memset async [%t0] %a, %zero : memref<8xf32>, f32
  return %t : !gpu.async.token
}

// -----

// Tests that launches of a module in the module are seen.
// CHECK: error: not captured [nested-module]: functions of a module in the module are left as they are
module {
module @inner {
  func.func @nested(%a: memref<8xf32>) {
    %zero = arith.constant 0.0 : f32
    // expected-error @below {{not captured [nested-module]}}
    gpu.memset %a, %zero : memref<8xf32>, f32
    return
  }
}
}

// -----

// Tests that a stream's order with other work is the reason that is given.
// CHECK: error: not captured [launch-not-captured]: it is ordered with work that is not on its stream, by an async token or by an allocation
module attributes {gpu.container_module} {
gpu.module @k {
  gpu.func @scale(%m: memref<8xf32>) kernel {
    gpu.return
  }
}
func.func @streams(%a: memref<8xf32>, %s: !llvm.ptr) {
  %1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  // expected-error @below {{it is ordered with work that is not on its stream}}
  %t = gpu.launch_func async <%s : !llvm.ptr> @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %1)
    args(%a : memref<8xf32>)
  // expected-error @below {{it shares an async token}}
  %u = gpu.memset async [%t] %a, %zero : memref<8xf32>, f32
  gpu.wait [%u]
  return
}
}
