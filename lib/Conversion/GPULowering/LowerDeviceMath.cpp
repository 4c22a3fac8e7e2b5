//===- LowerDeviceMath.cpp - Math that the device has itself --------------===//
//
// Lowers the math ops for which PTX has correctly rounded instructions, before
// upstream turns the rest into calls of libdevice. (Of libdevice's square root
// upstream's set-up would choose the approximate variant.)
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace graphopt {
#define GEN_PASS_DEF_LOWERDEVICEMATH
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

namespace {

/// Whether PTX has arithmetic on `type`: LLVM promotes no other float.
bool isDeviceFloat(Type type) { return type.isF32() || type.isF64(); }

// Pattern: math op on T -> llvm.call_intrinsic "name.T"
template <typename OpTy>
struct ToIntrinsic : OpRewritePattern<OpTy> {
  /// `flags` is how many i1 zeros the intrinsic takes after the operands.
  ToIntrinsic(MLIRContext *context, StringRef name, unsigned flags = 0)
      : OpRewritePattern<OpTy>(context), name(name), flags(flags) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Type type = op->getResult(0).getType();
    if (!isDeviceFloat(type) && !type.isSignlessInteger())
      return failure();
    std::string suffix = isa<FloatType>(type) ? ".f" : ".i";
    suffix += std::to_string(type.getIntOrFloatBitWidth());
    SmallVector<Value> operands(op->getOperands());
    for (unsigned i = 0; i < flags; ++i)
      operands.push_back(
          arith::ConstantIntOp::create(rewriter, op.getLoc(), 0, 1));
    auto call = LLVM::CallIntrinsicOp::create(
        rewriter, op.getLoc(), type, rewriter.getStringAttr(name + suffix),
        operands);
    rewriter.replaceOp(op, call->getResults());
    return success();
  }

  std::string name;
  unsigned flags;
};

struct LowerDeviceMath
    : public graphopt::impl::LowerDeviceMathBase<LowerDeviceMath> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<ToIntrinsic<math::SqrtOp>>(context, "llvm.sqrt");
    patterns.add<ToIntrinsic<math::FmaOp>>(context, "llvm.fma");
    patterns.add<ToIntrinsic<math::AbsFOp>>(context, "llvm.fabs");
    patterns.add<ToIntrinsic<math::CopySignOp>>(context, "llvm.copysign");
    patterns.add<ToIntrinsic<math::FloorOp>>(context, "llvm.floor");
    patterns.add<ToIntrinsic<math::CeilOp>>(context, "llvm.ceil");
    patterns.add<ToIntrinsic<math::TruncOp>>(context, "llvm.trunc");
    patterns.add<ToIntrinsic<math::RoundEvenOp>>(context, "llvm.roundeven");
    patterns.add<ToIntrinsic<math::CtPopOp>>(context, "llvm.ctpop");
    patterns.add<ToIntrinsic<math::AbsIOp>>(context, "llvm.abs", 1);
    patterns.add<ToIntrinsic<math::CountLeadingZerosOp>>(context, "llvm.ctlz",
                                                         1);
    patterns.add<ToIntrinsic<math::CountTrailingZerosOp>>(context, "llvm.cttz",
                                                          1);
    math::populateExpansionPatterns(patterns, {"fpowi"});
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
