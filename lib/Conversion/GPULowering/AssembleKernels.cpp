//===- AssembleKernels.cpp - Kernels become code --------------------------===//
//
// Turns each gpu.module into a gpu.binary with its code for one chip.
//
//===----------------------------------------------------------------------===//

#include "CudaToolkit.h"
#include "KernelNames.h"
#include "PTX.h"

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Conversion/Chips.h"
#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace graphopt {
#define GEN_PASS_DEF_ASSEMBLEKERNELS
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

namespace {
struct AssembleKernels
    : public graphopt::impl::AssembleKernelsBase<AssembleKernels> {
  using AssembleKernelsBase::AssembleKernelsBase;

  void runOnOperation() override {
    if (llvm::Error error = checkChip(chip)) {
      emitError(getOperation().getLoc(), llvm::toString(std::move(error)));
      return signalPassFailure();
    }
    for (auto module :
         llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>()))
      if (failed(assemble(module)))
        return signalPassFailure();
  }

private:
  LogicalResult assemble(gpu::GPUModuleOp module);
  /// The toolkit, or null if the code stays PTX.
  FailureOr<std::optional<CudaToolkit>> findToolkit(gpu::GPUModuleOp module);
  /// The code of `module` in the format that was asked for.
  FailureOr<std::string> makeObject(gpu::GPUModuleOp module, std::string ptx,
                                    const CudaToolkit &tools,
                                    gpu::CompilationTarget &kind);
};
} // namespace

FailureOr<std::optional<CudaToolkit>>
AssembleKernels::findToolkit(gpu::GPUModuleOp module) {
  if (format == CodeFormat::ISA)
    return std::optional<CudaToolkit>();
  llvm::Expected<CudaToolkit> tools = CudaToolkit::find(toolkit);
  if (tools)
    return std::optional<CudaToolkit>(*tools);
  std::string why = llvm::toString(tools.takeError());
  if (format != CodeFormat::Auto)
    return emitError(module.getLoc(), why) << " (format=isa needs none)",
           failure();
  remarkRefused(module, "no-toolkit")
      << remark::reason("{0}; the driver will assemble the PTX", why);
  return std::optional<CudaToolkit>();
}

/// Whether kernels of `module` set conditions of graphs.
static LLVM::LLVMFuncOp findConditionSetter(gpu::GPUModuleOp module) {
  return module.lookupSymbol<LLVM::LLVMFuncOp>(kConditionSetter);
}

/// Gives the function that sets conditions a body that does nothing: PTX can
/// not be linked with the device runtime by the driver alone.
static void dropConditions(LLVM::LLVMFuncOp setter) {
  setter.setLinkage(LLVM::Linkage::Internal);
  OpBuilder builder(setter.getContext());
  builder.setInsertionPointToStart(setter.addEntryBlock(builder));
  LLVM::ReturnOp::create(builder, setter.getLoc(), ValueRange());
}

FailureOr<std::string>
AssembleKernels::makeObject(gpu::GPUModuleOp module, std::string ptx,
                            const CudaToolkit &tools,
                            gpu::CompilationTarget &kind) {
  llvm::Expected<std::string> code = tools.assemble(ptx, chip);
  kind = gpu::CompilationTarget::Binary;
  if (code && format == CodeFormat::FatBin) {
    // Its PTX would lack the device runtime.
    StringRef portable = findConditionSetter(module) ? "" : StringRef(ptx);
    code = tools.makeFatBinary(*code, portable, chip);
    kind = gpu::CompilationTarget::Fatbin;
  }
  if (!code)
    return emitError(module.getLoc(), llvm::toString(code.takeError())),
           failure();
  return *code;
}

LogicalResult AssembleKernels::assemble(gpu::GPUModuleOp module) {
  FailureOr<std::optional<CudaToolkit>> tools = findToolkit(module);
  if (failed(tools))
    return failure();
  LLVM::LLVMFuncOp setter = findConditionSetter(module);
  bool dropsConditions = setter && !*tools;
  if (dropsConditions) {
    remarkRefused(setter, "host-branches")
        << remark::reason("the host takes the branches of this program: "
                          "kernels that set conditions must be linked with "
                          "the device runtime of a CUDA toolkit");
    dropConditions(setter);
  }
  FailureOr<std::string> object =
      translateToPTX(module, chip, CudaToolkit::findLibdevice(toolkit));
  auto kind = gpu::CompilationTarget::Assembly;
  if (succeeded(object) && *tools)
    object = makeObject(module, std::move(*object), **tools, kind);
  if (failed(object))
    return failure();
  OpBuilder builder(module);
  auto target = NVVM::NVVMTargetAttr::get(builder.getContext(), /*optLevel=*/3,
                                          "nvptx64-nvidia-cuda", chip);
  auto attribute = gpu::ObjectAttr::get(
      builder.getContext(), target, kind, builder.getStringAttr(*object),
      /*properties=*/DictionaryAttr(), /*kernels=*/gpu::KernelTableAttr());
  auto binary = gpu::BinaryOp::create(
      builder, module.getLoc(), module.getName(),
      /*offloadingHandler=*/Attribute(), ArrayRef<Attribute>{attribute});
  if (dropsConditions)
    binary->setAttr(kNoConditionsAttr, builder.getUnitAttr());
  module.erase();
  return success();
}
