//===- CudaToolkit.cpp - The tools of the CUDA toolkit --------------------===//
//
// Implements the search for a toolkit and the runs of its tools on temporary
// files.
//
//===----------------------------------------------------------------------===//

#include "CudaToolkit.h"
#include "KernelNames.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace graphopt;
using llvm::createStringError;
using llvm::Error;
using llvm::Expected;
using llvm::SmallString;
using llvm::SmallVector;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

//===----------------------------------------------------------------------===//
// Search
//===----------------------------------------------------------------------===//

static std::string join(StringRef folder, StringRef name) {
  SmallString<128> result(folder);
  path::append(result, name);
  return std::string(result);
}

/// Folders that may be toolkits, best first.
static SmallVector<std::string> listCandidates(StringRef given) {
  if (!given.empty())
    return {given.str()};
  SmallVector<std::string> folders;
  for (const char *variable : {"CUDA_ROOT", "CUDA_HOME", "CUDA_PATH"})
    if (auto value = llvm::sys::Process::GetEnv(variable))
      if (!value->empty())
        folders.push_back(*value);
  folders.push_back("/usr/local/cuda");
  if (auto ptxas = llvm::sys::findProgramByName("ptxas"))
    folders.push_back(path::parent_path(path::parent_path(*ptxas)).str());
  return folders;
}

Expected<CudaToolkit> CudaToolkit::find(StringRef given) {
  SmallVector<std::string> looked;
  for (const std::string &folder : listCandidates(given)) {
    std::string ptxas = join(folder, "bin/ptxas");
    if (fs::can_execute(ptxas))
      return CudaToolkit(folder);
    looked.push_back(ptxas);
  }
  return createStringError("found no CUDA toolkit: looked for " +
                           llvm::join(looked, ", "));
}

/// A symbol of this program.
static void anchor() {}

std::string CudaToolkit::findLibdevice(StringRef given) {
  for (const std::string &folder : listCandidates(given)) {
    std::string file = join(folder, "nvvm/libdevice/libdevice.10.bc");
    if (fs::exists(file))
      return file;
  }
  std::string program =
      fs::getMainExecutable(nullptr, reinterpret_cast<void *>(&anchor));
  std::string beside = join(path::parent_path(path::parent_path(program)),
                            "nvvm/libdevice/libdevice.10.bc");
  return fs::exists(beside) ? beside : std::string();
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

namespace {
/// A file that goes away with this object.
class TemporaryFile {
public:
  static Expected<TemporaryFile> create(StringRef suffix, StringRef contents) {
    SmallString<128> name;
    int descriptor = -1;
    if (std::error_code error =
            fs::createTemporaryFile("graph-opt", suffix, descriptor, name))
      return createStringError(error, "no temporary file: " + error.message());
    llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
    stream << contents;
    stream.close();
    TemporaryFile file{std::string(name)};
    if (stream.has_error()) {
      std::string why = stream.error().message();
      stream.clear_error();
      return createStringError("can not write " + name + ": " + why);
    }
    return file;
  }
  TemporaryFile(TemporaryFile &&other) : name(std::move(other.name)) {
    other.name.clear();
  }
  ~TemporaryFile() {
    if (!name.empty())
      fs::remove(name);
  }

  Expected<std::string> read() const {
    auto buffer = llvm::MemoryBuffer::getFile(name);
    if (!buffer)
      return createStringError("can not read " + name + ": " +
                               buffer.getError().message());
    return (*buffer)->getBuffer().str();
  }

  std::string name;

private:
  explicit TemporaryFile(std::string name) : name(std::move(name)) {}
};
} // namespace

Error CudaToolkit::run(StringRef tool,
                       llvm::ArrayRef<std::string> arguments) const {
  std::string program = join(root, ("bin/" + tool).str());
  if (!fs::can_execute(program))
    return createStringError("found no " + tool + ": looked for " + program);
  auto log = TemporaryFile::create("log", "");
  if (!log)
    return log.takeError();
  SmallVector<StringRef> command = {program};
  command.append(arguments.begin(), arguments.end());
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log->name),
                                          StringRef(log->name)};
  std::string message;
  int status = llvm::sys::ExecuteAndWait(program, command, std::nullopt,
                                         redirects, 0, 0, &message);
  if (status == 0)
    return Error::success();
  Expected<std::string> printed = log->read();
  if (!printed)
    return printed.takeError();
  return createStringError(tool + " failed (status " + llvm::Twine(status) +
                           "): " + message + *printed);
}

Expected<std::string> CudaToolkit::assemble(StringRef ptx,
                                            StringRef chip) const {
  auto source = TemporaryFile::create("ptx", ptx);
  if (!source)
    return source.takeError();
  auto object = TemporaryFile::create("cubin", "");
  if (!object)
    return object.takeError();
  bool needsLink = ptx.contains(kConditionSetter);
  SmallVector<std::string> arguments = {"-arch",      chip.str(), "-O3",
                                        source->name, "-o",       object->name};
  if (needsLink)
    arguments.push_back("-c");
  if (Error error = run("ptxas", arguments))
    return std::move(error);
  if (!needsLink)
    return object->read();
  auto linked = TemporaryFile::create("cubin", "");
  if (!linked)
    return linked.takeError();
  if (Error error = run("nvlink", {"-arch", chip.str(), object->name, "-L",
                                   join(root, "lib64"), "-L", join(root, "lib"),
                                   "-lcudadevrt", "-o", linked->name}))
    return std::move(error);
  return linked->read();
}

Expected<std::string> CudaToolkit::makeFatBinary(StringRef cubin, StringRef ptx,
                                                 StringRef chip) const {
  auto code = TemporaryFile::create("cubin", cubin);
  if (!code)
    return code.takeError();
  auto source = TemporaryFile::create("ptx", ptx);
  if (!source)
    return source.takeError();
  auto fat = TemporaryFile::create("fatbin", "");
  if (!fat)
    return fat.takeError();
  StringRef number = chip.substr(chip.find('_') + 1);
  auto image = [&](StringRef kind, StringRef file) {
    return ("--image3=kind=" + kind + ",sm=" + number + ",file=" + file).str();
  };
  SmallVector<std::string> arguments = {"--64", "--create=" + fat->name,
                                        image("elf", code->name)};
  if (!ptx.empty())
    arguments.push_back(image("ptx", source->name));
  if (Error error = run("fatbinary", arguments))
    return std::move(error);
  return fat->read();
}
