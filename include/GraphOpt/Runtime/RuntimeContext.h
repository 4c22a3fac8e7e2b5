//===- RuntimeContext.h - Contexts, their caches and counters -----*- C -*-===//
//
// Part of graph-opt. What a program runs in: the device, the counters, the
// cache of executables and its owners; and the log.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_RUNTIME_RUNTIMECONTEXT_H
#define GRAPHOPT_RUNTIME_RUNTIMECONTEXT_H

#include "GraphOpt/Runtime/RuntimeBase.h"

GO_BEGIN_DECLARATIONS

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

enum {
  GO_DEVICE_HOST = 0, ///< CPU functions on a pool of threads.
  GO_DEVICE_FAKE = 1, ///< Records calls and fails on request; for tests.
  GO_DEVICE_CUDA = 2, ///< CUDA graphs; the driver is found by dlopen.
};

/// Creates a context on the device `kind`. The caller owns `*context`.
/// `option` is, on the host device, the bound on its workers (0: one per
/// hardware thread); on CUDA the ordinal of the device whose primary context
/// is used, or -1 for the CUDA context that is current on this thread; on the
/// fake 0. GO_UNSUPPORTED if there is no driver or no such device.
GoStatus goContextCreate(int32_t kind, int32_t option, GoContext **context);
/// Waits for the device, then destroys the context and all it owns. What
/// goAllocate returned must have been freed before. A context that is lost only
/// releases what it has on the host.
void goContextDestroy(GoContext *context);
/// Returns and clears the first error kept by the context; its message becomes
/// the last message of the calling thread.
GoStatus goContextTakeStatus(GoContext *context);

enum {
  GO_MODE_GRAPH = 0,  ///< One launch of an instantiated graph. The default.
  GO_MODE_STREAM = 1, ///< The same nodes, one by one, in order.
};
/// How executables are launched from now on. In stream mode the host waits for
/// each condition and takes the branch. The first launch of an executable in
/// another mode than its last may wait for the device. The host device has one
/// mode: the call succeeds and changes nothing.
GoStatus goContextSetMode(GoContext *context, int32_t mode);

/// What a context has done since its creation, or what was done for one of its
/// executables; every field counts events.
typedef struct GoCounters {
  uint64_t graphs;         ///< Distinct graphs in the cache.
  uint64_t graph_launches; ///< Launches of executables.
  uint64_t kernel_nodes;   ///< Kernel nodes of all graphs, bodies included.
  uint64_t memcpy_nodes;
  uint64_t memset_nodes;
  uint64_t conditional_nodes;
  uint64_t instantiations; ///< Builds that succeeded.
  uint64_t updates;        ///< Launches that found an address changed.
  uint64_t readbacks;      ///< Scalars brought to the host.
  uint64_t waits;          ///< Times the host waited for the device.
  uint64_t uploads;        ///< Host scalars written for the device.
  uint64_t cache_hits;
  uint64_t host_branches; ///< Conditions that the host decided on, in stream
                          ///< mode or for want of a newer driver. Each that it
                          ///< read from the device is a readback and a wait.
  uint64_t deferred_readbacks; ///< Of `readbacks`, those by goFetch.
  uint64_t evictions;          ///< Executables that made room for others.
  uint64_t retries;            ///< Attempts after memory had run out.
  uint64_t fallbacks; ///< Launches that ran node by node in GO_MODE_GRAPH, for
                      ///< want of memory or of a newer driver.
  uint64_t builds;    ///< CUDA graphs that launches instantiated: for the
                      ///< first one, and for further sets of addresses.
  uint64_t node_updates;     ///< Nodes of CUDA graphs that launches wrote to.
  uint64_t copied_arguments; ///< Copies for goGraphSetDisjoint.
  uint64_t kernel_launches;  ///< Kernels by goLaunchKernel.
} GoCounters;
/// Gives the counters of `context`; zeros in a child of its process.
void goContextCounters(GoContext *context, GoCounters *counters);

/// One executable of a context, instantiated or evicted.
typedef struct GoRegion {
  const char *module;   ///< Of its GoGraphInfo.
  const char *name;     ///< Of its GoGraphInfo.
  int64_t fingerprint;  ///< Of its GoGraphInfo.
  int64_t owner;        ///< See goSetOwner.
  int64_t device_bytes; ///< Memory of its arena and tables; 0 while evicted.
  /// What was done for it. `graphs` and the numbers of nodes are 0 while it is
  /// evicted; readbacks and waits are those of conditions. Fields that describe
  /// single copies and waits of the program are 0.
  GoCounters counters;
} GoRegion;
/// Calls `visit` with each executable, in the order of module, name,
/// fingerprint and owner. `*region` is valid during the call, its strings as
/// long as the context. Other threads may launch meanwhile, and `visit` may
/// call the runtime. Executables of owners that were released are left out.
GoStatus goContextVisitRegions(GoContext *context,
                               void (*visit)(void *data,
                                             const GoRegion *region),
                               void *data);

