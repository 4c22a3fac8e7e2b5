//===- Linalg.cpp - Structured and elementwise ops of the reference -------===//
//
// Compiles the bodies of structured ops to column programs and runs them;
// elementwise `arith` and `math` ops on tensors are structured ops with a body
// of one op. A body that holds anything else is interpreted point by point.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"
#include "LoopNest.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace graphrun;

//===----------------------------------------------------------------------===//
// Compilation of bodies
//===----------------------------------------------------------------------===//

namespace {
/// Assigns columns to the values of a body.
class BodyCompiler {
public:
  explicit BodyCompiler(ColumnProgram &program) : program(program) {}

  /// False if the body holds an op that has no column form.
  bool compile(linalg::LinalgOp op);

private:
  bool compileOp(Operation *op);
  bool compileGather(tensor::ExtractOp op);
  int newColumn(Value value) { return columns[value] = program.numColumns++; }
  int columnOf(Value value);
  void findReduction(linalg::LinalgOp op, OpOperand &init, Value yielded);

  ColumnProgram &program;
  Block *body = nullptr;
  DenseMap<Value, int> columns;
  DenseMap<Operation *, size_t> positions;
};

/// What the evaluator keeps for a structured op.
struct LinalgData : OpData {
  std::optional<ColumnProgram> program; ///< None: interpret point by point.
  SmallVector<AffineMap> maps;
  AffineMap shapesToLoops;
  SmallVector<bool> isReduction;
  /// Counted as kernel or upload of a framework that runs op by op.
  bool isKernel = true;
  unsigned uploads = 0;
};
} // namespace

int BodyCompiler::columnOf(Value value) {
  auto found = columns.find(value);
  if (found != columns.end())
    return found->second;
  int column = newColumn(value);
  program.captures.push_back({value, column});
  return column;
}

bool BodyCompiler::compileGather(tensor::ExtractOp op) {
  if (op.getTensor().getParentBlock() == body || !scalarTypeOf(op.getType()))
    return false;
  ColumnOp gather = gatherColumn(program.arrays.size());
  program.arrays.push_back(op.getTensor());
  for (Value index : op.getIndices())
    gather.sources.push_back(columnOf(index));
  gather.targets[0] = newColumn(op.getResult());
  program.ops.push_back(std::move(gather));
  return true;
}

