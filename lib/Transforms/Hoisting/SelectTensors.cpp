//===- SelectTensors.cpp - Choices between tensors ------------------------===//
//
// A branch that only chooses between tensors folds to a selection by a host
// scalar: as a predicated copy it does not need the host.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/ElementTypes.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "HostWork.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Whether `op` chooses between tensors of the device.
static bool choosesTensors(arith::SelectOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getType());
  return type && type.hasStaticShape() &&
         isKernelElement(type.getElementType()) &&
         op.getCondition().getType().isInteger(1);
}

/// Pattern: select c, a, b : tensor<T> -> scalar { select }
static Value selectScalar(OpBuilder &builder, arith::SelectOp op,
                          Value condition) {
  Location loc = op.getLoc();
  auto scalar = ScalarOp::create(
      builder, loc, op.getType(),
      ValueRange{condition, op.getTrueValue(), op.getFalseValue()},
      ValueRange());
  OpBuilder::InsertionGuard guard(builder);
  Type element = getElementTypeOrSelf(op.getType());
  SmallVector<Location> locs(3, loc);
  Block *body = builder.createBlock(
      &scalar.getBody(), {}, {builder.getI1Type(), element, element}, locs);
  Value chosen =
      arith::SelectOp::create(builder, loc, body->getArgument(0),
                              body->getArgument(1), body->getArgument(2));
  YieldOp::create(builder, loc, chosen);
  return scalar.getResults().front();
}

/// Pattern: select c, a, b : tensor<4xT> -> map(a) when c else b
static Value selectTensor(OpBuilder &builder, arith::SelectOp op,
                          Value condition) {
  Location loc = op.getLoc();
  Value chosen = PackOp::create(builder, loc, op.getTrueValue());
  Value other = PackOp::create(builder, loc, op.getFalseValue());
  auto map =
      MapOp::create(builder, loc, chosen.getType(), IntegerAttr(), chosen,
                    ValueRange(), condition, other, ValueRange());
  {
    OpBuilder::InsertionGuard guard(builder);
    Block *body = builder.createBlock(&map.getBody(), {},
                                      getElementTypeOrSelf(op.getType()), loc);
    YieldOp::create(builder, loc, body->getArgument(0));
  }
  return GetOp::create(builder, loc, map.getResult(0), 0);
}

bool graphopt::selectTensorsOnDevice(func::FuncOp function) {
  SmallVector<arith::SelectOp> choices;
  function.walk([&](arith::SelectOp op) {
    if (choosesTensors(op))
      choices.push_back(op);
  });
  if (choices.empty())
    return false;
  DependentValues dependent(function);
  for (arith::SelectOp op : choices) {
    if (!dependent.contains(op.getCondition()))
      continue;
    OpBuilder builder(op);
    Value condition = tensor::FromElementsOp::create(
        builder, op.getLoc(), RankedTensorType::get({}, builder.getI1Type()),
        op.getCondition());
    bool isScalar = cast<RankedTensorType>(op.getType()).getRank() == 0;
    op.replaceAllUsesWith(isScalar ? selectScalar(builder, op, condition)
                                   : selectTensor(builder, op, condition));
    op.erase();
  }
  return true;
}
