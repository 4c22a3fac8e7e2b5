//===- Emission.cpp - Programs compiled ahead of time ---------------------===//
//
// Implements emission, step by step: the pipeline, the interface, code, files.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Emission/Emission.h"

#include "CodeGen.h"
#include "Interface.h"
#include "Link.h"
#include "Program.h"

#include "GraphOpt/Pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Path.h"

using namespace graphopt;
using llvm::createStringError;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

namespace {
/// Files that appear under their names together, when all are complete.
class FileSet {
public:
  ~FileSet() {
    for (File &file : files)
      llvm::consumeError(file.temporary.discard());
  }

  /// Makes a file that will be called `name`; its temporary path.
  Expected<std::string> create(const llvm::Twine &name);
  /// Writes `text` to a file that will be called `name`.
  Error write(const llvm::Twine &name, StringRef text);
  /// Temporary path of the file that was made last.
  StringRef lastPath() const { return files.back().temporary.TmpName; }
  /// Gives all files their names. If one can not have it, none is left.
  Error keep();

private:
  struct File {
    fs::TempFile temporary;
    std::string name;
  };
  std::vector<File> files;
};
} // namespace

static Error writeError(StringRef name, StringRef reason) {
  return createStringError("can not write '" + name + "': " + reason);
}

Expected<std::string> FileSet::create(const llvm::Twine &name) {
  std::string target = name.str();
  if (fs::is_directory(target))
    return writeError(target, "it is a folder");
  Expected<fs::TempFile> file = fs::TempFile::create(target + ".%%%%%%.tmp");
  if (!file)
    return writeError(target, llvm::toString(file.takeError()));
  files.push_back({std::move(*file), target});
  return files.back().temporary.TmpName;
}

Error FileSet::write(const llvm::Twine &name, StringRef text) {
  Expected<std::string> place = create(name);
  if (!place)
    return place.takeError();
  llvm::raw_fd_ostream os(files.back().temporary.FD, /*shouldClose=*/false);
  os << text;
  os.flush();
  std::error_code error = os.error();
  os.clear_error();
  return error ? writeError(files.back().name, error.message())
               : Error::success();
}

Error FileSet::keep() {
  for (auto [index, file] : llvm::enumerate(files))
    if (Error error = file.temporary.keep(file.name)) {
      for (size_t i = 0; i < index; ++i)
        fs::remove(files[i].name);
      return writeError(file.name, llvm::toString(std::move(error)));
    }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Program
//===----------------------------------------------------------------------===//

/// Prints `text` on the standard output.
static Error print(StringRef text) {
  llvm::raw_fd_ostream &os = llvm::outs();
  os << text;
  os.flush();
  std::error_code error = os.error();
  os.clear_error();
  return error ? writeError("the standard output", error.message())
               : Error::success();
}

/// The start of all C names: a C identifier.
static Expected<std::string> programName(const EmissionOptions &options) {
  if (!options.name.empty()) {
    if (toIdentifier(options.name) != options.name)
      return createStringError("--name: '" + options.name +
                               "' is not a C identifier");
    return options.name;
  }
  StringRef stem = path::filename(options.output);
  stem.consume_front("lib");
  return options.output == "-" ? std::string("program") : toIdentifier(stem);
}

static Error runPipeline(mlir::ModuleOp module,
                         const PipelineOptions &pipeline) {
  mlir::PassManager pm(module->getName());
  buildGraphOptPipeline(pm, pipeline);
  if (failed(pm.run(module)))
    return createStringError("the program could not be compiled");
  return Error::success();
}

/// Brings `module` to state `runtime` and finds out what it offers.
static Expected<ProgramInfo> compile(mlir::ModuleOp module,
                                     const PipelineOptions &pipeline,
                                     const EmissionOptions &options) {
  ProgramInfo program;
  Expected<std::string> name = programName(options);
  if (!name)
    return name.takeError();
  program.name = *name;
  program.functions = collectFunctions(module);
  // Part of the key of cached graphs.
  if (!module.getName())
    module.setName(program.name);
  // A compiled module has no public functions.
  bool isCompiled = program.functions.empty();
  if (!isCompiled)
    if (Error error = runPipeline(module, pipeline))
      return std::move(error);
  if (Error error = addEntryPoints(module, program.functions))
    return std::move(error);
  program.isCUDA = isCompiled
                       ? bool(module.lookupSymbol("goGraphAddCudaKernel"))
                       : pipeline.device == Device::CUDA;
  if (program.isCUDA && !isCompiled)
    program.chip = pipeline.chip;
  return program;
}

/// Writes the object file or the library.
static Error writeCode(llvm::Module &code, llvm::TargetMachine &machine,
                       const ProgramInfo &program,
                       const EmissionOptions &options, FileSet &files) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream os(bytes);
  if (Error error = writeObject(code, machine, os))
    return error;
  StringRef object(bytes.data(), bytes.size());
  if (options.kind == EmissionKind::Object)
    return files.write(options.output + ".o", object);

  FileSet temporary;
  llvm::SmallString<128> folder;
  path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
  path::append(folder, "graph-compile.o");
  if (Error error = temporary.write(folder, object))
    return error;
  Expected<std::string> library = files.create(options.output + ".so");
  if (!library)
    return library.takeError();
  LinkInput input;
  input.object = temporary.lastPath().str();
  input.output = *library;
  input.soName = (path::filename(options.output) + ".so").str();
  input.hasExternals = !program.externals.empty();
  return linkLibrary(input, options);
}

Error graphopt::emitProgram(mlir::ModuleOp module,
                            const PipelineOptions &pipeline,
                            const EmissionOptions &options) {
  Expected<ProgramInfo> program = compile(module, pipeline, options);
  if (!program)
    return program.takeError();
  auto machine = createMachine(options.cpu);
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  auto code = translateModule(module, **machine, context);
  if (!code)
    return code.takeError();
  program->externals = listExternals(**code);
  chooseNames(**code, *program);
  if (Error error = addInterface(**code, *program))
    return error;

  FileSet files;
  bool isPrinted = options.output == "-";
  if (options.kind == EmissionKind::LLVM) {
    optimizeModule(**code, **machine);
    std::string text;
    llvm::raw_string_ostream(text) << **code;
    if (isPrinted)
      return print(text);
    if (Error error = files.write(options.output + ".ll", text))
      return error;
    return files.keep();
  }
  std::string header = writeHeader(*program);
  if (isPrinted)
    return print(header);
  if (options.kind != EmissionKind::Header) {
    optimizeModule(**code, **machine);
    if (Error error = writeCode(**code, **machine, *program, options, files))
      return error;
  }
  if (Error error = files.write(options.output + ".h", header))
    return error;
  return files.keep();
}
