//===- BufferRange.cpp - What part of a buffer a memref covers ------------===//
//
// Follows views to their root and bounds the elements they touch.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace graphopt;

static bool isAllocation(Value root) {
  return isa_and_nonnull<memref::AllocOp, memref::AllocaOp>(
      root.getDefiningOp());
}

bool graphopt::isIdentifiedRoot(Value root) {
  if (auto argument = dyn_cast<BlockArgument>(root))
    return argument.getOwner()->isEntryBlock() &&
           isa<FunctionOpInterface>(argument.getOwner()->getParentOp());
  Operation *op = root.getDefiningOp();
  return isa<memref::GetGlobalOp>(op) ||
         hasEffect<MemoryEffects::Allocate>(op, root);
}

bool BufferRange::mayOverlap(const BufferRange &other,
                             bool distinctRoots) const {
  if (root != other.root) {
    bool isOther = (isAllocation(root) && isIdentifiedRoot(other.root)) ||
                   (isAllocation(other.root) && isIdentifiedRoot(root));
    return !(distinctRoots || isOther);
  }
  if (!begin || !other.begin)
    return true;
  return *begin < *other.end && *other.begin < *end;
}

/// The memref that `memref` is a view of, if its range can be told by type.
static Value getViewSource(Value memref) {
  Operation *op = memref.getDefiningOp();
  if (isa_and_nonnull<memref::SubViewOp, memref::ReinterpretCastOp,
                      memref::ExpandShapeOp, memref::CollapseShapeOp,
                      memref::CastOp, memref::TransposeOp, memref::ViewOp,
                      memref::ReshapeOp, memref::AssumeAlignmentOp>(op))
    return op->getOperand(0);
  return {};
}

/// The elements that a memref of type `type` may touch, from the aligned
/// pointer on: first and one past the last, if its layout is static.
static std::optional<std::pair<int64_t, int64_t>> getExtent(MemRefType type) {
  int64_t offset;
  SmallVector<int64_t> strides;
  // Far the most common, and far cheaper than its strides.
  if (type && type.hasStaticShape() && type.getLayout().isIdentity())
    return std::pair(int64_t(0), type.getNumElements());
  if (!type || !type.hasStaticShape() ||
      failed(cudagraph::getLayout(type, strides, offset)) ||
      ShapedType::isDynamic(offset) || ShapedType::isDynamicShape(strides))
    return std::nullopt;
  if (type.getNumElements() == 0)
    return std::pair(offset, offset);
  int64_t last = offset;
  for (auto [size, stride] : llvm::zip_equal(type.getShape(), strides)) {
    if (stride < 0)
      return std::nullopt;
    last += (size - 1) * stride;
  }
  return std::pair(offset, last + 1);
}

BufferRange graphopt::getBufferRange(Value memref) {
  BufferRange range;
  range.root = memref;
  while (Value source = getViewSource(range.root))
    range.root = source;

  // A view's strided layout gives its offset from the root's aligned pointer,
  // whatever views lie between; exceptions are `memref.view`, which changes the
  // element type and keeps the offset apart, and `memref.reshape`, whose type
  // has no offset.
  for (Value v = memref; v != range.root; v = getViewSource(v))
    if (isa<memref::ViewOp, memref::ReshapeOp>(v.getDefiningOp()))
      return range;
  if (auto extent = getExtent(dyn_cast<MemRefType>(memref.getType())))
    std::tie(range.begin, range.end) = *extent;
  return range;
}

/// Whether `op` is a view that takes nothing but its source.
static bool isStaticView(Operation *op) {
  return isa_and_nonnull<memref::SubViewOp, memref::ReinterpretCastOp,
                         memref::ExpandShapeOp, memref::CollapseShapeOp,
                         memref::CastOp>(op) &&
         op->getNumOperands() == 1;
}

Value graphopt::getStaticBase(Value memref) {
  auto extentOf = [](Value value) {
    return getExtent(dyn_cast<MemRefType>(value.getType()));
  };
  while (isStaticView(memref.getDefiningOp())) {
    Value source = memref.getDefiningOp()->getOperand(0);
    auto inner = extentOf(memref), outer = extentOf(source);
    if (!inner || !outer || inner->first < outer->first ||
        inner->second > outer->second)
      break;
    memref = source;
  }
  return memref;
}

bool graphopt::isContiguous(MemRefType type) {
  int64_t offset;
  SmallVector<int64_t> strides;
  if (!type.hasStaticShape() ||
      failed(cudagraph::getLayout(type, strides, offset)))
    return false;
  int64_t expected = 1;
  for (int64_t i = type.getRank(); i-- > 0;) {
    if (type.getDimSize(i) != 1 && strides[i] != expected &&
        type.getNumElements() != 0)
      return false;
    expected *= type.getDimSize(i);
  }
  return true;
}
