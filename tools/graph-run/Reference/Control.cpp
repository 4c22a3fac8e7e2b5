//===- Control.cpp - Control flow and calls of the reference --------------===//
//
// Implements the handlers of `scf` and of calls. Branches between blocks are
// part of the engine.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <cstring>
#include <dlfcn.h>

using namespace mlir;
using namespace graphrun;

/// Moves what a region yielded to the results of its op.
static LogicalResult moveResults(SmallVectorImpl<RtValue> &from, Operands to) {
  std::move(from.begin(), from.begin() + to.size(), to.begin());
  return success();
}

static LogicalResult runIf(Interpreter &interpreter, OpCode &code,
                           Operands operands, Operands results) {
  auto op = cast<scf::IfOp>(code.op);
  Region &region = operands[0].cell.i ? op.getThenRegion() : op.getElseRegion();
  if (region.empty())
    return success();
  SmallVector<RtValue> yields;
  if (failed(interpreter.runRegion(region, {}, yields)))
    return failure();
  return moveResults(yields, results);
}

static LogicalResult runFor(Interpreter &interpreter, OpCode &code,
                            Operands operands, Operands results) {
  auto op = cast<scf::ForOp>(code.op);
  int64_t lower = operands[0].cell.i, upper = operands[1].cell.i;
  int64_t step = operands[2].cell.i;
  bool isUnsigned = op.getUnsignedCmp();
  if (step == 0 || (!isUnsigned && step < 0))
    return op.emitError("the step ") << step << " is not positive";
  auto before = [&](int64_t a, int64_t b) {
    return isUnsigned ? uint64_t(a) < uint64_t(b) : a < b;
  };
  SmallVector<RtValue> carried(std::make_move_iterator(operands.begin() + 3),
                               std::make_move_iterator(operands.end()));
  for (int64_t i = lower; before(i, upper);) {
    SmallVector<RtValue> arguments{RtValue::scalar(i)};
    arguments.append(std::make_move_iterator(carried.begin()),
                     std::make_move_iterator(carried.end()));
    carried.clear();
    if (failed(interpreter.runRegion(op.getRegion(), arguments, carried)))
      return failure();
    // The last step may pass the largest index.
    int64_t next = int64_t(uint64_t(i) + uint64_t(step));
    if (!before(i, next))
      break;
    i = next;
  }
  return moveResults(carried, results);
}

static LogicalResult runWhile(Interpreter &interpreter, OpCode &code,
                              Operands operands, Operands results) {
  auto op = cast<scf::WhileOp>(code.op);
  SmallVector<RtValue> values(std::make_move_iterator(operands.begin()),
                              std::make_move_iterator(operands.end()));
  while (true) {
    SmallVector<RtValue> conditions;
    if (failed(interpreter.runRegion(op.getBefore(), values, conditions)))
      return failure();
    bool goesOn = conditions.front().cell.i;
    values.assign(std::make_move_iterator(conditions.begin() + 1),
                  std::make_move_iterator(conditions.end()));
    if (!goesOn)
      return moveResults(values, results);
    SmallVector<RtValue> yields;
    if (failed(interpreter.runRegion(op.getAfter(), values, yields)))
      return failure();
    values = std::move(yields);
  }
}

static LogicalResult runExecuteRegion(Interpreter &interpreter, OpCode &code,
                                      Operands, Operands results) {
  SmallVector<RtValue> yields;
  if (failed(interpreter.runRegion(code.op->getRegion(0), {}, yields)))
    return failure();
  return moveResults(yields, results);
}

static LogicalResult runIndexSwitch(Interpreter &interpreter, OpCode &code,
                                    Operands operands, Operands results) {
  auto op = cast<scf::IndexSwitchOp>(code.op);
  Region *region = &op.getDefaultRegion();
  for (auto [index, value] : llvm::enumerate(op.getCases()))
    if (value == operands[0].cell.i)
      region = &op.getCaseRegions()[index];
  SmallVector<RtValue> yields;
  if (failed(interpreter.runRegion(*region, {}, yields)))
    return failure();
  return moveResults(yields, results);
}

