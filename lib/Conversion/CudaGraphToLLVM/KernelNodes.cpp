//===- KernelNodes.cpp - Kernel nodes of graphs ---------------------------===//
//
// Implements the lowering of cudagraph.kernel: the table of phases of a kernel
// on the host, the GoCudaLaunch of one on the GPU, and the call that adds the
// node.
//
//===----------------------------------------------------------------------===//

#include "../GPULowering/KernelNames.h"
#include "GraphEmitter.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::cudagraph;
using namespace graphopt;

Operation *GraphEmitter::lookup(SymbolRefAttr symbol) {
  Operation *table = SymbolTable::getNearestSymbolTable(graph);
  return symbols ? symbols->lookupSymbolIn(table, symbol)
                 : SymbolTable::lookupSymbolIn(table, symbol);
}

/// The name of the function of `phase`, or of the module that holds it.
static FlatSymbolRefAttr getContainer(PhaseAttr phase) {
  return FlatSymbolRefAttr::get(phase.getFunction().getRootReference());
}

/// Reports that `phase` of `kernel` is not on the kernel's device: `found`, if
/// that is not null, is what the phase names or is in.
static void refusePhase(KernelOp kernel, PhaseAttr phase, Operation *found) {
  bool onGPU = kernel.getGrid().has_value();
  InFlightDiagnostic error =
      kernel.emitOpError(onGPU ? "has a grid, so it runs on the GPU"
                               : "has no grid, so it runs on the host");
  error << ", but phase " << phase.getFunction();
  if (!found) {
    error << " does not exist";
    return;
  }
  bool isContainer = isa<gpu::GPUModuleOp, gpu::BinaryOp>(found);
  error << (isContainer ? " is in a '" : " is a '") << found->getName() << "'";
  error.attachNote(found->getLoc()) << "found here";
}

FailureOr<std::string> GraphEmitter::emitPhases(KernelOp kernel) {
  Location loc = kernel.getLoc();
  auto phases = llvm::to_vector(kernel.getPhases().getAsRange<PhaseAttr>());
  auto type = LLVM::LLVMArrayType::get(calls.phaseType(), phases.size());
  std::string name = freshName("phases");
  LLVM::GlobalOp global = createGlobal(type, name, Attribute(), 8);

  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&global.getInitializerRegion());
  Value array = LLVM::PoisonOp::create(builder, loc, type);
  for (auto [index, phase] : llvm::enumerate(phases)) {
    Operation *target = lookup(phase.getFunction());
    Value address;
    if (isa_and_nonnull<LLVM::LLVMFuncOp>(target)) {
      address = calls.addressOf(phase.getFunction().getLeafReference());
    } else if (auto function = dyn_cast_or_null<func::FuncOp>(target)) {
      // Becomes the address once functions are converted.
      address = func::ConstantOp::create(
          builder, loc, function.getFunctionType(), function.getSymName());
      address = UnrealizedConversionCastOp::create(builder, loc,
                                                   calls.pointerType(), address)
                    .getResult(0);
    } else {
      if (!target)
        target = lookup(getContainer(phase));
      return refusePhase(kernel, phase, target), failure();
    }
    array = LLVM::InsertValueOp::create(builder, loc, array, address,
                                        ArrayRef<int64_t>{int64_t(index), 0});
    array = LLVM::InsertValueOp::create(builder, loc, array,
                                        calls.constant(phase.getItems()),
                                        ArrayRef<int64_t>{int64_t(index), 1});
  }
  LLVM::ReturnOp::create(builder, loc, array);
  return name;
}

FailureOr<std::string> GraphEmitter::emitLaunch(KernelOp kernel) {
  Location loc = kernel.getLoc();
  if (kernel.getPhases().size() != 1)
    return kernel.emitOpError("has a grid, so it runs on the GPU, where a "
                              "kernel has one phase, but there are ")
               << kernel.getPhases().size(),
           failure();
  auto phaseAttr = cast<PhaseAttr>(kernel.getPhases()[0]);
  SymbolRefAttr phase = phaseAttr.getFunction();
  Operation *container = lookup(getContainer(phaseAttr));
  if (!isa_and_nonnull<gpu::GPUModuleOp, gpu::BinaryOp>(container))
    return refusePhase(kernel, phaseAttr, container), failure();
  // A gpu.binary does not show its functions.
  Operation *function = lookup(phase);
  std::string name = freshName("launch");
  LLVM::GlobalOp global =
      createGlobal(calls.cudaLaunchType(), name, Attribute(), 8);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&global.getInitializerRegion());
  auto extent = [&](ArrayRef<int64_t> sizes) -> Value {
    SmallVector<int32_t> values(sizes.begin(), sizes.end());
    auto type = LLVM::LLVMArrayType::get(builder.getI32Type(), 3);
    return LLVM::ConstantOp::create(builder, loc, type,
                                    builder.getI32TensorAttr(values));
  };
  bool byValue = function && function->hasAttr(kSlotsByValueAttr);
  int64_t cooperation = GO_COOPERATIVE_NONE;
  if (kernel.getCooperative())
    cooperation = kernel->hasAttr(KernelOp::kAnyGridAttribute)
                      ? GO_COOPERATIVE_ANY_GRID
                      : GO_COOPERATIVE_GRID;
  Value fields[] = {
      calls.addressOfCudaModule(phase.getRootReference().getValue()),
      emitString(phase.getLeafReference().getValue()),
      extent(*kernel.getGrid()),
      extent(*kernel.getBlock()),
      calls.constant(kernel.getSharedBytes().value_or(0), 32),
      calls.constant(cooperation, 32),
      calls.constant(byValue ? GO_OPERANDS_BY_VALUE : GO_OPERANDS_IN_TABLE, 32),
      calls.constant(/*reserved=*/0, 32)};
  LLVM::ReturnOp::create(builder, loc,
                         calls.structOf(calls.cudaLaunchType(), fields));
  return name;
}

LogicalResult GraphEmitter::emitKernel(KernelOp kernel,
                                       SmallVector<Value> arguments,
                                       Value slot) {
  SmallVector<BufferAccess> accesses;
  kernel.collectAccesses(accesses);
  ArrayRef<int64_t> handles = kernel.getSets().value_or(ArrayRef<int64_t>());
  FailureOr<Value> refs = emitRefs(accesses, handles);
  if (failed(refs))
    return failure();
  llvm::append_values(arguments, emitString(kernel.getKernelName()), *refs,
                      calls.constant(accesses.size() + handles.size()));
  if (kernel.getGrid()) {
    FailureOr<std::string> launch = emitLaunch(kernel);
    if (failed(launch))
      return failure();
    llvm::append_values(arguments, calls.addressOf(*launch), slot);
    return callChecked("goGraphAddCudaKernel", arguments);
  }
  FailureOr<std::string> phases = emitPhases(kernel);
  if (failed(phases))
    return failure();
  llvm::append_values(arguments, calls.addressOf(*phases),
                      calls.constant(kernel.getPhases().size()), slot);
  return callChecked("goGraphAddHostKernel", arguments);
}
