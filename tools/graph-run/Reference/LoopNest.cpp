//===- LoopNest.cpp - Tiled evaluation of structured ops ------------------===//
//
// Implements two schedules. "Across": columns run along the parallel loops and
// the reduction loops are sequential; right for any body. "Along": columns run
// along the reduction loops and are folded; for reductions whose combiner is
// known, and much faster where few results reduce many elements.
//
//===----------------------------------------------------------------------===//

#include "LoopNest.h"

#include "Interpreter.h"
#include "LoopSpace.h"

#include "mlir/IR/AffineExpr.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Parallel.h"

#include <cstring>

using namespace mlir;
using namespace graphrun;

/// Fewer column elements than this are not worth waking threads for.
static constexpr int64_t serialWork = 1 << 16;

int64_t LoopNest::numPoints() const {
  int64_t count = 1;
  for (int64_t extent : extents)
    count *= extent;
  return count;
}

namespace {
/// Memory for the columns of one thread.
class Scratch {
public:
  explicit Scratch(int numColumns) {
    // Kept between tiles: a fresh allocation would be paged in each time.
    static thread_local std::vector<Cell> memory;
    if (memory.size() < size_t(numColumns) * maxColumnLength)
      memory.resize(size_t(numColumns) * maxColumnLength);
    for (int i = 0; i < numColumns; ++i)
      columns.push_back(memory.data() + size_t(i) * maxColumnLength);
  }
  SmallVector<void *, 16> columns;
};

class NestRunner {
public:
  NestRunner(const ColumnProgram &program, const LoopNest &nest)
      : program(program), nest(nest) {}

  Fault run();

private:
  LogicalResult analyzeOperands();
  void splitLoops();
  bool prefersAlong() const;
  void runAcross();
  void runAlong();
  void acrossTile(int64_t begin, int64_t end);
  void alongTile(int64_t point, int64_t begin, int64_t end, Cell *partials);

  void fillCaptures(Scratch &scratch, int64_t length) const;
  void loadOperand(size_t k, const Space &space, ArrayRef<Segment> segments,
                   int64_t distance, const Space &outer,
                   ArrayRef<int64_t> outerIndex, Scratch &scratch);
  void loadNonlinear(size_t k, const Space &space, const Segment &segment,
                     const Space &outer, ArrayRef<int64_t> outerIndex,
                     Cell *column);
  void loadIndices(const Space &space, ArrayRef<Segment> segments,
                   const Space &outer, ArrayRef<int64_t> outerIndex,
                   int64_t length, Scratch &scratch) const;
  void storeInit(size_t init, ArrayRef<Segment> segments,
                 const void *column) const;
  void runOps(Scratch &scratch, int64_t length, bool skipCombiners);
  void forEachTask(int64_t count, int64_t work,
                   llvm::function_ref<void(size_t)> task) const;

  char *address(size_t k, int64_t distance) const {
    const NestOperand &operand = nest.operands[k];
    return operand.data + distance * bytesOf(operand.array.kind);
  }
  bool isScalar(size_t k) const { return !nest.operands[k].data; }
  size_t numInits() const { return nest.operands.size() - nest.numInputs; }

  const ColumnProgram &program;
  const LoopNest &nest;
  Space parallel, reduction;
  SmallVector<SmallVector<int64_t, 6>, 4> loopSteps; ///< [operand][loop].
  SmallVector<int64_t, 4> constants;
  SmallVector<bool, 4> nonlinear;
  std::vector<ColumnOp> ops; ///< The program's, with unrounded accumulators.
  std::atomic<Fault> fault{Fault::None};
};
} // namespace

//===----------------------------------------------------------------------===//
// Preparation
//===----------------------------------------------------------------------===//

