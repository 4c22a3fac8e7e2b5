//===- BufferizeSequences.cpp - Memory for regions ------------------------===//
//
// Chooses the memory of each region's operands and results; the values in it
// get theirs from RegionBufferizer.
//
//===----------------------------------------------------------------------===//

#include "Bufferization/RegionBufferizer.h"
#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace graphopt {
#define GEN_PASS_DEF_BUFFERIZESEQUENCES
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;
using bufferization::MaterializeInDestinationOp;
using bufferization::ToTensorOp;

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

/// Whether `memref` can be an operand of a region as it is: one static range of
/// bytes.
static bool isRegionMemory(Value memref) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  int64_t offset;
  SmallVector<int64_t> strides;
  return type && type.hasStaticShape() && isContiguous(type) &&
         !type.getMemorySpace() &&
         succeeded(type.getStridesAndOffset(strides, offset)) &&
         !ShapedType::isDynamic(offset);
}

/// A write of a result to a caller's buffer that the region may do itself.
static bool isInPlaceWrite(Operation *op, GraphOp graph) {
  auto write = dyn_cast<MaterializeInDestinationOp>(op);
  if (!write || !isRegionMemory(write.getDest()) ||
      write.getSource().getDefiningOp() != graph)
    return false;
  Operation *def = write.getDest().getDefiningOp();
  return !def || def->getBlock() != graph->getBlock() ||
         def->isBeforeInBlock(graph);
}

namespace {

struct BufferizeSequences
    : public graphopt::impl::BufferizeSequencesBase<BufferizeSequences> {
  using BufferizeSequencesBase::BufferizeSequencesBase;

  void runOnOperation() override {
    if (chunkElements < 1) {
      getOperation().emitError("chunk-elements must be at least 1");
      return signalPassFailure();
    }
    SmallVector<GraphOp> graphs;
    reads.clear();
    getOperation().walk([&](Operation *op) {
      if (auto graph = dyn_cast<GraphOp>(op))
        graphs.push_back(graph);
      if (auto read = dyn_cast<ToTensorOp>(op))
        reads[read.getBuffer()].push_back(read);
    });
    getOperation().walk([&](MaterializeInDestinationOp write) {
      if (isa<MemRefType>(write.getDest().getType()))
        keepOldContents(write.getDest(), write);
    });
    for (GraphOp graph : graphs)
      if (failed(bufferize(graph)))
        return signalPassFailure();
    bufferizeItems();
    getOperation().walk([](ToTensorOp read) {
      if (read->use_empty())
        read.erase();
    });
  }

private:
  LogicalResult bufferize(GraphOp graph);
  SmallVector<Value> chooseResultMemory(GraphOp graph);
  void keepOldContents(Value memref, Operation *writer);
  void bufferizeItems();
  ToTensorOp readAfter(OpBuilder &builder, Location loc, Value memref);

  /// Reads of each memref as a tensor.
  DenseMap<Value, SmallVector<ToTensorOp>> reads;
};

} // namespace

ToTensorOp BufferizeSequences::readAfter(OpBuilder &builder, Location loc,
                                         Value memref) {
  auto read = ToTensorOp::create(
      builder, loc, memref::getTensorTypeFromMemRefType(memref.getType()),
      memref, /*restrict=*/true, /*writable=*/false);
  reads[memref].push_back(read);
  return read;
}

/// `writer` overwrites `memref`: a tensor that was read from it before and is
/// used after the writer must be read from a copy.
void BufferizeSequences::keepOldContents(Value memref, Operation *writer) {
  Block *block = writer->getBlock();
  for (ToTensorOp read : reads.lookup(memref)) {
    bool isOver =
        read->getBlock() == block &&
        llvm::all_of(read->getUsers(), [&](Operation *user) {
          Operation *peer = block->findAncestorOpInBlock(*user);
          return peer == writer || (peer && peer->isBeforeInBlock(writer));
        });
    // A read after the writer sees the new contents, as it should.
    auto type = cast<MemRefType>(memref.getType());
    if (isOver || !type.hasStaticShape() ||
        (read->getBlock() == block && writer->isBeforeInBlock(read)))
      continue;
    OpBuilder builder(read);
    Value saved = memref::AllocOp::create(
        builder, read.getLoc(),
        MemRefType::get(type.getShape(), type.getElementType()));
    memref::CopyOp::create(builder, read.getLoc(), memref, saved);
    read.getBufferMutable().assign(saved);
    reads[saved].push_back(read);
    remarkRefused(read, "old-contents-kept")
        << "the buffer is overwritten before the last use of its contents";
  }
}

