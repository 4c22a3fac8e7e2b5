//===- ExpandAtomics.cpp - Atomic updates that LLVM can do ----------------===//
//
// Rewrites the atomic updates of other compilers' kernels that the lowering of
// memref to LLVM does not know or gets wrong.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace graphopt {
#define GEN_PASS_DEF_EXPANDATOMICS
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

// Pattern: memref.atomic_rmw mulf|muli -> memref.generic_atomic_rmw
static void expandProduct(memref::AtomicRMWOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto generic = memref::GenericAtomicRMWOp::create(
      builder, loc, op.getMemref(), op.getIndices());
  builder.setInsertionPointToStart(generic.getBody());
  Value current = generic.getCurrentValue();
  Value product;
  if (op.getKind() == arith::AtomicRMWKind::mulf)
    product = arith::MulFOp::create(builder, loc, current, op.getValue());
  else
    product = arith::MulIOp::create(builder, loc, current, op.getValue());
  memref::AtomicYieldOp::create(builder, loc, product);
  op.getResult().replaceAllUsesWith(generic.getResult());
  op.erase();
}

// Pattern: memref.generic_atomic_rmw of floats -> of integers of their width
static void compareIntegers(memref::GenericAtomicRMWOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto type = cast<MemRefType>(op.getMemref().getType());
  Type element = type.getElementType();
  Type bits = builder.getIntegerType(element.getIntOrFloatBitWidth());
  MemRefType bitsType = MemRefType::Builder(type).setElementType(bits);
  Value memref = UnrealizedConversionCastOp::create(
                     builder, loc, TypeRange{bitsType}, op.getMemref())
                     .getResult(0);
  auto generic =
      memref::GenericAtomicRMWOp::create(builder, loc, memref, op.getIndices());
  Block *body = generic.getBody();
  Block *given = op.getBody();
  builder.setInsertionPointToStart(body);
  Value current = arith::BitcastOp::create(builder, loc, element,
                                           generic.getCurrentValue());
  given->getArgument(0).replaceAllUsesWith(current);
  body->getOperations().splice(body->end(), given->getOperations());
  auto yield = cast<memref::AtomicYieldOp>(body->getTerminator());
  builder.setInsertionPoint(yield);
  yield.getResultMutable().assign(
      arith::BitcastOp::create(builder, loc, bits, yield.getResult()));
  builder.setInsertionPointAfter(generic);
  Value before =
      arith::BitcastOp::create(builder, loc, element, generic.getResult());
  op.getResult().replaceAllUsesWith(before);
  op.erase();
}

namespace {
struct ExpandAtomics : public graphopt::impl::ExpandAtomicsBase<ExpandAtomics> {
  void runOnOperation() override {
    getOperation()->walk([](memref::AtomicRMWOp op) {
      if (op.getKind() == arith::AtomicRMWKind::mulf ||
          op.getKind() == arith::AtomicRMWKind::muli)
        expandProduct(op);
    });
    getOperation()->walk([](memref::GenericAtomicRMWOp op) {
      if (isa<FloatType>(op.getResult().getType()))
        compareIntegers(op);
    });
  }
};
} // namespace
