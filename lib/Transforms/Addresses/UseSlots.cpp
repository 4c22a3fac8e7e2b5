//===- UseSlots.cpp - Buffers that are copied into the arena --------------===//
//
// Implements the address policy "slot".
//
//===----------------------------------------------------------------------===//

#include "UseSlots.h"

#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::cudagraph;

/// Alignment of slots, in bytes: that of allocations on CUDA devices.
static constexpr int64_t kSlotAlignment = 256;

StringRef graphopt::refuseSlot(GraphOp graph, int64_t buffer) {
  auto type = cast<MemRefType>(graph.getBuffers()[buffer].getType());
  if (!type.getLayout().isIdentity())
    return "its layout is not the identity";
  if (!graph->hasAttr(GraphOp::kDisjointAttribute))
    return "the graph allows its buffers to overlap";
  return "";
}

/// Makes the arena of `graph` `bytes` long; adds one if there is none.
static BlockArgument growArena(GraphOp graph, int64_t bytes) {
  auto type = MemRefType::get(
      {bytes}, IntegerType::get(graph.getContext(), /*width=*/8));
  BlockArgument arena = graph.getArena();
  if (!arena)
    return graph.getBody()->addArgument(type, graph.getLoc());
  // Views say themselves what they cover.
  arena.setType(type);
  return arena;
}

namespace {
/// Nodes of a graph that touch a buffer.
struct Touching {
  SmallVector<NodeOpInterface> all, writing;
};
} // namespace

static DenseMap<Value, Touching> findTouching(GraphOp graph) {
  DenseMap<Value, Touching> touching;
  RangeResolver ranges;
  for (auto node : graph.getBody()->getOps<NodeOpInterface>()) {
    SmallVector<BufferAccess> accesses;
    node.collectAccesses(accesses);
    for (const BufferAccess &access : accesses) {
      FailureOr<ByteRange> range = ranges.resolve(access.memref);
      if (failed(range) || range->size() == 0)
        continue;
      Touching &entry = touching[range->root];
      auto add = [&](SmallVector<NodeOpInterface> &list) {
        if (list.empty() || list.back() != node)
          list.push_back(node);
      };
      add(entry.all);
      if (access.writes())
        add(entry.writing);
    }
  }
  return touching;
}

// Pattern: kernel args(%b readwrite)
//       -> %0 = memcpy %b to %slot; kernel after(%0) args(%slot readwrite);
//          memcpy %slot to %b
void graphopt::useSlots(GraphOp graph, ArrayRef<int64_t> buffers) {
  DenseMap<Value, Touching> touching = findTouching(graph);
  int64_t bytes = graph.getArenaBytes();
  SmallVector<int64_t> offsets;
  for (int64_t number : buffers) {
    auto type = cast<MemRefType>(graph.getBuffers()[number].getType());
    bytes = llvm::alignTo(bytes, kSlotAlignment);
    offsets.push_back(bytes);
    bytes += *getSpanBytes(type);
  }
  BlockArgument arena = growArena(graph, bytes);
  OpBuilder begin = OpBuilder::atBlockBegin(graph.getBody());
  OpBuilder end = OpBuilder::atBlockEnd(graph.getBody());
  Location loc = graph.getLoc();
  for (auto [number, offset] : llvm::zip_equal(buffers, offsets)) {
    BlockArgument buffer = graph.getBuffers()[number];
    Value start = arith::ConstantIndexOp::create(begin, loc, offset);
    Value slot =
        memref::ViewOp::create(begin, loc, cast<MemRefType>(buffer.getType()),
                               arena, start, ValueRange());
    buffer.replaceAllUsesWith(slot);
    auto in = MemcpyOp::create(begin, loc, ValueRange(), Value(buffer), slot);
    const Touching &nodes = touching[buffer];
    SmallVector<Value> written;
    for (NodeOpInterface node : nodes.all)
      node.getAfterMutable().append(in.getNode());
    for (NodeOpInterface node : nodes.writing)
      written.push_back(node.getNode());
    if (!written.empty())
      MemcpyOp::create(end, loc, written, slot, Value(buffer));
  }
}
