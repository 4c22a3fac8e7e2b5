//===- FuseSequences.cpp - Fuse the work of a region ----------------------===//
//
// Assigns each op of a region a stage, fuses the ops of each stage, and orders
// the result. The rewrites themselves are in Fusion/.
//
//===----------------------------------------------------------------------===//

#include "Fusion/BlockOrder.h"
#include "Fusion/Fusion.h"
#include "Fusion/Stages.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Transforms/Passes.h"
#include "Report/Parts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"

namespace graphopt {
#define GEN_PASS_DEF_FUSESEQUENCES
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// The blocks of `graph` that hold work, inner ones first.
static SmallVector<Block *> getBlocks(GraphOp graph) {
  SmallVector<Block *> blocks;
  graph->walk([&](Operation *op) {
    if (isa<tseq::IfOp, WhileOp, GraphOp>(op))
      for (Region &region : op->getRegions())
        for (Block &block : region)
          blocks.push_back(&block);
  });
  return blocks;
}

/// Number of ops of `block` that fusion may join.
static int64_t countWork(Block &block) {
  return llvm::count_if(
      block, [](Operation &op) { return isa<MapOp, ReduceOp, ScalarOp>(op); });
}

/// Whether nothing in `block` can be joined or has to be taken apart: there is
/// at most one map or reduce besides lists, and no value leaves it twice.
static bool isSettled(Block &block) {
  if (countWork(block) > 1)
    return false;
  for (Operation &op : block.without_terminator()) {
    auto map = dyn_cast<MapOp>(op);
    bool isPlain = map ? !map.getPredicate() : isa<ReduceOp, PackOp, GetOp>(op);
    if (!isPlain && !op.hasTrait<OpTrait::ConstantLike>())
      return false;
  }
  DenseSet<Value> yielded;
  return llvm::all_of(block.getTerminator()->getOperands(), [&](Value value) {
    return yielded.insert(value).second;
  });
}

/// Moves what predicated maps in `op` say of their branches to `decisions`.
static void takeDecisions(Operation *op,
                          SmallVectorImpl<Attribute> &decisions) {
  op->walk([&](MapOp map) {
    if (Attribute decision = map->removeAttr(kBranchAttribute))
      decisions.push_back(decision);
  });
}

static void remarkConditional(tseq::IfOp branch) {
  StringRef reason = getReasonForNode(branch);
  auto remark = remarkRefused(branch, "branch-conditional");
  remark << "the branch is a conditional node" << remark::reason("{0}", reason);
  if (reason != kCostsLess)
    return;
  BranchCosts costs = predictBranch(branch);
  remark << remark::metric("predicated-microseconds", costs.predicated)
         << remark::metric("conditional-microseconds", costs.conditional);
}

namespace {

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

struct FuseSequences : public graphopt::impl::FuseSequencesBase<FuseSequences> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populatePredicationPatterns(set);
    predication = std::move(set);
    return success();
  }

  void runOnOperation() override {
    // Branches inside first: one that becomes a predicate is work of the block
    // around it. A region without results is in memory already, and what writes
    // memory must not be taken for dead.
    SmallVector<GraphOp> graphs;
    getOperation().walk([&](GraphOp graph) {
      if (graph.getNumResults() > 0)
        graphs.push_back(graph);
    });
    if (graphs.empty())
      return markAllAnalysesPreserved();
    for (GraphOp graph : graphs) {
      graph->walk([](MapOp map) { dropParts(map); });
      if (isSettled(*graph.getBodyBlock()))
        continue;
      SmallVector<Attribute> decisions;
      graph->walk([](tseq::IfOp branch) { mergeScalarBranch(branch); });
      graph->walk(hoistScalars);
      graph->walk<WalkOrder::PreOrder>([](Block *block) { sinkMaps(*block); });
      for (Block *block : getBlocks(graph)) {
        walkAndApplyPatterns(block->getParentOp(), predication);
        takeDecisions(block->getParentOp(), decisions);
        // Lists that were joined may let others be.
        int64_t before;
        bool foundLists;
        do {
          before = countWork(*block);
          foundLists = fuse(*block);
        } while (foundLists || countWork(*block) < before);
      }
      graph->walk(remarkConditional);
      graph->walk([&](tseq::IfOp branch) {
        decisions.push_back(describeBranch(branch));
      });
      if (!decisions.empty())
        graph->setAttr("branches", ArrayAttr::get(&getContext(), decisions));
      // Not once there are kernels: they have no operands, so that each would
      // be compared with each other one.
      IRRewriter rewriter(&getContext());
      DominanceInfo dominance(graph);
      eliminateCommonSubExpressions(rewriter, dominance, graph);
      // Only now: a branch that holds a kernel stays one.
      for (Block *block : getBlocks(graph))
        formKernels(*block);
    }
  }

private:
  /// Returns whether lists were found that further work may be joined by.
  bool fuse(Block &block);
  using Work = std::map<int64_t, SmallVector<Operation *>>;
  void fuseStage(Stages &stages, int64_t stage, Work &work);
  SmallVector<MapOp> delayMaps(ArrayRef<MapOp> maps, Stages &stages,
                               int64_t stage, Work &work);
  SmallVector<MapOp> joinChains(ArrayRef<MapOp> maps);

