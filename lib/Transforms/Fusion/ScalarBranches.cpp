//===- ScalarBranches.cpp - Branches of scalars become scalars ------------===//
//
// Replaces a tseq.if that holds nothing but programs on device scalars by one
// program that branches itself. So what is guarded stays guarded, a division
// that may trap for one.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"

#include "GraphOpt/Analysis/Remarks.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

static bool isDeviceScalar(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped && shaped.getRank() == 0;
}

/// Whether `op` holds only scalars and makes only scalars.
static bool isScalarBranch(tseq::IfOp op) {
  if (op.getNumResults() == 0 || isConditionalByRequest(op) ||
      !llvm::all_of(op.getResultTypes(), isDeviceScalar))
    return false;
  for (Region &region : op->getRegions())
    for (Operation &inner : region.front().without_terminator())
      if (!isa<ScalarOp>(inner) ||
          !llvm::all_of(inner.getResultTypes(), isDeviceScalar))
        return false;
  return true;
}

/// Inlines the programs of `block` at `builder`; returns what it yields.
/// `getOutside` gives the value of an operand that `block` does not make.
static SmallVector<Value> inlineScalars(OpBuilder &builder, Block &block,
                                        function_ref<Value(Value)> getOutside) {
  DenseMap<Value, Value> computed;
  auto get = [&](Value value) {
    Value known = computed.lookup(value);
    return known ? known : getOutside(value);
  };
  for (auto scalar : block.getOps<ScalarOp>()) {
    Block *body = scalar.getBodyBlock();
    IRMapping mapping;
    for (auto [input, argument] :
         llvm::zip(scalar.getInputs(), body->getArguments()))
      mapping.map(argument, get(input));
    for (Operation &inner : body->without_terminator())
      builder.clone(inner, mapping);
    for (auto [result, value] :
         llvm::zip(scalar.getResults(), body->getTerminator()->getOperands()))
      computed[result] = mapping.lookupOrDefault(value);
  }
  return llvm::map_to_vector(block.getTerminator()->getOperands(), get);
}

bool graphopt::mergeScalarBranch(tseq::IfOp op) {
  if (!isScalarBranch(op))
    return false;
  Location loc = op.getLoc();
  OpBuilder builder(op);
  auto merged = ScalarOp::create(builder, loc, op.getResultTypes(),
                                 ValueRange(), ValueRange());
  FusedBody body(builder, merged.getBody(), loc);
  auto getOutside = [&](Value value) {
    return body.addInput(value, ScalarOp::getArgumentType(value.getType()));
  };
  Value condition = getOutside(op.getCondition());
  SmallVector<Type> types;
  for (Type type : op.getResultTypes())
    types.push_back(cast<ShapedType>(type).getElementType());
  OpBuilder inner = OpBuilder::atBlockEnd(merged.getBodyBlock());
  auto branch = scf::IfOp::create(inner, loc, types, condition,
                                  /*withElseRegion=*/true);
  for (auto [from, to] : llvm::zip(op->getRegions(), branch->getRegions())) {
    OpBuilder turn = OpBuilder::atBlockEnd(&to.front());
    scf::YieldOp::create(turn, loc,
                         inlineScalars(turn, from.front(), getOutside));
  }
  body.yield(branch.getResults());
  merged.getInputsMutable().assign(body.inputs);
  remarkDone(op, "branch-predicated")
      << "the branch became a part of the program on device scalars in it";
  op.replaceAllUsesWith(merged.getResults());
  op.erase();
  return true;
}
