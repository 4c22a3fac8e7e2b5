//===- LoopSpace.cpp - Spaces of loops over strided operands --------------===//
//
// Implements walking and merging of loops.
//
//===----------------------------------------------------------------------===//

#include "LoopSpace.h"

#include "llvm/ADT/STLExtras.h"

using namespace graphrun;
using namespace mlir;

int64_t Space::size() const {
  int64_t count = 1;
  for (const Dim &dim : dims)
    count *= dim.extent;
  return count;
}

void Space::unravel(int64_t linear, MutableArrayRef<int64_t> index) const {
  for (size_t i = dims.size(); i-- > 0;) {
    index[i] = linear % dims[i].extent;
    linear /= dims[i].extent;
  }
}

int64_t Space::distance(ArrayRef<int64_t> index, size_t operand) const {
  int64_t result = 0;
  for (auto [dim, value] : llvm::zip(dims, index))
    result += dim.steps[operand] * value;
  return result;
}

void Space::advance(MutableArrayRef<int64_t> index,
                    MutableArrayRef<int64_t> distances) const {
  for (size_t i = dims.size(); i-- > 0;) {
    bool wraps = ++index[i] == dims[i].extent;
    for (size_t k = 0; k < distances.size(); ++k)
      distances[k] +=
          wraps ? dims[i].steps[k] * (1 - dims[i].extent) : dims[i].steps[k];
    if (!wraps)
      return;
    index[i] = 0;
  }
}

SmallVector<Segment, 4> Space::segments(int64_t begin, int64_t end) const {
  SmallVector<Segment, 4> result;
  int64_t row = dims.empty() ? 1 : dims.back().extent;
  SmallVector<int64_t, 4> index(dims.size(), 0);
  unravel(begin, index);
  for (int64_t at = begin; at < end;) {
    int64_t inRow = dims.empty() ? 0 : index.back();
    int64_t length = std::min(end - at, row - inRow);
    Segment &segment = result.emplace_back();
    segment.position = at - begin;
    segment.length = length;
    segment.index = index;
    for (size_t k = 0; k < numOperands; ++k)
      segment.distances.push_back(distance(index, k));
    at += length;
    if (at < end)
      unravel(at, index);
  }
  return result;
}

void Space::mergeLoops() {
  SmallVector<Dim, 4> merged;
  for (Dim &dim : dims) {
    if (dim.extent == 1)
      continue;
    bool isOne = !merged.empty();
    for (size_t k = 0; isOne && k < dim.steps.size(); ++k)
      isOne = merged.back().steps[k] == dim.steps[k] * dim.extent;
    if (!isOne) {
      merged.push_back(std::move(dim));
      continue;
    }
    dim.extent *= merged.back().extent;
    merged.back() = std::move(dim);
  }
  dims = std::move(merged);
}

bool graphrun::linearCoefficients(AffineExpr expr, int64_t scale,
                                  MutableArrayRef<int64_t> dims,
                                  int64_t &constant) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    dims[dim.getPosition()] += scale;
    return true;
  }
  if (auto value = dyn_cast<AffineConstantExpr>(expr)) {
    constant += scale * value.getValue();
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (binary.getKind() == AffineExprKind::Add)
    return linearCoefficients(binary.getLHS(), scale, dims, constant) &&
           linearCoefficients(binary.getRHS(), scale, dims, constant);
  auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  return binary.getKind() == AffineExprKind::Mul && factor &&
         linearCoefficients(binary.getLHS(), scale * factor.getValue(), dims,
                            constant);
}
