//===- RegionPlan.cpp - Where the temporaries of a region lie -------------===//
//
// Finds the lifetimes of temporaries and packs block after block: what lives
// in a branch or in a turn of a loop is one place in the block around it.
//
//===----------------------------------------------------------------------===//

#include "RegionPlan.h"

#include "GraphOpt/Analysis/Calibration.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

/// Whether ops of `block` are nodes of a graph or of a body in it.
static bool isNodeBlock(Block *block) {
  return isa<GraphOp, tseq::IfOp, WhileOp>(block->getParentOp());
}

/// Whether `alloc` can be a view of bytes.
static bool isPlaceable(memref::AllocOp alloc) {
  MemRefType type = alloc.getType();
  return type.getLayout().isIdentity() && !type.getMemorySpace() &&
         cudagraph::getSpanBytes(type) &&
         alloc.getAlignment().value_or(1) <= uint64_t(kArenaAlignment);
}

/// Whether the ops of `graph` are asked to run one after the other.
static bool isChain(GraphOp graph) {
  constexpr StringLiteral kShape = "graphopt.shape";
  auto shape = graph->getAttrOfType<StringAttr>(kShape);
  if (!shape)
    shape = graph->getParentOfType<func::FuncOp>()->getAttrOfType<StringAttr>(
        kShape);
  return shape && shape.getValue() == "chain";
}

/// Bytes from which on the order of ops decides who may follow whom. A kernel
/// that touches as much is as long on the way to memory as another branch of
/// the graph costs: it gains nothing beside another one.
static int64_t getSerialBytes(GraphOp graph) {
  if (isChain(graph))
    return 0;
  Calibration calibration = Calibration::getFor(graph);
  return int64_t(calibration.memoryRate * calibration.graphBranch);
}

//===----------------------------------------------------------------------===//
// Lifetimes
//===----------------------------------------------------------------------===//

/// Collects the ops that touch the memory of `temporary` through views and
/// lists. Fails if it is handed on to where uses are not seen.
static LogicalResult collectUsers(memref::AllocOp alloc,
                                  SetVector<Operation *> &users) {
  SmallVector<Value> worklist = {alloc.getResult()};
  DenseSet<Operation *> seen;
  while (!worklist.empty())
    for (Operation *user : worklist.pop_back_val().getUsers()) {
      if (user->hasTrait<OpTrait::IsTerminator>())
        return failure();
      if (!seen.insert(user).second)
        continue;
      bool isAlias = false;
      for (Value result : user->getResults())
        if (isa<MemRefType, SeqType>(result.getType())) {
          worklist.push_back(result);
          isAlias = true;
        }
      if (!isAlias || !isMemoryEffectFree(user))
        users.insert(user);
    }
  return success();
}

/// The body of a branch that all of `users`, ops of one block, lie in; null if
/// there is none. Ops within are `nested`.
static Block *findCommonBranch(ArrayRef<Operation *> users,
                               ArrayRef<Operation *> nested) {
  if (users.size() != 1 || !isa<tseq::IfOp>(users.front()))
    return nullptr;
  for (Region &region : users.front()->getRegions())
    if (llvm::all_of(nested, [&](Operation *op) {
          return region.isAncestor(op->getParentRegion());
        }))
      return &region.front();
  return nullptr;
}

