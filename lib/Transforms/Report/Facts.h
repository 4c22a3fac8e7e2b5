//===- Facts.h - What a report says -----------------------------*- C++ -*-===//
//
// Facts about a module that the pipeline notes as it goes: nested dictionaries,
// kept in the attribute `graphopt.report` of the module until `write-report`
// writes them. docs/report.md lists their names and units.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TRANSFORMS_REPORT_FACTS_H
#define GRAPHOPT_TRANSFORMS_REPORT_FACTS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"

namespace graphopt {

/// A dictionary in the making.
class Facts {
public:
  explicit Facts(mlir::MLIRContext *context) : context(context) {}
  Facts(mlir::MLIRContext *context, mlir::DictionaryAttr known)
      : context(context), entries(known) {}

  void set(llvm::StringRef name, mlir::Attribute value) {
    entries.set(name, value);
  }
  void setInt(llvm::StringRef name, int64_t value);
  void setText(llvm::StringRef name, const llvm::Twine &value);
  /// `value` is kept to a hundredth, so that what is printed is short.
  void setMicroseconds(llvm::StringRef name, double value);
  void setList(llvm::StringRef name, llvm::ArrayRef<mlir::Attribute> values);
  /// Where `location` is, as `file:line:column`; for what was inlined also
  /// `called_from`, innermost first.
  void setLocation(mlir::Location location);

  mlir::MLIRContext *getContext() const { return context; }
  mlir::DictionaryAttr build() const { return entries.getDictionary(context); }

private:
  mlir::MLIRContext *context;
  mlir::NamedAttrList entries;
};

/// `location` as `file:line:column`, or `unknown`. For what was inlined, the
/// place in the callee.
std::string formatLocation(mlir::Location location);

/// The facts of `module`; empty if none were noted.
mlir::DictionaryAttr getReport(mlir::ModuleOp module);
void setReport(mlir::ModuleOp module, mlir::DictionaryAttr report);
/// Forgets the facts of `module`.
void dropReport(mlir::ModuleOp module);

// Facts that were noted, or what stands for nothing.
int64_t getInt(mlir::DictionaryAttr facts, llvm::StringRef name);
llvm::StringRef getText(mlir::DictionaryAttr facts, llvm::StringRef name);
std::optional<double> getNumber(mlir::DictionaryAttr facts,
                                llvm::StringRef name);
mlir::DictionaryAttr getFacts(mlir::DictionaryAttr facts, llvm::StringRef name);
/// The dictionaries in the list `name`.
llvm::SmallVector<mlir::DictionaryAttr> getList(mlir::DictionaryAttr facts,
                                                llvm::StringRef name);

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_REPORT_FACTS_H
