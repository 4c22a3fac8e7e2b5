//===- Launches.h - Launches, copies and fills that become nodes *- C++ -*-===//
//
// What makes gpu.launch_func, gpu.memcpy and gpu.memset nodes of graphs.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_ANALYSIS_LAUNCHES_H
#define GRAPHOPT_ANALYSIS_LAUNCHES_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

#include <optional>

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace graphopt {

/// The extents of a launch.
struct LaunchShape {
  /// Blocks along x, y, z; where it is no constant, ShapedType::kDynamic.
  std::array<int64_t, 3> grid;
  std::array<int64_t, 3> block; ///< Threads of a block.
  int64_t sharedBytes;          ///< Dynamic shared memory of a block.

  bool hasStaticGrid() const;
};

/// Marks a cudagraph.kernel whose last three operands are the extents of the
/// grid whose work it does, whatever the number of its blocks.
inline constexpr llvm::StringLiteral kGridInOperandsAttr =
    "graphopt.grid_in_operands";

/// The shape of `launch`, if block and shared memory are known at compile time
/// and no extent is known to be less than one.
std::optional<LaunchShape> getLaunchShape(mlir::gpu::LaunchFuncOp launch);

/// `memref`, or what it is a memref.cast of, with static shape and strides in
/// the default memory space; null if there is none.
mlir::Value getStaticMemRef(mlir::Value memref);

/// The pattern of 1, 2 or 4 bytes that fills a memref as `memset` does, as an
/// integer of that width; null if the value is not constant or longer.
mlir::IntegerAttr getFillPattern(mlir::gpu::MemsetOp memset);

/// Attaches tseq's CapturableOpInterface to the ops of `gpu` that can be nodes.
void registerLaunchModels(mlir::DialectRegistry &registry);

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_LAUNCHES_H
