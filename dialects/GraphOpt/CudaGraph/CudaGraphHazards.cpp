//===- CudaGraphHazards.cpp - Byte ranges and hazards ---------------------===//
//
// Implements the byte ranges of memrefs in a graph and the hazard proof.
//
// The proof walks the nodes of a block in order and keeps, per buffer, a map
// of byte ranges to the last node that wrote them and the nodes that have read
// them since. A node must come after the last writer of what it reads, and
// after the last writer and its readers of what it writes; older accesses are
// ordered by those. Bodies of conditionals are graphs of their own: inside
// them the same is proven, outside they count as one node.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "GraphOpt/CudaGraph/CudaGraphAccesses.h"
#include "GraphOpt/CudaGraph/CudaGraphPaths.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::cudagraph;

//===----------------------------------------------------------------------===//
// Byte ranges
//===----------------------------------------------------------------------===//

std::optional<int64_t> cudagraph::getElementBytes(Type elementType) {
  if (elementType.isIndex())
    return 8;
  if (elementType.isIntOrFloat()) {
    int64_t bytes = llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8);
    return llvm::PowerOf2Ceil(bytes);
  }
  if (auto complexType = dyn_cast<ComplexType>(elementType)) {
    if (std::optional<int64_t> bytes =
            getElementBytes(complexType.getElementType()))
      return 2 * *bytes;
  }
  return std::nullopt;
}

LogicalResult cudagraph::getLayout(MemRefType type,
                                   SmallVectorImpl<int64_t> &strides,
                                   int64_t &offset) {
  if (!type.getLayout().isIdentity() || !type.hasStaticShape() ||
      llvm::is_contained(type.getShape(), 0))
    return type.getStridesAndOffset(strides, offset);
  strides.assign(computeSuffixProduct(type.getShape()));
  offset = 0;
  return success();
}

/// Computes strides and offset of `type` if all of them are static.
static bool getStaticLayout(MemRefType type, SmallVectorImpl<int64_t> &strides,
                            int64_t &offset) {
  return succeeded(getLayout(type, strides, offset)) &&
         ShapedType::isStatic(offset) && ShapedType::isStaticShape(strides);
}

std::optional<int64_t> cudagraph::getSpanBytes(MemRefType type) {
  std::optional<int64_t> elementBytes = getElementBytes(type.getElementType());
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  if (!elementBytes || !type.hasStaticShape())
    return std::nullopt;
  if (llvm::is_contained(type.getShape(), 0))
    return 0;
  if (failed(getLayout(type, strides, offset)))
    return std::nullopt;
  int64_t last = 0, step = 0;
  for (auto [size, stride] : llvm::zip_equal(type.getShape(), strides)) {
    if (size == 1)
      continue;
    if (ShapedType::isDynamic(stride) || stride < 0 ||
        llvm::MulOverflow(size - 1, stride, step) ||
        llvm::AddOverflow(last, step, last))
      return std::nullopt;
  }
  int64_t bytes = 0;
  if (llvm::AddOverflow(last, int64_t(1), last) ||
      llvm::MulOverflow(last, *elementBytes, bytes))
    return std::nullopt;
  return bytes;
}

bool cudagraph::isContiguous(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  if (!type.hasStaticShape() || failed(getLayout(type, strides, offset)))
    return false;
  if (llvm::is_contained(type.getShape(), 0))
    return true;
  int64_t expected = 1;
  for (auto [size, stride] :
       llvm::reverse(llvm::zip_equal(type.getShape(), strides))) {
    if (size != 1 && stride != expected)
      return false;
    if (llvm::MulOverflow(expected, size, expected))
      return false;
  }
  return true;
}

bool cudagraph::isGraphView(Operation *op) {
  return isa<memref::ViewOp, memref::SubViewOp, memref::ReinterpretCastOp,
             memref::CastOp, memref::ExpandShapeOp, memref::CollapseShapeOp>(
      op);
}

/// The offset that `view` adds to the base of its source, in bytes. All other
/// views keep the base and say where they start in the offset of their type.
static FailureOr<int64_t> getByteShift(memref::ViewOp view) {
  APInt shift;
  MemRefType source = view.getSource().getType();
  SmallVector<int64_t> strides;
  int64_t offset = 0, total = 0;
  if (!matchPattern(view.getByteShift(), m_ConstantInt(&shift)) ||
      !getStaticLayout(source, strides, offset) ||
      llvm::AddOverflow(offset, shift.getSExtValue(), total))
    return failure();
  return total;
}

FailureOr<RangeResolver::Base> RangeResolver::resolveBase(Value memref) {
  // Climb to the root or to a value that is known.
  llvm::SmallSetVector<Operation *, 4> views;
  Value value = memref;
  Base base;
  for (;;) {
    auto known = bases.find(value);
    if (known != bases.end()) {
      base = known->second;
      break;
    }
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      // A buffer is the address of its first element: its own offset is 0.
      auto type = dyn_cast<MemRefType>(value.getType());
      SmallVector<int64_t> strides;
      int64_t offset = 0;
      if (!type || !getStaticLayout(type, strides, offset))
        return failure();
      std::optional<int64_t> bytes = getElementBytes(type.getElementType());
      int64_t start = 0;
      if (!bytes || llvm::MulOverflow(-offset, *bytes, start))
        return failure();
      base = {argument, start};
      bases[value] = base;
      break;
    }
    Operation *op = value.getDefiningOp();
    // This runs before dominance is verified: views may form a cycle.
    if (!isGraphView(op) || !views.insert(op))
      return failure();
    value = op->getOperand(0);
  }
  // Come down again.
  for (Operation *op : llvm::reverse(views)) {
    if (auto view = dyn_cast<memref::ViewOp>(op)) {
      FailureOr<int64_t> shift = getByteShift(view);
      if (failed(shift) || llvm::AddOverflow(base.second, *shift, base.second))
        return failure();
    }
    bases[op->getResult(0)] = base;
  }
  return base;
}

