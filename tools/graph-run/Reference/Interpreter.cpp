//===- Interpreter.cpp - The reference evaluator's engine -----------------===//
//
// Implements compilation of functions to slots and handlers, and their
// execution.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/BuiltinTypes.h"

#include <cstring>

using namespace mlir;
using namespace graphrun;

/// Calls deeper than this are taken for endless recursion.
static constexpr int maxCallDepth = 256;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

RtValue RtValue::tensor(HostTensor view) {
  RtValue value;
  value.array = std::make_shared<Array>(Array{std::move(view), nullptr, false});
  return value;
}

RtValue RtValue::computed(HostTensor view) {
  RtValue value = tensor(std::move(view));
  value.array->isComputed = true;
  return value;
}

RtValue RtValue::memref(HostTensor view, std::shared_ptr<Storage> storage) {
  RtValue value;
  view.bytes = nullptr;
  value.array = std::make_shared<Array>(
      Array{std::move(view), std::move(storage), false});
  return value;
}

HostTensor Array::read() const {
  HostTensor result = view;
  if (storage)
    result.bytes = storage->bytes;
  return result;
}

HostTensor Array::write() {
  std::shared_ptr<Bytes> &bytes = storage ? storage->bytes : view.bytes;
  if (bytes.use_count() > 1) {
    auto copy = std::make_shared<Bytes>(bytes->size());
    std::memcpy(copy->data(), bytes->data(), bytes->size());
    bytes = std::move(copy);
  }
  return read();
}

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

static LogicalResult unsupported(Interpreter &, OpCode &code, Operands,
                                 Operands) {
  InFlightDiagnostic diagnostic =
      code.op->emitError("the reference does not evaluate '");
  diagnostic << code.op->getName() << "'";
  if (code.op->getNumResults())
    diagnostic << " to values of type " << code.op->getResult(0).getType();
  return diagnostic;
}

static Handler handlerFor(Operation *op) {
  static const HandlerTable table = [] {
    HandlerTable table;
    addScalarHandlers(table);
    addControlHandlers(table);
    addParallelHandlers(table);
    addAffineHandlers(table);
    addTensorHandlers(table);
    addIndexedHandlers(table);
    addMemRefHandlers(table);
    addLaunchHandlers(table);
    return table;
  }();
  if (Handler handler = table.lookup(op->getName().getStringRef()))
    return handler;
  if (Handler handler = linalgHandler(op))
    return handler;
  if (Handler handler = elementwiseHandler(op))
    return handler;
  return unsupported;
}

/// Appends the slots of `value`'s last use in `block` to that op's kills.
static void recordLastUse(Value value, unsigned slot, Block *block,
                          Operation *definition,
                          DenseMap<Operation *, OpCode *> &codes) {
  Operation *last = definition;
  bool nested = false;
  for (Operation *user : value.getUsers()) {
    Operation *ancestor = block->findAncestorOpInBlock(*user);
    if (!ancestor)
      return; // Used in another block: lives as long as the frame.
    if (!last || last->isBeforeInBlock(ancestor)) {
      last = ancestor;
      nested = ancestor != user;
    } else if (last == ancestor) {
      nested |= ancestor != user;
    }
  }
  // An argument without uses is overwritten by the next call of its block.
  if (!last)
    return;
  OpCode *code = codes.lookup(last);
  bool after = nested || last == definition;
  (after ? code->killsAfter : code->killsBefore).push_back(slot);
}

/// Compiles one block; all values of its region tree already have slots.
static std::unique_ptr<BlockCode> compileBlock(Block *block, RegionCode &code) {
  auto result = std::make_unique<BlockCode>();
  for (BlockArgument argument : block->getArguments())
    result->arguments.push_back(code.slots.lookup(argument));
  auto compileOp = [&](Operation *op) {
    OpCode opCode;
    opCode.op = op;
    for (Value operand : op->getOperands())
      opCode.operands.push_back(code.slots.lookup(operand));
    for (Value value : op->getResults())
      opCode.results.push_back(code.slots.lookup(value));
    return opCode;
  };
  result->ops.reserve(block->getOperations().size());
  DenseMap<Operation *, OpCode *> codes;
  for (Operation &op : *block) {
    bool isTerminator = op.hasTrait<OpTrait::IsTerminator>();
    OpCode &slot =
        isTerminator ? result->terminator : result->ops.emplace_back();
    slot = compileOp(&op);
    if (!isTerminator)
      slot.handler = handlerFor(&op);
    codes[&op] = &slot;
  }
  for (BlockArgument argument : block->getArguments())
    recordLastUse(argument, code.slots.lookup(argument), block, nullptr, codes);
  for (Operation &op : *block)
    for (Value value : op.getResults())
      recordLastUse(value, code.slots.lookup(value), block, &op, codes);
  return result;
}

