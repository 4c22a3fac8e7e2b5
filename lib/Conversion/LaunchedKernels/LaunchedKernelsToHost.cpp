//===- LaunchedKernelsToHost.cpp - Captured kernels as CPU functions ------===//
//
// Turns the kernels of captured launches into functions that the host device
// runs: one item per block, its threads one after the other.
//
//===----------------------------------------------------------------------===//

#include "LaunchedKernels.h"

#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/CallInterfaces.h"

namespace graphopt {
#define GEN_PASS_DEF_CONVERTLAUNCHEDKERNELSTOHOST
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// What runs on the host
//===----------------------------------------------------------------------===//

/// Reports an error if threads of `function` can not run one after the other.
static LogicalResult verifyRunsOnHost(gpu::GPUFuncOp function) {
  auto refuse = [&](Operation *op, const Twine &why) {
    InFlightDiagnostic error =
        op->emitError("the kernel can not run on the host: ") << why;
    error.attachNote(function.getLoc()) << "in @" << function.getName();
    return error;
  };
  if (function.getNumWorkgroupAttributions() ||
      function.getNumPrivateAttributions())
    return refuse(function, "it declares memory of the block or the thread");
  WalkResult result = function.walk([&](Operation *op) {
    if (isa<gpu::BarrierOp>(op)) {
      refuse(op, "threads that wait for each other need a GPU");
      return WalkResult::interrupt();
    }
    bool isPlace =
        isa<gpu::ThreadIdOp, gpu::BlockIdOp, gpu::GridDimOp, gpu::BlockDimOp,
            gpu::GlobalIdOp, gpu::ReturnOp, gpu::GPUFuncOp>(op);
    if ((isa_and_nonnull<gpu::GPUDialect>(op->getDialect()) && !isPlace) ||
        isa<CallOpInterface, memref::GetGlobalOp>(op)) {
      refuse(op, "'" + op->getName().getStringRef() + "' has no form there");
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

namespace {

/// Makes the functions of one kernel node.
class HostLaunch {
public:
  HostLaunch(ModuleOp module, SymbolTable &symbols, LaunchedKernel kernel)
      : module(module), symbols(symbols), node(kernel.node),
        function(kernel.function), loc(function.getLoc()),
        builder(OpBuilder::atBlockEnd(module.getBody())),
        converter(module.getContext()) {
    llvm::copy(*node.getGrid(), gridSize.begin());
    llvm::copy(*node.getBlock(), blockSize.begin());
  }

  /// The function of a phase with one item for each block.
  func::FuncOp createPhase();
  int64_t countBlocks() const {
    return gridSize[0] * gridSize[1] * gridSize[2];
  }

private:
  func::FuncOp createThread();
  func::FuncOp createFunction(const Twine &name, TypeRange types);
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  void replacePlace(func::FuncOp thread);

  ModuleOp module;
  SymbolTable &symbols;
  cudagraph::KernelOp node;
  gpu::GPUFuncOp function;
  Location loc;
  OpBuilder builder;
  LLVMTypeConverter converter;
  std::array<int64_t, 3> gridSize, blockSize;
};
} // namespace

func::FuncOp HostLaunch::createFunction(const Twine &name, TypeRange types) {
  builder.setInsertionPointToEnd(module.getBody());
  auto result = func::FuncOp::create(builder, loc, name.str(),
                                     builder.getFunctionType(types, {}));
  result.setPrivate();
  symbols.insert(result);
  return result;
}

/// Replaces the ops that ask where a thread is. The last six arguments of
/// `thread` are the numbers of its block and its own.
void HostLaunch::replacePlace(func::FuncOp thread) {
  auto numbers = ArrayRef<BlockArgument>(thread.getArguments()).take_back(6);
  builder.setInsertionPointToStart(&thread.getBody().front());
  // Constants of the kernel's extents, where every block sees them.
  std::array<Value, 3> grid, block, global;
  for (unsigned i = 0; i < 3; ++i) {
    grid[i] = index(gridSize[i]);
    block[i] = index(blockSize[i]);
    Value first = arith::MulIOp::create(builder, loc, numbers[i], block[i]);
    global[i] = arith::AddIOp::create(builder, loc, first, numbers[3 + i]);
  }
  SmallVector<Operation *> asked;
  auto replace = [&](auto op, ArrayRef<Value> values) {
    op.getResult().replaceAllUsesWith(
        values[static_cast<unsigned>(op.getDimension())]);
    asked.push_back(op);
  };
  SmallVector<Value> blocks(numbers.take_front(3)),
      threads(numbers.take_back(3));
  thread.walk([&](Operation *op) {
    if (auto id = dyn_cast<gpu::BlockIdOp>(op))
      replace(id, blocks);
    else if (auto id = dyn_cast<gpu::ThreadIdOp>(op))
      replace(id, threads);
    else if (auto size = dyn_cast<gpu::GridDimOp>(op))
      replace(size, grid);
    else if (auto size = dyn_cast<gpu::BlockDimOp>(op))
      replace(size, block);
    else if (auto id = dyn_cast<gpu::GlobalIdOp>(op))
      replace(id, global);
  });
  for (Operation *op : asked)
    op->erase();
}

/// What one thread does: a function of the kernel's arguments, its block's
/// numbers and its own.
func::FuncOp HostLaunch::createThread() {
  SmallVector<Type> types(function.getArgumentTypes());
  types.append(6, builder.getIndexType());
  func::FuncOp thread = createFunction(function.getName() + ".thread", types);
  IRMapping mapping;
  function.getBody().cloneInto(&thread.getBody(), mapping);
  Block &entry = thread.getBody().front();
  for (unsigned i = 0; i < 6; ++i)
    entry.addArgument(builder.getIndexType(), loc);
  replacePlace(thread);
  thread.walk([&](gpu::ReturnOp op) {
    OpBuilder end(op);
    func::ReturnOp::create(end, op.getLoc());
    op.erase();
  });
  return thread;
}

func::FuncOp HostLaunch::createPhase() {
  func::FuncOp thread = createThread();
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Type i64 = builder.getI64Type();
  func::FuncOp phase =
      createFunction(function.getName() + ".blocks", {pointer, i64, i64});
  builder.setInsertionPointToStart(phase.addEntryBlock());
  auto end = func::ReturnOp::create(builder, loc);
  builder.setInsertionPoint(end);
  SmallVector<Value> arguments;
  for (auto [i, operand] : llvm::enumerate(node.getArgs())) {
    Value slot = LLVM::GEPOp::create(builder, loc, pointer, pointer,
                                     phase.getArgument(0),
                                     LLVM::GEPArg(static_cast<int32_t>(i)));
    Value address = LLVM::LoadOp::create(builder, loc, pointer, slot);
    Type type = function.getArgumentTypes()[i];
    if (auto memref = dyn_cast<MemRefType>(type))
      arguments.push_back(createArgument(builder, loc, converter, address,
                                         cast<MemRefType>(operand.getType()),
                                         memref));
    else
      arguments.push_back(loadArgument(builder, loc, address, type));
  }
  auto toIndex = [&](Value value) -> Value {
    return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                      value);
  };
  Value zero = index(0), one = index(1);
  SmallVector<Value> lower = {toIndex(phase.getArgument(1)), zero, zero, zero};
  SmallVector<Value> upper = {toIndex(phase.getArgument(2)),
                              index(blockSize[2]), index(blockSize[1]),
                              index(blockSize[0])};
  Value rows = index(gridSize[1]), columns = index(gridSize[0]);
  scf::buildLoopNest(
      builder, loc, lower, upper, SmallVector<Value>(4, one),
      [&](OpBuilder &b, Location loc, ValueRange numbers) {
        Value line = arith::DivUIOp::create(b, loc, numbers[0], columns);
        Value x = arith::RemUIOp::create(b, loc, numbers[0], columns);
        Value y = arith::RemUIOp::create(b, loc, line, rows);
        Value z = arith::DivUIOp::create(b, loc, line, rows);
        SmallVector<Value> all(arguments);
        all.append({x, y, z, numbers[3], numbers[2], numbers[1]});
        func::CallOp::create(b, loc, thread, all);
      });
  return phase;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct ConvertLaunchedKernelsToHost
    : public graphopt::impl::ConvertLaunchedKernelsToHostBase<
          ConvertLaunchedKernelsToHost> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<SmallVector<LaunchedKernel>> kernels =
        findLaunchedKernels(module);
    if (failed(kernels))
      return signalPassFailure();
    SymbolTable symbols(module);
    Builder builder(&getContext());
    for (LaunchedKernel kernel : *kernels) {
      if (failed(verifyRunsOnHost(kernel.function)))
        return signalPassFailure();
      HostLaunch launch(module, symbols, kernel);
      func::FuncOp phase = launch.createPhase();
      kernel.node.setPhasesAttr(builder.getArrayAttr(cudagraph::PhaseAttr::get(
          &getContext(), FlatSymbolRefAttr::get(phase), launch.countBlocks())));
      kernel.node.removeGridAttr();
      kernel.node.removeBlockAttr();
      kernel.node.removeSharedBytesAttr();
    }
    eraseUnusedKernels(module);
  }
};
} // namespace
