//===- ColumnOps.cpp - Scalar operations over columns ---------------------===//
//
// Finds the kernel of an operation, and implements constants, gathers and the
// combiners of reductions.
//
//===----------------------------------------------------------------------===//

#include "ColumnOpsDetail.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Index/IR/IndexOps.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace graphrun;
using namespace graphrun::detail;

std::optional<ScalarType> graphrun::scalarTypeOf(Type type) {
  ScalarType scalar;
  if (auto integer = dyn_cast<IntegerType>(type)) {
    scalar.width = integer.getWidth();
    if (scalar.width == 0 || scalar.width > 64)
      return std::nullopt;
    return scalar;
  }
  std::optional<ElementKind> kind = elementKindOf(type);
  if (!kind)
    return std::nullopt;
  scalar.isFloat = isFloatKind(*kind);
  scalar.kind = *kind;
  return scalar;
}

/// A cast with a rounding mode other than to nearest even.
static bool hasOtherRounding(Operation *op) {
  auto truncate = dyn_cast<arith::TruncFOp>(op);
  return truncate && truncate.getRoundingmode() &&
         *truncate.getRoundingmode() != arith::RoundingMode::to_nearest_even;
}

/// The predicate of arith.cmpi with the same meaning.
static arith::CmpIPredicate arithPredicate(index::IndexCmpPredicate predicate) {
  using From = index::IndexCmpPredicate;
  using To = arith::CmpIPredicate;
  switch (predicate) {
  case From::EQ:
    return To::eq;
  case From::NE:
    return To::ne;
  case From::SLT:
    return To::slt;
  case From::SLE:
    return To::sle;
  case From::SGT:
    return To::sgt;
  case From::SGE:
    return To::sge;
  case From::ULT:
    return To::ult;
  case From::ULE:
    return To::ule;
  case From::UGT:
    return To::ugt;
  case From::UGE:
    return To::uge;
  }
  llvm_unreachable("every predicate is handled");
}

std::optional<ColumnOp> graphrun::columnOpFor(Operation *op) {
  if (op->getNumOperands() == 0 || op->getNumResults() == 0 ||
      hasOtherRounding(op))
    return std::nullopt;
  auto elementType = [](Value value) -> std::optional<ScalarType> {
    if (isa<VectorType>(value.getType()))
      return std::nullopt;
    return scalarTypeOf(getElementTypeOrSelf(value.getType()));
  };
  ColumnOp result;
  llvm::StringRef name = op->getName().getStringRef();
  result.run = floatKernel(name);
  if (!result.run)
    result.run = integerKernel(name);
  if (!result.run)
    return std::nullopt;
  for (Value operand : op->getOperands())
    if (!elementType(operand))
      return std::nullopt;
  std::optional<ScalarType> resultType = elementType(op->getResult(0));
  if (!resultType)
    return std::nullopt;
  result.result = *resultType;
  result.source = *elementType(op->getOperand(0));
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    result.immediate = static_cast<int64_t>(compare.getPredicate());
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    result.immediate = static_cast<int64_t>(compare.getPredicate());
  if (auto compare = dyn_cast<index::CmpOp>(op))
    result.immediate = static_cast<int64_t>(arithPredicate(compare.getPred()));
  return result;
}

