//===- MemRefs.cpp - Buffer ops of the reference --------------------------===//
//
// Implements the handlers of `memref`: buffers are shared storage, memrefs are
// strided views of it.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include <cstring>

using namespace mlir;
using namespace graphrun;

/// A memref of the same storage seen through `view`.
static RtValue viewOf(const RtValue &base, const HostTensor &view) {
  return RtValue::memref(view, base.array->storage);
}

/// Fails if `view` reaches outside of its storage.
static LogicalResult checkExtent(Operation *op, const HostTensor &view,
                                 const Storage &storage) {
  auto [low, high] = view.extent();
  if (low >= 0 && high * bytesOf(view.kind) <= storage.bytes->size())
    return success();
  return op->emitError("the view leaves its buffer");
}

static LogicalResult runAlloc(Interpreter &, OpCode &code, Operands operands,
                              Operands results) {
  auto type = cast<MemRefType>(code.op->getResult(0).getType());
  FailureOr<ElementKind> kind = elementKindFor(code.op, type);
  if (failed(kind))
    return failure();
  if (!type.getLayout().isIdentity())
    return code.op->emitError("the reference allocates row-major buffers only");
  auto shape = resolveShape(code.op, type.getShape(), operands);
  if (failed(shape))
    return failure();
  HostTensor array = HostTensor::allocate(*kind, *shape);
  auto storage = std::make_shared<Storage>(Storage{array.bytes});
  results[0] = RtValue::memref(array, storage);
  return success();
}

static LogicalResult runNothing(Interpreter &, OpCode &, Operands, Operands) {
  return success();
}

static LogicalResult runLoad(Interpreter &, OpCode &code, Operands operands,
                             Operands results) {
  HostTensor array = operands[0].array->read();
  FailureOr<char *> address =
      elementAddress(code.op, array, operands.drop_front());
  if (failed(address))
    return failure();
  results[0].cell = loadCell(array.kind, *address);
  return success();
}

static LogicalResult runStore(Interpreter &, OpCode &code, Operands operands,
                              Operands) {
  HostTensor array = operands[1].array->write();
  FailureOr<char *> address =
      elementAddress(code.op, array, operands.drop_front(2));
  if (failed(address))
    return failure();
  storeCell(array.kind, *address, operands[0].cell);
  return success();
}

static LogicalResult runCopy(Interpreter &interpreter, OpCode &code,
                             Operands operands, Operands) {
  HostTensor destination = operands[1].array->write();
  HostTensor source = operands[0].array->read();
  if (source.shape != destination.shape)
    return code.op->emitError("source and destination differ in shape");
  copyElements(source, destination);
  interpreter.counts.kernels += source.numElements() > 0;
  return success();
}

static LogicalResult runCast(Interpreter &, OpCode &code, Operands operands,
                             Operands results) {
  auto type = dyn_cast<MemRefType>(code.op->getResult(0).getType());
  ArrayRef<int64_t> shape = operands[0].array->view.shape;
  if (type && failed(verifyCompatibleShape(type.getShape(), shape)))
    return code.op->emitError("a buffer of shape ")
           << shapeString(shape) << " is no " << type;
  results[0] = std::move(operands[0]);
  return success();
}

static LogicalResult runSubView(Interpreter &, OpCode &code, Operands operands,
                                Operands results) {
  auto op = cast<memref::SubViewOp>(code.op);
  FailureOr<HostTensor> view =
      sliceView(op, operands[0].array->view, operands.drop_front());
  if (failed(view))
    return failure();
  dropDims(*view, op.getDroppedDims());
  results[0] = viewOf(operands[0], *view);
  return success();
}

static LogicalResult runReinterpretCast(Interpreter &, OpCode &code,
                                        Operands operands, Operands results) {
  auto op = cast<memref::ReinterpretCastOp>(code.op);
  FailureOr<HostTensor> view =
      sliceView(op, operands[0].array->view, operands.drop_front(),
                /*isAbsolute=*/true);
  if (failed(view) ||
      failed(checkExtent(op, *view, *operands[0].array->storage)))
    return failure();
  results[0] = viewOf(operands[0], *view);
  return success();
}

