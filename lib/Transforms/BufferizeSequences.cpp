//===- BufferizeSequences.cpp - Memory for regions ------------------------===//
//
// Chooses the memory of each region's operands and results; the values in it
// get theirs from RegionBufferizer.
//
//===----------------------------------------------------------------------===//

#include "Bufferization/RegionBufferizer.h"
#include "GraphOpt/Analysis/BufferIndex.h"
#include "GraphOpt/Analysis/HostAccesses.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
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
         succeeded(cudagraph::getLayout(type, strides, offset)) &&
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

/// Whether `op` may write the memory of its operand `memref`.
static bool mayWrite(Operation *op, Value memref) {
  if (auto write = dyn_cast<MaterializeInDestinationOp>(op))
    return write.getDest() == memref;
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  if (!effects)
    return true;
  SmallVector<MemoryEffects::EffectInstance> instances;
  effects.getEffectsOnValue(memref, instances);
  return llvm::any_of(instances, [](const MemoryEffects::EffectInstance &e) {
    return isa<MemoryEffects::Write>(e.getEffect());
  });
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
    readMemory.clear();
    getOperation().walk([&](Operation *op) {
      if (auto graph = dyn_cast<GraphOp>(op))
        graphs.push_back(graph);
      if (auto read = dyn_cast<ToTensorOp>(op))
        addRead(read);
    });
    // First the memory of all results, and with it all writes and reads of
    // buffers; what must be copied is known only then.
    llvm::erase_if(graphs, [](GraphOp graph) {
      return graph.getNumResults() == 0; // Is in memory already.
    });
    SmallVector<SmallVector<Value>> results;
    for (GraphOp graph : graphs)
      results.push_back(planResults(graph));
    for (auto [graph, memory] : llvm::zip_equal(graphs, results))
      for (Value memref : memory)
        keepOldContents(memref, graph);
    keepContentsOfWrites();
    for (auto [graph, memory] : llvm::zip_equal(graphs, results))
      if (failed(bufferize(graph, memory)))
        return signalPassFailure();
    bufferizeItems();
    getOperation().walk([](ToTensorOp read) {
      if (read->use_empty())
        read.erase();
    });
  }

private:
  SmallVector<Value> planResults(GraphOp graph);
  LogicalResult bufferize(GraphOp graph, ArrayRef<Value> results);
  SmallVector<Value> chooseResultMemory(GraphOp graph);
  void keepOldContents(Value memref, Operation *writer);
  void keepContentsOfWrites();
  void bufferizeItems();
  ToTensorOp readAfter(OpBuilder &builder, Location loc, Value memref);

  void addRead(ToTensorOp read) {
    Value memref = read.getBuffer();
    reads[memref].push_back(read);
    readMemory.insert(memref);
  }
  /// Reads of buffers as tensors, by where they read first.
  DenseMap<Value, SmallVector<ToTensorOp>> reads;
  BufferIndex readMemory;
};

} // namespace

ToTensorOp BufferizeSequences::readAfter(OpBuilder &builder, Location loc,
                                         Value memref) {
  auto read = ToTensorOp::create(
      builder, loc, memref::getTensorTypeFromMemRefType(memref.getType()),
      memref, /*restrict=*/true, /*writable=*/false);
  addRead(read);
  return read;
}

/// Whether the contents that `read` saw may be needed after `writer`, or, if
/// `orByIt`, by `writer` itself, through whatever op may hand them on without a
/// copy.
static bool isUsedAfter(ToTensorOp read, Operation *writer,
                        bool orByIt = false) {
  Block *block = writer->getBlock();
  SmallVector<Value> worklist = {read.getResult()};
  DenseSet<Value> seen;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    for (Operation *user : value.getUsers()) {
      Operation *peer = block->findAncestorOpInBlock(*user);
      // The writer knows the memory of what it reads itself, but not of what
      // another op, such as an scf.if, hands to it.
      if (!peer || (peer == writer ? orByIt || value != read.getResult()
                                   : !peer->isBeforeInBlock(writer)))
        return true;
      if (isa<GraphOp, ItemOp, MaterializeInDestinationOp>(user))
        continue;
      ValueRange results = user->getResults();
      if (user->hasTrait<OpTrait::IsTerminator>())
        results = user->getParentOp()->getResults();
      for (Value result : results)
        if (isa<TensorType>(result.getType()))
          worklist.push_back(result);
    }
  }
  return false;
}

/// Whether the contents that `read` saw may be handed to the next iteration.
static bool isCarried(ToTensorOp read) {
  Block *block = read->getBlock();
  return !block->mightHaveTerminator() ||
         isUsedAfter(read, block->getTerminator()) ||
         llvm::any_of(read->getUsers(), [&](Operation *user) {
           return user->hasTrait<OpTrait::IsTerminator>();
         });
}

