//===- Predication.cpp - Branches around maps become predicates -----------===//
//
// Replaces a tseq.if that only chooses between new and old tensors by maps that
// write nothing where the condition is false, or that, if what they make is not
// kept, are computed by those that read it.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Attribute of a branch that decides instead of costs.
static constexpr llvm::StringLiteral kRequestAttribute = "graphopt.branch";

/// Whether `value` is a device scalar: choosing it costs next to nothing.
static bool isDeviceScalar(Value value) {
  auto type = dyn_cast<ShapedType>(value.getType());
  return type && type.getRank() == 0;
}

/// Pattern: if c { a } else { b } -> scalar { select c, a, b }
static Value selectScalar(PatternRewriter &rewriter, IfOp op, Value a,
                          Value b) {
  Location loc = op.getLoc();
  auto scalar =
      ScalarOp::create(rewriter, loc, a.getType(),
                       ValueRange{op.getCondition(), a, b}, ValueRange());
  OpBuilder::InsertionGuard guard(rewriter);
  Type element = cast<ShapedType>(a.getType()).getElementType();
  SmallVector<Location> locs(3, loc);
  Block *body = rewriter.createBlock(
      &scalar.getBody(), {}, {rewriter.getI1Type(), element, element}, locs);
  Value chosen =
      arith::SelectOp::create(rewriter, loc, body->getArgument(0),
                              body->getArgument(1), body->getArgument(2));
  YieldOp::create(rewriter, loc, chosen);
  return scalar.getResults().front();
}

/// What a predicated map leaves where the predicate is false, per result and
/// tensor: the value that the else region yields in place of it. Returns why
/// there is no such value, as a code, or nothing.
static StringRef findOtherwise(IfOp op, MapOp map,
                               SmallVectorImpl<SmallVector<Value>> &otherwise) {
  otherwise.resize(map.getNumResults());
  for (auto [i, result] : llvm::enumerate(map.getResults()))
    otherwise[i].resize(cast<SeqType>(result.getType()).size());
  Operation *thenYield = op.getThenRegion().front().getTerminator();
  Operation *elseYield = op.getElseRegion().front().getTerminator();
  for (auto [i, value] : llvm::enumerate(thenYield->getOperands())) {
    auto get = value.getDefiningOp<GetOp>();
    if (!get || get.getSequence().getDefiningOp() != map)
      continue;
    unsigned number = cast<OpResult>(get.getSequence()).getResultNumber();
    Value &other = otherwise[number][get.getIndex()];
    if (other && other != elseYield->getOperand(i))
      return "result-of-two-choices";
    other = elseYield->getOperand(i);
  }
  for (ArrayRef<Value> values : otherwise)
    if (llvm::is_contained(values, Value()))
      return "intermediate-result";
  // The values must be the map's alone: a later map in the branch that reads
  // them would read the old ones.
  for (Value result : map.getResults())
    for (Operation *user : result.getUsers())
      if (!isa<GetOp>(user) ||
          !llvm::all_of(user->getUsers(), llvm::IsaPred<YieldOp>))
        return "intermediate-result";
  return {};
}

bool graphopt::isConditionalByRequest(IfOp op) {
  auto choice = op->getAttrOfType<StringAttr>(kRequestAttribute);
  return choice && choice.getValue() == "conditional";
}

/// Whether `value`, yielded by `body`, is what a map of it makes.
static bool isMapped(Value value, Block &body) {
  auto get = value.getDefiningOp<GetOp>();
  return get && get->getBlock() == &body &&
         get.getSequence().getDefiningOp<MapOp>();
}

BranchCosts graphopt::predictBranch(IfOp op) {
  int64_t numKernels = 0;
  double bytes = 0;
  for (MapOp map : op.getThenRegion().front().getOps<MapOp>()) {
    numKernels += 1;
    bytes += getBytes(map);
  }
  return predictBranch(numKernels, bytes, getProbability(op),
                       Calibration::getFor(op));
}

/// Whether a conditional node is predicted to cost less than predicates.
static bool isCheaperAsNode(IfOp op) {
  // The program may say so.
  if (op->hasAttr(kRequestAttribute))
    return false;
  BranchCosts costs = predictBranch(op);
  return costs.conditional < costs.predicated;
}