/// Turns maps into distances and checks that no access leaves its array.
LogicalResult NestRunner::analyzeOperands() {
  size_t numLoops = nest.extents.size();
  for (size_t k = 0; k < nest.operands.size(); ++k) {
    const NestOperand &operand = nest.operands[k];
    SmallVector<int64_t, 6> &steps = loopSteps.emplace_back(numLoops, 0);
    constants.push_back(0);
    nonlinear.push_back(false);
    if (isScalar(k))
      continue;
    for (auto [dim, expr] : llvm::enumerate(operand.map.getResults())) {
      SmallVector<int64_t, 6> coefficients(numLoops, 0);
      int64_t constant = 0;
      if (!linearCoefficients(expr, 1, coefficients, constant)) {
        nonlinear.back() = true;
        break;
      }
      int64_t low = constant, high = constant;
      for (size_t loop = 0; loop < numLoops; ++loop) {
        int64_t reach = coefficients[loop] * (nest.extents[loop] - 1);
        (reach < 0 ? low : high) += reach;
        steps[loop] += coefficients[loop] * operand.array.strides[dim];
      }
      constants.back() += constant * operand.array.strides[dim];
      if (low < 0 || high >= operand.array.shape[dim])
        return failure();
    }
    if (nonlinear.back() && k >= nest.numInputs)
      return failure();
    if (nonlinear.back()) {
      steps.assign(numLoops, 0);
      constants.back() = 0;
    }
  }
  return success();
}

void NestRunner::splitLoops() {
  parallel.numOperands = reduction.numOperands = nest.operands.size();
  for (size_t loop = 0; loop < nest.extents.size(); ++loop) {
    Dim dim{nest.extents[loop], int(loop), {}};
    for (size_t k = 0; k < nest.operands.size(); ++k)
      dim.steps.push_back(loopSteps[k][loop]);
    (nest.isReduction[loop] ? reduction : parallel).dims.push_back(dim);
  }
  // Indices of merged loops could not be told apart.
  if (!program.indices.empty() || llvm::is_contained(nonlinear, true))
    return;
  parallel.mergeLoops();
  reduction.mergeLoops();
}

/// Columns along the reduction need a known combiner for every result; they pay
/// where results are few, or where only the reduction walks memory in order.
bool NestRunner::prefersAlong() const {
  if (reduction.dims.empty() ||
      !llvm::all_of(program.reductions, [](auto &r) { return r.has_value(); }))
    return false;
  if (reduction.size() < 64)
    return false;
  if (parallel.size() < maxColumnLength)
    return true;
  auto walksInOrder = [&](const Space &space) {
    for (size_t k = 0; k < nest.numInputs; ++k)
      if (!isScalar(k) && space.dims.back().steps[k] == 1)
        return true;
    return false;
  };
  return walksInOrder(reduction) && !walksInOrder(parallel);
}

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

void NestRunner::fillCaptures(Scratch &scratch, int64_t length) const {
  auto fill = [&](int column, Cell value) {
    std::fill_n(static_cast<Cell *>(scratch.columns[column]), length, value);
  };
  for (auto [capture, value] : llvm::zip(program.captures, nest.captures))
    fill(capture.second, value);
  for (size_t k = 0; k < nest.operands.size(); ++k)
    if (isScalar(k) && program.operandColumns[k] >= 0)
      fill(program.operandColumns[k], nest.operands[k].scalar);
}

/// Loads the values of operand `k` at the points of `segments`, at the point
/// `outerIndex` of the other space, which lies `distance` away.
void NestRunner::loadOperand(size_t k, const Space &space,
                             ArrayRef<Segment> segments, int64_t distance,
                             const Space &outer, ArrayRef<int64_t> outerIndex,
                             Scratch &scratch) {
  if (isScalar(k) || program.operandColumns[k] < 0)
    return;
  auto *column =
      static_cast<Cell *>(scratch.columns[program.operandColumns[k]]);
  int64_t step = space.dims.empty() ? 0 : space.dims.back().steps[k];
  for (const Segment &segment : segments) {
    if (nonlinear[k])
      loadNonlinear(k, space, segment, outer, outerIndex, column);
    else
      loadColumn(nest.operands[k].array.kind,
                 address(k, constants[k] + distance + segment.distances[k]),
                 step, segment.length, column + segment.position);
  }
}

