//===- ScalarPhase.cpp - The code of scalar -------------------------------===//
//
// Emits a program on device scalars. One thread runs it, except for loops over
// a list in which each turn joins something computed from an element with what
// the turn before made: what is computed from the elements is spread over the
// threads of the block, then every thread joins it in the order of the loop.
// So the result is that of one thread, bit for bit. The turns of a parallel
// loop are dealt out to the threads.
//
//===----------------------------------------------------------------------===//

#include "Phases.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;
using cudagraph::Access;

/// Turns that the threads compute before they join them, at most.
static constexpr int64_t kTile = 1024;
/// Shared memory for what they compute, in words of 64 bits: 24 KiB, half of
/// what a kernel may declare.
static constexpr int64_t kWords = 3072;
/// If fewer turns fit into a tile a loop is not shared.
static constexpr int64_t kLeastTile = 64;
/// Turns that are joined between two looks at the loop's end.
static constexpr int64_t kTurnsAtOnce = 8;

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

namespace {
/// A loop of `count` turns from 0 by 1, split in what does not depend on the
/// turn before and what does.
struct SplitLoop {
  scf::ForOp loop;
  int64_t count = 0;
  SmallVector<Operation *> independent, chained;
  /// What the second part takes of the first, of scalar types.
  llvm::SetVector<Value> passed;

  /// Turns that fit into a tile of shared memory: a multiple of kTurnsAtOnce.
  int64_t getLimit() const {
    int64_t fitting = kWords / int64_t(passed.size());
    return std::min(kTile, fitting / kTurnsAtOnce * kTurnsAtOnce);
  }
  /// Turns of a tile: all of a short loop.
  int64_t getTile() const { return std::min(getLimit(), count); }
  /// Words of shared memory for a tile.
  int64_t getWords() const { return int64_t(passed.size()) * getTile(); }
};
} // namespace

static std::optional<int64_t> getConstant(Value value) {
  APInt number;
  if (!matchPattern(value, m_ConstantInt(&number)))
    return std::nullopt;
  return number.getSExtValue();
}

/// Splits `loop` if it is worth it and sure to be right.
static std::optional<SplitLoop> splitLoop(scf::ForOp loop) {
  std::optional<int64_t> begin = getConstant(loop.getLowerBound());
  std::optional<int64_t> end = getConstant(loop.getUpperBound());
  std::optional<int64_t> step = getConstant(loop.getStep());
  if (begin != 0 || step != 1 || !end || *end < kTurnsAtOnce ||
      loop.getInitArgs().empty() || *end > std::numeric_limits<int32_t>::max())
    return std::nullopt;
  SplitLoop split{loop, *end, {}, {}, {}};
  DenseSet<Value> chained(loop.getRegionIterArgs().begin(),
                          loop.getRegionIterArgs().end());
  for (Operation &op : loop.getBody()->without_terminator()) {
    // Loads read what earlier phases wrote: this one writes at its end.
    if (op.getNumRegions() > 0 ||
        !(isMemoryEffectFree(&op) || isa<memref::LoadOp>(op)))
      return std::nullopt;
    bool isChained = llvm::any_of(
        op.getOperands(), [&](Value value) { return chained.contains(value); });
    (isChained ? split.chained : split.independent).push_back(&op);
    if (isChained)
      chained.insert(op.result_begin(), op.result_end());
  }
  auto pass = [&](Value value) {
    Operation *op = value.getDefiningOp();
    if (value == loop.getInductionVar() ||
        (op && op->getBlock() == loop.getBody() && !chained.contains(value)))
      split.passed.insert(value);
  };
  for (Operation *op : split.chained)
    for (Value value : op->getOperands())
      pass(value);
  for (Value value : loop.getBody()->getTerminator()->getOperands())
    pass(value);
  bool areScalars = llvm::all_of(split.passed, [](Value value) {
    Type type = value.getType();
    return type.isIndex() ||
           (type.isIntOrFloat() && type.getIntOrFloatBitWidth() <= 64);
  });
  if (split.independent.empty() || split.passed.empty() || !areScalars ||
      split.getLimit() < kLeastTile)
    return std::nullopt;
  return split;
}

