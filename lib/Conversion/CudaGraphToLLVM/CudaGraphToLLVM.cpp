//===- CudaGraphToLLVM.cpp - Lowering of cudagraph ------------------------===//
//
// Implements convert-cudagraph-to-llvm: the patterns for graphs and for the
// host ops, the pass, and the interface for upstream's convert-to-llvm.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/CudaGraphToLLVM.h"
#include "GraphBuilder.h"
#include "GraphOpt/Conversion/EntryPoints.h"
#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"
#include "RuntimeCalls.h"

#include "mlir/Conversion/ConvertToLLVM/ToLLVMInterface.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace graphopt {
#define GEN_PASS_DEF_CONVERTCUDAGRAPHTOLLVM
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::cudagraph;
using namespace graphopt;

namespace {
template <typename OpTy>
class CudaGraphPattern : public ConvertOpToLLVMPattern<OpTy> {
public:
  CudaGraphPattern(const LLVMTypeConverter &converter,
                   SymbolTableCollection *symbols)
      : ConvertOpToLLVMPattern<OpTy>(converter), symbols(symbols) {}

protected:
  SymbolTableCollection *symbols;
};

/// Takes stack memory while it lives and gives it back at the end, so that a
/// launch in a loop, or hundreds of launches, do not add up.
class StackScope {
public:
  StackScope(OpBuilder &builder, Location loc, RuntimeCalls &calls)
      : builder(builder), loc(loc),
        saved(LLVM::StackSaveOp::create(builder, loc, calls.pointerType())) {}
  ~StackScope() { LLVM::StackRestoreOp::create(builder, loc, saved); }

private:
  OpBuilder &builder;
  Location loc;
  Value saved;
};
} // namespace

/// An array on the stack with the address of the first element of each memref;
/// null if there are none.
static Value emitAddresses(OpBuilder &builder, Location loc,
                           RuntimeCalls &calls,
                           const LLVMTypeConverter &converter,
                           OperandRange memrefs, ValueRange descriptors) {
  if (memrefs.empty())
    return calls.null();
  Value array = calls.stackArray(calls.pointerType(), memrefs.size());
  for (auto [index, memref, descriptor] :
       llvm::enumerate(memrefs, descriptors)) {
    Value address = MemRefDescriptor(descriptor)
                        .bufferPtr(builder, loc, converter,
                                   cast<MemRefType>(memref.getType()));
    calls.store(address, calls.element(array, calls.pointerType(), index));
  }
  return array;
}

namespace {
// Pattern: graph @g {..} -> llvm.func @g.build, global @g.info
struct GraphLowering : CudaGraphPattern<GraphOp> {
  using CudaGraphPattern::CudaGraphPattern;
  LogicalResult
  matchAndRewrite(GraphOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (failed(emitGraphBuilder(op, rewriter, symbols)))
      return failure();
    rewriter.eraseOp(op);
    return success();
  }
};

// Pattern: instantiate @g -> goGraphInstantiate(context, @g.info, slot)
struct InstantiateLowering : CudaGraphPattern<InstantiateOp> {
  using CudaGraphPattern::CudaGraphPattern;
  LogicalResult
  matchAndRewrite(InstantiateOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op.getLoc(), op, symbols);
    FailureOr<Value> context = findRuntimeArgument(op, kContextAttr);
    if (failed(context))
      return failure();
    Value exec;
    {
      StackScope scope(rewriter, op.getLoc(), calls);
      Value slot = calls.stackArray(calls.pointerType(), 1);
      // After a failure there is no executable; launches of none are refused.
      calls.store(calls.null(), slot);
      if (failed(calls.call(
              "goGraphInstantiate",
              {*context, calls.addressOf(graphInfoName(op.getGraph())), slot})))
        return failure();
      exec = calls.load(calls.pointerType(), slot);
    }
    rewriter.replaceOp(op, exec);
    return success();
  }
};

// Pattern: launch %e -> goExecLaunch(%e, stream, addresses, parameters, n)
struct LaunchLowering : CudaGraphPattern<LaunchOp> {
  using CudaGraphPattern::CudaGraphPattern;
  LogicalResult
  matchAndRewrite(LaunchOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op.getLoc(), op, symbols);
    FailureOr<Value> stream = findRuntimeArgument(op, kStreamAttr);
    if (failed(stream))
      return failure();
    {
      StackScope scope(rewriter, op.getLoc(), calls);
      Value addresses =
          emitAddresses(rewriter, op.getLoc(), calls, *getTypeConverter(),
                        op.getBuffers(), adaptor.getBuffers());
      ValueRange parameters = adaptor.getParameters();
      Value block = parameters.empty()
                        ? calls.null()
                        : calls.stackArray(calls.i64Type(), parameters.size());
      for (auto [index, value] : llvm::enumerate(parameters))
        calls.store(value, calls.element(block, calls.i64Type(), index));
      if (failed(calls.call("goExecLaunch",
                            {adaptor.getExec(), *stream, addresses, block,
                             calls.constant(parameters.size())})))
        return failure();
    }
    rewriter.eraseOp(op);
    return success();
  }
};