/// Why `op` has to be a conditional node whatever that costs.
static StringRef getObstacle(IfOp op) {
  if (isConditionalByRequest(op))
    return "requested";
  if (op.getNumResults() == 0 || op.getElseRegion().empty())
    return "writes-memory";
  Block &body = op.getThenRegion().front();
  if (!op.getElseRegion().front().without_terminator().empty())
    return "work-in-both-branches";
  for (Operation &inner : body.without_terminator()) {
    if (isa<PackOp, GetOp, UnpackOp>(inner))
      continue;
    if (isa<ScalarOp>(inner)) {
      if (!isSpeculatable(&inner))
        return "guarded-scalar";
      continue;
    }
    auto map = dyn_cast<MapOp>(inner);
    if (!map)
      return "other-kernel";
    if (map.getPredicate())
      return "nested-predicate";
    SmallVector<SmallVector<Value>> otherwise;
    if (StringRef reason = findOtherwise(op, map, otherwise); !reason.empty())
      return reason;
  }
  for (auto [a, b] :
       llvm::zip(body.getTerminator()->getOperands(),
                 op.getElseRegion().front().getTerminator()->getOperands()))
    if (a != b && !isMapped(a, body) && !isDeviceScalar(a))
      return "tensor-not-from-map";
  return {};
}

StringRef graphopt::getReasonForNode(IfOp op) {
  StringRef obstacle = getObstacle(op);
  if (!obstacle.empty())
    return obstacle;
  return isCheaperAsNode(op) ? StringRef(kCostsLess) : StringRef();
}

DictionaryAttr graphopt::describeBranch(IfOp op) {
  Builder builder(op.getContext());
  StringRef reason = getReasonForNode(op);
  NamedAttrList facts;
  facts.set("choice",
            builder.getStringAttr(reason.empty() ? "predicate" : "node"));
  if (reason.empty() || reason == kCostsLess) {
    BranchCosts costs = predictBranch(op);
    facts.set("node", builder.getF64FloatAttr(costs.conditional));
    facts.set("predicate", builder.getF64FloatAttr(costs.predicated));
    reason = op->hasAttr(kRequestAttribute) ? "requested" : kCostsLess;
  }
  facts.set("reason", builder.getStringAttr(reason));
  return facts.getDictionary(op.getContext());
}

