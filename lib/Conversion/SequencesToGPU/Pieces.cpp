//===- Pieces.cpp - The pieces of lists that a block has ------------------===//
//
// Implements the tables of pieces and the loops over them.
//
//===----------------------------------------------------------------------===//

#include "KernelFunction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

KernelFunction::PieceWords
KernelFunction::loadWords(ArrayRef<int64_t> table, Value index, int64_t step) {
  Value address = tables.get(builder, loc, table, 64);
  auto type = VectorType::get({2}, builder.getI64Type());
  SmallVector<Value> words;
  for (int64_t i = 0; i < step; i += 2) {
    Value place =
        add(arith::MulIOp::create(builder, loc, index, constant(step / 2)),
            constant(i / 2));
    auto pair = LLVM::LoadOp::create(builder, loc, type,
                                     getElement(address, place, type), 16);
    pair.setInvariant(true);
    for (int64_t k : {0, 1})
      words.push_back(
          LLVM::ExtractElementOp::create(builder, loc, pair, constant(k)));
  }
  return words;
}

/// Two words of 64 bits: the offset; length and tensor.
static std::array<int64_t, 2> encode(const WorkDivision::Piece &piece) {
  return {piece.offset, piece.tensor << 32 | piece.length};
}

KernelFunction::PieceWords
KernelFunction::loadPiece(const WorkDivision &division, Value index) {
  SmallVector<int64_t> words;
  for (const WorkDivision::Piece &piece : division.pieces)
    llvm::append_range(words, encode(piece));
  return loadWords(words, index, /*step=*/2);
}

/// The halves of a word, i32.
std::array<Value, 2> KernelFunction::split(Value word) {
  Type i32 = builder.getI32Type();
  Value high = arith::ShRUIOp::create(builder, loc, word, constant(32, 64));
  return {arith::TruncIOp::create(builder, loc, i32, word),
          arith::TruncIOp::create(builder, loc, i32, high)};
}

KernelFunction::PieceWords
KernelFunction::loadBlock(const WorkDivision &division, bool backward,
                          Value number) {
  SmallVector<int64_t> words;
  for (int64_t r = 0, e = division.getNumRows(); r < e; ++r) {
    int64_t first = division.firstOfRow[r];
    int64_t end = division.firstOfRow[r + 1];
    words.append({end << 32 | first, 0});
    llvm::append_range(words,
                       encode(division.pieces[backward ? end - 1 : first]));
  }
  Value last = constant(division.getNumBlocks() - 1);
  number = arith::MinUIOp::create(builder, loc, number, last);
  if (division.numSpans == 0) {
    PieceWords row = loadWords(words, number, /*step=*/4);
    row.erase(row.begin() + 1);
    return row;
  }
  // Blocks start in the order of their numbers.
  if (backward)
    number = sub(last, number);
  int64_t log = division.logTilesOfSpan, numTiles = division.getNumTiles();
  Value isTile = isLess(number, constant(numTiles));
  Value span = arith::ShRUIOp::create(builder, loc, number, constant(log));
  Value other = sub(number, constant(numTiles - division.numSpans));
  Value place = arith::SelectOp::create(builder, loc, isTile, span, other);
  PieceWords row = loadWords(words, place, /*step=*/4);
  row.erase(row.begin() + 1);
  Value before = arith::AndIOp::create(builder, loc, number,
                                       constant((int64_t(1) << log) - 1));
  before = arith::SelectOp::create(builder, loc, isTile, before, constant(0));
  before = arith::ExtUIOp::create(builder, loc, builder.getI64Type(), before);
  row[1] =
      add(row[1],
          arith::MulIOp::create(builder, loc, before,
                                constant(division.pieces.front().length, 64)));
  return row;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

KernelFunction::BlockPieces
KernelFunction::prepare(const WorkDivision &division, bool backward) {
  BlockPieces pieces{division, backward, {}};
  if (division.getNumBlocks() > 0)
    pieces.words = loadBlock(division, backward, block);
  return pieces;
}

void KernelFunction::forEachBlock(BlockPieces &pieces,
                                  function_ref<void()> body) {
  Value numBlocks = constant(pieces.division.getNumBlocks());
  if (!node.isCooperative)
    return ifThen(isLess(block, numBlocks), body);
  Value own = block;
  loop(own, numBlocks, gridSize, pieces.words,
       [&](Value number, ValueRange words) {
         block = number;
         pieces.words = llvm::to_vector(words);
         PieceWords next =
             loadBlock(pieces.division, pieces.backward, add(number, gridSize));
         body();
         return next;
       });
  block = own;
}

ValueRange KernelFunction::forEachPiece(
    const BlockPieces &pieces, ValueRange inits,
    function_ref<SmallVector<Value>(Value, std::array<Value, 3>, ValueRange)>
        body) {
  auto [first, end] = split(pieces.words[0]);
  Value last = sub(end, constant(1));
  SmallVector<Value> carried(inits.begin(), inits.end());
  carried.append({pieces.words[1], pieces.words[2]});
  ValueRange results =
      loop(first, end, constant(1), carried,
           [&, first = first](Value number, ValueRange carried) {
             // The next piece is loaded while this one is worked on.
             Value next = arith::MinUIOp::create(
                 builder, loc, add(number, constant(1)), last);
             if (pieces.backward) {
               Value sum = add(first, last);
               number = sub(sum, number);
               next = sub(sum, next);
             }
             PieceWords words = loadPiece(pieces.division, next);
             auto [length, tensor] = split(carried.back());
             SmallVector<Value> values =
                 body(number, {tensor, carried.drop_back().back(), length},
                      carried.drop_back(2));
             llvm::append_range(values, words);
             return values;
           });
  return results.drop_back(2);
}
