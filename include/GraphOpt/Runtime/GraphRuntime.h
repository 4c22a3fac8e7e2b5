//===- GraphRuntime.h - C ABI of the graph runtime --------------*- C -*-===//
//
// Part of graph-opt. This file is the one interface that compiled programs,
// embedders and the runtime share. It is plain C: no exceptions, no MLIR, no
// CUDA headers.
//
// Model. A *context* owns a device (host, CUDA, or a fake for tests), its
// counters and its cache of executable graphs. A *graph* is built node by node
// by a builder function of the compiled program at its first use, then
// instantiated once as an *executable* and replayed. Nodes never hold
// addresses: they hold references (buffer, byte offset) that are resolved
// against the addresses passed to each launch, so a replay can not be stale.
//
// Errors. Every function that can fail returns a GoStatus; the message of the
// last failure on the calling thread is goLastMessage(). Every failure is also
// kept as the first error of the context until goContextTakeStatus reads it;
// while one is kept, launches, updates, copies, readbacks and waits of that
// context (but for goAwait) do nothing and return it, with its message (a
// compiled program checks once, before it returns).
//
// Keys. Executables are found by module, name, fingerprint (shapes, types and
// nodes), builder, owner (goSetOwner) and context (device), never by a name
// alone. The cache is bounded (goContextSetCacheLimits): what was used longest
// ago makes room, but never while a launch of it may run. A GoExec stays valid
// all the same; it is built again at its next use, its arena zeros again.
//
// Threads. A context may be used by many threads, on any streams. Launches of
// one executable are ordered among each other, on the host by turns and on the
// device by the driver or an event (its arena exists once); owners that must
// not wait for each other have executables of their own. No call of the driver
// is made under a lock that another executable, stream, copy, fetch or wait
// needs. A thread waits for another one only for a result that it needs itself:
// its turn of the same executable, a graph, a module or a constant in the
// making.
//
// Captures. On a CUDA stream that somebody captures, launches, copies, uploads,
// allocations and frees become part of the capture; a graph joins it node by
// node, conditional nodes included, if the driver branches on the device.
// Readbacks (deferred ones too), waits and branches that the host must take are
// GO_UNSUPPORTED there and leave the capture as it was. A launch that fails
// after a part of it was captured invalidates the capture, so that no half of a
// graph is replayed. A captured launch keeps its addresses and parameters and
// has an arena of its own, so replays of a capture are not ordered with other
// launches. What they use lives as long as the context.
//
// Other users of CUDA. Whatever CUDA context is current at a call is current
// after it. Profilers and debuggers see plain driver calls and change nothing.
// After a reset of the device, or an error that CUDA keeps for good (such as an
// illegal address), the context is lost: calls do nothing but say so and return
// GO_DEVICE_ERROR; destroy it and create another. In a child process of fork a
// context of the parent is GO_UNSUPPORTED, whatever the call (goContextDestroy
// does nothing); the child may create its own, if CUDA was not initialized
// before the fork, or one on the host.
//
// Memory. Where memory runs out while a graph is made, unused memory is given
// back, idle executables are evicted and the call is tried again; a CUDA graph
// that can not be instantiated then, or that the driver does not know how to
// run, is launched node by node and counted in `fallbacks`.
//
// Observation. Counters tell what happened, per context (goContextCounters) and
// per executable (goContextVisitRegions); the log tells it line by line with
// reasons (goSetLogLevel); goContextWriteDot draws the graphs. Profilers that
// take NVTX ranges get one around each launch, build and update on the host,
// named "launch MODULE::GRAPH", "build ..." and "update ...": from the library
// that the environment variable NVTX_INJECTION64_PATH names, as profilers set
// it for NVTX 3, else from libnvToolsExt.so.1 where it is installed. Both are
// looked for once, when the first context is created.
//
// Versions. GO_ABI_VERSION grows by one when a program or an embedder that was
// compiled with an older header must be compiled again; what changed:
//   1  the first numbered one
//   2  GoCounters has deferred_readbacks at its end (a library of this version
//      writes it: an older caller's struct is too short); goFetch, goAwait and
//      GoAsyncEntryPoint are new. Programs that were compiled before still run.
//   3  GoCounters has evictions and what follows it at its end; goSetOwner,
//      goReleaseOwner, goContextSetCacheLimits, goContextVisitRegions,
//      goSetLogLevel, goSetLogSink, goGraphSetBaked, goGraphSetDisjoint,
//      goCopyAll and goPlaceResults are new. Programs that were compiled before
//      still run.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_RUNTIME_GRAPHRUNTIME_H
#define GRAPHOPT_RUNTIME_GRAPHRUNTIME_H

