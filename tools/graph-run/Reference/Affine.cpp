//===- Affine.cpp - Affine ops of the reference ---------------------------===//
//
// Implements the handlers of `affine`: maps, loops, conditions and accesses.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/IR/IntegerSet.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphrun;

//===----------------------------------------------------------------------===//
// Maps
//===----------------------------------------------------------------------===//

/// The results of `exprs`, whose dimensions and symbols are `operands`.
static FailureOr<SmallVector<int64_t>> evaluateExprs(Operation *op,
                                                     ArrayRef<AffineExpr> exprs,
                                                     unsigned numDims,
                                                     Operands operands) {
  SmallVector<int64_t> values, results;
  for (const RtValue &operand : operands)
    values.push_back(operand.cell.i);
  ArrayRef<int64_t> all = values;
  for (AffineExpr expr : exprs) {
    std::optional<int64_t> value =
        evaluateAffine(expr, all.take_front(numDims), all.drop_front(numDims));
    if (!value)
      return op->emitError("an affine expression divides by a number that is "
                           "not positive");
    results.push_back(*value);
  }
  return results;
}

static FailureOr<SmallVector<int64_t>> evaluateMap(Operation *op, AffineMap map,
                                                   Operands operands) {
  return evaluateExprs(op, map.getResults(), map.getNumDims(), operands);
}

static LogicalResult runApply(Interpreter &, OpCode &code, Operands operands,
                              Operands results) {
  auto op = cast<affine::AffineApplyOp>(code.op);
  auto values = evaluateMap(op, op.getAffineMap(), operands);
  if (failed(values))
    return failure();
  results[0].cell.i = values->front();
  return success();
}

static LogicalResult runMin(Interpreter &, OpCode &code, Operands operands,
                            Operands results) {
  auto op = cast<affine::AffineMinOp>(code.op);
  auto values = evaluateMap(op, op.getAffineMap(), operands);
  if (failed(values))
    return failure();
  results[0].cell.i = *llvm::min_element(*values);
  return success();
}

static LogicalResult runMax(Interpreter &, OpCode &code, Operands operands,
                            Operands results) {
  auto op = cast<affine::AffineMaxOp>(code.op);
  auto values = evaluateMap(op, op.getAffineMap(), operands);
  if (failed(values))
    return failure();
  results[0].cell.i = *llvm::max_element(*values);
  return success();
}

static LogicalResult runDelinearize(Interpreter &, OpCode &code,
                                    Operands operands, Operands results) {
  auto op = cast<affine::AffineDelinearizeIndexOp>(code.op);
  Operands dynamics = operands.drop_front();
  SmallVector<int64_t, 4> basis = resolveMixed(op.getStaticBasis(), dynamics);
  int64_t rest = operands[0].cell.i;
  for (size_t i = results.size(); i-- > 1;) {
    int64_t extent = basis[basis.size() - (results.size() - i)];
    if (extent <= 0)
      return op.emitError("the basis ") << extent << " is not positive";
    results[i].cell.i = llvm::mod(rest, extent);
    rest = llvm::divideFloorSigned(rest, extent);
  }
  results[0].cell.i = rest;
  return success();
}