/// Finds the block that `temporary` lives in and the ops of it that touch it.
/// A branch runs as often as what it is in, a body of a loop does not.
static void findHome(Temporary &temporary, ArrayRef<Operation *> users) {
  Block *block = temporary.alloc->getBlock();
  while (!isNodeBlock(block))
    block = block->getParentOp()->getBlock();
  while (block) {
    SetVector<Operation *> ancestors;
    for (Operation *user : users)
      ancestors.insert(block->findAncestorOpInBlock(*user));
    temporary.home = block;
    temporary.users = ancestors.takeVector();
    block = findCommonBranch(temporary.users, users);
  }
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

namespace {
/// Plans one region.
class RegionPlanner {
public:
  explicit RegionPlanner(RegionPlan &plan)
      : plan(plan), serialBytes(getSerialBytes(plan.graph)) {}

  void run();

private:
  void collectTemporaries();
  int64_t packBlock(Block &block);
  int64_t packBodies(Operation *op);
  void setLifetime(Lifetime &lifetime, ArrayRef<Operation *> users,
                   const NodeOrder &order);
  void addOffsets(Block &block, int64_t base);

  RegionPlan &plan;
  int64_t serialBytes;
  DenseMap<Block *, SmallVector<Temporary *>> temporariesOf;
  /// Of branches and loops, one for all their bodies. Only one runs at a time.
  DenseMap<Operation *, Lifetime> bodies;
};
} // namespace

void RegionPlanner::collectTemporaries() {
  plan.graph.walk([&](memref::AllocOp alloc) {
    SetVector<Operation *> users;
    if (failed(collectUsers(alloc, users))) {
      remarkRefused(alloc, "temporary-kept") << "it is yielded";
      return;
    }
    if (!isPlaceable(alloc)) {
      remarkRefused(alloc, "temporary-not-placed")
          << "its size, layout, memory space or alignment is not that of a "
             "part of an arena";
      return;
    }
    Temporary temporary;
    temporary.alloc = alloc;
    temporary.lifetime.bytes = *cudagraph::getSpanBytes(alloc.getType());
    // What nothing touches has a place while it is made.
    if (users.empty())
      users.insert(alloc);
    findHome(temporary, users.getArrayRef());
    plan.bytesWithoutReuse +=
        llvm::alignTo(temporary.lifetime.bytes, kArenaAlignment);
    plan.temporaries.push_back(std::move(temporary));
  });
  for (Temporary &temporary : plan.temporaries)
    temporariesOf[temporary.home].push_back(&temporary);
}

/// `users` are ops of the block of `order`.
void RegionPlanner::setLifetime(Lifetime &lifetime, ArrayRef<Operation *> users,
                                const NodeOrder &order) {
  SmallVector<unsigned> numbers = llvm::map_to_vector(
      users, [&](Operation *user) { return order.getNumber(user); });
  llvm::sort(numbers);
  lifetime.first = numbers.front();
  lifetime.last = numbers.back();
  if (lifetime.bytes >= serialBytes)
    return;
  for (unsigned number : numbers)
    joinClock(lifetime.end, order.getClock(number));
  // A fill that nothing else waits for does not decide when memory is needed.
  SmallVector<unsigned> deciding = llvm::to_vector(llvm::make_filter_range(
      numbers, [&](unsigned n) { return !order.isPreparation(n); }));
  if (deciding.empty())
    deciding = numbers;
  ArrayRef<unsigned> clock = order.getClock(deciding.front());
  lifetime.begin.assign(clock.begin(), clock.end());
  for (unsigned number : ArrayRef(deciding).drop_front())
    meetClock(lifetime.begin, order.getClock(number));
}

/// Packs what the bodies of `op` hold. All begin at the same place.
int64_t RegionPlanner::packBodies(Operation *op) {
  int64_t bytes = 0;
  if (isa<tseq::IfOp, WhileOp>(op))
    for (Region &region : op->getRegions())
      if (!region.empty())
        bytes = std::max(bytes, packBlock(region.front()));
  return bytes;
}

/// Gives all in `block` offsets from its own begin. Returns its bytes.
int64_t RegionPlanner::packBlock(Block &block) {
  SmallVector<Operation *> conditionals;
  for (Operation &op : block)
    if (int64_t bytes = packBodies(&op)) {
      conditionals.push_back(&op);
      bodies[&op].bytes = bytes;
    }
  ArrayRef<Temporary *> temporaries = temporariesOf[&block];
  if (temporaries.empty() && conditionals.empty())
    return 0;

  NodeOrder order(block);
  // What is large follows what is large in the order of the ops; for what is
  // small no ops are made to wait.
  SmallVector<Lifetime *> large, small;
  auto add = [&](Lifetime &lifetime, ArrayRef<Operation *> users) {
    setLifetime(lifetime, users, order);
    (lifetime.bytes < serialBytes ? small : large).push_back(&lifetime);
  };
  for (Temporary *temporary : temporaries)
    add(temporary->lifetime, temporary->users);
  for (Operation *op : conditionals)
    add(bodies[op], op);
  int64_t base = packArena(large);
  int64_t bytes = base + packArena(small);
  for (Lifetime *lifetime : small)
    lifetime->offset += lifetime->bytes ? base : 0;
  return bytes;
}

/// Makes offsets in bodies count from the begin of the arena.
void RegionPlanner::addOffsets(Block &block, int64_t base) {
  for (Temporary *temporary : temporariesOf.lookup(&block))
    temporary->lifetime.offset += base;
  for (Operation &op : block)
    if (auto body = bodies.find(&op); body != bodies.end())
      for (Region &region : op.getRegions())
        if (!region.empty())
          addOffsets(region.front(), base + body->second.offset);
}

void RegionPlanner::run() {
  collectTemporaries();
  plan.bytes = packBlock(*plan.graph.getBodyBlock());
  addOffsets(*plan.graph.getBodyBlock(), 0);
}

RegionPlan graphopt::planRegion(GraphOp graph) {
  RegionPlan plan;
  plan.graph = graph;
  RegionPlanner(plan).run();
  return plan;
}
