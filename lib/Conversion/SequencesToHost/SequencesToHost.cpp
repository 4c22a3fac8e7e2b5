//===- SequencesToHost.cpp - Regions become graphs of host kernels --------===//
//
// Turns each bufferized tseq.graph into a cudagraph.graph whose kernels are
// functions of this module.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/Passes.h"
#include "HostKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace graphopt {
#define GEN_PASS_DEF_CONVERTSEQUENCESTOHOST
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

namespace {

/// Kernels as functions on the host, one node for each op.
class HostKernelEmitter : public KernelEmitter {
public:
  HostKernelEmitter(ModuleOp module, SymbolTable &symbols)
      : module(module), symbols(symbols), tables(module, symbols) {}

  LogicalResult emit(Operation *op, StringRef name,
                     std::vector<KernelNode> &nodes) override {
    HostKernel kernel(module, symbols, tables, name.str());
    if (auto group = dyn_cast<tseq::KernelOp>(op)) {
      for (Operation &phase : group.getBody().front())
        addPhases(kernel, &phase);
    } else {
      addPhases(kernel, op);
    }
    nodes.push_back(std::move(kernel.node));
    return success();
  }

private:
  static void addPhases(HostKernel &kernel, Operation *op) {
    if (auto map = dyn_cast<tseq::MapOp>(op))
      kernel.addPhases(map);
    else if (auto reduce = dyn_cast<tseq::ReduceOp>(op))
      kernel.addPhases(reduce);
    else if (auto scalar = dyn_cast<tseq::ScalarOp>(op))
      kernel.addPhases(scalar);
    else if (!isa<tseq::PackOp, tseq::YieldOp>(op))
      kernel.addPhase(op);
  }

  ModuleOp module;
  SymbolTable &symbols;
  ConstantTables tables;
};

struct ConvertSequencesToHost
    : public graphopt::impl::ConvertSequencesToHostBase<
          ConvertSequencesToHost> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    HostKernelEmitter emitter(getOperation(), symbols);
    if (failed(convertRegions(getOperation(), symbols, emitter)))
      signalPassFailure();
  }
};

} // namespace
