//===- Footprint.cpp - The memory that a phase touches --------------------===//
//
// Implements footprints of phases.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Footprint.h"

#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Interfaces/ViewLikeInterface.h"

#include <limits>
#include <tuple>

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Buffers in any order, which is the same for all footprints of a region.
static const void *getKey(Value buffer) { return buffer.getAsOpaquePointer(); }

SmallVector<Operation *> graphopt::getPhases(Operation *op) {
  auto kernel = dyn_cast<tseq::KernelOp>(op);
  if (!kernel)
    return {op};
  SmallVector<Operation *> phases;
  for (Operation &phase : kernel.getBody().front())
    if (isa<tseq::MapOp, tseq::ReduceOp, tseq::ScalarOp>(phase))
      phases.push_back(&phase);
  return phases;
}

Footprint::Footprint(Operation *phase) {
  cudagraph::RangeResolver resolver;
  auto addTensor = [&](Ranges &ranges, Value tensor) {
    FailureOr<cudagraph::ByteRange> range = resolver.resolve(tensor);
    if (succeeded(range)) {
      if (range->size() > 0)
        ranges.push_back({range->root, range->begin, range->end});
      return;
    }
    // All of the buffer.
    while (auto view = tensor.getDefiningOp<ViewLikeOpInterface>())
      tensor = view.getViewSource();
    ranges.push_back({tensor, std::numeric_limits<int64_t>::min(),
                      std::numeric_limits<int64_t>::max()});
  };
  auto add = [&](Ranges &ranges, ValueRange values) {
    for (Value value : values) {
      auto pack = value.getDefiningOp<PackOp>();
      for (Value tensor : pack ? ValueRange(pack.getTensors()) : value)
        addTensor(ranges, tensor);
    }
  };
  if (auto map = dyn_cast<MapOp>(phase)) {
    add(reads, map.getInputs());
    add(reads, map.getScalars());
    if (map.getPredicate())
      add(reads, map.getPredicate());
    add(writes, map.getOuts());
  } else if (auto reduce = dyn_cast<ReduceOp>(phase)) {
    add(reads, reduce.getInputs());
    add(reads, reduce.getScalars());
    add(writes, reduce.getOuts());
    add(writes, reduce.getScratch());
  } else if (auto scalar = dyn_cast<ScalarOp>(phase)) {
    add(reads, scalar.getInputs());
    add(writes, scalar.getOuts());
  }
  normalize(reads);
  normalize(writes);
}

void Footprint::normalize(Ranges &ranges) {
  llvm::sort(ranges, [](const Range &a, const Range &b) {
    return std::tuple(getKey(a.buffer), a.begin) <
           std::tuple(getKey(b.buffer), b.begin);
  });
  // Ranges of flat buffers are mostly adjacent.
  size_t count = 0;
  for (const Range &range : ranges) {
    Range *last = count > 0 ? &ranges[count - 1] : nullptr;
    if (last && last->buffer == range.buffer && range.begin <= last->end)
      last->end = std::max(last->end, range.end);
    else
      ranges[count++] = range;
  }
  ranges.truncate(count);
}

bool Footprint::overlap(ArrayRef<Range> a, ArrayRef<Range> b) {
  while (!a.empty() && !b.empty()) {
    const Range &left = a.front(), &right = b.front();
    if (left.buffer == right.buffer && left.begin < right.end &&
        right.begin < left.end)
      return true;
    bool leftIsFirst = std::tuple(getKey(left.buffer), left.end) <
                       std::tuple(getKey(right.buffer), right.end);
    (leftIsFirst ? a : b) = (leftIsFirst ? a : b).drop_front();
  }
  return false;
}