/// `value`, of a scalar type, as a word of 64 bits.
static Value toWord(KernelFunction &kernel, Value value) {
  OpBuilder &b = kernel.builder;
  Type type = value.getType(), word = b.getI64Type();
  if (type.isIndex())
    return arith::IndexCastOp::create(b, kernel.loc, word, value);
  unsigned bits = type.getIntOrFloatBitWidth();
  if (isa<FloatType>(type))
    value =
        arith::BitcastOp::create(b, kernel.loc, b.getIntegerType(bits), value);
  return bits == 64 ? value
                    : arith::ExtUIOp::create(b, kernel.loc, word, value);
}

static Value fromWord(KernelFunction &kernel, Value value, Type type) {
  OpBuilder &b = kernel.builder;
  if (type.isIndex())
    return arith::IndexCastOp::create(b, kernel.loc, type, value);
  unsigned bits = type.getIntOrFloatBitWidth();
  if (bits < 64)
    value =
        arith::TruncIOp::create(b, kernel.loc, b.getIntegerType(bits), value);
  return isa<FloatType>(type)
             ? arith::BitcastOp::create(b, kernel.loc, type, value)
             : value;
}

/// The place in shared memory of value number `number` of turn `turn`.
static Value getPlace(KernelFunction &kernel, const SplitLoop &split,
                      int64_t number, Value turn) {
  return arith::IndexCastUIOp::create(
      kernel.builder, kernel.loc, kernel.builder.getIndexType(),
      kernel.add(turn, kernel.constant(number * split.getTile())));
}

/// Emits the turns [base, base + count) of a tile: first part.
static void computeTile(KernelFunction &kernel, SplitLoop &split, Value base,
                        Value count, Value shared, const IRMapping &outer) {
  OpBuilder &b = kernel.builder;
  auto toIndex = [&](Value value) -> Value {
    return arith::IndexCastUIOp::create(b, kernel.loc, b.getIndexType(), value);
  };
  kernel.loop(
      kernel.thread, count, kernel.constant(kernel.threads), [&](Value place) {
        IRMapping mapping(outer);
        mapping.map(split.loop.getInductionVar(),
                    toIndex(kernel.add(base, place)));
        for (Operation *op : split.independent)
          b.clone(*op, mapping);
        for (auto [number, value] : llvm::enumerate(split.passed))
          kernel.storeShared(toWord(kernel, mapping.lookupOrDefault(value)),
                             shared, getPlace(kernel, split, number, place));
      });
}

/// Emits the turns of a tile: second part. Returns the carried values.
static SmallVector<Value> joinTile(KernelFunction &kernel, SplitLoop &split,
                                   Value count, Value shared,
                                   ValueRange carried, const IRMapping &outer) {
  OpBuilder &b = kernel.builder;
  auto joinTurns = [&](Value first, int64_t turns, ValueRange inits) {
    // All loads, then all turns.
    SmallVector<SmallVector<Value>> loaded;
    for (int64_t turn = 0; turn < turns; ++turn) {
      Value place = kernel.add(first, kernel.constant(turn));
      loaded.emplace_back();
      for (auto [number, value] : llvm::enumerate(split.passed))
        loaded.back().push_back(fromWord(
            kernel,
            kernel.loadShared(shared, getPlace(kernel, split, number, place),
                              b.getI64Type()),
            value.getType()));
    }
    SmallVector<Value> values(inits.begin(), inits.end());
    for (ArrayRef<Value> turn : loaded) {
      IRMapping mapping(outer);
      mapping.map(split.loop.getRegionIterArgs(), ValueRange(values));
      mapping.map(split.passed.getArrayRef(), turn);
      for (Operation *op : split.chained)
        b.clone(*op, mapping);
      values = llvm::map_to_vector(
          split.loop.getBody()->getTerminator()->getOperands(),
          [&](Value value) { return mapping.lookupOrDefault(value); });
    }
    return values;
  };
  Value whole = arith::MulIOp::create(
      b, kernel.loc,
      arith::DivUIOp::create(b, kernel.loc, count,
                             kernel.constant(kTurnsAtOnce)),
      kernel.constant(kTurnsAtOnce));
  ValueRange joined =
      kernel.loop(kernel.constant(0), whole, kernel.constant(kTurnsAtOnce),
                  carried, [&](Value first, ValueRange values) {
                    return joinTurns(first, kTurnsAtOnce, values);
                  });
  return llvm::to_vector(kernel.loop(whole, count, kernel.constant(1), joined,
                                     [&](Value first, ValueRange values) {
                                       return joinTurns(first, 1, values);
                                     }));
}

