//===- ReadbackUses.h - What the host does with values ----------*- C++ -*-===//
//
// Says what the values that the host reads back are used for.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TRANSFORMS_HOISTING_READBACKUSES_H
#define GRAPHOPT_TRANSFORMS_HOISTING_READBACKUSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphopt {

/// What the host does with a value that was read back. Later ones weigh more.
enum class HostUseReason {
  Uploaded,  ///< It goes back to the device.
  Returned,  ///< It is a result of the function.
  Stored,    ///< It is written to host memory, or used in a way not listed.
  Passed,    ///< It is an argument of a call.
  Address,   ///< It is an index.
  Extent,    ///< It is the extent of a tensor or buffer.
  LoopBound, ///< It bounds a loop.
  Branch,    ///< It decides a branch, or whether a loop goes on.
  Assertion, ///< The program must stop if it is false.
};

struct HostUse {
  HostUseReason reason;
  mlir::Operation *user;
};

/// The reason as a clause about `the value`.
llvm::StringRef describe(HostUseReason reason);

/// Whether what the program does depends on the value, so that the host must
/// have it where it is used; else the value is only observed.
bool isDecisive(HostUseReason reason);

/// The readbacks of `function` in program order; what bodies of device work
/// read is not among them.
llvm::SmallVector<mlir::Operation *>
collectReadbacks(mlir::func::FuncOp function);

/// The weightiest use of each host value of a function, through host
/// arithmetic.
class HostUses {
public:
  explicit HostUses(mlir::func::FuncOp function);

  /// Nothing if `value` has no use.
  std::optional<HostUse> find(mlir::Value value) const;

private:
  void visit(mlir::OpOperand &use);
  void join(mlir::Value value, std::optional<HostUse> use);

  llvm::DenseMap<mlir::Value, HostUse> uses;
};

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_HOISTING_READBACKUSES_H
