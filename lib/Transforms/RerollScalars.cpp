//===- RerollScalars.cpp - Loops in scalar programs -----------------------===//
//
// What the host did for each tensor of a list, unrolled, becomes a loop again:
// code as short as the source, and work that a device can spread over threads.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

namespace graphopt {
#define GEN_PASS_DEF_REROLLSCALARS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;

namespace {

/// One step of a chain: `op` joins what the step before made, its operand
/// number `carried`, with values that depend on the elements of a list.
struct Step {
  Operation *op;
  unsigned carried;
};

struct RerollScalars : public graphopt::impl::RerollScalarsBase<RerollScalars> {
  using RerollScalarsBase::RerollScalarsBase;

  void runOnOperation() override {
    if (minSteps < 2) {
      getOperation().emitError("min-steps must be at least 2");
      return signalPassFailure();
    }
    bool changed = false;
    getOperation().walk([&](ScalarOp scalar) { changed |= reroll(scalar); });
    if (!changed)
      markAllAnalysesPreserved();
  }

private:
  bool reroll(ScalarOp scalar);
  bool reroll(Block *body, int64_t stride);
};

/// Compares the values of neighbouring steps.
class StepMatcher {
public:
  /// Steps go through the lists by `stride`: 1, or -1 for backwards.
  StepMatcher(Block *body, int64_t stride);

  /// Whether `next` computes from element i + stride of every list what `value`
  /// computes from element i. A value that is the same in both is a match.
  bool isNext(Value value, Value next, int64_t depth = 0);
  /// Whether `op` and `next` are the same but for their operands.
  static bool areAlike(Operation *op, Operation *next);
  /// The constant index of an element of a list, or nothing.
  static std::optional<int64_t> getElement(Operation *op);
  /// Whether `value` depends on an element.
  bool dependsOnElement(Value value) const { return depends.contains(value); }
  int64_t getStride() const { return stride; }

private:
  /// Steps that compute more deeply are not compared.
  static constexpr int64_t kMaxDepth = 64;