  FrozenRewritePatternSet predication;
  /// Maps that reduces of earlier stages read.
  DenseSet<Operation *> stored;
};

} // namespace

static void eraseDead(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

/// Whether `second`, a reshape of the result of `first`, gives back what
/// `first` reshapes.
template <typename First, typename Second>
static bool isInverse(First first, Second second) {
  return first.getSrc().getType() == second.getType() &&
         first.getReassociationIndices() == second.getReassociationIndices();
}

/// Folds pack(get(s, 0), get(s, 1), ...) -> s so that chains are seen. Returns
/// whether a pack was folded.
static bool foldLists(Block &block) {
  bool foundLists = false;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto unpack = dyn_cast<UnpackOp>(op)) {
      OpBuilder builder(unpack);
      for (auto [i, result] : llvm::enumerate(unpack.getResults()))
        result.replaceAllUsesWith(
            GetOp::create(builder, unpack.getLoc(), unpack.getSequence(), i));
      unpack.erase();
      continue;
    }
    // What raising wrapped around a device scalar of rank above 0, and an
    // upload of what was read back from such a scalar.
    if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
      auto expand = collapse.getSrc().getDefiningOp<tensor::ExpandShapeOp>();
      if (expand && isInverse(expand, collapse))
        collapse.replaceAllUsesWith(expand.getSrc());
      continue;
    }
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
      auto collapse = expand.getSrc().getDefiningOp<tensor::CollapseShapeOp>();
      if (collapse && isInverse(collapse, expand))
        expand.replaceAllUsesWith(collapse.getSrc());
      continue;
    }
    if (!isa<PackOp, GetOp>(op))
      continue;
    SmallVector<OpFoldResult> folded;
    if (succeeded(op.fold(folded)) && !folded.empty())
      if (auto value = dyn_cast<Value>(folded.front())) {
        foundLists |= isa<PackOp>(op) && !op.use_empty();
        op.getResult(0).replaceAllUsesWith(value);
      }
    if (op.use_empty())
      op.erase();
  }
  eraseDead(block);
  return foundLists;
}

/// Orders maps by where the block yields them, so that lists that belong
/// together are packed in one order.
static void orderByYield(SmallVectorImpl<MapOp> &maps) {
  auto position = [](MapOp map) -> int64_t {
    for (Value result : map.getResults())
      for (Operation *user : result.getUsers())
        if (isa<GetOp>(user))
          for (OpOperand &use : user->getResult(0).getUses())
            if (isa<YieldOp>(use.getOwner()))
              return use.getOperandNumber();
    return std::numeric_limits<int64_t>::max();
  };
  SmallVector<std::pair<int64_t, MapOp>> keyed;
  for (MapOp map : maps)
    keyed.push_back({position(map), map});
  llvm::stable_sort(keyed, llvm::less_first());
  for (auto [i, entry] : llvm::enumerate(keyed))
    maps[i] = entry.second;
}

/// Joins maps of one stage that feed each other.
SmallVector<MapOp> FuseSequences::joinChains(ArrayRef<MapOp> maps) {
  llvm::EquivalenceClasses<Operation *> chains;
  DenseSet<Operation *> members(maps.begin(), maps.end());
  for (MapOp map : maps) {
    chains.insert(map);
    if (map.getPredicate())
      continue;
    for (Value input : map.getInputs()) {
      auto producer = input.getDefiningOp<MapOp>();
      if (producer && !producer.getPredicate() && members.contains(producer))
        chains.unionSets(map, producer);
    }
  }
  llvm::MapVector<Operation *, SmallVector<MapOp>> groups;
  for (MapOp map : maps)
    groups[chains.getLeaderValue(map)].push_back(map);
  SmallVector<MapOp> fused;
  for (auto &[leader, group] : groups)
    fused.push_back(fuseMaps(group));
  return fused;
}

/// Packs maps of one stage that do equal work on other tensors, those with the
/// same scalars first.
static SmallVector<MapOp> packAlike(ArrayRef<MapOp> maps,
                                    SmallVectorImpl<ScalarOp> &programs) {
  llvm::BumpPtrAllocator allocator;
  llvm::StringSaver keys(allocator);
  llvm::MapVector<StringRef, SmallVector<MapOp>> sameScalars;
  for (MapOp map : maps)
    sameScalars[keys.save(getGroupKey(map))].push_back(map);
  auto pack = [&](ArrayRef<MapOp> group) {
    return group.size() > 1 ? packMaps(group, programs) : group.front();
  };
  for (auto &[key, group] : sameScalars)
    orderByYield(group);
  SmallVector<MapOp> packed;
  for (auto &[key, group] : sameScalars)
    packed.push_back(pack(group));
  SmallVector<SmallVector<MapOp>> groups = groupByBody(packed);
  packed.clear();
  for (SmallVector<MapOp> &group : groups) {
    orderByYield(group);
    packed.push_back(pack(group));
  }
  return packed;
}