bool BodyCompiler::compileOp(Operation *op) {
  if (auto index = dyn_cast<linalg::IndexOp>(op)) {
    program.indices.push_back({int(index.getDim()), newColumn(index)});
    return true;
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return compileGather(extract);
  if (llvm::any_of(op->getOperandTypes(), llvm::IsaPred<ShapedType>))
    return false;
  std::optional<ColumnOp> compiled;
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    compiled = constantColumn(constant.getValue(), constant.getType());
  else
    compiled = columnOpFor(op);
  if (!compiled)
    return false;
  for (Value operand : op->getOperands())
    compiled->sources.push_back(columnOf(operand));
  for (auto [index, value] : llvm::enumerate(op->getResults()))
    compiled->targets[index] = newColumn(value);
  positions[op] = program.ops.size();
  program.ops.push_back(std::move(*compiled));
  return true;
}

/// Pattern: yield(combine(value, init)), where nothing else reads either.
void BodyCompiler::findReduction(linalg::LinalgOp op, OpOperand &init,
                                 Value yielded) {
  program.reductions.emplace_back();
  BlockArgument argument = op.getMatchingBlockArgument(&init);
  Operation *combiner = yielded.getDefiningOp();
  if (!combiner || combiner->getBlock() != body || !yielded.hasOneUse() ||
      !argument.hasOneUse() || *argument.user_begin() != combiner)
    return;
  std::optional<Combiner> kind = combinerFor(combiner);
  if (!kind)
    return;
  Value value = combiner->getOperand(combiner->getOperand(0) == argument);
  program.reductions.back() = {*kind, columnOf(value), positions[combiner],
                               scalarTypeOf(yielded.getType())->width};
}

bool BodyCompiler::compile(linalg::LinalgOp op) {
  body = op.getBlock();
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(&operand);
    if (argument && !scalarTypeOf(argument.getType()))
      return false;
    program.operandColumns.push_back(argument ? newColumn(argument) : -1);
  }
  for (Operation &nested : body->without_terminator())
    if (!compileOp(&nested))
      return false;
  Operation *yield = body->getTerminator();
  for (auto [init, value] :
       llvm::zip(op.getDpsInitsMutable(), yield->getOperands())) {
    program.yields.push_back(columnOf(value));
    program.readsInit.push_back(op.payloadUsesValueFromOperand(&init));
    findReduction(op, init, value);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Counting what an eager framework would do
//===----------------------------------------------------------------------===//

/// A fill that only sets up the result of other structured ops is part of
/// those ops in a framework.
static bool onlyInitializes(linalg::LinalgOp op) {
  return isa<linalg::FillOp>(op) && op->getNumResults() == 1 &&
         llvm::all_of(op->getUses(), [](OpOperand &use) {
           auto user = dyn_cast<linalg::LinalgOp>(use.getOwner());
           return user && user.isDpsInit(&use);
         });
}

static bool isHostScalar(Value value) {
  return !isa<ShapedType>(value.getType()) &&
         !matchPattern(value, m_Constant());
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

static std::unique_ptr<LinalgData> compileLinalg(linalg::LinalgOp op) {
  auto data = std::make_unique<LinalgData>();
  data->program.emplace();
  if (!BodyCompiler(*data->program).compile(op))
    data->program.reset();
  for (OpOperand &operand : op->getOpOperands())
    data->maps.push_back(op.getMatchingIndexingMap(&operand));
  data->shapesToLoops = op.getShapesToLoopsMap();
  for (utils::IteratorType type : op.getIteratorTypesArray())
    data->isReduction.push_back(type == utils::IteratorType::reduction);
  data->isKernel = !onlyInitializes(op);
  data->uploads = llvm::count_if(op->getOperands(), isHostScalar);
  if (data->program)
    for (auto [value, column] : data->program->captures)
      data->uploads += isHostScalar(value);
  return data;
}

/// True if every element of an init is written whatever it held before.
static bool overwrites(const LinalgData &data, const LoopNest &nest,
                       size_t init) {
  AffineMap map = data.maps[nest.numInputs + init];
  return data.program && !data.program->readsInit[init] &&
         map.isProjectedPermutation() && nest.numPoints() > 0;
}

/// Fills in extents and operands. Inits of tensors get arrays of their own.
static LogicalResult prepare(linalg::LinalgOp op, LinalgData &data,
                             Operands operands, Operands results,
                             LoopNest &nest) {
  if (!data.shapesToLoops)
    return op.emitError("the reference can not infer the loops of '")
           << op->getName() << "'";
  nest.numInputs = op.getNumDpsInputs();
  nest.isReduction.assign(data.isReduction.begin(), data.isReduction.end());
  SmallVector<int64_t> sizes;
  for (const RtValue &operand : operands)
    if (operand.array)
      llvm::append_range(sizes, operand.array->view.shape);
  auto extents = data.shapesToLoops.compose(sizes);
  nest.extents.assign(extents.begin(), extents.end());

  // Inits first: making a memref writable may replace its bytes. All of them
  // before the first is looked at: they may share their storage.
  for (RtValue &init : operands.drop_front(nest.numInputs))
    if (init.array->isMemRef())
      init.array->write();
  SmallVector<HostTensor> inits;
  for (size_t k = nest.numInputs; k < operands.size(); ++k) {
    size_t init = k - nest.numInputs;
    Array &array = *operands[k].array;
    if (array.isMemRef()) {
      inits.push_back(array.read());
      continue;
    }
    HostTensor fresh = HostTensor::allocate(array.view.kind, array.view.shape);
    if (!overwrites(data, nest, init))
      copyElements(array.view, fresh);
    results[init] = RtValue::computed(fresh);
    inits.push_back(fresh);
  }
  for (auto [k, operand] : llvm::enumerate(operands)) {
    NestOperand &target = nest.operands.emplace_back();
    target.map = data.maps[k];
    if (!operand.array) {
      target.scalar = operand.cell;
      continue;
    }
    target.array =
        k < nest.numInputs ? operand.array->read() : inits[k - nest.numInputs];
    target.data = target.array.data();
  }
  return success();
}

/// Interprets the body at every point; for bodies without a column form.
static LogicalResult runPointwise(Interpreter &interpreter, linalg::LinalgOp op,
                                  const LoopNest &nest) {
  SmallVector<int64_t> index(nest.extents.size(), 0);
  SmallVectorImpl<int64_t> *outer = interpreter.loopIndex;
  interpreter.loopIndex = &index;
  auto elementAt = [&](size_t k) -> FailureOr<char *> {
    const NestOperand &operand = nest.operands[k];
    SmallVector<RtValue> at;
    for (AffineExpr expr : operand.map.getResults())
      // A divisor that is not positive leads outside.
      at.push_back(
          RtValue::scalar(evaluateAffine(expr, index, {}).value_or(-1)));
    return elementAddress(op, operand.array, at);
  };
  auto runPoint = [&]() -> LogicalResult {
    SmallVector<RtValue> arguments(op.getBlock()->getNumArguments()), yields;
    for (auto [k, operand] : llvm::enumerate(op->getOpOperands())) {
      BlockArgument argument = op.getMatchingBlockArgument(&operand);
      if (!argument)
        continue;
      const NestOperand &value = nest.operands[k];
      Cell &cell = arguments[argument.getArgNumber()].cell;
      cell = value.scalar;
      if (!value.data)
        continue;
      FailureOr<char *> address = elementAt(k);
      if (failed(address))
        return failure();
      cell = loadCell(value.array.kind, *address);
    }
    if (failed(interpreter.runRegion(op->getRegion(0), arguments, yields)))
      return failure();
    for (auto [init, value] : llvm::enumerate(yields)) {
      FailureOr<char *> address = elementAt(nest.numInputs + init);
      if (failed(address))
        return failure();
      storeCell(nest.operands[nest.numInputs + init].array.kind, *address,
                value.cell);
    }
    return success();
  };
  LogicalResult result = success();
  for (int64_t left = nest.numPoints(); left > 0 && succeeded(result); --left) {
    result = runPoint();
    for (size_t dim = index.size(); dim-- > 0;) {
      if (++index[dim] < nest.extents[dim])
        break;
      index[dim] = 0;
    }
  }
  interpreter.loopIndex = outer;
  return result;
}

static LogicalResult runLinalg(Interpreter &interpreter, OpCode &code,
                               Operands operands, Operands results) {
  auto op = cast<linalg::LinalgOp>(code.op);
  if (!code.data)
    code.data = compileLinalg(op);
  auto &data = static_cast<LinalgData &>(*code.data);
  LoopNest nest;
  if (failed(prepare(op, data, operands, results, nest)))
    return failure();
  if (nest.numPoints() > 0) {
    interpreter.counts.kernels += data.isKernel;
    interpreter.counts.uploads += data.uploads;
  }
  if (!data.program)
    return runPointwise(interpreter, op, nest);
  for (auto [value, column] : data.program->captures)
    nest.captures.push_back(interpreter.lookup(value)->cell);
  SmallVector<HostTensor> arrays;
  for (Value value : data.program->arrays)
    arrays.push_back(interpreter.lookup(value)->array->read());
  for (const HostTensor &array : arrays)
    nest.arrays.push_back(&array);
  return checkFault(op, runNest(*data.program, nest));
}

Handler graphrun::linalgHandler(Operation *op) {
  return isa<linalg::LinalgOp>(op) ? runLinalg : nullptr;
}

//===----------------------------------------------------------------------===//
// Elementwise and scalar ops
//===----------------------------------------------------------------------===//

namespace {
struct ElementwiseData : OpData {
  ColumnProgram program;
};
struct ScalarData : OpData {
  ColumnOp op;
};
} // namespace

/// Numbers the columns of a single op: operands, then results.
static ColumnOp numberedColumnOp(Operation *op) {
  ColumnOp result = *columnOpFor(op);
  int column = 0;
  for (size_t i = 0; i < op->getNumOperands(); ++i)
    result.sources.push_back(column++);
  for (size_t i = 0; i < op->getNumResults(); ++i)
    result.targets[i] = column++;
  return result;
}

static LogicalResult runElementwise(Interpreter &interpreter, OpCode &code,
                                    Operands operands, Operands results) {
  Operation *op = code.op;
  if (!code.data) {
    auto data = std::make_unique<ElementwiseData>();
    ColumnProgram &program = data->program;
    program.ops.push_back(numberedColumnOp(op));
    program.numColumns = op->getNumOperands() + op->getNumResults();
    for (int i = 0; i < program.numColumns; ++i)
      program.operandColumns.push_back(i);
    for (size_t i = 0; i < op->getNumResults(); ++i)
      program.yields.push_back(program.ops.front().targets[i]);
    program.readsInit.assign(op->getNumResults(), false);
    program.reductions.resize(op->getNumResults());
    code.data = std::move(data);
  }
  LoopNest nest;
  nest.numInputs = operands.size();
  auto addOperand = [&](const HostTensor &array) {
    NestOperand &operand = nest.operands.emplace_back();
    operand.array = array;
    operand.data = array.data();
    operand.map =
        AffineMap::getMultiDimIdentityMap(array.rank(), op->getContext());
  };
  const Array *shaped = nullptr;
  for (RtValue &operand : operands) {
    if (!operand.array) {
      nest.operands.emplace_back().scalar = operand.cell;
      continue;
    }
    addOperand(operand.array->read());
    if (shaped && shaped->view.shape != operand.array->view.shape)
      return op->emitError("operands have different shapes");
    shaped = operand.array.get();
  }
  nest.extents.assign(shaped->view.shape.begin(), shaped->view.shape.end());
  nest.isReduction.assign(nest.extents.size(), false);
  for (auto [index, type] : llvm::enumerate(op->getResultTypes())) {
    FailureOr<ElementKind> kind = elementKindFor(op, type);
    if (failed(kind))
      return failure();
    HostTensor result = HostTensor::allocate(*kind, nest.extents);
    addOperand(result);
    results[index] = RtValue::computed(result);
  }
  interpreter.counts.kernels += nest.numPoints() > 0;
  return checkFault(
      op, runNest(static_cast<ElementwiseData &>(*code.data).program, nest));
}

static LogicalResult runScalar(Interpreter &, OpCode &code, Operands operands,
                               Operands results) {
  if (!code.data) {
    auto data = std::make_unique<ScalarData>();
    data->op = numberedColumnOp(code.op);
    code.data = std::move(data);
  }
  SmallVector<void *, 6> columns;
  for (RtValue &operand : operands)
    columns.push_back(&operand.cell);
  for (RtValue &result : results)
    columns.push_back(&result.cell);
  const ColumnOp &op = static_cast<ScalarData &>(*code.data).op;
  std::atomic<Fault> fault{Fault::None};
  op.run(op, ColumnEnv{columns.data(), {}, 1, &fault});
  return checkFault(code.op, fault);
}

Handler graphrun::elementwiseHandler(Operation *op) {
  if (!columnOpFor(op))
    return nullptr;
  auto isTensor = [](Type type) { return isa<RankedTensorType>(type); };
  if (llvm::any_of(op->getResultTypes(), isTensor))
    return runElementwise;
  bool isScalar = llvm::all_of(op->getOperandTypes(), [](Type type) {
    return scalarTypeOf(type).has_value();
  });
  // A condition that selects whole tensors or buffers is not arithmetic.
  return isScalar ? runScalar : nullptr;
}
