//===- AnyGrid.cpp - Kernels that do the work of any grid -----------------===//
//
// Wraps the body of a kernel in a loop over the blocks of a grid whose extents
// are arguments.
//
//===----------------------------------------------------------------------===//

#include "AnyGrid.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace graphopt;

/// Whether the threads of a block share memory, so that all must be done with
/// the work of one block of the grid before any begins that of the next.
static bool sharesMemory(gpu::GPUFuncOp function) {
  return function.getNumWorkgroupAttributions() ||
         function
             .walk([](Operation *op) {
               return isa<gpu::BarrierOp, gpu::DynamicSharedMemoryOp>(op)
                          ? WalkResult::interrupt()
                          : WalkResult::advance();
             })
             .wasInterrupted();
}

/// Moves what `function` keeps on the stack in front of a loop: each turn would
/// take more of it.
static void hoistStack(gpu::GPUFuncOp function, OpBuilder &builder) {
  SmallVector<memref::AllocaOp> allocas;
  function.walk([&](memref::AllocaOp op) {
    if (op->getNumOperands() == 0)
      allocas.push_back(op);
  });
  for (memref::AllocaOp op : allocas) {
    op->remove();
    builder.insert(op);
  }
}

namespace {
/// Where a block is in the grid whose work it does.
struct Place {
  std::array<Value, 3> block, grid;
};
} // namespace

/// Lets the ops that ask where a block is be answered by `place`.
static void replacePlace(gpu::GPUFuncOp function, const Place &place,
                         ArrayRef<Operation *> asking) {
  for (Operation *op : asking) {
    OpBuilder builder(op);
    Value value;
    if (auto id = dyn_cast<gpu::BlockIdOp>(op)) {
      value = place.block[static_cast<unsigned>(id.getDimension())];
    } else if (auto size = dyn_cast<gpu::GridDimOp>(op)) {
      value = place.grid[static_cast<unsigned>(size.getDimension())];
    } else {
      auto global = cast<gpu::GlobalIdOp>(op);
      Location loc = op->getLoc();
      gpu::Dimension dimension = global.getDimension();
      Value threads = gpu::BlockDimOp::create(builder, loc, dimension);
      Value first = arith::MulIOp::create(
          builder, loc, place.block[static_cast<unsigned>(dimension)], threads);
      Value thread = gpu::ThreadIdOp::create(builder, loc, dimension);
      value = arith::AddIOp::create(builder, loc, first, thread);
    }
    op->getResult(0).replaceAllUsesWith(value);
    op->erase();
  }
}

/// Moves what is behind `loop` in `function` into the loop.
static void moveBody(gpu::GPUFuncOp function, scf::ForOp loop,
                     OpBuilder &builder) {
  Region &region = function.getBody();
  Location loc = function.getLoc();
  Operation *end = loop.getBody()->getTerminator();
  Block *entry = &region.front();
  SmallVector<Operation *> body;
  for (Operation &op :
       llvm::make_range(std::next(loop->getIterator()), entry->end()))
    body.push_back(&op);
  if (region.hasOneBlock()) {
    for (Operation *op : body)
      if (!isa<gpu::ReturnOp>(op))
        op->moveBefore(end);
      else
        op->erase();
    return;
  }
  builder.setInsertionPoint(end);
  auto scope = scf::ExecuteRegionOp::create(builder, loc, TypeRange());
  Block *first = builder.createBlock(&scope.getRegion());
  for (Operation *op : body)
    op->moveBefore(first, first->end());
  for (Block &block : llvm::make_early_inc_range(
           llvm::make_range(std::next(region.begin()), region.end())))
    block.moveBefore(&scope.getRegion(), scope.getRegion().end());
  scope.walk([&](gpu::ReturnOp op) {
    OpBuilder at(op);
    scf::YieldOp::create(at, op.getLoc());
    op.erase();
  });
}

// Pattern: gpu.func @k(...) -> gpu.func @k_any_grid(..., %x, %y, %z) with a
// loop
gpu::GPUFuncOp graphopt::createForAnyGrid(gpu::GPUFuncOp function,
                                          TypeRange extents) {
  OpBuilder builder(function);
  Location loc = function.getLoc();
  auto result = cast<gpu::GPUFuncOp>(builder.clone(*function));
  result.setName((function.getName() + "_any_grid").str());
  SmallVector<Operation *> asking;
  result.walk([&](Operation *op) {
    if (isa<gpu::BlockIdOp, gpu::GridDimOp, gpu::GlobalIdOp>(op))
      asking.push_back(op);
  });
  unsigned numArguments = result.getFunctionType().getNumInputs();
  for (auto [i, type] : llvm::enumerate(extents))
    (void)result.insertArgument(numArguments + i, type, {}, loc);

  builder.setInsertionPointToStart(&result.getBody().front());
  hoistStack(result, builder);
  Place place;
  for (unsigned i = 0; i < 3; ++i) {
    Value extent = result.getArgument(numArguments + i);
    place.grid[i] = extent.getType().isIndex()
                        ? extent
                        : Value(arith::IndexCastOp::create(
                              builder, loc, builder.getIndexType(), extent));
  }
  Value plane =
      arith::MulIOp::create(builder, loc, place.grid[0], place.grid[1]);
  Value total = arith::MulIOp::create(builder, loc, plane, place.grid[2]);
  Value first = gpu::BlockIdOp::create(builder, loc, gpu::Dimension::x);
  Value step = gpu::GridDimOp::create(builder, loc, gpu::Dimension::x);
  auto loop = scf::ForOp::create(builder, loc, first, total, step);
  moveBody(result, loop, builder);
  builder.setInsertionPointToEnd(&result.getBody().front());
  gpu::ReturnOp::create(builder, loc);
  builder.setInsertionPointToStart(loop.getBody());
  Value number = loop.getInductionVar();
  place.block[0] = arith::RemUIOp::create(builder, loc, number, place.grid[0]);
  Value line = arith::DivUIOp::create(builder, loc, number, place.grid[0]);
  place.block[1] = arith::RemUIOp::create(builder, loc, line, place.grid[1]);
  place.block[2] = arith::DivUIOp::create(builder, loc, line, place.grid[1]);
  replacePlace(result, place, asking);
  if (sharesMemory(result)) {
    builder.setInsertionPoint(loop.getBody()->getTerminator());
    gpu::BarrierOp::create(builder, loc);
  }
  return result;
}
