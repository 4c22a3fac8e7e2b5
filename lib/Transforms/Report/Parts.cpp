//===- Parts.cpp - Ops of the program that one op stands for --------------===//

#include "Parts.h"
#include "Work.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace graphopt;

/// Bytes that `op`, elementwise work on tensors, reads and writes; what it
/// reads twice is read once, constants are in the code.
static int64_t countOwnBytes(Operation *op) {
  int64_t bytes = 0;
  ValueRange operands = op->getOperands();
  for (auto [i, operand] : llvm::enumerate(operands))
    if (isa<ShapedType>(operand.getType()) &&
        !matchPattern(operand, m_Constant()) &&
        !llvm::is_contained(operands.take_front(i), operand))
      bytes += countTensorBytes(operand.getType());
  for (Type type : op->getResultTypes())
    bytes += countTensorBytes(type);
  return bytes;
}

void graphopt::setParts(Operation *map, ArrayRef<Operation *> ops) {
  SmallVector<Location> places;
  int64_t bytes = 0;
  for (Operation *op : ops) {
    places.push_back(op->getLoc());
    bytes += countOwnBytes(op);
  }
  Builder builder(map->getContext());
  map->setLoc(FusedLoc::get(map->getContext(), places));
  map->setAttr(
      kPartsAttribute,
      builder.getDictionaryAttr(
          {builder.getNamedAttr("bytes", builder.getI64IntegerAttr(bytes)),
           builder.getNamedAttr("kernels",
                                builder.getI64IntegerAttr(ops.size()))}));
}

std::optional<Parts> graphopt::getParts(Operation *op) {
  auto parts = op->getAttrOfType<DictionaryAttr>(kPartsAttribute);
  if (!parts)
    return std::nullopt;
  auto kernels = parts.getAs<IntegerAttr>("kernels");
  auto bytes = parts.getAs<IntegerAttr>("bytes");
  // A program may come with an attribute of this name.
  if (!kernels || !bytes || kernels.getInt() < 1)
    return std::nullopt;
  return Parts{kernels.getInt(), bytes.getInt()};
}

SmallVector<Location> graphopt::getPartLocations(Operation *op) {
  auto fused = dyn_cast<FusedLoc>(op->getLoc());
  if (!fused || !op->hasAttr(kPartsAttribute))
    return {op->getLoc()};
  return llvm::to_vector(fused.getLocations());
}

void graphopt::dropParts(Operation *op) {
  if (!op->hasAttr(kPartsAttribute))
    return;
  op->setLoc(getPartLocations(op).back());
  op->removeAttr(kPartsAttribute);
}
