//===- Json.cpp - Facts as JSON -------------------------------------------===//

#include "Writers.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OperationSupport.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;

/// Version of the format: it grows with each change that a reader of the one
/// before would not understand.
static constexpr int64_t kVersion = 1;

static void write(Attribute value, llvm::json::OStream &json) {
  llvm::TypeSwitch<Attribute>(value)
      .Case([&](DictionaryAttr facts) {
        json.object([&] {
          for (NamedAttribute entry : facts) {
            json.attributeBegin(entry.getName().getValue());
            write(entry.getValue(), json);
            json.attributeEnd();
          }
        });
      })
      .Case([&](ArrayAttr list) {
        json.array([&] {
          for (Attribute element : list)
            write(element, json);
        });
      })
      .Case([&](IntegerAttr number) { json.value(number.getInt()); })
      .Case([&](FloatAttr number) {
        // All digits of a double would be noise.
        json.rawValue(llvm::formatv("{0:f2}", number.getValueAsDouble()).str());
      })
      // A path need not be UTF-8.
      .Case([&](StringAttr text) {
        json.value(llvm::json::fixUTF8(text.getValue()));
      })
      .Default([&](Attribute other) {
        std::string text;
        llvm::raw_string_ostream stream(text);
        stream << other;
        json.value(llvm::json::fixUTF8(text));
      });
}

void graphopt::writeJSON(DictionaryAttr report, llvm::raw_ostream &os) {
  NamedAttrList entries(report);
  entries.set(
      "version",
      IntegerAttr::get(IntegerType::get(report.getContext(), 64), kVersion));
  llvm::json::OStream json(os, /*IndentSize=*/2);
  write(entries.getDictionary(report.getContext()), json);
  os << "\n";
}
