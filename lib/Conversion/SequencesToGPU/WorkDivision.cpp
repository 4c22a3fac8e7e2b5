//===- WorkDivision.cpp - The elements of a list among blocks -------------===//
//
// Implements the divisions. A tensor that is smaller than a chunk is a chunk.
//
//===----------------------------------------------------------------------===//

#include "WorkDivision.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphopt;

/// Elements of the longest piece: kernels count them with 32 bits.
static constexpr int64_t kMaxPiece = int64_t(1) << 30;

/// Of the tiles of a span.
static constexpr int64_t kMinLogTiles = 2, kMaxLogTiles = 10;

WorkDivision graphopt::divideWork(tseq::SeqType domain, int64_t chunkElements,
                                  int64_t maxBlocks) {
  WorkDivision division;
  int64_t numTensors = domain.size(), numChunks = 0;
  SmallVector<int64_t> counts;
  for (int64_t t = 0; t < numTensors; ++t) {
    counts.push_back(domain.getElement(t).getNumElements());
    numChunks += llvm::divideCeil(counts.back(), chunkElements);
  }
  int64_t numBlocks = std::min(numChunks, maxBlocks);
  int64_t chunk = 0, block = 0;
  for (int64_t t = 0; t < numTensors; ++t) {
    for (int64_t offset = 0; offset < counts[t]; ++chunk) {
      // Chunk c belongs to block floor(c * numBlocks / numChunks).
      bool startsBlock = chunk * numBlocks / numChunks != block;
      if (startsBlock) {
        division.firstOfRow.push_back(division.pieces.size());
        ++block;
      }
      int64_t length = std::min(chunkElements, counts[t] - offset);
      if (startsBlock || offset == 0 ||
          division.pieces.back().length + length > kMaxPiece)
        division.pieces.push_back({t, offset, length});
      else
        division.pieces.back().length += length;
      offset += length;
    }
    division.firstOfTensor.push_back(division.pieces.size());
  }
  if (numBlocks > 0)
    division.firstOfRow.push_back(division.pieces.size());
  return division;
}

/// Rows of tables for spans of `1 << log` tiles, what tensors leave not packed.
static int64_t countRows(tseq::SeqType domain, int64_t tileElements,
                         int64_t log) {
  int64_t rows = 0;
  for (int64_t t = 0, e = domain.size(); t < e; ++t) {
    int64_t count = domain.getElement(t).getNumElements();
    int64_t spanElements = tileElements << log;
    rows += count / spanElements +
            llvm::divideCeil(count % spanElements, tileElements);
  }
  return rows;
}

WorkDivision graphopt::divideIntoTiles(tseq::SeqType domain,
                                       int64_t tileElements) {
  WorkDivision division;
  // The shortest tables.
  int64_t least = std::numeric_limits<int64_t>::max();
  for (int64_t log = kMinLogTiles; log <= kMaxLogTiles; ++log) {
    int64_t rows = countRows(domain, tileElements, log);
    if (rows < least) {
      least = rows;
      division.logTilesOfSpan = log;
    }
  }
  int64_t spanElements = tileElements << division.logTilesOfSpan;
  SmallVector<WorkDivision::Piece> rest;
  for (int64_t t = 0, e = domain.size(); t < e; ++t) {
    int64_t count = domain.getElement(t).getNumElements(), offset = 0;
    for (; offset + spanElements <= count; offset += spanElements) {
      division.pieces.push_back({t, offset, tileElements});
      division.firstOfRow.push_back(division.pieces.size());
      ++division.numSpans;
    }
    for (; offset < count; offset += tileElements)
      rest.push_back({t, offset, std::min(tileElements, count - offset)});
  }
  int64_t packed = 0;
  for (const WorkDivision::Piece &piece : rest) {
    if (packed > 0 && packed + piece.length > tileElements) {
      division.firstOfRow.push_back(division.pieces.size());
      packed = 0;
    }
    division.pieces.push_back(piece);
    packed += piece.length;
  }
  if (packed > 0)
    division.firstOfRow.push_back(division.pieces.size());
  return division;
}