#include <stdint.h>

#define GO_ABI_VERSION 3

#ifdef __cplusplus
extern "C" {
#endif

/// Result of a runtime call.
typedef int32_t GoStatus;
enum {
  GO_OK = 0,
  GO_INVALID_ARGUMENT = 1, ///< The caller broke the contract of the function.
  GO_OUT_OF_MEMORY = 2,    ///< Host or device memory is exhausted.
  GO_DEVICE_ERROR = 3,     ///< The device reported an error.
  GO_UNSUPPORTED = 4,      ///< The device can not do what was asked.
};

typedef struct GoContext GoContext; ///< One device, its cache and counters.
typedef struct GoGraph GoGraph;     ///< A graph under construction.
typedef struct GoExec GoExec;       ///< An instantiated graph.
typedef struct GoPending GoPending; ///< Values on their way to the host.
typedef int64_t GoNode;             ///< A node; valid within its GoGraph.

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/// Message of the last failure on this thread; never null, valid until the
/// next failing call on this thread.
const char *goLastMessage(void);

/// The GO_ABI_VERSION that the runtime was compiled with.
int32_t goAbiVersion(void);

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
  uint64_t readbacks;      ///< Device-to-host copies of scalars.
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
} GoCounters;
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
/// `fallbacks`, `builds`, `node_updates` and `copied_arguments` to zero, those
/// of executables too; what describes the cache stays.
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

//===----------------------------------------------------------------------===//
// Memory and scalars
//===----------------------------------------------------------------------===//

/// Allocates `bytes` of device memory aligned to 256 bytes (never null for 0),
/// usable in the order of `stream`. Returns null on failure, with the error
/// kept in the context.
void *goAllocate(GoContext *context, void *stream, int64_t bytes);
/// Frees what goAllocate returned once the work issued to `stream` is done;
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
  const void *source; ///< Device memory.
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
/// that is `count` copies, and O(count log count) time on the host.
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

//===----------------------------------------------------------------------===//
// Building a graph
//===----------------------------------------------------------------------===//

/// Buffers that a reference can name, besides the launch arguments 0..N-1.
enum {
  GO_BUFFER_ARENA = -1,      ///< Temporaries; lives as long as the executable.
  GO_BUFFER_PARAMETERS = -2, ///< Host scalars, written by each launch; nodes
                             ///< only read them.
  GO_BUFFER_CONDITION = -3,  ///< The handle of a condition.
};
enum { GO_ACCESS_READ = 1, GO_ACCESS_WRITE = 2, GO_ACCESS_READ_WRITE = 3 };

/// A range of device memory a node touches. Resolved at each launch to
/// `address(buffer) + offset`. All fields are in bytes where they are sizes.
/// With GO_BUFFER_CONDITION (operands of CUDA kernels only) `offset` is the
/// number of a condition of the same root graph, and `bytes` is 8.
typedef struct GoRef {
  int64_t buffer; ///< Launch argument, or one of GO_BUFFER_*.
  int64_t access; ///< GO_ACCESS_*.
  int64_t offset; ///< Bytes from the start of the buffer.
  int64_t bytes;  ///< Length of the range.
} GoRef;

/// One phase of a host kernel: `run` is called for disjoint ranges that cover
/// [0, items), in any order and on any thread; `operands[i]` is the address of
/// the node's i-th reference. A phase starts when the one before has finished.
typedef struct GoHostPhase {
  void (*run)(void *const *operands, int64_t begin, int64_t end);
  int64_t items;
} GoHostPhase;

