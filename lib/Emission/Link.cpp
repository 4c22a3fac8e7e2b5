//===- Link.cpp - Linking emitted libraries -------------------------------===//

#include "Link.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/Magic.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

using namespace graphopt;
using llvm::createStringError;
using llvm::Expected;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

static constexpr llvm::StringLiteral runtimeLibrary = "libgraphopt_runtime.so";

/// The program of the PATH that is called `name` and a version, as in
/// `clang-22`, which may be all that a distribution installs: the newest, and
/// of these the first. Empty if there is none.
static std::string findNewest(llvm::StringRef name) {
  llvm::SmallVector<llvm::StringRef> folders;
  std::string searched = llvm::sys::Process::GetEnv("PATH").value_or("");
  llvm::SplitString(searched, folders,
                    llvm::StringRef(&llvm::sys::EnvPathSeparator, 1));
  unsigned newest = 0;
  std::string result;
  for (llvm::StringRef folder : folders) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
      llvm::StringRef version = path::filename(it->path());
      unsigned number;
      if (version.consume_front(name) && version.consume_front("-") &&
          !version.getAsInteger(10, number) && number > newest &&
          fs::can_execute(it->path())) {
        newest = number;
        result = it->path();
      }
    }
  }
  return result;
}

static Expected<std::string> findLinker(llvm::StringRef chosen) {
  if (!chosen.empty()) {
    llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName(chosen);
    if (!found)
      return createStringError("--linker: there is no program '" + chosen +
                               "'");
    return *found;
  }
  for (llvm::StringRef name : {"cc", "clang", "gcc"})
    if (llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName(name))
      return *found;
  for (llvm::StringRef name : {"clang", "gcc"})
    if (std::string found = findNewest(name); !found.empty())
      return found;
  return createStringError(
      "no linker: none of cc, clang, gcc, and of clang and gcc with a version "
      "(clang-22), is on the PATH; --linker names one, --emit=object needs "
      "none");
}

/// The folder of the runtime's library.
static Expected<std::string> findRuntime(llvm::StringRef chosen) {
  llvm::SmallString<128> folder(chosen);
  if (chosen.empty()) {
    std::string program =
        fs::getMainExecutable(nullptr, reinterpret_cast<void *>(&findRuntime));
    folder = path::parent_path(path::parent_path(program));
    path::append(folder, "lib");
  }
  if (std::error_code error = fs::make_absolute(folder))
    return createStringError("--runtime: " + error.message());
  llvm::SmallString<128> library(folder);
  path::append(library, runtimeLibrary);
  if (!fs::exists(library))
    return createStringError("there is no '" + library +
                             "'; --runtime names the folder of " +
                             runtimeLibrary);
  return std::string(folder);
}

/// An error if `linker` left no shared library at `library`.
static llvm::Error checkLibrary(llvm::StringRef linker,
                                llvm::StringRef library) {
  llvm::file_magic magic;
  if (!llvm::identify_magic(library, magic) &&
      magic == llvm::file_magic::elf_shared_object)
    return llvm::Error::success();
  return createStringError("the linker made no shared library: " + linker);
}

llvm::Error graphopt::linkLibrary(const LinkInput &input,
                                  const EmissionOptions &options) {
  Expected<std::string> linker = findLinker(options.linker);
  if (!linker)
    return linker.takeError();
  Expected<std::string> runtime = findRuntime(options.runtimeFolder);
  if (!runtime)
    return runtime.takeError();
  std::string runPath =
      options.runPath.empty() ? "$ORIGIN:" + *runtime : options.runPath;
  std::vector<std::string> command = {*linker,
                                      "-shared",
                                      "-o",
                                      input.output,
                                      input.object,
                                      "-Wl,-soname," + input.soName,
                                      "-Wl,-rpath," + runPath,
                                      "-L" + *runtime,
                                      "-lgraphopt_runtime"};
  llvm::append_range(command, options.linkerArguments);
  command.push_back("-lm");
  // What nobody defines is found now, not when the library is loaded.
  if (!input.hasExternals)
    command.push_back("-Wl,-z,defs");

  llvm::SmallString<128> log;
  if (std::error_code error =
          fs::createTemporaryFile("graph-compile", "log", log))
    return createStringError("no temporary file: " + error.message());
  llvm::FileRemover removeLog(log);
  std::string message;
  std::optional<llvm::StringRef> redirects[] = {
      llvm::StringRef(), llvm::StringRef(log), llvm::StringRef(log)};
  llvm::SmallVector<llvm::StringRef> arguments(command.begin(), command.end());
  int status = llvm::sys::ExecuteAndWait(*linker, arguments, std::nullopt,
                                         redirects, 0, 0, &message);
  if (status == 0)
    return checkLibrary(*linker, input.output);
  auto output = llvm::MemoryBuffer::getFile(log);
  return createStringError(
      "the linker failed: " + *linker +
      (message.empty() ? "" : ": " + message) + "\n" +
      (output ? (*output)->getBuffer().rtrim() : llvm::StringRef()));
}
