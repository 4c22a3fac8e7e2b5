//===- TensorSeqDialect.cpp - Registration of the tseq dialect ------------===//
//
// Registers types, attributes and ops, and implements the sequence type.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::tseq;

#include "GraphOpt/TensorSeq/TensorSeqDialect.cpp.inc"
#include "GraphOpt/TensorSeq/TensorSeqEnums.cpp.inc"
#include "GraphOpt/TensorSeq/TensorSeqInterfaces.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "GraphOpt/TensorSeq/TensorSeqTypes.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "GraphOpt/TensorSeq/TensorSeqAttrs.cpp.inc"

void TensorSeqDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "GraphOpt/TensorSeq/TensorSeqTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "GraphOpt/TensorSeq/TensorSeqAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "GraphOpt/TensorSeq/TensorSeqOps.cpp.inc"
      >();
}

Operation *TensorSeqDialect::materializeConstant(OpBuilder &builder,
                                                 Attribute value, Type type,
                                                 Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

//===----------------------------------------------------------------------===//
// SeqType
//===----------------------------------------------------------------------===//

/// Longest run `N x type` that is accepted, to bound what a short text makes.
static constexpr int64_t kMaxRun = 1 << 24;

Type SeqType::parse(AsmParser &parser) {
  SmallVector<Type> elements;
  auto parseRun = [&]() -> ParseResult {
    int64_t count = 1;
    OptionalParseResult number = parser.parseOptionalInteger(count);
    if (number.has_value()) {
      SMLoc loc = parser.getCurrentLocation();
      if (failed(*number) || parser.parseKeyword("x"))
        return failure();
      if (count < 1 || count > kMaxRun)
        return parser.emitError(loc, "length of a run must be from 1 to ")
               << kMaxRun;
    }
    Type type;
    if (parser.parseType(type))
      return failure();
    elements.append(count, type);
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                     parseRun))
    return {};
  return parser.getChecked<SeqType>(parser.getContext(), elements);
}

void SeqType::print(AsmPrinter &printer) const {
  printer << "<";
  ArrayRef<Type> elements = getElements();
  for (size_t i = 0, e = elements.size(); i < e;) {
    size_t end = i + 1;
    while (end < e && elements[end] == elements[i])
      ++end;
    if (i)
      printer << ", ";
    if (end - i > 1)
      printer << (end - i) << " x ";
    printer << elements[i];
    i = end;
  }
  printer << ">";
}

LogicalResult SeqType::verify(function_ref<InFlightDiagnostic()> emitError,
                              ArrayRef<Type> elements) {
  for (Type type : elements) {
    if (!isa<RankedTensorType, MemRefType>(type))
      return emitError() << "a sequence holds tensors or memrefs, not " << type;
    if (!cast<ShapedType>(type).hasStaticShape())
      return emitError() << "a sequence holds static shapes only, not " << type;
    if (isa<MemRefType>(type) != isa<MemRefType>(elements.front()))
      return emitError() << "a sequence holds either tensors or memrefs, not "
                         << elements.front() << " and " << type;
  }
  return success();
}

Type SeqType::getUniformElementType() const {
  Type result;
  for (Type type : getElements()) {
    Type element = cast<ShapedType>(type).getElementType();
    if (result && result != element)
      return {};
    result = element;
  }
  return result;
}

bool SeqType::isCongruent(SeqType other) const {
  if (size() != other.size())
    return false;
  for (size_t i = 0, e = size(); i < e; ++i)
    if (getElement(i).getShape() != other.getElement(i).getShape())
      return false;
  return true;
}

int64_t SeqType::getNumElements() const {
  int64_t count = 0;
  for (size_t i = 0, e = size(); i < e; ++i)
    count += getElement(i).getNumElements();
  return count;
}

bool SeqType::isBuffer() const {
  return size() && isa<MemRefType>(getElements().front());
}
