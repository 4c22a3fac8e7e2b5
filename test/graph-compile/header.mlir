// Tests that parameters are named as the text names the arguments, or as their
// locations say, and that the header says what each is.
// RUN: graph-compile %s --emit=header --name=step -o - | FileCheck %s

// CHECK: /* step: compiled by graph-opt for the host device
// CHECK: goProgramCreateContext(&step_program, 0, &context)
// CHECK: #ifndef STEP_GRAPHOPT_H
// CHECK: #include "GraphOpt/Runtime/GraphProgram.h"
// CHECK: extern const GoProgramInfo step_program;

// CHECK: /// Function 'scale'.
// CHECK-NEXT: /// Arguments:
// CHECK-NEXT: ///   weights: f32 [8, 4], updated in place
// CHECK-NEXT: ///   table: bf16 [8]
// CHECK-NEXT: ///   arg2: f16 [4]
// CHECK-NEXT: ///   factor: f64
// CHECK-NEXT: ///   steps: index
// CHECK-NEXT: ///   for_: i1
// CHECK-NEXT: ///   arg6: i32 [2]
// CHECK-NEXT: /// Results:
// CHECK-NEXT: ///   result0: f64, in host memory
// CHECK-NEXT: ///   result1: f16 [4], written
// CHECK-NEXT: GoStatus step_scale(GoContext *context, void *stream,
// CHECK-NEXT:     float *weights,
// CHECK-NEXT:     const uint16_t *table,
// CHECK-NEXT:     const uint16_t *arg2,
// CHECK-NEXT:     double factor,
// CHECK-NEXT:     int64_t steps,
// CHECK-NEXT:     uint8_t for_,
// CHECK-NEXT:     const int32_t *arg6,
// CHECK-NEXT:     double *result0,
// CHECK-NEXT:     uint16_t *result1);
// CHECK: GoStatus step_scale_packed(GoContext *context, void *stream,
// CHECK-NEXT: void **arguments, void **results);
func.func @scale(%weights: memref<8x4xf32>, %1: memref<8xbf16> loc("table"),
                 %2: tensor<4xf16>, %factor: f64, %steps: index, %for: i1,
                 %arg6: tensor<2xi32>) -> (f64, tensor<4xf16>) {
  %k = arith.truncf %factor : f64 to f32
  linalg.fill ins(%k : f32) outs(%weights : memref<8x4xf32>)
  %t = bufferization.to_tensor %1 restrict : memref<8xbf16> to tensor<8xbf16>
  return %factor, %2 : f64, tensor<4xf16>
}

// Tests that a buffer counts as updated if a function that it is passed to, or a
// view of it, is written.
// CHECK: /// Function 'through'.
// CHECK:      ///   called: f32 [4], updated in place
// CHECK-NEXT: ///   viewed: f32 [4], updated in place
// CHECK-NEXT: ///   read: f32 [4]{{$}}
func.func private @store(%m: memref<4xf32>, %k: f32) {
  linalg.fill ins(%k : f32) outs(%m : memref<4xf32>)
  return
}
func.func @through(%called: memref<4xf32>, %viewed: memref<4xf32>,
                   %read: memref<4xf32>) {
  %zero = arith.constant 0 : index
  %k = memref.load %read[%zero] : memref<4xf32>
  call @store(%called, %k) : (memref<4xf32>, f32) -> ()
  %view = memref.subview %viewed[2] [2] [1]
      : memref<4xf32> to memref<2xf32, strided<[1], offset: 2>>
  linalg.fill ins(%k : f32) outs(%view : memref<2xf32, strided<[1], offset: 2>>)
  return
}

// Tests that arrays of unknown shape are passed by descriptors, and that a name
// that two arguments or the stream have becomes unique.
// CHECK: /// Function 'descriptors'.
// CHECK:      ///   x: f32 [?, 4], as GO_MEMREF(2)
// CHECK-NEXT: ///   stream_: f32
// CHECK-NEXT: ///   x_1: f32
// CHECK: GoStatus step_descriptors(GoContext *context, void *stream,
// CHECK-NEXT:     const void *x,
// CHECK-NEXT:     float stream_,
// CHECK-NEXT:     float x_1,
// CHECK-NEXT:     int64_t *result0);
func.func @descriptors(%x: memref<?x4xf32>, %stream: f32, %x.1: f32 loc("x")) -> index {
  %zero = arith.constant 0 : index
  %n = memref.dim %x, %zero : memref<?x4xf32>
  return %n : index
}

// Tests that words of C and C++, types and macros are no parameters, and that a
// name does not leave the comment that it stands in.
// CHECK: /// Function 'no comment* ;'.
// CHECK: GoStatus step_no_comment___(GoContext *context, void *stream,
// CHECK-NEXT:     const float *NULL_,
// CHECK-NEXT:     const float *int64_t_,
// CHECK-NEXT:     const float *typeof_,
// CHECK-NEXT:     const float *INT64_MAX_,
// CHECK-NEXT:     const float *_Bool_,
// CHECK-NEXT:     const float *GoPending_,
// CHECK-NEXT:     const float *GO_OK_,
// CHECK-NEXT:     const float *A);
func.func @"no\0Acomment*/;"(%NULL: tensor<4xf32>, %int64_t: tensor<4xf32>,
    %typeof: tensor<4xf32>, %INT64_MAX: tensor<4xf32>, %_Bool: tensor<4xf32>,
    %GoPending: tensor<4xf32>, %GO_OK: tensor<4xf32>, %A: tensor<4xf32>) {
  return
}

// Tests unsigned elements.
// CHECK: GoStatus step_unsigned_(GoContext *context, void *stream,
// CHECK-NEXT:     const uint8_t *a,
// CHECK-NEXT:     const int8_t *b,
// CHECK-NEXT:     const uint16_t *c,
// CHECK-NEXT:     uint32_t *d,
// CHECK-NEXT:     const uint64_t *e,
func.func @unsigned_(%a: tensor<4xui8>, %b: tensor<4xi8>, %c: tensor<4xui16>,
                     %d: memref<4xui32>, %e: tensor<4xui64>) -> tensor<4xi8> {
  return %b : tensor<4xi8>
}