std::optional<ColumnOp> graphrun::constantColumn(Attribute value, Type type) {
  std::optional<ScalarType> scalar = scalarTypeOf(type);
  if (!scalar)
    return std::nullopt;
  ColumnOp op;
  op.result = *scalar;
  if (auto number = dyn_cast<FloatAttr>(value)) {
    llvm::APFloat wide = number.getValue();
    bool losesInfo;
    wide.convert(llvm::APFloat::IEEEdouble(),
                 llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    op.immediateFloat = wide.convertToDouble();
    op.run = [](const ColumnOp &op, const ColumnEnv &env) {
      std::fill_n(target<double>(op, env), env.length, op.immediateFloat);
    };
    return op;
  }
  auto number = dyn_cast<IntegerAttr>(value);
  if (!number)
    return std::nullopt;
  op.immediate = number.getValue().sextOrTrunc(64).getSExtValue();
  op.run = [](const ColumnOp &op, const ColumnEnv &env) {
    std::fill_n(target<int64_t>(op, env), env.length, op.immediate);
  };
  return op;
}

LogicalResult graphrun::checkFault(Operation *op, Fault fault) {
  switch (fault) {
  case Fault::None:
    return success();
  case Fault::OutOfBounds:
    return op->emitError("an access of '")
           << op->getName() << "' leaves its operand";
  case Fault::DivisionByZero:
    return op->emitError("'") << op->getName() << "' divides by zero";
  case Fault::DivisionOverflow:
    return op->emitError("a division of '")
           << op->getName() << "' overflows: the smallest integer by -1";
  }
  llvm_unreachable("every fault is handled");
}

static void gather(const ColumnOp &op, const ColumnEnv &env) {
  const HostTensor &array = *env.arrays[op.array];
  bool isFloat = isFloatKind(array.kind);
  int64_t size = bytesOf(array.kind);
  for (int64_t i = 0; i < env.length; ++i) {
    int64_t offset = 0;
    bool inside = true;
    for (size_t dim = 0; dim < op.sources.size(); ++dim) {
      int64_t index = source<int64_t>(op, env, dim)[i];
      inside &= index >= 0 && index < array.shape[dim];
      offset += index * array.strides[dim];
    }
    void *to = isFloat ? static_cast<void *>(target<double>(op, env) + i)
                       : static_cast<void *>(target<int64_t>(op, env) + i);
    if (inside)
      loadColumn(array.kind, array.data() + offset * size, 1, 1, to);
    else
      env.fault->store(Fault::OutOfBounds, std::memory_order_relaxed);
  }
}

ColumnOp graphrun::gatherColumn(int array) {
  ColumnOp op;
  op.run = gather;
  op.array = array;
  return op;
}

//===----------------------------------------------------------------------===//
// Combiners
//===----------------------------------------------------------------------===//

std::optional<Combiner> graphrun::combinerFor(Operation *op) {
  using C = std::optional<Combiner>;
  if (op->getNumOperands() != 2 || !columnOpFor(op))
    return std::nullopt;
  return llvm::StringSwitch<C>(op->getName().getStringRef())
      .Case("arith.addf", Combiner::AddF)
      .Case("arith.mulf", Combiner::MulF)
      .Case("arith.maximumf", Combiner::MaximumF)
      .Case("arith.minimumf", Combiner::MinimumF)
      .Case("arith.maxnumf", Combiner::MaxNumF)
      .Case("arith.minnumf", Combiner::MinNumF)
      .Case("arith.addi", Combiner::AddI)
      .Case("arith.muli", Combiner::MulI)
      .Case("arith.andi", Combiner::AndI)
      .Case("arith.ori", Combiner::OrI)
      .Case("arith.xori", Combiner::XOrI)
      .Case("arith.maxsi", Combiner::MaxSI)
      .Case("arith.minsi", Combiner::MinSI)
      .Case("arith.maxui", Combiner::MaxUI)
      .Case("arith.minui", Combiner::MinUI)
      .Default(std::nullopt);
}

/// Calls `visit` with the function of a combiner. Integers are wrapped by the
/// caller; sign extension keeps the unsigned order.
template <typename Visitor>
static auto dispatch(Combiner combiner, Visitor visit) {
  using U = uint64_t;
  switch (combiner) {
  case Combiner::AddF:
    return visit([](double a, double b) { return a + b; });
  case Combiner::MulF:
    return visit([](double a, double b) { return a * b; });
  case Combiner::MaximumF:
    return visit([](double a, double b) { return maximum(a, b); });
  case Combiner::MinimumF:
    return visit([](double a, double b) { return minimum(a, b); });
  case Combiner::MaxNumF:
    return visit([](double a, double b) { return maxNum(a, b); });
  case Combiner::MinNumF:
    return visit([](double a, double b) { return minNum(a, b); });
  case Combiner::AddI:
    return visit([](int64_t a, int64_t b) { return int64_t(U(a) + U(b)); });
  case Combiner::MulI:
    return visit([](int64_t a, int64_t b) { return int64_t(U(a) * U(b)); });
  case Combiner::AndI:
    return visit([](int64_t a, int64_t b) { return a & b; });
  case Combiner::OrI:
    return visit([](int64_t a, int64_t b) { return a | b; });
  case Combiner::XOrI:
    return visit([](int64_t a, int64_t b) { return a ^ b; });
  case Combiner::MaxSI:
    return visit([](int64_t a, int64_t b) { return a > b ? a : b; });
  case Combiner::MinSI:
    return visit([](int64_t a, int64_t b) { return a < b ? a : b; });
  case Combiner::MaxUI:
    return visit([](int64_t a, int64_t b) { return U(a) > U(b) ? a : b; });
  case Combiner::MinUI:
    return visit([](int64_t a, int64_t b) { return U(a) < U(b) ? a : b; });
  }
  llvm_unreachable("every combiner is handled");
}

static bool isFloatCombiner(Combiner combiner) {
  return combiner <= Combiner::MinNumF;
}

/// Folds in eight lanes, so that additions do not wait for each other.
template <typename T, typename F>
static T foldLanes(const T *column, int64_t n, F function) {
  constexpr int64_t lanes = 8;
  if (n < 2 * lanes) {
    T result = column[0];
    for (int64_t i = 1; i < n; ++i)
      result = function(result, column[i]);
    return result;
  }
  T partial[lanes];
  std::copy_n(column, lanes, partial);
  int64_t i = lanes;
  for (; i + lanes <= n; i += lanes)
    for (int64_t lane = 0; lane < lanes; ++lane)
      partial[lane] = function(partial[lane], column[i + lane]);
  T result = partial[0];
  for (int64_t lane = 1; lane < lanes; ++lane)
    result = function(result, partial[lane]);
  for (; i < n; ++i)
    result = function(result, column[i]);
  return result;
}

/// The type a combiner's function works on.
template <typename F>
struct OperandOf : OperandOf<decltype(&F::operator())> {};
template <typename F, typename T>
struct OperandOf<T (F::*)(T, T) const> {
  using type = T;
};

Cell graphrun::foldColumn(Combiner combiner, unsigned width, const void *column,
                          int64_t n) {
  Cell result;
  dispatch(combiner, [&](auto function) {
    using T = typename OperandOf<decltype(function)>::type;
    T value = foldLanes(static_cast<const T *>(column), n, function);
    if constexpr (std::is_same_v<T, double>)
      result.f = value;
    else
      result.i = value;
  });
  if (!isFloatCombiner(combiner))
    wrapColumn(width, &result.i, 1);
  return result;
}

void graphrun::combine(Combiner combiner, unsigned width, Cell &accumulator,
                       Cell value) {
  if (isFloatCombiner(combiner)) {
    double pair[2] = {accumulator.f, value.f};
    accumulator = foldColumn(combiner, width, pair, 2);
    return;
  }
  int64_t pair[2] = {accumulator.i, value.i};
  accumulator = foldColumn(combiner, width, pair, 2);
}