namespace {
/// Pattern: if c { map(a) } else { b } -> map(a) when c else b
struct PredicateMaps : OpRewritePattern<IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(IfOp op,
                                PatternRewriter &rewriter) const override {
    if (StringRef reason = getReasonForNode(op); !reason.empty())
      return rewriter.notifyMatchFailure(op, reason);
    Block &body = op.getThenRegion().front();
    Operation *thenYield = body.getTerminator();
    Operation *elseYield = op.getElseRegion().front().getTerminator();
    BranchCosts costs = predictBranch(op);
    SmallVector<std::pair<MapOp, SmallVector<SmallVector<Value>>>> maps;
    for (MapOp map : body.getOps<MapOp>()) {
      maps.push_back({map, {}});
      findOtherwise(op, map, maps.back().second);
    }

    if (!maps.empty())
      maps.front().first->setAttr(kBranchAttribute, describeBranch(op));

    SmallVector<Value> results(thenYield->getOperands());
    SmallVector<Value> others(elseYield->getOperands());
    rewriter.eraseOp(thenYield);
    rewriter.inlineBlockBefore(&body, op);
    rewriter.setInsertionPoint(op);
    for (auto [result, other] : llvm::zip(results, others))
      if (result != other && isDeviceScalar(result))
        result = selectScalar(rewriter, op, result, other);
    for (auto &entry : maps) {
      MapOp map = entry.first;
      rewriter.setInsertionPoint(map);
      SmallVector<Value> packed;
      for (ArrayRef<Value> values : entry.second)
        packed.push_back(PackOp::create(rewriter, map.getLoc(), values));
      rewriter.modifyOpInPlace(map, [&] {
        map.getPredicateMutable().assign(op.getCondition());
        map.getOtherwiseMutable().assign(packed);
      });
      remarkDone(map, "branch-predicated")
          << "the branch became a predicate of the map in it"
          << remark::metric("predicated-microseconds", costs.predicated)
          << remark::metric("conditional-microseconds", costs.conditional);
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};
} // namespace

/// Whether `use` is a read by a map or reduce of `block` that always runs.
static bool isReadByWork(OpOperand &use, Block *block) {
  Operation *user = use.getOwner();
  auto reader = dyn_cast<MapOp>(user);
  return user->getBlock() == block &&
         (isa<ReduceOp>(user) || (reader && !reader.getPredicate()));
}

/// Whether all that `map` makes is read, by nothing else.
static bool isReadByWork(MapOp map) {
  return !map->use_empty() && llvm::all_of(map->getUses(), [&](OpOperand &use) {
    return isReadByWork(use, map->getBlock());
  });
}

/// Whether the same holds of lists of one tensor each of what `map` makes.
static bool isReadInParts(MapOp map) {
  auto isRead = [&](Operation *user) {
    auto pack = dyn_cast<PackOp>(user);
    return pack && pack.getTensors().size() == 1 &&
           llvm::all_of(pack->getUses(), [&](OpOperand &use) {
             return isReadByWork(use, map->getBlock());
           });
  };
  return !map->use_empty() &&
         llvm::all_of(map->getUsers(), [&](Operation *user) {
           return isa<GetOp>(user) && llvm::all_of(user->getUsers(), isRead);
         });
}

/// Pattern: map(pack(a, b)) -> map(pack(a)), map(pack(b))
static SmallVector<MapOp> splitByTensor(MapOp map) {
  OpBuilder builder(map);
  Location loc = map.getLoc();
  SmallVector<MapOp> parts;
  for (size_t i = 0, e = map.getDomain().size(); i < e; ++i) {
    IRMapping mapping;
    for (ValueRange lists :
         {ValueRange(map.getInputs()), ValueRange(map.getOtherwise())})
      for (Value list : lists) {
        Value tensor = GetOp::create(builder, loc, list, i);
        mapping.map(list, PackOp::create(builder, loc, tensor));
      }
    auto part = cast<MapOp>(builder.clone(*map, mapping));
    for (Value result : part.getResults())
      result.setType(SeqType::get(
          builder.getContext(), cast<SeqType>(result.getType()).getElement(i)));
    parts.push_back(part);
  }
  for (Operation *user : llvm::make_early_inc_range(map->getUsers())) {
    auto get = cast<GetOp>(user);
    unsigned number = cast<OpResult>(get.getSequence()).getResultNumber();
    Value list = parts[get.getIndex()].getResult(number);
    get->setOperand(0, list);
    get.setIndex(0);
  }
  map.erase();
  return parts;
}

/// Whether all scalars of `map` are the same for all tensors.
static bool sharesScalars(MapOp map) {
  return llvm::all_of(map.getScalars().getTypes(), [](Type type) {
    return cast<ShapedType>(type).getRank() == 0;
  });
}

/// Pattern: map(a) when c else b -> map(a, b, c) { select c, _, b }
static void selectByPredicate(MapOp map) {
  OpBuilder builder(map);
  Location loc = map.getLoc();
  auto fused = MapOp::create(builder, loc, map.getResultTypes(),
                             map.getChunkElementsAttr(), ValueRange(),
                             ValueRange(), Value(), ValueRange(), ValueRange());
  FusedBody body(builder, fused.getBody(), loc);
  Block *block = map.getBodyBlock();
  IRMapping mapping;
  size_t numInputs = map.getInputs().size();
  for (auto [argument, input] :
       llvm::zip(block->getArguments(), map.getInputs()))
    mapping.map(argument, body.addInput(input, argument.getType()));
  SmallVector<Value> others;
  for (auto [value, other] :
       llvm::zip(block->getTerminator()->getOperands(), map.getOtherwise()))
    others.push_back(body.addInput(other, value.getType()));
  for (auto [argument, scalar] :
       llvm::zip(block->getArguments().drop_front(numInputs), map.getScalars()))
    mapping.map(argument, body.addScalar(scalar, argument.getType()));
  Value holds = body.addScalar(map.getPredicate(), builder.getI1Type());
  SmallVector<Value> values = body.clone(block, mapping);
  OpBuilder inner = OpBuilder::atBlockEnd(fused.getBodyBlock());
  for (auto [value, other] : llvm::zip(values, others))
    value = arith::SelectOp::create(inner, loc, holds, value, other);
  body.yield(values);
  fused.getInputsMutable().assign(body.inputs);
  fused.getScalarsMutable().assign(body.scalars);
  map.replaceAllUsesWith(fused);
  map.erase();
}

void graphopt::inlinePredicates(Block &block) {
  SmallVector<MapOp> maps;
  for (MapOp map : llvm::make_early_inc_range(block.getOps<MapOp>())) {
    if (!map.getPredicate() || !map.getOuts().empty() ||
        !isSafeToSpeculate(map))
      continue;
    if (isReadByWork(map))
      maps.push_back(map);
    else if (sharesScalars(map) && isReadInParts(map))
      llvm::append_range(maps, splitByTensor(map));
  }
  for (MapOp map : maps)
    selectByPredicate(map);
}

void graphopt::populatePredicationPatterns(RewritePatternSet &patterns) {
  patterns.add<PredicateMaps>(patterns.getContext());
}