/// What the program knows about a graph before it is built. The strings and
/// the struct must outlive the context. The cache key is `module`, `name`,
/// `fingerprint`, `build`, the owner and the context, never the name alone.
typedef struct GoGraphInfo {
  const char *module;                ///< Name of the compiled module.
  const char *name;                  ///< Name of the graph in it.
  int64_t fingerprint;               ///< Hash of the graph's IR.
  int64_t num_buffers;               ///< Launch arguments that are addresses.
  int64_t parameter_bytes;           ///< Size of the parameter block.
  int64_t arena_bytes;               ///< Size of the arena, which is zeroed
                                     ///< before the first launch, and again
                                     ///< before the first after an eviction.
  GoStatus (*build)(GoGraph *graph); ///< Adds all nodes.
} GoGraphInfo;

/// Says how `graph` is launched where the context's mode is GO_MODE_GRAPH: as
/// one graph (GO_MODE_GRAPH, the default), or its nodes one by one
/// (GO_MODE_STREAM) because the compiler predicts that to cost less. The host
/// device has one mode; the mode of a child is that of the graph around it.
GoStatus goGraphSetMode(GoGraph *graph, int32_t mode);

/// Names launch arguments whose addresses are not expected to change. A launch
/// with another address is right all the same, but may instantiate a further
/// CUDA graph; up to four are kept, so that addresses which come back find
/// theirs. Other arguments are written into the nodes that use them.
GoStatus goGraphSetBaked(GoGraph *graph, const int64_t *buffers, int64_t count);

/// Names launch arguments that the edges take to share no memory with each
/// other. A launch whose addresses are new checks the bytes that nodes touch:
/// where one that is only read overlaps one that is written, a copy of it is
/// read, made before the launch, so that the graph sees the values from before;
/// where both are written the launch is GO_INVALID_ARGUMENT. Arguments that are
/// not named may overlap as the order of the nodes allows.
GoStatus goGraphSetDisjoint(GoGraph *graph, const int64_t *buffers,
                            int64_t count);

/// Adds nodes. `after` lists `num_after` earlier nodes of the same graph (or
/// body) that must finish first. A failing call leaves the graph unusable; the
/// builder returns the status at once. `node` may be null.
GoStatus goGraphAddHostKernel(GoGraph *graph, const GoNode *after,
                              int64_t num_after, const char *name,
                              const GoRef *operands, int64_t num_operands,
                              const GoHostPhase *phases, int64_t num_phases,
                              GoNode *node);

enum {
  /// The kernels set no conditions, though they take their slots: branches are
  /// taken on the host. (PTX can not be linked with CUDA's device runtime.)
  GO_MODULE_SETS_NO_CONDITIONS = 1,
};

/// Code for a CUDA device. The struct and the image must outlive the context;
/// their address is the module's identity.
typedef struct GoCudaModule {
  const char *name;  ///< For messages.
  const void *image; ///< A cubin, a fatbin, or PTX that ends in a zero byte.
  int64_t bytes;     ///< Size of the image.
  int64_t flags;     ///< GO_MODULE_*.
} GoCudaModule;

enum {
  /// The kernel has one parameter: an array by value with a slot of 8 bytes per
  /// operand.
  GO_OPERANDS_BY_VALUE = 0,
  /// The kernel has one parameter: the device address of that array, which the
  /// executable owns and keeps up to date.
  GO_OPERANDS_IN_TABLE = 1,
};
enum {
  GO_COOPERATIVE_NONE = 0,
  /// All blocks of the grid must be resident at the same time.
  GO_COOPERATIVE_GRID = 1,
  /// The same, but any number of blocks along x does the work: where fewer than
  /// `grid[0]` can be resident, as on a smaller GPU of the same architecture,
  /// so many are launched.
  GO_COOPERATIVE_ANY_GRID = 2,
};

