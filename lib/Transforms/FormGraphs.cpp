//===- FormGraphs.cpp - Gather device work into regions -------------------===//
//
// Moves the device ops of each level of a block (Levels.h) into one tseq.graph.
//
//===----------------------------------------------------------------------===//

#include "FormGraphs/Levels.h"
#include "FormGraphs/Lists.h"
#include "OuterOps.h"
#include "Report/Blockers.h"
#include "Report/Parts.h"

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Analysis/Requests.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace graphopt {
#define GEN_PASS_DEF_FORMGRAPHS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using graphopt::copyLists;
using graphopt::getElements;
using graphopt::getLaunchRequest;
using graphopt::isDeviceOp;
using graphopt::kLaunchAttribute;
using graphopt::Levels;
using graphopt::localizePack;
using graphopt::localizeSequences;
using graphopt::remarkDone;
using graphopt::remarkRefused;
using graphopt::visitOuterOps;

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

/// Why an op of the host keeps two regions apart.
static constexpr StringLiteral kBarrierNote =
    "its effects are not understood, so what depends on it, or is written to a "
    "buffer behind it, does not move across it";
static constexpr StringLiteral kConflictNote =
    "device work behind it reads a buffer that it writes, and it comes after "
    "device work before it";

static bool isConstant(Operation *op) {
  return op && op->hasTrait<OpTrait::ConstantLike>();
}

/// Number of kernels that `op` launches by itself.
static int64_t countKernels(Operation *op) {
  int64_t count = 0;
  op->walk<WalkOrder::PreOrder>([&](Operation *inner) {
    auto capturable = dyn_cast<CapturableOpInterface>(inner);
    if (!capturable || !capturable.isKernel())
      return WalkResult::advance();
    count += graphopt::getParts(inner).value_or(graphopt::Parts()).kernels;
    return WalkResult::skip();
  });
  return count;
}

/// A host scalar that `value` is the upload of; null if it is not one.
static Value getUploaded(Value value) {
  auto upload = value.getDefiningOp<tensor::FromElementsOp>();
  if (upload && upload.getType().getRank() == 0)
    return upload.getElements().front();
  return {};
}

namespace {

/// Moves an upload out of the branches and loops of the device that it is in,
/// as far as its scalar is known there: they hold device ops only.
static void liftUpload(tensor::FromElementsOp upload) {
  Operation *place = nullptr;
  for (Operation *parent = upload->getParentOp();
       isa_and_nonnull<tseq::IfOp, WhileOp>(parent);
       parent = parent->getParentOp()) {
    bool isKnown = llvm::none_of(upload.getElements(), [&](Value element) {
      return parent->isAncestor(element.getParentBlock()->getParentOp());
    });
    if (isKnown)
      place = parent;
  }
  if (place)
    upload->moveBefore(place);
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

struct FormGraphs : public graphopt::impl::FormGraphsBase<FormGraphs> {
  void runOnOperation() override {
    numGraphs = 0;
    if (failed(graphopt::verifyRequests(getOperation(), kLaunchAttribute,
                                        "graph", "stream")))
      return signalPassFailure();
    SmallVector<PackOp> packs;
    SmallVector<tensor::FromElementsOp> uploads;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (auto pack = dyn_cast<PackOp>(op))
        packs.push_back(pack);
      else if (auto upload = dyn_cast<tensor::FromElementsOp>(op))
        uploads.push_back(upload);
      // The bodies of device work hold neither.
      return isa<MapOp, ReduceOp, ScalarOp>(op) ? WalkResult::skip()
                                                : WalkResult::advance();
    });
    llvm::for_each(packs, localizePack);
    getOperation().walk(localizeSequences);
    llvm::for_each(uploads, liftUpload);
    SmallVector<Block *> blocks;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<GraphOp, tseq::IfOp, WhileOp>(op) ||
          isa<CapturableOpInterface>(op))
        return WalkResult::skip();
      for (Region &region : op->getRegions())
        for (Block &block : region)
          blocks.push_back(&block);
      return WalkResult::advance();
    });
    for (Block *block : blocks) {
      setApart(*block);
      formRegions(*block);
    }
    explainRest();
    if (failed(verifyCaptured()))
      signalPassFailure();
  }

private:
  void setApart(Block &block);
  void formRegions(Block &block);
  GraphOp formGraph(ArrayRef<Operation *> ops, Operation *before);
  void explainRest();
  LogicalResult verifyCaptured();

  int64_t numGraphs = 0;
  /// Program order of the ops of the block, before it is rearranged.
  DenseMap<Operation *, int64_t> positions;
};

} // namespace

