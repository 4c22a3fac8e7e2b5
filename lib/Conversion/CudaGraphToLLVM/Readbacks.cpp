//===- Readbacks.cpp - Lowering of readbacks ------------------------------===//
//
// Implements the patterns for the ops that bring device scalars to the host.
//
//===----------------------------------------------------------------------===//

#include "Readbacks.h"
#include "CudaGraphPattern.h"
#include "RuntimeCalls.h"

#include "GraphOpt/Conversion/EntryPoints.h"
#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::cudagraph;
using namespace graphopt;

/// A host slot takes any scalar, the widest being 16 bytes.
static constexpr int64_t kSlotBytes = 16;

static LogicalResult verifyScalars(Operation *op, OperandRange sources) {
  for (Value source : sources) {
    Type type = cast<MemRefType>(source.getType()).getElementType();
    if (*getElementBytes(type) > kSlotBytes)
      return op->emitOpError("can not read back a scalar of type ") << type;
  }
  return success();
}

/// Slot `index` of `slots`.
static Value getSlot(OpBuilder &builder, RuntimeCalls &calls, Value slots,
                     int64_t index) {
  return calls.element(slots, builder.getI8Type(), index * kSlotBytes);
}

/// Stack memory for `count` scalars at the insertion point.
static Value createSlots(OpBuilder &builder, RuntimeCalls &calls,
                         int64_t count) {
  return calls.stackArray(builder.getI8Type(), kSlotBytes * count, kSlotBytes);
}

/// The values of types `types` in `slots`, converted.
static SmallVector<Value> loadSlots(OpBuilder &builder, RuntimeCalls &calls,
                                    Value slots, TypeRange types,
                                    const LLVMTypeConverter &converter) {
  SmallVector<Value> values;
  for (auto [index, type] : llvm::enumerate(types))
    values.push_back(calls.load(converter.convertType(type),
                                getSlot(builder, calls, slots, index)));
  return values;
}

/// Calls goFetch: a copy from each of `sources` to the address of the same
/// number in `destinations`. `handle` is the address of the handle.
static LogicalResult emitFetch(Operation *op, OperandRange sources,
                               ValueRange descriptors, ValueRange destinations,
                               Value handle, const LLVMTypeConverter &converter,
                               RuntimeCalls &calls, OpBuilder &builder) {
  Location loc = op->getLoc();
  FailureOr<Value> context = findRuntimeArgument(op, kContextAttr);
  FailureOr<Value> stream = findRuntimeArgument(op, kStreamAttr);
  if (failed(context) || failed(stream) || failed(verifyScalars(op, sources)))
    return failure();
  Type itemType = calls.fetchItemType();
  Value items = calls.stackArray(itemType, sources.size());
  for (auto [index, source, descriptor, destination] :
       llvm::enumerate(sources, descriptors, destinations)) {
    auto type = cast<MemRefType>(source.getType());
    Value address =
        MemRefDescriptor(descriptor).bufferPtr(builder, loc, converter, type);
    Value bytes = calls.constant(*getElementBytes(type.getElementType()));
    calls.store(calls.structOf(itemType, {address, destination, bytes}),
                calls.element(items, itemType, index));
  }
  return calls.call("goFetch", {*context, *stream, items,
                                calls.constant(sources.size()), handle});
}

namespace {
// Pattern: readback %a, %b -> goReadback(%a), goReadback(%b), goWait, loads
struct ReadbackLowering : CudaGraphPattern<ReadbackOp> {
  using CudaGraphPattern::CudaGraphPattern;
  LogicalResult
  matchAndRewrite(ReadbackOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RuntimeCalls calls(rewriter, loc, op, symbols);
    FailureOr<Value> context = findRuntimeArgument(op, kContextAttr);
    FailureOr<Value> stream = findRuntimeArgument(op, kStreamAttr);
    if (failed(context) || failed(stream) ||
        failed(verifyScalars(op, op.getSources())))
      return failure();

    SmallVector<Value> values;
    {
      StackScope scope(calls);
      int64_t count = op.getValues().size();
      Value slots = createSlots(rewriter, calls, count);
      // After a failure the values are zeros.
      LLVM::MemsetOp::create(rewriter, loc, slots, calls.constant(0, 8),
                             calls.constant(kSlotBytes * count),
                             /*isVolatile=*/false);
      for (auto [index, source, descriptor] :
           llvm::enumerate(op.getSources(), adaptor.getSources())) {
        auto type = cast<MemRefType>(source.getType());
        Value address =
            MemRefDescriptor(descriptor)
                .bufferPtr(rewriter, loc, *getTypeConverter(), type);
        int64_t bytes = *getElementBytes(type.getElementType());
        if (failed(calls.call("goReadback",
                              {*context, *stream, address,
                               getSlot(rewriter, calls, slots, index),
                               calls.constant(bytes)})))
          return failure();
      }
      if (failed(calls.call("goWait", {*context, *stream})))
        return failure();
      values = loadSlots(rewriter, calls, slots, op.getValues().getTypes(),
                         *getTypeConverter());
    }
    rewriter.replaceOp(op, values);
    return success();
  }
};

// Pattern: mailbox %e[n] -> goExecMailbox(%e, stream, n, bytes)
struct MailboxLowering : CudaGraphPattern<MailboxOp> {
  using CudaGraphPattern::CudaGraphPattern;
  LogicalResult
  matchAndRewrite(MailboxOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op.getLoc(), op, symbols);
    MemRefType type = op.getMemory().getType();
    FailureOr<Value> stream = findRuntimeArgument(op, kStreamAttr);
    if (failed(stream))
      return failure();
    FailureOr<Value> address =
        calls.call("goExecMailbox",
                   {adaptor.getExec(), *stream, calls.constant(op.getBuffer()),
                    calls.constant(*getElementBytes(type.getElementType()))});
    if (failed(address))
      return failure();
    rewriter.replaceOp(
        op, Value(MemRefDescriptor::fromStaticShape(
                rewriter, op.getLoc(), *getTypeConverter(), type, *address)));
    return success();
  }
};

