//===- Blockers.h - What keeps work out of one graph ------------*- C++ -*-===//
//
// Finds, in a function whose regions are formed, the device ops that were not
// captured, the host ops that split regions and the readbacks that are left;
// and says what a call would save without each.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TRANSFORMS_REPORT_BLOCKERS_H
#define GRAPHOPT_TRANSFORMS_REPORT_BLOCKERS_H

#include "../Hoisting/ReadbackUses.h"
#include "GraphOpt/Analysis/Calibration.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

namespace graphopt {

/// What a call would be without a blocker.
struct WhatIf {
  /// The regions that it keeps apart, in program order; none if it splits
  /// nothing.
  llvm::SmallVector<mlir::tseq::GraphOp, 2> regions;
  /// Other blockers that keep the same regions apart: they stay apart until
  /// all are gone. There are `numOthers`, of which the first few are here.
  llvm::SmallVector<mlir::Operation *, 3> others;
  int64_t numOthers = 0;
  /// Readbacks that are only there for the blocker, itself if it is one.
  int64_t readbacks = 0;
  /// Further readbacks that the host waits for together with those: the waits
  /// stay until they are gone as well.
  int64_t sharers = 0;
  /// What a call would save, in microseconds; of one turn if `perTurn`.
  double microseconds = 0;
  /// The same without the sharers as well.
  double microsecondsTogether = 0;
  bool perTurn = false;

  void addOther(mlir::Operation *op);
  /// Whether `microseconds` is what going without the blocker saves: nothing
  /// else is in the way.
  bool isKnown() const { return numOthers == 0; }
};

struct Blocker {
  enum class Kind { Uncaptured, Split, Readback };

  Kind kind;
  mlir::Operation *op;
  llvm::StringRef code;       ///< Reason code, kebab-case.
  std::string note;           ///< The reason in words.
  std::optional<HostUse> use; ///< Of a readback.
  WhatIf whatIf;

  /// One sentence: regions that would merge, and what a call would save.
  std::string formatWhatIf() const;
};

/// The blockers of `function` in program order. Expects state `regions`, or
/// `fused`.
llvm::SmallVector<Blocker> findBlockers(mlir::func::FuncOp function,
                                        const Calibration &calibration);

/// Why `op`, device work, is no part of a graph: a reason code and the reason
/// in words.
struct CaptureRefusal {
  llvm::StringRef code;
  std::string note;
};
CaptureRefusal getCaptureRefusal(mlir::Operation *op);

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_REPORT_BLOCKERS_H