/// Drops writes of `hosts`, which run between two regions, to memory that a
/// later one of them writes again before anything reads it.
static void dropOverwritten(SmallVectorImpl<Operation *> &hosts) {
  DenseSet<Value> overwritten;
  SmallVector<Operation *> kept;
  for (Operation *op : llvm::reverse(hosts)) {
    auto write = dyn_cast<bufferization::MaterializeInDestinationOp>(op);
    if (write && isa<MemRefType>(write.getDest().getType())) {
      if (!overwritten.insert(write.getDest()).second) {
        op->erase();
        continue;
      }
    } else if (isa<bufferization::ToTensorOp>(op) || !isMemoryEffectFree(op)) {
      overwritten.clear();
    }
    kept.push_back(op);
  }
  hosts.assign(kept.rbegin(), kept.rend());
}

void FormGraphs::formRegions(Block &block) {
  if (block.empty() || !block.back().hasTrait<OpTrait::IsTerminator>())
    return;
  Levels levels(block);
  SmallVector<SmallVector<Operation *>> regions(levels.size());
  SmallVector<SmallVector<Operation *>> hosts(levels.size() + 1);
  for (Operation &op : block.without_terminator()) {
    if (levels.isDevice(&op))
      regions[levels.get(&op)].push_back(&op);
    else
      hosts[levels.get(&op) + 1].push_back(&op);
  }
  SmallVector<bool> worth;
  for (ArrayRef<Operation *> ops : regions) {
    // A branch without kernels still chooses by a device scalar.
    worth.push_back(llvm::any_of(ops, [](Operation *op) {
      return isa<tseq::IfOp, WhileOp>(op) || countKernels(op) > 0;
    }));
  }
  if (!llvm::is_contained(worth, true))
    return;
  if (llvm::count(worth, true) > 1)
    for (Operation *op : levels.getSplits())
      remarkRefused(op, "region-split")
          << (levels.isBarrier(op) ? kBarrierNote : kConflictNote);

  llvm::for_each(hosts, dropOverwritten);
  positions.clear();
  for (Operation &op : block)
    positions[&op] = positions.size();
  Operation *end = block.getTerminator();
  for (int64_t level = -1; level < levels.size(); ++level) {
    if (level >= 0) {
      if (worth[level])
        formGraph(regions[level], end);
      else
        for (Operation *op : regions[level])
          op->moveBefore(end);
    }
    for (Operation *op : hosts[level + 1])
      op->moveBefore(end);
  }
}

/// Gives each op of `block` that the program wants to keep out of graphs a
/// region of its own, whose kernels are launched one by one.
void FormGraphs::setApart(Block &block) {
  SmallVector<Operation *> apart;
  for (Operation &op : block)
    if (isDeviceOp(&op) && !isa<PackOp, UnpackOp, GetOp>(op) &&
        getLaunchRequest(&op) == "stream")
      apart.push_back(&op);
  positions.clear();
  for (Operation *op : apart) {
    SmallVector<Operation *> members = copyLists(op);
    members.push_back(op);
    llvm::append_range(members, getElements(op));
    GraphOp graph = formGraph(members, op);
    graph->setAttr(kLaunchAttribute, StringAttr::get(&getContext(), "stream"));
    remarkRefused(graph, "kept-apart")
        << "the program asks for launches outside of graphs";
  }
}

/// Removes what the ops of `graph` ask for; a region is one launch as soon as
/// one of them asks for it.
static void takeRequests(GraphOp graph) {
  graph.getBody().walk([&](Operation *op) {
    auto request = op->getAttrOfType<StringAttr>(kLaunchAttribute);
    if (!request)
      return;
    if (request.getValue() == "graph")
      graph->setAttr(kLaunchAttribute, request);
    op->removeAttr(kLaunchAttribute);
  });
}

