// RUN: graph-run %s --entry=wanted --arg 0=3 --verify | FileCheck %s
// RUN: not graph-run %s --entry=other 2>&1 | FileCheck %s --check-prefix=OTHER

// Tests that a function that can not be compiled is no obstacle to running
// another one.
// CHECK:      result0 = 9 : i64
// CHECK-NEXT: verify: ok
// OTHER: entry.mlir:[[# @LINE + 7]]:{{[0-9]+}}: error:
// OTHER: graph-run: error: the program could not be compiled
func.func @wanted(%x: i64) -> i64 {
  %0 = call @square(%x) : (i64) -> i64
  return %0 : i64
}
func.func @other(%x: tensor<4x4xf32>, %at: tensor<2x1xindex>) -> tensor<2x4x1xf32> {
  %1 = tensor.gather %x[%at] gather_dims([1]) : (tensor<4x4xf32>, tensor<2x1xindex>) -> tensor<2x4x1xf32>
  return %1 : tensor<2x4x1xf32>
}
// Public, and called by the entry.
func.func @square(%x: i64) -> i64 {
  %0 = arith.muli %x, %x : i64
  return %0 : i64
}
