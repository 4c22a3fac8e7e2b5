//===- PackKernelArguments.cpp - Captured kernels take slots --------------===//
//
// Gives the kernels of captured launches the one parameter that nodes pass: a
// copy of the kernel reads its arguments from the slots.
//
//===----------------------------------------------------------------------===//

#include "../GPULowering/KernelNames.h"
#include "LaunchedKernels.h"

#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"

namespace graphopt {
#define GEN_PASS_DEF_PACKKERNELARGUMENTS
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

/// Bytes of the parameters of a kernel on sm_70 and newer: CUDA C++ Programming
/// Guide, "Function parameters" (32,764 from CUDA 12.1 on).
static constexpr int64_t kMaxParameterBytes = 32764;
static constexpr int64_t kSlotBytes = 8;

/// Pattern: gpu.func @k(%m: memref, %s: f32) -> gpu.func @k_slots(%slots: ptr)
/// The operands of the node have the types `operands`.
static gpu::GPUFuncOp clonePacked(gpu::GPUFuncOp function, TypeRange operands) {
  MLIRContext *context = function.getContext();
  LLVMTypeConverter converter(context);
  OpBuilder builder(function);
  auto packed = cast<gpu::GPUFuncOp>(builder.clone(*function));
  packed.setName((function.getName() + "_slots").str());
  auto pointer = LLVM::LLVMPointerType::get(context);
  auto global = LLVM::LLVMPointerType::get(context, /*addressSpace=*/1);
  Location loc = function.getLoc();
  (void)packed.insertArgument(0, pointer, {}, loc);
  builder.setInsertionPointToStart(&packed.getBody().front());
  for (auto [i, operand] : llvm::enumerate(operands)) {
    BlockArgument argument = packed.getArgument(i + 1);
    Value slot = LLVM::GEPOp::create(
        builder, loc, pointer, builder.getI64Type(), packed.getArgument(0),
        LLVM::GEPArg(static_cast<int32_t>(i)));
    Value value;
    if (auto type = dyn_cast<MemRefType>(argument.getType())) {
      Value address = LLVM::LoadOp::create(builder, loc, global, slot);
      address = LLVM::AddrSpaceCastOp::create(builder, loc, pointer, address);
      value = createArgument(builder, loc, converter, address,
                             cast<MemRefType>(operand), type);
    } else {
      value = loadArgument(builder, loc, slot, argument.getType());
    }
    argument.replaceAllUsesWith(value);
  }
  BitVector natives(packed.getNumArguments(), true);
  natives.reset(0);
  (void)packed.eraseArguments(natives);
  int64_t numSlots = operands.size();
  if (numSlots * kSlotBytes <= kMaxParameterBytes)
    packed->setAttr(kSlotsByValueAttr, builder.getI64IntegerAttr(numSlots));
  return packed;
}

/// Lets the kernels of nodes whose operands go in a table take them so. All
/// nodes of such a kernel do.
static void takeTables(ModuleOp module, SymbolTableCollection &symbols) {
  module.walk([&](cudagraph::KernelOp node) {
    Attribute operands =
        node->removeAttr(cudagraph::KernelOp::kOperandsAttribute);
    if (!operands)
      return;
    for (auto phase : node.getPhases().getAsRange<cudagraph::PhaseAttr>())
      if (Operation *kernel =
              symbols.lookupSymbolIn(module, phase.getFunction()))
        kernel->removeAttr(kSlotsByValueAttr);
  });
}

namespace {
struct PackKernelArguments
    : public graphopt::impl::PackKernelArgumentsBase<PackKernelArguments> {
  void runOnOperation() override {
    FailureOr<SmallVector<LaunchedKernel>> kernels =
        findLaunchedKernels(getOperation());
    if (failed(kernels))
      return signalPassFailure();
    SymbolTableCollection symbols;
    // One copy for each kernel and types of operands.
    llvm::MapVector<std::pair<Operation *, Attribute>, gpu::GPUFuncOp> copies;
    Builder builder(&getContext());
    for (auto [node, function] : *kernels) {
      TypeRange types = node.getArgs().getTypes();
      gpu::GPUFuncOp &packed =
          copies[{function, builder.getTypeArrayAttr(types)}];
      auto module = function->getParentOfType<gpu::GPUModuleOp>();
      if (!packed) {
        packed = clonePacked(function, types);
        symbols.getSymbolTable(module).insert(packed);
      }
      auto symbol = SymbolRefAttr::get(module.getNameAttr(),
                                       FlatSymbolRefAttr::get(packed));
      node.setPhasesAttr(builder.getArrayAttr(
          cudagraph::PhaseAttr::get(&getContext(), symbol, /*items=*/1)));
    }
    takeTables(getOperation(), symbols);
    eraseUnusedKernels(getOperation());
  }
};
} // namespace
