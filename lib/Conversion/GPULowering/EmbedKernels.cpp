//===- EmbedKernels.cpp - Code becomes data of the program ----------------===//
//
// Turns each gpu.binary into constants of the LLVM dialect: the image and the
// GoCudaModule by which the runtime loads it.
//
//===----------------------------------------------------------------------===//

#include "../CudaGraphToLLVM/RuntimeCalls.h"
#include "KernelNames.h"

#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/Runtime/GraphRuntime.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace graphopt {
#define GEN_PASS_DEF_EMBEDKERNELS
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

namespace {
struct EmbedKernels : public graphopt::impl::EmbedKernelsBase<EmbedKernels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    for (auto binary :
         llvm::make_early_inc_range(module.getOps<gpu::BinaryOp>()))
      if (failed(embed(binary, symbols)))
        return signalPassFailure();
    module->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  }

private:
  LogicalResult embed(gpu::BinaryOp binary, SymbolTable &symbols);
};
} // namespace

LogicalResult EmbedKernels::embed(gpu::BinaryOp binary, SymbolTable &symbols) {
  if (binary.getObjects().size() != 1)
    return binary.emitOpError("must hold the code of one target");
  Location loc = binary.getLoc();
  OpBuilder builder(binary);
  auto object = cast<gpu::ObjectAttr>(binary.getObjects()[0]);
  // PTX is text and must end in a zero byte.
  std::string image = object.getObject().getValue().str();
  if (object.getFormat() == gpu::CompilationTarget::Assembly)
    image.push_back('\0');

  auto createConstant = [&](Type type, StringRef name, Attribute value) {
    return LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true,
                                  LLVM::Linkage::Internal, name, value,
                                  /*alignment=*/16);
  };
  auto bytes = LLVM::LLVMArrayType::get(builder.getI8Type(), image.size());
  auto imageGlobal = createConstant(bytes, (binary.getName() + ".image").str(),
                                    builder.getStringAttr(image));
  symbols.insert(imageGlobal);
  std::string name = binary.getName().str();
  name.push_back('\0');
  auto nameGlobal = createConstant(
      LLVM::LLVMArrayType::get(builder.getI8Type(), name.size()),
      (binary.getName() + ".name").str(), builder.getStringAttr(name));
  symbols.insert(nameGlobal);

  // A declaration stands for it where graphs were lowered before.
  std::string handle = cudaModuleName(binary.getName());
  if (auto declared = symbols.lookup<LLVM::GlobalOp>(handle))
    symbols.erase(declared);
  RuntimeCalls calls(builder, loc, binary, /*symbols=*/nullptr);
  LLVM::GlobalOp global =
      createConstant(calls.cudaModuleType(), handle, Attribute());
  symbols.insert(global);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&global.getInitializerRegion());
  Value fields[] = {calls.addressOf(nameGlobal.getSymName()),
                    calls.addressOf(imageGlobal.getSymName()),
                    calls.constant(image.size()),
                    calls.constant(binary->hasAttr(kNoConditionsAttr)
                                       ? GO_MODULE_SETS_NO_CONDITIONS
                                       : 0)};
  LLVM::ReturnOp::create(builder, loc,
                         calls.structOf(calls.cudaModuleType(), fields));
  symbols.erase(binary);
  return success();
}
