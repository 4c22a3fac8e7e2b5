//===- ForwardSlices.cpp - Slices of what slices were put into ------------===//
//
// Lets a slice of a tensor that was put together by slices be taken from where
// its elements come from, so that what is read does not wait for what was
// written elsewhere.
//
//===----------------------------------------------------------------------===//

#include "Raising.h"

#include "GraphOpt/Analysis/RangeIndex.h"
#include "GraphOpt/Analysis/Slices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace graphopt;

namespace {
/// Slices that are put into one tensor, each into what the one before made.
struct Versions {
  SmallVector<tensor::InsertSliceOp> inserts;
  RangeIndex ranges; ///< Of `inserts`, by their numbers.
};

class Forwarder {
public:
  void add(tensor::InsertSliceOp insert);
  void forward(tensor::ExtractSliceOp extract);

private:
  /// The tensors that `add` has seen made: the last slice of each.
  struct Version {
    size_t versions, number;
  };
  DenseMap<Value, Version> known;
  SmallVector<Versions> all;
};
} // namespace

/// Where a slice of a tensor of static shape lies: anywhere, if that is not
/// known.
static SliceRange getBounds(OffsetSizeAndStrideOpInterface op,
                            RankedTensorType type) {
  return getSliceRange(op, type.getShape())
      .value_or(SliceRange{0, type.getNumElements(), false});
}

void Forwarder::add(tensor::InsertSliceOp insert) {
  if (!insert.getType().hasStaticShape())
    return;
  Version version = {all.size(), 0};
  auto before = known.find(insert.getDest());
  // Another op may go on with the same version: that is a new tensor.
  if (before != known.end() &&
      before->second.number + 1 == all[before->second.versions].inserts.size())
    version = {before->second.versions, before->second.number + 1};
  else
    all.emplace_back();
  Versions &versions = all[version.versions];
  SliceRange range = getBounds(insert, insert.getDestType());
  versions.ranges.insert(range.begin, range.end, version.number);
  versions.inserts.push_back(insert);
  known[insert] = version;
}

/// `extract`, which takes a part of what `insert` has put in, of its source.
static void takeFromSource(tensor::ExtractSliceOp extract,
                           tensor::InsertSliceOp insert) {
  OpBuilder builder(extract);
  SmallVector<OpFoldResult> offsets;
  for (auto [offset, other] :
       llvm::zip_equal(extract.getStaticOffsets(), insert.getStaticOffsets()))
    offsets.push_back(builder.getIndexAttr(offset - other));
  Value part = tensor::ExtractSliceOp::create(
      builder, extract.getLoc(), extract.getType(), insert.getSource(), offsets,
      extract.getMixedSizes(), extract.getMixedStrides());
  extract.replaceAllUsesWith(part);
}

void Forwarder::forward(tensor::ExtractSliceOp extract) {
  // What is found may be a slice of another tensor.
  for (auto it = known.find(extract.getSource()); it != known.end();
       it = known.find(extract.getSource())) {
    Versions &versions = all[it->second.versions];
    SliceRange range = getBounds(extract, extract.getSourceType());
    tensor::InsertSliceOp last;
    SliceRelation relation = SliceRelation::Disjoint;
    for (size_t number : llvm::reverse(
             versions.ranges.findOverlapping(range.begin, range.end))) {
      if (number > it->second.number)
        continue;
      last = versions.inserts[number];
      relation = getSliceRelation(extract, last);
      if (relation != SliceRelation::Disjoint)
        break;
    }
    if (relation == SliceRelation::Disjoint) {
      extract.getSourceMutable().assign(versions.inserts.front().getDest());
      continue;
    }
    if (relation == SliceRelation::Same &&
        extract.getType() == last.getSourceType()) {
      extract.replaceAllUsesWith(last.getSource());
    } else if (relation == SliceRelation::Inside &&
               last.getSourceType().getRank() == last.getType().getRank()) {
      takeFromSource(extract, last);
    } else {
      extract.getSourceMutable().assign(last.getResult());
    }
    return;
  }
}

void graphopt::forwardSlices(Operation *root) {
  Forwarder forwarder;
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
      forwarder.add(insert);
    else if (auto extract = dyn_cast<tensor::ExtractSliceOp>(op))
      forwarder.forward(extract);
  });
  root->walk([](tensor::ExtractSliceOp extract) {
    TypedAttr constant;
    if (!extract->use_empty() && extract.getType().hasStaticShape())
      constant = getConstantFill(extract.getSource());
    if (constant) {
      OpBuilder builder(extract);
      extract.replaceAllUsesWith(
          arith::ConstantOp::create(
              builder, extract.getLoc(),
              DenseElementsAttr::get(extract.getType(), Attribute(constant)))
              .getResult());
    }
    if (extract->use_empty())
      extract.erase();
  });
}