/// Moves `ops` into a new graph before `before`.
GraphOp FormGraphs::formGraph(ArrayRef<Operation *> ops, Operation *before) {
  DenseSet<Operation *> members(ops.begin(), ops.end());
  auto isInside = [&](Operation *op) {
    for (; op; op = op->getParentOp())
      if (members.contains(op))
        return true;
    return false;
  };

  // Operands: what the ops use from outside. An upload is passed as the host
  // scalar; a constant scalar is made again inside.
  llvm::SetVector<Value> inputs;
  llvm::SetVector<Operation *> constants;
  DenseMap<Value, Value> operandOf;
  for (Operation *op : ops)
    visitOuterOps(op, [&](Operation *inner) {
      for (Value value : inner->getOperands()) {
        Operation *owner = value.getDefiningOp();
        if (!owner)
          owner = value.getParentBlock()->getParentOp();
        if (isInside(owner))
          continue;
        if (isConstant(value.getDefiningOp()) &&
            !isa<ShapedType>(value.getType())) {
          constants.insert(value.getDefiningOp());
          continue;
        }
        Value uploaded = getUploaded(value);
        if (inputs.insert(value))
          operandOf[value] = uploaded ? uploaded : value;
      }
    });

  // Results, in the order of their first uses: each value that is used outside,
  // and again for each further buffer that it is written to.
  Block *block = before->getBlock();
  SmallVector<std::pair<int64_t, OpOperand *>> outside;
  for (Operation *op : ops)
    for (Value result : op->getResults())
      for (OpOperand &use : result.getUses())
        if (!isInside(use.getOwner()))
          outside.push_back(
              {positions.lookup(block->findAncestorOpInBlock(*use.getOwner())),
               &use});
  llvm::stable_sort(outside, llvm::less_first());
  SmallVector<Value> results;
  SmallVector<SmallVector<OpOperand *>> outsideUses;
  struct Slot {
    size_t index;
    bool written;
  };
  DenseMap<Value, Slot> slots;
  for (auto [position, use] : outside) {
    bool writes =
        isa<bufferization::MaterializeInDestinationOp>(use->getOwner());
    auto [it, inserted] =
        slots.try_emplace(use->get(), Slot{results.size(), false});
    if (inserted || (writes && it->second.written)) {
      results.push_back(use->get());
      outsideUses.push_back({use});
    } else {
      outsideUses[it->second.index].push_back(use);
    }
    it->second.written |= writes;
  }

  OpBuilder builder(before);
  SmallVector<Value> operands;
  SmallVector<Type> argumentTypes;
  SmallVector<Location> argumentLocs;
  for (Value value : inputs) {
    operands.push_back(operandOf[value]);
    argumentTypes.push_back(value.getType());
    argumentLocs.push_back(value.getLoc());
  }
  std::string name =
      (getOperation().getSymName() + ".graph" + Twine(numGraphs++)).str();
  auto graph = GraphOp::create(builder, ops.front()->getLoc(),
                               ValueRange(results).getTypes(), name, operands);
  Block *body =
      builder.createBlock(&graph.getBody(), {}, argumentTypes, argumentLocs);
  IRMapping mapping;
  for (Operation *constant : constants)
    builder.clone(*constant, mapping);
  auto yield = YieldOp::create(builder, graph.getLoc(), results);
  for (auto [uses, outside] : llvm::zip(outsideUses, graph.getResults()))
    for (OpOperand *use : uses)
      use->set(outside);
  for (Operation *op : ops)
    op->moveBefore(yield);
  for (Operation *op : ops)
    visitOuterOps(op, [&](Operation *inner) {
      for (OpOperand &use : inner->getOpOperands()) {
        if (Value clone = mapping.lookupOrNull(use.get()))
          use.set(clone);
      }
    });
  for (auto [i, input] : llvm::enumerate(inputs)) {
    Value value = input;
    value.replaceUsesWithIf(body->getArgument(i), [&](OpOperand &use) {
      return graph->isProperAncestor(use.getOwner());
    });
  }
  int64_t kernels = 0;
  for (Operation *op : ops)
    kernels += countKernels(op);
  graph->setAttr("kernels", builder.getI64IntegerAttr(kernels));
  remarkDone(graph, "region-formed")
      << mlir::remark::metric("kernels", kernels)
      << mlir::remark::metric("operands", operands.size());
  takeRequests(graph);
  return graph;
}

/// Says why each op that works on tensors stayed outside.
void FormGraphs::explainRest() {
  getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<GraphOp>(op))
      return WalkResult::skip();
    bool makesTensor =
        llvm::any_of(op->getResultTypes(), llvm::IsaPred<TensorType>);
    bool isWork = makesTensor && isMemoryEffectFree(op) && !isConstant(op) &&
                  !isDeviceOp(op) && !isa<RegionBranchOpInterface>(op) &&
                  !isa<tensor::FromElementsOp, GraphOp>(op) &&
                  op->getNumOperands() > 0;
    if (isWork)
      remarkRefused(op, "not-captured")
          << "the op can not be part of a graph: dynamic shape, a host "
             "operand, or no lowering for it";
    return WalkResult::advance();
  });
}

/// Names ops that were to be part of a graph and are not.
LogicalResult FormGraphs::verifyCaptured() {
  LogicalResult result = success();
  getOperation().getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    // Launches of other compilers' kernels are captured later.
    if (isa<GraphOp>(op) || isa_and_nonnull<gpu::GPUDialect>(op->getDialect()))
      return WalkResult::skip();
    bool isOne =
        isa<CapturableOpInterface>(op) || op->hasAttr(kLaunchAttribute);
    if (!isOne || getLaunchRequest(op) != "graph")
      return WalkResult::advance();
    result = op->emitError("attribute '")
             << kLaunchAttribute
             << "' asks for a graph, but the op can not be part of one: "
             << graphopt::getCaptureRefusal(op).note;
    return WalkResult::skip();
  });
  return result;
}
