//===- UseDeviceMemory.cpp - Host code whose memory is on the device ------===//
//
// Lets the host code of a program live with memory that it can not touch:
// allocations, copies and accesses become calls of the runtime.
//
//===----------------------------------------------------------------------===//

#include "RuntimeCalls.h"

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Conversion/EntryPoints.h"
#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace graphopt {
#define GEN_PASS_DEF_USEDEVICEMEMORY
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// What is on the device
//===----------------------------------------------------------------------===//

/// Whether `memref` is on the stack of the host.
static bool isOnHost(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref.getDefiningOp<memref::AllocaOp>() != nullptr;
}

static bool isOnDevice(Value value) {
  return isa<BaseMemRefType>(value.getType()) && !isOnHost(value);
}

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

// Pattern: memref.alloc -> goAllocate
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
    FailureOr<Value> memory = runtime->calls.call(
        "goAllocate", {runtime->context, runtime->stream, bytes});
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
    if (failed(runtime->calls.call(
            "goFree", {runtime->context, runtime->stream, memory})))
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
    if (failed(runtime->calls.call(
            "goCopy",
            {runtime->context, runtime->stream,
             source.bufferPtr(rewriter, loc, converter, type),
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
    FailureOr<Value> memory = runtime->calls.call(
        "goConstant", {runtime->context, runtime->stream, address,
                       runtime->calls.constant(type.getNumElements() *
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
struct LoadLowering : DevicePattern<memref::LoadOp> {
  using DevicePattern::DevicePattern;
  LogicalResult
  matchAndRewrite(memref::LoadOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FailureOr<Runtime> runtime = getRuntime(op, rewriter);
    if (failed(runtime))
      return failure();
    RuntimeCalls &calls = runtime->calls;
    Type type = getTypeConverter()->convertType(op.getType());
    Value address =
        getStridedElementPtr(rewriter, op.getLoc(), op.getMemRefType(),
                             adaptor.getMemref(), adaptor.getIndices());
    Value bytes = calls.constant(getElementSize(op.getMemRefType()));
    Value value;
    {
      StackScope scope(calls);
      Value slot = calls.stackArray(type, 1, kSlotAlignment);
      // After a failure the value is zero.
      calls.store(LLVM::ZeroOp::create(rewriter, op.getLoc(), type), slot);
      if (failed(calls.call("goReadback", {runtime->context, runtime->stream,
                                           address, slot, bytes})) ||
          failed(calls.call("goWait", {runtime->context, runtime->stream})))
        return failure();
      value = calls.load(type, slot);
    }
    rewriter.replaceOp(op, value);
    return success();
  }
};

// Pattern: memref.store -> goUpload from the stack
struct StoreLowering : DevicePattern<memref::StoreOp> {
  using DevicePattern::DevicePattern;
  LogicalResult
  matchAndRewrite(memref::StoreOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FailureOr<Runtime> runtime = getRuntime(op, rewriter);
    if (failed(runtime))
      return failure();
    RuntimeCalls &calls = runtime->calls;
    Value value = adaptor.getValue();
    Value address =
        getStridedElementPtr(rewriter, op.getLoc(), op.getMemRefType(),
                             adaptor.getMemref(), adaptor.getIndices());
    Value bytes = calls.constant(getElementSize(op.getMemRefType()));
    {
      StackScope scope(calls);
      Value slot = calls.stackArray(value.getType(), 1, kSlotAlignment);
      calls.store(value, slot);
      if (failed(calls.call("goUpload", {runtime->context, runtime->stream,
                                         slot, address, bytes})))
        return failure();
    }
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

private:
  LogicalResult prepare(Operation *op);
};
} // namespace

/// Elements one by one, for memory that is not contiguous.
static void expandCopy(memref::CopyOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto type = cast<MemRefType>(op.getSource().getType());
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  SmallVector<Value> sizes;
  for (int64_t i = 0; i < type.getRank(); ++i)
    sizes.push_back(memref::DimOp::create(builder, loc, op.getSource(), i));
  scf::buildLoopNest(
      builder, loc, SmallVector<Value>(sizes.size(), zero), sizes,
      SmallVector<Value>(sizes.size(), one),
      [&](OpBuilder &nested, Location loc, ValueRange indices) {
        Value element =
            memref::LoadOp::create(nested, loc, op.getSource(), indices);
        memref::StoreOp::create(nested, loc, element, op.getTarget(), indices);
      });
  op.erase();
}

/// Whether `op` only computes addresses and sizes.
static bool isAddressArithmetic(Operation *op) {
  return isa<ViewLikeOpInterface, memref::DimOp, memref::RankOp,
             memref::ExtractStridedMetadataOp,
             memref::ExtractAlignedPointerAsIndexOp, memref::GlobalOp,
             memref::AllocaOp, memref::AssumeAlignmentOp>(op);
}

static void remarkHostAccess(Operation *op) {
  remarkRefused(op, "host-access")
      << remark::reason("each element travels between host and device");
}

/// Leaves copies of contiguous memory on the device, and on the host.
static LogicalResult prepareCopy(memref::CopyOp copy) {
  auto source = dyn_cast<MemRefType>(copy.getSource().getType());
  auto target = dyn_cast<MemRefType>(copy.getTarget().getType());
  if (!source || !target)
    return copy.emitError("no copy of unranked device memory exists");
  auto isContiguous = [](MemRefType type) {
    return type.getLayout().isIdentity() || cudagraph::isContiguous(type);
  };
  bool fromHost = isOnHost(copy.getSource()),
       toHost = isOnHost(copy.getTarget());
  if (fromHost && toHost)
    return success();
  if (fromHost == toHost && isContiguous(source) && isContiguous(target))
    return success();
  remarkHostAccess(copy);
  expandCopy(copy);
  return success();
}

/// Refuses what would touch memory of the device in another way, and says where
/// the host waits for single elements.
LogicalResult UseDeviceMemory::prepare(Operation *op) {
  if (auto copy = dyn_cast<memref::CopyOp>(op))
    return prepareCopy(copy);
  if (auto call = dyn_cast<func::CallOp>(op)) {
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        op, call.getCalleeAttr());
    if (callee && callee.isExternal() &&
        llvm::any_of(op->getOperands(), isOnDevice))
      remarkRefused(op, "device-memory-passed") << remark::reason(
          "@{0} gets the address of device memory", call.getCallee());
    return success();
  }
  if (isa<memref::LoadOp, memref::StoreOp>(op)) {
    Value memref =
        isa<memref::LoadOp>(op) ? op->getOperand(0) : op->getOperand(1);
    if (!isOnHost(memref))
      remarkHostAccess(op);
    return success();
  }
  bool isHandled =
      isa<memref::AllocOp, memref::DeallocOp, memref::GetGlobalOp>(op);
  bool touchesMemory =
      isa_and_nonnull<memref::MemRefDialect, linalg::LinalgDialect,
                      vector::VectorDialect>(op->getDialect()) &&
      llvm::any_of(op->getOperandTypes(), llvm::IsaPred<BaseMemRefType>);
  if (touchesMemory && !isHandled && !isAddressArithmetic(op))
    return op->emitError("runs on the host, but its memory is on the device; "
                         "no copy to the host exists for this op");
  return success();
}

void UseDeviceMemory::runOnOperation() {
  MLIRContext *context = &getContext();
  SmallVector<Operation *> ops;
  for (auto function : getOperation().getOps<func::FuncOp>())
    function.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : ops)
    if (failed(prepare(op)))
      return signalPassFailure();

  LLVMTypeConverter converter(context);
  SymbolTableCollection symbols;
  RewritePatternSet patterns(context);
  patterns.add<AllocLowering, DeallocLowering, CopyLowering, GetGlobalLowering,
               LoadLowering, StoreLowering>(converter, symbols);
  ConversionTarget target(*context);
  target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
  target.addIllegalOp<memref::AllocOp, memref::DeallocOp>();
  target.addDynamicallyLegalOp<memref::CopyOp>([](memref::CopyOp op) {
    return isOnHost(op.getSource()) && isOnHost(op.getTarget());
  });
  target.addDynamicallyLegalOp<memref::GetGlobalOp>(
      [](memref::GetGlobalOp op) { return op->hasAttr(kHostAttr); });
  target.addDynamicallyLegalOp<memref::LoadOp>(
      [](memref::LoadOp op) { return isOnHost(op.getMemref()); });
  target.addDynamicallyLegalOp<memref::StoreOp>(
      [](memref::StoreOp op) { return isOnHost(op.getMemref()); });
  if (failed(
          applyPartialConversion(getOperation(), target, std::move(patterns))))
    signalPassFailure();
}
