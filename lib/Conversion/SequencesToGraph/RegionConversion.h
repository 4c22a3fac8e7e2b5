//===- RegionConversion.h - Regions become graphs ---------------*- C++ -*-===//
//
// What the conversions of regions to graphs of any device share: the graph with
// its buffers, parameters and arena, copies, branches and loops, the edges, the
// launch in the region's place, and readbacks. A device supplies the kernels.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGRAPH_REGIONCONVERSION_H
#define GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGRAPH_REGIONCONVERSION_H

#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"

#include <vector>

namespace graphopt {

/// One kernel node. Operands are values of the region.
struct KernelNode {
  std::string name;
  mlir::SmallVector<mlir::Value> operands;
  mlir::SmallVector<mlir::cudagraph::Access> accesses;
  mlir::SmallVector<mlir::Attribute> phases;
  /// Of a kernel on the GPU: blocks and threads along x; 0 on the host.
  int64_t grid = 0, block = 0;
  /// All its blocks must be resident at the same time; fewer do.
  bool isCooperative = false;
  /// If not 0, the kernel gets one more operand at the end: so many bytes of
  /// its own that are zero before the first launch and kept between launches.
  int64_t stateBytes = 0;
  /// Conditions, as values of the region, whose handles the kernel sets to what
  /// it writes. A slot for each follows those of all operands.
  mlir::SmallVector<mlir::Value> sets;
};

/// Makes the kernels of one device.
class KernelEmitter {
public:
  virtual ~KernelEmitter() = default;

  /// Appends the nodes that do what `op` does, in order. `op` is a `map`,
  /// `reduce`, `scalar`, `kernel` or structured op on memrefs; names of nodes
  /// start with `name`. Reports an error for what the device can not run.
  virtual mlir::LogicalResult emit(mlir::Operation *op, llvm::StringRef name,
                                   std::vector<KernelNode> &nodes) = 0;

  /// Whether conditional nodes take their conditions by handles.
  virtual bool usesHandles() const { return false; }
  /// Before a block is converted: the conditions that scalars of this block set
  /// wherever they write them.
  virtual void setConditions(const llvm::DenseSet<mlir::Value> &conditions) {}
  /// A kernel that sets the handle of `condition` to what it holds.
  virtual KernelNode emitSetter(mlir::Value condition, mlir::Location loc,
                                llvm::StringRef name) {
    llvm_unreachable("this device has no handles");
  }
};

/// Whether `value` of a bufferized region is a host scalar that the region
/// takes, or a view of one.
bool isHostScalar(mlir::Value value);

/// Turns every `tseq.graph` of `module` into a `cudagraph.graph` and a launch,
/// and every `tseq.item` into a readback. Preconditions: state `buffers`.
mlir::LogicalResult convertRegions(mlir::ModuleOp module,
                                   mlir::SymbolTable &symbols,
                                   KernelEmitter &emitter);

/// Clones `block`'s ops less the terminator; returns what it yields.
mlir::SmallVector<mlir::Value> cloneBody(mlir::OpBuilder &builder,
                                         mlir::Block *block,
                                         mlir::ArrayRef<mlir::Value> arguments);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGRAPH_REGIONCONVERSION_H
