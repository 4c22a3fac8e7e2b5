// Calls of functions that the compiler does not know lie between readbacks and
// their uses. The functions are those of the C library: `rand` tells by its
// values whether all calls are made, in order.

// Tests that a wait comes behind a call and a launch.
// RUN: graph-run %s --device=host --entry=call_between --verify --stats=json | FileCheck %s --check-prefix=CALL
// CALL: "graph_launches":2,{{.*}}"readbacks":1,"waits":1,{{.*}}"deferred_readbacks":1
// CALL: verify: ok

// Tests that two values that are needed at one place share a wait.
// RUN: graph-run %s --device=host --entry=meeting --verify --stats=json | FileCheck %s --check-prefix=MEETING
// MEETING: "graph_launches":2,{{.*}}"readbacks":2,"waits":1,{{.*}}"deferred_readbacks":2
// MEETING: verify: ok

// Tests that each turn of a loop has its value, whatever is launched meanwhile.
// RUN: graph-run %s --device=host --entry=loop --arg 1=7 --repeat 2 --verify --stats=json | FileCheck %s --check-prefix=LOOP
// LOOP: "readbacks":14,"waits":14,{{.*}}"deferred_readbacks":14
// LOOP: verify: ok
// RUN: graph-run %s --device=host --entry=loop --arg 1=0 --verify --stats=json | FileCheck %s --check-prefix=NO-TURN
// NO-TURN: "readbacks":0,"waits":0,{{.*}}"deferred_readbacks":0
// NO-TURN: verify: ok

// Tests that a value that only one branch uses is awaited on both ways.
// RUN: graph-run %s --device=host --entry=branches --arg 1=true --verify --stats=json | FileCheck %s --check-prefix=BRANCH
// RUN: graph-run %s --device=host --entry=branches --arg 1=false --verify --stats=json | FileCheck %s --check-prefix=BRANCH
// BRANCH: "readbacks":[[N:[12]]],{{.*}}"deferred_readbacks":[[N]]
// BRANCH: verify: ok

// Tests that host arithmetic on a value moves along, a nest of loops included.
// RUN: graph-run %s --device=host --entry=nested --verify --stats=json | FileCheck %s --check-prefix=NESTED
// NESTED: "readbacks":6,{{.*}}"deferred_readbacks":6
// NESTED: verify: ok

// Tests that calls that are in flight at the same time have results of their
// own: the buffer changes with each. They share one wait.
// RUN: graph-run %s --device=host --entry=call_between --async-results --repeat 5 --verify --stats=json | FileCheck %s --check-prefix=ASYNC
// ASYNC: {"calls":5,{{.*}}"readbacks":5,"waits":1,{{.*}}"deferred_readbacks":5
// ASYNC: verify: ok
// RUN: graph-run %s --device=host --entry=plain --async-results --repeat 4 --verify --stats=json | FileCheck %s --check-prefix=PLAIN
// PLAIN: {"calls":4,{{.*}}"readbacks":8,"waits":1,{{.*}}"deferred_readbacks":8
// PLAIN: verify: ok
// RUN: graph-run %s --device=host --entry=plain --repeat 4 --verify --stats=json | FileCheck %s --check-prefix=SYNC
// SYNC: {"calls":4,{{.*}}"readbacks":8,"waits":4,{{.*}}"deferred_readbacks":0
// SYNC: verify: ok
// What the program computes with it waits for, whoever awaits the rest.
// RUN: graph-run %s --device=host --entry=loop --arg 1=3 --async-results --repeat 3 --verify --stats=json | FileCheck %s --check-prefix=COMPUTED
// COMPUTED: "readbacks":9,"waits":9,
// COMPUTED: verify: ok
// RUN: graph-opt %s --graph-opt-pipeline=async-results | graph-run --entry=plain --device=host --repeat 3 --stats=json | FileCheck %s --check-prefix=COMPILED
// COMPILED: {"calls":3,{{.*}}"waits":1,

func.func private @srand(i32)
func.func private @rand() -> i32
func.func private @ceilf(f32) -> f32

func.func private @sum(%x: tensor<64xf32>) -> f32 {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>],
      iterator_types = ["reduction"]}
      ins(%x : tensor<64xf32>) outs(%i : tensor<f32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  %v = tensor.extract %r[] : tensor<f32>
  return %v : f32
}

// y += number.
func.func private @shift(%y: memref<64xf32>, %number: i32) {
  %c1000 = arith.constant 1000 : i32
  %small = arith.remui %number, %c1000 : i32
  %f = arith.uitofp %small : i32 to f32
  %t = bufferization.to_tensor %y restrict writable : memref<64xf32> to tensor<64xf32>
  %m = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      outs(%t : tensor<64xf32>) {
  ^bb0(%a: f32):
    %s = arith.addf %a, %f : f32
    linalg.yield %s : f32
  } -> tensor<64xf32>
  bufferization.materialize_in_destination %m in restrict writable %y : (tensor<64xf32>, memref<64xf32>) -> ()
  return
}

