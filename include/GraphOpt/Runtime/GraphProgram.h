//===- GraphProgram.h - What a program compiled ahead of time is *- C++ -*-===//
//
// Part of graph-opt. Describes the functions of a library that `graph-compile`
// wrote, as constant data: a caller that knows none of them (a script, say)
// finds out what to pass. Plain C. A library NAME.so exports
//
//   const GoProgramInfo NAME_program;
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_RUNTIME_GRAPHPROGRAM_H
#define GRAPHOPT_RUNTIME_GRAPHPROGRAM_H

#include "GraphOpt/Runtime/GraphRuntime.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How a value travels through a GoEntryPoint.
enum {
  GO_VALUE_SCALAR = 0,     ///< The address of the value, in host memory.
  GO_VALUE_DATA = 1,       ///< The address of the data, in device memory.
  GO_VALUE_DESCRIPTOR = 2, ///< The address of a GO_MEMREF, in host memory.
};

/// An argument or a result.
typedef struct GoValueInfo {
  const char *name;
  const char *element;   ///< MLIR's name of the type: "f32", "bf16", "i1".
  int64_t element_bytes; ///< Size of one element or scalar.
  int32_t kind;          ///< GO_VALUE_*.
  int32_t access;        ///< GO_ACCESS_READ, or GO_ACCESS_READ_WRITE for a
                         ///< buffer updated in place; GO_ACCESS_WRITE for a
                         ///< result.
  int64_t rank;          ///< 0 for scalars.
  const int64_t *shape;  ///< `rank` extents, -1 where one is not known.
} GoValueInfo;

/// A function. One of the two entry points is null.
typedef struct GoFunctionInfo {
  const char *name;              ///< As in the MLIR that was compiled.
  GoEntryPoint entry;            ///< GraphRuntime.h says what to pass.
  GoAsyncEntryPoint async_entry; ///< Compiled with asynchronous results.
  int64_t num_arguments;
  const GoValueInfo *arguments;
  int64_t num_results;
  const GoValueInfo *results;
} GoFunctionInfo;

/// A library.
typedef struct GoProgramInfo {
  int32_t abi_version; ///< GO_ABI_VERSION that it was compiled for.
  int32_t device;      ///< GO_DEVICE_HOST or GO_DEVICE_CUDA.
  const char *name;    ///< What its symbols start with.
  const char *chip;    ///< The GPU's architecture ("sm_90"), else empty.
  int64_t num_functions;
  const GoFunctionInfo *functions;
} GoProgramInfo;

/// The descriptor of a strided array of rank `rank` >= 1. Element (i, j, ...)
/// is at `aligned[offset + i * strides[0] + j * strides[1] + ...]`, counted in
/// elements. `allocated` of a result is the caller's to release with goFree.
#define GO_MEMREF(rank)                                                        \
  struct {                                                                     \
    void *allocated;                                                           \
    void *aligned;                                                             \
    int64_t offset;                                                            \
    int64_t sizes[rank];                                                       \
    int64_t strides[rank];                                                     \
  }

/// Creates a context for `program`, by goContextCreate with its `option`.
/// GO_UNSUPPORTED also if the runtime is older than the program. The library
/// must stay loaded until the context is destroyed.
static inline GoStatus goProgramCreateContext(const GoProgramInfo *program,
                                              int32_t option,
                                              GoContext **context) {
  *context = NULL;
  if (goAbiVersion() < program->abi_version)
    return GO_UNSUPPORTED;
  return goContextCreate(program->device, option, context);
}

#ifdef __cplusplus
}
#endif
#endif // GRAPHOPT_RUNTIME_GRAPHPROGRAM_H
