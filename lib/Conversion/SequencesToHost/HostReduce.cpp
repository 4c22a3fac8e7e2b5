//===- HostReduce.cpp - Reductions on the host ----------------------------===//
//
// Emits the two phases of a reduction: a partial result per chunk, in any order
// and on any thread, then the join of the partial results in the order of the
// chunks. So the result does not depend on the threads.
//
//===----------------------------------------------------------------------===//

#include "HostKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;
using cudagraph::Access;

/// Joins two values; a float sum or product may be reordered, as a full
/// reduction has no promised order, so that LLVM vectorises the loop.
static Value joinInLoop(OpBuilder &builder, Location loc, Combiner combiner,
                        Value lhs, Value rhs) {
  Value joined = createCombination(builder, loc, combiner, lhs, rhs);
  bool reorders = combiner == Combiner::Add || combiner == Combiner::Mul;
  if (reorders && isa<FloatType>(lhs.getType()))
    joined.getDefiningOp()->setAttr(
        "fastmath", arith::FastMathFlagsAttr::get(
                        builder.getContext(), arith::FastMathFlags::reassoc));
  return joined;
}

void HostKernel::addPhases(ReduceOp op) {
  Location loc = op.getLoc();
  SeqType domain = op.getDomain();
  int64_t chunkElements = *op.getChunkElements();
  SmallVector<Row> inputs;
  SmallVector<int64_t> scalars, outs, scratch;
  for (Value input : op.getInputs())
    inputs.push_back(addSequence(input, Access::Read));
  for (Value scalar : op.getScalars())
    scalars.push_back(addOperand(scalar, Access::Read));
  for (Value memref : op.getScratch())
    scratch.push_back(addOperand(memref, Access::ReadWrite));
  for (Value out : op.getOuts())
    outs.push_back(addOperand(out, Access::Write));

  Phase phase = beginPhase(loc, getChunks(domain, chunkElements).size() / 3);
  OpBuilder &b = phase.builder;
  Operation *yield = op.getBodyBlock()->getTerminator();
  forEachChunk(
      phase, domain, chunkElements,
      [&](Value tensor, Value offset, Value length, Value chunk) {
        SmallVector<Value> pointers, identities;
        for (Row row : inputs) {
          Value number = arith::AddIOp::create(b, loc, tensor,
                                               createI64(b, loc, row.first));
          pointers.push_back(LLVM::GEPOp::create(
              b, loc, LLVM::LLVMPointerType::get(b.getContext()),
              converter.convertType(row.element), loadPointer(phase, number),
              offset));
        }
        SmallVector<Value> scalarValues =
            loadScalars(phase, op.getScalars(), scalars, tensor);
        for (auto [i, type] : llvm::enumerate(yield->getOperandTypes()))
          identities.push_back(arith::ConstantOp::create(
              b, loc, getIdentity(op.getCombiner(i), type)));
        auto loop = scf::ForOp::create(b, loc, createI64(b, loc, 0), length,
                                       createI64(b, loc, 1), identities);
        {
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToStart(loop.getBody());
          SmallVector<Value> arguments, joined;
          for (auto [row, pointer] : llvm::zip(inputs, pointers))
            arguments.push_back(loadElement(
                phase, pointer, loop.getInductionVar(), row.element));
          llvm::append_range(arguments, scalarValues);
          SmallVector<Value> values =
              cloneBody(b, op.getBodyBlock(), arguments);
          for (auto [i, value] : llvm::enumerate(values))
            joined.push_back(joinInLoop(b, loc, op.getCombiner(i),
                                        loop.getRegionIterArg(i), value));
          scf::YieldOp::create(b, loc, joined);
        }
        for (auto [number, value] : llvm::zip(scratch, loop.getResults()))
          storeElement(phase, loadPointer(phase, number), chunk, value);
      });
  addReduceFinish(op, outs, scratch, chunkElements);
}

/// Joins the partial results of each tensor, or of all of them, in order. Sums
/// of f32 are joined in f64: there may be many partial results.
void HostKernel::addReduceFinish(ReduceOp op, ArrayRef<int64_t> outs,
                                 ArrayRef<int64_t> scratch,
                                 int64_t chunkElements) {
  Location loc = op.getLoc();
  SeqType domain = op.getDomain();
  // Row t: the first chunk of result t, and one row more.
  SmallVector<int64_t> firsts = {0};
  for (size_t i = 0, e = domain.size(); i < e; ++i)
    firsts.push_back(
        firsts.back() +
        llvm::divideCeil(domain.getElement(i).getNumElements(), chunkElements));
  if (!op.getPerTensor())
    firsts = {0, firsts.back()};
  int64_t items = firsts.size() - 1;
  Phase phase = beginPhase(loc, items);
  if (items == 0)
    return;
  OpBuilder &b = phase.builder;
  FlatSymbolRefAttr table = tables.get(firsts, 1);
  Value one = createI64(b, loc, 1);
  auto loop = scf::ForOp::create(b, loc, phase.begin, phase.end, one);
  b.setInsertionPointToStart(loop.getBody());
  Value item = loop.getInductionVar();
  Value first = loadTable(phase, table, firsts.size(), 1, item, 0);
  Value next = arith::AddIOp::create(b, loc, item, one);
  Value last = loadTable(phase, table, firsts.size(), 1, next, 0);
  for (auto [i, out] : llvm::enumerate(op.getOuts())) {
    Type type = cast<MemRefType>(out.getType()).getElementType();
    Combiner combiner = op.getCombiner(i);
    bool widen = combiner == Combiner::Add && isa<Float32Type>(type);
    Type wide = widen ? Type(b.getF64Type()) : type;
    Value identity =
        arith::ConstantOp::create(b, loc, getIdentity(combiner, wide));
    auto join = scf::ForOp::create(b, loc, first, last, one, identity);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(join.getBody());
      Value partial = loadElement(phase, loadPointer(phase, scratch[i]),
                                  join.getInductionVar(), type);
      if (widen)
        partial = arith::ExtFOp::create(b, loc, wide, partial);
      scf::YieldOp::create(b, loc,
                           createCombination(b, loc, combiner,
                                             join.getRegionIterArg(0),
                                             partial));
    }
    Value value = join.getResult(0);
    if (widen)
      value = arith::TruncFOp::create(b, loc, type, value);
    storeElement(phase, loadPointer(phase, outs[i]), item, value);
  }
}