  Block *body;
  int64_t stride;
  DenseMap<std::pair<Value, Value>, bool> known;
  DenseSet<Value> depends;
};

} // namespace

std::optional<int64_t> StepMatcher::getElement(Operation *op) {
  auto extract = dyn_cast_or_null<tensor::ExtractOp>(op);
  APInt index;
  if (!extract || extract.getIndices().size() != 1 ||
      !isa<BlockArgument>(extract.getTensor()) ||
      !matchPattern(extract.getIndices().front(), m_ConstantInt(&index)))
    return std::nullopt;
  return index.getSExtValue();
}

bool StepMatcher::areAlike(Operation *op, Operation *next) {
  return op->getName() == next->getName() && op->getNumRegions() == 0 &&
         op->getNumOperands() == next->getNumOperands() &&
         op->getResultTypes() == next->getResultTypes() &&
         op->getAttrDictionary() == next->getAttrDictionary() &&
         op->getPropertiesAsAttribute() == next->getPropertiesAsAttribute() &&
         isMemoryEffectFree(op);
}

StepMatcher::StepMatcher(Block *body, int64_t stride)
    : body(body), stride(stride) {
  for (Operation &op : *body)
    if (getElement(&op) || llvm::any_of(op.getOperands(), [&](Value value) {
          return depends.contains(value);
        }))
      depends.insert(op.result_begin(), op.result_end());
}

bool StepMatcher::isNext(Value value, Value next, int64_t depth) {
  if (value == next)
    return !dependsOnElement(value);
  if (depth > kMaxDepth)
    return false;
  Operation *op = value.getDefiningOp(), *nextOp = next.getDefiningOp();
  if (!op || !nextOp || op->getBlock() != body || nextOp->getBlock() != body)
    return false;
  auto [entry, isNew] = known.try_emplace({value, next}, false);
  if (!isNew)
    return entry->second;
  bool result = false;
  std::optional<int64_t> element = getElement(op);
  std::optional<int64_t> nextElement = getElement(nextOp);
  if (element || nextElement)
    result = element && nextElement && *element + stride == *nextElement &&
             op->getOperand(0) == nextOp->getOperand(0);
  else
    result = areAlike(op, nextOp) &&
             cast<OpResult>(value).getResultNumber() ==
                 cast<OpResult>(next).getResultNumber() &&
             llvm::all_of(llvm::zip(op->getOperands(), nextOp->getOperands()),
                          [&](auto pair) {
                            return isNext(std::get<0>(pair), std::get<1>(pair),
                                          depth + 1);
                          });
  return known[{value, next}] = result;
}

/// The operand of `next` that is the one result of `op`, if `next` is the step
/// after it.
static std::optional<unsigned> findCarried(StepMatcher &matcher, Operation *op,
                                           Operation *next) {
  if (!StepMatcher::areAlike(op, next) || op->getNumResults() != 1)
    return std::nullopt;
  for (unsigned i = 0, e = next->getNumOperands(); i < e; ++i) {
    if (next->getOperand(i) != op->getResult(0))
      continue;
    bool restFollows = true, dependsOnElement = false;
    for (unsigned k = 0; k < e; ++k) {
      if (k == i)
        continue;
      restFollows &= matcher.isNext(op->getOperand(k), next->getOperand(k));
      dependsOnElement |= matcher.dependsOnElement(next->getOperand(k));
    }
    if (restFollows && dependsOnElement)
      return i;
  }
  return std::nullopt;
}

/// The longest chain that starts at `first`.
static SmallVector<Step> followChain(StepMatcher &matcher, Operation *first) {
  SmallVector<Step> chain = {{first, 0}};
  while (true) {
    Operation *op = chain.back().op;
    // Nothing else may look at what happens in between.
    if (!op->getResult(0).hasOneUse())
      return chain;
    Operation *next = *op->getResult(0).getUsers().begin();
    if (next->getBlock() != first->getBlock())
      return chain;
    std::optional<unsigned> carried = findCarried(matcher, op, next);
    if (!carried || (chain.size() > 1 && *carried != chain.back().carried))
      return chain;
    chain.front().carried = *carried;
    chain.push_back({next, *carried});
  }
}

/// Clones what `value`, an operand of the first step, is computed from, for the
/// loop's turn number `turn`.
static Value cloneForElement(OpBuilder &builder, Value value, Value turn,
                             const StepMatcher &matcher, IRMapping &mapping) {
  if (Value done = mapping.lookupOrNull(value))
    return done;
  if (!matcher.dependsOnElement(value))
    return value;
  Operation *op = value.getDefiningOp();
  if (std::optional<int64_t> element = StepMatcher::getElement(op)) {
    Value index = turn;
    Value offset;
    if (*element != 0)
      offset = arith::ConstantIndexOp::create(builder, op->getLoc(), *element);
    if (matcher.getStride() < 0)
      index = arith::SubIOp::create(builder, op->getLoc(), offset, turn);
    else if (offset)
      index = arith::AddIOp::create(builder, op->getLoc(), turn, offset);
    Value extracted = tensor::ExtractOp::create(builder, op->getLoc(),
                                                op->getOperand(0), index);
    mapping.map(value, extracted);
    return extracted;
  }
  for (Value operand : op->getOperands())
    cloneForElement(builder, operand, turn, matcher, mapping);
  builder.clone(*op, mapping);
  return mapping.lookup(value);
}

/// Pattern: a1 = f(a0, g(x[0])); a2 = f(a1, g(x[1])); ... -> scf.for
static void emitLoop(ArrayRef<Step> chain, const StepMatcher &matcher) {
  Operation *first = chain.front().op, *last = chain.back().op;
  unsigned carried = chain.front().carried;
  Location loc = first->getLoc();
  OpBuilder builder(last);
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value count = arith::ConstantIndexOp::create(builder, loc, chain.size());
  auto loop = scf::ForOp::create(builder, loc, zero, count, one,
                                 ValueRange(first->getOperand(carried)));
  builder.setInsertionPointToStart(loop.getBody());
  IRMapping mapping;
  for (unsigned i = 0, e = first->getNumOperands(); i < e; ++i)
    if (i != carried)
      cloneForElement(builder, first->getOperand(i), loop.getInductionVar(),
                      matcher, mapping);
  // The operand, not the value: a step may use what it starts with again.
  Operation *step = builder.clone(*first, mapping);
  step->setOperand(carried, loop.getRegionIterArg(0));
  scf::YieldOp::create(builder, loc, step->getResults());
  last->replaceAllUsesWith(loop.getResults());
}

/// The chains of `body` whose steps `matcher` sees, of at least `minSteps`.
static SmallVector<SmallVector<Step>>
findChains(Block *body, StepMatcher &matcher, int64_t minSteps) {
  DenseSet<Operation *> seen;
  SmallVector<SmallVector<Step>> chains;
  for (Operation &op : body->without_terminator()) {
    if (op.getNumResults() != 1 || op.getNumOperands() < 2 ||
        seen.contains(&op))
      continue;
    SmallVector<Step> chain = followChain(matcher, &op);
    if (static_cast<int64_t>(chain.size()) < minSteps)
      continue;
    for (const Step &step : chain)
      seen.insert(step.op);
    chains.push_back(std::move(chain));
  }
  return chains;
}

bool RerollScalars::reroll(ScalarOp scalar) {
  bool changed = false;
  for (int64_t stride : {1, -1})
    changed |= reroll(scalar.getBodyBlock(), stride);
  return changed;
}

bool RerollScalars::reroll(Block *body, int64_t stride) {
  StepMatcher matcher(body, stride);
  SmallVector<SmallVector<Step>> chains = findChains(body, matcher, minSteps);
  for (ArrayRef<Step> chain : chains) {
    graphopt::remarkDone(chain.front().op, "rerolled")
        << mlir::remark::metric("steps", static_cast<int64_t>(chain.size()));
    emitLoop(chain, matcher);
  }
  if (chains.empty())
    return false;
  // The steps, and what they were computed from. Not before: the matcher knows
  // values by their addresses.
  SmallVector<Operation *> ops = llvm::map_to_vector(
      body->without_terminator(), [](Operation &op) { return &op; });
  for (Operation *op : llvm::reverse(ops))
    if (op->use_empty() && isMemoryEffectFree(op))
      op->erase();
  return true;
}