/// Emits `split` for all threads of the block; maps its results.
static void emitSplitLoop(KernelFunction &kernel, SplitLoop &split,
                          IRMapping &mapping) {
  int64_t tile = split.getTile();
  // Loops run one after the other.
  Value shared = kernel.getSharedWords(split.getWords());
  SmallVector<Value> inits =
      llvm::map_to_vector(split.loop.getInitArgs(), [&](Value value) {
        return mapping.lookupOrDefault(value);
      });
  ValueRange results = kernel.loop(
      kernel.constant(0), kernel.constant(split.count), kernel.constant(tile),
      inits, [&](Value base, ValueRange carried) {
        Value rest = arith::SubIOp::create(kernel.builder, kernel.loc,
                                           kernel.constant(split.count), base);
        Value count = arith::MinUIOp::create(kernel.builder, kernel.loc, rest,
                                             kernel.constant(tile));
        // The tile before has been joined.
        kernel.barrier();
        computeTile(kernel, split, base, count, shared, mapping);
        kernel.barrier();
        return joinTile(kernel, split, count, shared, carried, mapping);
      });
  mapping.map(split.loop.getResults(), results);
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

/// The loops of the body of `op` that the block shares.
static DenseMap<Operation *, SplitLoop> findSharedLoops(ScalarOp op) {
  DenseMap<Operation *, SplitLoop> loops;
  for (auto loop : op.getBodyBlock()->getOps<scf::ForOp>())
    if (std::optional<SplitLoop> split = splitLoop(loop))
      loops.try_emplace(loop, std::move(*split));
  return loops;
}

/// Emits `loop`, from 0 by 1, for all threads of the block.
static void emitParallelLoop(KernelFunction &kernel, scf::ParallelOp loop,
                             const IRMapping &outer) {
  OpBuilder &b = kernel.builder;
  std::optional<int64_t> count = getConstant(loop.getUpperBound().front());
  kernel.loop(kernel.thread, kernel.constant(*count),
              kernel.constant(kernel.threads), [&](Value turn) {
                IRMapping mapping(outer);
                mapping.map(loop.getInductionVars().front(),
                            arith::IndexCastUIOp::create(
                                b, kernel.loc, b.getIndexType(), turn));
                for (Operation &op : loop.getBody()->without_terminator())
                  b.clone(op, mapping);
              });
}

/// Whether the turns of `op` can be dealt out: a parallel loop over a list.
static bool isParallelLoop(Operation &op) {
  auto loop = dyn_cast<scf::ParallelOp>(op);
  return loop && loop.getNumLoops() == 1 && loop.getNumResults() == 0 &&
         getConstant(loop.getLowerBound().front()) == 0 &&
         getConstant(loop.getStep().front()) == 1 &&
         getConstant(loop.getUpperBound().front()).value_or(-1) >= 0 &&
         *getConstant(loop.getUpperBound().front()) <=
             std::numeric_limits<int32_t>::max();
}

namespace {
/// The operands of a scalar program, by number.
struct ProgramOperands {
  SmallVector<int64_t> inputs, outs;

  ProgramOperands(KernelFunction &kernel, ScalarOp op) {
    for (Value input : op.getInputs())
      inputs.push_back(kernel.addOperand(input, Access::Read));
    for (Value out : op.getOuts())
      outs.push_back(kernel.addOperand(out, Access::Write));
  }
};
} // namespace

/// Maps the arguments of the body of `op`: values of scalars, memory of lists.
static void mapArguments(KernelFunction &kernel, ScalarOp op,
                         const ProgramOperands &operands, IRMapping &mapping) {
  Block *body = op.getBodyBlock();
  auto makeList = [&](BlockArgument argument, int64_t number) {
    mapping.map(argument,
                kernel.createMemRef(kernel.getAddress(number),
                                    cast<MemRefType>(argument.getType())));
  };
  unsigned next = 0;
  for (auto [input, number] : llvm::zip(op.getInputs(), operands.inputs)) {
    auto type = cast<MemRefType>(input.getType());
    BlockArgument argument = body->getArgument(next++);
    if (type.getRank() > 0)
      makeList(argument, number);
    else
      mapping.map(argument,
                  kernel.load(kernel.getAddress(number), kernel.constant(0),
                              type.getElementType()));
  }
  for (auto [out, number] : llvm::zip(op.getOuts(), operands.outs))
    if (cast<MemRefType>(out.getType()).getRank() > 0)
      makeList(body->getArgument(next++), number);
}

/// Whether another phase may need `out`, which one scalar writes.
static bool isReadInGraph(Value out) {
  return !isa<BlockArgument>(out) || !out.hasOneUse();
}

/// Stores what `op` yields; sets the handles of those of `conditions` among it.
static void storeResults(KernelFunction &kernel, ScalarOp op,
                         const ProgramOperands &operands,
                         const IRMapping &mapping,
                         const DenseSet<Value> &conditions, bool inEveryBlock) {
  ValueRange yielded = op.getBodyBlock()->getTerminator()->getOperands();
  SmallVector<std::pair<Value, Value>> sets;
  unsigned next = 0;
  for (auto [out, number] : llvm::zip(op.getOuts(), operands.outs)) {
    if (cast<MemRefType>(out.getType()).getRank() > 0)
      continue;
    Value value = mapping.lookupOrDefault(yielded[next++]);
    Value zero = kernel.constant(0);
    auto storeOnce = [&, number = number] {
      kernel.storeOnce(value, kernel.getAddress(number), zero);
    };
    if (!inEveryBlock)
      storeOnce();
    else if (!isReadInGraph(out))
      kernel.ifThen(kernel.isEqual(kernel.block, 0), storeOnce);
    else
      kernel.store(value, kernel.getAddress(number), zero);
    if (conditions.contains(out))
      sets.push_back({out, value});
  }
  for (auto &[out, value] : sets) {
    auto set = [&, out = out, value = value] {
      kernel.setCondition(out, value);
    };
    if (inEveryBlock)
      kernel.ifThen(kernel.isEqual(kernel.block, 0), set);
    else
      set();
  }
}

void graphopt::emitScalar(KernelFunction &kernel, ScalarOp op,
                          const DenseSet<Value> &conditions,
                          bool inEveryBlock) {
  ProgramOperands operands(kernel, op);
  DenseMap<Operation *, SplitLoop> sharedLoops = findSharedLoops(op);
  IRMapping mapping;
  auto emitBody = [&](bool byAllThreads) {
    mapArguments(kernel, op, operands, mapping);
    for (Operation &inner : op.getBodyBlock()->without_terminator()) {
      auto shared = sharedLoops.find(&inner);
      if (shared != sharedLoops.end())
        emitSplitLoop(kernel, shared->second, mapping);
      else if (byAllThreads && isParallelLoop(inner))
        emitParallelLoop(kernel, cast<scf::ParallelOp>(inner), mapping);
      else
        kernel.builder.clone(inner, mapping);
    }
  };
  auto store = [&] {
    storeResults(kernel, op, operands, mapping, conditions, inEveryBlock);
  };
  Value isFirst = kernel.isEqual(kernel.thread, 0);
  if (sharedLoops.empty() &&
      llvm::none_of(*op.getBodyBlock(), isParallelLoop)) {
    kernel.ifThen(isFirst, [&] {
      emitBody(/*byAllThreads=*/false);
      store();
    });
    return;
  }
  // All threads compute the same; all have read before one writes.
  emitBody(/*byAllThreads=*/true);
  kernel.barrier();
  kernel.ifThen(isFirst, store);
}
