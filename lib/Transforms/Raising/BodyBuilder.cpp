//===- BodyBuilder.cpp - Bodies of raised ops -----------------------------===//
//
// Implements the predicates and the body builder that raising patterns share.
//
//===----------------------------------------------------------------------===//

#include "Raising.h"

#include "GraphOpt/Analysis/ElementTypes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

bool graphopt::isSupportedTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() && !tensor.getEncoding() &&
         isKernelElement(tensor.getElementType());
}

bool graphopt::hasOneElement(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() && tensor.getNumElements() == 1;
}

/// Whether `body` computes only with arith and math on supported scalars.
static bool isScalarBody(Block *body) {
  for (Operation &op : body->without_terminator()) {
    if (!isa<arith::ArithDialect, math::MathDialect>(op.getDialect()) ||
        op.getNumRegions())
      return false;
    for (Type type : op.getResultTypes())
      if (!isKernelElement(type))
        return false;
  }
  return llvm::all_of(body->getArgumentTypes(), isKernelElement);
}

TypedAttr graphopt::getConstantFill(Value tensor) {
  DenseElementsAttr dense;
  if (matchPattern(tensor, m_Constant(&dense)))
    return dense.isSplat() && dense.getNumElements()
               ? dyn_cast<TypedAttr>(dense.getSplatValue<Attribute>())
               : TypedAttr();
  TypedAttr scalar;
  if (auto fill = tensor.getDefiningOp<linalg::FillOp>())
    matchPattern(fill.getInputs().front(), m_Constant(&scalar));
  if (auto splat = tensor.getDefiningOp<tensor::SplatOp>())
    matchPattern(splat.getInput(), m_Constant(&scalar));
  return scalar;
}

TypedAttr graphopt::getConstant(Value value) {
  if (isa<RankedTensorType>(value.getType()))
    return getConstantFill(value);
  TypedAttr constant;
  matchPattern(value, m_Constant(&constant));
  return constant;
}

std::optional<StringRef> graphopt::getRaisingRefusal(LinalgOp op) {
  if (!op.hasPureTensorSemantics())
    return StringRef("works on buffers");
  for (OpOperand &operand : op->getOpOperands())
    if (isa<ShapedType>(operand.get().getType())
            ? !isSupportedTensor(operand.get().getType())
            : !isKernelElement(operand.get().getType()))
      return StringRef("dynamic shape or unsupported element type");
  if (!op.getBlock() || !isScalarBody(op.getBlock()))
    return StringRef("body holds more than arith and math");
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// BodyBuilder
//===----------------------------------------------------------------------===//

void BodyBuilder::addInput(BlockArgument argument, Value tensor, bool keep) {
  TypedAttr constant = getConstantFill(tensor);
  if (constant && !keep)
    return addConstant(argument, constant);
  inputs.push_back(tensor);
  inputArguments.push_back(argument);
}

void BodyBuilder::addScalar(Value original, Value value) {
  if (TypedAttr constant = getConstant(value))
    return addConstant(original, constant);
  scalars.push_back(toDeviceScalar(value));
  scalarArguments.push_back(original);
}

void BodyBuilder::addCaptures(Block *body) {
  DenseSet<Value> seen;
  for (Operation &op : *body)
    for (Value value : op.getOperands())
      if (value.getParentBlock() != body && seen.insert(value).second)
        addScalar(value, value);
}

void BodyBuilder::build(Region &region, Block *body, IRMapping &mapping,
                        ArrayRef<Operation *> skip) {
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> types;
  SmallVector<Location> locs;
  for (ValueRange values :
       {ValueRange(inputArguments), ValueRange(scalarArguments)})
    for (Value value : values) {
      types.push_back(value.getType());
      locs.push_back(value.getLoc());
    }
  Block *block = builder.createBlock(&region, region.end(), types, locs);
  unsigned next = 0;
  for (Value value : inputArguments)
    mapping.map(value, block->getArgument(next++));
  for (Value value : scalarArguments)
    mapping.map(value, block->getArgument(next++));
  for (auto &[original, attr] : constants)
    mapping.map(original, arith::ConstantOp::create(builder, loc, attr));
  for (Operation &op : body->without_terminator())
    if (!llvm::is_contained(skip, &op))
      builder.clone(op, mapping);
}

Value BodyBuilder::toDeviceScalar(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return tensor::FromElementsOp::create(
        builder, loc, RankedTensorType::get({}, value.getType()), value);
  if (type.getRank() == 0)
    return value;
  return tensor::CollapseShapeOp::create(
      builder, loc, RankedTensorType::get({}, type.getElementType()), value,
      ArrayRef<ReassociationIndices>());
}

Value BodyBuilder::fromDeviceScalar(Value scalar, Type type) {
  if (scalar.getType() == type)
    return scalar;
  return tensor::ExpandShapeOp::create(builder, loc, type, scalar,
                                       ArrayRef<ReassociationIndices>());
}

SmallVector<Value> BodyBuilder::packInputs() {
  return llvm::map_to_vector(inputs, [&](Value tensor) -> Value {
    return PackOp::create(builder, loc, ValueRange(tensor));
  });
}

SeqType graphopt::getSeqOfOne(Type type) {
  return SeqType::get(type.getContext(), {type});
}

Value graphopt::createUnaryMap(OpBuilder &builder, Location loc, Value source,
                               RankedTensorType type,
                               function_ref<Value(OpBuilder &, Value)> build) {
  Value sequence = PackOp::create(builder, loc, source);
  auto map =
      MapOp::create(builder, loc, getSeqOfOne(type), IntegerAttr(), sequence,
                    ValueRange(), Value(), ValueRange(), ValueRange());
  {
    OpBuilder::InsertionGuard guard(builder);
    Type element = cast<ShapedType>(source.getType()).getElementType();
    Block *body = builder.createBlock(&map.getBody(), {}, element, loc);
    YieldOp::create(builder, loc, build(builder, body->getArgument(0)));
  }
  return GetOp::create(builder, loc, map.getResult(0), 0);
}
