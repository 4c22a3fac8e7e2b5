//===- MapPhase.cpp - The code of map -------------------------------------===//
//
// Emits elementwise work over the pieces of each block.
//
//===----------------------------------------------------------------------===//

#include "Phases.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;
using cudagraph::Access;

ScalarOperands::ScalarOperands(KernelFunction &kernel, ValueRange scalars)
    : kernel(kernel) {
  for (Value scalar : scalars) {
    types.push_back(cast<MemRefType>(scalar.getType()));
    numbers.push_back(kernel.addOperand(scalar, Access::Read));
  }
}

void ScalarOperands::loadShared() {
  for (auto [type, number] : llvm::zip(types, numbers))
    shared.push_back(type.getRank() > 0 ? Value()
                                        : kernel.load(kernel.getAddress(number),
                                                      kernel.constant(0),
                                                      type.getElementType()));
}

void ScalarOperands::append(Value tensor, SmallVector<Value> &values) {
  for (auto [type, number, value] : llvm::zip(types, numbers, shared))
    values.push_back(value ? value
                           : kernel.load(kernel.getAddress(number), tensor,
                                         type.getElementType()));
}

MapPhase::MapPhase(KernelFunction &kernel, MapOp op, int64_t maxBlocks)
    : kernel(kernel), op(op),
      division(divideWork(op.getDomain(), *op.getChunkElements(), maxBlocks)) {
  addRows();
  scalars.emplace(kernel, op.getScalars());
  if (op.getPredicate())
    predicate = kernel.addOperand(op.getPredicate(), Access::Read);
}

void MapPhase::addRows() {
  auto tensors = [](Value sequence) {
    return sequence.getDefiningOp<PackOp>().getTensors();
  };
  SmallVector<Value> lists;
  auto find = [&](Value sequence) -> unsigned {
    auto same = llvm::find_if(lists, [&](Value other) {
      return tensors(other) == tensors(sequence);
    });
    if (same == lists.end()) {
      lists.push_back(sequence);
      rows.push_back({{}, false, false});
      return lists.size() - 1;
    }
    return same - lists.begin();
  };
  for (Value input : op.getInputs())
    inputs.push_back(find(input));
  for (Value out : op.getOuts())
    outs.push_back(find(out));
  for (unsigned input : inputs)
    rows[input].isRead = true;
  for (unsigned out : outs)
    rows[out].isWritten = true;
  for (auto [list, row] : llvm::zip(lists, rows)) {
    Access access = !row.isWritten ? Access::Read
                    : row.isRead   ? Access::ReadWrite
                                   : Access::Write;
    row.row = kernel.addSequence(list, access);
  }
}

void MapPhase::prepare() {
  if (!pieces)
    pieces.emplace(kernel.prepare(division, op.getBackward()));
}

/// The values of the rows that are written, from those of the rows that are
/// read and of the scalars.
SmallVector<Value> MapPhase::emitElement(ArrayRef<Value> read,
                                         ArrayRef<Value> scalarValues) {
  // Of each row, its place among those that are read.
  SmallVector<unsigned> places;
  unsigned count = 0;
  for (const Row &row : rows) {
    places.push_back(count);
    count += row.isRead;
  }
  SmallVector<Value> arguments;
  for (unsigned input : inputs)
    arguments.push_back(read[places[input]]);
  llvm::append_range(arguments, scalarValues);
  SmallVector<Value> values =
      cloneBody(kernel.builder, op.getBodyBlock(), arguments);
  SmallVector<Value> written;
  for (unsigned i = 0, e = rows.size(); i < e; ++i) {
    auto out = llvm::find(outs, i);
    if (out != outs.end())
      written.push_back(values[out - outs.begin()]);
  }
  return written;
}

void MapPhase::emitPiece(std::array<Value, 3> piece) {
  auto [tensor, offset, length] = piece;
  SmallVector<Value> scalarValues;
  scalars->append(tensor, scalarValues);
  SmallVector<KernelFunction::Stream> streams;
  for (const Row &row : rows)
    streams.push_back({row.row.element,
                       kernel.getAddress(row.row, tensor, offset), row.isRead,
                       row.isWritten, op.getStreaming()});
  kernel.forEachElement(
      streams, length, op.getBackward(), ValueRange(),
      [&](ArrayRef<Value> read) { return emitElement(read, scalarValues); },
      nullptr);
}

int64_t MapPhase::emit() {
  if (division.getNumBlocks() == 0)
    return 0;
  prepare();
  // Before it is known whether the map runs: both loads are then under way.
  scalars->loadShared();
  auto emitBlocks = [&] {
    kernel.forEachBlock(*pieces, [&] {
      kernel.forEachPiece(*pieces, ValueRange(),
                          [&](Value, std::array<Value, 3> piece, ValueRange) {
                            emitPiece(piece);
                            return SmallVector<Value>();
                          });
    });
  };
  if (!predicate) {
    emitBlocks();
  } else {
    Value holds = kernel.load(kernel.getAddress(*predicate), kernel.constant(0),
                              kernel.builder.getI1Type());
    kernel.ifThen(holds, emitBlocks);
  }
  return division.getNumBlocks();
}
