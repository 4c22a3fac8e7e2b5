//===- Stages.cpp - Which ops of a block may be joined --------------------===//
//
// Assigns stages by one walk forward, then moves what can wait by one walk
// backward.
//
//===----------------------------------------------------------------------===//

#include "Stages.h"

#include "InPlace.h"

#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

static int64_t nextEven(int64_t stage) { return stage + 2 - (stage & 1); }

/// Whether `user` may be joined with `op`, whose result it uses.
static bool joins(Operation *op, Operation *user) {
  if (isa<ScalarOp>(op))
    return isa<ScalarOp>(user);
  if (cast<MapOp>(op).getPredicate())
    return false;
  auto map = dyn_cast<MapOp>(user);
  return isa<ReduceOp>(user) || (map && !map.getPredicate());
}

/// Whether `user` only hands a tensor of a list to the terminator of `block`.
static bool isYielded(Operation *user, Block &block) {
  return isa<GetOp>(user) && user->getBlock() == &block &&
         llvm::all_of(user->getUsers(), [&](Operation *other) {
           return other == block.getTerminator();
         });
}

Stages::Stages(Block &block) : block(block) {
  for (const Replacement &replacement : findReplacements(block))
    if (replacement.writer && replacement.old)
      overwritten[replacement.writer].push_back(replacement.old);
  for (Operation &op : block.without_terminator())
    stages[&op] = compute(&op);
  for (ReduceOp reduce : block.getOps<ReduceOp>())
    reduceStages.insert(get(reduce));
  for (Operation &op : llvm::reverse(block.without_terminator())) {
    if (isa<ScalarOp, MapOp>(op))
      delay(&op);
    if (isa<ScalarOp>(op))
      delayToReduces(&op);
  }
}

void Stages::delayToReduces(Operation *scalar) {
  int64_t stage = get(scalar);
  if (reduceStages.empty() || reduceStages.count(stage - 1))
    return;
  int64_t latest = *reduceStages.rbegin() + 1;
  for (Operation *user : scalar->getUsers()) {
    Operation *reader = block.findAncestorOpInBlock(*user);
    if (!reader || reader == block.getTerminator())
      continue;
    latest = std::min(latest, get(reader) - (isa<ScalarOp>(reader) ? 0 : 1));
  }
  // The last stage of reduces before `latest`.
  auto next = reduceStages.lower_bound(latest);
  if (next != reduceStages.begin() && *std::prev(next) + 1 > stage)
    stages[scalar] = *std::prev(next) + 1;
}

void Stages::delay(Operation *op) {
  std::optional<int64_t> latest;
  for (Operation *user : op->getUsers()) {
    if (isYielded(user, block))
      continue;
    if (user->getBlock() != &block || !joins(op, user))
      return;
    latest = std::min(latest.value_or(get(user)), get(user));
  }
  if (latest && *latest > get(op))
    stages[op] = *latest;
}

void Stages::delayOverwriting(Operation *map) {
  if (!llvm::all_of(map->getUsers(),
                    [&](Operation *user) { return isYielded(user, block); }))
    return;
  int64_t latest = get(map);
  for (Value old : overwritten.lookup(map))
    forEachReader(block, old, [&](Operation *reader) {
      latest = std::max(latest, get(reader));
    });
  stages[map] = latest + (latest & 1);
}

int64_t Stages::getStage(Value value) const {
  Operation *def = value.getDefiningOp();
  def = def ? block.findAncestorOpInBlock(*def) : nullptr;
  return def ? get(def) : kFirst;
}

int64_t Stages::compute(Operation *op) const {
  if (auto map = dyn_cast<MapOp>(op)) {
    bool fusible = !map.getPredicate();
    return computeElementwise(op, fusible ? map.getInputs() : ValueRange());
  }
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return computeElementwise(op, reduce.getInputs());
  int64_t stage = kFirst;
  SetVector<Value> above;
  getUsedValuesDefinedAbove(op->getRegions(), above);
  for (ValueRange values :
       {ValueRange(op->getOperands()), ValueRange(above.getArrayRef())})
    for (Value value : values)
      stage = std::max(stage, getStage(value));
  if (isa<ScalarOp>(op))
    return stage | 1;
  // Views and lists are where their sources are, but not in the way of
  // scalars that are joined.
  auto capturable = dyn_cast<CapturableOpInterface>(op);
  bool isKernel =
      isa<tseq::IfOp, WhileOp>(op) || (capturable && capturable.isKernel());
  return isKernel ? nextEven(stage) : stage + (stage & 1);
}

int64_t Stages::computeElementwise(Operation *op, ValueRange fusible) const {
  int64_t stage = 0;
  for (Value value : op->getOperands()) {
    auto producer = value.getDefiningOp<MapOp>();
    bool joins = producer && !producer.getPredicate() &&
                 llvm::is_contained(fusible, value);
    int64_t ready = getStage(value);
    stage = std::max(stage, joins ? ready : nextEven(ready));
  }
  return stage;
}
