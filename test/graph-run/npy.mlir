// RUN: rm -rf %t && mkdir %t
// RUN: %python %S/Inputs/npy.py write %t/a.npy "<f4" "(2, 3)" f 1 2 3 4 5 6
// RUN: %python %S/Inputs/npy.py write %t/b.npy "|V2" "(2,)" H 16256 16384
// RUN: %python %S/Inputs/npy.py write %t/c.npy "|b1" "(2,)" B 1 0
// RUN: %python %S/Inputs/npy.py write %t/d.npy "<i8" "()" q 7
// RUN: %python %S/Inputs/npy.py write %t/e.npy "<f2" "(0, 4)" e
// RUN: graph-run %s --reference-only --out %t/made/here --arg 0=%t/a.npy --arg 1=%t/b.npy --arg 2=%t/c.npy \
// RUN:   --arg 3=%t/d.npy --arg 4=%t/e.npy
// RUN: %python %S/Inputs/npy.py show %t/made/here/result0.npy f | FileCheck %s --check-prefix=F32
// RUN: %python %S/Inputs/npy.py show %t/made/here/result1.npy H | FileCheck %s --check-prefix=BF16
// RUN: %python %S/Inputs/npy.py show %t/made/here/result2.npy B | FileCheck %s --check-prefix=I1
// RUN: %python %S/Inputs/npy.py show %t/made/here/result3.npy q | FileCheck %s --check-prefix=INDEX
// RUN: %python %S/Inputs/npy.py show %t/made/here/arg4.npy e | FileCheck %s --check-prefix=F16
// RUN: not ls %t/made/here/arg0.npy

// Tests that files of every kind are read, and that results and buffers, but
// not arguments that are values, are written.
// F32: <f4 False (3, 2) [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]
// BF16: |V2 False (2,) [16384, 16512]
// I1: |b1 False (2,) [0, 1]
// INDEX: <i8 False () [8]
// F16: <f2 False (0, 4) []
func.func @f(%a: tensor<2x3xf32>, %b: tensor<2xbf16>, %c: tensor<2xi1>, %d: index,
             %e: memref<0x4xf16>) -> (tensor<3x2xf32>, tensor<2xbf16>, tensor<2xi1>, index) {
  %empty = tensor.empty() : tensor<3x2xf32>
  %0 = linalg.transpose ins(%a : tensor<2x3xf32>) outs(%empty : tensor<3x2xf32>) permutation = [1, 0]
  %1 = arith.addf %b, %b : tensor<2xbf16>
  %true = arith.constant dense<true> : tensor<2xi1>
  %2 = arith.xori %c, %true : tensor<2xi1>
  %one = arith.constant 1 : index
  %3 = arith.addi %d, %one : index
  return %0, %1, %2, %3 : tensor<3x2xf32>, tensor<2xbf16>, tensor<2xi1>, index
}
