//===- PullViews.cpp - Views of a region's operands -----------------------===//
//
// Moves static views from in front of regions into them, so that a region takes
// each buffer once, however many views of it there are.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

namespace graphopt {
#define GEN_PASS_DEF_PULLVIEWS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Makes `memref`, a view of `base` or `base` itself, again on what `mapping`
/// has for `base`. Views that several operands share are made once.
static Value cloneView(Value memref, Value base, OpBuilder &builder,
                       IRMapping &mapping) {
  SmallVector<Operation *> views;
  for (Value value = memref; value != base && !mapping.contains(value);
       value = value.getDefiningOp()->getOperand(0))
    views.push_back(value.getDefiningOp());
  for (Operation *view : llvm::reverse(views))
    builder.clone(*view, mapping);
  return mapping.lookup(memref);
}

/// Erases the views that lead to `memrefs` as far as nothing uses them any
/// more.
static void eraseUnusedViews(ArrayRef<Value> memrefs, ArrayRef<Value> bases) {
  // Sources before what is made of them.
  llvm::SetVector<Operation *> views;
  for (auto [memref, base] : llvm::zip_equal(memrefs, bases)) {
    SmallVector<Operation *> chain;
    for (Value value = memref; value != base;
         value = value.getDefiningOp()->getOperand(0))
      chain.push_back(value.getDefiningOp());
    views.insert(chain.rbegin(), chain.rend());
  }
  for (Operation *view : llvm::reverse(views))
    if (view->use_empty())
      view->erase();
}

/// Pattern: v = view b; graph (a = v) {..} -> graph (c = b) {a = view c; ..}
static void pullViews(GraphOp graph) {
  SmallVector<Value> operands(graph.getInputs());
  SmallVector<Value> bases = llvm::map_to_vector(operands, getStaticBase);
  if (operands == bases)
    return;
  Block *body = graph.getBodyBlock();
  unsigned numOld = body->getNumArguments();
  OpBuilder builder = OpBuilder::atBlockBegin(body);
  SmallVector<Value> inputs;
  IRMapping mapping;
  auto arena = graph->getAttrOfType<IntegerAttr>("arena");
  for (auto [i, operand, base] : llvm::enumerate(operands, bases)) {
    BlockArgument old = body->getArgument(i);
    if (arena && arena.getInt() == int64_t(i))
      graph->setAttr("arena", builder.getI64IntegerAttr(inputs.size()));
    if (!mapping.contains(base)) {
      inputs.push_back(base);
      // Host scalars have arguments of another type than theirs.
      Type type = operand == base ? old.getType() : base.getType();
      mapping.map(base, body->addArgument(type, base.getLoc()));
    }
    old.replaceAllUsesWith(cloneView(operand, base, builder, mapping));
  }
  body->eraseArguments(0, numOld);
  graph.getInputsMutable().assign(inputs);
  remarkDone(graph, "views-pulled")
      << remark::metric("operands-before", operands.size())
      << remark::metric("operands", inputs.size());
  eraseUnusedViews(operands, bases);
}

namespace {
struct PullViews : public graphopt::impl::PullViewsBase<PullViews> {
  void runOnOperation() override {
    bool hasRegions = false;
    getOperation().walk([&](GraphOp graph) {
      hasRegions = true;
      pullViews(graph);
    });
    if (!hasRegions)
      markAllAnalysesPreserved();
  }
};
} // namespace
