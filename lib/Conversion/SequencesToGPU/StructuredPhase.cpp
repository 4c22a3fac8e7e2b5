//===- StructuredPhase.cpp - The code of linalg ops -----------------------===//
//
// Emits what is neither elementwise on a list nor a full reduction: upstream
// makes loops of the op, parallel ones outermost, whose iterations become the
// threads of the grid.
//
//===----------------------------------------------------------------------===//

#include "StructuredPhase.h"

#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace graphopt;
using cudagraph::Access;

namespace {
/// Brings the values that an op of the region uses into the kernel.
class ValueImporter {
public:
  explicit ValueImporter(KernelFunction &kernel) : kernel(kernel) {}

  /// Makes `value` known to `mapping`. Views are made again on operands that
  /// are none; constants are cloned.
  void import(Value value, Access access) {
    SmallVector<Operation *> views;
    Value root = value;
    while (auto view = root.getDefiningOp<ViewLikeOpInterface>()) {
      // A view without gaps is memory of its own: the rest of the buffer is
      // left to other nodes.
      auto type = dyn_cast<MemRefType>(root.getType());
      if (isa<memref::ViewOp>(*view) || (type && cudagraph::isContiguous(type)))
        break;
      views.push_back(view);
      root = view.getViewSource();
    }
    if (auto type = dyn_cast<MemRefType>(root.getType())) {
      int64_t number = kernel.addOperand(root, access);
      if (!mapping.contains(root))
        mapping.map(root, kernel.createMemRef(kernel.getAddress(number), type));
    } else if (!mapping.contains(root)) {
      kernel.builder.clone(*root.getDefiningOp(), mapping);
    }
    for (Operation *view : llvm::reverse(views))
      if (!mapping.contains(view->getResult(0)))
        kernel.builder.clone(*view, mapping);
  }

  IRMapping mapping;

private:
  KernelFunction &kernel;
};
} // namespace

/// Loops of `op` with all parallel ones outermost; erases `op`.
static FailureOr<linalg::LinalgLoops> makeLoops(IRRewriter &rewriter,
                                                linalg::LinalgOp op) {
  rewriter.setInsertionPoint(op);
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  if (!generic) {
    FailureOr<linalg::GenericOp> made = linalg::generalizeNamedOp(rewriter, op);
    if (failed(made))
      return failure();
    generic = *made;
  }
  SmallVector<unsigned> order, rest;
  for (auto [i, kind] : llvm::enumerate(generic.getIteratorTypesArray()))
    (linalg::isParallelIterator(kind) ? order : rest).push_back(i);
  llvm::append_range(order, rest);
  if (!llvm::is_sorted(order)) {
    FailureOr<linalg::GenericOp> made =
        linalg::interchangeGenericOp(rewriter, generic, order);
    if (failed(made))
      return failure();
    generic = *made;
  }
  rewriter.setInsertionPoint(generic);
  FailureOr<linalg::LinalgLoops> loops =
      linalg::linalgOpToParallelLoops(rewriter, generic);
  if (succeeded(loops))
    rewriter.eraseOp(generic);
  return loops;
}

/// Spreads the iterations of `parallel` over the threads of `blocks` blocks.
static void distribute(KernelFunction &kernel, scf::ParallelOp parallel,
                       int64_t total, int64_t blocks) {
  OpBuilder &b = kernel.builder;
  Location loc = kernel.loc;
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(parallel);
  auto toIndex = [&](Value value) -> Value {
    return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), value);
  };
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value begin =
      arith::AddIOp::create(b, loc,
                            arith::MulIOp::create(b, loc, toIndex(kernel.block),
                                                  index(kernel.threads)),
                            toIndex(kernel.thread));
  auto loop = scf::ForOp::create(b, loc, begin, index(total),
                                 index(blocks * kernel.threads));
  b.setInsertionPointToStart(loop.getBody());
  // The last loop runs fastest.
  Value rest = loop.getInductionVar();
  SmallVector<Value> ivs(parallel.getNumLoops());
  for (int64_t dim = ivs.size() - 1; dim >= 0; --dim) {
    Value extent = parallel.getUpperBound()[dim];
    ivs[dim] = dim == 0 ? rest : arith::RemUIOp::create(b, loc, rest, extent);
    if (dim > 0)
      rest = arith::DivUIOp::create(b, loc, rest, extent);
  }
  IRMapping mapping;
  mapping.map(parallel.getInductionVars(), ValueRange(ivs));
  for (Operation &inner : parallel.getBody()->without_terminator())
    b.clone(inner, mapping);
  parallel.erase();
}

FailureOr<int64_t> graphopt::emitStructured(KernelFunction &kernel,
                                            linalg::LinalgOp op,
                                            int64_t maxBlocks) {
  ValueImporter importer(kernel);
  for (OpOperand &operand : op->getOpOperands())
    importer.import(operand.get(),
                    op.isDpsInit(&operand) ? Access::ReadWrite : Access::Read);
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegions(), captured);
  for (Value value : captured)
    importer.import(value, Access::Read);

  int64_t total = 1;
  bool isParallel = false;
  for (auto [kind, extent] :
       llvm::zip(op.getIteratorTypesArray(), op.getStaticLoopRanges())) {
    if (!linalg::isParallelIterator(kind))
      continue;
    isParallel = true;
    total *= extent;
  }
  // Code that is made here goes before this op.
  Operation *end = &*kernel.builder.getInsertionPoint();
  auto cloned = cast<linalg::LinalgOp>(
      kernel.builder.clone(*op.getOperation(), importer.mapping));
  if (!isParallel) {
    // One thread runs it all.
    Value first = arith::AndIOp::create(kernel.builder, kernel.loc,
                                        kernel.isEqual(kernel.thread, 0),
                                        kernel.isEqual(kernel.block, 0));
    kernel.ifThen(first, [&] {
      cloned->moveBefore(kernel.builder.getInsertionBlock(),
                         kernel.builder.getInsertionPoint());
    });
  }
  IRRewriter rewriter(kernel.builder.getContext());
  FailureOr<linalg::LinalgLoops> loops = makeLoops(rewriter, cloned);
  if (failed(loops))
    return op.emitOpError("has no form as loops on the GPU"), failure();
  kernel.builder.setInsertionPoint(end);
  if (!isParallel)
    return 1;
  int64_t blocks = std::clamp<int64_t>(llvm::divideCeil(total, kernel.threads),
                                       1, maxBlocks);
  if (auto parallel = dyn_cast<scf::ParallelOp>(loops->front()))
    distribute(kernel, parallel, total, blocks);
  return blocks;
}
