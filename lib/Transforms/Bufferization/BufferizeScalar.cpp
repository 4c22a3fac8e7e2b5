//===- BufferizeScalar.cpp - Scalar programs on memrefs -------------------===//
//
// Rewrites the scalars of a region on memrefs: lists are read by loads, and
// those that a program makes are stored element by element.
//
//===----------------------------------------------------------------------===//

#include "RegionBufferizer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Pattern: tensor.extract argument[i] -> memref.load argument[i]
static void readMemory(BlockArgument argument, Type memref) {
  argument.setType(memref);
  for (Operation *user : llvm::make_early_inc_range(argument.getUsers())) {
    auto extract = dyn_cast<tensor::ExtractOp>(user);
    if (!extract)
      continue;
    OpBuilder builder(extract);
    Value load = memref::LoadOp::create(builder, extract.getLoc(), argument,
                                        extract.getIndices());
    extract.replaceAllUsesWith(load);
    extract.erase();
  }
}

/// Stores the elements of `list` to `memref`, by `builder`.
static void storeList(OpBuilder &builder, Value list, Value memref) {
  Location loc = list.getLoc();
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  if (auto elements = list.getDefiningOp<tensor::FromElementsOp>()) {
    for (auto [i, value] : llvm::enumerate(elements.getElements()))
      memref::StoreOp::create(builder, loc, value, memref, index(i));
    return;
  }
  // What from_elements of constants folds to.
  if (auto constant = list.getDefiningOp<arith::ConstantOp>()) {
    auto values = cast<DenseElementsAttr>(constant.getValue());
    for (auto [i, value] : llvm::enumerate(values.getValues<TypedAttr>()))
      memref::StoreOp::create(builder, loc,
                              arith::ConstantOp::create(builder, loc, value),
                              memref, index(i));
    return;
  }
  // Pattern: generate { x } -> parallel { store x }
  auto generate = list.getDefiningOp<tensor::GenerateOp>();
  auto loop = scf::ParallelOp::create(builder, loc, index(0),
                                      index(generate.getType().getDimSize(0)),
                                      index(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Block *from = &generate.getBody().front();
  IRMapping mapping;
  mapping.map(from->getArguments(), loop.getInductionVars());
  for (Operation &op : from->without_terminator())
    builder.clone(op, mapping);
  Value value = from->getTerminator()->getOperand(0);
  memref::StoreOp::create(builder, loc, mapping.lookupOrDefault(value), memref,
                          loop.getInductionVars());
}

/// The lists that `scalar` yields are stored by its body.
static void storeLists(ScalarOp scalar) {
  Block *body = scalar.getBodyBlock();
  Operation *yield = body->getTerminator();
  OpBuilder builder(yield);
  llvm::BitVector isList(yield->getNumOperands());
  llvm::SmallSetVector<Operation *, 4> makers;
  for (auto [i, out] : llvm::enumerate(scalar.getOuts())) {
    Value value = yield->getOperand(i);
    if (!isa<TensorType>(value.getType()))
      continue;
    storeList(builder, value, body->addArgument(out.getType(), out.getLoc()));
    makers.insert(value.getDefiningOp());
    isList.set(i);
  }
  yield->eraseOperands(isList);
  for (Operation *maker : makers)
    maker->erase();
}

void RegionBufferizer::rewrite(ScalarOp op) {
  SmallVector<Value> inputs, outs;
  for (Value value : op.getInputs())
    inputs.push_back(memory.lookup(value).front());
  for (Value result : op.getResults()) {
    Value target =
        getTarget(op, {result, 0}, cast<ShapedType>(result.getType()));
    memory[result] = {target};
    outs.push_back(target);
  }
  auto scalar =
      ScalarOp::create(builder, op.getLoc(), TypeRange(), inputs, outs);
  scalar.getBody().takeBody(op.getBody());
  for (auto [argument, input] :
       llvm::zip(scalar.getBodyBlock()->getArguments(), inputs))
    if (isa<RankedTensorType>(argument.getType()))
      readMemory(argument, input.getType());
  storeLists(scalar);
}
