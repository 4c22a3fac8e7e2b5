//===- TensorSeqOps.cpp - Verifiers and printers of tseq ops --------------===//
//
// Implements what list ops, maps and reduces need besides folds: verifiers,
// custom assembly and effects. Those of scalars and of structure are in
// TensorSeqControl.cpp.
//
//===----------------------------------------------------------------------===//

#include "TensorSeqChecks.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::tseq;

//===----------------------------------------------------------------------===//
// Shared checks
//===----------------------------------------------------------------------===//

LogicalResult tseq::verifyOuts(Operation *op, ValueRange outs) {
  if (!outs.empty() && op->getNumResults())
    return op->emitOpError("has both results and outs; results are for "
                           "tensors, outs for memrefs");
  for (Value out : outs)
    if (!isBufferValue(out.getType()) &&
        !(isa<SeqType>(out.getType()) &&
          cast<SeqType>(out.getType()).size() == 0))
      return op->emitOpError("outs must be memrefs, not ") << out.getType();
  for (Type type : op->getResultTypes())
    if (isBufferValue(type))
      return op->emitOpError("results must be tensors, not ") << type;
  return success();
}

LogicalResult tseq::verifyYield(Operation *op, Region &region, TypeRange types,
                                StringRef what) {
  YieldOp yield = getYield(region);
  if (!yield)
    return op->emitOpError("body must end with tseq.yield");
  if (yield.getValues().size() != types.size())
    return op->emitOpError("yields ")
           << yield.getValues().size() << " values for " << types.size() << " "
           << what;
  for (auto [i, value] : llvm::enumerate(yield.getValues()))
    if (value.getType() != types[i])
      return op->emitOpError("yields ") << value.getType() << " as value #" << i
                                        << ", but " << types[i] << " is wanted";
  return success();
}

LogicalResult tseq::verifyCondition(Operation *op, Value condition) {
  auto type = cast<ShapedType>(condition.getType());
  if (type.getRank() != 0 || !type.getElementType().isInteger(1))
    return op->emitOpError("condition must be a device scalar of type i1, not ")
           << type;
  return success();
}

/// Checks the arguments of a body that is run per element: one per input of
/// `inputs`, then one per scalar, which is rank 0 or has one value per tensor.
static LogicalResult verifyElementArguments(Operation *op, Block *body,
                                            OperandRange inputs,
                                            OperandRange scalars,
                                            size_t numTensors) {
  unsigned expected = inputs.size() + scalars.size();
  if (body->getNumArguments() != expected)
    return op->emitOpError("body has ")
           << body->getNumArguments() << " arguments, but there are "
           << expected << " inputs and scalars";
  for (auto [i, value] : llvm::enumerate(inputs)) {
    auto seq = cast<SeqType>(value.getType());
    Type element = seq.getUniformElementType();
    Type argument = body->getArgument(i).getType();
    if (!element && seq.size())
      return op->emitOpError("input #") << i << " mixes element types: " << seq;
    if (element && argument != element)
      return op->emitOpError("body argument #")
             << i << " is " << argument << ", but the input holds " << element;
  }
  for (auto [i, value] : llvm::enumerate(scalars)) {
    auto type = cast<ShapedType>(value.getType());
    bool perTensor = type.getRank() == 1 &&
                     type.getDimSize(0) == static_cast<int64_t>(numTensors);
    if (type.getRank() != 0 && !perTensor)
      return op->emitOpError("scalar #")
             << i << " must have rank 0, or rank 1 with one value for each of "
             << numTensors << " tensors, but is " << type;
    Type argument = body->getArgument(inputs.size() + i).getType();
    if (argument != type.getElementType())
      return op->emitOpError("body argument #")
             << inputs.size() + i << " is " << argument
             << ", but the scalar holds " << type.getElementType();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

static ParseResult parseElements(OpAsmParser &parser, Type &sequence,
                                 SmallVectorImpl<Type> &elements) {
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseType(sequence))
    return failure();
  auto seq = dyn_cast<SeqType>(sequence);
  if (!seq)
    return parser.emitError(loc, "expected a !tseq.seq type");
  llvm::append_range(elements, seq.getElements());
  return success();
}

static void printElements(OpAsmPrinter &printer, Operation *, Type sequence,
                          TypeRange) {
  printer << sequence;
}

static LogicalResult verifyElements(Operation *op, SeqType seq,
                                    TypeRange types) {
  if (TypeRange(seq.getElements()) != types)
    return op->emitOpError("tensors do not have the types that ")
           << seq << " lists";
  return success();
}

void PackOp::build(OpBuilder &builder, OperationState &state,
                   ValueRange tensors) {
  SmallVector<Type> types(tensors.getTypes());
  build(builder, state, SeqType::get(builder.getContext(), types), tensors);
}

LogicalResult PackOp::verify() {
  return verifyElements(*this, getSequence().getType(),
                        getTensors().getTypes());
}

void UnpackOp::build(OpBuilder &builder, OperationState &state,
                     Value sequence) {
  build(builder, state, cast<SeqType>(sequence.getType()).getElements(),
        sequence);
}

LogicalResult UnpackOp::verify() {
  return verifyElements(*this, getSequence().getType(), getResultTypes());
}

LogicalResult GetOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  auto seq = dyn_cast<SeqType>(adaptor.getSequence().getType());
  uint64_t index = adaptor.getIndex();
  if (!seq || index >= seq.size())
    return emitOptionalError(loc, "index ", static_cast<int64_t>(index),
                             " is outside of the sequence ",
                             adaptor.getSequence().getType());
  types.push_back(seq.getElement(index));
  return success();
}

