// RUN: graph-run %s --entry=counted_loop --arg 1=3 --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=counted_loop --arg 1=0 --verify | FileCheck %s
// RUN: graph-run %s --entry=carried_tensor --arg 1=4 --verify | FileCheck %s
// RUN: graph-run %s --entry=while_loop --verify | FileCheck %s
// RUN: graph-run %s --entry=loop_reads_back --verify | FileCheck %s
// RUN: graph-run %s --entry=early_exit --verify | FileCheck %s
// RUN: graph-run %s --entry=blocks --arg 1=true --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=blocks --arg 1=false --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=block_loop --arg 1=5 --verify | FileCheck %s
// RUN: graph-run %s --entry=blocks_on_readback --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=recursion --arg 1=4 --verify | FileCheck %s
// RUN: graph-run %s --entry=calls_in_calls --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=public_callee --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=several_results --arg 2=2.5 --verify | FileCheck %s
// RUN: graph-run %s --entry=external_between --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=external_with_memory --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=execute_region --verify | FileCheck %s
// RUN: graph-run %s --entry=forall | FileCheck %s --check-prefix=FORALL
// RUN: graph-run %s --entry=buffers_of_its_own --verify | FileCheck %s
// RUN: graph-run %s --entry=loads_and_stores --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=linalg_on_buffers --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=copies --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=affine_loop --repeat 2 | FileCheck %s --check-prefix=AFFINE
// CHECK: verify: ok

func.func private @cosf(f32) -> f32
func.func private @sum(%g: tensor<20xf32>) -> f32 {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%g : tensor<20xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<f32>
  return %h : f32
}
func.func private @times(%g: tensor<20xf32>, %by: f32) -> tensor<20xf32> {
  %s = tensor.splat %by : tensor<20xf32>
  %r = arith.mulf %g, %s : tensor<20xf32>
  return %r : tensor<20xf32>
}

// Tests a loop of the host over work on a caller's buffer.
func.func @counted_loop(%m: memref<20xf32>, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %half = arith.constant 0.5 : f32
  scf.for %i = %c0 to %n step %c1 {
    %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
    %x = func.call @times(%t, %half) : (tensor<20xf32>, f32) -> tensor<20xf32>
    %y = math.absf %x : tensor<20xf32>
    bufferization.materialize_in_destination %y in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  }
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %s = call @sum(%t) : (tensor<20xf32>) -> f32
  return %s : f32
}

// Tests a loop that carries a tensor, a scalar and an index.
func.func @carried_tensor(%a: tensor<20xf32>, %n: index) -> (tensor<20xf32>, f32, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%t = %a, %acc = %zero, %k = %c0) -> (tensor<20xf32>, f32, index) {
    %s = func.call @sum(%t) : (tensor<20xf32>) -> f32
    %next = arith.addf %acc, %s : f32
    %quarter = arith.constant 0.25 : f32
    %u = func.call @times(%t, %quarter) : (tensor<20xf32>, f32) -> tensor<20xf32>
    %j = arith.addi %k, %i : index
    scf.yield %u, %next, %j : tensor<20xf32>, f32, index
  }
  return %r#0, %r#1, %r#2 : tensor<20xf32>, f32, index
}

// Tests a loop whose condition is read back each time.
func.func @while_loop(%a: tensor<20xf32>) -> (tensor<20xf32>, i32) {
  %c0 = arith.constant 0 : i32
  %r:2 = scf.while (%t = %a, %n = %c0) : (tensor<20xf32>, i32) -> (tensor<20xf32>, i32) {
    %q = arith.mulf %t, %t : tensor<20xf32>
    %s = func.call @sum(%q) : (tensor<20xf32>) -> f32
    %limit = arith.constant 0.01 : f32
    %goon = arith.cmpf ogt, %s, %limit : f32
    scf.condition(%goon) %t, %n : tensor<20xf32>, i32
  } do {
  ^bb0(%t: tensor<20xf32>, %n: i32):
    %half = arith.constant 0.5 : f32
    %u = func.call @times(%t, %half) : (tensor<20xf32>, f32) -> tensor<20xf32>
    %c1 = arith.constant 1 : i32
    %m = arith.addi %n, %c1 : i32
    scf.yield %u, %m : tensor<20xf32>, i32
  }
  return %r#0, %r#1 : tensor<20xf32>, i32
}

