//===- Log.h - What happens, line by line -----------------------*- C++ -*-===//
//
// Part of graph-opt. The log of goSetLogLevel. Where a level is off, a line of
// it costs one comparison: callers ask `isLogged` before they write a reason.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_LOG_H
#define GRAPHOPT_LIB_RUNTIME_LOG_H

#include "GraphOpt/Runtime/GraphRuntime.h"

#include <atomic>
#include <string>
#include <vector>

struct GoGraph;

namespace graphopt::runtime {

/// A GO_LOG_*.
inline std::atomic<int32_t> logLevel{GO_LOG_OFF};

inline bool isLogged(int32_t level) {
  return level <= logLevel.load(std::memory_order_relaxed);
}

/// Takes the level from the environment, once and unless it was set.
void initializeLog();

/// Writes "graph-opt: LEVEL: EVENT: TEXT" on one line. `level` is logged. Takes
/// no lock but that of the log.
void logLine(int32_t level, const char *event, const std::string &text);
/// The same about the graph that `graph` is part of.
void logLine(int32_t level, const char *event, const GoGraph &graph,
             const std::string &reason);

/// "module 'm', graph 'g', owner 0".
std::string subjectText(const GoGraphInfo &info, int64_t owner);
/// "launch argument 3", "launch arguments 0, 2 and 7": the first eight, and how
/// many more there are.
std::string argumentsText(const std::vector<int64_t> &arguments);

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_LOG_H