/// For each result, the buffer it is written to, or a new allocation.
SmallVector<Value> BufferizeSequences::chooseResultMemory(GraphOp graph) {
  SmallVector<Value> memory(graph.getNumResults());
  DenseSet<Value> taken;
  SmallVector<Operation *> done;
  // Writes behind the region move into it, up to the first op that may see
  // memory.
  DenseSet<Value> readSince;
  for (Operation *op = graph->getNextNode(); op; op = op->getNextNode()) {
    if (auto read = dyn_cast<ToTensorOp>(op)) {
      readSince.insert(read.getBuffer());
      continue;
    }
    if (isInPlaceWrite(op, graph)) {
      auto write = cast<MaterializeInDestinationOp>(op);
      auto result = cast<OpResult>(write.getSource());
      Value &target = memory[result.getResultNumber()];
      if (!target && !readSince.contains(write.getDest()) &&
          taken.insert(write.getDest()).second) {
        target = write.getDest();
        done.push_back(op);
        continue;
      }
    }
    if (isa<MaterializeInDestinationOp>(op) || isMemoryEffectFree(op) ||
        isa<ItemOp>(op))
      continue;
    break;
  }
  for (Operation *op : done)
    op->erase();

  OpBuilder builder(graph);
  for (auto [result, target] : llvm::zip(graph.getResults(), memory)) {
    if (target)
      continue;
    auto type = cast<ShapedType>(result.getType());
    target = memref::AllocOp::create(
        builder, graph.getLoc(),
        MemRefType::get(type.getShape(), type.getElementType()));
  }
  return memory;
}

LogicalResult BufferizeSequences::bufferize(GraphOp graph) {
  if (graph.getNumResults() == 0)
    return success();
  Location loc = graph.getLoc();
  SmallVector<Value> results = chooseResultMemory(graph);
  DenseSet<Value> overwritten(results.begin(), results.end());
  for (Value memref : results)
    keepOldContents(memref, graph);

  OpBuilder builder(graph);
  SmallVector<Value> operands;
  DenseMap<Value, unsigned> numbers; // Operand number of each memref.
  auto add = [&](Value operand) {
    auto [it, inserted] = numbers.try_emplace(operand, operands.size());
    if (inserted)
      operands.push_back(operand);
    return it->second;
  };
  SmallVector<unsigned> argumentOperands;
  for (Value input : graph.getInputs()) {
    if (!isa<RankedTensorType>(input.getType())) {
      argumentOperands.push_back(add(input));
      continue;
    }
    Value memref;
    if (auto read = input.getDefiningOp<ToTensorOp>();
        read && isa<MemRefType>(read.getBuffer().getType())) {
      memref = read.getBuffer();
      if (!isRegionMemory(memref)) {
        auto type = cast<ShapedType>(input.getType());
        Value dense = memref::AllocOp::create(
            builder, loc,
            MemRefType::get(type.getShape(), type.getElementType()));
        memref::CopyOp::create(builder, loc, memref, dense);
        memref = dense;
      }
    } else {
      auto type = cast<RankedTensorType>(input.getType());
      memref = bufferization::ToBufferOp::create(
          builder, loc, MemRefType::get(type.getShape(), type.getElementType()),
          input,
          /*read_only=*/true);
    }
    argumentOperands.push_back(add(memref));
  }
  SmallVector<unsigned> resultOperands;
  for (Value memref : results)
    resultOperands.push_back(add(memref));

  auto buffered =
      GraphOp::create(builder, loc, TypeRange(), graph.getSym(), operands);
  buffered->setDiscardableAttrs(graph->getDiscardableAttrDictionary());
  buffered.getBody().takeBody(graph.getBody());
  Block *body = buffered.getBodyBlock();
  unsigned numOld = body->getNumArguments();
  RegionBufferizer bufferizer(buffered, chunkElements);
  SmallVector<Value> arguments;
  for (Value operand : operands)
    arguments.push_back(body->addArgument(
        GraphOp::getArgumentType(operand.getType(), /*buffers=*/true),
        operand.getLoc()));
  for (unsigned i = 0; i < numOld; ++i)
    bufferizer.bindArgument(body->getArgument(i),
                            arguments[argumentOperands[i]]);
  for (auto [i, number] : llvm::enumerate(resultOperands))
    bufferizer.bindResult(i, arguments[number]);
  if (failed(bufferizer.run()))
    return failure();
  body->eraseArguments(0, numOld);

  builder.setInsertionPointAfter(buffered);
  for (auto [result, memref] : llvm::zip(graph.getResults(), results))
    if (!result.use_empty())
      result.replaceAllUsesWith(readAfter(builder, loc, memref));
  graph.erase();
  return success();
}

/// Pattern: item (to_tensor m) -> item m
void BufferizeSequences::bufferizeItems() {
  getOperation().walk([](ItemOp item) {
    auto type = dyn_cast<RankedTensorType>(item.getTensor().getType());
    if (!type)
      return;
    OpBuilder builder(item);
    Value memref;
    auto read = item.getTensor().getDefiningOp<ToTensorOp>();
    // What was read just before an allocation of ours is still there; a
    // caller's buffer may have been overwritten since.
    if (read && read.getBuffer().getDefiningOp<memref::AllocOp>())
      memref = read.getBuffer();
    else
      memref = bufferization::ToBufferOp::create(
          builder, item.getLoc(),
          MemRefType::get(type.getShape(), type.getElementType()),
          item.getTensor(), /*read_only=*/true);
    item.getTensorMutable().assign(memref);
  });
}