// Pattern: update %e -> goExecUpdate(%e, addresses)
struct UpdateLowering : CudaGraphPattern<UpdateOp> {
  using CudaGraphPattern::CudaGraphPattern;
  LogicalResult
  matchAndRewrite(UpdateOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op.getLoc(), op, symbols);
    {
      StackScope scope(rewriter, op.getLoc(), calls);
      Value addresses =
          emitAddresses(rewriter, op.getLoc(), calls, *getTypeConverter(),
                        op.getBuffers(), adaptor.getBuffers());
      if (failed(calls.call("goExecUpdate", {adaptor.getExec(), addresses})))
        return failure();
    }
    rewriter.eraseOp(op);
    return success();
  }
};

// Pattern: readback %a, %b -> goReadback(%a), goReadback(%b), goWait, loads
struct ReadbackLowering : CudaGraphPattern<ReadbackOp> {
  using CudaGraphPattern::CudaGraphPattern;
  LogicalResult
  matchAndRewrite(ReadbackOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    // A host slot takes any scalar, the widest being 16 bytes.
    constexpr int64_t kSlotBytes = 16;
    Location loc = op.getLoc();
    RuntimeCalls calls(rewriter, loc, op, symbols);
    FailureOr<Value> context = findRuntimeArgument(op, kContextAttr);
    FailureOr<Value> stream = findRuntimeArgument(op, kStreamAttr);
    if (failed(context) || failed(stream))
      return failure();
    for (Type type : op.getValues().getTypes())
      if (*getElementBytes(type) > kSlotBytes)
        return op.emitOpError("can not read back a scalar of type ") << type;

    SmallVector<Value> values;
    {
      StackScope scope(rewriter, loc, calls);
      int64_t numBytes = kSlotBytes * op.getValues().size();
      Type byte = rewriter.getI8Type();
      Value slots = calls.stackArray(byte, numBytes, kSlotBytes);
      // After a failure the values are zeros.
      LLVM::MemsetOp::create(rewriter, loc, slots, calls.constant(0, 8),
                             calls.constant(numBytes), /*isVolatile=*/false);
      auto slot = [&](int64_t index) {
        return calls.element(slots, byte, index * kSlotBytes);
      };
      for (auto [index, source, descriptor] :
           llvm::enumerate(op.getSources(), adaptor.getSources())) {
        auto type = cast<MemRefType>(source.getType());
        Value address =
            MemRefDescriptor(descriptor)
                .bufferPtr(rewriter, loc, *getTypeConverter(), type);
        int64_t bytes = *getElementBytes(type.getElementType());
        if (failed(
                calls.call("goReadback", {*context, *stream, address,
                                          slot(index), calls.constant(bytes)})))
          return failure();
      }
      if (failed(calls.call("goWait", {*context, *stream})))
        return failure();
      for (auto [index, value] : llvm::enumerate(op.getValues()))
        values.push_back(calls.load(
            getTypeConverter()->convertType(value.getType()), slot(index)));
    }
    rewriter.replaceOp(op, values);
    return success();
  }
};

struct ConvertCudaGraphToLLVM
    : graphopt::impl::ConvertCudaGraphToLLVMBase<ConvertCudaGraphToLLVM> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    LLVMTypeConverter converter(context);
    SymbolTableCollection symbols;
    RewritePatternSet patterns(context);
    populateCudaGraphToLLVMPatterns(converter, patterns, &symbols);
    ConversionTarget target(*context);
    target.addLegalDialect<LLVM::LLVMDialect>();
    target.addIllegalDialect<CudaGraphDialect>();
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};

/// Offers the patterns to upstream's convert-to-llvm.
struct CudaGraphToLLVMInterface : ConvertToLLVMPatternInterface {
  using ConvertToLLVMPatternInterface::ConvertToLLVMPatternInterface;
  void loadDependentDialects(MLIRContext *context) const final {
    context->loadDialect<LLVM::LLVMDialect, func::FuncDialect>();
  }
  void populateConvertToLLVMConversionPatterns(
      ConversionTarget &target, LLVMTypeConverter &converter,
      RewritePatternSet &patterns) const final {
    target.addIllegalDialect<CudaGraphDialect>();
    populateCudaGraphToLLVMPatterns(converter, patterns);
  }
};
} // namespace

void graphopt::populateCudaGraphToLLVMPatterns(LLVMTypeConverter &converter,
                                               RewritePatternSet &patterns,
                                               SymbolTableCollection *symbols) {
  converter.addConversion([](ExecType type) -> Type {
    return LLVM::LLVMPointerType::get(type.getContext());
  });
  patterns.add<GraphLowering, InstantiateLowering, LaunchLowering,
               UpdateLowering, ReadbackLowering>(converter, symbols);
}

void graphopt::registerConvertCudaGraphToLLVMInterface(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *, CudaGraphDialect *dialect) {
    dialect->addInterfaces<CudaGraphToLLVMInterface>();
  });
}
