//===- CalibrationPrograms.h - Programs to measure --------------*- C++ -*-===//
//
// MLIR modules of one function each, as text.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_CALIBRATIONPROGRAMS_H
#define GRAPHOPT_TOOLS_GRAPHRUN_CALIBRATIONPROGRAMS_H

#include <cstdint>
#include <string>

namespace graphrun {

/// A graph of `nodes` kernels that do nothing, in a chain or side by side.
std::string emptyKernels(int nodes, bool isChain);
/// The same with copies of 4 KB between two buffers.
std::string copyChain(int nodes);
/// A graph of kernels without work, each with a buffer of its own.
std::string manyBuffers(int nodes);
/// One kernel of one block that copies 32-bit words, 16 bytes a thread.
std::string oneBlockCopy(int64_t words);

/// A map over `elements` floats in place: as many multiplications and
/// additions.
std::string elementwise(int64_t elements, int operations);
/// The sum of `elements` floats.
std::string sum(int64_t elements);
/// The norms of `tensors` tensors of 64 floats, added up one by one.
std::string sumOfNorms(int tensors);
/// A transposed matrix of floats.
std::string transposed(int64_t rows, int64_t columns);
/// The sum of each row.
std::string rowSums(int64_t rows, int64_t columns);
/// A branch around a map, always taken: a conditional node or a predicate.
std::string branch(bool asNode);
/// A conditional node that is a loop of `turns` turns; its body holds `kernels`
/// kernels of one thread that add one to a counter, and one more that also sets
/// the handle.
std::string loop(int turns, int kernels);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_CALIBRATIONPROGRAMS_H
