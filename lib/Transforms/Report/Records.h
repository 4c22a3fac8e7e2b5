//===- Records.h - What each state of the IR tells --------------*- C++ -*-===//
//
// One function per state of the IR. Each adds what the state tells about a
// function of the program to the facts that the states before have told.
// docs/report.md describes the facts.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TRANSFORMS_REPORT_RECORDS_H
#define GRAPHOPT_TRANSFORMS_REPORT_RECORDS_H

#include "Facts.h"
#include "GraphOpt/Analysis/CostModel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphopt {

/// The totals before, and the readbacks that are given.
void recordSequences(mlir::func::FuncOp function, Facts &facts,
                     const Calibration &calibration);

/// What became of each readback.
void recordHoisted(mlir::func::FuncOp function, Facts &facts);

/// The blockers of regions and the readbacks that are left, with what if.
void recordBlockers(mlir::func::FuncOp function, Facts &facts,
                    const Calibration &calibration);

/// Which of the readbacks that are left the host waits for at once, and which
/// it fetches while it does something else. Expects state `graphs`.
void settleReadbacks(mlir::func::FuncOp function, Facts &facts);

/// Regions, blockers, and the totals after, as far as they are known.
void recordRegions(mlir::func::FuncOp function, Facts &facts,
                   const Calibration &calibration);

/// The kernels of each region, and the totals after.
void recordFused(mlir::func::FuncOp function, Facts &facts,
                 const Calibration &calibration);

/// The memory of each region's temporaries.
void recordBuffers(mlir::func::FuncOp function, Facts &facts);

/// The nodes of the graph of each region, how readbacks wait, and what the cost
/// model predicts for graphs of the GPU.
void recordGraphs(mlir::func::FuncOp function, Facts &facts,
                  GraphCostModel &costs);

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_REPORT_RECORDS_H
