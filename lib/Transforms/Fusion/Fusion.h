//===- Fusion.h - Steps of fuse-sequences -----------------------*- C++ -*-===//
//
// Each step rewrites a group of independent ops that the driver chose into one
// op; none of them looks at the rest of the block.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_FUSION_FUSION_H
#define GRAPHOPT_LIB_TRANSFORMS_FUSION_FUSION_H

#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "mlir/IR/IRMapping.h"

namespace graphopt {

/// Collects the operands of a fused op without repetition and maps the body
/// arguments of its parts to the arguments of the fused body.
class FusedBody {
public:
  /// Starts a body in `region`.
  FusedBody(mlir::OpBuilder &builder, mlir::Region &region, mlir::Location loc);

  /// The argument for operand `value`, seen in the body as `type`. Inputs must
  /// all be added before scalars.
  mlir::Value addInput(mlir::Value value, mlir::Type type) {
    return add(value, type, inputs);
  }
  mlir::Value addScalar(mlir::Value value, mlir::Type type) {
    return add(value, type, scalars);
  }

  /// Clones `block` without its terminator; returns what it yields.
  llvm::SmallVector<mlir::Value> clone(mlir::Block *block,
                                       mlir::IRMapping &mapping);
  void yield(mlir::ValueRange values);

  llvm::SmallVector<mlir::Value> inputs, scalars;

private:
  mlir::Value add(mlir::Value value, mlir::Type type,
                  llvm::SmallVector<mlir::Value> &list);

  mlir::OpBuilder builder;
  mlir::Location loc;
  mlir::Block *body;
  llvm::DenseMap<std::pair<mlir::Value, mlir::Type>, mlir::Value> arguments;
};

/// Inlines the unpredicated maps that make inputs of `reduce` into its body,
/// and so on up the chain. The maps stay for their other users.
mlir::tseq::ReduceOp fuseProducers(mlir::tseq::ReduceOp reduce);

/// Joins maps on one domain, in program order, where later ones may use the
/// results of earlier ones. Returns the map that replaced them.
mlir::tseq::MapOp fuseMaps(llvm::ArrayRef<mlir::tseq::MapOp> maps);

/// A text that is equal for two maps or reduces that differ only in the tensors
/// of their sequences: body, scalars, predicate, element types.
std::string getGroupKey(mlir::Operation *op);

/// Packs maps with equal keys into one map over all their tensors.
mlir::tseq::MapOp packMaps(llvm::ArrayRef<mlir::tseq::MapOp> maps);

/// Packs reduces of one tensor each, with equal keys, into one `per_tensor`
/// reduce. Result i of member j is element j of result i of the new op: scalars
/// that use it read it there, and every other user gets it through one of the
/// scalars that are appended to `extracts`.
mlir::tseq::ReduceOp
packReduces(llvm::ArrayRef<mlir::tseq::ReduceOp> reduces,
            llvm::SmallVectorImpl<mlir::tseq::ScalarOp> &extracts);

/// Joins scalars, in program order, where later ones may use earlier ones.
mlir::tseq::ScalarOp fuseScalars(llvm::ArrayRef<mlir::tseq::ScalarOp> scalars);

/// Puts `phases`, in order, into one kernel.
mlir::tseq::KernelOp formKernel(llvm::ArrayRef<mlir::Operation *> phases);

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_FUSION_FUSION_H
