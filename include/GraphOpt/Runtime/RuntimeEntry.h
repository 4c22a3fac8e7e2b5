//===- RuntimeEntry.h - Entry points of compiled programs ---------*- C -*-===//
//
// Part of graph-opt. How the functions of compiled programs are called.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_RUNTIME_RUNTIMEENTRY_H
#define GRAPHOPT_RUNTIME_RUNTIMEENTRY_H

#include "GraphOpt/Runtime/RuntimeBase.h"

GO_BEGIN_DECLARATIONS

//===----------------------------------------------------------------------===//
// Entry points of compiled programs
//===----------------------------------------------------------------------===//

/// Signature of a compiled public function. `arguments[i]` points to
///   - the data, for a tensor or a memref of static shape and identity layout
///     (row-major, contiguous);
///   - a strided memref descriptor {allocated, aligned, offset, sizes[],
///     strides[]} for any other memref or tensor of rank >= 0;
///   - the value, for a scalar (i1 as one byte, index as int64).
/// `results[i]` points to storage of the same kind: the caller allocates data
/// of static shape and scalars; a descriptor is filled in by the callee, and
/// its `allocated` pointer is the caller's to release with goFree. Data and
/// memory of descriptors is device memory, scalars are host memory.
/// Arguments may be elsewhere at each call. Where arguments and results share
/// bytes:
///   - Arguments that are only read may share any.
///   - Data of a result may lie on arguments that are only read: values are
///     those from before the call (goGraphSetDisjoint, goPlaceResults,
///     goCopyAll). Not on a strided memref that the program reads later.
///   - Results share none with each other, nor with an argument that is updated
///     in place.
///   - An argument that is updated in place (`restrict`) shares none with
///     another one. A launch of one graph that uses both copies the one that is
///     only read, and refuses two that are written (goGraphSetDisjoint).
///     Overlaps between an argument that one graph, or the host, writes and one
///     that another graph, or the host, reads later are not looked for: the
///     program computes with the new bytes.
typedef GoStatus (*GoEntryPoint)(GoContext *context, void *stream,
                                 void **arguments, void **results);

/// Signature of a public function that was compiled with asynchronous results.
/// As GoEntryPoint, but does not wait for scalars that it only returns: they
/// are zeros in `results[i]` until goAwait of `*pending`, for which that
/// storage must stay valid. `*pending` is set by the callee: null if it waited
/// for all scalars itself. The caller awaits it once, whatever the status, as
/// it does not tell which of the values were on their way when the call failed.
/// Any number of calls may be in flight; each has its handle. Arguments may
/// change as soon as the call returns, but for device memory, which follows the
/// order of the stream. That a scalar is there tells nothing about the rest of
/// what the call launched. The status is that of the call; that of a copy which
/// fails later is goAwait's.
typedef GoStatus (*GoAsyncEntryPoint)(GoContext *context, void *stream,
                                      void **arguments, void **results,
                                      GoPending **pending);

GO_END_DECLARATIONS

#endif // GRAPHOPT_RUNTIME_RUNTIMEENTRY_H
