//===- OtherDialect.h - A dialect of another project ------------*- C++ -*-===//

#ifndef GRAPHOPT_TEST_LIB_OTHERDIALECT_H
#define GRAPHOPT_TEST_LIB_OTHERDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "OtherDialect.h.inc"

#define GET_OP_CLASSES
#include "OtherOps.h.inc"

namespace other {

/// Registers the dialect and, what graph-opt needs to capture its ops: external
/// models of tseq's CapturableOpInterface.
void registerOtherDialect(mlir::DialectRegistry &registry);

/// Registers the passes `lower-other`, which an owner supplies to go from state
/// `regions` on, and `print-capture`, which writes what the models of
/// CapturableOpInterface say as remarks.
void registerOtherPasses();

} // namespace other

#endif // GRAPHOPT_TEST_LIB_OTHERDIALECT_H
