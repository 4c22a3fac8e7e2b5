//===- LaunchedKernels.cpp - Kernels of other compilers -------------------===//
//
// Implements the search for captured launches and how their kernels get
// arguments from the slots of a node.
//
//===----------------------------------------------------------------------===//

#include "LaunchedKernels.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace graphopt;

/// Reports the first launch, or op of its kind, that is not in a graph.
static LogicalResult verifyNothingLeft(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>()) {
    WalkResult result =
        function.walk(
            [](Operation *op) {
              if (!isa_and_nonnull<gpu::GPUDialect>(op->getDialect()))
                return WalkResult::advance();
              op->emitError()
                  << "'" << op->getName()
                  << "' was not captured, and only captured launches are "
                     "lowered here: the remark 'launch-not-captured' says "
                     "why; upstream's gpu-to-llvm lowers it without a graph";
              return WalkResult::interrupt();
            });
    if (result.wasInterrupted())
      return failure();
  }
  return success();
}

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
         memref.getElementType() == operand.getElementType() &&
         succeeded(verifyCompatibleShape(memref, operand));
}

FailureOr<SmallVector<LaunchedKernel>>
graphopt::findLaunchedKernels(ModuleOp module) {
  if (failed(verifyNothingLeft(module)))
    return failure();
  SymbolTableCollection symbols;
  SmallVector<LaunchedKernel> kernels;
  WalkResult result = module.walk([&](cudagraph::KernelOp node) {
    auto phase = cast<cudagraph::PhaseAttr>(node.getPhases()[0]);
    auto function = symbols.lookupNearestSymbolFrom<gpu::GPUFuncOp>(
        node, phase.getFunction());
    if (!function || takesSlots(function))
      return WalkResult::advance();
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
      SymbolTable::getSymbolUses(module);
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