func.func private @read(%y: memref<64xf32>) -> f32 {
  %t = bufferization.to_tensor %y restrict : memref<64xf32> to tensor<64xf32>
  %v = call @sum(%t) : (tensor<64xf32>) -> f32
  return %v : f32
}

func.func @call_between(%y: memref<64xf32>) -> f32 {
  %seed = arith.constant 7 : i32
  call @srand(%seed) : (i32) -> ()
  %v = call @read(%y) : (memref<64xf32>) -> f32
  %n = call @rand() : () -> i32
  call @shift(%y, %n) : (memref<64xf32>, i32) -> ()
  return %v : f32
}

func.func @meeting(%y: memref<64xf32>) -> (f32, f32, i32) {
  %seed = arith.constant 7 : i32
  call @srand(%seed) : (i32) -> ()
  %v = call @read(%y) : (memref<64xf32>) -> f32
  %n = call @rand() : () -> i32
  call @shift(%y, %n) : (memref<64xf32>, i32) -> ()
  %w = call @read(%y) : (memref<64xf32>) -> f32
  %k = call @rand() : () -> i32
  return %v, %w, %k : f32, f32, i32
}

func.func @loop(%y: memref<64xf32>, %turns: index) -> f32 {
  %seed = arith.constant 7 : i32
  call @srand(%seed) : (i32) -> ()
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.for %i = %c0 to %turns step %c1 iter_args(%a = %zero) -> f32 {
    %v = func.call @read(%y) : (memref<64xf32>) -> f32
    %half = arith.constant 0.5 : f32
    %h = arith.mulf %a, %half : f32
    %n = func.call @rand() : () -> i32
    func.call @shift(%y, %n) : (memref<64xf32>, i32) -> ()
    %c100 = arith.constant 100 : i32
    %k = arith.remui %n, %c100 : i32
    %f = arith.uitofp %k : i32 to f32
    %up = func.call @ceilf(%v) : (f32) -> f32
    %g = arith.mulf %up, %f : f32
    %s = arith.addf %h, %g : f32
    scf.yield %s : f32
  }
  return %r : f32
}

func.func @branches(%y: memref<64xf32>, %c: i1) -> (f32, i32) {
  %seed = arith.constant 7 : i32
  call @srand(%seed) : (i32) -> ()
  %v = call @read(%y) : (memref<64xf32>) -> f32
  %n = call @rand() : () -> i32
  call @shift(%y, %n) : (memref<64xf32>, i32) -> ()
  %r:2 = scf.if %c -> (f32, i32) {
    %w = func.call @read(%y) : (memref<64xf32>) -> f32
    %k = func.call @rand() : () -> i32
    %up = func.call @ceilf(%v) : (f32) -> f32
    %s = arith.subf %w, %up : f32
    scf.yield %s, %k : f32, i32
  } else {
    %k = func.call @rand() : () -> i32
    func.call @shift(%y, %k) : (memref<64xf32>, i32) -> ()
    %zero = arith.constant 0.0 : f32
    scf.yield %zero, %k : f32, i32
  }
  return %r#0, %r#1 : f32, i32
}

func.func @nested(%y: memref<64xf32>) -> f64 {
  %seed = arith.constant 7 : i32
  call @srand(%seed) : (i32) -> ()
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f64
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%a = %zero) -> f64 {
    %q = scf.for %j = %c0 to %c2 step %c1 iter_args(%b = %a) -> f64 {
      %v = func.call @read(%y) : (memref<64xf32>) -> f32
      %w = arith.extf %v : f32 to f64
      %abs = math.absf %w : f64
      %root = math.sqrt %abs : f64
      %n = func.call @rand() : () -> i32
      %even = arith.trunci %n : i32 to i1
      scf.if %even {
        func.call @shift(%y, %n) : (memref<64xf32>, i32) -> ()
      }
      %m = func.call @rand() : () -> i32
      func.call @shift(%y, %m) : (memref<64xf32>, i32) -> ()
      %up = func.call @ceilf(%v) : (f32) -> f32
      %wide = arith.extf %up : f32 to f64
      %p = arith.mulf %root, %wide : f64
      %s = arith.addf %b, %p : f64
      scf.yield %s : f64
    }
    scf.yield %q : f64
  }
  return %r : f64
}

// Sums before and after, and a tensor, from one region.
func.func @plain(%y: memref<64xf32>) -> (f32, f32, tensor<64xf32>) {
  %three = arith.constant 3 : i32
  %v = call @read(%y) : (memref<64xf32>) -> f32
  call @shift(%y, %three) : (memref<64xf32>, i32) -> ()
  %w = call @read(%y) : (memref<64xf32>) -> f32
  %t = bufferization.to_tensor %y restrict : memref<64xf32> to tensor<64xf32>
  %m = linalg.map { arith.addf } ins(%t, %t : tensor<64xf32>, tensor<64xf32>) outs(%t : tensor<64xf32>)
  return %v, %w, %m : f32, f32, tensor<64xf32>
}
