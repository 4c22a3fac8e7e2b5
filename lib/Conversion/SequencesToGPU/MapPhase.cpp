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

namespace {
/// The sequences of a map. One that is read and written is one row.
struct MapRows {
  struct Entry {
    KernelFunction::Row row;
    bool isRead, isWritten;
  };
  SmallVector<Entry> entries;
  SmallVector<unsigned> inputs, outs; ///< Positions in `entries`.

  MapRows(KernelFunction &kernel, MapOp op) {
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
        entries.push_back({{}, false, false});
        return lists.size() - 1;
      }
      return same - lists.begin();
    };
    for (Value input : op.getInputs())
      inputs.push_back(find(input));
    for (Value out : op.getOuts())
      outs.push_back(find(out));
    for (unsigned input : inputs)
      entries[input].isRead = true;
    for (unsigned out : outs)
      entries[out].isWritten = true;
    for (auto [list, entry] : llvm::zip(lists, entries)) {
      Access access = !entry.isWritten ? Access::Read
                      : entry.isRead   ? Access::ReadWrite
                                       : Access::Write;
      entry.row = kernel.addSequence(list, access);
    }
  }
};
} // namespace

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

int64_t graphopt::emitMap(KernelFunction &kernel, MapOp op, int64_t maxBlocks) {
  MapRows rows(kernel, op);
  ScalarOperands scalars(kernel, op.getScalars());
  int64_t predicate = op.getPredicate()
                          ? kernel.addOperand(op.getPredicate(), Access::Read)
                          : -1;
  WorkDivision division =
      divideWork(op.getDomain(), *op.getChunkElements(), maxBlocks);
  if (division.getNumBlocks() == 0)
    return 0;
  // Of each entry, its place among those that are read.
  SmallVector<unsigned> places;
  unsigned count = 0;
  for (const MapRows::Entry &entry : rows.entries) {
    places.push_back(count);
    count += entry.isRead;
  }

  auto emitPieces = [&] {
    scalars.loadShared();
    kernel.forEachPiece(
        division, op.getBackward(), ValueRange(),
        [&](Value, std::array<Value, 3> piece, ValueRange) {
          auto [tensor, offset, length] = piece;
          SmallVector<Value> scalarValues;
          scalars.append(tensor, scalarValues);
          SmallVector<KernelFunction::Stream> streams;
          for (const MapRows::Entry &entry : rows.entries)
            streams.push_back({entry.row.element,
                               kernel.getAddress(entry.row, tensor, offset),
                               entry.isRead, entry.isWritten});
          auto body = [&](ArrayRef<Value> read) {
            SmallVector<Value> arguments;
            for (unsigned input : rows.inputs)
              arguments.push_back(read[places[input]]);
            llvm::append_range(arguments, scalarValues);
            SmallVector<Value> values =
                cloneBody(kernel.builder, op.getBodyBlock(), arguments);
            // In the order of the entries that are written.
            SmallVector<Value> written;
            for (unsigned i = 0, e = rows.entries.size(); i < e; ++i) {
              auto out = llvm::find(rows.outs, i);
              if (out != rows.outs.end())
                written.push_back(values[out - rows.outs.begin()]);
            }
            return written;
          };
          kernel.forEachElement(streams, length, op.getBackward(), ValueRange(),
                                body, nullptr);
          return SmallVector<Value>();
        });
  };
  auto emitBlocks = [&] { kernel.forEachBlock(division, emitPieces); };
  if (predicate < 0) {
    emitBlocks();
  } else {
    Value holds = kernel.load(kernel.getAddress(predicate), kernel.constant(0),
                              kernel.builder.getI1Type());
    kernel.ifThen(holds, emitBlocks);
  }
  return division.getNumBlocks();
}
