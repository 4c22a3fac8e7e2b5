//===- TensorSeqCombiners.cpp - Combiners of reductions -------------------===//
//
// Implements identities of combiners and the arith ops that stand for them.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::tseq;

/// The arith op kind that joins two values, which also knows the identity.
static std::optional<arith::AtomicRMWKind> getKind(Combiner combiner,
                                                   Type type) {
  using K = arith::AtomicRMWKind;
  bool isFloat = isa<FloatType>(type);
  if (!isFloat && !type.isIntOrIndex())
    return std::nullopt;
  auto only = [](bool legal, K kind) {
    return legal ? std::optional<K>(kind) : std::nullopt;
  };
  switch (combiner) {
  case Combiner::Add:
    return isFloat ? K::addf : K::addi;
  case Combiner::Mul:
    return isFloat ? K::mulf : K::muli;
  case Combiner::Maximum:
    return only(isFloat, K::maximumf);
  case Combiner::Minimum:
    return only(isFloat, K::minimumf);
  case Combiner::MaxNum:
    return only(isFloat, K::maxnumf);
  case Combiner::MinNum:
    return only(isFloat, K::minnumf);
  case Combiner::MaxS:
    return only(!isFloat, K::maxs);
  case Combiner::MinS:
    return only(!isFloat, K::mins);
  case Combiner::MaxU:
    return only(!isFloat, K::maxu);
  case Combiner::MinU:
    return only(!isFloat, K::minu);
  case Combiner::And:
    return only(!isFloat, K::andi);
  case Combiner::Or:
    return only(!isFloat, K::ori);
  case Combiner::Xor:
    return only(!isFloat, K::xori);
  }
  return std::nullopt;
}

TypedAttr mlir::tseq::getIdentity(Combiner combiner, Type type) {
  if (!getKind(combiner, type))
    return {};
  if (auto floatType = dyn_cast<FloatType>(type)) {
    const llvm::fltSemantics &sem = floatType.getFloatSemantics();
    auto get = [&](const APFloat &value) {
      return FloatAttr::get(type, value);
    };
    switch (combiner) {
    case Combiner::Add:
      return get(APFloat::getZero(sem));
    case Combiner::Mul:
      return get(APFloat::getOne(sem));
    case Combiner::Maximum:
      return get(APFloat::getInf(sem, /*Negative=*/true));
    case Combiner::Minimum:
      return get(APFloat::getInf(sem));
    // A NaN is dropped by these two, so it is what changes nothing.
    default:
      return get(APFloat::getNaN(sem));
    }
  }
  unsigned width = isa<IndexType>(type) ? IndexType::kInternalStorageBitWidth
                                        : type.getIntOrFloatBitWidth();
  auto get = [&](const APInt &value) { return IntegerAttr::get(type, value); };
  switch (combiner) {
  case Combiner::Mul:
    return get(APInt(width, 1));
  case Combiner::MaxS:
    return get(APInt::getSignedMinValue(width));
  case Combiner::MinS:
    return get(APInt::getSignedMaxValue(width));
  case Combiner::MinU:
  case Combiner::And:
    return get(APInt::getAllOnes(width));
  default:
    return get(APInt::getZero(width));
  }
}

Value mlir::tseq::createCombination(OpBuilder &builder, Location loc,
                                    Combiner combiner, Value lhs, Value rhs) {
  return arith::getReductionOp(*getKind(combiner, lhs.getType()), builder, loc,
                               lhs, rhs);
}

std::optional<Combiner> mlir::tseq::matchCombiner(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<Combiner>>(op)
      .Case<arith::AddFOp, arith::AddIOp>([](auto) { return Combiner::Add; })
      .Case<arith::MulFOp, arith::MulIOp>([](auto) { return Combiner::Mul; })
      .Case<arith::MaximumFOp>([](auto) { return Combiner::Maximum; })
      .Case<arith::MinimumFOp>([](auto) { return Combiner::Minimum; })
      .Case<arith::MaxNumFOp>([](auto) { return Combiner::MaxNum; })
      .Case<arith::MinNumFOp>([](auto) { return Combiner::MinNum; })
      .Case<arith::MaxSIOp>([](auto) { return Combiner::MaxS; })
      .Case<arith::MinSIOp>([](auto) { return Combiner::MinS; })
      .Case<arith::MaxUIOp>([](auto) { return Combiner::MaxU; })
      .Case<arith::MinUIOp>([](auto) { return Combiner::MinU; })
      .Case<arith::AndIOp>([](auto) { return Combiner::And; })
      .Case<arith::OrIOp>([](auto) { return Combiner::Or; })
      .Case<arith::XOrIOp>([](auto) { return Combiner::Xor; })
      .Default([](Operation *) { return std::nullopt; });
}
