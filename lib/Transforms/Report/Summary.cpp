//===- Summary.cpp - Facts as text ----------------------------------------===//

#include "Facts.h"
#include "Writers.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace graphopt;

/// `value` with commas between thousands.
static std::string formatCount(int64_t value) {
  return llvm::formatv("{0:N0}", value).str();
}

static std::string formatTime(DictionaryAttr facts, StringRef name) {
  std::optional<double> time = getNumber(facts, name);
  return time ? llvm::formatv("{0:f1}", *time).str() : "-";
}

static void writeRow(StringRef title, StringRef before, StringRef after,
                     llvm::raw_ostream &os) {
  os << llvm::formatv("    {0,-24}{1,16}{2,16}\n", title, before, after);
}

static void writeTable(DictionaryAttr function, llvm::raw_ostream &os) {
  DictionaryAttr before = getFacts(function, "before");
  DictionaryAttr after = getFacts(function, "after");
  auto count = [](DictionaryAttr facts, StringRef name) {
    return facts.contains(name) ? formatCount(getInt(facts, name)) : "-";
  };
  auto writeCounts = [&](StringRef title, StringRef name) {
    writeRow(title, count(before, name), count(after, name), os);
  };
  writeRow("per call", "op by op", "graphs", os);
  writeCounts("regions", "regions");
  writeCounts("kernels", "kernels");
  writeCounts("launches", "launches");
  bool isHoisted = after.contains("readbacks_kept");
  writeRow("readbacks", count(before, "readbacks"),
           isHoisted ? formatCount(getInt(after, "readbacks_kept") +
                                   getInt(after, "readbacks_observed") +
                                   getInt(after, "readbacks_deferred"))
                     : "-",
           os);
  writeCounts("uploads", "uploads");
  writeCounts("bytes", "bytes");
  writeRow("predicted microseconds", formatTime(before, "microseconds"),
           formatTime(after, "microseconds"), os);
}

static void writeRegion(DictionaryAttr region, llvm::raw_ostream &os) {
  auto writeCount = [&](StringRef separator, StringRef name, StringRef unit) {
    int64_t count = getInt(region, name);
    if (region.contains(name))
      os << separator << formatCount(count) << " " << unit
         << (count == 1 ? "" : "s");
  };
  os << "    " << getText(region, "name") << " at "
     << getText(region, "location");
  writeCount(": ", "ops", "op");
  writeCount(region.contains("ops") ? ", " : ": ", "kernels", "kernel");
  if (region.contains("graph_nodes")) {
    StringRef separator = ", nodes: ";
    for (NamedAttribute kind : getFacts(region, "graph_nodes")) {
      os << separator << cast<IntegerAttr>(kind.getValue()).getInt() << " "
         << kind.getName().getValue();
      separator = " + ";
    }
  }
  writeCount(", ", "bytes", "byte");
  writeCount(", arena of ", "arena_bytes", "byte");
  if (getText(region, "launch") == "stream")
    os << ", launched node by node";
  if (region.contains("gain_microseconds"))
    os << "; saves about " << formatTime(region, "gain_microseconds")
       << " microseconds a call";
  os << "\n";
}

/// A readback that is left, or a blocker.
static void writeBlocker(DictionaryAttr blocker, llvm::raw_ostream &os) {
  os << "    " << getText(blocker, "location") << ": ["
     << getText(blocker, "code") << "] " << getText(blocker, "op") << ": "
     << getText(blocker, "reason");
  if (blocker.contains("used_by"))
    os << " (" << getText(blocker, "used_by") << " at "
       << getText(blocker, "used_at") << ")";
  os << "\n      " << getText(getFacts(blocker, "what_if"), "text") << "\n";
}

static void writeFunction(DictionaryAttr function, llvm::raw_ostream &os) {
  os << "@" << getText(function, "name") << " at "
     << getText(function, "location") << "\n";
  writeTable(function, os);
  DictionaryAttr after = getFacts(function, "after");
  if (after.contains("readbacks_kept")) {
    os << "  readbacks: " << formatCount(getInt(after, "readbacks_removed"))
       << " removed, ";
    // Which of them wait is seen in the last state only.
    if (int64_t observed = getInt(after, "readbacks_observed"))
      os << formatCount(observed) << " only observed, ";
    os << formatCount(getInt(after, "readbacks_deferred")) << " deferred, "
       << formatCount(getInt(after, "readbacks_kept")) << " kept\n";
  }
  if (SmallVector<DictionaryAttr> regions = getList(function, "regions");
      !regions.empty()) {
    os << "  regions\n";
    for (DictionaryAttr region : regions)
      writeRegion(region, os);
  }
  SmallVector<DictionaryAttr> blockers = getList(function, "readbacks");
  llvm::append_range(blockers, getList(function, "blockers"));
  llvm::erase_if(blockers, [](DictionaryAttr blocker) {
    return !blocker.contains("what_if");
  });
  if (!blockers.empty()) {
    os << "  readbacks that are left, and blockers\n";
    for (DictionaryAttr blocker : blockers)
      writeBlocker(blocker, os);
  }
}

void graphopt::writeSummary(DictionaryAttr report, llvm::raw_ostream &os) {
  for (auto [i, function] : llvm::enumerate(getList(report, "functions"))) {
    if (i > 0)
      os << "\n";
    writeFunction(function, os);
  }
}
