//===- DeviceControl.cpp - Branches and loops for the device --------------===//

#include "DeviceControl.h"

#include "GraphOpt/Analysis/ElementTypes.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "HostWork.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Which ones
//===----------------------------------------------------------------------===//

/// What decides `op` at run time; null if nothing does.
static Value getCondition(Operation *op) {
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return branch.getCondition();
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return loop.getConditionOp().getCondition();
  return {};
}

/// Pattern: for i = a to b step c -> while (i < b) { ...; i + c }
static scf::WhileOp makeWhile(scf::ForOp loop) {
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  SmallVector<Value> inits = {loop.getLowerBound()};
  llvm::append_range(inits, loop.getInits());
  SmallVector<Type> types(ValueRange(inits).getTypes());
  auto isMore = loop.getUnsignedCmp() ? arith::CmpIPredicate::ult
                                      : arith::CmpIPredicate::slt;
  auto result = scf::WhileOp::create(
      builder, loc, types, inits,
      [&](OpBuilder &b, Location loc, ValueRange arguments) {
        Value more = arith::CmpIOp::create(b, loc, isMore, arguments.front(),
                                           loop.getUpperBound());
        scf::ConditionOp::create(b, loc, more, arguments);
      },
      [&](OpBuilder &b, Location loc, ValueRange arguments) {
        IRMapping mapping;
        mapping.map(loop.getBody()->getArguments(), arguments);
        for (Operation &op : loop.getBody()->without_terminator())
          b.clone(op, mapping);
        SmallVector<Value> next = {
            arith::AddIOp::create(b, loc, arguments.front(), loop.getStep())};
        for (Value value : loop.getBody()->getTerminator()->getOperands())
          next.push_back(mapping.lookupOrDefault(value));
        scf::YieldOp::create(b, loc, next);
      });
  loop.replaceAllUsesWith(result.getResults().drop_front());
  loop.erase();
  return result;
}

llvm::SetVector<Operation *>
graphopt::chooseDeviceControl(func::FuncOp function) {
  DependentValues dependent(function);
  llvm::SetVector<Operation *> chosen;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isScalarWork(op) || !isDeviceControl(op))
      return;
    Value condition = getCondition(op);
    if (chosen.contains(op->getParentOp()) ||
        (condition && dependent.contains(condition)))
      chosen.insert(op);
  });
  for (Operation *op : chosen) {
    // The body is cloned: what is in it is found again.
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      makeWhile(loop);
      return chooseDeviceControl(function);
    }
  }
  for (Operation *op : chosen)
    if (isa<scf::WhileOp>(op))
      carryAllOnDevice(op);
  return chosen;
}

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

void graphopt::yieldOnDevice(Operation *op, ToDevice toDevice) {
  for (Region &region : op->getRegions()) {
    if (region.empty())
      continue;
    Operation *terminator = region.front().getTerminator();
    SmallVector<Value> values =
        llvm::map_to_vector(terminator->getOperands(), toDevice);
    OpBuilder builder(terminator);
    YieldOp::create(builder, terminator->getLoc(), values);
    terminator->erase();
  }
}

Operation *graphopt::convertBranch(scf::IfOp branch, ToDevice toDevice) {
  yieldOnDevice(branch, toDevice);
  SmallVector<Type> types;
  for (Type type : branch.getResultTypes())
    types.push_back(
        isKernelElement(type) ? Type(RankedTensorType::get({}, type)) : type);
  OpBuilder builder(branch);
  auto converted = tseq::IfOp::create(builder, branch.getLoc(), types,
                                      toDevice(branch.getCondition()));
  converted->setDiscardableAttrs(branch->getDiscardableAttrDictionary());
  converted.getThenRegion().takeBody(branch.getThenRegion());
  if (!branch.getElseRegion().empty())
    converted.getElseRegion().takeBody(branch.getElseRegion());
  return converted;
}

Operation *graphopt::convertLoop(scf::WhileOp loop) {
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  Block *before = loop.getBeforeBody(), *after = loop.getAfterBody();
  IRMapping first;
  first.map(before->getArguments(), loop.getInits());
  for (Operation &op : before->without_terminator())
    builder.clone(op, first);
  SmallVector<Value> start;
  for (Value value : before->getTerminator()->getOperands())
    start.push_back(first.lookupOrDefault(value));

  auto carried = ArrayRef(start).drop_front();
  SmallVector<Type> types(ValueRange(carried).getTypes());
  auto converted = WhileOp::create(builder, loc, types, start.front(), carried);
  SmallVector<Location> locs(types.size(), loc);
  Block *body = builder.createBlock(&converted.getBody(), {}, types, locs);
  for (auto [old, argument] :
       llvm::zip(after->getArguments(), body->getArguments()))
    old.replaceAllUsesWith(argument);
  body->getOperations().splice(body->end(), after->getOperations());
  Operation *yield = body->getTerminator();
  for (auto [old, value] :
       llvm::zip(before->getArguments(), yield->getOperands()))
    old.replaceAllUsesWith(value);
  yield->erase();
  body->getOperations().splice(body->end(), before->getOperations());
  return converted;
}
