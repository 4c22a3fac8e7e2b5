//===- CudaGraphToLLVM.cpp - Lowering of cudagraph ------------------------===//
//
// Implements convert-cudagraph-to-llvm: the patterns for graphs and for the
// host ops, the pass, and the interface for upstream's convert-to-llvm.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/CudaGraphToLLVM.h"
#include "CudaGraphPattern.h"
#include "GraphBuilder.h"
#include "GraphOpt/Conversion/EntryPoints.h"
#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"
#include "Readbacks.h"
#include "RuntimeCalls.h"

#include "mlir/Conversion/ConvertToLLVM/ToLLVMInterface.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"

namespace graphopt {
#define GEN_PASS_DEF_CONVERTCUDAGRAPHTOLLVM
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::cudagraph;
using namespace graphopt;

/// The argument of an entry point that is the array of arguments.
static constexpr unsigned kArguments = 2;

/// The number of the argument of an entry point whose data `memref` describes
/// from the start, or nothing.
static std::optional<int64_t> getEntryArgument(Value memref) {
  auto cast = memref.getDefiningOp<UnrealizedConversionCastOp>();
  if (!cast || cast.getInputs().size() != 1)
    return std::nullopt;
  Value descriptor = cast.getInputs().front();
  // The aligned pointer is field 1.
  Value data;
  while (auto insert = descriptor.getDefiningOp<LLVM::InsertValueOp>()) {
    if (insert.getPosition() == ArrayRef<int64_t>{1})
      data = insert.getValue();
    if (insert.getPosition() == ArrayRef<int64_t>{2} &&
        !matchPattern(insert.getValue(), m_Zero()))
      return std::nullopt;
    descriptor = insert.getContainer();
  }
  auto load = data ? data.getDefiningOp<LLVM::LoadOp>() : LLVM::LoadOp();
  if (!load)
    return std::nullopt;
  Value address = load.getAddr();
  int64_t number = 0;
  if (auto gep = address.getDefiningOp<LLVM::GEPOp>()) {
    if (!gep.getDynamicIndices().empty() ||
        gep.getRawConstantIndices().size() != 1 ||
        !isa<LLVM::LLVMPointerType>(gep.getElemType()))
      return std::nullopt;
    number = gep.getRawConstantIndices().front();
    address = gep.getBase();
  }
  auto arguments = dyn_cast<BlockArgument>(address);
  auto entry = arguments
                   ? dyn_cast<func::FuncOp>(arguments.getOwner()->getParentOp())
                   : func::FuncOp();
  if (!entry || !entry->hasAttr(kEntryAttr) ||
      arguments != entry.getArgument(kArguments))
    return std::nullopt;
  return number;
}

/// Copies addresses from the array of arguments of the entry point around to
/// `array`: `places` holds pairs of a place there and the number of an
/// argument.
static void emitGather(OpBuilder &builder, Location loc, RuntimeCalls &calls,
                       SymbolTable &symbols, Operation *op,
                       ArrayRef<int64_t> places, Value array) {
  auto entry = op->getParentOfType<func::FuncOp>();
  auto type = LLVM::LLVMArrayType::get(calls.i64Type(), places.size());
  LLVM::GlobalOp table;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&symbols.getOp()->getRegion(0).front());
    auto shape =
        RankedTensorType::get({int64_t(places.size())}, calls.i64Type());
    table = LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true,
                                   LLVM::Linkage::Internal,
                                   (entry.getSymName() + ".places").str(),
                                   DenseElementsAttr::get(shape, places),
                                   /*alignment=*/8);
    symbols.insert(table);
  }
  Value base = calls.addressOf(table.getSymName());
  auto at = [&](Value array, Type element, Value index) -> Value {
    return LLVM::GEPOp::create(builder, loc, calls.pointerType(), element,
                               array, index);
  };
  auto loop =
      scf::ForOp::create(builder, loc, calls.constant(0),
                         calls.constant(places.size()), calls.constant(2));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value first = loop.getInductionVar();
  Value second = LLVM::AddOp::create(builder, loc, first, calls.constant(1));
  Value place = calls.load(calls.i64Type(), at(base, calls.i64Type(), first));
  Value number = calls.load(calls.i64Type(), at(base, calls.i64Type(), second));
  Value address =
      calls.load(calls.pointerType(), at(entry.getArgument(kArguments),
                                         calls.pointerType(), number));
  calls.store(address, at(array, calls.pointerType(), place));
}

