//===- LaunchOps.cpp - The ops of other compilers' launches ---------------===//
//
// Implements which launches, copies and fills are captured, and what becomes of
// the allocations around them and of the copies and fills that are not.
//
//===----------------------------------------------------------------------===//

#include "LaunchOps.h"

#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Which ops are captured
//===----------------------------------------------------------------------===//

/// Whether `op` is one of those that become nodes, or joins their tokens.
static bool isLaunchOp(Operation *op) {
  return isa<gpu::LaunchFuncOp, gpu::MemcpyOp, gpu::MemsetOp, gpu::WaitOp>(op);
}

bool graphopt::isMemoryOp(Operation *op) {
  return isa<gpu::AllocOp, gpu::DeallocOp>(op);
}

bool graphopt::isBlockingWait(Operation *op) {
  auto wait = dyn_cast<gpu::WaitOp>(op);
  return wait && !wait.getAsyncToken();
}

Value graphopt::getStream(Operation *op) {
  auto launch = dyn_cast<gpu::LaunchFuncOp>(op);
  return launch ? launch.getAsyncObject() : Value();
}

/// Why an allocation can not be one of `memref`; empty if it can.
static StringRef whyNoAllocation(Operation *op) {
  auto alloc = dyn_cast<gpu::AllocOp>(op);
  Value memref = alloc ? alloc.getMemref() : op->getOperands().back();
  auto type = cast<BaseMemRefType>(memref.getType());
  if (type.getMemorySpace())
    return "its memory space is not the default one";
  if (alloc && (!alloc.getSymbolOperands().empty() ||
                !alloc.getType().getLayout().isIdentity()))
    return "its layout is not the default one";
  return "";
}

/// The reason why `op` by itself can not be captured; empty if it can.
static std::string whyNotCaptured(Operation *op) {
  if (isMemoryOp(op))
    return whyNoAllocation(op).str();
  std::string reason;
  auto capturable = dyn_cast<tseq::CapturableOpInterface>(op);
  if (capturable && !capturable.canBeNode(reason))
    return reason;
  return "";
}

/// Whether a copy or fill can be one of the host, which the runtime or a loop
/// does.
static bool hasHostForm(Operation *op) {
  return isa<gpu::MemcpyOp, gpu::MemsetOp>(op) &&
         !cast<gpu::AsyncOpInterface>(op).getAsyncToken() &&
         cast<gpu::AsyncOpInterface>(op).getAsyncDependencies().empty();
}

/// Whether `memref` is a view of memory that `ops` allocate, in the order of
/// the caller's stream.
static bool isAllocatedBy(const llvm::SetVector<Operation *> &ops,
                          Value memref) {
  Operation *alloc = getBufferRange(memref).root.getDefiningOp();
  return isa_and_nonnull<gpu::AllocOp>(alloc) && ops.contains(alloc);
}

/// Launches on streams of the user's that are ordered with work that is not on
/// the same stream, by tokens or by what they allocate: a graph's launch is
/// ordered on its own stream only.
static SmallVector<Operation *>
findCrossingStreams(const llvm::SetVector<Operation *> &ops) {
  // What tokens connect, with the streams of it.
  llvm::EquivalenceClasses<Operation *> connected;
  for (Operation *op : ops) {
    connected.insert(op);
    for (Value token : cast<gpu::AsyncOpInterface>(op).getAsyncDependencies())
      if (Operation *before = token.getDefiningOp())
        connected.unionSets(op, before);
  }
  DenseMap<Operation *, llvm::SmallSetVector<Value, 2>> streams;
  for (Operation *op : ops)
    if (!isa<gpu::WaitOp>(op) || isBlockingWait(op))
      streams[connected.getLeaderValue(op)].insert(getStream(op));
  SmallVector<Operation *> crossing;
  for (Operation *op : ops) {
    if (!getStream(op))
      continue;
    bool isAlone = streams[connected.getLeaderValue(op)].size() == 1;
    bool usesOurs = llvm::any_of(op->getOperands(), [&](Value value) {
      return isa<BaseMemRefType>(value.getType()) && isAllocatedBy(ops, value);
    });
    if (!isAlone || usesOurs)
      crossing.push_back(op);
  }
  return crossing;
}

