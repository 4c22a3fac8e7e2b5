//===- UseDeviceMemory.cpp - Host code whose memory is on the device ------===//
//
// Lets the host code of a program live with memory that it can not touch:
// allocations, copies and accesses become calls of the runtime.
//
//===----------------------------------------------------------------------===//

#include "HostAccess.h"
#include "RuntimeCalls.h"

#include "GraphOpt/Analysis/Requests.h"
#include "GraphOpt/Conversion/EntryPoints.h"
#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace graphopt {
#define GEN_PASS_DEF_USEDEVICEMEMORY
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

namespace {

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

template <typename OpTy>
class DevicePattern : public ConvertOpToLLVMPattern<OpTy> {
public:
  DevicePattern(const LLVMTypeConverter &converter,
                SymbolTableCollection &symbols)
      : ConvertOpToLLVMPattern<OpTy>(converter), symbols(symbols) {}

protected:
  /// Calls of the runtime for `op` with its context and stream.
  struct Runtime {
    RuntimeCalls calls;
    Value context, stream;

    FailureOr<Value> call(StringRef name, ValueRange arguments) {
      SmallVector<Value> all = {context, stream};
      llvm::append_range(all, arguments);
      return calls.call(name, all);
    }
  };
  FailureOr<Runtime> getRuntime(Operation *op, OpBuilder &builder) const {
    FailureOr<Value> context = findRuntimeArgument(op, kContextAttr);
    FailureOr<Value> stream = findRuntimeArgument(op, kStreamAttr);
    if (failed(context) || failed(stream))
      return failure();
    return Runtime{RuntimeCalls(builder, op->getLoc(), op, &symbols), *context,
                   *stream};
  }
  /// Bytes of one element.
  int64_t getElementSize(MemRefType type) const {
    return *cudagraph::getElementBytes(type.getElementType());
  }

