//===- RuntimeGraph.h - Graphs under construction -----------------*- C -*-===//
//
// Part of graph-opt. What the builders of compiled programs say about a graph
// and its nodes.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_RUNTIME_RUNTIMEGRAPH_H
#define GRAPHOPT_RUNTIME_RUNTIMEGRAPH_H

#include "GraphOpt/Runtime/RuntimeBase.h"

GO_BEGIN_DECLARATIONS

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
  GoStatus (*build)(GoGraph *graph); ///< Adds all nodes; called again after
                                     ///< each eviction.
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

GO_END_DECLARATIONS

#endif // GRAPHOPT_RUNTIME_RUNTIMEGRAPH_H
