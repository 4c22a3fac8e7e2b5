//===- Parts.h - Ops of the program that one op stands for ------*- C++ -*-===//

#ifndef GRAPHOPT_TRANSFORMS_REPORT_PARTS_H
#define GRAPHOPT_TRANSFORMS_REPORT_PARTS_H

#include "mlir/IR/Operation.h"

namespace graphopt {

/// Attribute of a map that stands for several ops of the program: `kernels`,
/// how many those are, and `bytes`, what they read and write one by one. Until
/// fusion; the map's location is made of theirs.
inline constexpr llvm::StringLiteral kPartsAttribute = "graphopt.parts";

/// Work of the device, op by op.
struct Parts {
  int64_t kernels = 1;
  int64_t bytes = 0;
};

/// Notes that `map` stands for `ops`, elementwise ones in program order.
void setParts(mlir::Operation *map, llvm::ArrayRef<mlir::Operation *> ops);

/// What `op` stands for, if that is more than one op of the program.
std::optional<Parts> getParts(mlir::Operation *op);

/// Forgets that `op` stands for more than one op: its place is the last one's.
void dropParts(mlir::Operation *op);

/// The places of the ops of the program that `op` stands for.
llvm::SmallVector<mlir::Location> getPartLocations(mlir::Operation *op);

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_REPORT_PARTS_H
