//===- Program.h - What an emitted library offers ---------------*- C++ -*-===//
//
// The functions of a module as the header, the exported symbols and the table
// of the library describe them.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_EMISSION_PROGRAM_H
#define GRAPHOPT_LIB_EMISSION_PROGRAM_H

#include "GraphOpt/Conversion/EntryPoints.h"
#include "GraphOpt/Runtime/GraphRuntime.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace graphopt {

/// An argument or a result.
struct ValueInfo {
  std::string name; ///< A C identifier, unique in its function.
  mlir::Type element;
  llvm::SmallVector<int64_t> shape; ///< Dynamic extents as MLIR marks them.
  Packing packing = Packing::Data;
  int32_t access = GO_ACCESS_READ; ///< GO_ACCESS_*.

  bool isWritten() const { return access & GO_ACCESS_WRITE; }
};

struct FunctionInfo {
  std::string name;   ///< In the module.
  std::string cName;  ///< The exported function.
  std::string symbol; ///< The packed entry point in the compiled module.
  bool isAsync = false;
  std::vector<ValueInfo> arguments, results;
};

struct ProgramInfo {
  std::string name;
  bool isCUDA = false;
  std::string chip; ///< Empty on the host.
  std::vector<FunctionInfo> functions;
  /// Functions that the module declares and the process has to define.
  std::vector<std::string> externals;

  std::string tableName() const { return name + "_program"; }
};

/// What is known of the public functions of `module` before it is compiled:
/// names, and which buffers they write to.
std::vector<FunctionInfo> collectFunctions(mlir::ModuleOp module);

/// Completes `functions` by the entry points of `module`, which is in state
/// `runtime`. An error if a function has none.
llvm::Error addEntryPoints(mlir::ModuleOp module,
                           std::vector<FunctionInfo> &functions);

/// `name` as a C identifier.
std::string toIdentifier(llvm::StringRef name);

/// "f32", "index".
std::string elementName(mlir::Type element);
/// Size of one element in bytes.
int64_t elementBytes(mlir::Type element);

/// A parameter of an exported C function.
struct Parameter {
  enum class Kind {
    Address, ///< Of data, a descriptor or a scalar.
    Value,   ///< A scalar argument itself.
    List,    ///< An array of addresses, for `count` values.
  };
  Kind kind;
  bool isResult;
  size_t first, count; ///< The values that it is for.
  std::string name;
  std::string type; ///< In C, with a trailing space unless it ends in '*'.
};

/// The parameters of `function` between the stream and the handle for
/// asynchronous results. In long lists neighbours share an array of addresses.
std::vector<Parameter> listParameters(const FunctionInfo &function);

/// The text of the C header.
std::string writeHeader(const ProgramInfo &program);

} // namespace graphopt

#endif // GRAPHOPT_LIB_EMISSION_PROGRAM_H
