// Tests that each node of a graph agrees with its ops, by tolerance; bit by bit
// where nothing is summed; in both modes of launching and over several calls.
// RUN: graph-run %s --entry=chain --device=host --differential --repeat 2 --verify | FileCheck %s
// CHECK: differential: ok, 8 runs of nodes in 2 launches agree with their ops and with the graphs
// CHECK: verify: ok
// RUN: graph-run %s --entry=elementwise --device=host --differential=bitwise | FileCheck %s --check-prefix=BITS
// BITS: differential: ok, 1 runs of nodes in 1 launches

// Tests that a wrong kernel is named, with the array, the index and both values,
// though the nodes after it compute garbage from what it wrote.
// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=graphs" -o %t.mlir
// RUN: graph-run %t.mlir --entry=chain --device=host --differential --reference=%s | FileCheck %s --check-prefix=GRAPHS
// GRAPHS: differential: ok, 4 runs
// RUN: sed '/@chain.graph0.k1.phase0(/,/return/ s/arith.addf/arith.subf/' %t.mlir > %t.wrong.mlir
// RUN: not graph-run %t.wrong.mlir --entry=chain --device=host --arg 0=2 --differential --reference=%s 2>&1 | FileCheck %s --check-prefix=WRONG
// WRONG: differential: FAILED, 'chain.graph0': node 'chain.graph0.k1': worst relative error 2 in temporary at byte {{[0-9]+}}[0]: -32 instead of 32 (tolerance 1e-05); 4 of 4 elements differ
// WRONG: error: a graph computes something else than its ops

// Tests that the first wrong node is named if two are, and that a difference of
// the last bit is one only for the bitwise comparison.
// RUN: sed '/@chain.graph0.k2.phase0(/,/return/ s/arith.addf/arith.subf/' %t.wrong.mlir > %t.both.mlir
// RUN: not graph-run %t.both.mlir --entry=chain --device=host --differential --reference=%s 2>&1 | FileCheck %s --check-prefix=BOTH
// BOTH: node 'chain.graph0.k1'
// RUN: sed '/@elementwise.graph0.k0.phase0(/,/return/ s/1.000000e-01/0x3DCCCCCE/' %t.mlir > %t.bit.mlir
// RUN: graph-run %t.bit.mlir --entry=elementwise --device=host --arg 0=1 --differential --reference=%s | FileCheck %s --check-prefix=NEAR
// NEAR: differential: ok
// RUN: not graph-run %t.bit.mlir --entry=elementwise --device=host --arg 0=1 --differential=bitwise --reference=%s 2>&1 | FileCheck %s --check-prefix=BIT
// BIT: node 'elementwise.graph0.k0': arg0[0]: 0.100000009 instead of 0.100000001

// Tests branches and loops that the device decides, and host scalars.
// RUN: graph-run %s --entry=control --device=host --arg 1=3.0 --differential --verify | FileCheck %s --check-prefix=CONTROL
// CONTROL: differential: ok
// CONTROL: verify: ok

// RUN: graph-run %S/../Integration/Host/control.mlir --entry=while_loop --device=host --differential | FileCheck %s --check-prefix=CONTROL-OK
// CONTROL-OK: differential: ok, {{[0-9]+}} runs of nodes in {{[12]}} launches

// Tests nodes with two results in one buffer, and structured ops that use values
// from outside of their bodies.
// RUN: graph-run %S/../Integration/Host/structured.mlir --entry=row_softmax --device=host --differential | FileCheck %s --check-prefix=CONTROL-OK
// RUN: graph-run %S/../Integration/Host/structured.mlir --entry=not_associative --device=host --differential | FileCheck %s --check-prefix=CONTROL-OK

// Tests partial results in an arena that regions share.
// RUN: graph-run %S/../Integration/Host/shared-arena.mlir --entry=two_regions --device=host --differential | FileCheck %s --check-prefix=CONTROL-OK