LogicalResult GetOp::verify() {
  if (getIndex() >= getSequence().getType().size())
    return emitOpError("index ")
           << static_cast<int64_t>(getIndex()) << " is outside of the sequence";
  return success();
}

//===----------------------------------------------------------------------===//
// MapOp
//===----------------------------------------------------------------------===//

SeqType MapOp::getDomain() {
  for (ValueRange values : {ValueRange(getResults()), ValueRange(getOuts()),
                            ValueRange(getInputs())})
    if (!values.empty())
      return cast<SeqType>(values.front().getType());
  return {};
}

void MapOp::getEffects(Effects &effects) {
  addEffects<MemoryEffects::Read>(getInputsMutable(), effects);
  addEffects<MemoryEffects::Read>(getScalarsMutable(), effects);
  addEffects<MemoryEffects::Read>(getPredicateMutable(), effects);
  addEffects<MemoryEffects::Write>(getOutsMutable(), effects);
}

LogicalResult MapOp::verify() {
  SeqType domain = getDomain();
  if (!domain)
    return emitOpError("needs an input, a result or an out");
  if (failed(verifyOuts(*this, getOuts())))
    return failure();
  auto congruent = [&](ValueRange values, StringRef what) -> LogicalResult {
    for (auto [i, type] : llvm::enumerate(values.getTypes()))
      if (!cast<SeqType>(type).isCongruent(domain))
        return emitOpError()
               << what << " #" << i << " has the shapes of " << type
               << ", which differ from those of " << domain;
    return success();
  };
  if (failed(congruent(getInputs(), "input")) ||
      failed(congruent(getResults(), "result")) ||
      failed(congruent(getOuts(), "out")))
    return failure();
  if (failed(verifyElementArguments(*this, getBodyBlock(), getInputs(),
                                    getScalars(), domain.size())))
    return failure();

  if (getChunkElements() && static_cast<int64_t>(*getChunkElements()) < 1)
    return emitOpError("chunk must be at least 1 element");
  ValueRange targets =
      getOuts().empty() ? ValueRange(getResults()) : ValueRange(getOuts());
  YieldOp yield = getYield(getBody());
  if (!yield || yield.getValues().size() != targets.size())
    return emitOpError("body must yield one value for each of ")
           << targets.size() << " results";
  for (auto [i, target] : llvm::enumerate(targets)) {
    auto seq = cast<SeqType>(target.getType());
    Type element = seq.getUniformElementType();
    if (!element && seq.size())
      return emitOpError("result #") << i << " mixes element types: " << seq;
    if (element && element != yield.getValues()[i].getType())
      return emitOpError("yields ")
             << yield.getValues()[i].getType() << " as value #" << i
             << ", but the result holds " << element;
  }

  if (!getPredicate())
    return getOtherwise().empty()
               ? success()
               : LogicalResult(emitOpError("has `else` without `when`"));
  if (failed(verifyCondition(*this, getPredicate())))
    return failure();
  if (getOtherwise().getTypes() != getResultTypes())
    return emitOpError("`else` must have the types of the results");
  return success();
}

//===----------------------------------------------------------------------===//
// ReduceOp
//===----------------------------------------------------------------------===//

static ParseResult parseCombiners(OpAsmParser &parser, ArrayAttr &combiners) {
  SmallVector<Attribute> attrs;
  auto parseOne = [&]() -> ParseResult {
    StringRef keyword;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&keyword))
      return failure();
    std::optional<Combiner> combiner = symbolizeCombiner(keyword);
    if (!combiner)
      return parser.emitError(loc, "unknown combiner '") << keyword << "'";
    attrs.push_back(CombinerAttr::get(parser.getContext(), *combiner));
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne))
    return failure();
  combiners = parser.getBuilder().getArrayAttr(attrs);
  return success();
}

