//===- embed.cpp - The pipeline in an outside project ---------------------===//
//
// Builds `scale every tensor by 1 / global norm` for two buffers with upstream
// builders, runs the graph-opt pipeline on it and expects one graph.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/InitAll.h"
#include "GraphOpt/Pipelines/Pipelines.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace {

/// Emits the ops of the example at the builder's insertion point.
struct Emitter {
  OpBuilder &builder;
  Location loc;

  Value constant(float value) {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getF32FloatAttr(value));
  }

  /// The sum of the squares of all elements, as a tensor<f32>.
  Value sumOfSquares(Value tensor) {
    auto type = cast<RankedTensorType>(tensor.getType());
    auto scalar = RankedTensorType::get({}, type.getElementType());
    Value empty = tensor::EmptyOp::create(builder, loc, scalar, ValueRange());
    Value zero =
        linalg::FillOp::create(builder, loc, constant(0), empty).getResult(0);
    AffineMap all = builder.getMultiDimIdentityMap(type.getRank());
    AffineMap none = AffineMap::get(type.getRank(), 0, builder.getContext());
    SmallVector<utils::IteratorType> loops(type.getRank(),
                                           utils::IteratorType::reduction);
    auto op = linalg::GenericOp::create(
        builder, loc, TypeRange{scalar}, ValueRange{tensor}, ValueRange{zero},
        {all, none}, loops, [](OpBuilder &b, Location loc, ValueRange args) {
          Value square = arith::MulFOp::create(b, loc, args[0], args[0]);
          Value sum = arith::AddFOp::create(b, loc, args[1], square);
          linalg::YieldOp::create(b, loc, sum);
        });
    return op.getResult(0);
  }

  /// `tensor * factor`, where `factor` is a scalar on the host.
  Value scale(Value tensor, Value factor) {
    auto type = cast<RankedTensorType>(tensor.getType());
    Value empty = tensor::EmptyOp::create(builder, loc, type.getShape(),
                                          type.getElementType());
    AffineMap all = builder.getMultiDimIdentityMap(type.getRank());
    SmallVector<utils::IteratorType> loops(type.getRank(),
                                           utils::IteratorType::parallel);
    auto op = linalg::GenericOp::create(
        builder, loc, TypeRange{type}, ValueRange{tensor}, ValueRange{empty},
        {all, all}, loops,
        [factor](OpBuilder &b, Location loc, ValueRange args) {
          Value y = arith::MulFOp::create(b, loc, args[0], factor);
          linalg::YieldOp::create(b, loc, y);
        });
    return op.getResult(0);
  }
};

} // namespace

/// func.func @normalize(%a: memref<768xf32>, %b: memref<16x32xf32>) -> f32
static OwningOpRef<ModuleOp> buildModule(MLIRContext &context) {
  OpBuilder builder(&context);
  Location loc = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());

  Type f32 = builder.getF32Type();
  SmallVector<Type> buffers = {MemRefType::get({768}, f32),
                               MemRefType::get({16, 32}, f32)};
  auto function = func::FuncOp::create(builder, loc, "normalize",
                                       builder.getFunctionType(buffers, {f32}));
  builder.setInsertionPointToStart(function.addEntryBlock());

  Emitter emit{builder, loc};
  SmallVector<Value> tensors;
  for (Value buffer : function.getArguments()) {
    auto type = cast<MemRefType>(buffer.getType());
    tensors.push_back(bufferization::ToTensorOp::create(
        builder, loc, RankedTensorType::get(type.getShape(), f32), buffer,
        /*restrict=*/true, /*writable=*/true));
  }

  Value total = emit.constant(0);
  for (Value tensor : tensors) {
    Value read = tensor::ExtractOp::create(
        builder, loc, emit.sumOfSquares(tensor), ValueRange());
    total = arith::AddFOp::create(builder, loc, total, read);
  }
  Value norm = math::SqrtOp::create(builder, loc, total);
  Value factor = arith::DivFOp::create(builder, loc, emit.constant(1), norm);
  for (auto [tensor, buffer] : llvm::zip(tensors, function.getArguments())) {
    auto store = bufferization::MaterializeInDestinationOp::create(
        builder, loc, /*result=*/Type(), emit.scale(tensor, factor), buffer);
    store.setRestrict(true);
    store.setWritable(true);
  }
  func::ReturnOp::create(builder, loc, norm);
  return module;
}

int main() {
  DialectRegistry registry;
  graphopt::registerAllDialects(registry);
  MLIRContext context(registry);
  context.loadAllAvailableDialects();

  OwningOpRef<ModuleOp> module = buildModule(context);
  if (failed(verify(*module))) {
    llvm::errs() << "the module that was built is not valid\n";
    return 1;
  }

  graphopt::PipelineOptions options;
  options.stopAfter = graphopt::State::Graphs;
  PassManager pm(&context);
  graphopt::buildGraphOptPipeline(pm, options);
  if (failed(pm.run(*module))) {
    llvm::errs() << "the pipeline failed\n";
    return 1;
  }

  unsigned graphs = 0;
  module->walk([&](Operation *op) {
    graphs += op->getName().getStringRef() == "cudagraph.graph";
  });
  llvm::outs() << "graphs: " << graphs << "\n";
  if (graphs == 1)
    return 0;
  module->print(llvm::errs());
  return 1;
}
