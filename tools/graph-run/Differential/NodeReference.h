//===- NodeReference.h - What nodes should do -------------------*- C++ -*-===//
//
// Evaluates, op by op, what each kernel node of a program was made from.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_NODEREFERENCE_H
#define GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_NODEREFERENCE_H

#include "../Compile.h"
#include "../Reference/Reference.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"

namespace graphrun {

/// The bytes that a region works on, in host memory.
struct RegionMemory {
  std::vector<char *> buffers;  ///< Launch arguments.
  std::vector<char> parameters; ///< 8 bytes for each host scalar.
  char *arena = nullptr;
};

/// An array that an op writes.
struct NodeOut {
  int64_t buffer; ///< Launch argument or GO_BUFFER_ARENA.
  int64_t offset; ///< In bytes.
  ElementKind kind;
  llvm::SmallVector<int64_t> shape;

  int64_t bytes() const;
};

/// The ops of all regions of a program.
class NodeReference {
public:
  /// Compiles a copy of `module`, for `target`, to state `buffers` and takes
  /// its regions apart. Errors inside of the pipeline are diagnostics first.
  static llvm::Expected<std::unique_ptr<NodeReference>>
  create(mlir::ModuleOp module, const Target &target);

  /// True if the program has a region `name`.
  bool knows(llvm::StringRef name) const { return regions.count(name); }
  /// Ops of region `name` that became kernels.
  int64_t numOps(llvm::StringRef name) const {
    return regions.lookup(name).size();
  }
  /// Size of a launch argument or the arena of a region; 0 if there is none.
  int64_t bufferBytes(llvm::StringRef region, int64_t buffer) const;
  /// The arrays that op `number` writes; an error if one has no NumPy type.
  llvm::Expected<std::vector<NodeOut>> outsOf(llvm::StringRef region,
                                              int64_t number) const;
  /// Evaluates an op on `memory`.
  llvm::Error evaluate(llvm::StringRef region, int64_t number,
                       RegionMemory &memory);

private:
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<Reference> reference;
  llvm::StringMap<std::vector<mlir::func::FuncOp>> regions;
};

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_NODEREFERENCE_H
