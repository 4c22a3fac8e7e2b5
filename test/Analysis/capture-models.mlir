// RUN: graph-opt-test %s --print-capture --verify-diagnostics -o /dev/null
// REQUIRES: test-passes

// Tests what CapturableOpInterface says of ops: whether they are captured as
// values or as nodes, what they touch, and what they cost.

func.func @values(%a: tensor<4x8xf32>, %b: tensor<8x2xf32>, %d: tensor<?xf32>) -> (tensor<4x2xf32>, tensor<?xf32>) {
  %zero = arith.constant 0.0 : f32
  // expected-remark @below {{value static view touches w; reads 0 writes 0 computes 0}}
  %e = tensor.empty() : tensor<4x2xf32>
  // A fill does not read what it fills.
  // expected-remark @below {{value static kernel touches w; reads 0 writes 32 computes 8}}
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  // expected-remark @below {{value static kernel touches r r r w; reads 224 writes 32 computes 128}}
  %m = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x2xf32>)
    outs(%f : tensor<4x2xf32>) -> tensor<4x2xf32>
  // expected-remark @below {{neither dynamic kernel touches r w}}
  %x = linalg.exp ins(%d : tensor<?xf32>) outs(%d : tensor<?xf32>) -> tensor<?xf32>
  return %m, %x : tensor<4x2xf32>, tensor<?xf32>
}

func.func @slices(%a: tensor<4x8xf32>) -> (tensor<2x8xf32>, tensor<4x2xf32>) {
  // expected-remark @below {{value static view touches r w; reads 0 writes 0 computes 0}}
  %rows = tensor.extract_slice %a[1, 0] [2, 8] [1, 1] : tensor<4x8xf32> to tensor<2x8xf32>
  // expected-remark @below {{value static kernel touches r w; reads 32 writes 32 computes 0}}
  %columns = tensor.extract_slice %a[0, 3] [4, 2] [1, 1] : tensor<4x8xf32> to tensor<4x2xf32>
  return %rows, %columns : tensor<2x8xf32>, tensor<4x2xf32>
}

func.func @lists(%a: tensor<4xf32>, %b: tensor<6xbf16>) -> tensor<f32> {
  %s = tseq.pack %a, %a : !tseq.seq<2 x tensor<4xf32>>
  // expected-remark @below {{value static kernel touches r w; reads 32 writes 4 computes 16}}
  %r = tseq.reduce [add] ins(%s : !tseq.seq<2 x tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    %y = arith.mulf %x, %x : f32
    %z = arith.addf %y, %y : f32
    tseq.yield %z : f32
  }
  return %r : tensor<f32>
}

// Another project's ops, by external models.
func.func @others(%a: tensor<5xf64>) -> tensor<5xf64> {
  // expected-remark @below {{value static kernel touches r w; reads 40 writes 40 computes 5}}
  %0 = other.square %a : tensor<5xf64>
  // expected-remark @below {{value static kernel synchronizes touches r w; reads 40 writes 40 computes 5}}
  %1 = other.checked %0 : tensor<5xf64>
  return %1 : tensor<5xf64>
}