/// Expanded dimensions keep the distance of the one they come from.
static LogicalResult runExpandShape(Interpreter &, OpCode &code,
                                    Operands operands, Operands results) {
  auto op = cast<memref::ExpandShapeOp>(code.op);
  auto shape =
      resolveShape(op, op.getStaticOutputShape(), operands.drop_front());
  if (failed(shape))
    return failure();
  HostTensor view = operands[0].array->view;
  SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
  SmallVector<int64_t, 4> strides(shape->size(), 1);
  for (auto [dim, group] : llvm::enumerate(groups)) {
    int64_t stride = view.strides[dim];
    for (int64_t inner : llvm::reverse(group)) {
      strides[inner] = stride;
      stride *= (*shape)[inner];
    }
  }
  view.shape = *shape;
  view.strides = strides;
  if (view.numElements() != operands[0].array->view.numElements())
    return op.emitError("the shapes differ in their number of elements");
  results[0] = viewOf(operands[0], view);
  return success();
}

static LogicalResult runCollapseShape(Interpreter &, OpCode &code,
                                      Operands operands, Operands results) {
  auto op = cast<memref::CollapseShapeOp>(code.op);
  HostTensor view = operands[0].array->view;
  SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
  SmallVector<int64_t, 4> strides;
  for (const ReassociationIndices &group : groups) {
    // The innermost dimension that is really walked gives the distance.
    int64_t stride = 1, expected = 0;
    for (int64_t dim : llvm::reverse(group)) {
      if (view.shape[dim] == 1)
        continue;
      if (expected && view.strides[dim] != expected && view.numElements())
        return op.emitError("the collapsed dimensions are not contiguous");
      stride = expected ? stride : view.strides[dim];
      expected = view.strides[dim] * view.shape[dim];
    }
    strides.push_back(stride);
  }
  view.shape = collapsedShape(view.shape, groups);
  view.strides = strides;
  results[0] = viewOf(operands[0], view);
  return success();
}

/// memref.view: a typed window into a buffer of bytes.
static LogicalResult runView(Interpreter &, OpCode &code, Operands operands,
                             Operands results) {
  auto op = cast<memref::ViewOp>(code.op);
  FailureOr<ElementKind> kind = elementKindFor(op, op.getType());
  if (failed(kind))
    return failure();
  auto shape =
      resolveShape(op, op.getType().getShape(), operands.drop_front(2));
  if (failed(shape))
    return failure();
  int64_t byte = operands[0].array->view.offset + operands[1].cell.i;
  if (byte % bytesOf(*kind))
    return op.emitError("the byte shift ") << byte << " is not aligned";
  HostTensor view = HostTensor::view(*kind, *shape, nullptr);
  view.offset = byte / bytesOf(*kind);
  if (failed(checkExtent(op, view, *operands[0].array->storage)))
    return failure();
  results[0] = viewOf(operands[0], view);
  return success();
}

static LogicalResult runGetGlobal(Interpreter &interpreter, OpCode &code,
                                  Operands, Operands results) {
  auto op = cast<memref::GetGlobalOp>(code.op);
  auto global = interpreter.symbols.lookupNearestSymbolFrom<memref::GlobalOp>(
      op, op.getNameAttr());
  if (!global)
    return op.emitError("there is no global '") << op.getName() << "'";
  MemRefType type = global.getType();
  FailureOr<ElementKind> kind = elementKindFor(op, type);
  if (failed(kind))
    return failure();
  HostTensor array = HostTensor::view(*kind, type.getShape(), nullptr);
  std::shared_ptr<Storage> &storage = interpreter.globals[global];
  if (!storage) {
    array = HostTensor::allocate(*kind, type.getShape());
    if (auto initial =
            dyn_cast_or_null<ElementsAttr>(global.getInitialValueAttr())) {
      FailureOr<HostTensor> value = evaluateElements(global, initial);
      if (failed(value))
        return failure();
      array = *value;
    }
    storage = std::make_shared<Storage>(Storage{array.bytes});
  }
  results[0] = RtValue::memref(array, storage);
  return success();
}

static LogicalResult runTranspose(Interpreter &, OpCode &code,
                                  Operands operands, Operands results) {
  AffineMap permutation = cast<memref::TransposeOp>(code.op).getPermutation();
  const HostTensor &base = operands[0].array->view;
  HostTensor view = base;
  for (auto [dim, expr] : llvm::enumerate(permutation.getResults())) {
    unsigned from = cast<AffineDimExpr>(expr).getPosition();
    view.shape[dim] = base.shape[from];
    view.strides[dim] = base.strides[from];
  }
  results[0] = viewOf(operands[0], view);
  return success();
}

