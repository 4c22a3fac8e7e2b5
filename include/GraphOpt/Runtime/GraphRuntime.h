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
// all the same; its builder runs again at its next use, its arena zeros again.
//
// Threads. A context may be used by many threads, on any streams. Launches of
// one executable are ordered among each other, on the host by turns and on the
// device by the driver or an event (its arena exists once); a thread whose
// launch posts to a slot of a mailbox that is not free yet waits for that in
// its turn; owners that must not wait for each other have executables of their
// own. No call of the driver is made under a lock that another executable,
// stream, copy, fetch or wait needs. A thread waits for another one only for a
// result that it needs itself: its turn of the same executable, a graph, a
// module or a constant in the making. Order on the device takes no wait of the
// host but for one: where an executable that was launched on one stream again
// and again is launched on another for the first time, and with what the driver
// does not order (another CUDA graph; a table that is written anew, if there is
// no memory for a second one), the host waits for the device. As CUDA forbids
// that while somebody captures, such a launch fails then.
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
// take NVTX ranges get one around each launch, build and update on the host, of
// a kernel in no graph "launch MODULE::KERNEL", of graphs
// named "launch MODULE::GRAPH", "build ..." and "update ...": from the library
// that the environment variable NVTX_INJECTION64_PATH names, as profilers set
// it for NVTX 3, else from libnvToolsExt.so.1 where it is installed. Both are
// looked for once, when the first context is created.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_RUNTIME_GRAPHRUNTIME_H
#define GRAPHOPT_RUNTIME_GRAPHRUNTIME_H

#include "GraphOpt/Runtime/RuntimeBase.h"
#include "GraphOpt/Runtime/RuntimeContext.h"
#include "GraphOpt/Runtime/RuntimeEntry.h"
#include "GraphOpt/Runtime/RuntimeFake.h"
#include "GraphOpt/Runtime/RuntimeGraph.h"
#include "GraphOpt/Runtime/RuntimeLaunch.h"
#include "GraphOpt/Runtime/RuntimeMemory.h"

#endif // GRAPHOPT_RUNTIME_GRAPHRUNTIME_H