/// Whether `places` says that number n is argument `places[1] + n`.
static bool areNeighbours(ArrayRef<int64_t> places) {
  for (size_t i = 0; i < places.size(); i += 2)
    if (places[i] != int64_t(i / 2) || places[i + 1] != places[1] + places[i])
      return false;
  return !places.empty();
}

/// An array with the address of the first element of each memref; null if there
/// are none. Neighbouring arguments of an entry point are there already; else
/// it is made on the stack. Many that are such arguments are copied in a loop:
/// LLVM takes time in the square of the length of straight code.
static Value emitAddresses(OpBuilder &builder, RuntimeCalls &calls,
                           const LLVMTypeConverter &converter,
                           SymbolTableCollection *symbols, Operation *op,
                           OperandRange memrefs, ValueRange descriptors) {
  constexpr size_t kFewPlaces = 2 * 16;
  Location loc = op->getLoc();
  if (memrefs.empty())
    return calls.null();
  SmallVector<int64_t> places;
  DenseSet<int64_t> copied;
  for (auto [index, memref] : llvm::enumerate(memrefs))
    if (std::optional<int64_t> number = getEntryArgument(memref))
      places.append({int64_t(index), *number});
  if (places.size() == 2 * memrefs.size() && areNeighbours(places))
    return calls.element(
        op->getParentOfType<func::FuncOp>().getArgument(kArguments),
        calls.pointerType(), places[1]);
  Value array = calls.stackArray(calls.pointerType(), memrefs.size());
  if (symbols && places.size() > kFewPlaces) {
    Operation *module =
        SymbolTable::getNearestSymbolTable(op->getParentOfType<func::FuncOp>());
    emitGather(builder, loc, calls, symbols->getSymbolTable(module), op, places,
               array);
    for (size_t i = 0; i < places.size(); i += 2)
      copied.insert(places[i]);
  }
  for (auto [index, memref, descriptor] :
       llvm::enumerate(memrefs, descriptors)) {
    if (copied.contains(index))
      continue;
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
      StackScope scope(calls);
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
    FailureOr<Value> stream = adaptor.getStream();
    if (!op.getStream())
      stream = findRuntimeArgument(op, kStreamAttr);
    if (failed(stream))
      return failure();
    {
      StackScope scope(calls);
      Value addresses =
          emitAddresses(rewriter, calls, *getTypeConverter(), symbols, op,
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

// Pattern: wait -> goWait(context, stream)
struct WaitLowering : CudaGraphPattern<WaitOp> {
  using CudaGraphPattern::CudaGraphPattern;
  LogicalResult
  matchAndRewrite(WaitOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op.getLoc(), op, symbols);
    FailureOr<Value> context = findRuntimeArgument(op, kContextAttr);
    FailureOr<Value> stream = findRuntimeArgument(op, kStreamAttr);
    if (failed(context) || failed(stream) ||
        failed(calls.call("goWait", {*context, *stream})))
      return failure();
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
      StackScope scope(calls);
      Value addresses =
          emitAddresses(rewriter, calls, *getTypeConverter(), symbols, op,
                        op.getBuffers(), adaptor.getBuffers());
      if (failed(calls.call("goExecUpdate", {adaptor.getExec(), addresses})))
        return failure();
    }
    rewriter.eraseOp(op);
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
               UpdateLowering, WaitLowering>(converter, symbols);
  populateReadbackPatterns(converter, patterns, symbols);
}

void graphopt::registerConvertCudaGraphToLLVMInterface(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *, CudaGraphDialect *dialect) {
    dialect->addInterfaces<CudaGraphToLLVMInterface>();
  });
}
