// RUN: graph-opt %s --pass-pipeline="builtin.module(gpu.module(lower-posts))" --split-input-file --verify-diagnostics | FileCheck %s

// Tests that a post counts the launches and writes the value with the number of
// the launch, in words that are each written at once: one for up to 32 bits,
// two for more.
gpu.module @kernels {
  // CHECK-LABEL: llvm.func @narrow
  // CHECK-SAME: %[[BOX:.*]]: !llvm.ptr<1>, %[[V:.*]]: f32
  llvm.func @narrow(%box: !llvm.ptr<1>, %v: f32) {
    // CHECK: %[[N:.*]] = llvm.load %[[BOX]] : !llvm.ptr<1> -> i64
    // CHECK: %[[AT:.*]] = llvm.getelementptr %[[BOX]]
    // CHECK: %[[SLOTS:.*]] = llvm.load %[[AT]] : !llvm.ptr<1> -> !llvm.ptr<1>
    // CHECK: %[[NEXT:.*]] = llvm.add %[[N]],
    // CHECK: llvm.store %[[NEXT]], %[[BOX]] : i64, !llvm.ptr<1>
    // CHECK: %[[C255:.*]] = llvm.mlir.constant(255 : i64)
    // CHECK: %[[SLOT:.*]] = llvm.and %[[N]], %[[C255]]
    // CHECK: %[[INDEX:.*]] = llvm.shl %[[SLOT]],
    // CHECK: %[[PLACE:.*]] = llvm.getelementptr %[[SLOTS]][%[[INDEX]]]
    // CHECK: %[[MARK:.*]] = llvm.shl %[[NEXT]],
    // CHECK: %[[BITS:.*]] = llvm.bitcast %[[V]] : f32 to i32
    // CHECK: %[[WIDE:.*]] = llvm.zext %[[BITS]] : i32 to i64
    // CHECK: %[[LOW:.*]] = llvm.and %[[WIDE]],
    // CHECK: %[[WORD:.*]] = llvm.or %[[MARK]], %[[LOW]]
    // CHECK: llvm.store %[[WORD]], %[[PLACE]] atomic monotonic {alignment = 8 : i64}
    // CHECK-NOT: llvm.store
    // CHECK: llvm.return
    llvm.store %v, %box {graphopt.posted} : f32, !llvm.ptr<1>
    llvm.return
  }
  // CHECK-LABEL: llvm.func @wide
  // CHECK: %[[MARK:.*]] = llvm.shl
  // CHECK: %[[MARK:.*]] = llvm.shl
  // CHECK: llvm.store %{{.*}}, %[[PLACE:.*]] atomic monotonic
  // CHECK: %[[HIGH:.*]] = llvm.lshr %[[V:.*]], %{{.*}} : i64
  // CHECK: %[[WORD:.*]] = llvm.or %[[MARK]], %[[HIGH]]
  // CHECK: %[[SECOND:.*]] = llvm.getelementptr %[[PLACE]]
  // CHECK: llvm.store %[[WORD]], %[[SECOND]] atomic monotonic
  llvm.func @wide(%box: !llvm.ptr<1>, %v: i64) {
    llvm.store %v, %box {graphopt.posted} : i64, !llvm.ptr<1>
    llvm.return
  }
  // The loads from the mailbox come before what the block loads otherwise.
  // CHECK-LABEL: llvm.func @operand
  // CHECK-NEXT: %[[SLOT:.*]] = llvm.getelementptr %{{.*}}[3]
  // CHECK-NEXT: %[[BOX:.*]] = llvm.load %[[SLOT]] : !llvm.ptr -> !llvm.ptr<1>
  // CHECK-NEXT: llvm.load %[[BOX]] : !llvm.ptr<1> -> i64
  // CHECK: llvm.load %{{.*}} : !llvm.ptr<1> -> !llvm.ptr<1>
  // CHECK: llvm.load %{{.*}} : !llvm.ptr<1> -> f32
  llvm.func @operand(%slots: !llvm.ptr, %from: !llvm.ptr<1>) {
    %v = llvm.load %from : !llvm.ptr<1> -> f32
    %slot = llvm.getelementptr %slots[3] : (!llvm.ptr) -> !llvm.ptr, i64
    %box = llvm.load %slot : !llvm.ptr -> !llvm.ptr<1>
    llvm.store %v, %box {graphopt.posted} : f32, !llvm.ptr<1>
    llvm.return
  }
  // CHECK-LABEL: llvm.func @other
  // CHECK: llvm.store %{{.*}}, %{{.*}} {graphopt.once} : f32, !llvm.ptr<1>
  llvm.func @other(%box: !llvm.ptr<1>, %v: f32) {
    llvm.store %v, %box {graphopt.once} : f32, !llvm.ptr<1>
    llvm.return
  }
}

// -----

gpu.module @kernels {
  llvm.func @vector(%box: !llvm.ptr<1>, %v: vector<4xf32>) {
    // expected-error @+1 {{graphopt.posted is for an llvm.store of a scalar of at most 64 bits}}
    llvm.store %v, %box {graphopt.posted} : vector<4xf32>, !llvm.ptr<1>
    llvm.return
  }
}