// Tests arguments that the nodes work on copies of.
// RUN: graph-run %S/../Integration/Host/addresses.mlir --entry=slots --device=host --differential | FileCheck %s --check-prefix=CONTROL-OK
// RUN: graph-opt %S/../Integration/Host/addresses.mlir --graph-opt-pipeline="device=host stop-after=graphs" | sed '/@slots.graph0.k1.phase0(/,/return/ s/arith.addf/arith.subf/' > %t.slots.mlir
// RUN: not graph-run %t.slots.mlir --entry=slots --device=host --differential --reference=%S/../Integration/Host/addresses.mlir 2>&1 | FileCheck %s --check-prefix=SLOT
// SLOT: node 'slots.graph0.k1': worst relative error {{.*}} in the copy of arg0[

// Tests that kernels that came with the program are compared with their graph.
// RUN: graph-run %S/../Integration/Host/launches.mlir --entry=chain --device=host --differential | FileCheck %s --check-prefix=OWN
// OWN: differential: ok, {{.*}} runs of kernels that came with the program were compared with their graphs only

// Tests that what nodes do together is compared with the region too: a transfer
// from a wrong source, in a loop or of a result, a result that is not written,
// and a condition that is not the program's.
// RUN: graph-opt %S/Inputs/transfers.mlir --graph-opt-pipeline="device=host stop-after=graphs" -o %t.pair.mlir
// RUN: graph-run %t.pair.mlir --arg 1=0.01 --device=host --differential --reference=%S/Inputs/transfers.mlir | FileCheck %s --check-prefix=CONTROL-OK
// RUN: %python %S/Inputs/miswire.py loop < %t.pair.mlir > %t.loop.mlir
// RUN: not graph-run %t.loop.mlir --arg 1=0.01 --device=host --differential --reference=%S/Inputs/transfers.mlir 2>&1 | FileCheck %s --check-prefix=LOOP
// LOOP: differential: FAILED, 'halve.graph0': all nodes agree with their ops, but not with the region as a whole: worst relative error {{.*}} in arg3[{{[0-9]+}}]: {{.*}} instead of {{.*}}; a transfer, a condition or the order of the nodes is wrong (last written by the memcpy of the copy of arg3 to arg3)
// RUN: %python %S/Inputs/miswire.py result < %t.pair.mlir > %t.result.mlir
// RUN: not graph-run %t.result.mlir --arg 1=0.01 --device=host --differential --reference=%S/Inputs/transfers.mlir 2>&1 | FileCheck %s --check-prefix=RESULT
// RESULT: but not with the region as a whole: worst relative error {{.*}} in arg0[{{[0-9]+}}]: {{.*}} instead of {{.*}}(last written by the memcpy of the copy of arg3 to arg0)
// RUN: %python %S/Inputs/miswire.py missing < %t.pair.mlir > %t.missing.mlir
// RUN: not graph-run %t.missing.mlir --arg 1=0.01 --device=host --differential --reference=%S/Inputs/transfers.mlir 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: in arg3[{{[0-9]+}}]: {{.*}} instead of {{.*}}(written by no node)
// RUN: %python %S/Inputs/miswire.py condition < %t.pair.mlir > %t.condition.mlir
// RUN: not graph-run %t.condition.mlir --arg 1=0.01 --device=host --differential --reference=%S/Inputs/transfers.mlir 2>&1 | FileCheck %s --check-prefix=CONDITION
// CONDITION: in arg0[{{[0-9]+}}]: {{.*}} instead of {{.*}}; a transfer, a condition or the order of the nodes is wrong

// Tests that a write that the program does not have is found.
// RUN: sed '/chain.graph0.k2" after/a %%extra = cudagraph.memset %%arg0 value(0 : i8) after(%%3) : memref<4x8xf32>' %t.mlir > %t.extra.mlir
// RUN: not graph-run %t.extra.mlir --entry=chain --device=host --arg 0=2 --differential --reference=%s 2>&1 | FileCheck %s --check-prefix=EXTRA
// EXTRA: but not with the region as a whole: arg0 at byte 3[0]: 0 instead of 64; a transfer, {{.*}} (last written by the memset of arg0)

