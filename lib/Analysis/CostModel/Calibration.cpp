//===- Calibration.cpp - What things cost on one GPU ----------------------===//
//
// Implements reading and writing of calibration tables.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Calibration.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>

using namespace mlir;
using namespace graphopt;
using llvm::createStringError;
using llvm::Expected;

/// calibrations/h200.json, as text.
static constexpr char kDefaultTable[] =
#include "DefaultCalibration.inc"
    ;

namespace {
struct Field {
  llvm::StringLiteral name;
  double Calibration::*member;
  bool isDivisor; ///< Must not be 0.
};
} // namespace

static constexpr Field kFields[] = {
    {"graph_launch_us", &Calibration::graphLaunch, false},
    {"graph_node_us", &Calibration::graphNode, false},
    {"graph_branch_us", &Calibration::graphBranch, false},
    {"stream_launch_us", &Calibration::streamLaunch, false},
    {"stream_node_us", &Calibration::streamNode, false},
    {"conditional_us", &Calibration::conditional, false},
    {"loop_turn_us", &Calibration::loopTurn, false},
    {"loop_turns", &Calibration::loopTurns, false},
    {"readback_us", &Calibration::readback, false},
    {"node_update_us", &Calibration::nodeUpdate, false},
    {"node_build_us", &Calibration::nodeBuild, false},
    {"kernel_ramp_us", &Calibration::kernelRamp, false},
    {"copy_ramp_us", &Calibration::copyRamp, false},
    {"reduction_tail_us", &Calibration::reductionTail, false},
    {"thread_step_us", &Calibration::threadStep, false},
    {"scalar_step_us", &Calibration::scalarStep, false},
    {"memory_bytes_per_us", &Calibration::memoryRate, true},
    {"cache_bytes_per_us", &Calibration::cacheRate, true},
    {"strided_bytes_per_us", &Calibration::stridedRate, true},
    {"block_bytes_per_us", &Calibration::blockRate, true},
    {"cache_bytes", &Calibration::cacheBytes, false},
    {"operations_per_us", &Calibration::operationRate, true},
};

static const Field *findField(StringRef name) {
  const Field *field = llvm::find_if(
      kFields, [&](const Field &field) { return field.name == name; });
  return field == std::end(kFields) ? nullptr : field;
}

SmallVector<double Calibration::*> Calibration::getFigures() {
  return llvm::map_to_vector(kFields,
                             [](const Field &field) { return field.member; });
}

/// No figure of a device is larger, and sums of products of two stay finite.
static constexpr double kLargestFigure = 1e15;

/// Sets `field`, if `value` can be one.
static llvm::Error setField(Calibration &table, const Field &field,
                            double value) {
  if (value > kLargestFigure)
    return createStringError("field '" + field.name + "' must be at most 1e15");
  if (!std::isfinite(value) || value < 0 || (field.isDivisor && value == 0))
    return createStringError("field '" + field.name + "' must be " +
                             (field.isDivisor ? "positive" : "0 or more"));
  table.*field.member = value;
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

/// Levels of lists and objects that a table may have: it has one.
static constexpr unsigned kMaxDepth = 16;

/// Checks what the parser of LLVM, which recurses and keeps the last of equal
/// keys, does not: how deep `text` is nested, and that no key comes twice.
static llvm::Error checkText(StringRef text) {
  llvm::StringSet<> keys;
  unsigned depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '[' || c == '{')
      if (++depth > kMaxDepth)
        return createStringError("is nested more than " +
                                 llvm::Twine(kMaxDepth) + " levels deep");
    if ((c == ']' || c == '}') && depth > 0)
      --depth;
    if (c != '"')
      continue;
    size_t begin = i;
    for (++i; i < text.size() && text[i] != '"'; ++i)
      i += text[i] == '\\';
    StringRef string = text.slice(begin, i + 1);
    bool isKey =
        text.drop_front(std::min(i + 1, text.size())).ltrim().starts_with(":");
    if (!isKey || depth != 1)
      continue;
    Expected<llvm::json::Value> key = llvm::json::parse(string);
    if (!key)
      return key.takeError();
    StringRef name = key->getAsString().value_or("");
    if (!keys.insert(name).second)
      return createStringError("field '" + name + "' is there twice");
  }
  return llvm::Error::success();
}