void NestRunner::loadNonlinear(size_t k, const Space &space,
                               const Segment &segment, const Space &outer,
                               ArrayRef<int64_t> outerIndex, Cell *column) {
  const NestOperand &operand = nest.operands[k];
  SmallVector<int64_t, 6> loops(nest.extents.size(), 0);
  for (auto [dim, value] : llvm::zip(outer.dims, outerIndex))
    loops[dim.loop] = value;
  for (auto [dim, value] : llvm::zip(space.dims, segment.index))
    loops[dim.loop] = value;
  for (int64_t i = 0; i < segment.length; ++i) {
    int64_t distance = 0;
    for (auto [dim, expr] : llvm::enumerate(operand.map.getResults())) {
      std::optional<int64_t> at = evaluateAffine(expr, loops, {});
      if (!at || *at < 0 || *at >= operand.array.shape[dim]) {
        fault.store(Fault::OutOfBounds, std::memory_order_relaxed);
        return;
      }
      distance += *at * operand.array.strides[dim];
    }
    loadColumn(operand.array.kind, address(k, distance), 1, 1,
               column + segment.position + i);
    if (!space.dims.empty())
      ++loops[space.dims.back().loop];
  }
}

void NestRunner::loadIndices(const Space &space, ArrayRef<Segment> segments,
                             const Space &outer, ArrayRef<int64_t> outerIndex,
                             int64_t length, Scratch &scratch) const {
  for (auto [loop, columnNumber] : program.indices) {
    auto *column = static_cast<int64_t *>(scratch.columns[columnNumber]);
    for (auto [dim, value] : llvm::zip(outer.dims, outerIndex))
      if (dim.loop == loop)
        std::fill_n(column, length, value);
    for (size_t d = 0; d < space.dims.size(); ++d) {
      if (space.dims[d].loop != loop)
        continue;
      int64_t step = d + 1 == space.dims.size();
      for (const Segment &segment : segments)
        for (int64_t i = 0; i < segment.length; ++i)
          column[segment.position + i] = segment.index[d] + i * step;
    }
  }
}

void NestRunner::storeInit(size_t init, ArrayRef<Segment> segments,
                           const void *column) const {
  size_t k = nest.numInputs + init;
  int64_t step = parallel.dims.empty() ? 0 : parallel.dims.back().steps[k];
  for (const Segment &segment : segments)
    storeColumn(nest.operands[k].array.kind,
                address(k, constants[k] + segment.distances[k]), step,
                segment.length,
                static_cast<const Cell *>(column) + segment.position);
}

void NestRunner::runOps(Scratch &scratch, int64_t length, bool skipCombiners) {
  ColumnEnv env{scratch.columns.data(), nest.arrays, length, &fault};
  for (auto [index, op] : llvm::enumerate(ops)) {
    size_t number = index;
    if (skipCombiners && llvm::any_of(program.reductions, [&](auto &reduction) {
          return reduction && reduction->op == number;
        }))
      continue;
    op.run(op, env);
  }
}

//===----------------------------------------------------------------------===//
// Schedules
//===----------------------------------------------------------------------===//

void NestRunner::forEachTask(int64_t count, int64_t work,
                             llvm::function_ref<void(size_t)> task) const {
  if (count > 1 && work >= serialWork)
    return llvm::parallelFor(0, count, task);
  for (int64_t i = 0; i < count; ++i)
    task(i);
}

void NestRunner::acrossTile(int64_t begin, int64_t end) {
  Scratch scratch(program.numColumns + numInits());
  int64_t length = end - begin, steps = reduction.size();
  SmallVector<Segment, 4> segments = parallel.segments(begin, end);
  SmallVector<int64_t, 4> index(reduction.dims.size(), 0);
  SmallVector<int64_t, 4> distances(nest.operands.size(), 0);
  fillCaptures(scratch, length);
  for (size_t init = 0; init < numInits(); ++init)
    loadOperand(nest.numInputs + init, parallel, segments, 0, reduction, index,
                scratch);
  auto varies = [&](size_t k) {
    return nonlinear[k] || llvm::any_of(reduction.dims, [&](const Dim &dim) {
             return dim.steps[k] != 0;
           });
  };
  for (int64_t step = 0; step < steps; ++step) {
    loadIndices(parallel, segments, reduction, index, length, scratch);
    for (size_t k = 0; k < nest.numInputs; ++k)
      if (step == 0 || varies(k))
        loadOperand(k, parallel, segments, distances[k], reduction, index,
                    scratch);
    runOps(scratch, length, /*skipCombiners=*/false);
    // Through spare columns: a yielded value may be another init's column.
    for (size_t init = 0; init < numInits(); ++init)
      std::memcpy(scratch.columns[program.numColumns + init],
                  scratch.columns[program.yields[init]], length * sizeof(Cell));
    for (size_t init = 0; init < numInits() && step + 1 < steps; ++init)
      if (program.readsInit[init])
        std::memcpy(
            scratch.columns[program.operandColumns[nest.numInputs + init]],
            scratch.columns[program.numColumns + init], length * sizeof(Cell));
    reduction.advance(index, distances);
  }
  for (size_t init = 0; init < numInits(); ++init)
    storeInit(init, segments, scratch.columns[program.numColumns + init]);
}

