//===- AddressCosts.h - What it costs that buffers move ---------*- C++ -*-===//
//
// Predicts the ways to keep a graph right whose buffers may be elsewhere at
// each launch. Microseconds per call; the formulae are in docs/rationale.md,
// "Addresses".
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_ANALYSIS_ADDRESSCOSTS_H
#define GRAPHOPT_ANALYSIS_ADDRESSCOSTS_H

#include "GraphOpt/Analysis/AddressPolicy.h"
#include "GraphOpt/Analysis/Calibration.h"
#include "GraphOpt/CudaGraph/CudaGraph.h"

namespace graphopt {

/// How a graph uses one of its buffers. Costs that buffers of a node share are
/// divided among those that move.
struct AddressUse {
  double moves = 0; ///< Calls that find it moved, of all calls: 0 to 1.
  double bytes = 0; ///< From its first to its last.
  bool isRead = false, isWritten = false;
  int64_t numNodes = 0;   ///< Kernels, copies and fills, of bodies too.
  double nodeUpdates = 0; ///< Its part of the nodes to write to at a call.
  double copyUpdates = 0; ///< Of these, copies and fills.
  double kernels = 0;     ///< Its part of the kernels that use it.
};

/// Collects the uses of the buffers of `graph`; `moves` is known by buffer.
llvm::SmallVector<AddressUse> findAddressUses(mlir::cudagraph::GraphOp graph,
                                              llvm::ArrayRef<double> moves);

/// Microseconds per call of each policy for one buffer.
struct AddressCosts {
  double baked = 0;      ///< A graph is built where it moved.
  double parameters = 0; ///< Nodes are written to where it moved.
  double table = 0;      ///< Kernels read one more pointer; without the upload
                         ///< of the table, which all its buffers share.
  double slot = 0;       ///< Copies to and fro at every call.

  double of(AddressPolicy policy) const;
};
AddressCosts predictAddress(const AddressUse &use, int64_t numNodes,
                            const Calibration &calibration);

/// Microseconds of the copy of a table to the device.
double predictTableUpload(const Calibration &calibration);

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_ADDRESSCOSTS_H
