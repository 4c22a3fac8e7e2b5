//===- PlanMemory.cpp - One arena per region ------------------------------===//
//
// Places the temporaries of each region in an arena by their lifetimes.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"
#include <map>

namespace graphopt {
#define GEN_PASS_DEF_PLANMEMORY
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;

/// Where a temporary starts; what CUDA aligns allocations to.
static constexpr int64_t kAlignment = 256;

static int64_t getBytes(MemRefType type) {
  Type element = type.getElementType();
  int64_t bits = isa<IndexType>(element) ? 64 : element.getIntOrFloatBitWidth();
  return type.getNumElements() * llvm::divideCeil(bits, 8);
}

namespace {

/// One temporary: its size and the numbers of the first and last op of the
/// region's body that touch it.
struct Temporary {
  memref::AllocOp alloc;
  int64_t index, bytes, first, last, offset = 0;
};

struct PlanMemory : public graphopt::impl::PlanMemoryBase<PlanMemory> {
  void runOnOperation() override {
    getOperation().walk([&](GraphOp graph) { plan(graph); });
  }

private:
  void plan(GraphOp graph);
};

} // namespace

/// Marks all ops that touch the memory of `memref`, through views and lists.
static void visitUses(Value memref, Block *body,
                      const DenseMap<Operation *, int64_t> &numbers,
                      Temporary &temporary) {
  SmallVector<Value> worklist = {memref};
  while (!worklist.empty()) {
    for (Operation *user : worklist.pop_back_val().getUsers()) {
      int64_t number = numbers.lookup(body->findAncestorOpInBlock(*user));
      temporary.first = std::min(temporary.first, number);
      temporary.last = std::max(temporary.last, number);
      bool isView = isa<PackOp, memref::SubViewOp, memref::ExpandShapeOp,
                        memref::CollapseShapeOp, memref::CastOp,
                        memref::ReinterpretCastOp>(user);
      if (isView)
        worklist.push_back(user->getResult(0));
    }
  }
}

/// Assigns offsets: first fit among what is free, in the order of first use.
/// Returns the size of the arena.
static int64_t assignOffsets(MutableArrayRef<Temporary> temporaries) {
  llvm::sort(temporaries, [](const Temporary &a, const Temporary &b) {
    return std::tie(a.first, a.index) < std::tie(b.first, b.index);
  });
  std::multimap<int64_t, Temporary *> live; // By last use.
  std::map<int64_t, int64_t> gaps;          // Offset -> size.
  int64_t size = 0;
  auto release = [&](int64_t offset, int64_t bytes) {
    auto it = gaps.emplace(offset, bytes).first;
    auto next = std::next(it);
    if (next != gaps.end() && it->first + it->second == next->first) {
      it->second += next->second;
      gaps.erase(next);
    }
    if (it != gaps.begin()) {
      auto previous = std::prev(it);
      if (previous->first + previous->second == it->first) {
        previous->second += it->second;
        gaps.erase(it);
      }
    }
  };
  for (Temporary &temporary : temporaries) {
    while (!live.empty() && live.begin()->first < temporary.first) {
      Temporary *over = live.begin()->second;
      release(over->offset, llvm::alignTo(over->bytes, kAlignment));
      live.erase(live.begin());
    }
    int64_t bytes = llvm::alignTo(temporary.bytes, kAlignment);
    if (bytes == 0)
      continue;
    auto gap = llvm::find_if(
        gaps, [&](const auto &entry) { return entry.second >= bytes; });
    if (gap == gaps.end()) {
      temporary.offset = size;
      size += bytes;
    } else {
      auto [offset, free] = *gap;
      temporary.offset = offset;
      gaps.erase(gap);
      if (free > bytes)
        gaps.emplace(offset + bytes, free - bytes);
    }
    live.emplace(temporary.last, &temporary);
  }
  return size;
}

void PlanMemory::plan(GraphOp graph) {
  Block *body = graph.getBodyBlock();
  DenseMap<Operation *, int64_t> numbers;
  for (Operation &op : *body)
    numbers[&op] = numbers.size();
  SmallVector<Temporary> temporaries;
  int64_t sum = 0;
  graph.walk([&](memref::AllocOp alloc) {
    Temporary temporary{alloc, static_cast<int64_t>(temporaries.size()),
                        getBytes(alloc.getType()),
                        static_cast<int64_t>(numbers.size()), -1};
    visitUses(alloc, body, numbers, temporary);
    sum += llvm::alignTo(temporary.bytes, kAlignment);
    temporaries.push_back(temporary);
  });
  if (temporaries.empty())
    return;
  int64_t size = assignOffsets(temporaries);

  OpBuilder builder(graph);
  auto arenaType = MemRefType::get({size}, builder.getI8Type());
  auto arena = memref::AllocOp::create(builder, graph.getLoc(), arenaType);
  graph.getInputsMutable().append(arena.getResult());
  Value argument = body->addArgument(arenaType, graph.getLoc());
  for (Temporary &temporary : temporaries) {
    // In the region's body, so that every use is dominated.
    builder.setInsertionPoint(
        body->findAncestorOpInBlock(*temporary.alloc.getOperation()));
    Value offset = arith::ConstantIndexOp::create(
        builder, temporary.alloc.getLoc(), temporary.offset);
    Value view = memref::ViewOp::create(builder, temporary.alloc.getLoc(),
                                        temporary.alloc.getType(), argument,
                                        offset, ValueRange());
    temporary.alloc.replaceAllUsesWith(view);
    temporary.alloc.erase();
  }
  graph->setAttr("arena",
                 builder.getI64IntegerAttr(body->getNumArguments() - 1));
  graph->setAttr("arena_bytes", builder.getI64IntegerAttr(size));
  graph->setAttr("arena_bytes_without_reuse", builder.getI64IntegerAttr(sum));
  graphopt::remarkDone(graph, "arena-planned")
      << mlir::remark::metric("bytes", size)
      << mlir::remark::metric("bytes-without-reuse", sum);
}
