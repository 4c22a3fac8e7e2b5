//===- TensorSeqControl.cpp - Scalars, readbacks and structure of tseq ----===//
//
// Implements what scalars, items and the ops with bodies of ops need besides
// folds: verifiers, custom assembly, effects and speculatability.
//
//===----------------------------------------------------------------------===//

#include "TensorSeqChecks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace mlir::tseq;

//===----------------------------------------------------------------------===//
// ScalarOp, ItemOp
//===----------------------------------------------------------------------===//

Type ScalarOp::getArgumentType(Type type) {
  auto shaped = cast<ShapedType>(type);
  return shaped.getRank() == 0 ? shaped.getElementType() : type;
}

void ScalarOp::getEffects(Effects &effects) {
  addEffects<MemoryEffects::Read>(getInputsMutable(), effects);
  addEffects<MemoryEffects::Write>(getOutsMutable(), effects);
}

/// Whether `op` loads an element that is there.
static bool isLoadInBounds(Operation *op) {
  auto type = cast<ShapedType>(op->getOperand(0).getType());
  for (auto [index, size] :
       llvm::zip(op->getOperands().drop_front(), type.getShape())) {
    APInt value;
    if (!matchPattern(index, m_ConstantInt(&value)) || value.isNegative() ||
        value.getSExtValue() >= size)
      return false;
  }
  return true;
}

bool tseq::isSafeToSpeculate(Operation *op) {
  if (!isSpeculatable(op))
    return false;
  bool isSafe = true;
  op->walk([&](Operation *inner) {
    if (!isa<arith::RemSIOp, arith::RemUIOp, arith::FloorDivSIOp>(inner))
      return;
    // Zero, and -1 below the least integer, have no quotient.
    APInt divisor;
    isSafe &= matchPattern(inner->getOperand(1), m_ConstantInt(&divisor)) &&
              !divisor.isZero() && !divisor.isAllOnes();
  });
  return isSafe;
}

Speculation::Speculatability ScalarOp::getSpeculatability() {
  bool isSafe = true;
  for (Operation &op : getBodyBlock()->without_terminator()) {
    if (op.getNumRegions() == 0 && isa<tensor::ExtractOp, memref::LoadOp>(op)) {
      isSafe &= isLoadInBounds(&op);
      continue;
    }
    isSafe &= isSafeToSpeculate(&op);
    for (Region &region : op.getRegions())
      region.walk([&](Operation *inner) {
        if (isa<tensor::ExtractOp, memref::LoadOp>(inner))
          isSafe &= isLoadInBounds(inner);
      });
  }
  return isSafe ? Speculation::Speculatable : Speculation::NotSpeculatable;
}

/// Whether `value`, a tensor, is made in the body that yields it from one value
/// per element.
static bool isListOfValues(Value value) {
  Operation *def = value.getDefiningOp();
  // A from_elements of constants folds to a constant.
  return isa_and_nonnull<tensor::FromElementsOp, tensor::GenerateOp,
                         arith::ConstantOp>(def);
}

LogicalResult ScalarOp::verify() {
  if (failed(verifyOuts(*this, getOuts())))
    return failure();
  Block *body = getBodyBlock();
  SmallVector<Type> arguments;
  for (auto [i, value] : llvm::enumerate(getInputs())) {
    if (!cast<ShapedType>(value.getType()).hasStaticShape())
      return emitOpError("input #") << i << " must have a static shape";
    arguments.push_back(getArgumentType(value.getType()));
  }
  ValueRange targets =
      getOuts().empty() ? ValueRange(getResults()) : ValueRange(getOuts());
  SmallVector<Type> yielded;
  for (auto [i, target] : llvm::enumerate(targets)) {
    auto type = cast<ShapedType>(target.getType());
    if (type.getRank() > 1 || !type.hasStaticShape())
      return emitOpError("result #")
             << i << " must have rank 0, or rank 1 and a static size, not "
             << type;
    if (type.getRank() == 0)
      yielded.push_back(type.getElementType());
    else if (isa<MemRefType>(type))
      arguments.push_back(type); // The body stores to it.
    else
      yielded.push_back(type);
  }
  if (body->getNumArguments() != arguments.size())
    return emitOpError("body has ")
           << body->getNumArguments() << " arguments for " << getInputs().size()
           << " inputs"
           << (arguments.size() > getInputs().size() ? " and the outs of rank 1"
                                                     : "");
  for (auto [i, type] : llvm::enumerate(arguments))
    if (body->getArgument(i).getType() != type)
      return emitOpError("body argument #")
             << i << " must be " << type << ", not "
             << body->getArgument(i).getType();
  if (failed(verifyYield(*this, getBody(), yielded, "results")))
    return failure();
  for (auto [i, value] : llvm::enumerate(getYield(getBody()).getValues()))
    if (isa<TensorType>(value.getType()) && !isListOfValues(value))
      return emitOpError("value #")
             << i << " must be made by tensor.from_elements or tensor.generate "
             << "in the body";
  return success();
}

void ItemOp::getEffects(Effects &effects) {
  addEffects<MemoryEffects::Read>(MutableOperandRange(getTensorMutable()),
                                  effects);
}

