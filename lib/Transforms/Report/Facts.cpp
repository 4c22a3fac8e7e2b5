//===- Facts.cpp - What a report says -------------------------------------===//

#include "Facts.h"

#include "mlir/IR/Builders.h"

#include <cmath>

using namespace mlir;
using namespace graphopt;

static constexpr llvm::StringLiteral kReport = "graphopt.report";

void Facts::setInt(StringRef name, int64_t value) {
  set(name, IntegerAttr::get(IntegerType::get(context, 64), value));
}

void Facts::setText(StringRef name, const Twine &value) {
  set(name, StringAttr::get(context, value));
}

void Facts::setMicroseconds(StringRef name, double value) {
  set(name,
      FloatAttr::get(Float64Type::get(context), std::round(value * 100) / 100));
}

void Facts::setList(StringRef name, ArrayRef<Attribute> values) {
  set(name, ArrayAttr::get(context, values));
}

/// The first place in a file that `location` names; null if it names none.
static FileLineColLoc findFile(Location location) {
  FileLineColLoc found;
  location->walk([&](Location inner) {
    // Callers come after the callee.
    found = dyn_cast<FileLineColLoc>(inner);
    return found ? WalkResult::interrupt() : WalkResult::advance();
  });
  return found;
}

std::string graphopt::formatLocation(Location location) {
  FileLineColLoc file = findFile(location);
  if (!file)
    return "unknown";
  return (file.getFilename().getValue() + ":" + Twine(file.getLine()) + ":" +
          Twine(file.getColumn()))
      .str();
}

void Facts::setLocation(Location location) {
  setText("location", formatLocation(location));
  SmallVector<Attribute> callers;
  while (auto call = dyn_cast<CallSiteLoc>(location)) {
    location = call.getCaller();
    // The callee of the caller's place is where the call stands.
    callers.push_back(StringAttr::get(context, formatLocation(location)));
  }
  if (!callers.empty())
    setList("called_from", callers);
}

DictionaryAttr graphopt::getReport(ModuleOp module) {
  auto report = module->getAttrOfType<DictionaryAttr>(kReport);
  return report ? report : DictionaryAttr::get(module.getContext());
}

void graphopt::setReport(ModuleOp module, DictionaryAttr report) {
  module->setAttr(kReport, report);
}

void graphopt::dropReport(ModuleOp module) { module->removeAttr(kReport); }

int64_t graphopt::getInt(DictionaryAttr facts, StringRef name) {
  auto value = facts.getAs<IntegerAttr>(name);
  return value ? value.getInt() : 0;
}

StringRef graphopt::getText(DictionaryAttr facts, StringRef name) {
  auto value = facts.getAs<StringAttr>(name);
  return value ? value.getValue() : StringRef();
}

std::optional<double> graphopt::getNumber(DictionaryAttr facts,
                                          StringRef name) {
  if (auto value = facts.getAs<FloatAttr>(name))
    return value.getValueAsDouble();
  return std::nullopt;
}

DictionaryAttr graphopt::getFacts(DictionaryAttr facts, StringRef name) {
  auto value = facts.getAs<DictionaryAttr>(name);
  return value ? value : DictionaryAttr::get(facts.getContext());
}

SmallVector<DictionaryAttr> graphopt::getList(DictionaryAttr facts,
                                              StringRef name) {
  SmallVector<DictionaryAttr> list;
  if (auto values = facts.getAs<ArrayAttr>(name))
    for (Attribute value : values)
      // A program may come with an attribute of this name.
      if (auto facts = dyn_cast<DictionaryAttr>(value))
        list.push_back(facts);
  return list;
}