// Tests a sum of readbacks gathered by a loop over the rows of a tensor.
func.func @loop_reads_back(%a: tensor<4x20xf32>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f64
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%acc = %zero) -> f64 {
    %row = tensor.extract_slice %a[%i, 0] [1, 20] [1, 1] : tensor<4x20xf32> to tensor<20xf32>
    %q = arith.mulf %row, %row : tensor<20xf32>
    %s = func.call @sum(%q) : (tensor<20xf32>) -> f32
    %d = arith.extf %s : f32 to f64
    %next = arith.addf %acc, %d : f64
    scf.yield %next : f64
  }
  return %r : f64
}

// Tests a return in the middle, as blocks.
func.func @early_exit(%a: tensor<20xf32>, %b: tensor<20xf32>) -> f32 {
  %s = call @sum(%a) : (tensor<20xf32>) -> f32
  %zero = arith.constant 0.0 : f32
  %c = arith.cmpf olt, %s, %zero : f32
  cf.cond_br %c, ^out(%s : f32), ^more
^more:
  %q = arith.mulf %a, %b : tensor<20xf32>
  %t = func.call @sum(%q) : (tensor<20xf32>) -> f32
  %u = arith.subf %t, %s : f32
  cf.br ^out(%u : f32)
^out(%r: f32):
  return %r : f32
}

// Tests that a tensor goes through a block's argument.
func.func @blocks(%m: memref<20xf32>, %c: i1) -> tensor<20xf32> {
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %x = arith.addf %t, %t : tensor<20xf32>
  cf.cond_br %c, ^a, ^join(%x : tensor<20xf32>)
^a:
  %y = math.absf %x : tensor<20xf32>
  bufferization.materialize_in_destination %y in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  cf.br ^join(%y : tensor<20xf32>)
^join(%z: tensor<20xf32>):
  %r = arith.negf %z : tensor<20xf32>
  return %r : tensor<20xf32>
}

// Tests a loop made of blocks.
func.func @block_loop(%a: tensor<20xf32>, %n: i32) -> tensor<20xf32> {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  cf.br ^head(%a, %c0 : tensor<20xf32>, i32)
^head(%t: tensor<20xf32>, %i: i32):
  %goon = arith.cmpi slt, %i, %n : i32
  cf.cond_br %goon, ^body, ^end
^body:
  %half = arith.constant 0.5 : f32
  %u = func.call @times(%t, %half) : (tensor<20xf32>, f32) -> tensor<20xf32>
  %v = arith.addf %u, %a : tensor<20xf32>
  %j = arith.addi %i, %c1 : i32
  cf.br ^head(%v, %j : tensor<20xf32>, i32)
^end:
  return %t : tensor<20xf32>
}

// Tests that a readback decides about blocks, each with work of its own.
func.func @blocks_on_readback(%m: memref<20xf32>) {
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %s = call @sum(%t) : (tensor<20xf32>) -> f32
  %one = arith.constant 1.0 : f32
  %c = arith.cmpf ogt, %s, %one : f32
  cf.cond_br %c, ^then, ^end
^then:
  %by = arith.divf %one, %s : f32
  %u = func.call @times(%t, %by) : (tensor<20xf32>, f32) -> tensor<20xf32>
  bufferization.materialize_in_destination %u in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  cf.br ^end
^end:
  return
}

// Tests a function that calls itself.
func.func private @halve(%m: memref<20xf32>, %n: i32) -> f32 {
  %c0 = arith.constant 0 : i32
  %done = arith.cmpi eq, %n, %c0 : i32
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %r = scf.if %done -> f32 {
    %s = func.call @sum(%t) : (tensor<20xf32>) -> f32
    scf.yield %s : f32
  } else {
    %half = arith.constant 0.5 : f32
    %u = func.call @times(%t, %half) : (tensor<20xf32>, f32) -> tensor<20xf32>
    bufferization.materialize_in_destination %u in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
    %c1 = arith.constant 1 : i32
    %less = arith.subi %n, %c1 : i32
    %s = func.call @halve(%m, %less) : (memref<20xf32>, i32) -> f32
    scf.yield %s : f32
  }
  return %r : f32
}
func.func @recursion(%m: memref<20xf32>, %n: i32) -> f32 {
  %r = call @halve(%m, %n) : (memref<20xf32>, i32) -> f32
  return %r : f32
}

