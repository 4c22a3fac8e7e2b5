// RUN: graph-opt-test %s --print-capture --verify-diagnostics --split-input-file -o /dev/null
// REQUIRES: test-passes

// Tests what is known of the arguments of kernels: only what a kernel does to
// them counts, whatever way it takes, and what can not be known is the worst.

module attributes {gpu.container_module} {
  gpu.module @k {
    memref.global "private" constant @table : memref<4xf32> = dense<1.0>
    memref.global "private" @state : memref<4xf32> = dense<1.0>
    gpu.func @reads_writes(%r: memref<8xf32>, %w: memref<8xf32>, %n: memref<8xf32>, %s: f32) kernel {
      %i = gpu.thread_id x
      %x = memref.load %r[%i] : memref<8xf32>
      memref.store %x, %w[%i] : memref<8xf32>
      %dim = memref.dim %n, %i : memref<8xf32>
      gpu.return
    }
    gpu.func @through_views(%r: memref<8xf32>, %w: memref<8xf32>) kernel {
      %i = gpu.thread_id x
      %a = memref.subview %r[2] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 2>>
      %b = memref.cast %w : memref<8xf32> to memref<?xf32>
      %v = vector.load %a[%i] : memref<4xf32, strided<[1], offset: 2>>, vector<2xf32>
      vector.store %v, %b[%i] : memref<?xf32>, vector<2xf32>
      gpu.return
    }
    gpu.func @affine_and_atomic(%r: memref<8xf32>, %rw: memref<8xf32>) kernel {
      affine.for %i = 0 to 8 {
        %x = affine.load %r[%i] : memref<8xf32>
        %o = memref.atomic_rmw addf %x, %rw[%i] : (f32, memref<8xf32>) -> f32
      }
      gpu.return
    }
    gpu.func @selects(%c: i1, %a: memref<8xf32>, %b: memref<8xf32>) kernel {
      %i = gpu.thread_id x
      %m = arith.select %c, %a, %b : memref<8xf32>
      %x = memref.load %m[%i] : memref<8xf32>
      gpu.return
    }
    gpu.func @block_memory(%r: memref<8xf32>) workgroup(%s: memref<8xf32, #gpu.address_space<workgroup>>) kernel {
      %i = gpu.thread_id x
      %l = memref.alloca() : memref<1xf32>
      %x = memref.load %r[%i] : memref<8xf32>
      memref.store %x, %s[%i] : memref<8xf32, #gpu.address_space<workgroup>>
      gpu.barrier
      memref.store %x, %l[%i] : memref<1xf32>
      gpu.return
    }
    gpu.func @constants(%w: memref<8xf32>) kernel {
      %i = gpu.thread_id x
      %t = memref.get_global @table : memref<4xf32>
      %x = memref.load %t[%i] : memref<4xf32>
      memref.store %x, %w[%i] : memref<8xf32>
      gpu.return
    }
    gpu.func @globals(%w: memref<8xf32>) kernel {
      %i = gpu.thread_id x
      %t = memref.get_global @state : memref<4xf32>
      %x = memref.load %t[%i] : memref<4xf32>
      memref.store %x, %w[%i] : memref<8xf32>
      gpu.return
    }
    func.func @callee(%w: memref<8xf32>, %r: memref<8xf32>, %i: index) {
      %x = memref.load %r[%i] : memref<8xf32>
      memref.store %x, %w[%i] : memref<8xf32>
      return
    }
    func.func private @unknown(memref<8xf32>)
    gpu.func @calls(%a: memref<8xf32>, %b: memref<8xf32>) kernel {
      %i = gpu.thread_id x
      func.call @callee(%b, %a, %i) : (memref<8xf32>, memref<8xf32>, index) -> ()
      gpu.return
    }
    gpu.func @calls_unknown(%a: memref<8xf32>, %b: memref<8xf32>) kernel {
      func.call @unknown(%a) : (memref<8xf32>) -> ()
      gpu.return
    }
    gpu.func @pointers(%a: memref<8xf32>, %b: memref<8xf32>, %x: f32) kernel {
      %p = memref.extract_aligned_pointer_as_index %a : memref<8xf32> -> index
      %q = arith.index_cast %p : index to i64
      %r = llvm.inttoptr %q : i64 to !llvm.ptr
      llvm.store %x, %r : f32, !llvm.ptr
      gpu.return
    }
  }