FailureOr<ByteRange> RangeResolver::resolve(Value memref) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  if (!type)
    return failure();
  std::optional<int64_t> span = getSpanBytes(type);
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  if (span == 0) {
    // Nothing is touched, and the strides of an empty memref may be unknown.
    llvm::SmallPtrSet<Operation *, 4> views;
    Value value = memref;
    while (Operation *op = value.getDefiningOp()) {
      if (!isGraphView(op) || !views.insert(op).second)
        return failure();
      value = op->getOperand(0);
    }
    return ByteRange{cast<BlockArgument>(value), 0, 0};
  }
  if (!span || !getStaticLayout(type, strides, offset))
    return failure();
  FailureOr<Base> base = resolveBase(memref);
  if (failed(base))
    return failure();
  ByteRange range;
  range.root = base->first;
  int64_t start = 0;
  if (llvm::MulOverflow(offset, *getElementBytes(type.getElementType()),
                        start) ||
      llvm::AddOverflow(base->second, start, range.begin) ||
      llvm::AddOverflow(range.begin, *span, range.end))
    return failure();
  return range;
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

namespace {
/// Proves one block.
class HazardProof {
public:
  HazardProof(Block &block, RangeResolver &ranges)
      : block(block), ranges(ranges) {}
  LogicalResult run();

private:
  LogicalResult visit(unsigned node, const ByteRange &range, bool isWrite);
  /// Requires a path from `earlier` to `later`.
  LogicalResult require(unsigned earlier, unsigned later, StringRef hazard,
                        const ByteRange &range);

  Block &block;
  RangeResolver &ranges;
  SmallVector<NodeOpInterface> nodes;
  AccessHistory history;
  Paths paths;
  /// Nodes that are known to come before the current one.
  DenseSet<unsigned> before;
};
} // namespace

LogicalResult HazardProof::run() {
  DenseMap<Value, unsigned> numbers;
  SmallVector<BufferAccess> accesses;
  SmallVector<std::pair<ByteRange, BufferAccess>> resolved;
  for (auto node : block.getOps<NodeOpInterface>()) {
    unsigned number = nodes.size();
    nodes.push_back(node);
    SmallVector<unsigned> predecessors;
    before.clear();
    for (Value value : node.getAfter()) {
      auto known = numbers.find(value);
      // Edges from elsewhere were reported by the node's own verifier.
      if (known != numbers.end() && before.insert(known->second).second)
        predecessors.push_back(known->second);
    }
    paths.add(predecessors);
    numbers[node.getNode()] = number;

    accesses.clear();
    resolved.clear();
    node.collectAccesses(accesses);
    for (BufferAccess access : accesses) {
      FailureOr<ByteRange> range = ranges.resolve(access.memref);
      if (failed(range))
        return node->emitOpError("touches a memref whose range of bytes is not "
                                 "known at compile time: ")
               << access.memref.getType();
      resolved.push_back({*range, access});
    }
    // What a node reads it reads before it writes.
    for (auto &[range, access] : resolved)
      if (access.reads() && failed(visit(number, range, /*isWrite=*/false)))
        return failure();
    for (auto &[range, access] : resolved)
      if (access.writes() && failed(visit(number, range, /*isWrite=*/true)))
        return failure();
  }
  return success();
}

LogicalResult HazardProof::visit(unsigned node, const ByteRange &range,
                                 bool isWrite) {
  return history.record(node, range, isWrite, [&](const Touched &touched) {
    if (touched.writer &&
        failed(require(*touched.writer, node,
                       isWrite ? "write-after-write" : "read-after-write",
                       range)))
      return failure();
    if (isWrite)
      for (unsigned reader : touched.readers)
        if (failed(require(reader, node, "write-after-read", range)))
          return failure();
    return success();
  });
}

/// How a diagnostic names a block argument of a graph.
static std::string describeRoot(BlockArgument root) {
  auto graph = cast<GraphOp>(root.getOwner()->getParentOp());
  unsigned number = root.getArgNumber();
  if (number < graph.getNumBuffers())
    return "buffer #" + std::to_string(number);
  number -= graph.getNumBuffers();
  if (number < graph.getNumParameters())
    return "parameter #" + std::to_string(number);
  return "the arena";
}

LogicalResult HazardProof::require(unsigned earlier, unsigned later,
                                   StringRef hazard, const ByteRange &range) {
  if (earlier == later || before.contains(earlier))
    return success();
  if (paths.reaches(earlier, later)) {
    before.insert(earlier);
    return success();
  }
  InFlightDiagnostic diagnostic =
      nodes[later]->emitError()
      << describeNode(nodes[later]) << " is not ordered after "
      << describeNode(nodes[earlier]) << ": " << hazard << " hazard on "
      << describeRoot(range.root) << ", bytes " << range.begin << " to "
      << range.end;
  diagnostic.attachNote(nodes[earlier]->getLoc())
      << "the other access is by " << describeNode(nodes[earlier]);
  return diagnostic;
}

LogicalResult cudagraph::verifyHazards(GraphOp graph) {
  RangeResolver ranges;
  WalkResult result = graph->walk([&](Block *block) {
    return failed(HazardProof(*block, ranges).run()) ? WalkResult::interrupt()
                                                     : WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}
