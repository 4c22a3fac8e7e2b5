//===- BlockOrder.cpp - The order of fused ops ----------------------------===//
//
// Implements the order of the ops of a block: a topological sort that prefers
// early stages.
//
//===----------------------------------------------------------------------===//

#include "BlockOrder.h"

#include "../OuterOps.h"
#include "InPlace.h"

#include "GraphOpt/TensorSeq/TensorSeq.h"

#include <queue>

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

namespace {
/// Where an op should stand: lower ones first.
struct Place {
  int64_t stage, kind, index;
  Operation *op;
  bool operator<(const Place &other) const {
    return std::tie(other.stage, other.kind, other.index) <
           std::tie(stage, kind, index);
  }
};

/// Puts the ops of a block in order. An op comes after what it uses, and, if
/// that can be, after what reads the tensors that it overwrites.
class BlockOrder {
public:
  BlockOrder(Block &block, Stages &stages);
  void apply();

private:
  struct Entry {
    Place place;
    unsigned needs = 0;     ///< Ops before it that it uses.
    unsigned overtakes = 0; ///< Ops before it that read what it overwrites.
    SmallVector<Entry *> users, overwriters;
    bool isPlaced = false;
  };
  void addOp(Operation &op, Stages &stages);
  void addNeeds(Operation &op);
  void addReaders(const Replacement &replacement);
  void release(Entry &entry);

  Block &block;
  DenseMap<Operation *, std::unique_ptr<Entry>> entries;
  std::priority_queue<Place> ready, held;
};
} // namespace

BlockOrder::BlockOrder(Block &block, Stages &stages) : block(block) {
  for (Operation &op : block.without_terminator())
    addOp(op, stages);
  for (Operation &op : block.without_terminator())
    addNeeds(op);
  for (const Replacement &replacement : findReplacements(block))
    if (replacement.writer && replacement.old)
      addReaders(replacement);
  for (Operation &op : block.without_terminator())
    release(*entries[&op]);
}

void BlockOrder::addOp(Operation &op, Stages &stages) {
  // Lists and views cost nothing: as early as they can be. Fusion makes some
  // that have no stage.
  bool isList = isa<PackOp, GetOp>(op);
  int64_t kind = isList ? 0 : isa<MapOp>(op) ? 2 : 1;
  if (isa<KernelOp>(op) &&
      isa<MapOp>(*std::prev(op.getRegion(0).front().end(), 2)))
    kind = 2;
  auto entry = std::make_unique<Entry>();
  int64_t stage = isList ? Stages::kFirst : stages.get(&op);
  entry->place = {stage, kind, int64_t(entries.size()), &op};
  entries[&op] = std::move(entry);
}

void BlockOrder::addNeeds(Operation &op) {
  Entry &entry = *entries[&op];
  DenseSet<Operation *> defs;
  visitOuterOps(&op, [&](Operation *inner) {
    for (Value value : inner->getOperands()) {
      Operation *def = value.getDefiningOp();
      def = def ? block.findAncestorOpInBlock(*def) : nullptr;
      if (def && def != &op)
        defs.insert(def);
    }
  });
  entry.needs = defs.size();
  for (Operation *def : defs)
    entries[def]->users.push_back(&entry);
}

/// Ops of later stages may use what the writer makes.
void BlockOrder::addReaders(const Replacement &replacement) {
  Entry &writer = *entries[replacement.writer];
  forEachReader(block, replacement.old, [&](Operation *op) {
    Entry &reader = *entries[op];
    if (&reader == &writer || reader.place.stage > writer.place.stage)
      return;
    reader.overwriters.push_back(&writer);
    ++writer.overtakes;
  });
}

void BlockOrder::release(Entry &entry) {
  if (entry.needs == 0 && !entry.isPlaced)
    (entry.overtakes == 0 ? ready : held).push(entry.place);
}

void BlockOrder::apply() {
  while (!ready.empty() || !held.empty()) {
    // Two that overwrite what the other one reads: one of them comes first.
    std::priority_queue<Place> &queue = ready.empty() ? held : ready;
    Operation *op = queue.top().op;
    queue.pop();
    Entry &entry = *entries[op];
    if (entry.isPlaced)
      continue;
    entry.isPlaced = true;
    op->moveBefore(block.getTerminator());
    for (Entry *user : entry.users)
      if (--user->needs == 0)
        release(*user);
    for (Entry *writer : entry.overwriters)
      if (--writer->overtakes == 0)
        release(*writer);
  }
}

void graphopt::orderBlock(Block &block, Stages &stages) {
  BlockOrder(block, stages).apply();
}
