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

/// Bytes of its widest list that a thread has at least in a tile: what it has
/// to find out before it starts then costs little. (More are slower where the
/// memory is the limit; measured on an H200 with AdamW and copies.)
static constexpr int64_t kTileBytes = 64;

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

MapPhase::Rows::Rows(MapOp op) {
  auto tensors = [](Value sequence) {
    return sequence.getDefiningOp<PackOp>().getTensors();
  };
  auto find = [&](Value sequence) -> unsigned {
    auto same = llvm::find_if(rows, [&](const Row &row) {
      return tensors(row.list) == tensors(sequence);
    });
    if (same == rows.end()) {
      rows.push_back({sequence, false, false, {}});
      return rows.size() - 1;
    }
    return same - rows.begin();
  };
  for (Value input : op.getInputs())
    inputs.push_back(find(input));
  for (Value out : op.getOuts())
    outs.push_back(find(out));
  for (unsigned input : inputs)
    rows[input].isRead = true;
  for (unsigned out : outs)
    rows[out].isWritten = true;
}

int64_t MapPhase::Rows::getRoundElements(int64_t threads) const {
  SmallVector<KernelFunction::Stream> streams;
  for (const Row &row : rows)
    streams.push_back(
        {cast<SeqType>(row.list.getType()).getUniformElementType(),
         /*address=*/Value(), row.isRead, row.isWritten});
  return KernelFunction::getRoundElements(streams, threads);
}

int64_t MapPhase::Rows::getTileElements(int64_t threads) const {
  int64_t bytes = 1;
  for (const Row &row : rows) {
    auto list = cast<SeqType>(row.list.getType());
    bytes = std::max(
        bytes, KernelFunction::getStoredBytes(list.getUniformElementType()));
  }
  int64_t round = getRoundElements(threads);
  return round * llvm::divideCeil(kTileBytes, round / threads * bytes);
}

int64_t MapPhase::countTiles(MapOp op, int64_t threads) {
  return op.getDomain().getNumElements() / Rows(op).getTileElements(threads);
}

//===----------------------------------------------------------------------===//
// The code
//===----------------------------------------------------------------------===//

MapPhase::MapPhase(KernelFunction &kernel, MapOp op, int64_t maxBlocks)
    : kernel(kernel), op(op), sequences(op),
      division(
          maxBlocks > 0
              ? divideWork(op.getDomain(), *op.getChunkElements(), maxBlocks)
              : divideIntoTiles(op.getDomain(),
                                sequences.getTileElements(kernel.threads))) {
  for (Row &row : sequences.rows) {
    Access access = !row.isWritten ? Access::Read
                    : row.isRead   ? Access::ReadWrite
                                   : Access::Write;
    row.row = kernel.addSequence(row.list, access);
  }
  scalars.emplace(kernel, op.getScalars());
  if (op.getPredicate())
    predicate = kernel.addOperand(op.getPredicate(), Access::Read);
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
  for (const Row &row : sequences.rows) {
    places.push_back(count);
    count += row.isRead;
  }
  SmallVector<Value> arguments;
  for (unsigned input : sequences.inputs)
    arguments.push_back(read[places[input]]);
  llvm::append_range(arguments, scalarValues);
  SmallVector<Value> values =
      cloneBody(kernel.builder, op.getBodyBlock(), arguments);
  SmallVector<Value> written;
  for (unsigned i = 0, e = sequences.rows.size(); i < e; ++i) {
    auto out = llvm::find(sequences.outs, i);
    if (out != sequences.outs.end())
      written.push_back(values[out - sequences.outs.begin()]);
  }
  return written;
}

void MapPhase::emitPiece(std::array<Value, 3> piece) {
  auto [tensor, offset, length] = piece;
  SmallVector<Value> scalarValues;
  scalars->append(tensor, scalarValues);
  SmallVector<KernelFunction::Stream> streams;
  for (const Row &row : sequences.rows)
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
