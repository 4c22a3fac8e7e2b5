//===- HostFunctions.cpp - Kernels as functions of the host ---------------===//
//
// Implements functions that run the threads of a kernel one after the other.
//
//===----------------------------------------------------------------------===//

#include "HostFunctions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/CallInterfaces.h"

using namespace mlir;
using namespace graphopt;

HostFunctions::HostFunctions(ModuleOp module)
    : module(module), symbols(module),
      builder(OpBuilder::atBlockEnd(module.getBody())),
      converter(module.getContext()) {}

//===----------------------------------------------------------------------===//
// What runs on the host
//===----------------------------------------------------------------------===//

/// Whether `op` asks for the place of its thread.
static bool asksForPlace(Operation *op) {
  return isa<gpu::ThreadIdOp, gpu::BlockIdOp, gpu::GridDimOp, gpu::BlockDimOp,
             gpu::GlobalIdOp>(op);
}

/// Reports an error if threads that run `root`, a kernel or a function that
/// kernels call, can not run one after the other.
static LogicalResult verifyRunsOnHost(FunctionOpInterface root) {
  auto refuse = [&](Operation *op, const Twine &why) {
    InFlightDiagnostic error =
        op->emitError("the kernel can not run on the host: ") << why;
    error.attachNote(root.getLoc()) << "in @" << root.getName();
    return error;
  };
  auto kernel = dyn_cast<gpu::GPUFuncOp>(root.getOperation());
  if (kernel && (kernel.getNumWorkgroupAttributions() ||
                 kernel.getNumPrivateAttributions()))
    return refuse(root, "it declares memory of the block or the thread");
  WalkResult result = root.walk([&](Operation *op) {
    bool isFine = (asksForPlace(op) && kernel) ||
                  isa<gpu::ReturnOp, gpu::GPUFuncOp>(op) ||
                  !isa_and_nonnull<gpu::GPUDialect>(op->getDialect());
    if (isa<gpu::BarrierOp>(op))
      refuse(op, "threads that wait for each other need a GPU");
    else if (asksForPlace(op) && !kernel)
      refuse(op, "a function that it calls asks for its thread");
    else if (!isFine)
      refuse(op, "'" + op->getName().getStringRef() + "' has no form there");
    else
      return WalkResult::advance();
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// Copies what `root` refers to in `from`, functions and globals, and what that
/// refers to, to the program, and renames the references.
LogicalResult HostFunctions::copySymbols(Operation *root,
                                         gpu::GPUModuleOp from) {
  SmallVector<Operation *> worklist = {root};
  while (!worklist.empty()) {
    Operation *user = worklist.pop_back_val();
    std::optional<SymbolTable::UseRange> uses =
        SymbolTable::getSymbolUses(user);
    if (!uses)
      return user->emitError("refers to symbols in a way that is not followed");
    llvm::SmallSetVector<StringAttr, 4> names;
    for (SymbolTable::SymbolUse use : *uses)
      if (isa<FlatSymbolRefAttr>(use.getSymbolRef()))
        names.insert(use.getSymbolRef().getRootReference());
    SmallVector<std::pair<StringAttr, StringAttr>> renamed;
    for (StringAttr name : names) {
      Operation *symbol = SymbolTable::lookupSymbolIn(from, name);
      if (!symbol)
        continue;
      StringAttr &copied = copies[symbol];
      if (!copied) {
        auto function = dyn_cast<FunctionOpInterface>(symbol);
        if (function && function.isExternal())
          return user->emitError("the kernel can not run on the host: it "
                                 "calls @")
                 << name.getValue() << ", which has no body";
        if (function && failed(verifyRunsOnHost(function)))
          return failure();
        Operation *copy = symbol->clone();
        SymbolTable::setSymbolName(
            copy, (from.getName() + "." + name.getValue()).str());
        if (function)
          SymbolTable::setSymbolVisibility(copy,
                                           SymbolTable::Visibility::Private);
        copied = symbols.insert(copy, module.getBody()->end());
        if (function)
          worklist.push_back(copy);
      }
      renamed.push_back({name, copied});
    }
    for (auto [name, copied] : renamed)
      if (name != copied && failed(SymbolTable::replaceAllSymbolUses(
                                name, copied, &user->getRegion(0))))
        return user->emitError("can not rename ") << name;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// One thread
//===----------------------------------------------------------------------===//

func::FuncOp HostFunctions::createFunction(gpu::GPUFuncOp kernel,
                                           StringRef suffix, TypeRange types) {
  builder.setInsertionPointToEnd(module.getBody());
  auto result = func::FuncOp::create(builder, kernel.getLoc(),
                                     (kernel.getName() + suffix).str(),
                                     builder.getFunctionType(types, {}));
  result.setPrivate();
  symbols.insert(result);
  return result;
}

Value HostFunctions::index(Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

/// Replaces the ops that ask where a thread is. `numbers` are those of its
/// block and its own, `sizes` the extents of grid and block.
static void replacePlace(func::FuncOp thread, ArrayRef<Value> numbers,
                         ArrayRef<Value> sizes, OpBuilder &builder) {
  std::array<Value, 3> global;
  for (unsigned i = 0; i < 3; ++i) {
    Location loc = thread.getLoc();
    Value first = arith::MulIOp::create(builder, loc, numbers[i], sizes[3 + i]);
    global[i] = arith::AddIOp::create(builder, loc, first, numbers[3 + i]);
  }
  SmallVector<Operation *> asked;
  auto replace = [&](auto op, ArrayRef<Value> values) {
    op.getResult().replaceAllUsesWith(
        values[static_cast<unsigned>(op.getDimension())]);
    asked.push_back(op);
  };
  thread.walk([&](Operation *op) {
    if (auto id = dyn_cast<gpu::BlockIdOp>(op))
      replace(id, numbers.take_front(3));
    else if (auto id = dyn_cast<gpu::ThreadIdOp>(op))
      replace(id, numbers.take_back(3));
    else if (auto size = dyn_cast<gpu::GridDimOp>(op))
      replace(size, sizes.take_front(3));
    else if (auto size = dyn_cast<gpu::BlockDimOp>(op))
      replace(size, sizes.take_back(3));
    else if (auto id = dyn_cast<gpu::GlobalIdOp>(op))
      replace(id, global);
  });
  for (Operation *op : asked)
    op->erase();
}

/// What one thread does: a function of the kernel's arguments, its block's
/// numbers and its own, and, unless all launches share them, the extents of
/// grid and block.
FailureOr<func::FuncOp> HostFunctions::getThread(gpu::GPUFuncOp function,
                                                 std::optional<Sizes> sizes) {
  Attribute key =
      sizes ? Attribute(builder.getDenseI64ArrayAttr(*sizes)) : Attribute();
  func::FuncOp &thread = threads[{function, key}];
  if (thread)
    return thread;
  if (failed(verifyRunsOnHost(function)))
    return failure();
  Location loc = function.getLoc();
  SmallVector<Type> types(function.getArgumentTypes());
  types.append(sizes ? 6 : 12, builder.getIndexType());
  func::FuncOp made = createFunction(function, ".thread", types);
  IRMapping mapping;
  function.getBody().cloneInto(&made.getBody(), mapping);
  Block &entry = made.getBody().front();
  SmallVector<Value> numbers, extents;
  for (unsigned i = 0; i < 6; ++i)
    numbers.push_back(entry.addArgument(builder.getIndexType(), loc));
  builder.setInsertionPointToStart(&entry);
  for (unsigned i = 0; i < 6; ++i)
    extents.push_back(sizes ? index(loc, (*sizes)[i])
                            : entry.addArgument(builder.getIndexType(), loc));
  replacePlace(made, numbers, extents, builder);
  made.walk([&](gpu::ReturnOp op) {
    OpBuilder end(op);
    func::ReturnOp::create(end, op.getLoc());
    op.erase();
  });
  if (failed(copySymbols(made, function->getParentOfType<gpu::GPUModuleOp>())))
    return failure();
  thread = made;
  return made;
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

FailureOr<func::FuncOp> HostFunctions::getPhase(const LaunchedKernel &kernel) {
  cudagraph::KernelOp node = kernel.node;
  gpu::GPUFuncOp function = kernel.function;
  Sizes sizes;
  llvm::copy(*node.getGrid(), sizes.begin());
  llvm::copy(*node.getBlock(), sizes.begin() + 3);
  Attribute key = builder.getArrayAttr(
      {builder.getDenseI64ArrayAttr(sizes),
       builder.getTypeArrayAttr(llvm::to_vector(node.getArgs().getTypes()))});
  func::FuncOp &known = phases[{function, key}];
  if (known)
    return known;
  FailureOr<func::FuncOp> thread = getThread(function, sizes);
  if (failed(thread))
    return failure();

  Location loc = function.getLoc();
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Type i64 = builder.getI64Type();
  func::FuncOp phase = createFunction(function, ".blocks", {pointer, i64, i64});
  builder.setInsertionPointToStart(phase.addEntryBlock());
  auto end = func::ReturnOp::create(builder, loc);
  builder.setInsertionPoint(end);
  SmallVector<Value> arguments;
  for (auto [i, operand] : llvm::enumerate(node.getArgs())) {
    Value slot = LLVM::GEPOp::create(builder, loc, pointer, pointer,
                                     phase.getArgument(0),
                                     LLVM::GEPArg(static_cast<int32_t>(i)));
    Value address = LLVM::LoadOp::create(builder, loc, pointer, slot);
    Type type = function.getArgumentTypes()[i];
    if (auto memref = dyn_cast<MemRefType>(type))
      arguments.push_back(createArgument(builder, loc, converter, address,
                                         cast<MemRefType>(operand.getType()),
                                         memref));
    else
      arguments.push_back(loadArgument(builder, loc, address, type));
  }
  auto toIndex = [&](Value value) -> Value {
    return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                      value);
  };
  Value zero = index(loc, 0), one = index(loc, 1);
  SmallVector<Value> lower = {toIndex(phase.getArgument(1)), zero, zero, zero};
  SmallVector<Value> upper = {toIndex(phase.getArgument(2)),
                              index(loc, sizes[5]), index(loc, sizes[4]),
                              index(loc, sizes[3])};
  Value rows = index(loc, sizes[1]), columns = index(loc, sizes[0]);
  scf::buildLoopNest(
      builder, loc, lower, upper, SmallVector<Value>(4, one),
      [&](OpBuilder &b, Location loc, ValueRange numbers) {
        Value line = arith::DivUIOp::create(b, loc, numbers[0], columns);
        Value x = arith::RemUIOp::create(b, loc, numbers[0], columns);
        Value y = arith::RemUIOp::create(b, loc, line, rows);
        Value z = arith::DivUIOp::create(b, loc, line, rows);
        SmallVector<Value> all(arguments);
        all.append({x, y, z, numbers[3], numbers[2], numbers[1]});
        func::CallOp::create(b, loc, *thread, all);
      });
  known = phase;
  return phase;
}

FailureOr<func::FuncOp> HostFunctions::getGrid(gpu::GPUFuncOp function) {
  func::FuncOp &known = grids[function];
  if (known)
    return known;
  FailureOr<func::FuncOp> thread = getThread(function, std::nullopt);
  if (failed(thread))
    return failure();
  Location loc = function.getLoc();
  SmallVector<Type> types(function.getArgumentTypes());
  unsigned numArguments = types.size();
  types.append(6, builder.getIndexType());
  func::FuncOp grid = createFunction(function, ".grid", types);
  Block *entry = grid.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  auto end = func::ReturnOp::create(builder, loc);
  builder.setInsertionPoint(end);
  auto given = ValueRange(entry->getArguments());
  ValueRange sizes = given.drop_front(numArguments);
  // Blocks are outside, z before y before x, and so are the threads of one.
  SmallVector<Value> upper = {sizes[2], sizes[1], sizes[0],
                              sizes[5], sizes[4], sizes[3]};
  SmallVector<Value> lower(6, index(loc, 0)), step(6, index(loc, 1));
  scf::buildLoopNest(builder, loc, lower, upper, step,
                     [&](OpBuilder &b, Location loc, ValueRange at) {
                       SmallVector<Value> all(given.take_front(numArguments));
                       all.append({at[2], at[1], at[0], at[5], at[4], at[3]});
                       llvm::append_range(all, sizes);
                       func::CallOp::create(b, loc, *thread, all);
                     });
  known = grid;
  return grid;
}
