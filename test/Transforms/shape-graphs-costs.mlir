// RUN: graph-opt %s --shape-graphs | FileCheck %s

// A table in which every figure can be told from the sum: a node takes 0, a
// launch 1000, a ramp 100, a tail 200; memory moves 1 KiB in a microsecond, the
// cache four times as much, accesses apart a quarter.
module attributes {graphopt.calibration = {
    graph_launch_us = 1000.0, graph_node_us = 0.0, graph_branch_us = 0.0,
    conditional_us = 50.0, loop_turn_us = 10.0, kernel_ramp_us = 100.0,
    copy_ramp_us = 30.0, reduction_tail_us = 200.0, thread_step_us = 2.0,
    scalar_step_us = 1.0, memory_bytes_per_us = 1024.0,
    cache_bytes_per_us = 4096.0, strided_bytes_per_us = 256.0,
    block_bytes_per_us = 512.0, cache_bytes = 65536.0,
    operations_per_us = 16.0, stream_launch_us = 0.0, stream_node_us = 1.0,
    readback_us = 7.0}} {

gpu.module @k {
  gpu.func @plain(%slots: !llvm.ptr) kernel {
    gpu.return
  }
  gpu.func @last_block(%slots: !llvm.ptr) kernel {
    %state = llvm.load %slots : !llvm.ptr -> !llvm.ptr<1>
    %last = arith.constant 3 : i32
    %ticket = llvm.atomicrmw uinc_wrap %state, %last acq_rel : !llvm.ptr<1>, i32
    gpu.return
  }
  // Seven turns that read memory in each of three, and eleven that do not.
  gpu.func @loops(%slots: !llvm.ptr) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %c7 = arith.constant 7 : index
    %c11 = arith.constant 11 : index
    %one = arith.constant 1.0 : f64
    scf.for %i = %c0 to %c3 step %c1 {
      scf.for %j = %c0 to %c7 step %c1 {
        %x = llvm.load %slots : !llvm.ptr -> i64
      }
    }
    %sum = scf.for %i = %c0 to %c11 step %c1 iter_args(%a = %one) -> f64 {
      %b = arith.addf %a, %one : f64
      scf.yield %b : f64
    }
    gpu.return
  }
  // Two operations for each of four bytes, by a loop over elements.
  gpu.func @operations(%slots: !llvm.ptr, %end: index) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %end step %c1 {
      %x = llvm.load %slots : !llvm.ptr -> f32
      %q = arith.divf %x, %x : f32
    }
    gpu.return
  }
  // Threads next to one another read rows of eight and write elements.
  gpu.func @rows(%slots: !llvm.ptr) kernel {
    %in = builtin.unrealized_conversion_cast %slots : !llvm.ptr to memref<32x8xf32>
    %out = builtin.unrealized_conversion_cast %slots : !llvm.ptr to memref<32xf32>
    %c0 = arith.constant 0 : index
    %thread = gpu.thread_id x
    %x = memref.load %in[%thread, %c0] : memref<32x8xf32>
    memref.store %x, %out[%thread] : memref<32xf32>
    gpu.return
  }
}

// Tests the sum for a kernel that reads 128 KiB: more than the cache holds, of
// which half is there from the call before. 1000 + 100 + 64 + 16.
// CHECK: cudagraph.graph @memory({{.*}}graph = 1.180000e+03 : f64
cudagraph.graph @memory(%a: memref<32768xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@plain, 1>] args(%a read : memref<32768xf32>) grid [1024, 1, 1] block [256, 1, 1]
}

// Tests that what fits in the cache is there. 1000 + 100 + 8192 / 4096.
// CHECK: cudagraph.graph @cache({{.*}}graph = 1.102000e+03 : f64
cudagraph.graph @cache(%a: memref<2048xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@plain, 1>] args(%a read : memref<2048xf32>) grid [1024, 1, 1] block [256, 1, 1]
}

