//===- Log.cpp - What happens, line by line -------------------------------===//
//
// Part of graph-opt. This file implements the log and its C ABI.
//
//===----------------------------------------------------------------------===//

#include "Log.h"
#include "Graph.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <pthread.h>

using namespace graphopt::runtime;

static const char *const levelNames[] = {"off", "error", "info", "debug"};

namespace {
/// Where lines go. Held by one thread at a time, and by none when the process
/// is forked.
struct Sink {
  Sink() {
    pthread_atfork([] { get().mutex.lock(); }, [] { get().mutex.unlock(); },
                   [] { get().mutex.unlock(); });
  }
  /// Never destroyed: contexts may be when the process ends.
  static Sink &get();

  std::mutex mutex;
  GoLogSink function = nullptr; ///< Null: the standard error.
  void *data = nullptr;
};
} // namespace

Sink &Sink::get() {
  static Sink &sink = *new Sink;
  return sink;
}

//===----------------------------------------------------------------------===//
// Lines
//===----------------------------------------------------------------------===//

/// Replaces what would end the line.
static void makeOneLine(std::string &line) {
  for (char &c : line)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f)
      c = ' ';
}

static void write(int32_t level, std::string line) {
  makeOneLine(line);
  Sink &sink = Sink::get();
  std::lock_guard<std::mutex> lock(sink.mutex);
  if (sink.function)
    return sink.function(sink.data, level, line.c_str());
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void graphopt::runtime::logLine(int32_t level, const char *event,
                                const std::string &text) {
  write(level, std::string("graph-opt: ") + levelNames[level] + ": " + event +
                   ": " + text);
}

void graphopt::runtime::logLine(int32_t level, const char *event,
                                const GoGraph &graph,
                                const std::string &reason) {
  const GoGraph &root = *graph.root;
  logLine(level, event, subjectText(root.info, root.owner) + ": " + reason);
}

std::string graphopt::runtime::subjectText(const GoGraphInfo &info,
                                           int64_t owner) {
  return "module " + quoted(info.module) + ", graph " + quoted(info.name) +
         ", owner " + std::to_string(owner);
}

std::string
graphopt::runtime::argumentsText(const std::vector<int64_t> &arguments) {
  constexpr size_t maxShown = 8;
  size_t count = arguments.size(), shown = std::min(count, maxShown);
  std::string text = count == 1 ? "launch argument" : "launch arguments";
  for (size_t i = 0; i < shown; ++i) {
    bool isLast = i > 0 && i + 1 == count;
    text += i == 0 ? " " : isLast ? " and " : ", ";
    text += std::to_string(arguments[i]);
  }
  if (count > shown)
    text += " and " + std::to_string(count - shown) + " more";
  return text;
}

//===----------------------------------------------------------------------===//
// Level and sink
//===----------------------------------------------------------------------===//

/// The level that GRAPHOPT_LOG names.
static int32_t levelOfEnvironment() {
  const char *value = std::getenv("GRAPHOPT_LOG");
  if (!value || !*value)
    return GO_LOG_OFF;
  for (int32_t level = GO_LOG_OFF; level <= GO_LOG_DEBUG; ++level)
    if (!std::strcmp(value, levelNames[level]))
      return level;
  write(GO_LOG_ERROR, "graph-opt: GRAPHOPT_LOG: " + quoted(value) +
                          " is none of off, error, info and debug");
  return GO_LOG_OFF;
}

void graphopt::runtime::initializeLog() {
  static std::once_flag once;
  std::call_once(once, [] { logLevel = levelOfEnvironment(); });
}

int32_t goSetLogLevel(int32_t level) {
  initializeLog();
  return logLevel.exchange(
      std::clamp<int32_t>(level, GO_LOG_OFF, GO_LOG_DEBUG));
}

void goSetLogSink(GoLogSink sink, void *data) {
  Sink &current = Sink::get();
  std::lock_guard<std::mutex> lock(current.mutex);
  current.function = sink;
  current.data = data;
}
