//===- ColumnOpsDetail.h - Shared by the column operations ------*- C++ -*-===//
//
// Access to columns, and the functions that both ops and combiners use.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_COLUMNOPSDETAIL_H
#define GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_COLUMNOPSDETAIL_H

#include "ColumnOps.h"

#include <cmath>

namespace graphrun {
namespace detail {

using KernelFn = void (*)(const ColumnOp &, const ColumnEnv &);

/// The kernel of an op by its name, null if there is none.
KernelFn floatKernel(llvm::StringRef name);
KernelFn integerKernel(llvm::StringRef name);

template <typename T>
const T *source(const ColumnOp &op, const ColumnEnv &env, int index) {
  return static_cast<const T *>(env.columns[op.sources[index]]);
}
template <typename T>
T *target(const ColumnOp &op, const ColumnEnv &env, int index = 0) {
  return static_cast<T *>(env.columns[op.targets[index]]);
}

inline uint64_t maskOf(unsigned width) {
  return width >= 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
}

/// IEEE 754-2019 maximum and minimum: NaN propagates, -0 < +0.
inline double maximum(double a, double b) {
  double larger = a > b ? a : b;
  larger = a == b ? (std::signbit(a) ? b : a) : larger;
  larger = b != b ? b : larger;
  return a != a ? a : larger;
}
inline double minimum(double a, double b) {
  double smaller = a < b ? a : b;
  smaller = a == b ? (std::signbit(a) ? a : b) : smaller;
  smaller = b != b ? b : smaller;
  return a != a ? a : smaller;
}
/// IEEE 754-2008 maxNum and minNum: a NaN operand is ignored.
inline double maxNum(double a, double b) {
  double larger = b != b ? a : maximum(a, b);
  return a != a ? b : larger;
}
inline double minNum(double a, double b) {
  double smaller = b != b ? a : minimum(a, b);
  return a != a ? b : smaller;
}

} // namespace detail
} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_COLUMNOPSDETAIL_H