// Tests that a read and a write count twice. 1000 + 100 + 2 * 8192 / 4096.
// CHECK: cudagraph.graph @both({{.*}}graph = 1.104000e+03 : f64
cudagraph.graph @both(%a: memref<2048xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@plain, 1>] args(%a readwrite : memref<2048xf32>) grid [1024, 1, 1] block [256, 1, 1]
}

// Tests that one block moves 512 bytes in a microsecond. 1000 + 131072 / 512.
// CHECK: cudagraph.graph @block({{.*}}graph = 1.256000e+03 : f64
cudagraph.graph @block(%a: memref<32768xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@plain, 1>] args(%a read : memref<32768xf32>) grid [1, 1, 1] block [256, 1, 1]
}

// Tests the tail of the last block. 1000 + 100 + 200 + 2.
// CHECK: cudagraph.graph @tail({{.*}}graph = 1.302000e+03 : f64
cudagraph.graph @tail(%a: memref<2048xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@last_block, 1>] args(%a read : memref<2048xf32>) grid [1024, 1, 1] block [256, 1, 1]
}

// Tests turns of loops. 1000 + 100 + 2 * 21 + 11.
// CHECK: cudagraph.graph @turns({{.*}}graph = 1.153000e+03 : f64
cudagraph.graph @turns(%a: memref<2048xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@loops, 1>] args(%a read : memref<2048xf32>) grid [1024, 1, 1] block [256, 1, 1]
}

// Tests that a division counts as eight operations. 1000 + 100 + 2 * 8192 / 16.
// CHECK: cudagraph.graph @compute({{.*}}graph = 2.124000e+03 : f64
cudagraph.graph @compute(%a: memref<2048xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@operations, 1>] args(%a read : memref<2048xf32>) grid [1024, 1, 1] block [256, 1, 1]
}

// Tests that rows are read apart, and that what a kernel only writes is not
// read. 1000 + 100 + 1024 / 256 + 128 / 4096.
// CHECK: cudagraph.graph @apart({{.*}}graph = 1104.03125 : f64
cudagraph.graph @apart(%a: memref<32x8xf32>, %b: memref<32xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@rows, 1>] args(%a read, %b readwrite : memref<32x8xf32>, memref<32xf32>) grid [1024, 1, 1] block [256, 1, 1]
}

// Tests conditional nodes: half of the body, or what the attribute says, or
// eight turns; node by node the host reads each condition.
// CHECK: cudagraph.graph @half({{.*}}graph = 1.101000e+03 : f64, {{.*}}stream = 5.850000e+01 : f64
cudagraph.graph @half(%a: memref<2048xf32>, %c: memref<i1>) {
  %0 = cudagraph.if %c : memref<i1> {
    %1 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@plain, 1>] args(%a read : memref<2048xf32>) grid [1024, 1, 1] block [256, 1, 1]
  }
}
// CHECK: cudagraph.graph @never({{.*}}graph = 1.050000e+03 : f64, {{.*}}stream = 7.000000e+00 : f64
cudagraph.graph @never(%a: memref<2048xf32>, %c: memref<i1>) {
  %0 = cudagraph.if %c : memref<i1> attributes {graphopt.probability = 0.0} {
    %1 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@plain, 1>] args(%a read : memref<2048xf32>) grid [1024, 1, 1] block [256, 1, 1]
  }
}
// CHECK: cudagraph.graph @repeatedly({{.*}}graph = 1896.0{{[0-9]+}} : f64, {{.*}}stream = 887.0{{[0-9]+}} : f64
cudagraph.graph @repeatedly(%a: memref<2048xf32>, %c: memref<i1>) {
  %0 = cudagraph.while %c : memref<i1> {
    %1 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@plain, 1>] args(%a read, %c write : memref<2048xf32>, memref<i1>) grid [1024, 1, 1] block [256, 1, 1]
  }
}
}
