//===- PTX.h - From a lowered gpu.module to PTX -----------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_GPULOWERING_PTX_H
#define GRAPHOPT_LIB_CONVERSION_GPULOWERING_PTX_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace graphopt {

/// Translates `module`, which holds only the LLVM and NVVM dialects, to PTX for
/// `chip`, at LLVM's -O3. `libdevice` is the path of the bitcode library of
/// math functions; an error names the function if one is called and the path is
/// empty.
mlir::FailureOr<std::string> translateToPTX(mlir::gpu::GPUModuleOp module,
                                            llvm::StringRef chip,
                                            llvm::StringRef libdevice);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_GPULOWERING_PTX_H
