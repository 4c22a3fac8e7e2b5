//===- HostProgram.cpp - A graph as a list of CPU steps -------------------===//
//
// Part of graph-opt. This file implements the lowering of graphs to programs
// of the host device, and their execution.
//
//===----------------------------------------------------------------------===//

#include "HostProgram.h"

#include <cstring>

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Phases of memcpy and memset
//===----------------------------------------------------------------------===//

void graphopt::runtime::copyBytes(void *const *operands, int64_t begin,
                                  int64_t end) {
  const char *source = static_cast<const char *>(operands[0]);
  char *destination = static_cast<char *>(operands[1]);
  if (source != destination)
    std::memcpy(destination + begin, source + begin, end - begin);
}

/// Fills elements [begin, end) of operand 0, of any alignment, with the
/// 32-bit value at operand 1, narrowed to `T`.
template <typename T>
static void fill(void *const *operands, int64_t begin, int64_t end) {
  T value = static_cast<T>(*static_cast<const uint32_t *>(operands[1]));
  char *destination = static_cast<char *>(operands[0]);
  for (int64_t i = begin; i < end; ++i)
    std::memcpy(destination + i * sizeof(T), &value, sizeof(T));
}

static GoHostPhase fillPhase(const Node &node) {
  int64_t items = node.references[0].bytes / node.patternBytes;
  switch (node.patternBytes) {
  case 1:
    return {fill<uint8_t>, items};
  case 2:
    return {fill<uint16_t>, items};
  default:
    return {fill<uint32_t>, items};
  }
}

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

void HostProgram::lower(const GoGraph &graph, std::vector<Slot> &slots) {
  for (const Node &node : graph.nodes) {
    if (node.kind == NodeKind::Empty)
      continue;
    if (node.kind == NodeKind::Child) {
      lower(*node.bodies.front(), slots);
      continue;
    }

    Step step;
    step.operands = slots.size();
    step.condition = node.condition;
    for (const GoRef &reference : node.references)
      slots.push_back({nullptr, reference.buffer, reference.offset});
    for (const GoHostPhase &phase : node.phases)
      step.phases.push_back({phase, {}});
    if (node.kind == NodeKind::Memcpy) {
      step.phases.push_back({{copyBytes, node.references[0].bytes}, {}});
    } else if (node.kind == NodeKind::Memset) {
      slots.push_back({&node.pattern, 0, 0});
      step.phases.push_back({fillPhase(node), {}});
    }
    step.bodies.resize(node.bodies.size());
    for (size_t i = 0; i < node.bodies.size(); ++i)
      step.bodies[i].lower(*node.bodies[i], slots);
    steps.push_back(std::move(step));
  }
}

//===----------------------------------------------------------------------===//
// Execution
//===----------------------------------------------------------------------===//

void HostProgram::run(void *const *table, ThreadPool &pool) {
  for (Step &step : steps) {
    for (Phase &phase : step.phases)
      pool.run(phase.phase.run, table + step.operands, phase.phase.items,
               phase.cost);
    if (!step.bodies.empty())
      runConditional(step, table, pool);
  }
}

void HostProgram::runConditional(Step &step, void *const *table,
                                 ThreadPool &pool) {
  const void *address = table[step.operands];
  auto isTrue = [&] { return *static_cast<const uint8_t *>(address) != 0; };
  switch (step.condition) {
  case GO_CONDITIONAL_IF: {
    size_t body = isTrue() ? 0 : 1;
    if (body < step.bodies.size())
      step.bodies[body].run(table, pool);
    return;
  }
  case GO_CONDITIONAL_WHILE:
    while (isTrue())
      step.bodies.front().run(table, pool);
    return;
  case GO_CONDITIONAL_SWITCH: {
    int64_t value = 0;
    std::memcpy(&value, address, sizeof(value));
    if (value >= 0 && static_cast<uint64_t>(value) < step.bodies.size())
      step.bodies[value].run(table, pool);
    return;
  }
  }
}