static LogicalResult runLinearize(Interpreter &, OpCode &code,
                                  Operands operands, Operands results) {
  auto op = cast<affine::AffineLinearizeIndexOp>(code.op);
  size_t rank = op.getMultiIndex().size();
  Operands dynamics = operands.drop_front(rank);
  SmallVector<int64_t, 4> basis = resolveMixed(op.getStaticBasis(), dynamics);
  // An outermost extent changes nothing.
  ArrayRef<int64_t> inner = ArrayRef<int64_t>(basis).take_back(
      std::min(basis.size(), rank ? rank - 1 : 0));
  int64_t linear = 0;
  for (size_t i = 0; i < rank; ++i)
    linear = (i ? linear * inner[i - 1] : 0) + operands[i].cell.i;
  results[0].cell.i = linear;
  return success();
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

/// The address of the element that `map` of `operands` selects.
static FailureOr<char *> mappedAddress(Operation *op, const HostTensor &array,
                                       AffineMap map, Operands operands) {
  auto values = evaluateMap(op, map, operands);
  if (failed(values))
    return failure();
  SmallVector<RtValue> indices;
  for (int64_t value : *values)
    indices.push_back(RtValue::scalar(value));
  return elementAddress(op, array, indices);
}

static LogicalResult runLoad(Interpreter &, OpCode &code, Operands operands,
                             Operands results) {
  auto op = cast<affine::AffineLoadOp>(code.op);
  HostTensor array = operands[0].array->read();
  FailureOr<char *> address =
      mappedAddress(op, array, op.getAffineMap(), operands.drop_front());
  if (failed(address))
    return failure();
  results[0].cell = loadCell(array.kind, *address);
  return success();
}

static LogicalResult runStore(Interpreter &, OpCode &code, Operands operands,
                              Operands) {
  auto op = cast<affine::AffineStoreOp>(code.op);
  HostTensor array = operands[1].array->write();
  FailureOr<char *> address =
      mappedAddress(op, array, op.getAffineMap(), operands.drop_front(2));
  if (failed(address))
    return failure();
  storeCell(array.kind, *address, operands[0].cell);
  return success();
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

static LogicalResult runFor(Interpreter &interpreter, OpCode &code,
                            Operands operands, Operands results) {
  auto op = cast<affine::AffineForOp>(code.op);
  size_t numLower = op.getLowerBoundOperands().size();
  size_t numUpper = op.getUpperBoundOperands().size();
  auto lower =
      evaluateMap(op, op.getLowerBoundMap(), operands.take_front(numLower));
  auto upper = evaluateMap(op, op.getUpperBoundMap(),
                           operands.slice(numLower, numUpper));
  if (failed(lower) || failed(upper))
    return failure();
  Operands inits = operands.drop_front(numLower + numUpper);
  SmallVector<RtValue> carried(std::make_move_iterator(inits.begin()),
                               std::make_move_iterator(inits.end()));
  LoopBounds loop{*llvm::max_element(*lower), *llvm::min_element(*upper),
                  op.getStepAsInt()};
  auto runIteration = [&](ArrayRef<int64_t> index) {
    SmallVector<RtValue> arguments{RtValue::scalar(index.front())};
    arguments.append(std::make_move_iterator(carried.begin()),
                     std::make_move_iterator(carried.end()));
    carried.clear();
    return interpreter.runRegion(op.getRegion(), arguments, carried);
  };
  if (failed(forEachPoint(op, loop, runIteration)))
    return failure();
  llvm::move(carried, results.begin());
  return success();
}

static LogicalResult runParallel(Interpreter &interpreter, OpCode &code,
                                 Operands operands, Operands) {
  auto op = cast<affine::AffineParallelOp>(code.op);
  if (op.getNumResults())
    return op.emitError("the reference does not evaluate reductions of '")
           << op->getName() << "'";
  size_t numLower = op.getLowerBoundsOperands().size();
  SmallVector<LoopBounds> loops;
  for (auto [dim, step] : llvm::enumerate(op.getSteps())) {
    auto lower = evaluateMap(op, op.getLowerBoundMap(dim),
                             operands.take_front(numLower));
    auto upper = evaluateMap(op, op.getUpperBoundMap(dim),
                             operands.drop_front(numLower));
    if (failed(lower) || failed(upper))
      return failure();
    loops.push_back(
        {*llvm::max_element(*lower), *llvm::min_element(*upper), step});
  }
  return forEachPoint(op, loops, [&](ArrayRef<int64_t> index) {
    SmallVector<RtValue> arguments, none;
    for (int64_t value : index)
      arguments.push_back(RtValue::scalar(value));
    return interpreter.runRegion(op.getRegion(), arguments, none);
  });
}

static LogicalResult runIf(Interpreter &interpreter, OpCode &code,
                           Operands operands, Operands results) {
  auto op = cast<affine::AffineIfOp>(code.op);
  IntegerSet set = op.getIntegerSet();
  auto values =
      evaluateExprs(op, set.getConstraints(), set.getNumDims(), operands);
  if (failed(values))
    return failure();
  bool holds = true;
  for (auto [index, value] : llvm::enumerate(*values))
    holds &= set.isEq(index) ? value == 0 : value >= 0;
  Region &region = holds ? op.getThenRegion() : op.getElseRegion();
  if (region.empty())
    return success();
  SmallVector<RtValue> yields;
  if (failed(interpreter.runRegion(region, {}, yields)))
    return failure();
  llvm::move(yields, results.begin());
  return success();
}

void graphrun::addAffineHandlers(HandlerTable &table) {
  table["affine.apply"] = runApply;
  table["affine.min"] = runMin;
  table["affine.max"] = runMax;
  table["affine.delinearize_index"] = runDelinearize;
  table["affine.linearize_index"] = runLinearize;
  table["affine.load"] = runLoad;
  table["affine.store"] = runStore;
  table["affine.for"] = runFor;
  table["affine.parallel"] = runParallel;
  table["affine.if"] = runIf;
}