// Tests that the reference has to be the same program.
// RUN: not graph-run %t.pair.mlir --device=host --differential --reference=%s 2>&1 | FileCheck %s --check-prefix=NO-ENTRY
// NO-ENTRY: error: --reference: there is no function 'halve'; there are: chain, elementwise, control
// RUN: sed 's/@chain/@halve/' %s > %t.other.mlir
// RUN: not graph-run %t.pair.mlir --device=host --differential --reference=%t.other.mlir 2>&1 | FileCheck %s --check-prefix=OTHER
// OTHER: differential: FAILED, 'halve.graph0':
// RUN: sed 's/@halve.graph0/@halve.graph7/' %t.pair.mlir > %t.renamed.mlir
// RUN: not graph-run %t.renamed.mlir --device=host --differential --reference=%S/Inputs/transfers.mlir 2>&1 | FileCheck %s --check-prefix=REGIONS
// REGIONS: differential: FAILED, the program of --reference has none of the regions that were launched

// Tests what can not be compared.
// RUN: not graph-run %t.mlir --entry=chain --device=host --differential 2>&1 | FileCheck %s --check-prefix=GONE
// GONE: error: --differential: the ops of these graphs are gone; --reference=FILE names the program in a state before 'graphs'
// RUN: not graph-run %s --entry=chain --device=host --reference=%s 2>&1 | FileCheck %s --check-prefix=ALONE
// ALONE: error: --reference is for --differential
// RUN: not graph-run %s --entry=chain --reference-only --differential 2>&1 | FileCheck %s --check-prefix=NODES
// NODES: error: --reference-only compiles nothing: there are no nodes to compare

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>

func.func @chain(%x: tensor<4x8xf32>) -> tensor<4xf32> {
  %square = arith.mulf %x, %x : tensor<4x8xf32>
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %rows = linalg.generic {indexing_maps = [#id, #row],
                          iterator_types = ["parallel", "reduction"]}
      ins(%square : tensor<4x8xf32>) outs(%zero : tensor<4xf32>) {
  ^bb0(%v: f32, %acc: f32):
    %next = arith.addf %acc, %v : f32
    linalg.yield %next : f32
  } -> tensor<4xf32>
  %twice = arith.addf %rows, %rows : tensor<4xf32>
  %root = math.sqrt %twice : tensor<4xf32>
  return %root : tensor<4xf32>
}

func.func @elementwise(%m: memref<100xf32>) {
  %x = bufferization.to_tensor %m restrict writable : memref<100xf32> to tensor<100xf32>
  %k = arith.constant dense<0.1> : tensor<100xf32>
  %y = arith.mulf %x, %k : tensor<100xf32>
  bufferization.materialize_in_destination %y in restrict writable %m
      : (tensor<100xf32>, memref<100xf32>) -> ()
  return
}

func.func @control(%m: memref<16xf32>, %limit: f32) {
  %zero = arith.constant 0.0 : f32
  %index0 = arith.constant 0 : index
  %x = bufferization.to_tensor %m restrict writable : memref<16xf32> to tensor<16xf32>
  %r = scf.while (%t = %x) : (tensor<16xf32>) -> tensor<16xf32> {
    %first = tensor.extract %t[%index0] : tensor<16xf32>
    %more = arith.cmpf ogt, %first, %limit : f32
    scf.condition(%more) %t : tensor<16xf32>
  } do {
  ^bb0(%t: tensor<16xf32>):
    %half = arith.constant dense<0.5> : tensor<16xf32>
    %less = arith.mulf %t, %half : tensor<16xf32>
    scf.yield %less : tensor<16xf32>
  }
  bufferization.materialize_in_destination %r in restrict writable %m
      : (tensor<16xf32>, memref<16xf32>) -> ()
  return
}
