// RUN: graph-run %s --device=host --entry=classes --arg 0=0 --verify | FileCheck %s --check-prefix=C0
// C0: result0 = true
// C0: result1 = false
// C0: result2 = false
// C0: result3 = false
// RUN: graph-run %s --device=host --entry=classes --arg 0=inf --verify | FileCheck %s --check-prefix=C1
// C1: result0 = false
// C1: result1 = true
// C1: result2 = false
// C1: result3 = false
// RUN: graph-run %s --device=host --entry=classes --arg 0=-inf --verify | FileCheck %s --check-prefix=C2
// C2: result0 = false
// C2: result1 = true
// C2: result2 = false
// C2: result3 = false
// RUN: graph-run %s --device=host --entry=classes --arg 0=nan --verify | FileCheck %s --check-prefix=C3
// C3: result0 = false
// C3: result1 = false
// C3: result2 = true
// C3: result3 = false
// RUN: graph-run %s --device=host --entry=classes --arg 0=3e-5 --verify | FileCheck %s --check-prefix=C4
// C4: result0 = true
// C4: result1 = false
// C4: result2 = false
// C4: result3 = false
// RUN: graph-run %s --device=host --entry=classes --arg 0=7e-5 --verify | FileCheck %s --check-prefix=C5
// C5: result0 = true
// C5: result1 = false
// C5: result2 = false
// C5: result3 = true
// RUN: graph-run %s --device=host --entry=classes --arg 0=-1 --verify | FileCheck %s --check-prefix=C6
// C6: result0 = true
// C6: result1 = false
// C6: result2 = false
// C6: result3 = true
// RUN: graph-run %s --device=host --entry=power --arg 0=3 --arg 1=4 | FileCheck %s --check-prefix=C7
// C7: result0 = 81 : i32
// RUN: graph-run %s --device=host --entry=power --arg 0=-2 --arg 1=5 | FileCheck %s --check-prefix=C8
// C8: result0 = -32 : i32
// RUN: graph-run %s --device=host --entry=power --arg 0=-1 --arg 1=-3 | FileCheck %s --check-prefix=C9
// C9: result0 = -1 : i32
// RUN: graph-run %s --device=host --entry=power --arg 0=1 --arg 1=-7 | FileCheck %s --check-prefix=C10
// C10: result0 = 1 : i32
// RUN: graph-run %s --device=host --entry=power --arg 0=5 --arg 1=-1 | FileCheck %s --check-prefix=C11
// C11: result0 = 0 : i32
// RUN: graph-run %s --device=host --entry=power --arg 0=7 --arg 1=0 | FileCheck %s --check-prefix=C12
// C12: result0 = 1 : i32
// RUN: graph-run %s --device=host --entry=power --arg 0=-1 --arg 1=-4 | FileCheck %s --check-prefix=C13
// C13: result0 = 1 : i32
// RUN: graph-run %s --device=host --entry=power --arg 0=2 --arg 1=31 | FileCheck %s --check-prefix=C14
// C14: result0 = -2147483648 : i32
// RUN: graph-run %s --device=host --entry=clamp --arg 1=-0.25 --arg 2=0.5 --verify | FileCheck %s --check-prefix=CLAMP
// CLAMP: verify: ok

func.func @classes(%x: tensor<f16>) -> (i1, i1, i1, i1) {
  %h = tensor.extract %x[] : tensor<f16>
  %0 = math.isfinite %h : f16
  %1 = math.isinf %h : f16
  %2 = math.isnan %h : f16
  %3 = math.isnormal %h : f16
  return %0, %1, %2, %3 : i1, i1, i1, i1
}

func.func @power(%x: tensor<i32>, %e: tensor<i32>) -> i32 {
  %h = tensor.extract %x[] : tensor<i32>
  %k = tensor.extract %e[] : tensor<i32>
  %0 = math.ipowi %h, %k : i32
  return %0 : i32
}

func.func @clamp(%x: tensor<33xbf16>, %low: bf16, %high: bf16) -> tensor<33xbf16> {
  %e = tensor.empty() : tensor<33xbf16>
  %y = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->(i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<33xbf16>) outs(%e : tensor<33xbf16>) {
  ^bb0(%v: bf16, %o: bf16):
    %c = math.clampf %v to [%low, %high] : bf16
    linalg.yield %c : bf16
  } -> tensor<33xbf16>
  return %y : tensor<33xbf16>
}
