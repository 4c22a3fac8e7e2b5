//===- Requests.cpp - What a program asks for -----------------------------===//
//
// Implements reading and checking attributes that decide instead of costs.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Requests.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;

StringRef graphopt::getLaunchRequest(Operation *op) {
  StringRef request;
  op->walk<WalkOrder::PreOrder>([&](Operation *inner) {
    if (auto own = inner->getAttrOfType<StringAttr>(kLaunchAttribute)) {
      request = own.getValue();
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return request;
}

LogicalResult graphopt::verifyRequests(Operation *root, StringRef name,
                                       StringRef a, StringRef b) {
  WalkResult result = root->walk([&](Operation *op) {
    Attribute attribute = op->getAttr(name);
    auto choice = dyn_cast_if_present<StringAttr>(attribute);
    if (!attribute ||
        (choice && (choice.getValue() == a || choice.getValue() == b)))
      return WalkResult::advance();
    op->emitError("attribute '")
        << name << "' must be \"" << a << "\" or \"" << b << "\"";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}