  SymbolTableCollection &symbols;
};

// Pattern: memref.alloc -> goAllocate or goAllocateReadable
struct AllocLowering : DevicePattern<memref::AllocOp> {
  using DevicePattern::DevicePattern;
  LogicalResult
  matchAndRewrite(memref::AllocOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MemRefType type = op.getType();
    FailureOr<Runtime> runtime = getRuntime(op, rewriter);
    if (failed(runtime) || !isConvertibleAndHasIdentityMaps(type))
      return failure();
    SmallVector<Value> sizes, strides;
    Value bytes;
    getMemRefDescriptorSizes(op.getLoc(), type, adaptor.getDynamicSizes(),
                             rewriter, sizes, strides, bytes);
    FailureOr<Value> memory = runtime->call(
        op->hasAttr(kReadableAttribute) ? "goAllocateReadable" : "goAllocate",
        bytes);
    if (failed(memory))
      return failure();
    rewriter.replaceOp(
        op, Value(createMemRefDescriptor(op.getLoc(), type, *memory, *memory,
                                         sizes, strides, rewriter)));
    return success();
  }
};

// Pattern: memref.dealloc -> goFree
struct DeallocLowering : DevicePattern<memref::DeallocOp> {
  using DevicePattern::DevicePattern;
  LogicalResult
  matchAndRewrite(memref::DeallocOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FailureOr<Runtime> runtime = getRuntime(op, rewriter);
    if (failed(runtime))
      return failure();
    Value memory = MemRefDescriptor(adaptor.getMemref())
                       .allocatedPtr(rewriter, op.getLoc());
    if (failed(runtime->call("goFree", memory)))
      return failure();
    rewriter.eraseOp(op);
    return success();
  }
};

// Pattern: memref.copy of contiguous memory -> goCopy
struct CopyLowering : DevicePattern<memref::CopyOp> {
  using DevicePattern::DevicePattern;
  LogicalResult
  matchAndRewrite(memref::CopyOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<MemRefType>(op.getSource().getType());
    auto targetType = cast<MemRefType>(op.getTarget().getType());
    FailureOr<Runtime> runtime = getRuntime(op, rewriter);
    if (failed(runtime))
      return failure();
    MemRefDescriptor source(adaptor.getSource()), target(adaptor.getTarget());
    Value bytes = runtime->calls.constant(getElementSize(type));
    for (int64_t i = 0, e = type.getRank(); i < e; ++i)
      bytes = LLVM::MulOp::create(rewriter, loc, bytes,
                                  source.size(rewriter, loc, i));
    const LLVMTypeConverter &converter = *getTypeConverter();
    if (failed(runtime->call(
            "goCopy",
            {source.bufferPtr(rewriter, loc, converter, type),
             target.bufferPtr(rewriter, loc, converter, targetType), bytes})))
      return failure();
    rewriter.eraseOp(op);
    return success();
  }
};

/// Of a scalar on the stack, in bytes: the widest has 16.
constexpr unsigned kSlotAlignment = 16;

/// Marks a memref.get_global whose address, not memory, is used.
constexpr llvm::StringLiteral kHostAttr = "graphopt.host";

// Pattern: memref.get_global -> goConstant of its address
struct GetGlobalLowering : DevicePattern<memref::GetGlobalOp> {
  using DevicePattern::DevicePattern;
  LogicalResult
  matchAndRewrite(memref::GetGlobalOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MemRefType type = op.getType();
    FailureOr<Runtime> runtime = getRuntime(op, rewriter);
    if (failed(runtime))
      return failure();
    // The global is lowered with all others, later.
    Location loc = op.getLoc();
    auto onHost =
        memref::GetGlobalOp::create(rewriter, loc, type, op.getName());
    onHost->setAttr(kHostAttr, rewriter.getUnitAttr());
    Value address = memref::ExtractAlignedPointerAsIndexOp::create(
        rewriter, loc, rewriter.getIndexType(), onHost);
    address = arith::IndexCastOp::create(rewriter, loc, rewriter.getI64Type(),
                                         address);
    address = LLVM::IntToPtrOp::create(rewriter, loc,
                                       runtime->calls.pointerType(), address);
    FailureOr<Value> memory = runtime->call(
        "goConstant", {address, runtime->calls.constant(type.getNumElements() *
                                                        getElementSize(type))});
    if (failed(memory))
      return failure();
    rewriter.replaceOp(
        op, Value(MemRefDescriptor::fromStaticShape(
                rewriter, op.getLoc(), *getTypeConverter(), type, *memory)));
    return success();
  }
};

// Pattern: memref.load -> goReadback to the stack; goWait
// Pattern: memref.store -> goUpload from the stack
template <typename OpTy>
struct ElementLowering : DevicePattern<OpTy> {
  using DevicePattern<OpTy>::DevicePattern;
  LogicalResult
  matchAndRewrite(OpTy op, typename OpTy::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto runtime = this->getRuntime(op, rewriter);
    if (failed(runtime))
      return failure();
    RuntimeCalls &calls = runtime->calls;
    MemRefType type = op.getMemRefType();
    Type element = this->getTypeConverter()->convertType(type.getElementType());
    Value onDevice = this->getStridedElementPtr(
        rewriter, op.getLoc(), type, adaptor.getMemref(), adaptor.getIndices());
    Value bytes = calls.constant(this->getElementSize(type));
    constexpr bool isLoad = std::is_same_v<OpTy, memref::LoadOp>;
    Value loaded;
    {
      StackScope scope(calls);
      Value slot = calls.stackArray(element, 1, kSlotAlignment);
      if constexpr (isLoad) {
        // After a failure the value is zero.
        calls.store(LLVM::ZeroOp::create(rewriter, op.getLoc(), element), slot);
        if (failed(runtime->call("goReadback", {onDevice, slot, bytes})) ||
            failed(runtime->call("goWait", {})))
          return failure();
        loaded = calls.load(element, slot);
      } else {
        calls.store(adaptor.getValue(), slot);
        if (failed(runtime->call("goUpload", {slot, onDevice, bytes})))
          return failure();
      }
    }
    if constexpr (isLoad)
      rewriter.replaceOp(op, loaded);
    else
      rewriter.eraseOp(op);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

struct UseDeviceMemory
    : public graphopt::impl::UseDeviceMemoryBase<UseDeviceMemory> {
  void runOnOperation() override;
};
} // namespace

void UseDeviceMemory::runOnOperation() {
  MLIRContext *context = &getContext();
  SmallVector<Operation *> ops;
  for (auto function : getOperation().getOps<func::FuncOp>())
    function.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : ops)
    if (failed(prepareHostAccess(op)))
      return signalPassFailure();

  LLVMTypeConverter converter(context);
  SymbolTableCollection symbols;
  RewritePatternSet patterns(context);
  patterns
      .add<AllocLowering, DeallocLowering, CopyLowering, GetGlobalLowering,
           ElementLowering<memref::LoadOp>, ElementLowering<memref::StoreOp>>(
          converter, symbols);
  ConversionTarget target(*context);
  target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
  target.addIllegalOp<memref::AllocOp, memref::DeallocOp>();
  target.addDynamicallyLegalOp<memref::CopyOp>([](memref::CopyOp op) {
    return isOnHost(op.getSource()) && isOnHost(op.getTarget());
  });
  target.addDynamicallyLegalOp<memref::GetGlobalOp>(
      [](memref::GetGlobalOp op) { return op->hasAttr(kHostAttr); });
  target.addDynamicallyLegalOp<memref::LoadOp, memref::StoreOp>(
      [](Operation *op) { return isOnHost(getAccessedMemRef(op)); });
  if (failed(
          applyPartialConversion(getOperation(), target, std::move(patterns))))
    signalPassFailure();
}
