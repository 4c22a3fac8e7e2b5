//===- SequencesToGPU.cpp - Regions become graphs of GPU kernels ----------===//
//
// Turns each bufferized tseq.graph into a cudagraph.graph whose kernels are
// gpu.funcs of one gpu.module.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Footprint.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Conversion/Chips.h"
#include "GraphOpt/Conversion/Passes.h"
#include "Phases.h"
#include "StructuredPhase.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <deque>

namespace graphopt {
#define GEN_PASS_DEF_CONVERTSEQUENCESTOGPU
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Which phases share a node
//===----------------------------------------------------------------------===//

namespace {
/// The phases of one node. `head`: scalars that every block computes for
/// itself. `body`: phases that are independent of one another, maps and reduces
/// of all blocks and scalars of the first. `tail`: scalars that the last block
/// computes.
struct PhaseGroup {
  SmallVector<Operation *> head, body, tail;

  bool isEmpty() const { return head.empty() && body.empty() && tail.empty(); }
};
} // namespace

/// Whether `phase` may follow the scalars that every block computes.
static bool canFollowHead(const PhaseGroup &group, const Footprint &footprint) {
  return llvm::all_of(group.head, [&](Operation *scalar) {
    return footprint.mayOvertake(Footprint(scalar));
  });
}

static bool canJoinBody(const PhaseGroup &group, Operation *phase) {
  Footprint footprint(phase);
  return group.tail.empty() && canFollowHead(group, footprint) &&
         llvm::all_of(group.body, [&](Operation *other) {
           return footprint.isIndependentOf(Footprint(other));
         });
}

/// Deals the phases of a kernel out to nodes: a new one where a phase of all
/// blocks needs what another one of all blocks has finished.
static SmallVector<PhaseGroup> groupPhases(ArrayRef<Operation *> phases) {
  SmallVector<PhaseGroup> groups(1);
  for (auto [i, phase] : llvm::enumerate(phases)) {
    if (isa<ScalarOp>(phase)) {
      bool hasBodyAfter = llvm::any_of(phases.drop_front(i + 1),
                                       llvm::IsaPred<MapOp, ReduceOp>);
      PhaseGroup &group = groups.back();
      bool isFirst = group.body.empty() && group.tail.empty();
      if (!isFirst || !hasBodyAfter) {
        group.tail.push_back(phase);
        continue;
      }
      Footprint footprint(phase);
      if (footprint.isIdempotent() && canFollowHead(group, footprint)) {
        group.head.push_back(phase);
        continue;
      }
    }
    if (!canJoinBody(groups.back(), phase))
      groups.emplace_back();
    groups.back().body.push_back(phase);
  }
  return groups;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

/// Blocks that work on lists and have room on a multiprocessor at the same
/// time, with 64 registers a thread: enough to keep the memory busy. One wave
/// of them does all the work, so that none waits for another one's end.
static int64_t getResidentBlocks(int64_t threads) {
  constexpr int64_t kResidentThreads = 1024;
  return kResidentThreads / threads;
}

namespace {
/// How kernels are launched that are not cooperative.
struct Division {
  int64_t maxBlocks;   ///< Of a wave.
  int64_t threads;     ///< Of a block.
  int64_t tileThreads; ///< The same where maps are dealt out in tiles.
  int64_t minTiles;    ///< Fewer are dealt out to a wave; 0: none are tiled.
};

/// How cooperative kernels are launched.
struct Cooperation {
  int64_t maxBlocks; ///< Those that are resident at the same time.
  int64_t threads;   ///< Of a block.
  int64_t blocksPerMultiprocessor;
};

/// The code of one group of phases.
class GroupEmitter {
public:
  /// For at most `maxBlocks` blocks; 0 for maps in tiles.
  GroupEmitter(KernelFunction &kernel, const PhaseGroup &group,
               const DenseSet<Value> &conditions, int64_t maxBlocks);

  /// Loads what can be known before the group may start.
  void prepare();
  /// Emits what comes before the barrier, over all blocks; returns how many.
  int64_t emitBody();
  /// Whether something is left for the last block.
  bool hasTail() const { return !reduces.empty() || !group.tail.empty(); }
  /// Loads what can be known before the tail may start.
  void prepareTail();
  /// Emits what one block does that sees all the others did.
  void emitTail();

private:
  KernelFunction &kernel;
  const PhaseGroup &group;
  const DenseSet<Value> &conditions;
  std::map<Operation *, MapPhase> maps;
  std::map<Operation *, ReducePhase> reduces;
};

/// Kernels as gpu.funcs.
class GPUKernelEmitter : public KernelEmitter {
public:
  GPUKernelEmitter(gpu::GPUModuleOp module, Division division,
                   Cooperation cooperation)
      : module(module), symbols(module), tables(module, symbols),
        division(division), cooperation(cooperation) {}

  LogicalResult emit(Operation *op, StringRef name,
                     std::vector<KernelNode> &nodes) override;
  bool usesHandles() const override { return true; }
  void setConditions(const DenseSet<Value> &set) override { conditions = set; }
  KernelNode emitSetter(Value condition, Location loc, StringRef name) override;

private:
  bool isTiled(const PhaseGroup &group) const;
  KernelNode emitGroup(const PhaseGroup &group, Location loc, StringRef name);
  KernelNode emitCooperative(ArrayRef<PhaseGroup> groups, Location loc,
                             StringRef name);

  gpu::GPUModuleOp module;
  SymbolTable symbols;
  DeviceTables tables;
  Division division;
  Cooperation cooperation;
  /// Conditions whose handles are set by the scalars that write them.
  DenseSet<Value> conditions;
};
} // namespace

KernelNode GPUKernelEmitter::emitSetter(Value condition, Location loc,
                                        StringRef name) {
  KernelFunction kernel(module, symbols, tables, loc, name,
                        KernelFunction::kWarp);
  int64_t number = kernel.addOperand(condition, cudagraph::Access::Read);
  kernel.ifThen(kernel.isEqual(kernel.thread, 0), [&] {
    Value holds = kernel.load(kernel.getAddress(number), kernel.constant(0),
                              kernel.builder.getI1Type());
    kernel.setCondition(condition, holds);
  });
  return kernel.finish(/*blocks=*/1);
}

GroupEmitter::GroupEmitter(KernelFunction &kernel, const PhaseGroup &group,
                           const DenseSet<Value> &conditions, int64_t maxBlocks)
    : kernel(kernel), group(group), conditions(conditions) {
  for (Operation *phase : group.body) {
    if (auto map = dyn_cast<MapOp>(phase))
      maps.try_emplace(phase, kernel, map, maxBlocks);
    else if (auto reduce = dyn_cast<ReduceOp>(phase))
      reduces.try_emplace(phase, kernel, reduce, maxBlocks);
  }
}

void GroupEmitter::prepare() {
  for (Operation *phase : group.body) {
    if (isa<MapOp>(phase))
      maps.at(phase).prepare();
    else if (isa<ReduceOp>(phase))
      reduces.at(phase).prepare();
  }
}

int64_t GroupEmitter::emitBody() {
  for (Operation *phase : group.head) {
    emitScalar(kernel, cast<ScalarOp>(phase), conditions,
               /*inEveryBlock=*/true);
    kernel.barrier();
  }
  int64_t blocks = 1;
  for (Operation *phase : group.body) {
    if (auto scalar = dyn_cast<ScalarOp>(phase))
      kernel.ifThen(kernel.isEqual(kernel.block, 0),
                    [&] { emitScalar(kernel, scalar, conditions); });
    else if (isa<MapOp>(phase))
      blocks = std::max(blocks, maps.at(phase).emit());
    else
      blocks = std::max(blocks, reduces.at(phase).emitPartials());
  }
  return blocks;
}

void GroupEmitter::prepareTail() {
  for (Operation *phase : group.body)
    if (isa<ReduceOp>(phase))
      reduces.at(phase).prepareFinish();
}

void GroupEmitter::emitTail() {
  for (Operation *phase : group.body)
    if (isa<ReduceOp>(phase))
      reduces.at(phase).emitFinish();
  for (Operation *phase : group.tail) {
    kernel.barrier();
    emitScalar(kernel, cast<ScalarOp>(phase), conditions);
  }
}

/// Whether the lists of `group` are so long that each block gets one tile, a
/// few rounds of all its threads: the hardware deals them out in order, which
/// keeps the blocks that run close together in memory (measured on an H200:
/// 0.92 to 0.99 of the bandwidth of a copy, in a wave of long runs 0.85 to
/// 0.88).
bool GPUKernelEmitter::isTiled(const PhaseGroup &group) const {
  return division.minTiles > 0 && !group.body.empty() && group.tail.empty() &&
         llvm::all_of(group.body, [&](Operation *phase) {
           auto map = dyn_cast<MapOp>(phase);
           return map && MapPhase::countTiles(map, division.tileThreads) >=
                             division.minTiles;
         });
}

KernelNode GPUKernelEmitter::emitGroup(const PhaseGroup &group, Location loc,
                                       StringRef name) {
  // A program of one thread needs no more than a warp.
  bool worksOnLists = llvm::any_of(group.body, llvm::IsaPred<MapOp, ReduceOp>);
  bool hasTiles = isTiled(group);
  int64_t size = hasTiles       ? division.tileThreads
                 : worksOnLists ? division.threads
                                : int64_t(KernelFunction::kWarp);
  KernelFunction kernel(module, symbols, tables, loc, name, size,
                        worksOnLists ? getResidentBlocks(size) : 0);
  GroupEmitter emitter(kernel, group, conditions,
                       hasTiles ? 0 : division.maxBlocks);
  int64_t blocks = emitter.emitBody();
  if (group.body.empty()) {
    emitter.emitTail();
  } else if (emitter.hasTail()) {
    emitter.prepareTail();
    kernel.inLastBlock(blocks, [&] { emitter.emitTail(); });
  }
  return kernel.finish(blocks);
}

/// One kernel with a barrier over its blocks between the groups.
KernelNode GPUKernelEmitter::emitCooperative(ArrayRef<PhaseGroup> groups,
                                             Location loc, StringRef name) {
  KernelFunction kernel(module, symbols, tables, loc, name, cooperation.threads,
                        cooperation.blocksPerMultiprocessor,
                        /*isCooperative=*/true);
  int64_t blocks = 1;
  std::deque<GroupEmitter> emitters;
  for (const PhaseGroup &group : groups)
    emitters.emplace_back(kernel, group, conditions, cooperation.maxBlocks);
  for (auto [i, emitter] : llvm::enumerate(emitters)) {
    blocks = std::max(blocks, emitter.emitBody());
    if (emitter.hasTail())
      emitter.prepareTail();
    if (i + 1 < emitters.size()) {
      emitters[i + 1].prepare();
      kernel.gridBarrier([&] { emitter.emitTail(); });
    } else if (emitter.hasTail()) {
      kernel.inLastBlock(cooperation.maxBlocks, [&] { emitter.emitTail(); });
    }
  }
  return kernel.finish(blocks);
}

LogicalResult GPUKernelEmitter::emit(Operation *op, StringRef name,
                                     std::vector<KernelNode> &nodes) {
  if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
    KernelFunction kernel(module, symbols, tables, op->getLoc(), name,
                          division.threads);
    FailureOr<int64_t> blocks =
        emitStructured(kernel, structured, division.maxBlocks);
    if (failed(blocks))
      return failure();
    nodes.push_back(kernel.finish(*blocks));
    return success();
  }
  SmallVector<PhaseGroup> groups = groupPhases(getPhases(op));
  auto kernel = dyn_cast<tseq::KernelOp>(op);
  if (kernel && kernel.getCooperative() && groups.size() > 1) {
    nodes.push_back(emitCooperative(groups, op->getLoc(), name));
    return success();
  }
  // What all blocks would compute for themselves is a node before many blocks.
  for (size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].head.empty() || !isTiled(groups[i]))
      continue;
    PhaseGroup scalars;
    std::swap(scalars.tail, groups[i].head);
    groups.insert(groups.begin() + i, std::move(scalars));
    ++i;
  }
  for (auto [i, group] : llvm::enumerate(groups)) {
    std::string part = name.str();
    if (groups.size() > 1)
      part += "." + std::to_string(i);
    nodes.push_back(emitGroup(group, op->getLoc(), part));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Requirements
//===----------------------------------------------------------------------===//

/// The CUDA driver that first had what `node` needs, as cuDriverGetVersion
/// gives it: CUDA C++ Programming Guide, "Conditional Graph Nodes".
static int64_t getNeededDriver(cudagraph::NodeOpInterface node) {
  constexpr int64_t kIfAndWhile = 12030, kAll = 12080;
  auto isEmpty = [](Region &region) {
    return region.getOps<cudagraph::NodeOpInterface>().empty();
  };
  if (auto branch = dyn_cast<cudagraph::IfOp>(node.getOperation()))
    return !branch.getElseRegion().empty() || isEmpty(branch.getThenRegion())
               ? kAll
               : kIfAndWhile;
  if (auto loop = dyn_cast<cudagraph::WhileOp>(node.getOperation()))
    return isEmpty(loop.getBodyRegion()) ? kAll : kIfAndWhile;
  return isa<cudagraph::SwitchOp>(node.getOperation()) ? kAll : 0;
}

/// Says which driver a graph with conditional nodes needs.
static void remarkNeededDriver(cudagraph::GraphOp graph) {
  int64_t version = 0;
  graph->walk([&](cudagraph::NodeOpInterface node) {
    version = std::max(version, getNeededDriver(node));
  });
  if (version > 0)
    remarkDone(graph, "conditional-nodes")
        << remark::reason("with a driver older than this the host takes the "
                          "branches of the graph")
        << remark::metric("driver", version);
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct ConvertSequencesToGPU
    : public graphopt::impl::ConvertSequencesToGPUBase<ConvertSequencesToGPU> {
  using ConvertSequencesToGPUBase::ConvertSequencesToGPUBase;

  void runOnOperation() override;

private:
  LogicalResult verifyOptions();
};
} // namespace

LogicalResult ConvertSequencesToGPU::verifyOptions() {
  constexpr int64_t kWarp = KernelFunction::kWarp, kMaxThreads = 1024;
  Location loc = getOperation().getLoc();
  if (llvm::Error error = checkChip(chip))
    return emitError(loc, llvm::toString(std::move(error)));
  if (maxBlocks < 0)
    return emitError(loc, "max-blocks must not be negative");
  auto isBlockSize = [&](int64_t size) {
    return size >= kWarp && size <= kMaxThreads && size % kWarp == 0;
  };
  if (!isBlockSize(threads) || !isBlockSize(tileThreads) ||
      !isBlockSize(cooperativeThreads))
    return emitError(loc, "threads must be a multiple of 32 from 32 to 1024");
  if (cooperativeBlocks < 1 || cooperativeBlocks * cooperativeThreads > 2048)
    return emitError(loc, "a multiprocessor has room for 2048 threads");
  return success();
}

void ConvertSequencesToGPU::runOnOperation() {
  ModuleOp module = getOperation();
  if (failed(verifyOptions()))
    return signalPassFailure();
  SymbolTable symbols(module);
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto kernels =
      gpu::GPUModuleOp::create(builder, module.getLoc(), "graphopt_kernels");
  symbols.insert(kernels);
  auto getWave = [&](int64_t threads) {
    return getMultiprocessors(chip) * getResidentBlocks(threads);
  };
  // In two waves of tiles the second hides what the first leaves idle.
  Division division{maxBlocks > 0 ? int64_t(maxBlocks) : getWave(threads),
                    threads, tileThreads,
                    maxBlocks > 0 ? 0 : 2 * getWave(tileThreads)};
  Cooperation cooperation{getMultiprocessors(chip) * cooperativeBlocks,
                          cooperativeThreads, cooperativeBlocks};
  GPUKernelEmitter emitter(kernels, division, cooperation);
  if (failed(convertRegions(module, symbols, emitter)))
    return signalPassFailure();
  for (auto graph : module.getOps<cudagraph::GraphOp>())
    remarkNeededDriver(graph);
  if (kernels.getOps<gpu::GPUFuncOp>().empty())
    kernels.erase();
  else
    module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                    builder.getUnitAttr());
}
