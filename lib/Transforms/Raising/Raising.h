//===- Raising.h - What the patterns of raise-to-sequences share *- C++ -*-===//
//
// Predicates on linalg ops, and the builder of the bodies of tseq ops.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_RAISING_RAISING_H
#define GRAPHOPT_LIB_TRANSFORMS_RAISING_RAISING_H

#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"

namespace graphopt {

/// A tensor of static shape, without encoding, whose elements kernels compute
/// with and that live in whole bytes.
bool isSupportedTensor(mlir::Type type);

/// A tensor of static shape with one element, of any rank.
bool hasOneElement(mlir::Type type);

/// Whether `value` is a tensor of one element that is a member of a list: a
/// caller gave it, or the tensor that it is a slice of, or a map computed it
/// from such a member.
bool isListElement(mlir::Value value);

/// The scalar that fills `tensor` everywhere, if it is a constant.
mlir::TypedAttr getConstantFill(mlir::Value tensor);

/// The constant that the host scalar `value`, or each element of the tensor
/// `value`, is.
mlir::TypedAttr getConstant(mlir::Value value);

/// Why `op` can not be raised at all, or nothing.
std::optional<llvm::StringRef> getRaisingRefusal(mlir::linalg::LinalgOp op);

/// The operands of a tseq op and the body that computes with their elements.
/// Collects first, then builds: block arguments are inputs, then scalars.
class BodyBuilder {
public:
  BodyBuilder(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  /// The body sees one element of `tensor` as `argument`; a tensor filled with
  /// a constant becomes one in the body unless `keep`.
  void addInput(mlir::BlockArgument argument, mlir::Value tensor,
                bool keep = false);

  /// The body sees the device scalar or host scalar `value` as `original`.
  void addScalar(mlir::Value original, mlir::Value value);

  /// Host scalars that `body` uses from outside become scalars.
  void addCaptures(mlir::Block *body);

  /// Fills `region` with a block that computes what `body` does up to its
  /// terminator, less `skip`; `mapping` then knows what became of its values.
  void build(mlir::Region &region, mlir::Block *body, mlir::IRMapping &mapping,
             mlir::ArrayRef<mlir::Operation *> skip = {});

  /// `value`, a tensor of one element or a host scalar, as a tensor of rank 0.
  mlir::Value toDeviceScalar(mlir::Value value);

  /// The device scalar `scalar` as a tensor of type `type`.
  mlir::Value fromDeviceScalar(mlir::Value scalar, mlir::Type type);

  /// The inputs, each as a sequence of one tensor.
  mlir::SmallVector<mlir::Value> packInputs();

  mlir::SmallVector<mlir::Value> inputs, scalars;

private:
  void addConstant(mlir::Value original, mlir::TypedAttr attr) {
    constants.push_back({original, attr});
  }

  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::SmallVector<mlir::Value> inputArguments, scalarArguments;
  mlir::SmallVector<std::pair<mlir::Value, mlir::TypedAttr>> constants;
};

/// The sequence of one tensor of type `type`.
mlir::tseq::SeqType getSeqOfOne(mlir::Type type);

/// A map over `source` whose body is `build` of its element; `type` is that of
/// the result, which is taken out of the map's sequence.
mlir::Value createUnaryMap(
    mlir::OpBuilder &builder, mlir::Location loc, mlir::Value source,
    mlir::RankedTensorType type,
    llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Value)> build);

/// Makes maps of the copies in `root` that other device work can be fused with:
/// of given tensors to buffers, and into slices of others. Puts concatenations
/// together from slices.
void raiseCopies(mlir::Operation *root);

/// Makes slices of what is put together by slices ones of what the elements
/// come from, or what was put there itself.
void forwardSlices(mlir::Operation *root);

/// Makes maps of the elementwise ops of arith, math and linalg in `root` that
/// have more than one element, one of each chain whose values in between
/// nothing else reads. Notes what the ops would be one by one (Report/Parts.h).
void raiseChains(mlir::Operation *root);

/// Patterns on full reductions; they look at the fills that initialize them, so
/// they come before the others.
void populateRaiseReductionPatterns(mlir::RewritePatternSet &patterns);

/// Patterns on elementwise structured ops.
void populateRaiseElementwisePatterns(mlir::RewritePatternSet &patterns);

/// Patterns on elementwise ops of arith and math on tensors. What can not be
/// raised becomes `linalg.generic`.
void populateRaiseTensorOpPatterns(mlir::RewritePatternSet &patterns);

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_RAISING_RAISING_H
