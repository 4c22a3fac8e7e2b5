//===- DeviceControl.cpp - Branches and loops for the device --------------===//

#include "DeviceControl.h"

#include "GraphOpt/Analysis/CostModel.h"
#include "GraphOpt/Analysis/ElementTypes.h"
#include "GraphOpt/Analysis/Remarks.h"
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
  result->setDiscardableAttrs(loop->getDiscardableAttrDictionary());
  if (std::optional<APInt> turns = loop.getStaticTripCount();
      turns && turns->isIntN(63))
    result->setAttr(kTurnsAttribute,
                    builder.getI64IntegerAttr(turns->getZExtValue()));
  loop.replaceAllUsesWith(result.getResults().drop_front());
  loop.erase();
  return result;
}

/// Attribute of a loop whose condition is on the device: what its turns cost
/// there and with the host, in microseconds.
static constexpr llvm::StringLiteral kCostsAttribute = "predicted_us";

/// Whether `op` runs on the device although what is around it does not;
/// `dependent` are the values that come from readbacks.
static bool isChosen(Operation *op, const DependentValues &dependent,
                     const Calibration &calibration) {
  bool isRequested = getLoopRequest(op) == "device";
  if (isa<scf::ForOp>(op))
    return isRequested;
  bool isDependent = dependent.contains(getCondition(op));
  if (isa<scf::IfOp>(op))
    return isDependent;
  if (!isDependent && !isRequested)
    return false;
  LoopCosts costs = predictLoop(getTurns(op, calibration), calibration);
  Builder builder(op->getContext());
  auto name = [&](StringRef name, double value) {
    return builder.getNamedAttr(name, builder.getF64FloatAttr(value));
  };
  op->setAttr(kCostsAttribute,
              builder.getDictionaryAttr(
                  {name("device", costs.device), name("host", costs.host)}));
  return isRequested || costs.device <= costs.host;
}

/// Says where each loop of `function` runs that may run on the device.
static void remarkLoops(func::FuncOp function,
                        const llvm::SetVector<Operation *> &chosen) {
  function.walk([&](scf::WhileOp loop) {
    auto costs = loop->getAttrOfType<DictionaryAttr>(kCostsAttribute);
    if (!costs)
      return;
    auto get = [&](StringRef name) {
      return costs.getAs<FloatAttr>(name).getValueAsDouble();
    };
    auto remark = chosen.contains(loop) ? remarkDone(loop, "loop-on-device")
                                        : remarkRefused(loop, "loop-on-host");
    remark << mlir::remark::metric("device-microseconds", get("device"))
           << mlir::remark::metric("host-microseconds", get("host"));
  });
}

/// Checks the requests for loops of `function`.
static LogicalResult verifyLoopRequests(func::FuncOp function) {
  WalkResult result = function.walk([&](Operation *op) {
    Attribute request = op->getAttr(kLoopAttribute);
    if (request &&
        (!isa<scf::ForOp, scf::WhileOp>(op) ||
         (getLoopRequest(op) != "device" && getLoopRequest(op) != "host"))) {
      op->emitError("attribute '")
          << kLoopAttribute
          << "' must be \"device\" or \"host\", on an scf.for or scf.while";
      return WalkResult::interrupt();
    }
    auto turns = op->getAttrOfType<IntegerAttr>(kTurnsAttribute);
    if (op->hasAttr(kTurnsAttribute) &&
        (!turns || turns.getValue().isNegative())) {
      op->emitError("attribute '")
          << kTurnsAttribute << "' must be an integer, 0 or more";
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// Names loops that were to run on the device and can not.
static LogicalResult verifyChosen(func::FuncOp function,
                                  const llvm::SetVector<Operation *> &chosen) {
  WalkResult result = function.walk([&](Operation *op) {
    if (getLoopRequest(op) != "device" || chosen.contains(op) ||
        isScalarWork(op))
      return WalkResult::advance();
    op->emitError("attribute '")
        << kLoopAttribute
        << "' asks for the device, but the loop holds work of the host, or its "
           "condition is known there";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

FailureOr<llvm::SetVector<Operation *>>
graphopt::chooseDeviceControl(func::FuncOp function) {
  if (failed(verifyLoopRequests(function)))
    return failure();
  Calibration calibration = Calibration::getFor(function);
  DependentValues dependent(function);
  llvm::SetVector<Operation *> chosen;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isScalarWork(op) || !isDeviceControl(op))
      return;
    if (chosen.contains(op->getParentOp()) ||
        isChosen(op, dependent, calibration))
      chosen.insert(op);
  });
  if (failed(verifyChosen(function, chosen)))
    return failure();
  for (Operation *op : chosen) {
    // The body is cloned: what is in it is found again.
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      makeWhile(loop);
      return chooseDeviceControl(function);
    }
  }
  remarkLoops(function, chosen);
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
  converted->setDiscardableAttrs(loop->getDiscardableAttrDictionary());
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
