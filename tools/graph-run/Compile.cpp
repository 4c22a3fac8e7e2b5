//===- Compile.cpp - From MLIR to a callable program ----------------------===//
//
// Implements compilation: the graph-opt pipeline, translation to LLVM IR, LLVM
// at -O3 for the host's CPU, and ORC.
//
//===----------------------------------------------------------------------===//

#include "Compile.h"

#include "GraphOpt/Emission/Emission.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace graphrun;
using llvm::createStringError;
using llvm::Expected;

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

/// All functions of `module` that can be run.
static std::vector<Entry> listEntries(ModuleOp module) {
  std::vector<Entry> entries;
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic() && !function.isExternal())
      entries.push_back(
          {function.getName().str(), function.getFunctionType(), false});
  for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
    auto name = function->getAttrOfType<StringAttr>("graphopt.entry");
    auto type = function->getAttrOfType<TypeAttr>("graphopt.entry_type");
    auto signature =
        type ? dyn_cast<FunctionType>(type.getValue()) : FunctionType();
    if (name && signature)
      entries.push_back({name.str(), signature, /*isCompiled=*/true,
                         /*isAsync=*/function.getNumArguments() == 5});
  }
  return entries;
}

Expected<Entry> graphrun::findEntry(ModuleOp module, llvm::StringRef name) {
  std::vector<Entry> entries = listEntries(module);
  if (entries.empty())
    return createStringError("the module has no public function with a body");
  if (name.empty() && entries.size() == 1)
    return entries.front();
  std::string names;
  for (const Entry &entry : entries) {
    if (entry.name == name)
      return entry;
    names += (names.empty() ? "" : ", ") + entry.name;
  }
  if (name.empty())
    return createStringError("choose a function by --entry; there are: " +
                             names);
  return createStringError("there is no function '" + name +
                           "'; there are: " + names);
}

llvm::Error graphrun::keepEntryOnly(ModuleOp module, const Entry &entry) {
  if (entry.isCompiled)
    return llvm::Error::success();
  bool hasOthers = false;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic() || function.isExternal() ||
        function.getName() == entry.name)
      continue;
    function.setPrivate();
    hasOthers = true;
  }
  if (!hasOthers)
    return llvm::Error::success();
  PassManager pm(module->getName());
  pm.addPass(createSymbolDCEPass());
  if (failed(pm.run(module)))
    return createStringError("the input could not be reduced to '" +
                             entry.name + "'");
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

void graphrun::setPipelineOptions(const Target &target,
                                  graphopt::PipelineOptions &options) {
  options.precision = target.precision;
  options.calibration = target.calibration;
  options.asyncResults = target.asyncResults;
  options.reportText = target.report;
  if (!target.chip.empty()) {
    options.device = graphopt::Device::CUDA;
    options.chip = target.chip;
  }
}

/// Brings `module` to state `runtime`.
static llvm::Error runPipeline(ModuleOp module, const Target &target) {
  graphopt::PipelineOptions options;
  setPipelineOptions(target, options);
  PassManager pm(module->getName());
  graphopt::buildGraphOptPipeline(pm, options);
  if (failed(pm.run(module)))
    return createStringError("the program could not be compiled");
  return llvm::Error::success();
}

Program::Program(std::unique_ptr<llvm::orc::LLJIT> jit) : jit(std::move(jit)) {}

Program::~Program() {
  if (jit)
    llvm::consumeError(jit->deinitialize(jit->getMainJITDylib()));
}

Expected<std::unique_ptr<Program>>
Program::compile(ModuleOp module, const Entry &entry, const Target &target) {
  OwningOpRef<ModuleOp> copy(module.clone());
  if (!entry.isCompiled)
    if (llvm::Error error = runPipeline(*copy, target))
      return std::move(error);

  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto machineBuilder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!machineBuilder)
    return machineBuilder.takeError();
  machineBuilder->setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  auto machine = machineBuilder->createTargetMachine();
  if (!machine)
    return machine.takeError();
  auto context = std::make_unique<llvm::LLVMContext>();
  auto translated = graphopt::translateProgram(*copy, **machine, *context);
  if (!translated)
    return translated.takeError();

  auto jit = llvm::orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(std::move(*machineBuilder))
                 .create();
  if (!jit)
    return jit.takeError();
  llvm::orc::JITDylib &library = (*jit)->getMainJITDylib();
  if (llvm::Error error = defineRuntimeSymbols(**jit, library, target.symbols))
    return std::move(error);
  std::unique_ptr<Program> program(new Program(std::move(*jit)));
  if (llvm::Error error = program->jit->addIRModule(llvm::orc::ThreadSafeModule(
          std::move(*translated), std::move(context))))
    return std::move(error);
  if (llvm::Error error = program->jit->initialize(library))
    return std::move(error);
  bool isAsync = entry.isCompiled ? entry.isAsync : target.asyncResults;
  auto address =
      program->jit->lookup(isAsync ? graphopt::asyncEntryPointName(entry.name)
                                   : graphopt::entryPointName(entry.name));
  if (!address)
    return address.takeError();
  if (isAsync)
    program->entry.asyncEntry = address->toPtr<GoAsyncEntryPoint>();
  else
    program->entry.entry = address->toPtr<GoEntryPoint>();
  return program;
}
