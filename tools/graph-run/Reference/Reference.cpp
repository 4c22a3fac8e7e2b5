//===- Reference.cpp - Reference evaluator of upstream IR -----------------===//
//
// Implements the public interface: preparation of the module by upstream's own
// conversions, and calls with arrays in and out.
//
//===----------------------------------------------------------------------===//

#include "Reference.h"

#include "Interpreter.h"

#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToSCF/TosaToSCF.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace graphrun;

Reference::Reference(OwningOpRef<ModuleOp> copy) : module(std::move(copy)) {
  interpreter = std::make_unique<Interpreter>(*module);
}

Reference::~Reference() = default;

const EagerCounts &Reference::counts() const { return interpreter->counts; }

/// Runs upstream's conversions of `tosa` if the module holds any.
static LogicalResult lowerTosa(ModuleOp module) {
  bool hasTosa = false;
  module.walk([&](Operation *op) {
    hasTosa |= isa_and_nonnull<tosa::TosaDialect>(op->getDialect());
  });
  if (!hasTosa)
    return success();
  PassManager pm(module->getName());
  OpPassManager &function = pm.nest<func::FuncOp>();
  // Control first: the others do not know the terminators of its regions.
  function.addPass(createTosaToSCFPass());
  function.addPass(tosa::createTosaMakeBroadcastablePass());
  function.addPass(tosa::createTosaToLinalgNamed());
  function.addPass(tosa::createTosaToLinalg());
  // Constants last: the others look through them for shapes.
  function.addPass(createTosaToTensorPass());
  function.addPass(createTosaToArithPass());
  if (failed(pm.run(module)))
    return failure();
  // Shapes whose users took them as attributes, the last ones first.
  SmallVector<Operation *> left;
  module.walk([&](Operation *op) {
    if (isa_and_nonnull<tosa::TosaDialect>(op->getDialect()))
      left.push_back(op);
  });
  for (Operation *op : llvm::reverse(left))
    if (isOpTriviallyDead(op))
      op->erase();
  return success();
}

/// Replaces ops that stand for several structured ops, such as softmax.
static LogicalResult decomposeAggregates(ModuleOp module) {
  SmallVector<linalg::AggregatedOpInterface> aggregates;
  module.walk(
      [&](linalg::AggregatedOpInterface op) { aggregates.push_back(op); });
  IRRewriter rewriter(module.getContext());
  for (linalg::AggregatedOpInterface op : aggregates) {
    rewriter.setInsertionPoint(op);
    FailureOr<SmallVector<Value>> values = op.decomposeOperation(rewriter);
    if (failed(values))
      return op->emitError("the reference does not evaluate '")
             << op->getName() << "' on these types";
    rewriter.replaceOp(op, *values);
  }
  return success();
}

FailureOr<std::unique_ptr<Reference>> Reference::create(ModuleOp module) {
  OwningOpRef<ModuleOp> copy(module.clone());
  if (failed(lowerTosa(*copy)) || failed(decomposeAggregates(*copy)))
    return failure();
  return std::unique_ptr<Reference>(new Reference(std::move(copy)));
}

/// An argument as the evaluator sees it. Its bytes move into the value, so that
/// nobody else holds them.
static RtValue toValue(HostTensor &argument, Type type) {
  HostTensor view = argument;
  argument.bytes = nullptr;
  if (auto memref = dyn_cast<MemRefType>(type)) {
    auto storage = std::make_shared<Storage>(Storage{std::move(view.bytes)});
    return RtValue::memref(view, storage);
  }
  if (isa<RankedTensorType>(type))
    return RtValue::tensor(view);
  RtValue value;
  value.cell = loadCell(view.kind, view.data());
  argument.bytes = std::move(view.bytes);
  return value;
}

static HostTensor toArray(const RtValue &value, Type type) {
  if (value.array) {
    HostTensor array = value.array->read();
    return array.isContiguous() && array.offset == 0 ? array : array.clone();
  }
  HostTensor scalar = HostTensor::allocate(*elementKindOf(type), {});
  storeCell(scalar.kind, scalar.data(), value.cell);
  return scalar;
}

LogicalResult Reference::call(StringRef entry,
                              std::vector<HostTensor> &arguments,
                              std::vector<HostTensor> &results) {
  auto function = module->lookupSymbol<func::FuncOp>(entry);
  if (!function || function.isExternal())
    return module->emitError("the reference finds no function '")
           << entry << "'; it evaluates upstream dialects only";
  for (Type type : function.getResultTypes())
    if (!isa<ShapedType>(type) && !elementKindOf(type))
      return function.emitError("results of type ")
             << type << " can not be returned";
  SmallVector<RtValue> values, held, returned;
  for (auto [argument, type] :
       llvm::zip(arguments, function.getArgumentTypes()))
    values.push_back(toValue(argument, type));
  // The call consumes its operands; storage is kept to read it afterwards.
  for (RtValue &value : values) {
    RtValue &keep = held.emplace_back();
    if (value.array && value.array->isMemRef())
      keep = value;
    else if (value.array)
      keep = RtValue::tensor(value.array->view);
  }
  LogicalResult status = interpreter->call(function, values, returned);
  for (auto [argument, keep] : llvm::zip(arguments, held))
    if (keep.array)
      argument.bytes = keep.array->read().bytes;
  if (failed(status))
    return failure();
  results.clear();
  for (auto [value, type] : llvm::zip(returned, function.getResultTypes()))
    results.push_back(toArray(value, type));
  return success();
}
