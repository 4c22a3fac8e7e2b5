// RUN: graph-run %s --entry=step --device=host --stats=text | FileCheck %s
// RUN: graph-run %s --entry=step --device=host --stats=json | FileCheck %s --check-prefix=JSON
// RUN: graph-run %s --entry=step --device=host --repeat 2 --log=debug 2>&1 | FileCheck %s --check-prefix=LOG
// RUN: env GRAPHOPT_LOG=info graph-run %s --entry=step --device=host 2>&1 | FileCheck %s --check-prefix=LOG
// RUN: env GRAPHOPT_LOG=info graph-run %s --entry=step --device=host --log=off 2>&1 | FileCheck %s --check-prefix=OFF
// RUN: graph-opt %s --graph-opt-pipeline > %t.compiled
// RUN: graph-run %t.compiled --entry=step --device=host --stats=text | FileCheck %s --check-prefix=COMPILED

// Totals of one call before and after, as in the report. Two of the three values
// that are read feed the scale alone; the third is returned.

#id = affine_map<(d0) -> (d0)>
#all = affine_map<(d0) -> ()>

func.func @step(%a: tensor<8xf32>, %b: tensor<4xf32>) -> (tensor<8xf32>, f32) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<f32>) -> tensor<f32>
  %least = arith.constant 0xFF800000 : f32
  %initMax = linalg.fill ins(%least : f32) outs(%empty : tensor<f32>) -> tensor<f32>
  %sumA = linalg.generic {indexing_maps = [#id, #all], iterator_types = ["reduction"]}
      ins(%a : tensor<8xf32>) outs(%init : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %next = arith.addf %acc, %x : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %sumB = linalg.generic {indexing_maps = [#id, #all], iterator_types = ["reduction"]}
      ins(%b : tensor<4xf32>) outs(%init : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %next = arith.addf %acc, %x : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %maxB = linalg.generic {indexing_maps = [#id, #all], iterator_types = ["reduction"]}
      ins(%b : tensor<4xf32>) outs(%initMax : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %next = arith.maximumf %acc, %x : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %hostA = tensor.extract %sumA[] : tensor<f32>
  %hostB = tensor.extract %sumB[] : tensor<f32>
  %scale = arith.addf %hostA, %hostB : f32
  %out = tensor.empty() : tensor<8xf32>
  %scaled = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%a : tensor<8xf32>) outs(%out : tensor<8xf32>) {
  ^bb0(%x: f32, %o: f32):
    %y = arith.mulf %x, %scale : f32
    linalg.yield %y : f32
  } -> tensor<8xf32>
  %max = tensor.extract %maxB[] : tensor<f32>
  return %scaled, %max : tensor<8xf32>, f32
}

// CHECK:     readbacks 1{{$}}
// CHECK:     deferred_readbacks 0{{$}}
// CHECK-NEXT: evictions 0{{$}}
// CHECK-NEXT: retries 0{{$}}
// CHECK-NEXT: fallbacks 0{{$}}
// CHECK-NEXT: builds 0{{$}}
// CHECK-NEXT: node_updates 0{{$}}
// CHECK-NEXT: copied_arguments 0{{$}}
// CHECK-NEXT: kernel_launches 0{{$}}
// CHECK:     before.kernels 4{{$}}
// CHECK:     before.launches 4{{$}}
// CHECK:     before.readbacks 3{{$}}
// CHECK:     before.uploads 1{{$}}
// CHECK:     after.launches 1{{$}}
// CHECK:     after.readbacks_deferred 0{{$}}
// CHECK:     after.readbacks_kept 1{{$}}
// CHECK:     after.readbacks_removed 2{{$}}
// CHECK:     after.uncaptured 0{{$}}
// CHECK:     after.uploads 0{{$}}
// CHECK:     region [[NAME:.+::.+]], owner 0, {{[0-9]+}} bytes of device memory{{$}}
// CHECK-NEXT:  graphs 1{{$}}
// CHECK-NEXT:  graph_launches 1{{$}}
// CHECK-NEXT:  kernel_nodes {{[1-9][0-9]*$}}
// CHECK-NOT: region

// JSON: {"calls":1,
// JSON-SAME: "before":{{{.*}}"kernels":4,"launches":4,{{.*}}"readbacks":3,"uploads":1}
// JSON-SAME: "after":{{{.*}}"launches":1,{{.*}}"readbacks_deferred":0,"readbacks_kept":1,"readbacks_observed":0,"readbacks_removed":2,
// JSON-SAME: "regions":[{"module":"{{.+}}","name":"{{.+}}","owner":0,"device_bytes":{{[0-9]+}},"graphs":1,"graph_launches":1,
// JSON-SAME: "copied_arguments":0,"kernel_launches":0}]}{{$}}

// LOG: graph-opt: info: build: module '{{.+}}', graph '{{.+}}', owner 0: first use, {{[1-9][0-9]*}} nodes, {{[0-9]+}} bytes of memory
// OFF-NOT: graph-opt:

// What is compiled already has no report.
// COMPILED:     calls 1{{$}}
// COMPILED-NOT: before.
// COMPILED-NOT: after.