/// How a kernel is launched on a CUDA device. The slot of an operand holds its
/// address; for GO_BUFFER_PARAMETERS the 8 bytes of the host scalar itself; for
/// GO_BUFFER_CONDITION the handle to set it by, or 0 where there is none
/// (stream mode) and the kernel must not set it.
typedef struct GoCudaLaunch {
  const GoCudaModule *module;
  const char *function; ///< Name of the kernel in the module.
  int32_t grid[3];      ///< Blocks.
  int32_t block[3];     ///< Threads of a block.
  int32_t shared_bytes; ///< Dynamic shared memory of a block.
  int32_t cooperative;  ///< GO_COOPERATIVE_*.
  int32_t operands;     ///< GO_OPERANDS_*.
  int32_t reserved;     ///< 0.
} GoCudaLaunch;

GoStatus goGraphAddCudaKernel(GoGraph *graph, const GoNode *after,
                              int64_t num_after, const char *name,
                              const GoRef *operands, int64_t num_operands,
                              const GoCudaLaunch *launch, GoNode *node);
GoStatus goGraphAddMemcpy(GoGraph *graph, const GoNode *after,
                          int64_t num_after, const GoRef *source,
                          const GoRef *destination, GoNode *node);
/// Fills `destination`, a whole number of patterns, with the low `value_bytes`
/// (1, 2 or 4) of `value`.
GoStatus goGraphAddMemset(GoGraph *graph, const GoNode *after,
                          int64_t num_after, const GoRef *destination,
                          uint32_t value, int64_t value_bytes, GoNode *node);
GoStatus goGraphAddEmpty(GoGraph *graph, const GoNode *after, int64_t num_after,
                         GoNode *node);
/// Adds the nodes of `child` as one node. `buffers[i]` is what the child's
/// i-th argument refers to, and bounds range and access of what the child does
/// with it; the child must have no arena and no parameters of its own. A child
/// that holds conditional nodes is GO_UNSUPPORTED.
GoStatus goGraphAddChild(GoGraph *graph, const GoNode *after, int64_t num_after,
                         const GoGraphInfo *child, const GoRef *buffers,
                         GoNode *node);

enum {
  GO_CONDITIONAL_IF = 0,     ///< Body 0 if true, else body 1 if there is one.
  GO_CONDITIONAL_WHILE = 1,  ///< Body 0 as long as the condition is true.
  GO_CONDITIONAL_SWITCH = 2, ///< Body number `condition`, none if outside.
};
/// Declares a condition of the root graph of `graph` before the kernels that
/// set it; `*condition` is its number. On CUDA it becomes a conditional handle
/// whose value is 0 at each launch unless a kernel sets it.
GoStatus goGraphAddCondition(GoGraph *graph, int64_t *condition);

/// Adds a conditional node. `value` refers to 1 byte (if, while: zero is
/// false) or to an int64 (switch); it is read when the node runs and, for
/// while, again after each run of the body. `condition` is the number of the
/// condition that a kernel sets to the same value wherever `value` is written,
/// or -1 if none does; then a CUDA device takes the branch on the host. A
/// condition serves one node. `bodies` receives `num_bodies`
/// graphs (if: 1 or 2; while: 1; switch: any number but 0) to which the builder
/// adds nodes; they belong to `graph`.
GoStatus goGraphAddConditional(GoGraph *graph, const GoNode *after,
                               int64_t num_after, int32_t kind,
                               const GoRef *value, int64_t condition,
                               GoGraph **bodies, int64_t num_bodies,
                               GoNode *node);

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
/// order of the stream. The status is that of the call; that of a copy which
/// fails later is goAwait's.
typedef GoStatus (*GoAsyncEntryPoint)(GoContext *context, void *stream,
                                      void **arguments, void **results,
                                      GoPending **pending);

//===----------------------------------------------------------------------===//
// Fake device
//===----------------------------------------------------------------------===//

/// Makes the `index`-th device call from now (0: the next) fail once with
/// `status`. Device calls: allocate, instantiate, launch, copy, upload,
/// readback, wait, fetch, await (one that has to wait).
void goFakeFailAfter(GoContext *context, int64_t index, GoStatus status);
/// Number of device calls made so far by a fake context.
int64_t goFakeCalls(GoContext *context);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif // GRAPHOPT_RUNTIME_GRAPHRUNTIME_H
