//===- CodeGen.cpp - From state runtime to object files -------------------===//
//
// Implements translation to LLVM IR, optimization, and code for this machine's
// architecture.
//
//===----------------------------------------------------------------------===//

#include "CodeGen.h"

#include "GraphOpt/Emission/Emission.h"

#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

using namespace graphopt;
using llvm::createStringError;
using llvm::Expected;

Expected<std::unique_ptr<llvm::TargetMachine>>
graphopt::createMachine(llvm::StringRef cpu) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError(message);
  std::string features;
  std::string chosen = cpu.empty() ? "generic" : cpu.str();
  if (triple.getArch() == llvm::Triple::x86_64 && cpu.empty())
    chosen = "x86-64";
  if (cpu == "native") {
    chosen = llvm::sys::getHostCPUName().str();
    for (auto &[name, isOn] : llvm::sys::getHostCPUFeatures())
      features += (features.empty() ? "" : ",") +
                  std::string(isOn ? "+" : "-") + name.str();
  }
  std::unique_ptr<llvm::MCSubtargetInfo> known(
      target->createMCSubtargetInfo(triple, "", ""));
  if (!known->isCPUStringValid(chosen))
    return createStringError("--cpu: LLVM knows no CPU '" + chosen + "' of " +
                             triple.getArchName());
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, chosen, features, llvm::TargetOptions(), llvm::Reloc::PIC_,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

void graphopt::optimizeModule(llvm::Module &module,
                              llvm::TargetMachine &machine) {
  // Without these the vectoriser does not know the CPU.
  for (llvm::Function &function : module) {
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
  }
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
}

Expected<std::unique_ptr<llvm::Module>>
graphopt::translateModule(mlir::ModuleOp module, llvm::TargetMachine &machine,
                          llvm::LLVMContext &context) {
  std::unique_ptr<llvm::Module> translated = mlir::translateModuleToLLVMIR(
      module, context, module.getName().value_or("program"));
  if (!translated)
    return createStringError("the program has no translation to LLVM IR");
  translated->setDataLayout(machine.createDataLayout());
  translated->setTargetTriple(machine.getTargetTriple());
  return translated;
}

Expected<std::unique_ptr<llvm::Module>>
graphopt::translateProgram(mlir::ModuleOp module, llvm::TargetMachine &machine,
                           llvm::LLVMContext &context) {
  auto translated = translateModule(module, machine, context);
  if (translated)
    optimizeModule(**translated, machine);
  return translated;
}

llvm::Error graphopt::writeObject(llvm::Module &module,
                                  llvm::TargetMachine &machine,
                                  llvm::raw_pwrite_stream &os) {
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, os, /*DwoOut=*/nullptr,
                                  llvm::CodeGenFileType::ObjectFile))
    return createStringError("LLVM writes no object files for this machine");
  passes.run(module);
  return llvm::Error::success();
}
