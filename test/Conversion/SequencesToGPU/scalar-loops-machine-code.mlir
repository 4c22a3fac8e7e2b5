// REQUIRES: cuda-toolkit
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda format=bin" --split-input-file | FileCheck %s

// A kernel may declare 48 KiB of shared memory: the assembler refuses one that
// declares more.

// Tests that seven loops of 1024 turns, whose values take 56 KiB, fit in one kernel.
// CHECK-LABEL: llvm.func @graphopt_entry_many_loops(
// CHECK:       llvm.mlir.global {{.*}}\7FELF
func.func @many_loops(%m0: memref<1024xf64>, %u0: memref<f64>) {
  tseq.graph "many_loops" (%p0 = %m0, %o0 = %u0) : (memref<1024xf64>, memref<f64>) -> () {
    tseq.scalar ins(%p0 : memref<1024xf64>) outs(%o0 : memref<f64>) {
    ^bb0(%l0: memref<1024xf64>):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 1024 : index
      %r0 = arith.constant 0.0 : f64
      %r1 = scf.for %k = %c0 to %n step %c1 iter_args(%s = %r0) -> (f64) {
        %x = memref.load %l0[%k] : memref<1024xf64>
        %y = math.sqrt %x : f64
        %z = arith.addf %s, %y : f64
        scf.yield %z : f64
      }
      %r2 = scf.for %k = %c0 to %n step %c1 iter_args(%s = %r1) -> (f64) {
        %x = memref.load %l0[%k] : memref<1024xf64>
        %y = math.absf %x : f64
        %z = arith.addf %s, %y : f64
        scf.yield %z : f64
      }
      %r3 = scf.for %k = %c0 to %n step %c1 iter_args(%s = %r2) -> (f64) {
        %x = memref.load %l0[%k] : memref<1024xf64>
        %y = math.floor %x : f64
        %z = arith.addf %s, %y : f64
        scf.yield %z : f64
      }
      %r4 = scf.for %k = %c0 to %n step %c1 iter_args(%s = %r3) -> (f64) {
        %x = memref.load %l0[%k] : memref<1024xf64>
        %y = math.ceil %x : f64
        %z = arith.addf %s, %y : f64
        scf.yield %z : f64
      }
      %r5 = scf.for %k = %c0 to %n step %c1 iter_args(%s = %r4) -> (f64) {
        %x = memref.load %l0[%k] : memref<1024xf64>
        %y = math.trunc %x : f64
        %z = arith.addf %s, %y : f64
        scf.yield %z : f64
      }
      %r6 = scf.for %k = %c0 to %n step %c1 iter_args(%s = %r5) -> (f64) {
        %x = memref.load %l0[%k] : memref<1024xf64>
        %y = arith.negf %x : f64
        %z = arith.addf %s, %y : f64
        scf.yield %z : f64
      }
      %r7 = scf.for %k = %c0 to %n step %c1 iter_args(%s = %r6) -> (f64) {
        %x = memref.load %l0[%k] : memref<1024xf64>
        %y = math.roundeven %x : f64
        %z = arith.addf %s, %y : f64
        scf.yield %z : f64
      }
      tseq.yield %r7 : f64
    }
    tseq.yield
  }
  return
}

// -----

// Tests that so does one loop that passes as much.
// CHECK-LABEL: llvm.func @graphopt_entry_many_values(
// CHECK:       llvm.mlir.global {{.*}}\7FELF
func.func @many_values(%m0: memref<1024xf64>, %u0: memref<f64>) {
  tseq.graph "many_values" (%p0 = %m0, %o0 = %u0) : (memref<1024xf64>, memref<f64>) -> () {
    tseq.scalar ins(%p0 : memref<1024xf64>) outs(%o0 : memref<f64>) {
    ^bb0(%l0: memref<1024xf64>):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 1024 : index
      %r0 = arith.constant 0.0 : f64
      %r = scf.for %k = %c0 to %n step %c1 iter_args(%s0 = %r0) -> (f64) {
        %x = memref.load %l0[%k] : memref<1024xf64>
        %y1 = math.sqrt %x : f64
        %y2 = math.absf %x : f64
        %y3 = math.floor %x : f64
        %y4 = math.ceil %x : f64
        %y5 = math.trunc %x : f64
        %y6 = arith.negf %x : f64
        %y7 = math.roundeven %x : f64
        %s1 = arith.addf %s0, %y1 : f64
        %s2 = arith.addf %s1, %y2 : f64
        %s3 = arith.addf %s2, %y3 : f64
        %s4 = arith.addf %s3, %y4 : f64
        %s5 = arith.addf %s4, %y5 : f64
        %s6 = arith.addf %s5, %y6 : f64
        %s7 = arith.addf %s6, %y7 : f64
        scf.yield %s7 : f64
      }
      tseq.yield %r : f64
    }
    tseq.yield
  }
  return
}
