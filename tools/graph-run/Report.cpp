//===- Report.cpp - What graph-run prints ---------------------------------===//
//
// Implements the output of graph-run: to the terminal and to files.
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include "Npy.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"

#include <cmath>

using namespace mlir;
using namespace graphrun;
using llvm::outs;

int graphrun::fail(const llvm::Twine &message) {
  outs().flush();
  llvm::errs() << "graph-run: error: " << message << '\n';
  return 1;
}

int graphrun::fail(llvm::Error error) {
  return fail(llvm::toString(std::move(error)));
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// Prints a float with as few digits as identify it among those of its kind.
static void printFloat(ElementKind kind, double value) {
  if (!std::isfinite(value)) {
    outs() << (value != value ? "nan" : value > 0 ? "inf" : "-inf");
    return;
  }
  char buffer[32];
  if (value == std::trunc(value) && std::fabs(value) < 1e15) {
    outs() << llvm::format("%.0f", value);
    return;
  }
  for (int digits = 3; digits <= 17; ++digits) {
    std::snprintf(buffer, sizeof(buffer), "%.*g", digits, value);
    double back = std::strtod(buffer, nullptr);
    roundColumn(kind, &back, 1);
    if (back == value)
      break;
  }
  outs() << buffer;
}

static void printElement(const HostTensor &array, int64_t index) {
  const char *at = array.data() + index * bytesOf(array.kind);
  if (isFloatKind(array.kind)) {
    double value;
    loadColumn(array.kind, at, 1, 1, &value);
    return printFloat(array.kind, value);
  }
  int64_t value;
  loadColumn(array.kind, at, 1, 1, &value);
  if (array.kind == ElementKind::I1)
    outs() << (value ? "true" : "false");
  else
    outs() << value;
}

static void printArray(llvm::StringRef name, size_t index,
                       const HostTensor &array) {
  constexpr int64_t shown = 8;
  HostTensor rows = array.isContiguous() ? array : array.clone();
  outs() << name << index << " = " << mlirName(rows.kind) << ' '
         << shapeString(rows.shape) << ':';
  for (int64_t i = 0; i < std::min(shown, rows.numElements()); ++i) {
    outs() << ' ';
    printElement(rows, i);
  }
  outs() << (rows.numElements() > shown ? " ...\n" : "\n");
}

void graphrun::printResults(FunctionType type, ArrayRef<HostTensor> arguments,
                            ArrayRef<HostTensor> results, bool all) {
  for (auto [index, array] : llvm::enumerate(results)) {
    if (!isa<ShapedType>(type.getResult(index))) {
      outs() << "result" << index << " = ";
      printElement(array, 0);
      outs() << " : " << mlirName(array.kind) << '\n';
    } else if (all) {
      printArray("result", index, array);
    }
  }
  for (auto [index, array] : llvm::enumerate(arguments))
    if (all && isa<BaseMemRefType>(type.getInput(index)))
      printArray("arg", index, array);
}

//===----------------------------------------------------------------------===//
// Counters
//===----------------------------------------------------------------------===//

llvm::json::Object graphrun::totalsOf(llvm::StringRef report,
                                      llvm::StringRef function) {
  llvm::json::Object totals;
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(report);
  if (!parsed) {
    // Modules that are compiled already have none.
    llvm::consumeError(parsed.takeError());
    return totals;
  }
  const llvm::json::Object *root = parsed->getAsObject();
  const llvm::json::Array *functions =
      root ? root->getArray("functions") : nullptr;
  if (!functions)
    return totals;
  for (const llvm::json::Value &value : *functions) {
    const llvm::json::Object *facts = value.getAsObject();
    if (!facts || facts->getString("name") != function)
      continue;
    for (llvm::StringRef side : {"before", "after"}) {
      const llvm::json::Object *counts = facts->getObject(side);
      if (!counts)
        continue;
      llvm::json::Object &kept = *totals.try_emplace(side, llvm::json::Object())
                                      .first->second.getAsObject();
      for (const auto &[name, count] : *counts)
        if (count.kind() != llvm::json::Value::Array)
          kept[name] = count;
    }
  }
  return totals;
}

/// Prints the numbers in `object`, one per line, under their paths.
static void printNumbers(const llvm::json::Object &object, std::string path) {
  std::vector<llvm::StringRef> names;
  for (const auto &entry : object)
    names.push_back(entry.first);
  llvm::sort(names);
  for (llvm::StringRef name : names) {
    const llvm::json::Value &value = *object.get(name);
    if (const llvm::json::Object *inner = value.getAsObject())
      printNumbers(*inner, path + name.str() + ".");
    else
      outs() << llvm::left_justify(path + name.str(), 28) << ' ' << value
             << '\n';
  }
}

std::vector<RegionStats> graphrun::collectRegions(GoContext *context) {
  std::vector<RegionStats> regions;
  auto add = [](void *data, const GoRegion *region) {
    static_cast<std::vector<RegionStats> *>(data)->push_back(
        {region->module, region->name, region->owner, region->device_bytes,
         region->counters});
  };
  // It fails for arguments that are null alone.
  (void)goContextVisitRegions(context, add, &regions);
  return regions;
}

using Field = std::pair<llvm::StringLiteral, uint64_t>;

static SmallVector<Field> fieldsOf(const GoCounters &counters) {
  return {
      {"graphs", counters.graphs},
      {"graph_launches", counters.graph_launches},
      {"kernel_nodes", counters.kernel_nodes},
      {"memcpy_nodes", counters.memcpy_nodes},
      {"memset_nodes", counters.memset_nodes},
      {"conditional_nodes", counters.conditional_nodes},
      {"instantiations", counters.instantiations},
      {"updates", counters.updates},
      {"readbacks", counters.readbacks},
      {"waits", counters.waits},
      {"uploads", counters.uploads},
      {"cache_hits", counters.cache_hits},
      {"host_branches", counters.host_branches},
      {"deferred_readbacks", counters.deferred_readbacks},
      {"evictions", counters.evictions},
      {"retries", counters.retries},
      {"fallbacks", counters.fallbacks},
      {"builds", counters.builds},
      {"node_updates", counters.node_updates},
      {"copied_arguments", counters.copied_arguments},
      {"kernel_launches", counters.kernel_launches},
  };
}

static void printStatsAsJSON(const GoCounters &counters,
                             ArrayRef<RegionStats> regions, uint64_t calls,
                             const llvm::json::Object &totals) {
  llvm::json::OStream json(outs());
  json.object([&] {
    json.attribute("calls", int64_t(calls));
    for (auto [name, value] : fieldsOf(counters))
      json.attribute(name, int64_t(value));
    for (llvm::StringRef side : {"before", "after"})
      if (const llvm::json::Value *counts = totals.get(side))
        json.attribute(side, *counts);
    json.attributeArray("regions", [&] {
      for (const RegionStats &region : regions)
        json.object([&] {
          json.attribute("module", llvm::json::fixUTF8(region.module));
          json.attribute("name", llvm::json::fixUTF8(region.name));
          json.attribute("owner", region.owner);
          json.attribute("device_bytes", region.deviceBytes);
          for (auto [name, value] : fieldsOf(region.counters))
            json.attribute(name, int64_t(value));
        });
    });
  });
  outs() << '\n';
}

static void printStatsAsText(const GoCounters &counters,
                             ArrayRef<RegionStats> regions, uint64_t calls,
                             const llvm::json::Object &totals) {
  auto print = [](const llvm::Twine &name, uint64_t value, unsigned width) {
    outs() << llvm::left_justify(name.str(), width) << value << '\n';
  };
  print("calls", calls, 20);
  for (auto [name, value] : fieldsOf(counters))
    print(name, value, 20);
  for (llvm::StringRef side : {"before", "after"})
    if (const llvm::json::Object *counts = totals.getObject(side))
      printNumbers(*counts, side.str() + ".");
  for (const RegionStats &region : regions) {
    outs() << "region " << region.module << "::" << region.name << ", owner "
           << region.owner << ", " << region.deviceBytes
           << " bytes of device memory\n";
    for (auto [name, value] : fieldsOf(region.counters))
      if (value)
        print("  " + name, value, 22);
  }
}

void graphrun::printStats(const GoCounters &counters,
                          ArrayRef<RegionStats> regions, uint64_t calls,
                          const llvm::json::Object &totals,
                          StatsFormat format) {
  if (format == StatsFormat::JSON)
    printStatsAsJSON(counters, regions, calls, totals);
  else if (format == StatsFormat::Text)
    printStatsAsText(counters, regions, calls, totals);
}

void graphrun::printBeforeAfter(const EagerCounts &eager,
                                const GoCounters &counters, uint64_t calls) {
  // Counters of launches sum over all calls, those of nodes describe graphs.
  auto perCall = [&](uint64_t total) {
    return (llvm::Twine(total / calls) + (total % calls ? "+" : "")).str();
  };
  auto row = [](llvm::StringRef name, llvm::StringRef before,
                llvm::StringRef after) {
    outs() << llvm::left_justify(name, 12) << llvm::right_justify(before, 12)
           << llvm::right_justify(after, 12) << '\n';
  };
  row("per call", "op by op", "graphs");
  row("kernels", perCall(eager.kernels), std::to_string(counters.kernel_nodes));
  row("launches", perCall(eager.kernels), perCall(counters.graph_launches));
  row("readbacks", perCall(eager.readbacks), perCall(counters.readbacks));
  row("uploads", perCall(eager.uploads), perCall(counters.uploads));
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

llvm::Error graphrun::checkOutputFolder(const std::string &folder) {
  auto refuse = [&](std::error_code code) {
    return llvm::createStringError("can not write to the folder '" + folder +
                                   "': " + code.message());
  };
  if (std::error_code code = llvm::sys::fs::create_directories(folder))
    return refuse(code);
  llvm::SmallString<128> probe(folder);
  llvm::sys::path::append(probe, ".graph-run-%%%%%%");
  int descriptor;
  llvm::SmallString<128> path;
  if (std::error_code code =
          llvm::sys::fs::createUniqueFile(probe, descriptor, path))
    return refuse(code);
  llvm::sys::fs::file_t file = llvm::sys::fs::convertFDToNativeFile(descriptor);
  (void)llvm::sys::fs::closeFile(file);
  if (std::error_code code = llvm::sys::fs::remove(path))
    return refuse(code);
  return llvm::Error::success();
}

llvm::Error graphrun::writeOutputs(const std::string &folder, FunctionType type,
                                   ArrayRef<HostTensor> arguments,
                                   ArrayRef<HostTensor> results) {
  auto write = [&](llvm::StringRef name, size_t index,
                   const HostTensor &array) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, name + llvm::Twine(index) + ".npy");
    return writeNpy(path, array);
  };
  for (auto [index, array] : llvm::enumerate(results))
    if (llvm::Error error = write("result", index, array))
      return error;
  for (auto [index, array] : llvm::enumerate(arguments))
    if (isa<BaseMemRefType>(type.getInput(index)))
      if (llvm::Error error = write("arg", index, array))
        return error;
  return llvm::Error::success();
}
