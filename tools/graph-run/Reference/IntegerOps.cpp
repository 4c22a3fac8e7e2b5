//===- IntegerOps.cpp - Integer column operations -------------------------===//
//
// Implements the operations whose operands or results are integers, including
// conversions. A division that the IR leaves undefined is a fault; where only
// the result is undefined, as that of a shift by the width or more, the
// evaluator yields zero.
//
//===----------------------------------------------------------------------===//

#include "ColumnOpsDetail.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/bit.h"

#include <cstring>

using namespace graphrun;
using namespace graphrun::detail;

namespace {
/// Operands of a signed or unsigned binary op. `a` and `b` are sign-extended;
/// `ua` and `ub` are their values as unsigned numbers of `width` bits.
struct Operands {
  int64_t a, b;
  uint64_t ua, ub;
  unsigned width;
};

template <int64_t (*F)(const Operands &)>
void binary(const ColumnOp &op, const ColumnEnv &env) {
  const int64_t *a = source<int64_t>(op, env, 0);
  const int64_t *b = source<int64_t>(op, env, 1);
  int64_t *__restrict d = target<int64_t>(op, env);
  unsigned width = op.result.width;
  uint64_t mask = maskOf(width);
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = F({a[i], b[i], uint64_t(a[i]) & mask, uint64_t(b[i]) & mask, width});
  wrapColumn(width, d, env.length);
}

int64_t add(const Operands &o) { return int64_t(o.ua + o.ub); }
int64_t sub(const Operands &o) { return int64_t(o.ua - o.ub); }
int64_t mul(const Operands &o) { return int64_t(o.ua * o.ub); }
int64_t andi(const Operands &o) { return o.a & o.b; }
int64_t ori(const Operands &o) { return o.a | o.b; }
int64_t xori(const Operands &o) { return o.a ^ o.b; }
int64_t maxsi(const Operands &o) { return o.a > o.b ? o.a : o.b; }
int64_t minsi(const Operands &o) { return o.a < o.b ? o.a : o.b; }
int64_t maxui(const Operands &o) { return o.ua > o.ub ? o.a : o.b; }
int64_t minui(const Operands &o) { return o.ua < o.ub ? o.a : o.b; }
int64_t shli(const Operands &o) {
  return o.ub < o.width ? int64_t(o.ua << o.ub) : 0;
}
int64_t shrui(const Operands &o) {
  return o.ub < o.width ? int64_t(o.ua >> o.ub) : 0;
}
int64_t shrsi(const Operands &o) { return o.ub < o.width ? o.a >> o.ub : 0; }
int64_t divsi(const Operands &o) { return o.a / o.b; }
int64_t remsi(const Operands &o) { return o.b == -1 ? 0 : o.a % o.b; }
int64_t divui(const Operands &o) { return int64_t(o.ua / o.ub); }
int64_t remui(const Operands &o) { return int64_t(o.ua % o.ub); }
int64_t ceildivui(const Operands &o) {
  return int64_t(o.ua / o.ub + (o.ua % o.ub != 0));
}
int64_t floordivsi(const Operands &o) {
  int64_t rest = remsi(o);
  return divsi(o) - (rest != 0 && (rest < 0) != (o.b < 0));
}
int64_t ceildivsi(const Operands &o) {
  int64_t rest = remsi(o);
  return divsi(o) + (rest != 0 && (rest < 0) == (o.b < 0));
}

/// A division, if it is defined everywhere. `canOverflow` says whether the
/// smallest integer divided by -1 is not.
template <int64_t (*F)(const Operands &), bool canOverflow>
void division(const ColumnOp &op, const ColumnEnv &env) {
  const int64_t *a = source<int64_t>(op, env, 0);
  const int64_t *b = source<int64_t>(op, env, 1);
  int64_t smallest = int64_t(~uint64_t(0) << (op.result.width - 1));
  bool byZero = false, overflows = false;
  for (int64_t i = 0; i < env.length; ++i) {
    byZero |= b[i] == 0;
    overflows |= canOverflow && b[i] == -1 && a[i] == smallest;
  }
  if (!byZero && !overflows)
    return binary<F>(op, env);
  env.fault->store(byZero ? Fault::DivisionByZero : Fault::DivisionOverflow,
                   std::memory_order_relaxed);
  std::fill_n(target<int64_t>(op, env), env.length, 0);
}

int64_t ipowi(const Operands &o) {
  if (o.b < 0)
    return o.a == 1 ? 1 : o.a == -1 ? (o.b & 1 ? -1 : 1) : 0;
  uint64_t power = 1, base = o.ua;
  for (uint64_t exponent = o.b; exponent; exponent >>= 1) {
    power *= exponent & 1 ? base : 1;
    base *= base;
  }
  return int64_t(power);
}
/// Upper half of the double-width product.
int64_t mulHighSigned(const Operands &o) {
  return int64_t((__int128(o.a) * o.b) >> o.width);
}
int64_t mulHighUnsigned(const Operands &o) {
  return int64_t(((unsigned __int128)(o.ua) * o.ub) >> o.width);
}
int64_t carry(const Operands &o) {
  return -int64_t(((o.ua + o.ub) & maskOf(o.width)) < o.ua);
}

/// An op with a second result computed by `High`.
template <int64_t (*Low)(const Operands &), int64_t (*High)(const Operands &)>
void extended(const ColumnOp &op, const ColumnEnv &env) {
  ColumnOp high = op;
  high.targets[0] = op.targets[1];
  binary<Low>(op, env);
  binary<High>(high, env);
}

template <int64_t (*F)(uint64_t value, unsigned width)>
void unary(const ColumnOp &op, const ColumnEnv &env) {
  const int64_t *a = source<int64_t>(op, env, 0);
  int64_t *__restrict d = target<int64_t>(op, env);
  uint64_t mask = maskOf(op.source.width);
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = F(uint64_t(a[i]) & mask, op.source.width);
  wrapColumn(op.result.width, d, env.length);
}
int64_t ctlz(uint64_t a, unsigned width) {
  return llvm::countl_zero(a) - int64_t(64 - width);
}
int64_t cttz(uint64_t a, unsigned width) {
  return a ? llvm::countr_zero(a) : width;
}
int64_t ctpop(uint64_t a, unsigned) { return llvm::popcount(a); }
int64_t absi(uint64_t a, unsigned width) {
  bool negative = a >> (width - 1) & 1;
  return int64_t(negative ? 0 - a : a);
}
/// Conversions between integer widths: the operand as an unsigned number.
int64_t unsignedValue(uint64_t a, unsigned) { return int64_t(a); }

/// Conversions that keep the sign-extended value (extsi, trunci, index_cast).
void signedValue(const ColumnOp &op, const ColumnEnv &env) {
  int64_t *d = target<int64_t>(op, env);
  std::memcpy(d, source<int64_t>(op, env, 0), env.length * sizeof(int64_t));
  wrapColumn(op.result.width, d, env.length);
}

//===----------------------------------------------------------------------===//
// Conversions between floats and integers
//===----------------------------------------------------------------------===//

template <typename Int>
void intToFloat(const ColumnOp &op, const ColumnEnv &env) {
  const int64_t *a = source<int64_t>(op, env, 0);
  double *__restrict d = target<double>(op, env);
  uint64_t mask =
      std::is_signed<Int>::value ? ~uint64_t(0) : maskOf(op.source.width);
  // Through f64 a 64-bit integer would be rounded twice.
  if (op.result.kind == ElementKind::F32) {
    for (int64_t i = 0; i < env.length; ++i)
      d[i] = static_cast<float>(static_cast<Int>(uint64_t(a[i]) & mask));
    return;
  }
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = static_cast<double>(static_cast<Int>(uint64_t(a[i]) & mask));
  roundColumn(op.result.kind, d, env.length);
}

/// Truncates toward zero. Values outside of the result's range, which the IR
/// leaves undefined, are clamped to 64 bits and wrapped.
template <bool isSigned>
void floatToInt(const ColumnOp &op, const ColumnEnv &env) {
  const double *a = source<double>(op, env, 0);
  int64_t *__restrict d = target<int64_t>(op, env);
  for (int64_t i = 0; i < env.length; ++i) {
    double value = a[i] == a[i] ? a[i] : 0.0;
    if (isSigned || value < 0x1p63) {
      value = value < -0x1p63 ? -0x1p63 : value;
      d[i] = value < 0x1p63 ? static_cast<int64_t>(value) : INT64_MAX;
    } else {
      d[i] = value < 0x1p64 ? int64_t(static_cast<uint64_t>(value)) : -1;
    }
  }
  wrapColumn(op.result.width, d, env.length);
}

ElementKind storageOf(const ScalarType &type) {
  if (type.isFloat)
    return type.kind;
  return type.width == 16   ? ElementKind::I16
         : type.width == 32 ? ElementKind::I32
                            : ElementKind::I64;
}

void bitcast(const ColumnOp &op, const ColumnEnv &env) {
  alignas(8) char stored[maxColumnLength * sizeof(Cell)];
  storeColumn(storageOf(op.source), stored, 1, env.length,
              env.columns[op.sources[0]]);
  loadColumn(storageOf(op.result), stored, 1, env.length,
             env.columns[op.targets[0]]);
}

//===----------------------------------------------------------------------===//
// Comparison and selection
//===----------------------------------------------------------------------===//

template <typename F>
void compareLoop(const ColumnOp &op, const ColumnEnv &env, F predicate) {
  const int64_t *a = source<int64_t>(op, env, 0);
  const int64_t *b = source<int64_t>(op, env, 1);
  int64_t *__restrict d = target<int64_t>(op, env);
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = -static_cast<int64_t>(predicate(a[i], b[i]));
}

/// Sign extension keeps the unsigned order, so no mask is needed.
void compare(const ColumnOp &op, const ColumnEnv &env) {
  using P = mlir::arith::CmpIPredicate;
  using U = uint64_t;
  switch (static_cast<P>(op.immediate)) {
  case P::eq:
    return compareLoop(op, env, [](int64_t a, int64_t b) { return a == b; });
  case P::ne:
    return compareLoop(op, env, [](int64_t a, int64_t b) { return a != b; });
  case P::slt:
    return compareLoop(op, env, [](int64_t a, int64_t b) { return a < b; });
  case P::sle:
    return compareLoop(op, env, [](int64_t a, int64_t b) { return a <= b; });
  case P::sgt:
    return compareLoop(op, env, [](int64_t a, int64_t b) { return a > b; });
  case P::sge:
    return compareLoop(op, env, [](int64_t a, int64_t b) { return a >= b; });
  case P::ult:
    return compareLoop(op, env,
                       [](int64_t a, int64_t b) { return U(a) < U(b); });
  case P::ule:
    return compareLoop(op, env,
                       [](int64_t a, int64_t b) { return U(a) <= U(b); });
  case P::ugt:
    return compareLoop(op, env,
                       [](int64_t a, int64_t b) { return U(a) > U(b); });
  case P::uge:
    return compareLoop(op, env,
                       [](int64_t a, int64_t b) { return U(a) >= U(b); });
  }
}

template <typename T>
void selectLoop(const ColumnOp &op, const ColumnEnv &env) {
  const int64_t *condition = source<int64_t>(op, env, 0);
  const T *a = source<T>(op, env, 1);
  const T *b = source<T>(op, env, 2);
  T *__restrict d = target<T>(op, env);
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = condition[i] ? a[i] : b[i];
}
void select(const ColumnOp &op, const ColumnEnv &env) {
  op.result.isFloat ? selectLoop<double>(op, env)
                    : selectLoop<int64_t>(op, env);
}
} // namespace

