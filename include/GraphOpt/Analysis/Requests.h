//===- Requests.h - What a program asks for ---------------------*- C++ -*-===//

#ifndef GRAPHOPT_ANALYSIS_REQUESTS_H
#define GRAPHOPT_ANALYSIS_REQUESTS_H

#include "mlir/IR/Operation.h"

namespace graphopt {

/// Attribute of an op, a region, a graph or a function: "graph" to launch its
/// kernels as part of one graph whatever that costs, "stream" one by one.
inline constexpr llvm::StringLiteral kLaunchAttribute = "graphopt.launch";

/// Attribute of a memref.alloc (`place-readbacks`): memory that the device
/// writes and the host reads by goReadback.
inline constexpr llvm::StringLiteral kReadableAttribute = "graphopt.readable";

/// On a store of a kernel: one thread runs it, once in each launch.
inline constexpr llvm::StringLiteral kOnceAttribute = "graphopt.once";
/// On such a store: its address is that of a mailbox (`cudagraph.mailbox`).
inline constexpr llvm::StringLiteral kPostedAttribute = "graphopt.posted";

/// What `op`, or an op in its body, asks for; empty if neither does.
/// Elementwise arithmetic on tensors keeps its attributes where it becomes the
/// body of an op.
llvm::StringRef getLaunchRequest(mlir::Operation *op);

/// Reports attributes `name` of `root` and the ops in it that are neither `a`
/// nor `b`.
llvm::LogicalResult verifyRequests(mlir::Operation *root, llvm::StringRef name,
                                   llvm::StringRef a, llvm::StringRef b);

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_REQUESTS_H