/// memref.reshape: a row-major buffer seen in a shape that is data.
static LogicalResult runReshape(Interpreter &, OpCode &code, Operands operands,
                                Operands results) {
  const HostTensor &base = operands[0].array->view;
  HostTensor extents = operands[1].array->read();
  SmallVector<int64_t, 4> shape(extents.numElements());
  if (!shape.empty())
    loadColumn(extents.kind, extents.data(), extents.strides[0], shape.size(),
               shape.data());
  HostTensor view = HostTensor::view(base.kind, shape, nullptr);
  view.offset = base.offset;
  if (!base.isContiguous() || view.numElements() != base.numElements())
    return code.op->emitError("can not reshape ")
           << shapeString(base.shape) << " to " << shapeString(shape);
  results[0] = viewOf(operands[0], view);
  return success();
}

/// The whole allocation as a buffer of rank 0, then offset, sizes and strides.
static LogicalResult runMetadata(Interpreter &, OpCode &, Operands operands,
                                 Operands results) {
  const HostTensor &base = operands[0].array->view;
  results[0] = viewOf(operands[0], HostTensor::view(base.kind, {}, nullptr));
  results[1] = RtValue::scalar(base.offset);
  for (auto [dim, extent] : llvm::enumerate(base.shape)) {
    results[2 + dim] = RtValue::scalar(extent);
    results[2 + base.rank() + dim] = RtValue::scalar(base.strides[dim]);
  }
  return success();
}

static std::optional<Combiner> combinerFor(arith::AtomicRMWKind kind) {
  switch (kind) {
  case arith::AtomicRMWKind::addf:
    return Combiner::AddF;
  case arith::AtomicRMWKind::addi:
    return Combiner::AddI;
  case arith::AtomicRMWKind::mulf:
    return Combiner::MulF;
  case arith::AtomicRMWKind::muli:
    return Combiner::MulI;
  case arith::AtomicRMWKind::maximumf:
    return Combiner::MaximumF;
  case arith::AtomicRMWKind::minimumf:
    return Combiner::MinimumF;
  case arith::AtomicRMWKind::maxnumf:
    return Combiner::MaxNumF;
  case arith::AtomicRMWKind::minnumf:
    return Combiner::MinNumF;
  case arith::AtomicRMWKind::maxs:
    return Combiner::MaxSI;
  case arith::AtomicRMWKind::maxu:
    return Combiner::MaxUI;
  case arith::AtomicRMWKind::mins:
    return Combiner::MinSI;
  case arith::AtomicRMWKind::minu:
    return Combiner::MinUI;
  case arith::AtomicRMWKind::andi:
    return Combiner::AndI;
  case arith::AtomicRMWKind::ori:
    return Combiner::OrI;
  case arith::AtomicRMWKind::xori:
    return Combiner::XOrI;
  case arith::AtomicRMWKind::assign:
    return std::nullopt;
  }
  return std::nullopt;
}

/// Nothing runs at the same time, so that any update is atomic.
static LogicalResult runAtomic(Interpreter &, OpCode &code, Operands operands,
                               Operands results) {
  auto op = cast<memref::AtomicRMWOp>(code.op);
  HostTensor array = operands[1].array->write();
  FailureOr<char *> address = elementAddress(op, array, operands.drop_front(2));
  if (failed(address))
    return failure();
  Cell value = operands[0].cell, old = loadCell(array.kind, *address);
  results[0].cell = old;
  if (std::optional<Combiner> combiner = combinerFor(op.getKind())) {
    unsigned width = scalarTypeOf(op.getType())->width;
    combine(*combiner, width, old, value);
    value = old;
  }
  storeCell(array.kind, *address, value);
  return success();
}

void graphrun::addMemRefHandlers(HandlerTable &table) {
  table["memref.alloc"] = table["memref.alloca"] = runAlloc;
  table["memref.dealloc"] = runNothing;
  table["memref.assume_alignment"] = runCast;
  table["memref.load"] = runLoad;
  table["memref.store"] = runStore;
  table["memref.copy"] = runCopy;
  table["memref.cast"] = runCast;
  table["memref.subview"] = runSubView;
  table["memref.reinterpret_cast"] = runReinterpretCast;
  table["memref.expand_shape"] = runExpandShape;
  table["memref.collapse_shape"] = runCollapseShape;
  table["memref.view"] = runView;
  table["memref.transpose"] = runTranspose;
  table["memref.reshape"] = runReshape;
  table["memref.extract_strided_metadata"] = runMetadata;
  table["memref.atomic_rmw"] = runAtomic;
  table["memref.memory_space_cast"] = runCast;
  table["memref.prefetch"] = runNothing;
  table["memref.get_global"] = runGetGlobal;
}