// Tests private functions that update buffers they are given.
func.func private @scale_in_place(%m: memref<20xf32>, %by: f32) {
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %u = func.call @times(%t, %by) : (tensor<20xf32>, f32) -> tensor<20xf32>
  bufferization.materialize_in_destination %u in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  return
}
func.func private @clip_in_place(%m: memref<20xf32>, %k: memref<20xf32>) {
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %s = func.call @sum(%t) : (tensor<20xf32>) -> f32
  func.call @scale_in_place(%m, %s) : (memref<20xf32>, f32) -> ()
  func.call @scale_in_place(%k, %s) : (memref<20xf32>, f32) -> ()
  return
}
func.func @calls_in_calls(%m: memref<20xf32>, %k: memref<20xf32>) {
  call @clip_in_place(%m, %k) : (memref<20xf32>, memref<20xf32>) -> ()
  call @clip_in_place(%k, %m) : (memref<20xf32>, memref<20xf32>) -> ()
  return
}

// Tests a public function that another one calls.
func.func @helper(%m: memref<20xf32>, %by: f32) -> tensor<20xf32> {
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %u = call @times(%t, %by) : (tensor<20xf32>, f32) -> tensor<20xf32>
  bufferization.materialize_in_destination %u in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  return %t : tensor<20xf32>
}
func.func @public_callee(%m: memref<20xf32>) -> tensor<20xf32> {
  %three = arith.constant 3.0 : f32
  %old = call @helper(%m, %three) : (memref<20xf32>, f32) -> tensor<20xf32>
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %d = arith.subf %t, %old : tensor<20xf32>
  return %d : tensor<20xf32>
}

// Tests results of every kind in one function.
func.func @several_results(%a: tensor<20xf32>, %i: i8, %x: f64) -> (f32, tensor<20xf32>, i8, f64, tensor<20xi1>, index) {
  %s = call @sum(%a) : (tensor<20xf32>) -> f32
  %u = call @times(%a, %s) : (tensor<20xf32>, f32) -> tensor<20xf32>
  %j = arith.addi %i, %i : i8
  %y = math.sqrt %x : f64
  %c = arith.cmpf ogt, %u, %a : tensor<20xf32>
  %k = arith.index_cast %i : i8 to index
  return %s, %u, %j, %y, %c, %k : f32, tensor<20xf32>, i8, f64, tensor<20xi1>, index
}

// Tests that a call to the outside splits the work in two and sees what was
// read back before it.
func.func @external_between(%m: memref<20xf32>) -> f32 {
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %s = call @sum(%t) : (tensor<20xf32>) -> f32
  %u = call @times(%t, %s) : (tensor<20xf32>, f32) -> tensor<20xf32>
  bufferization.materialize_in_destination %u in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  %f = call @cosf(%s) : (f32) -> f32
  %v = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %w = call @times(%v, %f) : (tensor<20xf32>, f32) -> tensor<20xf32>
  bufferization.materialize_in_destination %w in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  %r = call @sum(%w) : (tensor<20xf32>) -> f32
  return %r : f32
}

// Tests that what lies in a buffer between writes is read again after a store
// of the host.
func.func @external_with_memory(%m: memref<20xf32>) -> f32 {
  %c3 = arith.constant 3 : index
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %u = arith.addf %t, %t : tensor<20xf32>
  bufferization.materialize_in_destination %u in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  %x = memref.load %m[%c3] : memref<20xf32>
  %y = arith.mulf %x, %x : f32
  memref.store %y, %m[%c3] : memref<20xf32>
  %v = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %w = arith.negf %v : tensor<20xf32>
  bufferization.materialize_in_destination %w in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  %r = call @sum(%w) : (tensor<20xf32>) -> f32
  return %r : f32
}

// Tests a region that is run where it stands.
func.func @execute_region(%a: tensor<20xf32>) -> tensor<20xf32> {
  %r = scf.execute_region -> tensor<20xf32> {
    %s = func.call @sum(%a) : (tensor<20xf32>) -> f32
    %u = func.call @times(%a, %s) : (tensor<20xf32>, f32) -> tensor<20xf32>
    scf.yield %u : tensor<20xf32>
  }
  %n = arith.negf %r : tensor<20xf32>
  return %n : tensor<20xf32>
}

// Tests a parallel loop that builds a tensor: the squares, negated by parts.
// FORALL: result0 = -75 : f32
func.func @forall(%x: f32) -> f32 {
  %a = tensor.splat %x : tensor<20xf32>
  %two = arith.constant 2.0 : f32
  %g = call @times(%a, %two) : (tensor<20xf32>, f32) -> tensor<20xf32>
  %b = arith.mulf %g, %g : tensor<20xf32>
  %e = tensor.empty() : tensor<20xf32>
  %r = scf.forall (%i) in (4) shared_outs(%o = %e) -> tensor<20xf32> {
    %at = affine.apply affine_map<(i) -> (i * 5)>(%i)
    %s = tensor.extract_slice %b[%at] [5] [1] : tensor<20xf32> to tensor<5xf32>
    %n = arith.negf %s : tensor<5xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %n into %o[%at] [5] [1] : tensor<5xf32> into tensor<20xf32>
    }
  }
  %at = arith.constant dense<0.25> : tensor<20xf32>
  %c = arith.addf %r, %at : tensor<20xf32>
  %sum = call @sum(%c) : (tensor<20xf32>) -> f32
  return %sum : f32
}