static void printCombiners(OpAsmPrinter &printer, Operation *,
                           ArrayAttr combiners) {
  printer << "[";
  llvm::interleaveComma(combiners, printer, [&](Attribute attr) {
    printer << stringifyCombiner(cast<CombinerAttr>(attr).getValue());
  });
  printer << "]";
}

void ReduceOp::getEffects(Effects &effects) {
  addEffects<MemoryEffects::Read>(getInputsMutable(), effects);
  addEffects<MemoryEffects::Read>(getScalarsMutable(), effects);
  addEffects<MemoryEffects::Write>(getOutsMutable(), effects);
  addEffects<MemoryEffects::Read>(getScratchMutable(), effects);
  addEffects<MemoryEffects::Write>(getScratchMutable(), effects);
}

LogicalResult ReduceOp::verify() {
  if (getInputs().empty())
    return emitOpError("needs an input");
  if (getCombiners().empty())
    return emitOpError("needs a combiner");
  if (failed(verifyOuts(*this, getOuts())))
    return failure();
  SeqType domain = getDomain();
  for (auto [i, value] : llvm::enumerate(getInputs()))
    if (!cast<SeqType>(value.getType()).isCongruent(domain))
      return emitOpError("input #")
             << i << " has the shapes of " << value.getType()
             << ", which differ from those of " << domain;
  if (failed(verifyElementArguments(*this, getBodyBlock(), getInputs(),
                                    getScalars(), domain.size())))
    return failure();

  YieldOp yield = getYield(getBody());
  ValueRange targets =
      getOuts().empty() ? ValueRange(getResults()) : ValueRange(getOuts());
  if (!yield || yield.getValues().size() != getCombiners().size() ||
      targets.size() != getCombiners().size())
    return emitOpError("must yield one value and have one result for each of ")
           << getCombiners().size() << " combiners";
  for (auto [i, target] : llvm::enumerate(targets)) {
    auto type = cast<ShapedType>(target.getType());
    Type element = yield.getValues()[i].getType();
    if (!getIdentity(getCombiner(i), element))
      return emitOpError("combiner '")
             << stringifyCombiner(getCombiner(i))
             << "' does not join values of type " << element;
    SmallVector<int64_t> shape;
    if (getPerTensor())
      shape.push_back(domain.size());
    if (type.getElementType() != element || type.getShape() != ArrayRef(shape))
      return emitOpError("result #")
             << i << " must be " << RankedTensorType::get(shape, element)
             << ", not " << type;
  }
  if (!getScratch().empty() && getScratch().size() != targets.size())
    return emitOpError("needs one scratch buffer for each of ")
           << targets.size() << " results";
  if (getChunkElements() && static_cast<int64_t>(*getChunkElements()) < 1)
    return emitOpError("chunk must be at least 1 element");
  if (getScratch().empty())
    return success();
  if (!getChunkElements())
    return emitOpError("has scratch, so it needs a chunk");
  int64_t chunks = 0;
  for (size_t i = 0, e = domain.size(); i < e; ++i)
    chunks += llvm::divideCeil(domain.getElement(i).getNumElements(),
                               static_cast<int64_t>(*getChunkElements()));
  for (auto [i, scratch] : llvm::enumerate(getScratch())) {
    auto type = cast<ShapedType>(scratch.getType());
    if (type.getElementType() != yield.getValues()[i].getType() ||
        type.getRank() != 1 || type.getDimSize(0) < chunks)
      return emitOpError("scratch #")
             << i << " must be a list of at least " << chunks
             << " values of type " << yield.getValues()[i].getType() << ", not "
             << type;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Custom assembly of other ops
//===----------------------------------------------------------------------===//

static ParseResult parseItemUse(OpAsmParser &parser, ItemUseAttr &use) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<ItemUse> value = symbolizeItemUse(keyword);
  if (!value)
    return parser.emitError(loc, "expected 'decisive' or 'observed', not '")
           << keyword << "'";
  use = ItemUseAttr::get(parser.getContext(), *value);
  return success();
}

static void printItemUse(OpAsmPrinter &printer, Operation *, ItemUseAttr use) {
  printer << stringifyItemUse(use.getValue());
}

#define GET_OP_CLASSES
#include "GraphOpt/TensorSeq/TensorSeqOps.cpp.inc"