KernelFn detail::integerKernel(llvm::StringRef name) {
  static const llvm::StringMap<KernelFn> kernels = {
      {"arith.addi", binary<add>},
      {"arith.subi", binary<sub>},
      {"arith.muli", binary<mul>},
      {"arith.andi", binary<andi>},
      {"arith.ori", binary<ori>},
      {"arith.xori", binary<xori>},
      {"arith.maxsi", binary<maxsi>},
      {"arith.minsi", binary<minsi>},
      {"arith.maxui", binary<maxui>},
      {"arith.minui", binary<minui>},
      {"arith.shli", binary<shli>},
      {"arith.shrui", binary<shrui>},
      {"arith.shrsi", binary<shrsi>},
      {"arith.divsi", division<divsi, true>},
      {"arith.remsi", division<remsi, false>},
      {"arith.divui", division<divui, false>},
      {"arith.remui", division<remui, false>},
      {"arith.ceildivui", division<ceildivui, false>},
      {"arith.ceildivsi", division<ceildivsi, true>},
      {"arith.floordivsi", division<floordivsi, true>},
      {"arith.mulsi_extended", extended<mul, mulHighSigned>},
      {"arith.mului_extended", extended<mul, mulHighUnsigned>},
      {"arith.addui_extended", extended<add, carry>},
      {"arith.extsi", signedValue},
      {"arith.extui", unary<unsignedValue>},
      {"arith.trunci", signedValue},
      {"arith.index_cast", signedValue},
      {"arith.index_castui", unary<unsignedValue>},
      {"arith.sitofp", intToFloat<int64_t>},
      {"arith.uitofp", intToFloat<uint64_t>},
      {"arith.fptosi", floatToInt<true>},
      {"arith.fptoui", floatToInt<false>},
      {"arith.bitcast", bitcast},
      {"arith.cmpi", compare},
      {"arith.select", select},
      {"math.absi", unary<absi>},
      {"math.ctlz", unary<ctlz>},
      {"math.cttz", unary<cttz>},
      {"math.ctpop", unary<ctpop>},
      {"math.ipowi", binary<ipowi>},
      {"index.add", binary<add>},
      {"index.sub", binary<sub>},
      {"index.mul", binary<mul>},
      {"index.divs", division<divsi, true>},
      {"index.divu", division<divui, false>},
      {"index.ceildivs", division<ceildivsi, true>},
      {"index.ceildivu", division<ceildivui, false>},
      {"index.floordivs", division<floordivsi, true>},
      {"index.rems", division<remsi, false>},
      {"index.remu", division<remui, false>},
      {"index.maxs", binary<maxsi>},
      {"index.maxu", binary<maxui>},
      {"index.mins", binary<minsi>},
      {"index.minu", binary<minui>},
      {"index.shl", binary<shli>},
      {"index.shrs", binary<shrsi>},
      {"index.shru", binary<shrui>},
      {"index.casts", signedValue},
      {"index.castu", unary<unsignedValue>},
      {"index.cmp", compare},
      {"index.and", binary<andi>},
      {"index.or", binary<ori>},
      {"index.xor", binary<xori>},
  };
  return kernels.lookup(name);
}
