//===- ExpandIndexCasts.cpp - Casts of index that lose bits ---------------===//
//
// Upstream folds a cast from index to an integer and back to nothing, whatever
// the integer's width. What loses bits must not look like such a pair.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/TypeUtilities.h"

namespace graphopt {
#define GEN_PASS_DEF_EXPANDINDEXCASTS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

/// Bits of index on the host and on the device.
static constexpr unsigned kIndexBits = 64;

/// `type` with elements of i64.
static Type withIndexBits(Type type) {
  Type element = IntegerType::get(type.getContext(), kIndexBits);
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped ? Type(shaped.clone(element)) : element;
}

/// Returns whether `cast` was one of those.
///
/// Pattern: index_cast x : index to i8 -> trunci (index_cast x : index to i64)
///          index_cast x : i8 to index -> index_cast (ext x : i8 to i64)
template <typename CastOp, typename ExtendOp>
static bool expand(CastOp cast) {
  auto bits = [](Type type) -> unsigned {
    auto integer = dyn_cast<IntegerType>(getElementTypeOrSelf(type));
    return integer ? integer.getWidth() : kIndexBits;
  };
  Type from = cast.getIn().getType(), to = cast.getType();
  OpBuilder builder(cast);
  Location loc = cast.getLoc();
  Value result;
  if (bits(to) < kIndexBits) {
    Value wide = CastOp::create(builder, loc, withIndexBits(to), cast.getIn());
    result = arith::TruncIOp::create(builder, loc, to, wide);
  } else if (bits(from) < kIndexBits) {
    Value wide =
        ExtendOp::create(builder, loc, withIndexBits(from), cast.getIn());
    result = CastOp::create(builder, loc, to, wide);
  } else {
    return false;
  }
  cast.replaceAllUsesWith(result);
  cast.erase();
  return true;
}

namespace {
struct ExpandIndexCasts
    : public graphopt::impl::ExpandIndexCastsBase<ExpandIndexCasts> {
  void runOnOperation() override {
    bool changed = false;
    getOperation().walk([&](Operation *op) {
      if (auto cast = dyn_cast<arith::IndexCastOp>(op))
        changed |= expand<arith::IndexCastOp, arith::ExtSIOp>(cast);
      else if (auto cast = dyn_cast<arith::IndexCastUIOp>(op))
        changed |= expand<arith::IndexCastUIOp, arith::ExtUIOp>(cast);
    });
    if (!changed)
      markAllAnalysesPreserved();
  }
};
} // namespace
