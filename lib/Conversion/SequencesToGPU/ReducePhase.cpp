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
  if (!op.getPerTensor())
    return;
  for (int64_t t = 0, e = division.firstOfTensor.size() - 1; t < e; ++t) {
    int64_t first = division.firstOfTensor[t];
    int64_t end = division.firstOfTensor[t + 1];
    TensorPieces &list = end - first <= kPiecesPerThread ? few : many;
    list.tensors.push_back(t);
    list.firsts.push_back(first);
    list.ends.push_back(end);
  }
}

void ReducePhase::prepare() {
  if (!pieces)
    pieces.emplace(kernel.prepare(division, op.getBackward()));
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

  prepare();
  scalars.loadShared();
  kernel.forEachBlock(*pieces, [&] {
    if (op.getPerTensor()) {
      kernel.forEachPiece(
          *pieces, ValueRange(),
          [&](Value number, std::array<Value, 3> piece, ValueRange) {
            joinThreads(joinPiece(piece, identities), number);
            return SmallVector<Value>();
          });
      return;
    }
    ValueRange values = kernel.forEachPiece(
        *pieces, identities,
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

Value ReducePhase::narrow(unsigned i, Value value) {
  Type type = getType(i);
  if (value.getType() == type)
    return value;
  return arith::TruncFOp::create(kernel.builder, kernel.loc, type, value);
}

void ReducePhase::storeResult(unsigned i, Value value, Value out, Value index) {
  kernel.store(narrow(i, value), out, index);
}

void ReducePhase::finishTensors(ValueRange partials, ValueRange outs) {
  if (!few.tensors.empty())
    finishFew(partials, outs);
  if (!many.tensors.empty())
    finishMany(partials, outs);
}

std::pair<int64_t, int64_t> ReducePhase::TensorPieces::getBounds() const {
  int64_t most = 0, least = std::numeric_limits<int64_t>::max();
  for (auto [first, end] : llvm::zip(firsts, ends)) {
    most = std::max(most, end - first);
    least = std::min(least, end - first);
  }
  return {most, least};
}

SmallVector<Value> ReducePhase::loadPieces(const TensorPieces &list,
                                           Value number) {
  return {kernel.loadTable(list.tensors, number),
          kernel.loadTable(list.firsts, number),
          kernel.loadTable(list.ends, number)};
}

void ReducePhase::prepareFinish() {
  if (few.tensors.empty() || !firstOfFew.empty())
    return;
  Value last = kernel.constant(few.tensors.size() - 1);
  firstOfFew =
      loadPieces(few, arith::MinUIOp::create(kernel.builder, kernel.loc,
                                             kernel.thread, last));
}

/// A thread per tensor. What it needs to know of the next one is loaded while
/// it works on this one.
void ReducePhase::finishFew(ValueRange partials, ValueRange outs) {
  prepareFinish();
  auto [most, least] = few.getBounds();
  Value count = kernel.constant(few.tensors.size());
  Value stride = kernel.constant(kernel.threads);
  Value last = kernel.constant(few.tensors.size() - 1);
  kernel.loop(
      kernel.thread, count, stride, firstOfFew,
      [&, most = most, least = least](Value number, ValueRange known) {
        Value following = arith::MinUIOp::create(
            kernel.builder, kernel.loc, kernel.add(number, stride), last);
        SmallVector<Value> next = loadPieces(few, following);
        for (auto [i, out] : llvm::enumerate(outs))
          storeResult(i,
                      joinFew(i, partials[i], known[1], known[2], most, least),
                      out, known[0]);
        return next;
      });
}

Value ReducePhase::joinFew(unsigned i, Value partials, Value first, Value end,
                           int64_t most, int64_t least) {
  OpBuilder &b = kernel.builder;
  Value last = kernel.constant(division.pieces.size() - 1);
  SmallVector<Value> numbers, loaded;
  for (int64_t k = 0; k < most; ++k) {
    numbers.push_back(kernel.add(first, kernel.constant(k)));
    loaded.push_back(kernel.load(
        partials, arith::MinUIOp::create(b, kernel.loc, numbers.back(), last),
        getType(i)));
  }
  Value result = getIdentity(i, getWideType(i));
  for (int64_t k = 0; k < most; ++k) {
    Value joined = join(i, result, widen(i, loaded[k]));
    result = k < least
                 ? joined
                 : Value(arith::SelectOp::create(b, kernel.loc,
                                                 kernel.isLess(numbers[k], end),
                                                 joined, result));
  }
  return result;
}

/// A warp per tensor.
void ReducePhase::finishMany(ValueRange partials, ValueRange outs) {
  OpBuilder &b = kernel.builder;
  constexpr int64_t kWarp = KernelFunction::kWarp;
  Value lane = arith::RemUIOp::create(b, kernel.loc, kernel.thread,
                                      kernel.constant(kWarp));
  Value warp = arith::DivUIOp::create(b, kernel.loc, kernel.thread,
                                      kernel.constant(kWarp));
  kernel.loop(
      warp, kernel.constant(many.tensors.size()),
      kernel.constant(kernel.threads / kWarp), [&](Value number) {
        SmallVector<Value> known = loadPieces(many, number);
        for (unsigned i = 0, e = outs.size(); i < e; ++i) {
          Value value = joinRange(i, partials[i], kernel.add(known[1], lane),
                                  known[2], kWarp);
          Value joined = kernel.joinWarp(
              value, [&](Value lhs, Value rhs) { return join(i, lhs, rhs); });
          kernel.ifThen(kernel.isEqual(lane, 0),
                        [&] { storeResult(i, joined, outs[i], known[0]); });
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
    kernel.ifThen(kernel.isEqual(kernel.thread, 0), [&] {
      kernel.storeOnce(narrow(i, joined), outs[i], kernel.constant(0));
    });
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
