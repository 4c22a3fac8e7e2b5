//===- ConvertDirectLaunches.cpp - What no graph holds, on the GPU --------===//
//
// Implements convert-direct-launches: launches that were not captured become
// calls of the runtime, in their place and on their stream.
//
//===----------------------------------------------------------------------===//

#include "../CudaGraphToLLVM/HostAccess.h"
#include "../CudaGraphToLLVM/RuntimeCalls.h"
#include "LaunchedKernels.h"

#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/Analysis/KernelEffects.h"
#include "GraphOpt/Conversion/EntryPoints.h"
#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/TypeSwitch.h"

namespace graphopt {
#define GEN_PASS_DEF_CONVERTDIRECTLAUNCHES
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// The types of the parameters of a kernel that is code already, if it is known
/// which: upstream's metadata of `binary` may say.
static LLVM::LLVMFunctionType getSignature(gpu::BinaryOp binary,
                                           StringAttr kernel) {
  for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>())
    if (gpu::KernelTableAttr kernels = object.getKernels())
      if (gpu::KernelMetadataAttr metadata = kernels.lookup(kernel))
        return dyn_cast<LLVM::LLVMFunctionType>(metadata.getFunctionType());
  return {};
}

/// Reports a kernel that the GPU has no code of, or that takes something else
/// than `parameters`.
static LogicalResult verifyKernel(gpu::LaunchFuncOp op, ValueRange parameters,
                                  SymbolTableCollection &symbols) {
  auto fail = [&](const Twine &why) {
    return op.emitError("is launched in its place, as no graph can hold it, "
                        "but kernel ")
           << op.getKernelAttr() << " " << why;
  };
  LLVM::LLVMFunctionType signature;
  Operation *container =
      symbols.lookupNearestSymbolFrom(op, op.getKernelModuleName());
  if (auto binary = dyn_cast_or_null<gpu::BinaryOp>(container)) {
    signature = getSignature(binary, op.getKernelName());
  } else {
    Operation *kernel = symbols.lookupNearestSymbolFrom(op, op.getKernelAttr());
    auto function = dyn_cast_or_null<FunctionOpInterface>(kernel);
    if (!function || function.isExternal())
      return fail("has no body");
    if (Operation *call = findUnknownCall(function)) {
      InFlightDiagnostic error =
          fail("calls a function without a body: only libdevice's, intrinsics, "
               "and vprintf, __assertfail, malloc and free are there");
      error.attachNote(call->getLoc()) << "called here";
      return error;
    }
    if (auto lowered = dyn_cast<LLVM::LLVMFuncOp>(kernel))
      signature = lowered.getFunctionType();
  }
  if (!signature)
    return success();
  auto isSame = [](Type given, Type taken) {
    // Pointers may be to another address space.
    return given == taken || (isa<LLVM::LLVMPointerType>(given) &&
                              isa<LLVM::LLVMPointerType>(taken));
  };
  ArrayRef<Type> taken = signature.getParams();
  if (taken.size() == parameters.size() &&
      llvm::all_of(llvm::zip(parameters.getTypes(), taken), [&](auto pair) {
        return isSame(std::get<0>(pair), std::get<1>(pair));
      }))
    return success();
  InFlightDiagnostic error = fail("takes other parameters: ");
  error << signature;
  return error;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

namespace {
/// Converts what is left in one function.
class DirectOpConverter {
public:
  DirectOpConverter(func::FuncOp function, SymbolTableCollection &symbols)
      : function(function), symbols(symbols) {}

  LogicalResult run();

private:
  /// Streams that work is on; a null value stands for the caller's.
  using Streams = llvm::SmallSetVector<Value, 2>;

  LogicalResult convert(Operation *op);
  LogicalResult convertLaunch(gpu::LaunchFuncOp op);
  /// Appends the parameters by which a kernel takes `operand`.
  LogicalResult expand(gpu::LaunchFuncOp op, Value operand, OpBuilder &builder,
                       SmallVectorImpl<Value> &parameters);
  /// Makes what follows `op` on `stream` wait for its tokens.
  LogicalResult waitForTokens(gpu::AsyncOpInterface op, Value stream);
  FailureOr<Streams> getStreams(Value token);
  LogicalResult emitWait(Operation *op, OpBuilder &builder, Value stream);
  Value getString(StringRef text, RuntimeCalls &calls);

  func::FuncOp function;
  SymbolTableCollection &symbols;
  bool namesStreams = false;
  DenseMap<Value, Streams> streamsOf; ///< By token.
};
} // namespace

static Value getStream(Operation *op) {
  auto launch = dyn_cast<gpu::LaunchFuncOp>(op);
  return launch ? launch.getAsyncObject() : Value();
}

static Value toI64(OpBuilder &builder, Location loc, Value value) {
  Type i64 = builder.getI64Type();
  if (value.getType() == i64)
    return value;
  if (value.getType().isIndex())
    return arith::IndexCastOp::create(builder, loc, i64, value);
  return arith::ExtSIOp::create(builder, loc, i64, value);
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

FailureOr<DirectOpConverter::Streams>
DirectOpConverter::getStreams(Value token) {
  auto known = streamsOf.find(token);
  if (known != streamsOf.end())
    return known->second;
  // All work is on the caller's stream.
  Streams caller;
  caller.insert(Value());
  if (!namesStreams)
    return caller;
  return function.emitError(
      "a loop, a branch or another op passes an async token on, where launches "
      "name their streams: it is not known which stream it belongs to");
}

LogicalResult DirectOpConverter::emitWait(Operation *op, OpBuilder &builder,
                                          Value stream) {
  FailureOr<Value> context = findRuntimeArgument(op, kContextAttr);
  FailureOr<Value> caller = findRuntimeArgument(op, kStreamAttr);
  if (failed(context) || failed(caller))
    return failure();
  RuntimeCalls calls(builder, op->getLoc(), op, &symbols);
  return calls.call("goWait", {*context, stream ? stream : *caller});
}

LogicalResult DirectOpConverter::waitForTokens(gpu::AsyncOpInterface op,
                                               Value stream) {
  bool isWait = isa<gpu::WaitOp>(op),
       isBlocking = isWait && !op.getAsyncToken();
  Streams before;
  for (Value token : op.getAsyncDependencies()) {
    FailureOr<Streams> streams = getStreams(token);
    if (failed(streams))
      return failure();
    before.insert(streams->begin(), streams->end());
  }
  // The host waits for other streams; one's own is in order.
  OpBuilder builder(op);
  for (Value other : before)
    if (isBlocking || (!isWait && other != stream))
      if (failed(emitWait(op, builder, other)))
        return failure();
  if (Value token = op.getAsyncToken()) {
    Streams &after = streamsOf[token];
    if (isWait)
      after = std::move(before);
    else
      after.insert(stream);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

/// Upstream's kernels take memrefs as allocated and aligned pointer, offset,
/// sizes, strides.
LogicalResult DirectOpConverter::expand(gpu::LaunchFuncOp op, Value operand,
                                        OpBuilder &builder,
                                        SmallVectorImpl<Value> &parameters) {
  Location loc = op.getLoc();
  Type type = operand.getType();
  auto fail = [&](const Twine &why) {
    return op.emitError("is launched in its place, as no graph can hold it, "
                        "but a kernel operand ")
           << why << ": " << type;
  };
  if (type.isIndex() || LLVM::isCompatibleType(type)) {
    parameters.push_back(type.isIndex() ? toI64(builder, loc, operand)
                                        : operand);
    return success();
  }
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || !memref.isStrided())
    return fail("is of a type that can not be passed");
  if (isOnHost(operand))
    return fail("is on the stack of the host");
  if (memref.getMemorySpace() && !isa<IntegerAttr>(memref.getMemorySpace()))
    return fail("is in a memory space that the host does not have");
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(
      builder, loc, builder.getIndexType(), operand);
  address = LLVM::IntToPtrOp::create(
      builder, loc, LLVM::LLVMPointerType::get(builder.getContext()),
      toI64(builder, loc, address));
  parameters.append({address, address});
  auto metadata =
      memref::ExtractStridedMetadataOp::create(builder, loc, operand);
  parameters.push_back(toI64(builder, loc, metadata.getOffset()));
  for (Value size : metadata.getSizes())
    parameters.push_back(toI64(builder, loc, size));
  for (Value stride : metadata.getStrides())
    parameters.push_back(toI64(builder, loc, stride));
  return success();
}

Value DirectOpConverter::getString(StringRef text, RuntimeCalls &calls) {
  std::string name = ("graphopt.kernel." + text).str();
  auto module = function->getParentOfType<ModuleOp>();
  if (!calls.lookup(name)) {
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    std::string terminated = text.str();
    terminated.push_back('\0');
    auto type =
        LLVM::LLVMArrayType::get(builder.getI8Type(), terminated.size());
    symbols.getSymbolTable(module).insert(LLVM::GlobalOp::create(
        builder, function.getLoc(), type, /*isConstant=*/true,
        LLVM::Linkage::Internal, name, builder.getStringAttr(terminated)));
  }
  return calls.addressOf(name);
}

/// Pattern: gpu.launch_func -> goLaunchKernel
LogicalResult DirectOpConverter::convertLaunch(gpu::LaunchFuncOp op) {
  Location loc = op.getLoc();
  OpBuilder builder(op);
  Value stream = op.getAsyncObject();
  if (stream && !isa<LLVM::LLVMPointerType>(stream.getType()))
    return op.emitError("is launched in its place, as no graph can hold it, "
                        "but its stream is no !llvm.ptr");
  SmallVector<Value> parameters;
  for (Value operand : op.getKernelOperands())
    if (failed(expand(op, operand, builder, parameters)))
      return failure();
  if (failed(verifyKernel(op, parameters, symbols)))
    return failure();
  FailureOr<Value> context = findRuntimeArgument(op, kContextAttr);
  FailureOr<Value> caller = findRuntimeArgument(op, kStreamAttr);
  if (failed(context) || failed(caller))
    return failure();

  RuntimeCalls calls(builder, loc, op, &symbols);
  StackScope scope(calls);
  Value addresses = calls.stackArray(calls.pointerType(), parameters.size());
  for (auto [i, parameter] : llvm::enumerate(parameters)) {
    Value slot = calls.stackArray(parameter.getType(), 1);
    calls.store(parameter, slot);
    calls.store(slot, calls.element(addresses, calls.pointerType(), i));
  }
  Value zero = calls.constant(0);
  SmallVector<Value> fields = {
      calls.addressOfCudaModule(op.getKernelModuleName().getValue()),
      getString(op.getKernelName().getValue(), calls)};
  auto append = [&](gpu::KernelDim3 extents) {
    for (Value extent : {extents.x, extents.y, extents.z})
      fields.push_back(toI64(builder, loc, extent));
  };
  append(op.getGridSizeOperandValues());
  append(op.getBlockSizeOperandValues());
  if (op.hasClusterSize())
    append(op.getClusterSizeOperandValues());
  else
    fields.append(3, zero);
  Value shared = op.getDynamicSharedMemorySize();
  fields.push_back(shared ? toI64(builder, loc, shared) : zero);
  fields.append({addresses, calls.constant(parameters.size())});
  Value launch = calls.stackArray(calls.kernelLaunchType(), 1);
  calls.store(calls.structOf(calls.kernelLaunchType(), fields), launch);
  return calls.call("goLaunchKernel",
                    {*context, stream ? stream : *caller, launch});
}

//===----------------------------------------------------------------------===//
// Other ops
//===----------------------------------------------------------------------===//

/// Pattern: gpu.memcpy -> memref.copy, a loop if not contiguous
static void convertCopy(gpu::MemcpyOp op) {
  OpBuilder builder(op);
  Value source = op.getSrc(), target = op.getDst();
  auto isRange = [](Value memref) {
    auto type = cast<MemRefType>(memref.getType());
    return type.getLayout().isIdentity() || isContiguous(type);
  };
  if (isRange(source) && isRange(target))
    memref::CopyOp::create(builder, op.getLoc(), source, target);
  else
    linalg::makeMemRefCopyOp(builder, op.getLoc(), source, target);
}

/// Makes what happens in place of `op`, which stays.
LogicalResult DirectOpConverter::convert(Operation *op) {
  auto async = dyn_cast<gpu::AsyncOpInterface>(op);
  Value stream = getStream(op);
  if (async && failed(waitForTokens(async, stream)))
    return failure();
  OpBuilder builder(op);
  Location loc = op->getLoc();
  LogicalResult result = success();
  if (!convertPlainOp(op))
    result =
        llvm::TypeSwitch<Operation *, LogicalResult>(op)
            .Case(
                [&](gpu::LaunchFuncOp launch) { return convertLaunch(launch); })
            .Case([&](gpu::MemcpyOp copy) {
              convertCopy(copy);
              return success();
            })
            // Pattern: gpu.alloc -> memref.alloc
            .Case([&](gpu::AllocOp alloc) -> LogicalResult {
              if (alloc.getType().getMemorySpace() ||
                  !alloc.getSymbolOperands().empty())
                return alloc.emitError("the memory space or the layout of what "
                                       "it allocates is not the default one");
              alloc.getMemref().replaceAllUsesWith(memref::AllocOp::create(
                  builder, loc, alloc.getType(), alloc.getDynamicSizes()));
              return success();
            })
            .Default([](Operation *other) {
              return other->emitError("'") << other->getName()
                                           << "' was not captured, and the "
                                              "runtime has nothing like it";
            });
  // Where there are more streams than one, what is over when the host goes on
  // is over for all of them.
  bool isSynchronous =
      async && !async.getAsyncToken() && !stream && !isa<gpu::WaitOp>(op);
  if (succeeded(result) && namesStreams && isSynchronous)
    return emitWait(op, builder, Value());
  return result;
}

LogicalResult DirectOpConverter::run() {
  FailureOr<SmallVector<Operation *>> ops = findDirectOps(function);
  if (failed(ops))
    return failure();
  namesStreams = llvm::any_of(*ops, getStream);
  for (Operation *op : *ops)
    if (failed(convert(op)))
      return failure();
  eraseDirectOps(function, *ops);
  return success();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct ConvertDirectLaunches
    : public graphopt::impl::ConvertDirectLaunchesBase<ConvertDirectLaunches> {
  void runOnOperation() override {
    SymbolTableCollection symbols;
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      if (failed(DirectOpConverter(function, symbols).run()))
        return signalPassFailure();
  }
};
} // namespace
