//===- RuntimeBase.h - Errors and handles of the C ABI ------------*- C -*-===//
//
// Part of graph-opt. What all parts of the C ABI of the runtime share.
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
//      goCopyAll, goPlaceResults and goLaunchKernel are new. Programs that were
//      compiled before still run.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_RUNTIME_RUNTIMEBASE_H
#define GRAPHOPT_RUNTIME_RUNTIMEBASE_H

#include <stdint.h>

#define GO_ABI_VERSION 3

// The functions of the runtime are C functions that its library exports.
#ifdef __cplusplus
#define GO_BEGIN_LANGUAGE extern "C" {
#define GO_END_LANGUAGE }
#else
#define GO_BEGIN_LANGUAGE
#define GO_END_LANGUAGE
#endif
#if defined(__GNUC__)
#define GO_BEGIN_DECLARATIONS                                                  \
  GO_BEGIN_LANGUAGE _Pragma("GCC visibility push(default)")
#define GO_END_DECLARATIONS _Pragma("GCC visibility pop") GO_END_LANGUAGE
#else
#define GO_BEGIN_DECLARATIONS GO_BEGIN_LANGUAGE
#define GO_END_DECLARATIONS GO_END_LANGUAGE
#endif

GO_BEGIN_DECLARATIONS

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

/// Message of the last failure on this thread; never null, valid until the
/// next failing call on this thread.
const char *goLastMessage(void);

/// The GO_ABI_VERSION that the runtime was compiled with.
int32_t goAbiVersion(void);

GO_END_DECLARATIONS

#endif // GRAPHOPT_RUNTIME_RUNTIMEBASE_H
