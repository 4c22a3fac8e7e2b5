//===- ReducePhase.cpp - The code of reduce -------------------------------===//
//
// Emits the two passes of a reduction. In the first each block joins the
// elements of its pieces: one partial result per piece, or per block if all
// tensors are reduced together. In the second one block joins the partial
// results: a thread for each tensor of few pieces, a warp for each of many.
// Which thread joins what is fixed, so the result is too.
//
//===----------------------------------------------------------------------===//

#include "Phases.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;
using cudagraph::Access;

/// A tensor of more pieces gets a warp in the second pass.
static constexpr int64_t kPiecesPerThread = 8;

ReducePhase::ReducePhase(KernelFunction &kernel, ReduceOp op, int64_t maxBlocks)
    : kernel(kernel), op(op),
      division(divideWork(op.getDomain(), *op.getChunkElements(), maxBlocks)),
      scalars(kernel, op.getScalars()) {
  for (Value input : op.getInputs())
    inputs.push_back(kernel.addSequence(input, Access::Read));
  for (Value memref : op.getScratch())
    scratch.push_back(kernel.addOperand(memref, Access::ReadWrite));
  for (Value out : op.getOuts())
    outs.push_back(kernel.addOperand(out, Access::Write));
}

Value ReducePhase::join(unsigned i, Value lhs, Value rhs) {
  return createCombination(kernel.builder, kernel.loc, op.getCombiner(i), lhs,
                           rhs);
}

Value ReducePhase::getIdentity(unsigned i, Type type) {
  return arith::ConstantOp::create(kernel.builder, kernel.loc,
                                   tseq::getIdentity(op.getCombiner(i), type));
}

//===----------------------------------------------------------------------===//
// First pass
//===----------------------------------------------------------------------===//

int64_t ReducePhase::emitPartials() {
  if (division.getNumBlocks() == 0)
    return 0;
  OpBuilder &b = kernel.builder;
  TypeRange types = op.getBodyBlock()->getTerminator()->getOperandTypes();
  SmallVector<Value> identities, shared;
  for (auto [i, type] : llvm::enumerate(types)) {
    identities.push_back(getIdentity(i, type));
    shared.push_back(
        kernel.createShared(kernel.threads / KernelFunction::kWarp, type));
  }
  auto joinValues = [&](unsigned i, Value lhs, Value rhs) {
    return join(i, lhs, rhs);
  };
  // The elements of a piece, joined by this thread.
  auto joinPiece = [&](std::array<Value, 3> piece, ValueRange inits) {
    auto [tensor, offset, length] = piece;
    SmallVector<Value> scalarValues;
    scalars.append(tensor, scalarValues);
    SmallVector<KernelFunction::Stream> streams;
    for (KernelFunction::Row row : inputs)
      streams.push_back({row.element, kernel.getAddress(row, tensor, offset),
                         /*isRead=*/true, /*isWritten=*/false});
    return kernel.forEachElement(
        streams, length, op.getBackward(), inits,
        [&](ArrayRef<Value> read) {
          SmallVector<Value> arguments(read);
          llvm::append_range(arguments, scalarValues);
          return cloneBody(b, op.getBodyBlock(), arguments);
        },
        joinValues);
  };
  // Joins the values of the threads into the partial result `number`.
  auto joinThreads = [&](ValueRange values, Value number) {
    for (unsigned i = 0, e = values.size(); i < e; ++i) {
      Value joined =
          kernel.joinBlock(values[i], shared[i], [&](Value lhs, Value rhs) {
            return join(i, lhs, rhs);
          });
      kernel.ifThen(kernel.isEqual(kernel.thread, 0), [&] {
        kernel.store(joined, kernel.getAddress(scratch[i]), number);
      });
    }
  };

  kernel.forEachBlock(division, [&] {
    scalars.loadShared();
    if (op.getPerTensor()) {
      kernel.forEachPiece(
          division, op.getBackward(), ValueRange(),
          [&](Value number, std::array<Value, 3> piece, ValueRange) {
            joinThreads(joinPiece(piece, identities), number);
            return SmallVector<Value>();
          });
      return;
    }
    ValueRange values = kernel.forEachPiece(
        division, op.getBackward(), identities,
        [&](Value, std::array<Value, 3> piece, ValueRange carried) {
          return joinPiece(piece, carried);
        });
    joinThreads(values, kernel.block);
  });
  return division.getNumBlocks();
}

//===----------------------------------------------------------------------===//
// Second pass
//===----------------------------------------------------------------------===//

Type ReducePhase::getType(unsigned i) {
  return op.getBodyBlock()->getTerminator()->getOperand(i).getType();
}