/// Whether tokens pass only between `ops`, none of which names a stream, and,
/// if `mayCarry`, through loops and branches of `function`.
static bool areInOneOrder(func::FuncOp function,
                          const llvm::SetVector<Operation *> &ops,
                          bool mayCarry) {
  auto passesOn = [&](Operation *op) {
    return mayCarry && (isa<RegionBranchOpInterface>(op) ||
                        (op->hasTrait<OpTrait::IsTerminator>() &&
                         op->getParentOp() != function) ||
                        isa<BranchOpInterface>(op));
  };
  auto isKnown = [&](Value token) {
    if (!isa<gpu::AsyncTokenType>(token.getType()))
      return true;
    Operation *def = token.getDefiningOp();
    bool isOurs = def && ops.contains(def);
    bool isGiven =
        def ? passesOn(def)
            : mayCarry &&
                  (!isa<func::FuncOp>(token.getParentBlock()->getParentOp()) ||
                   !token.getParentBlock()->isEntryBlock());
    if (!isOurs && !isGiven)
      return false;
    bool isMemory = isOurs && isMemoryOp(def);
    return llvm::all_of(token.getUsers(), [&](Operation *user) {
      return ops.contains(user) || (passesOn(user) && !isMemory);
    });
  };
  bool isFine = llvm::none_of(ops, [](Operation *op) { return getStream(op); });
  function.walk([&](Operation *op) {
    isFine &= llvm::all_of(op->getResults(), isKnown);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        isFine &= llvm::all_of(block.getArguments(), isKnown);
  });
  return isFine;
}

LaunchOps graphopt::findLaunchOps(func::FuncOp function) {
  LaunchOps result;
  llvm::SetVector<Operation *> &ops = result.capturable;
  bool isWhole = true;
  function.walk([&](Operation *op) {
    if (!isLaunchOp(op) && !isMemoryOp(op))
      return;
    std::string reason = whyNotCaptured(op);
    if (reason.empty()) {
      ops.insert(op);
      return;
    }
    result.refused[op] = std::move(reason);
    if (hasHostForm(op))
      result.onHost.push_back(op);
    else
      isWhole = false;
  });
  for (Operation *op : findCrossingStreams(ops)) {
    result.refused[op] = "it is ordered with work that is not on its stream, "
                         "by an async token or by an allocation: a graph is "
                         "ordered on its own stream only";
    ops.remove(op);
    isWhole = false;
  }
  // What is left is launched on the caller's stream, in its place, unless it
  // names another one: tokens of a function without streams ask for no more.
  llvm::SetVector<Operation *> all = ops;
  for (auto &[op, reason] : result.refused)
    all.insert(op);
  if (!isWhole && areInOneOrder(function, all, /*mayCarry=*/false))
    return result;
  // Memory stays with the rest of its users.
  if (!isWhole)
    ops.remove_if(isMemoryOp);

  auto sharesToken = [&](Operation *op) {
    auto async = cast<gpu::AsyncOpInterface>(op);
    for (Value token : async.getAsyncDependencies())
      if (!token.getDefiningOp() || !ops.contains(token.getDefiningOp()))
        return true;
    Value token = async.getAsyncToken();
    return token && llvm::any_of(token.getUsers(), [&](Operation *user) {
             return !ops.contains(user);
           });
  };
  bool isShared = llvm::any_of(ops, sharesToken);
  result.carriesTokens =
      isShared && isWhole && areInOneOrder(function, ops, /*mayCarry=*/true);
  for (bool changed = isShared && !result.carriesTokens; changed;) {
    SmallVector<Operation *> lost(llvm::make_filter_range(ops, sharesToken));
    for (Operation *op : lost) {
      ops.remove(op);
      if (!isa<gpu::WaitOp>(op))
        result.refused[op] = "it shares an async token with an op that is not "
                             "captured, or with another block";
    }
    changed = !lost.empty();
    if (changed) {
      ops.remove_if(isMemoryOp);
      isWhole = false;
    }
  }
  if (!isWhole)
    result.onHost.clear();
  return result;
}