// Pattern: fetch %a, %b -> goFetch(%a and %b to slots of the function)
struct FetchLowering : CudaGraphPattern<FetchOp> {
  using CudaGraphPattern::CudaGraphPattern;
  LogicalResult
  matchAndRewrite(FetchOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op.getLoc(), op, symbols);
    auto function = op->getParentOfType<FunctionOpInterface>();
    if (!function)
      return rewriter.notifyMatchFailure(op, "is in no function");
    int64_t count = op.getSources().size();
    // The slots live until the await: they are the function's, and one turn of
    // a loop awaits before the next one fetches.
    Value slots;
    {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointToStart(&function.getFunctionBody().front());
      slots = createSlots(rewriter, calls, count);
    }
    Value handle;
    {
      StackScope scope(calls);
      SmallVector<Value> destinations;
      for (int64_t i = 0; i < count; ++i)
        destinations.push_back(getSlot(rewriter, calls, slots, i));
      Value place = calls.stackArray(calls.pointerType(), 1);
      calls.store(calls.null(), place);
      if (failed(emitFetch(op, op.getSources(), adaptor.getSources(),
                           destinations, place, *getTypeConverter(), calls,
                           rewriter)))
        return failure();
      handle = calls.load(calls.pointerType(), place);
    }
    Type type = getTypeConverter()->convertType(op.getPending().getType());
    rewriter.replaceOp(op, calls.structOf(type, {handle, slots}));
    return success();
  }
};

// Pattern: await %p -> goAwait(%p), loads
struct AwaitLowering : CudaGraphPattern<AwaitOp> {
  using CudaGraphPattern::CudaGraphPattern;
  LogicalResult
  matchAndRewrite(AwaitOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RuntimeCalls calls(rewriter, loc, op, symbols);
    auto extract = [&](int64_t field) -> Value {
      return LLVM::ExtractValueOp::create(rewriter, loc, adaptor.getPending(),
                                          field);
    };
    if (failed(calls.call("goAwait", extract(0))))
      return failure();
    rewriter.replaceOp(op, loadSlots(rewriter, calls, extract(1),
                                     op.getValues().getTypes(),
                                     *getTypeConverter()));
    return success();
  }
};

// Pattern: deliver %a to %b -> goFetch(%a to %b) that joins the caller's handle
struct DeliverLowering : CudaGraphPattern<DeliverOp> {
  using CudaGraphPattern::CudaGraphPattern;
  LogicalResult
  matchAndRewrite(DeliverOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op.getLoc(), op, symbols);
    FailureOr<Value> handle = findRuntimeArgument(op, kPendingAttr);
    if (failed(handle))
      return failure();
    {
      StackScope scope(calls);
      SmallVector<Value> destinations;
      for (auto [destination, descriptor] :
           llvm::zip_equal(op.getDestinations(), adaptor.getDestinations()))
        destinations.push_back(
            MemRefDescriptor(descriptor)
                .bufferPtr(rewriter, op.getLoc(), *getTypeConverter(),
                           cast<MemRefType>(destination.getType())));
      if (failed(emitFetch(op, op.getSources(), adaptor.getSources(),
                           destinations, *handle, *getTypeConverter(), calls,
                           rewriter)))
        return failure();
    }
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void graphopt::populateReadbackPatterns(LLVMTypeConverter &converter,
                                        RewritePatternSet &patterns,
                                        SymbolTableCollection *symbols) {
  // The handle, and where the values are once it was awaited.
  converter.addConversion([](PendingType type) -> Type {
    Type pointer = LLVM::LLVMPointerType::get(type.getContext());
    return LLVM::LLVMStructType::getLiteral(type.getContext(),
                                            {pointer, pointer});
  });
  patterns.add<ReadbackLowering, MailboxLowering, FetchLowering, AwaitLowering,
               DeliverLowering>(converter, symbols);
}
