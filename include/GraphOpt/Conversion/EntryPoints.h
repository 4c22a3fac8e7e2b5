//===- EntryPoints.h - Names around packed entry points ---------*- C++ -*-===//
//
// What `pack-entry-points` writes and others read.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_CONVERSION_ENTRYPOINTS_H
#define GRAPHOPT_CONVERSION_ENTRYPOINTS_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace graphopt {

/// On an entry point: the name of the function it was made from (a string) and
/// that function's type (a type).
inline constexpr llvm::StringLiteral kEntryAttr = "graphopt.entry";
inline constexpr llvm::StringLiteral kEntryTypeAttr = "graphopt.entry_type";

/// On the arguments that hold the runtime's context and the caller's stream.
inline constexpr llvm::StringLiteral kContextAttr = "graphopt.context";
inline constexpr llvm::StringLiteral kStreamAttr = "graphopt.stream";

/// On the argument of a GoAsyncEntryPoint that takes the caller's handle.
inline constexpr llvm::StringLiteral kPendingAttr = "graphopt.pending";

/// Name of the packed entry point of `function`, a GoEntryPoint.
std::string entryPointName(llvm::StringRef function);
/// The same if it is a GoAsyncEntryPoint.
std::string asyncEntryPointName(llvm::StringRef function);

/// How an argument or result travels through an entry point.
enum class Packing {
  Data,       ///< The address of the data: static shape, identity layout.
  Descriptor, ///< The address of a strided memref descriptor.
  Scalar,     ///< The address of the value.
};

/// How a value of `type` travels, or nothing if it can not.
std::optional<Packing> getPacking(mlir::Type type);

} // namespace graphopt

#endif // GRAPHOPT_CONVERSION_ENTRYPOINTS_H
