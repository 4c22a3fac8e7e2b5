// RUN: graph-run %s --entry=identity --reference-only --print | FileCheck %s --check-prefix=RANDOM
// RUN: graph-run %s --entry=identity --seed=1 --reference-only --print | FileCheck %s --check-prefix=SEED
// RUN: graph-run %s --entry=identity --arg 0=random:7 --arg 1=random:7 --reference-only --print | FileCheck %s --check-prefix=SAME
// RUN: graph-run %s --entry=scalars --reference-only | FileCheck %s --check-prefix=DEFAULT
// RUN: graph-run %s --entry=scalars --arg 0=-inf --arg 1=0x10 --arg 2=false --reference-only | FileCheck %s --check-prefix=GIVEN

// Tests that tensors are drawn from a seed, the same on every machine, and
// differ from argument to argument.
// RANDOM:      result0 = f32 [3]: 2.3903708 -0.095012255 -1.0504735
// RANDOM-NEXT: result1 = f32 [3]:
// RANDOM-NEXT: result2 = i32 [4]: {{[0-7] [0-7] [0-7] [0-7]}}
// SEED-NOT:    result0 = f32 [3]: 2.39
// SAME:        result0 = f32 [3]: [[VALUES:.*]]
// SAME-NEXT:   result1 = f32 [3]: [[VALUES]]
func.func @identity(%a: tensor<3xf32>, %b: tensor<3xf32>, %c: tensor<4xi32>)
    -> (tensor<3xf32>, tensor<3xf32>, tensor<4xi32>) {
  return %a, %b, %c : tensor<3xf32>, tensor<3xf32>, tensor<4xi32>
}

// Tests that scalars are 1 unless they are given.
// DEFAULT:      result0 = 1 : f64
// DEFAULT-NEXT: result1 = 1 : i16
// DEFAULT-NEXT: result2 = true : i1
// GIVEN:        result0 = -inf : f64
// GIVEN-NEXT:   result1 = 16 : i16
// GIVEN-NEXT:   result2 = false : i1
func.func @scalars(%a: f64, %b: i16, %c: i1) -> (f64, i16, i1) {
  return %a, %b, %c : f64, i16, i1
}
