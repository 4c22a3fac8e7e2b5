//===- CaptureRefusal.cpp - Why device work is not captured ---------------===//

#include "Blockers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// A host scalar that `op` reads, or null: operands and what its regions use
/// from outside.
static Value findHostOperand(Operation *op) {
  Value found;
  op->walk([&](Operation *inner) {
    for (Value value : inner->getOperands()) {
      bool isOutside = inner == op ||
                       !op->isAncestor(value.getParentRegion()->getParentOp());
      Operation *def = value.getDefiningOp();
      if (isOutside && value.getType().isIntOrIndexOrFloat() &&
          !(def && def->hasTrait<OpTrait::ConstantLike>()))
        found = value;
    }
    return found ? WalkResult::interrupt() : WalkResult::advance();
  });
  return found;
}

static bool isDynamic(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped && !(shaped.hasRank() && shaped.hasStaticShape());
}

/// Whether kernels can not work on `type`: elements that are no numbers, or an
/// encoding that says they are stored otherwise.
static bool isForeign(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped)
    return false;
  auto tensor = dyn_cast<RankedTensorType>(type);
  return !shaped.getElementType().isIntOrIndexOrFloat() ||
         (tensor && tensor.getEncoding());
}

CaptureRefusal graphopt::getCaptureRefusal(Operation *op) {
  SmallVector<Type> types(op->getOperandTypes());
  llvm::append_range(types, op->getResultTypes());
  auto find = [&](auto predicate) {
    auto it = llvm::find_if(types, predicate);
    return it == types.end() ? Type() : *it;
  };
  auto format = [](auto &&...parts) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    (stream << ... << parts);
    return text;
  };
  auto capturable = dyn_cast<CapturableOpInterface>(op);
  if (capturable && capturable.synchronizes())
    return {"synchronizes", "the host waits for the device when it runs"};
  if (capturable && capturable.isCaptureSafe())
    return {"not-in-region", "no region was formed around it"};
  if (Type type = find(isDynamic))
    return {"dynamic-shape", format("the shape of ", type, " is not static")};
  if (Type type = find(isForeign))
    return {"element-type", format("kernels do not work on ", type)};
  if (Type type = find(llvm::IsaPred<BaseMemRefType>)) {
    std::string reason;
    if (!capturable || capturable.canBeNode(reason) || reason.empty())
      reason = format("it works on ", type);
    return {"works-on-buffers", std::move(reason)};
  }
  if (Value value = findHostOperand(op))
    return {"host-operand",
            format("it reads a host scalar of type ", value.getType())};
  if (!capturable)
    return {"no-interface", format("no lowering of '", op->getName(),
                                   "' to a node is known; its dialect can give "
                                   "one through CapturableOpInterface")};
  return {"not-capture-safe", "it says that it must not be captured"};
}
