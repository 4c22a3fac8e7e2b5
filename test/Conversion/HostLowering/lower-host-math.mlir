// RUN: graph-opt %s --lower-host-math | FileCheck %s

// Tests that what upstream would approximate calls the C library, also element
// by element, and that the rest stays.
// CHECK-LABEL: func.func @functions(
// CHECK-SAME:    %[[X:.*]]: f32, %[[Y:.*]]: f64)
// CHECK-DAG:     %[[A:.*]] = call @expm1f(%[[X]]) : (f32) -> f32
// CHECK-DAG:     %[[B:.*]] = call @log1p(%[[Y]]) : (f64) -> f64
// CHECK-DAG:     %[[C:.*]] = math.exp %[[Y]] : f64
// CHECK:         return %[[A]], %[[B]], %[[C]]
func.func @functions(%x: f32, %y: f64) -> (f32, f64, f64) {
  %0 = math.expm1 %x : f32
  %1 = math.log1p %y : f64
  %2 = math.exp %y : f64
  return %0, %1, %2 : f32, f64, f64
}

// CHECK-LABEL: func.func @elements(
// CHECK-COUNT-2: call @log1pf
func.func @elements(%x: vector<2xf32>) -> vector<2xf32> {
  %0 = math.log1p %x : vector<2xf32>
  return %0 : vector<2xf32>
}
