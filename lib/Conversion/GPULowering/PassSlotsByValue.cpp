//===- PassSlotsByValue.cpp - Operands travel in the parameters -----------===//
//
// Gives kernels their parameter by value. Upstream's conversion of gpu.func
// drops the attributes of arguments, so they are set afterwards.
//
//===----------------------------------------------------------------------===//

#include "KernelNames.h"

#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace graphopt {
#define GEN_PASS_DEF_PASSSLOTSBYVALUE
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

namespace {
struct PassSlotsByValue
    : public graphopt::impl::PassSlotsByValueBase<PassSlotsByValue> {
  void runOnOperation() override {
    Builder builder(&getContext());
    for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
      auto slots = function->getAttrOfType<IntegerAttr>(kSlotsByValueAttr);
      if (!slots)
        continue;
      if (function.getNumArguments() != 1 || slots.getInt() < 0) {
        function.emitError("graphopt.slots_by_value is for a kernel with one "
                           "parameter and a number of slots");
        return signalPassFailure();
      }
      auto array = LLVM::LLVMArrayType::get(
          builder.getI64Type(), std::max<int64_t>(slots.getInt(), 1));
      function.setArgAttr(0, LLVM::LLVMDialect::getByValAttrName(),
                          TypeAttr::get(array));
      function.setArgAttr(0, LLVM::LLVMDialect::getAlignAttrName(),
                          builder.getI64IntegerAttr(8));
      function.setArgAttr(0, NVVM::NVVMDialect::getGridConstantAttrName(),
                          builder.getUnitAttr());
    }
  }
};
} // namespace
