//===- PTX.cpp - From a lowered gpu.module to PTX -------------------------===//
//
// Implements the translation with upstream's serializer and LLVM's NVPTX
// backend.
//
//===----------------------------------------------------------------------===//

#include "PTX.h"

#include "GraphOpt/Conversion/Chips.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVM/ModuleToObject.h"
#include "mlir/Target/LLVM/NVVM/Utils.h"
#include "llvm/IR/Module.h"

using namespace mlir;
using namespace graphopt;

namespace {
class PTXSerializer : public LLVM::ModuleToObject {
public:
  /// `feature` outlives this object.
  PTXSerializer(gpu::GPUModuleOp module, StringRef chip, StringRef feature,
                StringRef libdevice)
      : ModuleToObject(*module.getOperation(), "nvptx64-nvidia-cuda", chip,
                       feature, /*optLevel=*/3),
        libdevice(libdevice) {}

protected:
  std::optional<SmallVector<std::unique_ptr<llvm::Module>>>
  loadBitcodeFiles(llvm::Module &module) override {
    SmallVector<std::unique_ptr<llvm::Module>> libraries;
    const llvm::Function *called = nullptr;
    for (const llvm::Function &function : module)
      if (function.isDeclaration() && function.getName().starts_with("__nv_"))
        called = &function;
    if (!called)
      return libraries;
    if (libdevice.empty()) {
      emitError(getOperation().getLoc(), "a kernel calls ")
          << called->getName()
          << " of libdevice, but there is no libdevice.10.bc in a CUDA toolkit "
             "or beside this program";
      return std::nullopt;
    }
    std::unique_ptr<llvm::Module> library =
        loadBitcodeFile(module.getContext(), libdevice);
    if (!library)
      return std::nullopt;
    library->setTargetTriple(module.getTargetTriple());
    library->setDataLayout(module.getDataLayout());
    libraries.push_back(std::move(library));
    return libraries;
  }

  FailureOr<SmallVector<char, 0>>
  moduleToObject(llvm::Module &module) override {
    FailureOr<llvm::TargetMachine *> machine = getOrCreateTargetMachine();
    if (failed(machine))
      return emitError(getOperation().getLoc(), "LLVM has no backend for ")
                 << chip,
             failure();
    FailureOr<SmallString<0>> text = translateModuleToISA(
        module, **machine, [&] { return getOperation().emitError(); });
    if (failed(text))
      return failure();
    return SmallVector<char, 0>(text->begin(), text->end());
  }

private:
  StringRef libdevice;
};
} // namespace

FailureOr<std::string> graphopt::translateToPTX(gpu::GPUModuleOp module,
                                                StringRef chip,
                                                StringRef libdevice) {
  NVVM::SerializeGPUModuleBase::init();
  std::string feature = getPTXFeature(chip);
  std::optional<SmallVector<char, 0>> ptx =
      PTXSerializer(module, chip, feature, libdevice).run();
  if (!ptx)
    return failure();
  return std::string(ptx->begin(), ptx->end());
}
