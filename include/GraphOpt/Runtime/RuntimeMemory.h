//===- RuntimeMemory.h - Device memory, copies and scalars --------*- C -*-===//
//
// Part of graph-opt. Memory of the device, and what goes to it, from it, and
// within it.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_RUNTIME_RUNTIMEMEMORY_H
#define GRAPHOPT_RUNTIME_RUNTIMEMEMORY_H

#include "GraphOpt/Runtime/RuntimeBase.h"

GO_BEGIN_DECLARATIONS

//===----------------------------------------------------------------------===//
// Memory and scalars
//===----------------------------------------------------------------------===//

/// Allocates `bytes` of device memory aligned to 256 bytes (never null for 0),
/// usable in the order of `stream`. Returns null on failure, with the error
/// kept in the context.
void *goAllocate(GoContext *context, void *stream, int64_t bytes);
/// The same for a scalar that a graph writes and the host then reads by
/// goReadback. Where a device can write to the host's memory it is that,
/// aligned to 16 bytes, and the readback copies nothing. The device does not
/// touch it between the goWait that follows the readback and goFree.
void *goAllocateReadable(GoContext *context, void *stream, int64_t bytes);
/// Frees what the two returned once the work issued to `stream` is done;
/// does not wait. Null is fine.
void goFree(GoContext *context, void *stream, void *pointer);

/// The copy on the device of `bytes` of constant host memory at `data`, which
/// outlives the context: made in the order of `stream` at the first call, owned
/// by the context. Returns null on failure, with the error kept in the context.
void *goConstant(GoContext *context, void *stream, const void *data,
                 int64_t bytes);

/// Copies `bytes` from host to device memory in the order of `stream`; the
/// source may be changed as soon as the call returns.
GoStatus goUpload(GoContext *context, void *stream, const void *source,
                  void *destination, int64_t bytes);

/// Starts a readback: copies `bytes` from device memory to host memory in the
/// order of `stream`. `destination` holds the value after goWait, and zeros if
/// the call fails: a program computes with it until it asks for the status.
GoStatus goReadback(GoContext *context, void *stream, const void *source,
                    void *destination, int64_t bytes);
/// Waits until all work issued to `stream` has finished.
GoStatus goWait(GoContext *context, void *stream);

/// One value of a fetch.
typedef struct GoFetchItem {
  const void *source; ///< Device memory, or a mailbox (goExecMailbox).
  void *destination;  ///< Host memory.
  int64_t bytes;      ///< At most 1 MiB.
} GoFetchItem;

/// Starts a deferred readback of `count` values, at least one: copies them in
/// the order of `stream`, each to a slot of its own that nothing else uses
/// until goAwait. `*pending` is null, and becomes a handle for these values, or
/// is a handle of an earlier fetch of the same context, which they join. The
/// destinations are zeros from now on; they must stay valid until goAwait of
/// the handle, which delivers the values. After a failure `*pending` is as it
/// was. A handle is used by one thread at a time.
GoStatus goFetch(GoContext *context, void *stream, const GoFetchItem *items,
                 int64_t count, GoPending **pending);
/// Waits until the copies of `pending` are done, not for what was issued behind
/// them; delivers the values and destroys the handle. Does not wait if
/// something later on the same stream was waited for. Called once for each
/// handle, on any thread, before the context is destroyed; null is fine. Works
/// also while the context keeps an error. After a failure values that were not
/// delivered are zeros, and the handle is destroyed all the same.
GoStatus goAwait(GoPending *pending);

/// Copies `bytes` between device buffers in the order of `stream`.
GoStatus goCopy(GoContext *context, void *stream, const void *source,
                void *destination, int64_t bytes);

/// One copy of several.
typedef struct GoCopyItem {
  const void *source; ///< Device memory.
  void *destination;  ///< Device memory.
  int64_t bytes;
} GoCopyItem;
/// Makes `count` copies as if all sources were read before any destination is
/// written: those whose source another one overwrites go through memory that is
/// allocated for it. Destinations do not overlap each other. Without overlaps
/// that is one call of the driver (`count` of them before driver 12.8, on the
/// default stream and in captures), and O(count log count) time on the host.
GoStatus goCopyAll(GoContext *context, void *stream, const GoCopyItem *items,
                   int64_t count);

/// Memory of the caller, and when the program uses it.
typedef struct GoPlacement {
  void *address;    ///< Device memory.
  int64_t bytes;    ///< Its size.
  int64_t position; ///< Of a result: its first use; of an argument: its last.
} GoPlacement;
/// Finds results that lie on memory of an argument that is used at a higher
/// position than the result is first, and gives them addresses elsewhere, from
/// where the program copies them to where they belong when it is done. Returns
/// the memory for those, to be freed by goFree, and null if there are none.
/// Returns null on failure too, with the error kept in the context. Results do
/// not overlap each other. Takes O(n log n) time and that of the overlaps.
void *goPlaceResults(GoContext *context, void *stream, GoPlacement *results,
                     int64_t num_results, const GoPlacement *arguments,
                     int64_t num_arguments);

GO_END_DECLARATIONS

#endif // GRAPHOPT_RUNTIME_RUNTIMEMEMORY_H
