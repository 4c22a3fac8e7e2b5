//===- Fusion.h - Steps of fuse-sequences -----------------------*- C++ -*-===//
//
// Each step rewrites a group of independent ops that the driver chose into one
// op; none of them looks at the rest of the block.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_FUSION_FUSION_H
#define GRAPHOPT_LIB_TRANSFORMS_FUSION_FUSION_H

#include "GraphOpt/Analysis/CostModel.h"
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

/// Pattern: yield(x, x) -> yield(x, copy of x), where x is what a map or scalar
/// makes, which then stores it twice; a fill of one tensor is filled twice. So
/// no node has to copy from one place to the other.
void splitYields(mlir::Block &block);

/// Pattern: map(fill, x) -> map(x) that computes the value of the fill itself.
/// Lists of tensors of equal fills count as one. So a fill that several maps
/// share keeps none of them from lists of their own. Fills stay for their other
/// users. Returns the map that replaced `map`.
mlir::tseq::MapOp inlineFills(mlir::tseq::MapOp map);

/// Pattern: f(map(a) when c else b) -> f(map that selects by c), where maps and
/// reduces that always run read all that the map makes. They can compute it
/// themselves then, and nothing is stored.
void inlinePredicates(mlir::Block &block);

/// Pattern: if c { scalars } else { scalars } -> scalar { scf.if c ... }
/// A branch that has to be a conditional node stays. Returns whether it is
/// gone.
bool mergeScalarBranch(mlir::tseq::IfOp op);

/// Whether the program asks for a conditional node: the branch it came from
/// has the attribute `graphopt.branch = "conditional"`.
bool isConditionalByRequest(mlir::tseq::IfOp op);

/// Predicts `op`, with its maps as they are.
BranchCosts predictBranch(mlir::tseq::IfOp op);

/// The code for a branch that could be predicated.
inline constexpr llvm::StringLiteral kCostsLess = "costs-less";
/// Why `op` is a conditional node, as a code; empty if its maps can be
/// predicated instead and that is predicted to cost no more.
llvm::StringRef getReasonForNode(mlir::tseq::IfOp op);

/// What is chosen for `op`, a predicate or a node, and why, as a code; with the
/// microseconds that were predicted if it could be either.
mlir::DictionaryAttr describeBranch(mlir::tseq::IfOp op);
/// Attribute of the first map of a branch that has become a predicate: what
/// `describeBranch` makes.
inline constexpr llvm::StringLiteral kBranchAttribute = "graphopt.predicated";

/// Inlines the unpredicated maps that make inputs of `reduce` into its body,
/// and so on up the chain. The maps stay for their other users: of what those
/// read too, only a little is computed again, and if it is more, `stored` maps
/// are read from memory.
mlir::tseq::ReduceOp
fuseProducers(mlir::tseq::ReduceOp reduce,
              const llvm::DenseSet<mlir::Operation *> &stored);

/// Joins maps on one domain, in program order, where later ones may use the
/// results of earlier ones. Returns the map that replaced them.
mlir::tseq::MapOp fuseMaps(llvm::ArrayRef<mlir::tseq::MapOp> maps);

/// Joins maps of one stage that have a domain and a predicate in common;
/// returns what is left, in order of the first of each.
llvm::SmallVector<mlir::tseq::MapOp>
joinSiblings(llvm::ArrayRef<mlir::tseq::MapOp> maps);

/// Joins reduces of one stage that have a domain and at least one list in
/// common, which is then read once.
llvm::SmallVector<mlir::tseq::ReduceOp>
joinSiblings(llvm::ArrayRef<mlir::tseq::ReduceOp> reduces);

/// A text that is equal for two maps or reduces that differ only in the tensors
/// of their sequences: body, scalars, predicate, element types. With
/// `anyScalars` they may differ in the values of their scalars as well.
std::string getGroupKey(mlir::Operation *op, bool anyScalars = false);

/// Groups maps that differ in tensors and scalars alone. Maps that read the
/// same tensors are in groups of their own: as siblings they read them once.
llvm::SmallVector<llvm::SmallVector<mlir::tseq::MapOp>>
groupByBody(llvm::ArrayRef<mlir::tseq::MapOp> maps);

/// Packs maps that are equal but for tensors and scalars into one map over all
/// their tensors. A scalar that is not the same for all becomes a list, made by
/// one of the programs that are appended to `programs`.
mlir::tseq::MapOp
packMaps(llvm::ArrayRef<mlir::tseq::MapOp> maps,
         llvm::SmallVectorImpl<mlir::tseq::ScalarOp> &programs);

/// Packs reduces of one tensor each into one `per_tensor` reduce. They are
/// equal but for tensors and scalars, which are packed as those of maps are.
/// Result i of member j is element j of result i of the new op: scalars that
/// use it read it there, and every other user gets it through one of the
/// scalars that are appended to `extracts`.
mlir::tseq::ReduceOp
packReduces(llvm::ArrayRef<mlir::tseq::ReduceOp> reduces,
            llvm::SmallVectorImpl<mlir::tseq::ScalarOp> &programs,
            llvm::SmallVectorImpl<mlir::tseq::ScalarOp> &extracts);

/// A device scalar that so many tensors share, or a list with one for each.
struct TensorScalar {
  mlir::Value value;
  int64_t numTensors;
};

/// A program that makes one list of the scalars of all tensors.
mlir::tseq::ScalarOp packScalars(mlir::OpBuilder &builder, mlir::Location loc,
                                 llvm::ArrayRef<TensorScalar> scalars);

/// Moves scalars that may run early out of `branch`.
void hoistScalars(mlir::tseq::IfOp branch);

/// Moves maps of `block` that only one side of a branch reads into it: they are
/// joined with what reads them, and the other side does without.
void sinkMaps(mlir::Block &block);

/// Pattern: from_elements(f(x[0]), f(x[1]), ...) -> generate i { f(x[i]) }, in
/// the body of `scalar`. Lists whose elements are computed in other ways stay.
void generateLists(mlir::tseq::ScalarOp scalar);

/// Joins scalars, in program order, where later ones may use earlier ones.
mlir::tseq::ScalarOp fuseScalars(llvm::ArrayRef<mlir::tseq::ScalarOp> scalars);

/// Puts `phases`, in order, into one kernel.
mlir::tseq::KernelOp formKernel(llvm::ArrayRef<mlir::Operation *> phases);

/// Puts reduces of `block` and the scalar that reads them into one kernel, and
/// a scalar that nothing precedes into the kernel of the one map that follows
/// it.
void formKernels(mlir::Block &block);

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_FUSION_FUSION_H
