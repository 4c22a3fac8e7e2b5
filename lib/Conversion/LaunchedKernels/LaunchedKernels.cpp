//===- LaunchedKernels.cpp - Kernels of other compilers -------------------===//
//
// Implements the search for captured launches and how their kernels get
// arguments from the slots of a node.
//
//===----------------------------------------------------------------------===//

#include "LaunchedKernels.h"

#include "AnyGrid.h"
#include "GraphOpt/Analysis/KernelEffects.h"
#include "GraphOpt/Analysis/Launches.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace graphopt;

/// Reports launches in functions of modules in `module`, which is another
/// program.
static LogicalResult verifyNothingNested(ModuleOp module) {
  WalkResult result = module.walk([&](gpu::LaunchFuncOp launch) {
    if (launch->getParentOfType<ModuleOp>() == module)
      return WalkResult::advance();
    launch.emitError("is in a nested module: only the functions of the "
                     "outermost one are compiled");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

namespace {
/// Kernels for any grid, by the given kernel and the types of extents.
using AnyGridKernels =
    DenseMap<std::pair<Operation *, Attribute>, gpu::GPUFuncOp>;
} // namespace

/// Whether `function` takes the slots of GoCudaLaunch.
static bool takesSlots(gpu::GPUFuncOp function) {
  ArrayRef<Type> types = function.getArgumentTypes();
  return types.size() == 1 && isa<LLVM::LLVMPointerType>(types.front());
}

/// Whether a kernel argument of type `type` can get `operand` of a node.
static bool fits(MemRefType operand, Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref)
    return operand.getRank() == 0 && operand.getElementType() == type;
  return memref.getRank() == operand.getRank() &&
         memref.getMemorySpace() == operand.getMemorySpace() &&
         memref.getElementType() == operand.getElementType() &&
         succeeded(verifyCompatibleShape(memref, operand));
}

/// Checks that `function` is a kernel that code can be made of.
static LogicalResult verifyKernel(cudagraph::KernelOp node,
                                  gpu::GPUFuncOp function) {
  if (!function.isKernel())
    return node.emitOpError("launches @")
           << function.getName() << ", which is no kernel";
  Operation *call = findUnknownCall(function);
  if (!call)
    return success();
  InFlightDiagnostic error = call->emitError(
      "calls a function without a body in a kernel: only libdevice's, "
      "intrinsics, and vprintf, __assertfail, malloc and free are there");
  error.attachNote(node.getLoc()) << "launched here";
  return failure();
}

/// Gives a node that passes the extents of its grid the kernel for any grid.
static gpu::GPUFuncOp useAnyGrid(cudagraph::KernelOp node,
                                 gpu::GPUFuncOp function,
                                 SymbolTableCollection &symbols,
                                 AnyGridKernels &kernels) {
  SmallVector<Type> extents;
  for (Value extent : node.getArgs().take_back(3))
    extents.push_back(cast<MemRefType>(extent.getType()).getElementType());
  Builder builder(node.getContext());
  gpu::GPUFuncOp &any = kernels[{function, builder.getTypeArrayAttr(extents)}];
  auto module = function->getParentOfType<gpu::GPUModuleOp>();
  if (!any) {
    any = createForAnyGrid(function, extents);
    symbols.getSymbolTable(module).insert(any);
  }
  auto symbol =
      SymbolRefAttr::get(module.getNameAttr(), FlatSymbolRefAttr::get(any));
  node.setPhasesAttr(builder.getArrayAttr(
      cudagraph::PhaseAttr::get(node.getContext(), symbol, /*items=*/1)));
  node->removeAttr(kGridInOperandsAttr);
  return any;
}

FailureOr<SmallVector<LaunchedKernel>>
graphopt::findLaunchedKernels(ModuleOp module) {
  if (failed(verifyNothingNested(module)))
    return failure();
  SymbolTableCollection symbols;
  AnyGridKernels anyGrid;
  DenseSet<Operation *> verified;
  SmallVector<LaunchedKernel> kernels;
  WalkResult result = module.walk([&](cudagraph::KernelOp node) {
    auto phase = cast<cudagraph::PhaseAttr>(node.getPhases()[0]);
    auto function = symbols.lookupNearestSymbolFrom<gpu::GPUFuncOp>(
        node, phase.getFunction());
    if (!function || takesSlots(function))
      return WalkResult::advance();
    if (verified.insert(function).second &&
        failed(verifyKernel(node, function)))
      return WalkResult::interrupt();
    if (node->hasAttr(kGridInOperandsAttr))
      function = useAnyGrid(node, function, symbols, anyGrid);
    bool isFit = function.getNumArguments() == node.getArgs().size();
    for (auto [operand, type] :
         llvm::zip(node.getArgs(), function.getArgumentTypes()))
      isFit &= fits(cast<MemRefType>(operand.getType()), type);
    if (!isFit) {
      node.emitOpError("does not pass what kernel ")
          << phase.getFunction() << " takes: " << function.getFunctionType();
      return WalkResult::interrupt();
    }
    kernels.push_back({node, function});
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return kernels;
}

void graphopt::eraseUnusedKernels(ModuleOp module) {
  if (module.getOps<gpu::GPUModuleOp>().empty() &&
      module.getOps<gpu::BinaryOp>().empty())
    return;
  std::optional<SymbolTable::UseRange> uses =
      SymbolTable::getSymbolUses(&module.getBodyRegion());
  if (!uses)
    return;
  DenseSet<Attribute> used, usedModules;
  for (SymbolTable::SymbolUse use : *uses) {
    used.insert(use.getSymbolRef());
    usedModules.insert(use.getSymbolRef().getRootReference());
  }
  for (auto binary : llvm::make_early_inc_range(module.getOps<gpu::BinaryOp>()))
    if (!usedModules.contains(binary.getSymNameAttr()))
      binary.erase();
  for (auto kernels :
       llvm::make_early_inc_range(module.getOps<gpu::GPUModuleOp>())) {
    for (auto function :
         llvm::make_early_inc_range(kernels.getOps<gpu::GPUFuncOp>())) {
      auto symbol = SymbolRefAttr::get(kernels.getNameAttr(),
                                       FlatSymbolRefAttr::get(function));
      if (function.isKernel() && !takesSlots(function) &&
          !used.contains(symbol))
        function.erase();
    }
    // What is left are functions that kernels called.
    auto isKernel = [](FunctionOpInterface function) {
      return function->hasAttr(gpu::GPUDialect::getKernelFuncAttrName());
    };
    if (llvm::none_of(kernels.getOps<FunctionOpInterface>(), isKernel) &&
        !usedModules.contains(kernels.getNameAttr()))
      kernels.erase();
  }
}

//===----------------------------------------------------------------------===//
// What no graph holds
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<Operation *>>
graphopt::findDirectOps(func::FuncOp function) {
  auto isToken = llvm::IsaPred<gpu::AsyncTokenType>;
  if (llvm::any_of(function.getArgumentTypes(), isToken) ||
      llvm::any_of(function.getResultTypes(), isToken)) {
    function.emitError(
        "an async token crosses the border of the function, where nothing is "
        "known of what it stands for");
    return failure();
  }
  SmallVector<Operation *> ops;
  function.walk([&](Operation *op) {
    if (isa_and_nonnull<gpu::GPUDialect>(op->getDialect()))
      ops.push_back(op);
  });
  return ops;
}

bool graphopt::convertPlainOp(Operation *op) {
  OpBuilder builder(op);
  return llvm::TypeSwitch<Operation *, bool>(op)
      // Pattern: gpu.memset -> linalg.fill
      .Case([&](gpu::MemsetOp fill) {
        linalg::FillOp::create(builder, fill.getLoc(), fill.getValue(),
                               fill.getDst());
        return true;
      })
      // Pattern: gpu.dealloc -> memref.dealloc
      .Case([&](gpu::DeallocOp dealloc) {
        memref::DeallocOp::create(builder, dealloc.getLoc(),
                                  dealloc.getMemref());
        return true;
      })
      .Case([](gpu::WaitOp) { return true; })
      .Default([](Operation *) { return false; });
}

void graphopt::eraseDirectOps(func::FuncOp function,
                              ArrayRef<Operation *> ops) {
  Type number = IntegerType::get(function.getContext(), 1);
  auto retype = [&](Value value) {
    if (isa<gpu::AsyncTokenType>(value.getType()))
      value.setType(number);
  };
  for (Operation *op : ops) {
    auto async = dyn_cast<gpu::AsyncOpInterface>(op);
    Value token = async ? async.getAsyncToken() : Value();
    if (!token || token.use_empty())
      continue;
    OpBuilder builder(op);
    token.replaceAllUsesWith(arith::ConstantOp::create(
        builder, op->getLoc(), builder.getBoolAttr(false)));
  }
  for (Operation *op : llvm::reverse(ops))
    op->erase();
  function.walk([&](Operation *op) {
    llvm::for_each(op->getResults(), retype);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::for_each(block.getArguments(), retype);
  });
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

Value graphopt::createArgument(OpBuilder &builder, Location loc,
                               const LLVMTypeConverter &converter,
                               Value address, MemRefType operand,
                               MemRefType type) {
  auto [strides, offset] = operand.getStridesAndOffset();
  int64_t wanted = type.getStridesAndOffset().second;
  if (ShapedType::isStatic(wanted))
    offset = wanted;
  auto known = MemRefType::get(
      operand.getShape(), operand.getElementType(),
      StridedLayoutAttr::get(builder.getContext(), offset, strides));
  if (offset != 0)
    address = LLVM::GEPOp::create(
        builder, loc, address.getType(),
        converter.convertType(operand.getElementType()), address,
        LLVM::GEPArg(static_cast<int32_t>(-offset)));
  Value descriptor = MemRefDescriptor::fromStaticShape(builder, loc, converter,
                                                       known, address, address);
  Value memref =
      UnrealizedConversionCastOp::create(builder, loc, known, descriptor)
          .getResult(0);
  return known == type ? memref
                       : memref::CastOp::create(builder, loc, type, memref);
}

Value graphopt::loadArgument(OpBuilder &builder, Location loc, Value address,
                             Type type) {
  if (type.isIndex()) {
    Value value =
        LLVM::LoadOp::create(builder, loc, builder.getI64Type(), address);
    return arith::IndexCastOp::create(builder, loc, type, value);
  }
  if (type.isInteger(1)) {
    Value value =
        LLVM::LoadOp::create(builder, loc, builder.getI8Type(), address);
    return arith::TruncIOp::create(builder, loc, type, value);
  }
  return LLVM::LoadOp::create(builder, loc, type, address);
}
