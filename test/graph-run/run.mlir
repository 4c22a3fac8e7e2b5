// RUN: rm -rf %t && mkdir %t
// RUN: graph-run %s --entry=clip --device=host --repeat 3 --verify --stats=json --dot %t/clip.dot | FileCheck %s
// RUN: FileCheck %s --check-prefix=DOT --input-file=%t/clip.dot
// RUN: graph-run %s --entry=clip --before-after | FileCheck %s --check-prefix=BEFORE
// RUN: graph-run %s --entry=clip --bench --stats=text | FileCheck %s --check-prefix=BENCH
// RUN: graph-run %s --entry=clip --precision=fast --threads 1 --verify --tolerance 1e-4 | FileCheck %s --check-prefix=FAST

// Tests that a program is compiled, replayed on evolving buffers, counted and
// compared with the reference.
// CHECK:      result0 = {{[0-9.]+}} : f64
// CHECK-NEXT: {"calls":3,"graphs":1,"graph_launches":3,"kernel_nodes":{{[12]}},{{.*}}"instantiations":1,{{.*}}"readbacks":3,
// CHECK-NEXT: verify: ok, worst relative error {{.*}} elements differ
// DOT: digraph
// DOT: label="{{.+}}::{{.+}}\nowner 0, launched as a graph\n{{[0-9]+}} launch arguments, {{[0-9]+}} bytes of arena, {{[0-9]+}} bytes of parameters"
// DOT: label="kernel\n{{[^ ]+}}\nreads {{[0-9]+}} bytes of argument

// Tests that the table counts a call's device ops one by one and as graphs.
// BEFORE:      per call op by op graphs
// BEFORE-NEXT: kernels 6 {{[12]$}}
// BEFORE-NEXT: launches 6 1
// BEFORE-NEXT: readbacks 2 1

// BENCH: graph_launches 1
// BENCH: bench: latency    median {{[0-9.]+}} us, minimum {{[0-9.]+}} us per call ({{[0-9]+}} calls)
// BENCH-NEXT: bench: throughput median {{[0-9.]+}} us
// BENCH-NEXT: bench: device     median {{[0-9.]+}} us
// FAST: verify: ok
func.func private @norm(%g: tensor<1000xf32>) -> f32 {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<f32>) -> tensor<f32>
  %sum = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>],
      iterator_types = ["reduction"]}
      ins(%g : tensor<1000xf32>) outs(%init : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %square = arith.mulf %x, %x : f32
    %next = arith.addf %acc, %square : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %root = math.sqrt %sum : tensor<f32>
  %norm = tensor.extract %root[] : tensor<f32>
  return %norm : f32
}
func.func private @scale(%g: tensor<1000xf32>, %by: f32) -> tensor<1000xf32> {
  %0 = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]}
      ins(%g : tensor<1000xf32>) outs(%g : tensor<1000xf32>) {
  ^bb0(%x: f32, %out: f32):
    %scaled = arith.mulf %x, %by : f32
    linalg.yield %scaled : f32
  } -> tensor<1000xf32>
  return %0 : tensor<1000xf32>
}
func.func @clip(%m0: memref<1000xf32>, %m1: memref<1000xf32>) -> f64 {
  %g0 = bufferization.to_tensor %m0 restrict writable : memref<1000xf32> to tensor<1000xf32>
  %g1 = bufferization.to_tensor %m1 restrict writable : memref<1000xf32> to tensor<1000xf32>
  %n0 = call @norm(%g0) : (tensor<1000xf32>) -> f32
  %n1 = call @norm(%g1) : (tensor<1000xf32>) -> f32
  %d0 = arith.extf %n0 : f32 to f64
  %d1 = arith.extf %n1 : f32 to f64
  %q0 = arith.mulf %d0, %d0 : f64
  %q1 = arith.mulf %d1, %d1 : f64
  %total = arith.addf %q0, %q1 : f64
  %norm = math.sqrt %total : f64
  %one = arith.constant 1.0 : f64
  %small = arith.constant 1.0e-6 : f64
  %sum = arith.addf %norm, %small : f64
  %c = arith.divf %one, %sum : f64
  %clips = arith.cmpf olt, %c, %one : f64
  scf.if %clips {
    %by = arith.truncf %c : f64 to f32
    %r0 = func.call @scale(%g0, %by) : (tensor<1000xf32>, f32) -> tensor<1000xf32>
    %r1 = func.call @scale(%g1, %by) : (tensor<1000xf32>, f32) -> tensor<1000xf32>
    bufferization.materialize_in_destination %r0 in restrict writable %m0
      : (tensor<1000xf32>, memref<1000xf32>) -> ()
    bufferization.materialize_in_destination %r1 in restrict writable %m1
      : (tensor<1000xf32>, memref<1000xf32>) -> ()
  }
  return %norm : f64
}
