//===- LogTest.h - What the tests of the log share --------------*- C++ -*-===//
//
// Part of graph-opt. Collects the lines of the log.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TEST_RUNTIME_LOGTEST_H
#define GRAPHOPT_TEST_RUNTIME_LOGTEST_H

#include "RuntimeTest.h"

/// Collects the lines of the log while it lives.
class LogLines {
public:
  explicit LogLines(int32_t level) : levelBefore(goSetLogLevel(level)) {
    goSetLogSink(
        [](void *data, int32_t, const char *line) {
          static_cast<LogLines *>(data)->lines.push_back(line);
        },
        this);
  }
  ~LogLines() {
    goSetLogSink(nullptr, nullptr);
    goSetLogLevel(levelBefore);
  }
  LogLines(const LogLines &) = delete;

  /// The lines since the last call, each with an end of line.
  std::string take() {
    std::string text;
    for (const std::string &line : lines)
      text += line + "\n";
    lines.clear();
    return text;
  }
  std::vector<std::string> lines;

private:
  const int32_t levelBefore;
};

/// "graph-opt: LEVEL: EVENT: module 'module', graph 'NAME', owner 0: REASON\n".
inline std::string logLine(const char *levelAndEvent, const char *name,
                           const std::string &reason) {
  return std::string("graph-opt: ") + levelAndEvent +
         ": module 'module', graph '" + name + "', owner 0: " + reason + "\n";
}

/// "0x1234".
inline std::string hex(const void *address) {
  char text[32];
  std::snprintf(
      text, sizeof(text), "0x%llx",
      static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(address)));
  return text;
}

#endif // GRAPHOPT_TEST_RUNTIME_LOGTEST_H
