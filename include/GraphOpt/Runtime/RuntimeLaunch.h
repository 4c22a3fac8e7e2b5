//===- RuntimeLaunch.h - Launches of graphs -----------------------*- C -*-===//
//
// Part of graph-opt. Instantiates and launches graphs, and takes their time.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_RUNTIME_RUNTIMELAUNCH_H
#define GRAPHOPT_RUNTIME_RUNTIMELAUNCH_H

#include "GraphOpt/Runtime/RuntimeGraph.h"

GO_BEGIN_DECLARATIONS

//===----------------------------------------------------------------------===//
// Instantiation and replay
//===----------------------------------------------------------------------===//

/// Finds the executable of `info` and of the thread's owner in the context's
/// cache or builds it. An entry enters the cache only after build and
/// instantiation succeeded; threads that ask for it meanwhile wait. The context
/// owns `*exec`, which is null after a failure and else stays valid until the
/// context is destroyed or the owner released.
GoStatus goGraphInstantiate(GoContext *context, const GoGraphInfo *info,
                            GoExec **exec);

/// Launches `exec` on `stream` (null: the default stream). `buffers` holds
/// `num_buffers` addresses and `parameters` the parameter block; both are
/// copied before the call returns. An address may be null only if no node
/// touches a byte of the buffer. `num_uploads` is how many host scalars the
/// block holds (for the counters). Asynchronous where the device is.
GoStatus goExecLaunch(GoExec *exec, void *stream, void *const *buffers,
                      const void *parameters, int64_t num_uploads);

/// Writes new addresses into `exec` without a launch; not counted in `updates`.
GoStatus goExecUpdate(GoExec *exec, void *const *buffers);

//===----------------------------------------------------------------------===//
// Scalars that kernels post to the host
//===----------------------------------------------------------------------===//

enum { GO_MAILBOX_SLOTS = 256 };

/// What a kernel finds, in device memory, at the address of a mailbox. To post
/// a scalar of at most 8 bytes it adds 1 to `count`, with n before, and writes
/// to slot n % GO_MAILBOX_SLOTS one word, or two if the scalar has more than 4
/// bytes: in the low half of each 4 bytes of the scalar, those of least value
/// first, in the high half the low 32 bits of n + 1. Each word is written at
/// once (64 bits, relaxed, visible to the system), in any order.
typedef struct GoMailbox {
  uint64_t count;  ///< Scalars that were posted.
  uint64_t *slots; ///< Two words each, in memory of the host.
} GoMailbox;

/// Returns the address that this thread passes to its next launch of `exec` on
/// `stream` as buffer number `buffer`, to which one kernel, in every launch and
/// once in it, posts a scalar of `bytes`. goFetch of that address by this
/// thread after the launch then gives the value that this launch posts, without
/// a copy or an event: goAwait looks for it, and returns as soon as it is
/// there, whatever else of the graph is still to be done. Any number of them
/// can be on their way; a launch waits for the value of the launch
/// GO_MAILBOX_SLOTS before it, if that was not awaited. The memory belongs to
/// `exec`, and is another one on a stream that is being captured, where goFetch
/// is refused, and after a launch that failed: launches with the address that
/// one had are refused (GO_INVALID_ARGUMENT) from then on, and this thread's
/// have nothing to fetch. Null after a failure, which the context keeps:
/// GO_UNSUPPORTED where the device is not CUDA's.
void *goExecMailbox(GoExec *exec, void *stream, int64_t buffer, int64_t bytes);

//===----------------------------------------------------------------------===//
// Kernels in no graph
//===----------------------------------------------------------------------===//

/// A launch of a kernel that takes parameters of its own.
typedef struct GoKernelLaunch {
  const GoCudaModule *module;
  const char *function;    ///< Name of the kernel in the module.
  int64_t grid[3];         ///< Blocks.
  int64_t block[3];        ///< Threads of a block.
  int64_t cluster[3];      ///< Blocks of a cluster; zeros: no clusters.
  int64_t shared_bytes;    ///< Dynamic shared memory of a block.
  void *const *parameters; ///< The address of each parameter's value.
  int64_t num_parameters;
} GoKernelLaunch;

/// Launches a kernel on `stream` (null: the default stream); the values of its
/// parameters are copied before the call returns. Nothing is launched if an
/// extent of grid or block is 0. GO_INVALID_ARGUMENT if the kernel has another
/// number of parameters (drivers before 12.4 do not tell), GO_UNSUPPORTED on
/// devices that are not CUDA's and, with clusters, before driver 11.8.
/// Counted in `kernel_launches` unless it fails. Asynchronous; part of the
/// capture if the stream is being captured.
GoStatus goLaunchKernel(GoContext *context, void *stream,
                        const GoKernelLaunch *launch);

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

typedef struct GoTimer GoTimer; ///< A pair of events on a stream.

/// Creates a timer of the context's device; the caller destroys it before the
/// context. On devices without events it reads the host's clock.
GoStatus goTimerCreate(GoContext *context, GoTimer **timer);
void goTimerDestroy(GoTimer *timer);
/// Marks begin and end in the order of `stream`.
GoStatus goTimerStart(GoTimer *timer, void *stream);
GoStatus goTimerStop(GoTimer *timer, void *stream);
/// Waits for the end and gives the time between the marks in microseconds.
GoStatus goTimerRead(GoTimer *timer, double *microseconds);

GO_END_DECLARATIONS

#endif // GRAPHOPT_RUNTIME_RUNTIMELAUNCH_H
