// RUN: graph-opt --convert-cudagraph-to-llvm %s | FileCheck %s
// RUN: graph-opt --convert-cudagraph-to-llvm --convert-to-llvm --reconcile-unrealized-casts %s \
// RUN:   | mlir-translate --mlir-to-llvmir | FileCheck %s --check-prefix=LLVM
// RUN: graph-opt --convert-to-llvm --reconcile-unrealized-casts %s \
// RUN:   | mlir-translate --mlir-to-llvmir | FileCheck %s --check-prefix=LLVM

module @program {

func.func private @phase(%operands: !llvm.ptr, %begin: i64, %end: i64) {
  return
}
llvm.func internal @finish(%operands: !llvm.ptr, %begin: i64, %end: i64) {
  llvm.return
}

// Tests the tables and calls of each kind of node: references are (buffer, access, offset, bytes).
// LLVM-DAG: @g.phases.[[#]] = internal constant [2 x { ptr, i64 }] [{ ptr, i64 } { ptr @phase, i64 12 }, { ptr, i64 } { ptr @finish, i64 1 }]
// LLVM-DAG: @g.info = internal constant { ptr, ptr, i64, i64, i64, i64, ptr } { ptr @[[MODULE:.*]], ptr @[[NAME:.*]], i64 {{-?[1-9][0-9]*}}, i64 3, i64 16, i64 64, ptr @g.build }
// LLVM-DAG: c"program\00"
// LLVM-DAG: c"norm\00"

// CHECK-DAG: llvm.mlir.global internal constant @[[$KERNEL:g.refs.[0-9]+]](dense<[0, 3, 0, 256, -2, 1, 8, 4, -1, 2, 16, 8]> : tensor<12xi64>)
// CHECK-DAG: llvm.mlir.global internal constant @[[$SOURCE:g.refs.[0-9]+]](dense<[1, 1, 0, 8]> : tensor<4xi64>)
// CHECK-DAG: llvm.mlir.global internal constant @[[$DESTINATION:g.refs.[0-9]+]](dense<[0, 2, 64, 8]> : tensor<4xi64>)
// CHECK-DAG: llvm.mlir.global internal constant @[[$FLAG:g.refs.[0-9]+]](dense<[2, 1, 0, 1]> : tensor<4xi64>)

// CHECK-LABEL: llvm.func internal @g.build(
// CHECK-SAME: %[[GRAPH:.*]]: !llvm.ptr) -> i32
// CHECK-DAG: %[[BODIES:.*]] = llvm.alloca %{{.*}} x !llvm.ptr
// CHECK-DAG: %[[NODES:.*]] = llvm.alloca %{{.*}} x i64
// CHECK: %[[REFS:.*]] = llvm.mlir.addressof @[[$KERNEL]]
// CHECK: %[[S0:.*]] = llvm.call @goGraphAddHostKernel(%[[GRAPH]], %{{.*}}, %{{.*}}, %{{.*}}, %[[REFS]], %{{.*}}, %{{.*}}, %{{.*}}, %[[NODES]])
// CHECK: %[[BAD:.*]] = llvm.icmp "ne" %[[S0]], %{{.*}}
// CHECK: llvm.cond_br %[[BAD]], ^[[FAIL:.*]](%[[S0]] : i32), ^[[NEXT:.*]]
// CHECK: ^[[NEXT]]:
// CHECK: %[[SLOT1:.*]] = llvm.getelementptr %[[NODES]][1]
// CHECK-DAG: llvm.mlir.addressof @[[$SOURCE]]
// CHECK-DAG: llvm.mlir.addressof @[[$DESTINATION]]
// CHECK: llvm.call @goGraphAddMemcpy(%[[GRAPH]], %[[NODES]], %{{.*}}, %{{.*}}, %{{.*}}, %[[SLOT1]])
// CHECK: llvm.call @goGraphAddMemset(
// CHECK: llvm.call @goGraphAddEmpty(
// CHECK: %[[CHILD:.*]] = llvm.mlir.addressof @child.info
// CHECK: llvm.call @goGraphAddChild(%[[GRAPH]], %{{.*}}, %{{.*}}, %[[CHILD]]
// CHECK: %[[CONDITION:.*]] = llvm.mlir.addressof @[[$FLAG]]
// CHECK: %[[NONE:.*]] = llvm.mlir.constant(-1 : i64) : i64
// CHECK: llvm.call @goGraphAddConditional(%[[GRAPH]], %{{.*}}, %{{.*}}, %{{.*}}, %[[CONDITION]], %[[NONE]], %[[BODIES]],
// CHECK: %[[THEN:.*]] = llvm.load %[[BODIES]]
// CHECK: llvm.call @goGraphAddMemset(%[[THEN]],
// CHECK: llvm.getelementptr %[[BODIES]][1]
// CHECK: ^[[FAIL]](%[[STATUS:.*]]: i32):
// CHECK-NEXT: llvm.return %[[STATUS]]
cudagraph.graph @g(%a: memref<64xf32>, %v: memref<2xf32, strided<[1], offset: 8>>, %flag: memref<i1>)
    parameters(%p: memref<f64>, %q: memref<f32>) arena(%arena: memref<64xi8>) {
  %c16 = arith.constant 16 : index
  %t = memref.view %arena[%c16][] : memref<64xi8> to memref<2xf32>
  %s = memref.subview %a[16] [2] [1] : memref<64xf32> to memref<2xf32, strided<[1], offset: 16>>
  %0 = cudagraph.kernel "norm" phases [#cudagraph.phase<@phase, 12>, #cudagraph.phase<@finish, 1>]
    args(%a readwrite, %q read, %t write : memref<64xf32>, memref<f32>, memref<2xf32>)
  %1 = cudagraph.memcpy %v to %s after(%0)
    : memref<2xf32, strided<[1], offset: 8>> to memref<2xf32, strided<[1], offset: 16>>
  %2 = cudagraph.memset %t value(0 : i8) after(%0) : memref<2xf32>
  %3 = cudagraph.empty after(%1, %2)
  %4 = cudagraph.child @child after(%3) args(%a write : memref<64xf32>)
  %5 = cudagraph.if %flag after(%4) : memref<i1> {
    %in = cudagraph.memset %t value(0 : i8) : memref<2xf32>
  } else {
    %in = cudagraph.memset %t value(1 : i8) : memref<2xf32>
  }
}

cudagraph.graph private @child(%a: memref<64xf32>) {
  %0 = cudagraph.memset %a value(0 : i32) : memref<64xf32>
}

// Tests the host ops; an offset is part of the address.
// CHECK-LABEL: func.func @host(
// CHECK-SAME: %[[CONTEXT:.*]]: !llvm.ptr {graphopt.context}, %[[STREAM:.*]]: !llvm.ptr {graphopt.stream}
func.func @host(%context: !llvm.ptr {graphopt.context}, %stream: !llvm.ptr {graphopt.stream},
                %a: memref<64xf32>, %v: memref<2xf32, strided<[1], offset: ?>>, %flag: memref<i1>,
                %x: f64, %y: f32, %r: memref<f64>) -> (f64, i1) {
  // CHECK: %[[SAVED:.*]] = llvm.intr.stacksave
  // CHECK: %[[INFO:.*]] = llvm.mlir.addressof @g.info
  // CHECK: llvm.call @goGraphInstantiate(%[[CONTEXT]], %[[INFO]], %[[SLOT:[^)]*]])
  // CHECK: %[[EXEC:.*]] = llvm.load %[[SLOT]]
  // CHECK: llvm.intr.stackrestore %[[SAVED]]
  %e = cudagraph.instantiate @g : !cudagraph.exec
  // CHECK: %[[BUFFERS:.*]] = llvm.alloca %{{.*}} x !llvm.ptr
  // CHECK: llvm.store %{{.*}}, %[[BUFFERS]]
  // CHECK: %[[SHIFTED:.*]] = llvm.getelementptr %{{.*}}[%{{.*}}] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  // CHECK: llvm.store %[[SHIFTED]], %{{.*}}
  // CHECK: %[[BLOCK:.*]] = llvm.alloca %{{.*}} x i64
  // CHECK: llvm.store %{{.*}}, %[[BLOCK]] : f64
  // CHECK: llvm.call @goExecLaunch(%[[EXEC]], %[[STREAM]], %[[BUFFERS]], %[[BLOCK]], %{{.*}})
  cudagraph.launch %e buffers(%a, %v, %flag : memref<64xf32>, memref<2xf32, strided<[1], offset: ?>>, memref<i1>)
    parameters(%x, %y : f64, f32)
  // CHECK: llvm.call @goExecUpdate(%[[EXEC]], %{{.*}})
  cudagraph.update %e buffers(%a, %v, %flag : memref<64xf32>, memref<2xf32, strided<[1], offset: ?>>, memref<i1>)
  // CHECK-COUNT-2: llvm.call @goReadback(%[[CONTEXT]], %[[STREAM]],
  // CHECK: llvm.call @goWait(%[[CONTEXT]], %[[STREAM]])
  // CHECK-NOT: goWait
  // CHECK: llvm.load %{{.*}} : !llvm.ptr -> f64
  // CHECK: llvm.load %{{.*}} : !llvm.ptr -> i1
  %0:2 = cudagraph.readback %r, %flag : memref<f64>, memref<i1> -> f64, i1
  return %0#0, %0#1 : f64, i1
}
// Tests that a mailbox is asked for with the number and the size of its buffer.
// CHECK-LABEL: func.func @mailbox(
// CHECK-SAME: %{{.*}}: !llvm.ptr {graphopt.context}, %[[STREAM:.*]]: !llvm.ptr {graphopt.stream})
// CHECK-DAG: %[[NUMBER:.*]] = llvm.mlir.constant(0 : i64)
// CHECK-DAG: %[[BYTES:.*]] = llvm.mlir.constant(4 : i64)
// CHECK: %[[M:.*]] = llvm.call @goExecMailbox(%[[E:.*]], %[[STREAM]], %{{.*}}, %[[BYTES]]) : (!llvm.ptr, !llvm.ptr, i64, i64) -> !llvm.ptr
// CHECK: llvm.call @goExecLaunch(%[[E]], %[[STREAM]],
func.func @mailbox(%context: !llvm.ptr {graphopt.context}, %stream: !llvm.ptr {graphopt.stream}) {
  %e = cudagraph.instantiate @posts : !cudagraph.exec
  %m = cudagraph.mailbox %e[0] : memref<f32>
  cudagraph.launch %e buffers(%m : memref<f32>)
  return
}
cudagraph.graph @posts(%out: memref<f32>) {
}

// Tests that a fetch goes to slots of the function, which the await reads.
// CHECK-LABEL: func.func @deferred
// CHECK-SAME: %[[CONTEXT:[^:]*]]: !llvm.ptr {graphopt.context}, %[[STREAM:[^:]*]]: !llvm.ptr {graphopt.stream}
func.func @deferred(%context: !llvm.ptr {graphopt.context}, %stream: !llvm.ptr {graphopt.stream},
                    %r: memref<f64>, %flag: memref<i1>) {
  // CHECK: %[[SLOTS:.*]] = llvm.alloca %{{.*}} x i8 {alignment = 16 : i64}
  // CHECK: cf.br ^[[LOOP:.*]]
  // CHECK: ^[[LOOP]]:
  cf.br ^loop
^loop:
  // CHECK: %[[SAVED:.*]] = llvm.intr.stacksave
  // CHECK: %[[SECOND:.*]] = llvm.getelementptr %[[SLOTS]][16]
  // CHECK: %[[PLACE:.*]] = llvm.alloca %{{.*}} x !llvm.ptr
  // CHECK: %[[NULL:.*]] = llvm.mlir.zero
  // CHECK: llvm.store %[[NULL]], %[[PLACE]]
  // CHECK: %[[ITEMS:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, ptr, i64)>
  // CHECK: llvm.insertvalue %[[SLOTS]], %{{.*}}[1]
  // CHECK: llvm.insertvalue %[[SECOND]], %{{.*}}[1]
  // CHECK: llvm.call @goFetch(%[[CONTEXT]], %[[STREAM]], %[[ITEMS]], %{{.*}}, %[[PLACE]])
  // CHECK: %[[HANDLE:.*]] = llvm.load %[[PLACE]]
  // CHECK: llvm.intr.stackrestore %[[SAVED]]
  // CHECK-NOT: goAwait
  %p = cudagraph.fetch %r, %flag : memref<f64>, memref<i1> -> !cudagraph.pending<f64, i1>
  // CHECK: call @between
  func.call @between() : () -> ()
  // CHECK: llvm.call @goAwait(
  // CHECK: llvm.load %{{.*}} : !llvm.ptr -> f64
  // CHECK: llvm.load %{{.*}} : !llvm.ptr -> i1
  %v:2 = cudagraph.await %p : !cudagraph.pending<f64, i1>
  %more = func.call @take(%v#0, %v#1) : (f64, i1) -> i1
  cf.cond_br %more, ^loop, ^end
^end:
  return
}
func.func private @between()
func.func private @take(f64, i1) -> i1

// Tests that what the caller awaits joins the caller's handle.
// CHECK-LABEL: func.func @delivered
// CHECK-SAME: {graphopt.stream}, %[[PENDING:[^:]*]]: !llvm.ptr {graphopt.pending}
// CHECK: llvm.call @goFetch(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[PENDING]])
// CHECK-NOT: goAwait
// CHECK: return
func.func @delivered(%context: !llvm.ptr {graphopt.context}, %stream: !llvm.ptr {graphopt.stream},
                     %pending: !llvm.ptr {graphopt.pending}, %r: memref<f64>, %out: memref<f64>) {
  cudagraph.deliver %r to %out : memref<f64> to memref<f64>
  return
}
}
