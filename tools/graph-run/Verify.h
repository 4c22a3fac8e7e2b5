//===- Verify.h - Comparing results -----------------------------*- C++ -*-===//
//
// Compares what the compiled program computed with what the reference did.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_VERIFY_H
#define GRAPHOPT_TOOLS_GRAPHRUN_VERIFY_H

#include "HostTensor.h"

#include <vector>

namespace graphrun {

/// The outcome of comparing many arrays.
///
/// The error of an element is |value - reference| / max(|reference|, m), where
/// m is the mean finite magnitude of the array's reference: elements near zero
/// are often what large ones left when they cancelled, and count in proportion
/// to their array. NaN equals NaN; infinities must agree in sign; integers must
/// be equal.
class Comparison {
public:
  explicit Comparison(std::optional<double> tolerance)
      : chosenTolerance(tolerance) {}

  /// Compares `value` with `reference`, called `name` in messages.
  void add(llvm::StringRef name, const HostTensor &value,
           const HostTensor &reference);

  bool succeeded() const { return worstRatio <= 1 && problem.empty(); }
  /// One line: "verify: ok, worst relative error ...".
  std::string summary() const;
  /// The same without what it begins with: "worst relative error ...".
  std::string findings() const;

private:
  double toleranceFor(ElementKind kind) const;

  std::optional<double> chosenTolerance;
  int64_t numElements = 0, numDifferent = 0;
  /// The worst element: its error divided by its tolerance, the error, the
  /// tolerance and where it is.
  double worstRatio = 0, worstError = 0, worstTolerance = 0;
  std::string worstPlace;
  /// What can not be compared at all, such as different shapes.
  std::string problem;
};

/// The first element whose bits differ, with both values: "arg3[1, 2]: 4.5
/// instead of 4.25". Arrays of one kind and shape.
std::optional<std::string> findBitDifference(llvm::StringRef name,
                                             const HostTensor &value,
                                             const HostTensor &reference);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_VERIFY_H
