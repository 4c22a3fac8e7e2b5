//===- PostReadbacks.cpp - Kernels post what the host awaits --------------===//
//
// Chooses the scalars that a kernel posts to the host by itself, so that
// neither a copy nor an event follows the graph.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Analysis/Requests.h"
#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace graphopt {
#define GEN_PASS_DEF_POSTREADBACKS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::cudagraph;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Policy
//===----------------------------------------------------------------------===//

/// Bytes of the widest scalar that can be posted.
static constexpr int64_t kWidest = 8;

/// What `symbol` refers to if nothing else of `module` does; else null.
template <typename OpTy>
static OpTy lookupOnlyUse(ModuleOp module, SymbolTableCollection &symbols,
                          SymbolRefAttr symbol) {
  auto op = symbols.lookupSymbolIn<OpTy>(module, symbol);
  if (!op)
    return nullptr;
  auto uses = SymbolTable::getSymbolUses(op, module);
  return uses && llvm::hasSingleElement(*uses) ? op : OpTy();
}

/// The store of `kernel` to what its operand slot `number` points to, if it is
/// all that uses that slot and runs once in each launch; else null.
static LLVM::StoreOp findOnlyStore(FunctionOpInterface kernel, int32_t number) {
  if (kernel.getNumArguments() == 0 || kernel.getFunctionBody().empty())
    return nullptr;
  LLVM::StoreOp found;
  auto visitSlot = [&](LLVM::LoadOp slot) {
    for (Operation *user : slot->getUsers()) {
      auto store = dyn_cast<LLVM::StoreOp>(user);
      if (!store || found || store.getAddr() != slot.getResult() ||
          !store->hasAttr(kOnceAttribute))
        return false;
      found = store;
    }
    return true;
  };
  for (Operation *user : kernel.getArgument(0).getUsers()) {
    if (auto load = dyn_cast<LLVM::LoadOp>(user)) {
      if (number == 0 && !visitSlot(load))
        return nullptr;
      continue;
    }
    auto gep = dyn_cast<LLVM::GEPOp>(user);
    bool isSlot = gep && gep.getElemType().isInteger(64) &&
                  gep.getRawConstantIndices().size() == 1;
    // An index that is computed is one of a list.
    if (!isSlot)
      return nullptr;
    if (!gep.getDynamicIndices().empty() ||
        gep.getRawConstantIndices().front() != number)
      continue;
    for (Operation *load : gep->getUsers())
      if (!isa<LLVM::LoadOp>(load) || !visitSlot(cast<LLVM::LoadOp>(load)))
        return nullptr;
  }
  return found;
}

namespace {
/// A scalar that can be posted.
struct Post {
  memref::AllocOp alloc;
  LaunchOp launch;
  unsigned number = 0; ///< Of the buffer.
  FetchOp fetch;
  SmallVector<memref::DeallocOp> deallocs;
  LLVM::StoreOp store;
};

struct PostReadbacks : public graphopt::impl::PostReadbacksBase<PostReadbacks> {
  using PostReadbacksBase::PostReadbacksBase;
  void runOnOperation() override;

private:
  LLVM::StoreOp findStore(SymbolTableCollection &symbols, const Post &post);
  std::optional<Post> findPost(SymbolTableCollection &symbols,
                               memref::AllocOp alloc);
};
} // namespace

/// The store that posts: of the one kernel that uses the buffer, outside of
/// bodies that may not run, or more than once.
LLVM::StoreOp PostReadbacks::findStore(SymbolTableCollection &symbols,
                                       const Post &post) {
  LaunchOp launch = post.launch;
  auto exec = launch.getExec().getDefiningOp<InstantiateOp>();
  if (!exec || !exec->hasOneUse() || launch.getStream())
    return nullptr;
  auto graph =
      lookupOnlyUse<GraphOp>(getOperation(), symbols, exec.getGraphAttr());
  if (!graph)
    return nullptr;
  BlockArgument buffer = graph.getBody()->getArgument(post.number);
  if (!buffer.hasOneUse())
    return nullptr;
  OpOperand &use = *buffer.getUses().begin();
  auto kernel = dyn_cast<cudagraph::KernelOp>(use.getOwner());
  if (!kernel || kernel->getBlock() != graph.getBody() ||
      kernel.getPhases().size() != 1)
    return nullptr;
  unsigned slot =
      use.getOperandNumber() - kernel.getArgs().getBeginOperandIndex();
  if (static_cast<Access>(kernel.getAccesses()[slot]) != Access::Write)
    return nullptr;
  auto function = lookupOnlyUse<FunctionOpInterface>(
      getOperation(), symbols,
      cast<PhaseAttr>(kernel.getPhases()[0]).getFunction());
  return function ? findOnlyStore(function, slot) : nullptr;
}

/// What there is to know of `alloc` if it holds one scalar that a launch
/// writes, a fetch behind it reads, and nothing else touches.
std::optional<Post> PostReadbacks::findPost(SymbolTableCollection &symbols,
                                            memref::AllocOp alloc) {
  MemRefType type = alloc.getType();
  std::optional<int64_t> bytes = getElementBytes(type.getElementType());
  if (!type.hasStaticShape() || type.getNumElements() != 1 || !bytes ||
      *bytes > kWidest)
    return std::nullopt;
  Post post;
  post.alloc = alloc;
  for (OpOperand &use : alloc->getUses()) {
    Operation *user = use.getOwner();
    if (user->getBlock() != alloc->getBlock())
      return std::nullopt;
    if (auto launch = dyn_cast<LaunchOp>(user); launch && !post.launch) {
      post.launch = launch;
      post.number =
          use.getOperandNumber() - launch.getBuffers().getBeginOperandIndex();
    } else if (auto fetch = dyn_cast<FetchOp>(user); fetch && !post.fetch) {
      post.fetch = fetch;
    } else if (auto dealloc = dyn_cast<memref::DeallocOp>(user)) {
      post.deallocs.push_back(dealloc);
    } else {
      return std::nullopt;
    }
  }
  if (!post.launch || !post.fetch || !post.launch->isBeforeInBlock(post.fetch))
    return std::nullopt;
  post.store = findStore(symbols, post);
  return post.store ? std::optional(post) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Pattern: %m = alloc; launch %e(.., %m); fetch %m; dealloc %m
///       -> %m = mailbox %e; launch %e(.., %m); fetch %m
static void apply(Post &post) {
  OpBuilder builder(post.launch);
  auto mailbox =
      MailboxOp::create(builder, post.alloc.getLoc(), post.alloc.getType(),
                        post.launch.getExec(), post.number);
  for (memref::DeallocOp dealloc : post.deallocs)
    dealloc.erase();
  post.alloc.replaceAllUsesWith(mailbox.getMemory());
  post.alloc.erase();
  post.store->removeAttr(kOnceAttribute);
  post.store->setAttr(kPostedAttribute, builder.getUnitAttr());
  remarkDone(post.fetch, "readback-posted")
      << remark::reason("the kernel writes the value to the host, numbered: "
                        "there is no copy and no event");
}

void PostReadbacks::runOnOperation() {
  SymbolTableCollection symbols;
  SmallVector<memref::AllocOp> allocs;
  for (auto function : getOperation().getOps<func::FuncOp>())
    function.walk([&](memref::AllocOp alloc) { allocs.push_back(alloc); });
  SmallVector<Post> posts;
  for (memref::AllocOp alloc : allocs)
    if (std::optional<Post> post = findPost(symbols, alloc))
      posts.push_back(*post);
  // Executables of several have more uses then.
  for (Post &post : posts)
    apply(post);
}
