//===- AssembleKernels.cpp - Kernels become code --------------------------===//
//
// Turns each gpu.module into a gpu.binary with its code for one chip.
//
//===----------------------------------------------------------------------===//

#include "CudaToolkit.h"
#include "PTX.h"

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
    if (!isSupportedChip(chip)) {
      getOperation().emitError("unknown chip '")
          << chip << "': kernels need sm_80 or newer";
      return signalPassFailure();
    }
    for (auto module :
         llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>()))
      if (failed(assemble(module)))
        return signalPassFailure();
  }

private:
  LogicalResult assemble(gpu::GPUModuleOp module);
  /// The code of `module` in the format that was asked for.
  FailureOr<std::string> makeObject(gpu::GPUModuleOp module,
                                    std::string ptx,
                                    gpu::CompilationTarget &kind);
};
} // namespace

FailureOr<std::string>
AssembleKernels::makeObject(gpu::GPUModuleOp module, std::string ptx,
                            gpu::CompilationTarget &kind) {
  kind = gpu::CompilationTarget::Assembly;
  if (format == CodeFormat::ISA)
    return ptx;
  llvm::Expected<CudaToolkit> tools = CudaToolkit::find(toolkit);
  if (!tools) {
    std::string why = llvm::toString(tools.takeError());
    if (format == CodeFormat::Auto) {
      module.emitRemark(why) << "; the driver will assemble the PTX";
      return ptx;
    }
    return module.emitError(why) << " (format=isa needs none)", failure();
  }
  llvm::Expected<std::string> code = tools->assemble(ptx, chip);
  kind = gpu::CompilationTarget::Binary;
  if (code && format == CodeFormat::FatBin) {
    code = tools->makeFatBinary(*code, ptx, chip);
    kind = gpu::CompilationTarget::Fatbin;
  }
  if (!code)
    return module.emitError(llvm::toString(code.takeError())), failure();
  return *code;
}

LogicalResult AssembleKernels::assemble(gpu::GPUModuleOp module) {
  FailureOr<std::string> ptx =
      translateToPTX(module, chip, CudaToolkit::findLibdevice(toolkit));
  if (failed(ptx))
    return failure();
  auto kind = gpu::CompilationTarget::Assembly;
  FailureOr<std::string> object = makeObject(module, std::move(*ptx), kind);
  if (failed(object))
    return failure();
  OpBuilder builder(module);
  auto target = NVVM::NVVMTargetAttr::get(
      builder.getContext(), /*optLevel=*/3, "nvptx64-nvidia-cuda", chip);
  auto attribute = gpu::ObjectAttr::get(
      builder.getContext(), target, kind, builder.getStringAttr(*object),
      /*properties=*/DictionaryAttr(), /*kernels=*/gpu::KernelTableAttr());
  gpu::BinaryOp::create(builder, module.getLoc(), module.getName(),
                        /*offloadingHandler=*/Attribute(),
                        ArrayRef<Attribute>{attribute});
  module.erase();
  return success();
}