Type ReducePhase::getWideType(unsigned i) {
  Type type = getType(i);
  bool widens = op.getCombiner(i) == Combiner::Add && isa<Float32Type>(type);
  return widens ? Type(kernel.builder.getF64Type()) : type;
}

Value ReducePhase::widen(unsigned i, Value value) {
  Type wide = getWideType(i);
  return value.getType() == wide
             ? value
             : arith::ExtFOp::create(kernel.builder, kernel.loc, wide, value);
}

Value ReducePhase::joinRange(unsigned i, Value partials, Value start,
                             Value last, int64_t step) {
  Type type = getType(i);
  return kernel
      .loop(start, last, kernel.constant(step),
            ValueRange(getIdentity(i, getWideType(i))),
            [&](Value number, ValueRange carried) {
              Value partial = widen(i, kernel.load(partials, number, type));
              return SmallVector<Value>{join(i, carried[0], partial)};
            })
      .front();
}

void ReducePhase::storeResult(unsigned i, Value value, Value out, Value index) {
  Type type = getType(i);
  if (value.getType() != type)
    value = arith::TruncFOp::create(kernel.builder, kernel.loc, type, value);
  kernel.store(value, out, index);
}

void ReducePhase::finishTensors(ValueRange partials, ValueRange outs) {
  // Lists of tensors, and of the first of their pieces and the next.
  struct List {
    SmallVector<int64_t> tensors, firsts, lasts;
  } few, many;
  for (int64_t t = 0, e = division.firstOfTensor.size() - 1; t < e; ++t) {
    int64_t first = division.firstOfTensor[t];
    int64_t last = division.firstOfTensor[t + 1];
    List &list = last - first <= kPiecesPerThread ? few : many;
    list.tensors.push_back(t);
    list.firsts.push_back(first);
    list.lasts.push_back(last);
  }
  OpBuilder &b = kernel.builder;
  Location loc = kernel.loc;
  if (!few.tensors.empty())
    kernel.loop(kernel.thread, kernel.constant(few.tensors.size()),
                kernel.constant(kernel.threads), [&](Value number) {
                  Value tensor = kernel.loadTable(few.tensors, number);
                  Value first = kernel.loadTable(few.firsts, number);
                  Value last = kernel.loadTable(few.lasts, number);
                  for (auto [i, out] : llvm::enumerate(outs))
                    storeResult(i, joinRange(i, partials[i], first, last, 1),
                                out, tensor);
                });
  if (many.tensors.empty())
    return;
  constexpr int64_t kWarp = KernelFunction::kWarp;
  Value lane =
      arith::RemUIOp::create(b, loc, kernel.thread, kernel.constant(kWarp));
  Value warp =
      arith::DivUIOp::create(b, loc, kernel.thread, kernel.constant(kWarp));
  kernel.loop(
      warp, kernel.constant(many.tensors.size()),
      kernel.constant(kernel.threads / kWarp), [&](Value number) {
        Value tensor = kernel.loadTable(many.tensors, number);
        Value first = kernel.loadTable(many.firsts, number);
        Value last = kernel.loadTable(many.lasts, number);
        for (unsigned i = 0, e = outs.size(); i < e; ++i) {
          Value value =
              joinRange(i, partials[i], kernel.add(first, lane), last, kWarp);
          Value joined = kernel.joinWarp(
              value, [&](Value lhs, Value rhs) { return join(i, lhs, rhs); });
          kernel.ifThen(kernel.isEqual(lane, 0),
                        [&] { storeResult(i, joined, outs[i], tensor); });
        }
      });
}

void ReducePhase::finishTotal(ValueRange partials, ValueRange outs) {
  for (unsigned i = 0, e = outs.size(); i < e; ++i) {
    Value value =
        joinRange(i, partials[i], kernel.thread,
                  kernel.constant(division.getNumBlocks()), kernel.threads);
    Value shared = kernel.createShared(kernel.threads / KernelFunction::kWarp,
                                       getWideType(i));
    Value joined = kernel.joinBlock(
        value, shared, [&](Value lhs, Value rhs) { return join(i, lhs, rhs); });
    kernel.ifThen(kernel.isEqual(kernel.thread, 0),
                  [&] { storeResult(i, joined, outs[i], kernel.constant(0)); });
  }
}

void ReducePhase::emitFinish() {
  SmallVector<Value> partials, results;
  for (int64_t number : scratch)
    partials.push_back(kernel.getAddress(number));
  for (int64_t number : outs)
    results.push_back(kernel.getAddress(number));
  if (op.getPerTensor())
    finishTensors(partials, results);
  else
    finishTotal(partials, results);
}
