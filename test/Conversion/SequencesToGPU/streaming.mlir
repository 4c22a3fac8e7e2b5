// RUN: graph-opt %s --convert-sequences-to-gpu=threads=64 --canonicalize | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda format=isa" \
// RUN:   | %python %S/../GPULowering/Inputs/print_ptx.py | FileCheck %s --check-prefix=PTX

// Tests that a map that streams writes its units past the cache, 4, 8 or 16 bytes at
// a time whatever the type, and single elements as ever.
// CHECK-LABEL: func.func @streaming(
// CHECK:         gpu.func @g_k0(
// CHECK:           llvm.store %{{.*}} : i8, !llvm.ptr<1>
// CHECK:           llvm.store %{{.*}} : bf16, !llvm.ptr<1>
// CHECK:           llvm.store %{{.*}} : f32, !llvm.ptr<1>
// CHECK:           scf.for {{.*}} step %c128_i32
// CHECK-NOT:         llvm.store
// CHECK:             %[[WORD:.*]] = llvm.bitcast %{{.*}} : vector<4xi8> to vector<1xi32>
// CHECK:             %[[BYTES:.*]] = llvm.extractelement %[[WORD]][%c0_i32
// CHECK:             llvm.inline_asm has_side_effects "st.global.cs.b32 [$0], $1;", "l,r,~{memory}" %{{.*}}, %[[BYTES]] :
// CHECK:             %[[HALVES:.*]] = llvm.bitcast %{{.*}} : vector<4xbf16> to vector<2xi32>
// CHECK:             %[[LOW:.*]] = llvm.extractelement %[[HALVES]][%c0_i32
// CHECK:             %[[HIGH:.*]] = llvm.extractelement %[[HALVES]][%c1_i32
// CHECK:             llvm.inline_asm has_side_effects "st.global.cs.v2.b32 [$0], {$1, $2};", "l,r,r,~{memory}" %{{.*}}, %[[LOW]], %[[HIGH]] :
// CHECK:             llvm.bitcast %{{.*}} : vector<4xf32> to vector<4xi32>
// CHECK:             llvm.inline_asm has_side_effects "st.global.cs.v4.b32 [$0], {$1, $2, $3, $4};", "l,r,r,r,r,~{memory}"
// CHECK-NOT:         llvm.store
// CHECK:           scf.if
// CHECK-NOT:         llvm.store
// CHECK:             llvm.inline_asm has_side_effects "st.global.cs.b32
// CHECK:             llvm.inline_asm has_side_effects "st.global.cs.v2.b32
// CHECK:             llvm.inline_asm has_side_effects "st.global.cs.v4.b32
// CHECK:             llvm.inline_asm has_side_effects "st.global.cs.b32
// CHECK:             llvm.inline_asm has_side_effects "st.global.cs.v2.b32
// CHECK:             llvm.inline_asm has_side_effects "st.global.cs.v4.b32
// CHECK-NOT:         llvm.inline_asm
// CHECK:           gpu.return

// Tests that they are that in the code.
// PTX:     st.global.cs.b32 [%{{.*}}], %{{.*}};
// PTX:     st.global.cs.v2.b32 [%{{.*}}], {%{{.*}}, %{{.*}}};
// PTX:     st.global.cs.v4.b32 [%{{.*}}], {%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}};
// PTX-NOT: st.global.v
func.func @streaming(%m: memref<9xf32>, %n: memref<9xi1>, %o: memref<9xbf16>, %p: memref<9xf32>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %o, %d = %p) : (memref<9xf32>, memref<9xi1>, memref<9xbf16>, memref<9xf32>) -> () {
    %s = tseq.pack %a : !tseq.seq<memref<9xf32>>
    %t = tseq.pack %b : !tseq.seq<memref<9xi1>>
    %u = tseq.pack %c : !tseq.seq<memref<9xbf16>>
    %v = tseq.pack %d : !tseq.seq<memref<9xf32>>
    tseq.map streaming chunk(9) ins(%s : !tseq.seq<memref<9xf32>>) outs(%t, %u, %v : !tseq.seq<memref<9xi1>>, !tseq.seq<memref<9xbf16>>, !tseq.seq<memref<9xf32>>) {
    ^bb0(%x: f32):
      %zero = arith.constant 0.0 : f32
      %isPositive = arith.cmpf ogt, %x, %zero : f32
      %narrow = arith.truncf %x : f32 to bf16
      %wide = arith.addf %x, %x : f32
      tseq.yield %isPositive, %narrow, %wide : i1, bf16, f32
    }
    tseq.yield
  }
  return
}