/// Moves maps of `stage` to later ones where that is better; returns those that
/// stay, and erases those that nothing reads.
SmallVector<MapOp> FuseSequences::delayMaps(ArrayRef<MapOp> maps,
                                            Stages &stages, int64_t stage,
                                            Work &work) {
  SmallVector<MapOp> kept, alive;
  for (MapOp map : llvm::reverse(maps)) {
    if (map.use_empty()) {
      map.erase();
      continue;
    }
    stages.delay(map);
    kept.push_back(map);
  }
  // Now that it is known when others read; what only such a map reads goes with
  // it, and may be what another one waits for.
  bool changed = true;
  while (changed) {
    changed = false;
    for (MapOp map : kept) {
      int64_t before = stages.get(map);
      stages.delay(map);
      stages.delayOverwriting(map);
      changed |= stages.get(map) != before;
    }
  }
  for (MapOp map : kept) {
    int64_t later = stages.get(map);
    if (later == stage)
      alive.push_back(map);
    else
      work[later].insert(work[later].begin(), map);
  }
  return llvm::to_vector(llvm::reverse(alive));
}

/// Fuses the maps, reduces and scalars of stage `stage`. What can be joined
/// with a later stage moves there.
void FuseSequences::fuseStage(Stages &stages, int64_t stage, Work &work) {
  SmallVector<MapOp> maps;
  SmallVector<ReduceOp> reduces;
  SmallVector<ScalarOp> scalars;
  for (Operation *op : work[stage]) {
    if (auto map = dyn_cast<MapOp>(op))
      maps.push_back(map);
    else if (auto reduce = dyn_cast<ReduceOp>(op))
      reduces.push_back(reduce);
    else if (auto scalar = dyn_cast<ScalarOp>(op))
      scalars.push_back(scalar);
  }

  // Vertical: reduces take copies of their producers, then chains join.
  for (ReduceOp &reduce : reduces)
    reduce = fuseProducers(reduce, stored);
  maps = joinChains(delayMaps(maps, stages, stage, work));

  // Horizontal: equal work on other tensors.
  SmallVector<ScalarOp> programs, extracts;
  if (maps.size() > 1)
    maps = packAlike(maps, programs);
  llvm::BumpPtrAllocator allocator;
  llvm::StringSaver keys(allocator);
  llvm::MapVector<StringRef, SmallVector<ReduceOp>> reduceGroups;
  SmallVector<ReduceOp> packedReduces;
  for (ReduceOp reduce : reduces) {
    if (reduces.size() > 1 && reduce.getDomain().size() == 1 &&
        !reduce.getPerTensor())
      reduceGroups[keys.save(getGroupKey(reduce, /*anyScalars=*/true))]
          .push_back(reduce);
    else
      packedReduces.push_back(reduce);
  }
  for (auto &[key, group] : reduceGroups)
    packedReduces.push_back(group.size() > 1
                                ? packReduces(group, programs, extracts)
                                : group.front());
  for (ScalarOp program : programs)
    stages.set(program, stage - 1);
  for (ScalarOp extract : extracts)
    stages.set(extract, stage + 1);
  for (MapOp map : joinSiblings(ArrayRef<MapOp>(maps)))
    stages.set(map, stage);
  for (ReduceOp reduce : joinSiblings(ArrayRef<ReduceOp>(packedReduces))) {
    stages.set(reduce, stage);
    for (Value input : reduce.getInputs())
      if (auto map = input.getDefiningOp<MapOp>())
        stored.insert(map);
  }
  if (!scalars.empty()) {
    ScalarOp program = fuseScalars(scalars);
    generateLists(program);
    stages.set(program, stage);
  }
}

bool FuseSequences::fuse(Block &block) {
  foldLists(block);
  for (MapOp map : llvm::make_early_inc_range(block.getOps<MapOp>()))
    inlineFills(map);
  inlinePredicates(block);
  foldLists(block);
  splitYields(block);
  Stages stages(block);
  stored.clear();
  Work work;
  for (Operation &op : block)
    if (isa<MapOp, ReduceOp, ScalarOp>(op))
      work[stages.get(&op)].push_back(&op);
  // Even stages first: packing reduces rewrites the scalars that read them and
  // may add some.
  for (auto &[stage, ops] : work)
    if (!(stage & 1))
      fuseStage(stages, stage, work);
  orderBlock(block, stages);
  work.clear();
  for (Operation &op : block)
    if (isa<ScalarOp>(op))
      work[stages.get(&op)].push_back(&op);
  for (auto &[stage, ops] : work)
    fuseStage(stages, stage, work);
  bool foundLists = foldLists(block);
  orderBlock(block, stages);
  return foundLists;
}