RegionCode &Interpreter::codeFor(FunctionOpInterface function) {
  std::unique_ptr<RegionCode> &entry = functions[function];
  if (entry)
    return *entry;
  entry = std::make_unique<RegionCode>();
  auto addSlot = [&](Value value) {
    unsigned slot = entry->slots.size();
    entry->slots[value] = slot;
  };
  function.getFunctionBody().walk([&](Block *block) {
    for (BlockArgument argument : block->getArguments())
      addSlot(argument);
    for (Operation &op : *block)
      for (Value value : op.getResults())
        addSlot(value);
  });
  return *entry;
}

BlockCode *Interpreter::blockCode(Block *block) {
  std::unique_ptr<BlockCode> &entry = code->blocks[block];
  if (!entry) {
    std::unique_ptr<BlockCode> compiled = compileBlock(block, *code);
    code->blocks[block] = std::move(compiled);
    return code->blocks[block].get();
  }
  return entry.get();
}

//===----------------------------------------------------------------------===//
// Execution
//===----------------------------------------------------------------------===//

RtValue *Interpreter::lookup(Value value) {
  auto found = code->slots.find(value);
  return found == code->slots.end() ? nullptr : &(*frame)[found->second];
}

void Interpreter::takeOperands(OpCode &opCode,
                               SmallVectorImpl<RtValue> &operands) {
  operands.reserve(opCode.operands.size());
  for (unsigned slot : opCode.operands)
    operands.push_back((*frame)[slot]);
  for (unsigned slot : opCode.killsBefore)
    (*frame)[slot].array = nullptr;
}

LogicalResult Interpreter::runOp(OpCode &opCode) {
  SmallVector<RtValue, 4> operands, results(opCode.results.size());
  takeOperands(opCode, operands);
  std::vector<RtValue> *current = frame;
  if (failed(opCode.handler(*this, opCode, operands, results)))
    return failure();
  for (auto [slot, value] : llvm::zip(opCode.results, results))
    (*current)[slot] = std::move(value);
  for (unsigned slot : opCode.killsAfter)
    (*current)[slot].array = nullptr;
  return success();
}

/// The successor that a terminator chooses, with `operands` reduced to the
/// values it passes; null if the terminator leaves the region.
Block *Interpreter::nextBlock(OpCode &terminator,
                              SmallVectorImpl<RtValue> &operands) {
  auto keep = [&](Block *block, OperandRange range) {
    size_t begin = range.empty() ? 0 : range.getBeginOperandIndex();
    SmallVector<RtValue> chosen(operands.begin() + begin,
                                operands.begin() + begin + range.size());
    operands.assign(chosen.begin(), chosen.end());
    return block;
  };
  if (auto branch = dyn_cast<cf::BranchOp>(terminator.op))
    return keep(branch.getDest(), branch.getDestOperands());
  if (auto branch = dyn_cast<cf::CondBranchOp>(terminator.op)) {
    if (operands[0].cell.i)
      return keep(branch.getTrueDest(), branch.getTrueDestOperands());
    return keep(branch.getFalseDest(), branch.getFalseDestOperands());
  }
  if (auto branch = dyn_cast<cf::SwitchOp>(terminator.op)) {
    if (std::optional<DenseIntElementsAttr> values = branch.getCaseValues())
      for (auto [index, value] : llvm::enumerate(values->getValues<APInt>()))
        if (value.getSExtValue() == operands[0].cell.i)
          return keep(branch.getCaseDestinations()[index],
                      branch.getCaseOperands(index));
    return keep(branch.getDefaultDestination(), branch.getDefaultOperands());
  }
  return nullptr;
}

LogicalResult Interpreter::runRegion(Region &region, Operands arguments,
                                     SmallVectorImpl<RtValue> &results,
                                     Operation **exit) {
  SmallVector<RtValue> values(std::make_move_iterator(arguments.begin()),
                              std::make_move_iterator(arguments.end()));
  Block *block = &region.front();
  while (block) {
    BlockCode *current = blockCode(block);
    for (auto [slot, value] : llvm::zip(current->arguments, values))
      (*frame)[slot] = std::move(value);
    for (OpCode &opCode : current->ops)
      if (failed(runOp(opCode)))
        return failure();
    values.clear();
    Operation *terminator = current->terminator.op;
    if (!terminator)
      break;
    takeOperands(current->terminator, values);
    if (exit)
      *exit = terminator;
    block = nextBlock(current->terminator, values);
    if (!block && terminator->getNumSuccessors())
      return terminator->emitError("the reference does not evaluate '")
             << terminator->getName() << "'";
  }
  results.assign(std::make_move_iterator(values.begin()),
                 std::make_move_iterator(values.end()));
  return success();
}

LogicalResult Interpreter::call(FunctionOpInterface function,
                                Operands arguments,
                                SmallVectorImpl<RtValue> &results) {
  if (depth >= maxCallDepth)
    return function.emitError("calls are nested too deeply for the reference");
  RegionCode *callerCode = code;
  std::vector<RtValue> *callerFrame = frame;
  code = &codeFor(function);
  std::vector<RtValue> values(code->slots.size());
  frame = &values;
  ++depth;
  LogicalResult result =
      runRegion(function.getFunctionBody(), arguments, results);
  --depth;
  code = callerCode;
  frame = callerFrame;
  return result;
}
