//===- RaiseCopies.cpp - Copies between tensors and buffers ---------------===//
//
// Makes device work of what moves data but computes nothing: writes of one
// buffer's contents to another, and the parts of a tensor that is put together
// by slices.
//
//===----------------------------------------------------------------------===//

#include "Raising.h"

#include "GraphOpt/Analysis/Slices.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;
using bufferization::MaterializeInDestinationOp;
using bufferization::ToTensorOp;

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

/// Whether no device work makes `tensor`: it is what a buffer or an argument
/// holds, or a part of a tensor.
static bool isGiven(Value tensor) {
  if (!isSupportedTensor(tensor.getType()))
    return false;
  Operation *def = tensor.getDefiningOp();
  return !def || isa<ToTensorOp>(def) || isContiguousExtract(def);
}

/// Whether `slice` replaces whole rows: all of its tensor but for the first
/// dimension.
static bool isRows(tensor::InsertSliceOp slice) {
  ArrayRef<int64_t> shape = slice.getDestType().getShape();
  auto range = getSliceRange(slice, shape);
  return range && range->contiguous && !shape.empty() &&
         slice.getStaticStrides()[0] == 1 &&
         shape.drop_front() == slice.getStaticSizes().drop_front();
}

//===----------------------------------------------------------------------===//
// Rewrites
//===----------------------------------------------------------------------===//

/// What `tensor` was before its shape was changed.
static Value getSource(Value tensor) {
  while (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(
      tensor.getDefiningOp()))
    tensor = tensor.getDefiningOp()->getOperand(0);
  return tensor;
}

/// Makes a map of the copy that `use` stands for, below what only changes its
/// shape.
static void raiseCopy(OpOperand &use) {
  Value source = getSource(use.get());
  if (!isGiven(source))
    return;
  // Reshapes of their own: others may use the source through the old ones.
  OpBuilder builder(use.getOwner());
  Location loc = use.getOwner()->getLoc();
  SmallVector<Operation *> reshapes;
  for (Value value = use.get(); value != source;
       value = value.getDefiningOp()->getOperand(0))
    reshapes.push_back(value.getDefiningOp());
  IRMapping mapping;
  mapping.map(source,
              createUnaryMap(builder, loc, source,
                             cast<RankedTensorType>(source.getType()),
                             [](OpBuilder &, Value value) { return value; }));
  for (Operation *reshape : llvm::reverse(reshapes))
    builder.clone(*reshape, mapping);
  use.set(mapping.lookup(use.get()));
}

/// Pattern: concat a, b -> insert_slice b, (insert_slice a, empty)
static void decompose(tensor::ConcatOp concat) {
  if (!isSupportedTensor(concat.getType()))
    return;
  OpBuilder builder(concat);
  FailureOr<SmallVector<Value>> values = concat.decomposeOperation(builder);
  if (failed(values))
    return;
  concat->replaceAllUsesWith(*values);
  concat->erase();
}

/// Whether `base` with slices put into it is written to the buffer that `base`
/// was read from, so that what no slice replaces is there already.
static bool goesBack(Value base) {
  auto read = base.getDefiningOp<ToTensorOp>();
  if (!read)
    return false;
  return llvm::any_of(base.getUsers(), [&](Operation *user) {
    auto last = dyn_cast<tensor::InsertSliceOp>(user);
    while (auto next = last ? getNextVersion(last) : last)
      last = next;
    return last && llvm::any_of(last->getUsers(), [&](Operation *user) {
             auto write = dyn_cast<MaterializeInDestinationOp>(user);
             return write && write.getDest() == read.getBuffer();
           });
  });
}

/// Pattern: insert_slice x, t [0] [4] [1] : tensor<6xT>
///       -> insert_slice (extract_slice t [4] [2] [1]), (insert_slice x, empty)
/// The rows of a given tensor that no slice replaces are slices like the
/// others, if the tensor must be copied anyway. `first` begins a chain.
static void takeRows(tensor::InsertSliceOp first) {
  Value base = first.getDest();
  // What a loop carries may be updated in place.
  auto argument = dyn_cast<BlockArgument>(base);
  if (!isGiven(base) ||
      (argument && !isa<func::FuncOp>(argument.getOwner()->getParentOp())))
    return;
  if (goesBack(base))
    return;
  SmallVector<std::pair<int64_t, int64_t>> taken; // First row, one past.
  for (auto insert = first; insert; insert = getNextInsert(insert)) {
    if (!isRows(insert))
      return;
    int64_t begin = insert.getStaticOffsets()[0];
    taken.push_back({begin, begin + insert.getStaticSizes()[0]});
  }
  llvm::sort(taken);
  auto type = first.getDestType();
  taken.push_back({type.getDimSize(0), type.getDimSize(0)});

  OpBuilder builder(first);
  Location loc = first.getLoc();
  Value result = tensor::EmptyOp::create(builder, loc, type.getShape(),
                                         type.getElementType());
  auto attrs = [&](int64_t leading, ArrayRef<int64_t> others) {
    SmallVector<OpFoldResult> values = {builder.getIndexAttr(leading)};
    for (int64_t value : others)
      values.push_back(builder.getIndexAttr(value));
    return values;
  };
  SmallVector<int64_t> zeros(type.getRank() - 1, 0),
      ones(type.getRank() - 1, 1);
  int64_t row = 0;
  for (auto [begin, end] : taken) {
    if (row < begin) {
      SmallVector<OpFoldResult> offsets = attrs(row, zeros),
                                sizes = attrs(begin - row,
                                              type.getShape().drop_front()),
                                strides = attrs(1, ones);
      Value rows = tensor::ExtractSliceOp::create(builder, loc, base, offsets,
                                                  sizes, strides);
      result = tensor::InsertSliceOp::create(builder, loc, rows, result,
                                             offsets, sizes, strides);
    }
    row = std::max(row, end);
  }
  first.getDestMutable().assign(result);
}

void graphopt::raiseCopies(Operation *root) {
  root->walk([](tensor::ConcatOp concat) { decompose(concat); });
  root->walk([](tensor::InsertSliceOp insert) {
    auto before = insert.getDest().getDefiningOp<tensor::InsertSliceOp>();
    if (isSupportedTensor(insert.getType()) &&
        (!before || getNextInsert(before) != insert))
      takeRows(insert);
  });
  root->walk([](Operation *op) {
    if (isContiguousInsert(op))
      raiseCopy(op->getOpOperand(0));
    // What only one side of a branch takes out of a tensor is copied there.
    if (isa<scf::YieldOp>(op) && isa<scf::IfOp>(op->getParentOp()))
      for (OpOperand &use : op->getOpOperands())
        if (isContiguousExtract(getSource(use.get()).getDefiningOp()))
          raiseCopy(use);
    auto write = dyn_cast<MaterializeInDestinationOp>(op);
    if (write && isa<MemRefType>(write.getDest().getType()))
      raiseCopy(write.getSourceMutable());
  });
}