static LogicalResult runAssert(Interpreter &, OpCode &code, Operands operands,
                               Operands) {
  if (operands[0].cell.i)
    return success();
  return code.op->emitError("assertion failed: ")
         << cast<cf::AssertOp>(code.op).getMsg();
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

/// Registers that the C calling conventions of x86-64 (System V) and AArch64
/// (AAPCS) fill from integer and from floating-point arguments, independently
/// of each other. Passing all of them serves every scalar signature that needs
/// no stack.
static constexpr size_t maxIntegers = 6, maxFloats = 8;

template <typename Result>
static Result callNative(void *address, const int64_t (&i)[maxIntegers],
                         const double (&f)[maxFloats]) {
  using Function =
      Result (*)(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, double,
                 double, double, double, double, double, double, double);
  return reinterpret_cast<Function>(address)(i[0], i[1], i[2], i[3], i[4], i[5],
                                             f[0], f[1], f[2], f[3], f[4], f[5],
                                             f[6], f[7]);
}

/// Calls a C function with scalar arguments and at most one scalar result.
static LogicalResult callExternal(func::CallOp op, Operands operands,
                                  Operands results) {
  auto refuse = [&](const Twine &why) {
    return op.emitError("the reference can not call '")
           << op.getCallee() << "': " << why;
  };
  std::string name = op.getCallee().str();
  void *address = dlsym(RTLD_DEFAULT, name.c_str());
  if (!address)
    return refuse("no such symbol in this process; see --shared-lib");
  int64_t integers[maxIntegers] = {};
  double floats[maxFloats] = {};
  size_t numIntegers = 0, numFloats = 0;
  for (auto [operand, type] : llvm::zip(operands, op.getOperandTypes())) {
    if (type.isF64() && numFloats < maxFloats) {
      floats[numFloats++] = operand.cell.f;
    } else if (type.isF32() && numFloats < maxFloats) {
      // The low half of the register holds the float.
      float single = static_cast<float>(operand.cell.f);
      std::memcpy(&floats[numFloats++], &single, sizeof(float));
    } else if (type.isIntOrIndex() && numIntegers < maxIntegers) {
      int64_t value = operand.cell.i;
      integers[numIntegers++] = type.isInteger(1) ? value & 1 : value;
    } else {
      return refuse("its arguments are not a few scalars");
    }
  }
  if (results.size() > 1)
    return refuse("it has several results");
  if (results.empty()) {
    callNative<void>(address, integers, floats);
    return success();
  }
  Type type = op.getResult(0).getType();
  Cell &result = results[0].cell;
  if (type.isF64())
    result.f = callNative<double>(address, integers, floats);
  else if (type.isF32())
    result.f = callNative<float>(address, integers, floats);
  else if (type.isIntOrIndex())
    result.i = callNative<int64_t>(address, integers, floats);
  else
    return refuse("its result is not a scalar");
  if (auto integer = dyn_cast<IntegerType>(type))
    wrapColumn(integer.getWidth(), &result.i, 1);
  return success();
}

/// A function as a value is the address of its op.
static LogicalResult runFunctionConstant(Interpreter &interpreter, OpCode &code,
                                         Operands, Operands results) {
  auto op = cast<func::ConstantOp>(code.op);
  auto function = interpreter.symbols.lookupNearestSymbolFrom<func::FuncOp>(
      op, op.getValueAttr());
  if (!function || function.isExternal())
    return op.emitError("the reference finds no body of '")
           << op.getValue() << "'";
  results[0].cell.i = reinterpret_cast<intptr_t>(function.getAsOpaquePointer());
  return success();
}

static LogicalResult runIndirectCall(Interpreter &interpreter, OpCode &code,
                                     Operands operands, Operands results) {
  if (!operands[0].cell.i)
    return code.op->emitError("the callee is undefined");
  auto function = func::FuncOp::getFromOpaquePointer(
      reinterpret_cast<void *>(operands[0].cell.i));
  SmallVector<RtValue> returned;
  if (failed(interpreter.call(function, operands.drop_front(), returned)))
    return failure();
  return moveResults(returned, results);
}

static LogicalResult runCall(Interpreter &interpreter, OpCode &code,
                             Operands operands, Operands results) {
  auto op = cast<func::CallOp>(code.op);
  auto callee = interpreter.symbols.lookupNearestSymbolFrom<func::FuncOp>(
      op, op.getCalleeAttr());
  if (!callee)
    return op.emitError("the reference finds no function '")
           << op.getCallee() << "'";
  if (callee.isExternal())
    return callExternal(op, operands, results);
  SmallVector<RtValue> returned;
  if (failed(interpreter.call(callee, operands, returned)))
    return failure();
  return moveResults(returned, results);
}

void graphrun::addControlHandlers(HandlerTable &table) {
  table["func.call"] = runCall;
  table["func.constant"] = runFunctionConstant;
  table["func.call_indirect"] = runIndirectCall;
  table["cf.assert"] = runAssert;
  table["scf.if"] = runIf;
  table["scf.for"] = runFor;
  table["scf.while"] = runWhile;
  table["scf.execute_region"] = runExecuteRegion;
  table["memref.alloca_scope"] = runExecuteRegion;
  table["scf.index_switch"] = runIndexSwitch;
}
