//===- HostProgram.h - A graph as a list of CPU steps -----------*- C++ -*-===//
//
// Part of graph-opt. What the host device executes: the nodes of a graph in
// their order, memcpy and memset lowered to kernels of one phase, children
// inlined, empty nodes dropped.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_HOSTPROGRAM_H
#define GRAPHOPT_LIB_RUNTIME_HOSTPROGRAM_H

#include "Graph.h"
#include "ThreadPool.h"

#include <vector>

namespace graphopt::runtime {

/// Copies bytes [begin, end) of operand 0 to operand 1: the phase of a memcpy.
void copyBytes(void *const *operands, int64_t begin, int64_t end);

class HostProgram {
public:
  /// What an entry of the operand table holds: a constant address, or a place
  /// in a buffer.
  struct Slot {
    const void *constant;
    int64_t buffer;
    int64_t offset;
  };

  /// Appends the steps of `graph`, which outlives the program, and the
  /// operands they need to `slots`.
  void lower(const GoGraph &graph, std::vector<Slot> &slots);

  /// Runs all steps; `table` holds the operands in the order of the slots.
  void run(void *const *table, ThreadPool &pool);

private:
  struct Phase {
    GoHostPhase phase;
    PhaseCost cost;
  };
  /// A kernel, or a conditional (then `bodies` is not empty).
  struct Step {
    size_t operands; ///< Position of the first operand in the table.
    std::vector<Phase> phases;
    int32_t condition = 0;
    std::vector<HostProgram> bodies;
  };

  static void runConditional(Step &step, void *const *table, ThreadPool &pool);

  std::vector<Step> steps;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_HOSTPROGRAM_H