  func.func @launches(%a: memref<8xf32>, %b: memref<8xf32>, %c: memref<8xf32>, %f: f32, %on: i1) {
    %1 = arith.constant 1 : index
    %8 = arith.constant 8 : index
    // expected-remark @below {{node static kernel touches r w; reads 32 writes 32}}
    gpu.launch_func @k::@reads_writes blocks in (%1, %1, %1) threads in (%8, %1, %1)
      args(%a : memref<8xf32>, %b : memref<8xf32>, %c : memref<8xf32>, %f : f32)
    // expected-remark @below {{node static kernel touches r w; reads 32 writes 32}}
    gpu.launch_func @k::@through_views blocks in (%1, %1, %1) threads in (%8, %1, %1)
      args(%a : memref<8xf32>, %b : memref<8xf32>)
    // expected-remark @below {{node static kernel touches r rw; reads 64 writes 32}}
    gpu.launch_func @k::@affine_and_atomic blocks in (%1, %1, %1) threads in (%8, %1, %1)
      args(%a : memref<8xf32>, %b : memref<8xf32>)
    // expected-remark @below {{node static kernel touches r r; reads 64 writes 0}}
    gpu.launch_func @k::@selects blocks in (%1, %1, %1) threads in (%8, %1, %1)
      args(%on : i1, %a : memref<8xf32>, %b : memref<8xf32>)
    // expected-remark @below {{node static kernel touches r; reads 32 writes 0}}
    gpu.launch_func @k::@block_memory blocks in (%1, %1, %1) threads in (%8, %1, %1)
      args(%a : memref<8xf32>)
    // expected-remark @below {{node static kernel touches w; reads 0 writes 32}}
    gpu.launch_func @k::@constants blocks in (%1, %1, %1) threads in (%8, %1, %1)
      args(%a : memref<8xf32>)
    // expected-remark @below {{node static kernel touches w other memory; reads 0 writes 32}}
    gpu.launch_func @k::@globals blocks in (%1, %1, %1) threads in (%8, %1, %1)
      args(%a : memref<8xf32>)
    // expected-remark @below {{node static kernel touches r w; reads 32 writes 32}}
    gpu.launch_func @k::@calls blocks in (%1, %1, %1) threads in (%8, %1, %1)
      args(%a : memref<8xf32>, %b : memref<8xf32>)
    // expected-remark @below {{neither static kernel touches rw rw other memory; reads 64 writes 64}}
    gpu.launch_func @k::@calls_unknown blocks in (%1, %1, %1) threads in (%8, %1, %1)
      args(%a : memref<8xf32>, %b : memref<8xf32>)
    // expected-remark @below {{node static kernel touches rw rw other memory; reads 64 writes 64}}
    gpu.launch_func @k::@pointers blocks in (%1, %1, %1) threads in (%8, %1, %1)
      args(%a : memref<8xf32>, %b : memref<8xf32>, %f : f32)
    return
  }

  func.func @copies(%a: memref<8xf32>, %b: memref<8xf32>, %f: f32) {
    %zero = arith.constant 0.0 : f32
    // expected-remark @below {{node static kernel touches r w; reads 32 writes 32 computes 0}}
    gpu.memcpy %a, %b : memref<8xf32>, memref<8xf32>
    // expected-remark @below {{node static kernel touches w; reads 0 writes 32 computes 0}}
    gpu.memset %a, %zero : memref<8xf32>, f32
    return
  }
}
