//===- WorkDivision.cpp - The elements of a list among blocks -------------===//
//
// Implements the division. A tensor that is smaller than a chunk is a chunk.
//
//===----------------------------------------------------------------------===//

#include "WorkDivision.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphopt;

/// Elements of the longest piece: kernels count them with 32 bits.
static constexpr int64_t kMaxPiece = int64_t(1) << 30;

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
        division.firstOfBlock.push_back(division.pieces.size());
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
    division.firstOfBlock.push_back(division.pieces.size());
  return division;
}
