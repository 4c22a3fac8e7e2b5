//===- FloatOps.cpp - Floating-point column operations --------------------===//
//
// Implements the operations whose operands are floats: arithmetic, `math`
// functions, comparisons and classification.
//
//===----------------------------------------------------------------------===//

#include "ColumnOpsDetail.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringMap.h"

#include <cmath>

using namespace graphrun;
using namespace graphrun::detail;

namespace {
//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

template <double (*F)(double)>
void unary(const ColumnOp &op, const ColumnEnv &env) {
  const double *a = source<double>(op, env, 0);
  double *__restrict d = target<double>(op, env);
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = F(a[i]);
  roundColumn(op.result.kind, d, env.length);
}

template <double (*F)(double, double)>
void binary(const ColumnOp &op, const ColumnEnv &env) {
  const double *a = source<double>(op, env, 0);
  const double *b = source<double>(op, env, 1);
  double *__restrict d = target<double>(op, env);
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = F(a[i], b[i]);
  roundColumn(op.result.kind, d, env.length);
}

template <bool (*F)(double)>
void classify(const ColumnOp &op, const ColumnEnv &env) {
  const double *a = source<double>(op, env, 0);
  int64_t *__restrict d = target<int64_t>(op, env);
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = -static_cast<int64_t>(F(a[i]));
}

/// Calls `F` on operands of the op's own type, for functions whose f64 result
/// can not be rounded afterwards (fused multiply-add).
void fma(const ColumnOp &op, const ColumnEnv &env) {
  const double *a = source<double>(op, env, 0);
  const double *b = source<double>(op, env, 1);
  const double *c = source<double>(op, env, 2);
  double *__restrict d = target<double>(op, env);
  if (op.result.kind == ElementKind::F32) {
    for (int64_t i = 0; i < env.length; ++i)
      d[i] = std::fma(static_cast<float>(a[i]), static_cast<float>(b[i]),
                      static_cast<float>(c[i]));
    return;
  }
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = std::fma(a[i], b[i], c[i]);
  roundColumn(op.result.kind, d, env.length);
}

void sincos(const ColumnOp &op, const ColumnEnv &env) {
  const double *a = source<double>(op, env, 0);
  double *__restrict s = target<double>(op, env, 0);
  double *__restrict c = target<double>(op, env, 1);
  for (int64_t i = 0; i < env.length; ++i) {
    s[i] = std::sin(a[i]);
    c[i] = std::cos(a[i]);
  }
  roundColumn(op.result.kind, s, env.length);
  roundColumn(op.result.kind, c, env.length);
}

void fpowi(const ColumnOp &op, const ColumnEnv &env) {
  const double *a = source<double>(op, env, 0);
  const int64_t *b = source<int64_t>(op, env, 1);
  double *__restrict d = target<double>(op, env);
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = std::pow(a[i], static_cast<double>(b[i]));
  roundColumn(op.result.kind, d, env.length);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

double add(double a, double b) { return a + b; }
double sub(double a, double b) { return a - b; }
double mul(double a, double b) { return a * b; }
double div(double a, double b) { return a / b; }
double neg(double a) { return -a; }
double rsqrt(double a) { return 1.0 / std::sqrt(a); }
double identity(double a) { return a; }

bool isFinite(double a) { return std::fabs(a) <= 1.7976931348623157e308; }
bool isInf(double a) { return std::fabs(a) == HUGE_VAL; }
bool isNaN(double a) { return a != a; }

/// Smallest normal number of a float kind.
double smallestNormal(ElementKind kind) {
  switch (kind) {
  case ElementKind::F16:
    return 0x1p-14;
  case ElementKind::F64:
    return 0x1p-1022;
  default:
    return 0x1p-126;
  }
}
void isNormal(const ColumnOp &op, const ColumnEnv &env) {
  const double *a = source<double>(op, env, 0);
  int64_t *__restrict d = target<int64_t>(op, env);
  double smallest = smallestNormal(op.source.kind);
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = -static_cast<int64_t>(std::fabs(a[i]) >= smallest && isFinite(a[i]));
}

/// math.clampf: maxf(minf(value, high), low), operands (value, low, high).
void clamp(const ColumnOp &op, const ColumnEnv &env) {
  const double *value = source<double>(op, env, 0);
  const double *low = source<double>(op, env, 1);
  const double *high = source<double>(op, env, 2);
  double *__restrict d = target<double>(op, env);
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = maximum(minimum(value[i], high[i]), low[i]);
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

template <typename F>
void compareLoop(const ColumnOp &op, const ColumnEnv &env, F predicate) {
  const double *a = source<double>(op, env, 0);
  const double *b = source<double>(op, env, 1);
  int64_t *__restrict d = target<int64_t>(op, env);
  for (int64_t i = 0; i < env.length; ++i)
    d[i] = -static_cast<int64_t>(predicate(a[i], b[i]));
}

void compare(const ColumnOp &op, const ColumnEnv &env) {
  using P = mlir::arith::CmpFPredicate;
  switch (static_cast<P>(op.immediate)) {
  case P::AlwaysFalse:
    return compareLoop(op, env, [](double, double) { return false; });
  case P::OEQ:
    return compareLoop(op, env, [](double a, double b) { return a == b; });
  case P::OGT:
    return compareLoop(op, env, [](double a, double b) { return a > b; });
  case P::OGE:
    return compareLoop(op, env, [](double a, double b) { return a >= b; });
  case P::OLT:
    return compareLoop(op, env, [](double a, double b) { return a < b; });
  case P::OLE:
    return compareLoop(op, env, [](double a, double b) { return a <= b; });
  case P::ONE:
    return compareLoop(op, env,
                       [](double a, double b) { return a < b || a > b; });
  case P::ORD:
    return compareLoop(op, env,
                       [](double a, double b) { return a == a && b == b; });
  case P::UEQ:
    return compareLoop(op, env,
                       [](double a, double b) { return !(a < b || a > b); });
  case P::UGT:
    return compareLoop(op, env, [](double a, double b) { return !(a <= b); });
  case P::UGE:
    return compareLoop(op, env, [](double a, double b) { return !(a < b); });
  case P::ULT:
    return compareLoop(op, env, [](double a, double b) { return !(a >= b); });
  case P::ULE:
    return compareLoop(op, env, [](double a, double b) { return !(a > b); });
  case P::UNE:
    return compareLoop(op, env, [](double a, double b) { return a != b; });
  case P::UNO:
    return compareLoop(op, env,
                       [](double a, double b) { return a != a || b != b; });
  case P::AlwaysTrue:
    return compareLoop(op, env, [](double, double) { return true; });
  }
}
} // namespace

KernelFn detail::floatKernel(llvm::StringRef name) {
  static const llvm::StringMap<KernelFn> kernels = {
      {"arith.addf", binary<add>},
      {"arith.subf", binary<sub>},
      {"arith.mulf", binary<mul>},
      {"arith.divf", binary<div>},
      {"arith.remf", binary<::fmod>},
      {"arith.negf", unary<neg>},
      {"arith.maximumf", binary<maximum>},
      {"arith.minimumf", binary<minimum>},
      {"arith.maxnumf", binary<maxNum>},
      {"arith.minnumf", binary<minNum>},
      {"arith.extf", unary<identity>},
      {"arith.truncf", unary<identity>},
      {"arith.cmpf", compare},
      {"math.absf", unary<::fabs>},
      {"math.acos", unary<::acos>},
      {"math.acosh", unary<::acosh>},
      {"math.asin", unary<::asin>},
      {"math.asinh", unary<::asinh>},
      {"math.atan", unary<::atan>},
      {"math.atan2", binary<::atan2>},
      {"math.atanh", unary<::atanh>},
      {"math.cbrt", unary<::cbrt>},
      {"math.ceil", unary<::ceil>},
      {"math.clampf", clamp},
      {"math.copysign", binary<::copysign>},
      {"math.cos", unary<::cos>},
      {"math.cosh", unary<::cosh>},
      {"math.erf", unary<::erf>},
      {"math.erfc", unary<::erfc>},
      {"math.exp", unary<::exp>},
      {"math.exp2", unary<::exp2>},
      {"math.expm1", unary<::expm1>},
      {"math.floor", unary<::floor>},
      {"math.fma", fma},
      {"math.fpowi", fpowi},
      {"math.isfinite", classify<isFinite>},
      {"math.isinf", classify<isInf>},
      {"math.isnan", classify<isNaN>},
      {"math.isnormal", isNormal},
      {"math.log", unary<::log>},
      {"math.log10", unary<::log10>},
      {"math.log1p", unary<::log1p>},
      {"math.log2", unary<::log2>},
      {"math.powf", binary<::pow>},
      {"math.round", unary<::round>},
      {"math.roundeven", unary<::rint>},
      {"math.rsqrt", unary<rsqrt>},
      {"math.sin", unary<::sin>},
      {"math.sincos", sincos},
      {"math.sinh", unary<::sinh>},
      {"math.sqrt", unary<::sqrt>},
      {"math.tan", unary<::tan>},
      {"math.tanh", unary<::tanh>},
      {"math.trunc", unary<::trunc>},
  };
  return kernels.lookup(name);
}