void NestRunner::runAcross() {
  int64_t points = parallel.size();
  int64_t tiles = (points + maxColumnLength - 1) / maxColumnLength;
  forEachTask(tiles, points * reduction.size(), [&](size_t tile) {
    int64_t begin = int64_t(tile) * maxColumnLength;
    acrossTile(begin, std::min(begin + maxColumnLength, points));
  });
}

/// Folds the reduction's points [begin, end) of one result to `partials`.
void NestRunner::alongTile(int64_t point, int64_t begin, int64_t end,
                           Cell *partials) {
  Scratch scratch(program.numColumns);
  int64_t length = end - begin;
  SmallVector<Segment, 4> segments = reduction.segments(begin, end);
  SmallVector<int64_t, 4> index(parallel.dims.size(), 0);
  parallel.unravel(point, index);
  fillCaptures(scratch, length);
  loadIndices(reduction, segments, parallel, index, length, scratch);
  for (size_t k = 0; k < nest.numInputs; ++k)
    loadOperand(k, reduction, segments, parallel.distance(index, k), parallel,
                index, scratch);
  runOps(scratch, length, /*skipCombiners=*/true);
  for (auto [init, entry] : llvm::enumerate(program.reductions))
    partials[init] = foldColumn(entry->combiner, entry->width,
                                scratch.columns[entry->value], length);
}

void NestRunner::runAlong() {
  int64_t points = parallel.size(), steps = reduction.size();
  int64_t tiles = (steps + maxColumnLength - 1) / maxColumnLength;
  std::vector<Cell> partials(points * tiles * numInits());
  forEachTask(points * tiles, points * steps, [&](size_t task) {
    int64_t point = task / tiles, tile = task % tiles;
    int64_t begin = tile * maxColumnLength;
    alongTile(point, begin, std::min(begin + maxColumnLength, steps),
              &partials[task * numInits()]);
  });
  SmallVector<int64_t, 4> index(parallel.dims.size(), 0);
  for (int64_t point = 0; point < points; ++point) {
    parallel.unravel(point, index);
    for (auto [init, entry] : llvm::enumerate(program.reductions)) {
      size_t k = nest.numInputs + init;
      ElementKind kind = nest.operands[k].array.kind;
      char *at = address(k, constants[k] + parallel.distance(index, k));
      Cell value = loadCell(kind, at);
      for (int64_t tile = 0; tile < tiles; ++tile)
        combine(entry->combiner, entry->width, value,
                partials[(point * tiles + tile) * numInits() + init]);
      storeCell(kind, at, value);
    }
  }
}

Fault NestRunner::run() {
  if (nest.numPoints() == 0)
    return Fault::None;
  if (failed(analyzeOperands()))
    return Fault::OutOfBounds;
  splitLoops();
  ops = program.ops;
  for (const auto &entry : program.reductions)
    if (entry && !reduction.dims.empty() &&
        (entry->combiner == Combiner::AddF ||
         entry->combiner == Combiner::MulF))
      ops[entry->op].result.kind = ElementKind::F64;
  prefersAlong() ? runAlong() : runAcross();
  return fault.load();
}

Fault graphrun::runNest(const ColumnProgram &program, const LoopNest &nest) {
  return NestRunner(program, nest).run();
}
