// RUN: graph-opt --pack-entry-points %s | FileCheck %s --check-prefix=HOST
// RUN: graph-opt --pack-entry-points=device-memory %s | FileCheck %s --check-prefix=DEVICE

// Tests that where memory is on the device, a function that works with any takes
// the context and the stream, which its callers pass; one that works with
// scalars alone does not.
// HOST:        func.func private @touches(%{{[^:]*}}: memref<4xf32>)
// HOST:        func.func private @computes(%{{[^:]*}}: f32)
// HOST:        call @touches(%{{[^,]*}}) :
// DEVICE:      func.func private @touches(%{{[^:]*}}: !llvm.ptr {graphopt.context}, %{{[^:]*}}: !llvm.ptr {graphopt.stream}, %{{[^:]*}}: memref<4xf32>)
// DEVICE:      func.func private @computes(%{{[^:]*}}: f32)
// DEVICE:      func.func @graphopt_entry_main(%[[C:[^:]*]]: !llvm.ptr {graphopt.context}, %[[S:[^:]*]]: !llvm.ptr {graphopt.stream}
// DEVICE:        call @touches(%[[C]], %[[S]], %{{.*}}) :
// DEVICE:        call @computes(%{{[^,]*}}) :
func.func private @touches(%m: memref<4xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %x = memref.load %m[%c0] : memref<4xf32>
  return %x : f32
}
func.func private @computes(%x: f32) -> f32 {
  %y = arith.negf %x : f32
  return %y : f32
}
func.func @main(%m: memref<4xf32>) -> f32 {
  %x = call @touches(%m) : (memref<4xf32>) -> f32
  %y = call @computes(%x) : (f32) -> f32
  return %y : f32
}
