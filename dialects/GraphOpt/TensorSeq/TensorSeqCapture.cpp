//===- TensorSeqCapture.cpp - What captured ops touch and cost ------------===//
//
// Implements the defaults of CapturableOpInterface.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::tseq;

/// Whether values of `type` are data on the device.
static bool isData(Type type) {
  return isa<TensorType, BaseMemRefType, SeqType>(type);
}

/// Calls `visit` with each tensor or memref type of `type`; fails as soon as it
/// does, or if a shape is not static.
static LogicalResult
forEachShape(Type type, function_ref<LogicalResult(ShapedType)> visit) {
  if (auto sequence = dyn_cast<SeqType>(type)) {
    for (Type element : sequence.getElements())
      if (failed(forEachShape(element, visit)))
        return failure();
    return success();
  }
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped)
    return success();
  if (!shaped.hasStaticShape())
    return failure();
  return visit(shaped);
}

/// Bytes of one element in memory.
static std::optional<int64_t> getElementBytes(Type type) {
  if (type.isIndex())
    return 8;
  if (auto complexType = dyn_cast<ComplexType>(type)) {
    std::optional<int64_t> part = getElementBytes(complexType.getElementType());
    return part ? std::optional(2 * *part) : std::nullopt;
  }
  if (!type.isIntOrFloat())
    return std::nullopt;
  return llvm::PowerOf2Ceil(llvm::divideCeil(type.getIntOrFloatBitWidth(), 8));
}

std::optional<int64_t> tseq::getDataElements(Type type) {
  int64_t total = 0;
  auto add = [&](ShapedType shaped) {
    int64_t count = 1;
    for (int64_t size : shaped.getShape())
      if (llvm::MulOverflow(count, size, count))
        return failure();
    return failure(llvm::AddOverflow(total, count, total));
  };
  if (failed(forEachShape(type, add)))
    return std::nullopt;
  return total;
}

std::optional<int64_t> tseq::getDataBytes(Type type) {
  int64_t total = 0;
  auto add = [&](ShapedType shaped) -> LogicalResult {
    std::optional<int64_t> size = getElementBytes(shaped.getElementType());
    std::optional<int64_t> count = getDataElements(shaped);
    int64_t bytes = 0;
    return failure(!size || !count || llvm::MulOverflow(*size, *count, bytes) ||
                   llvm::AddOverflow(total, bytes, total));
  };
  if (failed(forEachShape(type, add)))
    return std::nullopt;
  return total;
}

bool tseq::hasStaticShapes(Operation *op) {
  auto isStatic = [](Type type) {
    return succeeded(forEachShape(type, [](ShapedType) { return success(); }));
  };
  return llvm::all_of(op->getOperandTypes(), isStatic) &&
         llvm::all_of(op->getResultTypes(), isStatic);
}

bool tseq::collectOperandAccesses(Operation *op,
                                  SmallVectorImpl<ValueAccess> &accesses) {
  SetVector<Value> operands(op->operand_begin(), op->operand_end());
  for (Value operand : operands)
    if (isData(operand.getType()))
      accesses.push_back({operand, /*reads=*/true,
                          /*writes=*/isa<BaseMemRefType>(operand.getType())});
  for (Value result : op->getResults())
    if (isData(result.getType()))
      accesses.push_back({result, /*reads=*/false, /*writes=*/true});
  return true;
}

int64_t tseq::countArithmetic(Operation *op) {
  int64_t count = 0;
  for (Region &region : op->getRegions())
    region.walk([&](Operation *inner) {
      // Constants and terminators cost nothing, control is counted by what it
      // holds.
      bool computes = inner->getNumResults() > 0 &&
                      inner->getNumRegions() == 0 &&
                      !inner->hasTrait<OpTrait::ConstantLike>() &&
                      isMemoryEffectFree(inner);
      count += computes;
    });
  return std::max<int64_t>(count, 1);
}

std::optional<WorkEstimate> tseq::estimateTraffic(Operation *op,
                                                  int64_t operations) {
  WorkEstimate work;
  work.operations = operations;
  SmallVector<ValueAccess> accesses;
  cast<CapturableOpInterface>(op).collectAccesses(accesses);
  for (const ValueAccess &access : accesses) {
    std::optional<int64_t> bytes = getDataBytes(access.value.getType());
    if (!bytes)
      return std::nullopt;
    work.bytesRead += access.reads ? *bytes : 0;
    work.bytesWritten += access.writes ? *bytes : 0;
  }
  return work;
}

std::optional<WorkEstimate> tseq::estimateElementwiseWork(Operation *op) {
  int64_t largest = 0;
  SmallVector<ValueAccess> accesses;
  cast<CapturableOpInterface>(op).collectAccesses(accesses);
  for (const ValueAccess &access : accesses)
    largest =
        std::max(largest, getDataElements(access.value.getType()).value_or(0));
  int64_t operations = 0;
  if (!cast<CapturableOpInterface>(op).isKernel())
    return estimateTraffic(op, 0);
  if (llvm::MulOverflow(largest, countArithmetic(op), operations))
    return std::nullopt;
  return estimateTraffic(op, operations);
}