/// `writer` overwrites `memref`: a tensor that was read from it, or from a view
/// that overlaps it, and is used later must be read from a copy.
void BufferizeSequences::keepOldContents(Value memref, Operation *writer) {
  SmallVector<std::pair<Value, ToTensorOp>> overlapping;
  for (Value other : readMemory.findOverlapping(memref))
    for (ToTensorOp read : reads[other])
      overlapping.push_back({other, read});
  for (auto [first, read] : overlapping) {
    auto type = dyn_cast<MemRefType>(read.getBuffer().getType());
    if (read.getBuffer() != first || !type || !type.hasStaticShape())
      continue;
    // A read after the writer sees the new contents, as it should. One from
    // outside of the writer's block may be used again by the next iteration.
    Operation *peer = writer->getBlock()->findAncestorOpInBlock(*read);
    bool isAfter = peer && writer->isBeforeInBlock(peer);
    bool isLoop = isa<LoopLikeOpInterface>(writer->getParentOp());
    // The same memory may be read and written element by element. Other views
    // of it have other elements at the same place.
    bool orByIt = first != memref;
    if (peer && (isAfter ? !isLoop || !isCarried(read)
                         : !isUsedAfter(read, writer, orByIt)))
      continue;
    OpBuilder builder(read);
    Value saved = memref::AllocOp::create(
        builder, read.getLoc(),
        MemRefType::get(type.getShape(), type.getElementType()));
    memref::CopyOp::create(builder, read.getLoc(), read.getBuffer(), saved);
    read.getBufferMutable().assign(saved);
    remarkRefused(read, "old-contents-kept")
        << "the buffer is overwritten before the last use of its contents";
  }
}

/// Does so for every write that no region does itself.
void BufferizeSequences::keepContentsOfWrites() {
  getOperation().walk([&](Operation *op) {
    // What a region of control flow writes is seen op by op.
    bool isControl = op->getNumRegions() && !isa<MemoryEffectOpInterface>(op);
    if (isa<GraphOp, ToTensorOp>(op) || isControl || isMemoryEffectFree(op))
      return;
    for (Value operand : op->getOperands())
      if (isa<MemRefType>(operand.getType()) && mayWrite(op, operand))
        keepOldContents(operand, op);
  });
}

/// For each result, the buffer it is written to, or a new allocation.
SmallVector<Value> BufferizeSequences::chooseResultMemory(GraphOp graph) {
  SmallVector<Value> memory(graph.getNumResults());
  SmallVector<Operation *> done;
  // Writes behind the region move into it, up to the first op of which it is
  // not known what it does to memory, but not past a read or a write of the
  // same memory.
  BufferIndex passed;
  int64_t numWrites = llvm::count_if(graph->getUsers(), [&](Operation *user) {
    return isInPlaceWrite(user, graph) && user->getBlock() == graph->getBlock();
  });
  for (Operation *op = graph->getNextNode(); op && numWrites > 0;
       op = op->getNextNode()) {
    if (auto read = dyn_cast<ToTensorOp>(op)) {
      passed.insert(read.getBuffer());
      continue;
    }
    if (auto write = dyn_cast<MaterializeInDestinationOp>(op);
        write && isa<MemRefType>(write.getDest().getType())) {
      bool isOwn = isInPlaceWrite(op, graph);
      numWrites -= isOwn;
      if (isOwn && passed.findOverlapping(write.getDest()).empty()) {
        Value &target =
            memory[cast<OpResult>(write.getSource()).getResultNumber()];
        if (!target) {
          target = write.getDest();
          done.push_back(op);
        }
      }
      passed.insert(write.getDest());
      continue;
    }
    SmallVector<HostAccess> accesses;
    if (!isMemoryEffectFree(op) && !isa<ItemOp>(op) &&
        !collectHostAccesses(op, accesses))
      break;
    for (const HostAccess &access : accesses)
      passed.insert(access.memref);
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

/// Chooses the memory of the results of `graph` and makes every use of a result
/// a read of it.
SmallVector<Value> BufferizeSequences::planResults(GraphOp graph) {
  SmallVector<Value> results = chooseResultMemory(graph);
  OpBuilder builder(graph->getContext());
  builder.setInsertionPointAfter(graph);
  for (auto [result, memref] : llvm::zip(graph.getResults(), results))
    if (!result.use_empty())
      result.replaceAllUsesWith(readAfter(builder, graph.getLoc(), memref));
  return results;
}

LogicalResult BufferizeSequences::bufferize(GraphOp graph,
                                            ArrayRef<Value> results) {
  Location loc = graph.getLoc();
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