static Expected<Calibration> parseObject(const llvm::json::Object &object) {
  Calibration table;
  for (const auto &[key, value] : object) {
    StringRef name = key;
    if (name == "device") {
      std::optional<StringRef> device = value.getAsString();
      if (!device)
        return createStringError("field 'device' must be a string");
      table.device = device->str();
      continue;
    }
    const Field *field = findField(name);
    if (!field)
      return createStringError("there is no field '" + name + "'");
    std::optional<double> number = value.getAsNumber();
    if (!number)
      return createStringError("field '" + name + "' must be a number");
    if (llvm::Error error = setField(table, *field, *number))
      return std::move(error);
  }
  if (!object.get("device"))
    return createStringError("field 'device' is missing");
  for (const Field &field : kFields)
    if (!object.get(field.name))
      return createStringError("field '" + field.name + "' is missing");
  return table;
}

/// `error` with the name of the file in front.
static llvm::Error inFile(StringRef file, llvm::Error error) {
  return createStringError("calibration '" + file +
                           "': " + llvm::toString(std::move(error)));
}

Expected<Calibration> Calibration::parse(StringRef text, StringRef file) {
  if (llvm::Error error = checkText(text))
    return inFile(file, std::move(error));
  Expected<llvm::json::Value> value = llvm::json::parse(text);
  if (!value)
    return inFile(file, value.takeError());
  const llvm::json::Object *object = value->getAsObject();
  if (!object)
    return inFile(file, createStringError("must be a JSON object"));
  Expected<Calibration> table = parseObject(*object);
  if (!table)
    return inFile(file, table.takeError());
  return table;
}

Expected<Calibration> Calibration::read(StringRef file) {
  auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/true);
  if (!buffer)
    return inFile(file, createStringError(buffer.getError().message()));
  return parse((*buffer)->getBuffer(), file);
}

std::string Calibration::toJSON() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("device", device);
    for (const Field &field : kFields)
      json.attribute(field.name, this->*field.member);
  });
  stream << '\n';
  return text;
}

const Calibration &Calibration::getDefault() {
  static const Calibration table = [] {
    Expected<Calibration> parsed = parse(kDefaultTable, "built in");
    if (!parsed)
      llvm::report_fatal_error(parsed.takeError());
    return std::move(*parsed);
  }();
  return table;
}

//===----------------------------------------------------------------------===//
// Attribute
//===----------------------------------------------------------------------===//

DictionaryAttr Calibration::toAttribute(MLIRContext *context) const {
  Builder builder(context);
  NamedAttrList list;
  list.append("device", builder.getStringAttr(device));
  for (const Field &field : kFields)
    list.append(field.name, builder.getF64FloatAttr(this->*field.member));
  return list.getDictionary(context);
}

Expected<Calibration> Calibration::parse(Attribute attribute) {
  auto dictionary = dyn_cast<DictionaryAttr>(attribute);
  if (!dictionary)
    return createStringError("must be a dictionary");
  Calibration table = getDefault();
  for (NamedAttribute entry : dictionary) {
    StringRef name = entry.getName();
    if (name == "device") {
      auto device = dyn_cast<StringAttr>(entry.getValue());
      if (!device)
        return createStringError("field 'device' must be a string");
      table.device = device.str();
      continue;
    }
    const Field *field = findField(name);
    if (!field)
      return createStringError("there is no field '" + name + "'");
    auto number = dyn_cast<FloatAttr>(entry.getValue());
    if (!number)
      return createStringError("field '" + name + "' must be a float");
    if (llvm::Error error = setField(table, *field, number.getValueAsDouble()))
      return std::move(error);
  }
  return table;
}

Calibration Calibration::getFor(Operation *op) {
  ModuleOp module;
  for (Operation *at = op; at; at = at->getParentOp())
    if (auto outer = dyn_cast<ModuleOp>(at))
      module = outer;
  Attribute attribute = module ? module->getAttr(kAttribute) : Attribute();
  if (!attribute)
    return getDefault();
  Expected<Calibration> table = parse(attribute);
  if (!table) {
    llvm::consumeError(table.takeError());
    return getDefault();
  }
  return *table;
}