/// Sets `graph_launches`, `updates`, `readbacks`, `waits`, `uploads`,
/// `cache_hits`, `host_branches`, `deferred_readbacks`, `evictions`, `retries`,
/// `fallbacks`, `builds`, `node_updates`, `copied_arguments` and
/// `kernel_launches` to zero, those of executables too; what describes the
/// cache stays.
void goContextResetCounters(GoContext *context);

/// Bounds of the cache; 0 is no bound.
typedef struct GoCacheLimits {
  int64_t graphs; ///< Executables that are instantiated at a time.
  int64_t bytes;  ///< Device memory of their arenas and tables.
} GoCacheLimits;
/// Sets the bounds (1,024 graphs, any number of bytes by default) and evicts
/// what is above them. Executables in use, and those that are part of a
/// capture, are never evicted: what they take may exceed a bound until they are
/// idle. To tell which are, each launch records an event once the cache is half
/// full, and from the first call of this function on.
GoStatus goContextSetCacheLimits(GoContext *context,
                                 const GoCacheLimits *limits);

/// Sets who the calling thread works for, in all contexts, and returns who it
/// was; 0 at first. Owners never share an executable: its arena, its addresses
/// and its turns are theirs. An embedder gives each independent user of the
/// same program (a model, a request, an optimizer) a number and sets it around
/// calls of entry points.
int64_t goSetOwner(int64_t owner);
/// Destroys the executables of `owner`, whose GoExec are invalid from then on.
/// No call for this owner is in progress, and all that was launched for it has
/// finished. Those that are part of a capture stay as long as the context.
GoStatus goReleaseOwner(GoContext *context, int64_t owner);

/// Writes every graph that is instantiated as one Graphviz file, in the order
/// of goContextVisitRegions: a cluster for each with module, name, owner, mode
/// and bytes of arena and parameters; in it a box for each node with kind,
/// name, and, of kernels, function, grid, block and shared memory; its
/// references with access, bytes, buffer and offset (the first 16, and how many
/// more there are); edges for dependences, and clusters for bodies and
/// children. The same graphs give the same file.
GoStatus goContextWriteDot(GoContext *context, const char *path);

/// What a device is. Figures that it does not have are 0.
typedef struct GoDeviceDescription {
  char name[256];          ///< The driver's name for it, or "host" or "fake".
  int32_t compute_major;   ///< CUDA's compute capability: 9 of 9.0.
  int32_t compute_minor;   ///< 0 of 9.0.
  int32_t multiprocessors; ///< Streaming multiprocessors.
  int32_t driver_version;  ///< 1000 * major + 10 * minor of the CUDA version.
  int64_t memory_bytes;    ///< Size of the device's memory.
} GoDeviceDescription;
/// Describes the device of `context`.
GoStatus goContextDescribe(GoContext *context,
                           GoDeviceDescription *description);

//===----------------------------------------------------------------------===//
// Log
//===----------------------------------------------------------------------===//

/// Levels of the log, each with what is above it.
enum {
  GO_LOG_OFF = 0,   ///< Nothing. The default.
  GO_LOG_ERROR = 1, ///< Failed calls.
  GO_LOG_INFO = 2,  ///< What is built or evicted, and attempts and launches
                    ///< for want of memory or of a newer driver.
  GO_LOG_DEBUG = 3, ///< What launches write for addresses and parameters that
                    ///< changed, and copies for goGraphSetDisjoint.
};
/// Sets the level of the log of all contexts and returns what it was. Until the
/// first call it is what the environment variable GRAPHOPT_LOG (off, error,
/// info or debug) said when the first context was created. A line reads
///   graph-opt: LEVEL: EVENT: module 'M', graph 'G', owner N: REASON
/// where EVENT is
///   build, rebuild  an executable, or a CUDA graph of it, was instantiated for
///                   the first time, or in place of one that was evicted or
///                   could not be used; or nodes became part of a capture
///   update          a launch (or goExecUpdate) found other addresses, or a
///                   CUDA graph was written to
///   copy            an argument of goGraphSetDisjoint was copied
///   evict           an executable made room
///   retry           memory ran out, and another attempt follows
///   fallback        a launch ran node by node, at level info where the reason
///                   is another one than that of the launch before, else debug
///   failure         a call failed; no "module ..." where it concerns no graph
int32_t goSetLogLevel(int32_t level);

/// Takes a line of the log, without an end of line; it is valid during the
/// call. One thread calls it at a time. It must not call the runtime, nor fork.
typedef void (*GoLogSink)(void *data, int32_t level, const char *line);
/// Sends the lines of all contexts to `sink` with `data`; null: to the standard
/// error, as at first. The sink before is not called any more once this
/// returns.
void goSetLogSink(GoLogSink sink, void *data);

GO_END_DECLARATIONS

#endif // GRAPHOPT_RUNTIME_RUNTIMECONTEXT_H
