//===- NodeReference.h - What nodes should do -------------------*- C++ -*-===//
//
// Evaluates, op by op, what each kernel node of a program was made from, and
// what its regions do as a whole.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_NODEREFERENCE_H
#define GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_NODEREFERENCE_H

#include "../Compile.h"
#include "../Reference/Reference.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"
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
    auto region = regions.find(name);
    return region == regions.end() ? 0 : region->second.ops.size();
  }
  /// Size of a launch argument or the arena of a region; 0 if there is none.
  int64_t bufferBytes(llvm::StringRef region, int64_t buffer) const;
  /// The arrays that op `number` writes; an error if one has no NumPy type.
  llvm::Expected<std::vector<NodeOut>> outsOf(llvm::StringRef region,
                                              int64_t number) const;
  /// Evaluates an op on `memory`.
  llvm::Error evaluate(llvm::StringRef region, int64_t number,
                       RegionMemory &memory);
  /// Evaluates the region as a whole: its ops, copies, branches and loops.
  llvm::Error evaluateAll(llvm::StringRef region, RegionMemory &memory);
  /// The arrays that ops and copies of the region write.
  llvm::Expected<std::vector<NodeOut>> outsOfAll(llvm::StringRef region) const;

private:
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<Reference> reference;

  /// Functions of one signature.
  struct Region {
    std::vector<mlir::func::FuncOp> ops;
    std::vector<mlir::func::FuncOp> writers; ///< Ops and copies.
    mlir::func::FuncOp program;              ///< Calls all others.
    /// Of each argument, what NodeOut::buffer says; none of parameters.
    std::vector<std::optional<int64_t>> buffers;
  };
  /// Values of conditions.
  using Conditions = llvm::DenseMap<mlir::Value, bool>;

  llvm::Expected<std::vector<NodeOut>>
  outsOf(const Region &region, mlir::func::FuncOp function) const;
  llvm::Error evaluate(const Region &region, mlir::func::FuncOp function,
                       RegionMemory &memory, std::vector<HostTensor> &results);
  /// Evaluates a block of a program. What it decides is in `conditions`.
  llvm::Error evaluateBlock(const Region &region, mlir::Block &block,
                            RegionMemory &memory, Conditions &conditions);

  std::unique_ptr<mlir::SymbolTable> symbols;
  llvm::StringMap<Region> regions;
};

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_NODEREFERENCE_H
