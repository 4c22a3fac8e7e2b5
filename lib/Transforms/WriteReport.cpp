//===- WriteReport.cpp - Write what was captured, refused, and why --------===//

#include "GraphOpt/Transforms/Passes.h"
#include "Report/Facts.h"
#include "Report/Writers.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

namespace graphopt {
#define GEN_PASS_DEF_WRITEREPORT
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

/// Writes `text`, all of it: a full disk is an error.
static llvm::Error print(StringRef text, llvm::raw_fd_ostream &os) {
  os << text;
  os.flush();
  std::error_code code = os.error();
  os.clear_error();
  return llvm::errorCodeToError(code);
}

/// Writes `file` beside its place, then moves it there.
static llvm::Error replaceFile(const Twine &file, StringRef text) {
  auto temporary = llvm::sys::fs::TempFile::create(file + ".%%%%%%.tmp",
                                                   /*Mode=*/0666);
  if (!temporary)
    return temporary.takeError();
  llvm::raw_fd_ostream os(temporary->FD, /*shouldClose=*/false);
  llvm::Error error = print(text, os);
  return error ? llvm::joinErrors(std::move(error), temporary->discard())
               : temporary->keep(file);
}

/// Writes `file` at once. What is no file, such as a pipe, is written as it is;
/// a link stays, and what it names is replaced.
static llvm::Error writeFile(StringRef file, StringRef text) {
  if (file == "-")
    return print(text, llvm::outs());
  llvm::sys::fs::file_status status;
  if (!llvm::sys::fs::status(file, status) &&
      status.type() != llvm::sys::fs::file_type::regular_file) {
    std::error_code code;
    llvm::raw_fd_ostream os(file, code);
    return code ? llvm::errorCodeToError(code) : print(text, os);
  }
  llvm::SmallString<128> target;
  bool exists = !llvm::sys::fs::real_path(file, target);
  return replaceFile(exists ? target.str() : file, text);
}

/// Levels of lists and dictionaries that a report has at most: far fewer, so
/// that one of this depth was made by somebody else.
static constexpr unsigned kMaxDepth = 64;

/// Whether `report` is nested less deep than the writers, which recurse, bear.
static bool isShallow(DictionaryAttr report) {
  SmallVector<std::pair<Attribute, unsigned>> worklist = {{report, 1}};
  while (!worklist.empty()) {
    auto [attribute, depth] = worklist.pop_back_val();
    if (depth > kMaxDepth)
      return false;
    if (auto list = dyn_cast<ArrayAttr>(attribute))
      for (Attribute element : list)
        worklist.push_back({element, depth + 1});
    if (auto facts = dyn_cast<DictionaryAttr>(attribute))
      for (NamedAttribute entry : facts)
        worklist.push_back({entry.getValue(), depth + 1});
  }
  return true;
}

namespace {
struct WriteReport : public graphopt::impl::WriteReportBase<WriteReport> {
  using WriteReportBase::WriteReportBase;
  WriteReport(const WriteReportOptions &options, std::string *text)
      : WriteReportBase(options), text(text) {}

  void runOnOperation() override {
    DictionaryAttr report = getReport(getOperation());
    // The program is what it is without a report.
    dropReport(getOperation());
    if (!isShallow(report)) {
      emitError(UnknownLoc::get(&getContext()))
          << "attribute 'graphopt.report' is nested more than " << kMaxDepth
          << " levels deep";
      return signalPassFailure();
    }
    write(json, writeJSON, report);
    if (text) {
      text->clear();
      llvm::raw_string_ostream stream(*text);
      writeJSON(report, stream);
    }
    write(dot, writeDot, report);
    if (summary)
      writeSummary(report, llvm::errs());
  }

private:
  using Writer = void (*)(DictionaryAttr, llvm::raw_ostream &);

  void write(StringRef file, Writer writer, DictionaryAttr report) {
    if (file.empty())
      return;
    std::string text;
    llvm::raw_string_ostream stream(text);
    writer(report, stream);
    llvm::Error error = writeFile(file, text);
    if (!error)
      return;
    emitError(UnknownLoc::get(&getContext()))
        << "can not write the report to '" << file
        << "': " << llvm::errorToErrorCode(std::move(error)).message();
    signalPassFailure();
  }

  std::string *text = nullptr; ///< Receives the JSON; null: nobody asked.
};
} // namespace

std::unique_ptr<Pass>
graphopt::createWriteReport(const WriteReportOptions &options,
                            std::string *json) {
  return std::make_unique<WriteReport>(options, json);
}
