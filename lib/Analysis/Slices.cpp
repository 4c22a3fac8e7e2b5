//===- Slices.cpp - Where a slice lies in its tensor ----------------------===//
//
// Finds the range of elements of a slice, and the slices without gaps.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Slices.h"

using namespace mlir;
using namespace graphopt;

std::optional<SliceRange>
graphopt::getSliceRange(OffsetSizeAndStrideOpInterface op,
                        ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> offsets = op.getStaticOffsets(),
                    sizes = op.getStaticSizes(),
                    strides = op.getStaticStrides();
  for (ArrayRef<int64_t> numbers : {shape, offsets, sizes, strides})
    if (ShapedType::isDynamicShape(numbers))
      return std::nullopt;
  SliceRange range{0, 1, true};
  int64_t step = 1;        // Elements from one index to the next.
  bool partsBelow = false; // Whether an inner dimension is taken in part.
  for (int64_t i = shape.size(); i-- > 0;) {
    if (sizes[i] == 0)
      return SliceRange{0, 0, true};
    range.begin += offsets[i] * step;
    range.end += (offsets[i] + (sizes[i] - 1) * strides[i]) * step;
    if (sizes[i] != 1 && (partsBelow || strides[i] != 1))
      range.contiguous = false;
    partsBelow |= sizes[i] != shape[i];
    step *= shape[i];
  }
  return range;
}

bool graphopt::isContiguousExtract(Operation *op) {
  auto slice = dyn_cast_or_null<tensor::ExtractSliceOp>(op);
  if (!slice)
    return false;
  auto range = getSliceRange(slice, slice.getSourceType().getShape());
  return range && range->contiguous;
}

bool graphopt::isContiguousInsert(Operation *op) {
  auto slice = dyn_cast_or_null<tensor::InsertSliceOp>(op);
  if (!slice)
    return false;
  auto range = getSliceRange(slice, slice.getDestType().getShape());
  return range && range->contiguous;
}

tensor::InsertSliceOp graphopt::getNextInsert(tensor::InsertSliceOp insert) {
  if (!insert->hasOneUse())
    return {};
  OpOperand &use = *insert->use_begin();
  auto next = dyn_cast<tensor::InsertSliceOp>(use.getOwner());
  bool isDest = next && &use == &next.getDestMutable();
  return isDest && next->getBlock() == insert->getBlock()
             ? next
             : tensor::InsertSliceOp();
}

tensor::InsertSliceOp graphopt::getNextVersion(tensor::InsertSliceOp insert) {
  tensor::InsertSliceOp last;
  for (OpOperand &use : insert->getUses()) {
    auto next = dyn_cast<tensor::InsertSliceOp>(use.getOwner());
    if (next && &use == &next.getDestMutable() &&
        next->getBlock() == insert->getBlock() &&
        (!last || last->isBeforeInBlock(next)))
      last = next;
  }
  return last;
}

SliceRelation
graphopt::getSliceRelation(OffsetSizeAndStrideOpInterface first,
                           OffsetSizeAndStrideOpInterface second) {
  if (first.isSameAs(second, std::equal_to<OpFoldResult>()))
    return SliceRelation::Same;
  for (OffsetSizeAndStrideOpInterface op : {first, second})
    if (ShapedType::isDynamicShape(op.getStaticOffsets()) ||
        ShapedType::isDynamicShape(op.getStaticSizes()) ||
        ShapedType::isDynamicShape(op.getStaticStrides()))
      return SliceRelation::Unknown;
  bool isInside = true;
  for (size_t i = 0, rank = first.getStaticOffsets().size(); i < rank; ++i) {
    int64_t begin = first.getStaticOffset(i), step = first.getStaticStride(i),
            end = begin + (first.getStaticSize(i) - 1) * step + 1;
    int64_t otherBegin = second.getStaticOffset(i),
            otherStep = second.getStaticStride(i),
            otherEnd =
                otherBegin + (second.getStaticSize(i) - 1) * otherStep + 1;
    if (step < 1 || otherStep < 1)
      return SliceRelation::Unknown;
    bool areApart = end <= otherBegin || otherEnd <= begin;
    bool areInterleaved = step == otherStep && (begin - otherBegin) % step != 0;
    if (areApart || areInterleaved)
      return SliceRelation::Disjoint;
    isInside &= otherStep == 1 && otherBegin <= begin && end <= otherEnd;
  }
  return isInside ? SliceRelation::Inside : SliceRelation::Unknown;
}
