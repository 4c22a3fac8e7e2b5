// RUN: graph-opt %s --pass-pipeline="builtin.module(gpu.module(pass-slots-by-value))" --split-input-file --verify-diagnostics | FileCheck %s

// Tests that the parameter of a marked kernel becomes an array by value, and
// that of others stays an address. PTX has no parameter of zero bytes.
gpu.module @kernels {
  // CHECK: llvm.func @by_value(%{{[^:]*}}: !llvm.ptr {llvm.align = 8 : i64, llvm.byval = !llvm.array<3 x i64>, nvvm.grid_constant})
  llvm.func @by_value(%slots: !llvm.ptr) attributes {graphopt.slots_by_value = 3, nvvm.kernel} {
    llvm.return
  }
  // CHECK: llvm.func @by_address(%{{[^:]*}}: !llvm.ptr) attributes
  llvm.func @by_address(%slots: !llvm.ptr) attributes {nvvm.kernel} {
    llvm.return
  }
  // CHECK: llvm.func @nothing(%{{[^:]*}}: !llvm.ptr {llvm.align = 8 : i64, llvm.byval = !llvm.array<1 x i64>, nvvm.grid_constant})
  llvm.func @nothing(%slots: !llvm.ptr) attributes {graphopt.slots_by_value = 0, nvvm.kernel} {
    llvm.return
  }
}

// -----

// Tests that the mark is refused where it makes no sense.
gpu.module @kernels {
  // expected-error @+1 {{graphopt.slots_by_value is for a kernel with one parameter and a number of slots}}
  llvm.func @two(%slots: !llvm.ptr, %x: i32) attributes {graphopt.slots_by_value = 3} {
    llvm.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @+1 {{graphopt.slots_by_value is for a kernel with one parameter and a number of slots}}
  llvm.func @negative(%slots: !llvm.ptr) attributes {graphopt.slots_by_value = -1} {
    llvm.return
  }
}