//===----------------------------------------------------------------------===//
// What they become
//===----------------------------------------------------------------------===//

/// The tokens that `op` waits for, to change them.
static MutableOperandRange getDependencies(Operation *op) {
  return llvm::TypeSwitch<Operation *, MutableOperandRange>(op)
      .Case<gpu::LaunchFuncOp, gpu::MemcpyOp, gpu::MemsetOp, gpu::WaitOp,
            gpu::AllocOp, gpu::DeallocOp>(
          [](auto async) { return async.getAsyncDependenciesMutable(); });
}

void graphopt::forwardTokens(Operation *waited) {
  auto op = cast<gpu::AsyncOpInterface>(waited);
  Value token = op.getAsyncToken();
  if (!token)
    return;
  SmallVector<Value> before(op.getAsyncDependencies());
  for (Operation *user : llvm::make_early_inc_range(token.getUsers())) {
    MutableOperandRange dependencies = getDependencies(user);
    llvm::SetVector<Value> after;
    for (OpOperand &operand : dependencies) {
      if (operand.get() == token)
        after.insert(before.begin(), before.end());
      else
        after.insert(operand.get());
    }
    dependencies.assign(after.takeVector());
  }
}

void graphopt::replaceCarriedTokens(
    func::FuncOp function, const llvm::SetVector<Operation *> &captured) {
  Type number = IntegerType::get(function.getContext(), 1);
  auto retype = [&](Value value) {
    if (isa<gpu::AsyncTokenType>(value.getType()) &&
        !captured.contains(value.getDefiningOp()))
      value.setType(number);
  };
  function.walk([&](Operation *op) {
    llvm::for_each(op->getResults(), retype);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::for_each(block.getArguments(), retype);
  });
  for (Operation *op : captured) {
    Value token = cast<gpu::AsyncOpInterface>(op).getAsyncToken();
    auto isOutside = [&](OpOperand &use) {
      return !captured.contains(use.getOwner());
    };
    if (!token || llvm::none_of(token.getUses(), isOutside))
      continue;
    OpBuilder builder(op);
    Value unread = arith::ConstantOp::create(builder, op->getLoc(),
                                             builder.getBoolAttr(false));
    token.replaceUsesWithIf(unread, isOutside);
  }
}

/// Pattern: gpu.memcpy -> memref.copy, a loop if not contiguous
/// Pattern: gpu.memset -> linalg.fill
void graphopt::convertToHost(Operation *op) {
  OpBuilder builder(op);
  if (auto copy = dyn_cast<gpu::MemcpyOp>(op)) {
    auto isRange = [](Value memref) {
      auto type = dyn_cast<MemRefType>(memref.getType());
      return type && (type.getLayout().isIdentity() || isContiguous(type));
    };
    if (isRange(copy.getSrc()) && isRange(copy.getDst()))
      memref::CopyOp::create(builder, op->getLoc(), copy.getSrc(),
                             copy.getDst());
    else
      linalg::makeMemRefCopyOp(builder, op->getLoc(), copy.getSrc(),
                               copy.getDst());
  } else {
    auto fill = cast<gpu::MemsetOp>(op);
    linalg::FillOp::create(builder, op->getLoc(), fill.getValue(),
                           fill.getDst());
  }
  op->erase();
}

/// Pattern: gpu.alloc -> memref.alloc; gpu.dealloc -> memref.dealloc
void graphopt::convertMemoryOp(Operation *op) {
  OpBuilder builder(op);
  forwardTokens(op);
  if (auto alloc = dyn_cast<gpu::AllocOp>(op)) {
    auto memory = memref::AllocOp::create(
        builder, op->getLoc(), alloc.getType(), alloc.getDynamicSizes());
    alloc.getMemref().replaceAllUsesWith(memory);
  } else {
    memref::DeallocOp::create(builder, op->getLoc(),
                              cast<gpu::DeallocOp>(op).getMemref());
  }
  op->erase();
}