LogicalResult ItemOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  types.push_back(
      cast<ShapedType>(adaptor.getTensor().getType()).getElementType());
  return success();
}

LogicalResult ItemOp::verify() {
  auto type = cast<ShapedType>(getTensor().getType());
  if (!type.hasStaticShape() || type.getNumElements() != 1)
    return emitOpError("reads a tensor of one element, not ") << type;
  return success();
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

LogicalResult KernelOp::verify() {
  for (Operation &op : getBody().front().without_terminator())
    if (!isa<MapOp, ReduceOp, ScalarOp, PackOp, GetOp, UnpackOp>(op))
      return emitOpError("holds '")
             << op.getName() << "', which is not a phase (reduce, scalar, map) "
             << "nor a list op";
  return verifyYield(*this, getBody(), getResultTypes(), "results");
}

Type GraphOp::getArgumentType(Type type, bool buffers) {
  if (isa<ShapedType>(type))
    return type;
  return buffers ? Type(MemRefType::get({}, type))
                 : Type(RankedTensorType::get({}, type));
}

ParseResult GraphOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr sym;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  if (parser.parseAttribute(sym, "sym", result.attributes))
    return failure();
  auto parseBinding = [&]() -> ParseResult {
    return failure(parser.parseArgument(arguments.emplace_back()) ||
                   parser.parseEqual() ||
                   parser.parseOperand(operands.emplace_back()));
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseBinding))
    return failure();
  FunctionType type;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseColonType(type))
    return failure();
  if (type.getNumInputs() != operands.size())
    return parser.emitError(loc, "expected ")
           << operands.size() << " operand types";
  // An empty result list and memref operands tell the state: see the op's
  // description.
  bool buffers = type.getNumResults() == 0 &&
                 !llvm::any_of(type.getInputs(), llvm::IsaPred<TensorType>);
  for (auto [argument, input] : llvm::zip_equal(arguments, type.getInputs())) {
    if (!isa<ShapedType>(input) && !input.isIntOrIndexOrFloat())
      return parser.emitError(loc, "operand of a graph must be a tensor, a "
                                   "memref or a host scalar, not ")
             << input;
    argument.type = getArgumentType(input, buffers);
  }
  result.addTypes(type.getResults());
  if (parser.resolveOperands(operands, type.getInputs(), loc,
                             result.operands) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.parseRegion(*result.addRegion(), arguments))
    return failure();
  return success();
}

void GraphOp::print(OpAsmPrinter &printer) {
  printer << " " << getSymAttr() << " (";
  llvm::interleaveComma(
      llvm::zip_equal(getBodyBlock()->getArguments(), getInputs()), printer,
      [&](auto pair) {
        printer << std::get<0>(pair) << " = " << std::get<1>(pair);
      });
  printer << ") : ";
  printer.printFunctionalType(getInputs().getTypes(), getResultTypes());
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), {"sym"});
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult GraphOp::verify() {
  Block *body = getBodyBlock();
  if (body->getNumArguments() != getInputs().size())
    return emitOpError("body has ")
           << body->getNumArguments() << " arguments for " << getInputs().size()
           << " operands";
  for (auto [i, value] : llvm::enumerate(getInputs())) {
    Type type = value.getType();
    if (auto shaped = dyn_cast<ShapedType>(type)) {
      if (!isa<RankedTensorType, MemRefType>(type) || !shaped.hasStaticShape())
        return emitOpError("operand #")
               << i << " must have a static shape, but is " << type;
    } else if (!type.isIntOrIndexOrFloat()) {
      return emitOpError("operand #")
             << i << " must be a tensor, a memref or a host scalar, not "
             << type;
    }
    Type argument = body->getArgument(i).getType();
    if (argument != getArgumentType(type) &&
        argument != getArgumentType(type, /*buffers=*/true))
      return emitOpError("body argument #")
             << i << " must be " << getArgumentType(type) << ", not "
             << argument;
  }
  return verifyYield(*this, getBody(), getResultTypes(), "results");
}

LogicalResult IfOp::verify() {
  if (failed(verifyCondition(*this, getCondition())) ||
      failed(verifyYield(*this, getThenRegion(), getResultTypes(), "results")))
    return failure();
  if (!getElseRegion().empty())
    return verifyYield(*this, getElseRegion(), getResultTypes(), "results");
  if (getNumResults())
    return emitOpError("has results, so it needs an else region");
  return success();
}

LogicalResult WhileOp::verify() {
  if (failed(verifyCondition(*this, getCondition())))
    return failure();
  Block &body = getBody().front();
  if (getInits().getTypes() != getResultTypes() ||
      getInits().getTypes() != body.getArgumentTypes())
    return emitOpError("carried values, body arguments and results must have "
                       "the same types");
  SmallVector<Type> types;
  if (!isBufferValue(getCondition().getType()))
    types.push_back(getCondition().getType());
  llvm::append_range(types, getResultTypes());
  return verifyYield(*this, getBody(), types,
                     "values (the condition, then what is carried)");
}