// Tests memory that the program allocates itself.
func.func @buffers_of_its_own(%a: tensor<20xf32>) -> f32 {
  %m = memref.alloc() : memref<20xf32>
  bufferization.materialize_in_destination %a in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %u = arith.mulf %t, %t : tensor<20xf32>
  bufferization.materialize_in_destination %u in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  %v = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %s = call @sum(%v) : (tensor<20xf32>) -> f32
  memref.dealloc %m : memref<20xf32>
  return %s : f32
}

// Tests loops of the host over elements, between device work.
func.func @loads_and_stores(%m: memref<20xf32>, %n: memref<4x5xf32>) -> tensor<20xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %u = arith.negf %t : tensor<20xf32>
  bufferization.materialize_in_destination %u in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  scf.for %i = %c0 to %c4 step %c1 {
    scf.for %j = %c0 to %c5 step %c1 {
      %k0 = arith.muli %i, %c5 : index
      %k = arith.addi %k0, %j : index
      %x = memref.load %m[%k] : memref<20xf32>
      memref.store %x, %n[%i, %j] : memref<4x5xf32>
    }
  }
  %w = bufferization.to_tensor %n restrict : memref<4x5xf32> to tensor<4x5xf32>
  %f = tensor.collapse_shape %w [[0, 1]] : tensor<4x5xf32> into tensor<20xf32>
  %r = arith.subf %f, %t : tensor<20xf32>
  return %r : tensor<20xf32>
}

// Tests structured ops on memory, which are no part of a graph.
func.func @linalg_on_buffers(%m: memref<20xf32>, %s: memref<f32>) -> tensor<20xf32> {
  %two = arith.constant 2.0 : f32
  %zero = arith.constant 0.0 : f32
  %t = bufferization.to_tensor %m restrict : memref<20xf32> to tensor<20xf32>
  %u = arith.addf %t, %t : tensor<20xf32>
  bufferization.materialize_in_destination %u in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  linalg.fill ins(%zero : f32) outs(%s : memref<f32>)
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%m : memref<20xf32>) outs(%s : memref<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %n = arith.addf %x, %acc : f32
    linalg.yield %n : f32
  }
  %h = memref.load %s[] : memref<f32>
  %r = call @times(%t, %h) : (tensor<20xf32>, f32) -> tensor<20xf32>
  return %r : tensor<20xf32>
}

// Tests copies between buffers of the caller around device work.
func.func @copies(%m: memref<20xf32>, %k: memref<20xf32>) -> tensor<20xf32> {
  %t = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  memref.copy %k, %m : memref<20xf32> to memref<20xf32>
  %u = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %d = arith.subf %t, %u : tensor<20xf32>
  bufferization.materialize_in_destination %d in restrict writable %k : (tensor<20xf32>, memref<20xf32>) -> ()
  memref.copy %k, %m : memref<20xf32> to memref<20xf32>
  %v = bufferization.to_tensor %m restrict writable : memref<20xf32> to tensor<20xf32>
  %r = arith.addf %v, %t : tensor<20xf32>
  return %r : tensor<20xf32>
}

// Tests affine loops over a buffer that device work filled: 1 + 2 + ... + 20.
// AFFINE: result0 = 210 : f32
func.func @affine_loop(%m: memref<20xf32>, %x: f32) -> f32 {
  %a = tensor.splat %x : tensor<20xf32>
  bufferization.materialize_in_destination %a in restrict writable %m : (tensor<20xf32>, memref<20xf32>) -> ()
  affine.for %i = 1 to 20 {
    %v = affine.load %m[%i] : memref<20xf32>
    %y = affine.load %m[%i - 1] : memref<20xf32>
    %z = arith.addf %v, %y : f32
    affine.store %z, %m[%i] : memref<20xf32>
  }
  %t = bufferization.to_tensor %m restrict : memref<20xf32> to tensor<20xf32>
  %s = call @sum(%t) : (tensor<20xf32>) -> f32
  return %s : f32
}
