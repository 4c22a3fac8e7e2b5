//===- EntryPointResults.cpp - Results of packed entry points -------------===//
//
// Implements how results travel through an entry point: which are in the
// caller's memory from the start, which are copied there at the end, and what
// becomes of those that lie on arguments.
//
//===----------------------------------------------------------------------===//

#include "EntryPointBuilder.h"
#include "UseOrder.h"

#include "GraphOpt/Conversion/EntryPoints.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace graphopt;

/// The `memref.alloc` of the entry block of its function that `value` is, or a
/// view of.
static memref::AllocOp findAllocation(Value value, bool throughViews) {
  while (throughViews) {
    auto view = value.getDefiningOp<ViewLikeOpInterface>();
    if (!view)
      break;
    value = view.getViewSource();
  }
  auto alloc = value.getDefiningOp<memref::AllocOp>();
  return alloc && alloc->getBlock()->isEntryBlock() &&
                 isa<func::FuncOp>(alloc->getParentOp())
             ? alloc
             : memref::AllocOp();
}

Value EntryPointBuilder::resultAddress(int64_t index) {
  Value &address = resultAddresses[index];
  if (!address) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&entry.getBody().front());
    address = calls.load(
        calls.pointerType(),
        calls.element(entry.getArgument(3), calls.pointerType(), index));
  }
  return address;
}

/// Copies `source` to `target`, a compact memref of its shape. A strided
/// source is copied by loops: `memref.copy` of it would call a library.
static void emitCopy(OpBuilder &builder, Location loc, Value source,
                     Value target, ValueRange sizes) {
  auto type = cast<MemRefType>(source.getType());
  if (type.getLayout().isIdentity()) {
    memref::CopyOp::create(builder, loc, source, target);
    return;
  }
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  scf::buildLoopNest(
      builder, loc, SmallVector<Value>(sizes.size(), zero), sizes,
      SmallVector<Value>(sizes.size(), one),
      [&](OpBuilder &nested, Location loc, ValueRange indices) {
        Value element = memref::LoadOp::create(nested, loc, source, indices);
        memref::StoreOp::create(nested, loc, element, target, indices);
      });
}

/// Fills the descriptor at `address` with a compact copy of `value` that the
/// caller can free.
LogicalResult EntryPointBuilder::fillDescriptor(Value value, Value address) {
  Location loc = function.getLoc();
  auto type = cast<MemRefType>(value.getType());
  Value bytes =
      calls.constant(*cudagraph::getElementBytes(type.getElementType()));
  SmallVector<Value> sizes, llvmSizes;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    sizes.push_back(memref::DimOp::create(builder, loc, value, i));
    llvmSizes.push_back(castTo(calls.i64Type(), sizes.back()));
    bytes = LLVM::MulOp::create(builder, loc, bytes, llvmSizes.back());
  }
  FailureOr<Value> memory = calls.call(
      "goAllocate", {entry.getArgument(0), entry.getArgument(1), bytes});
  if (failed(memory))
    return failure();

  auto compactType = MemRefType::get(type.getShape(), type.getElementType());
  auto descriptor = MemRefDescriptor::poison(
      builder, loc, converter.convertType(compactType));
  descriptor.setAllocatedPtr(builder, loc, *memory);
  descriptor.setAlignedPtr(builder, loc, *memory);
  descriptor.setConstantOffset(builder, loc, 0);
  Value stride = calls.constant(1);
  for (int64_t i = type.getRank() - 1; i >= 0; --i) {
    descriptor.setSize(builder, loc, i, llvmSizes[i]);
    descriptor.setStride(builder, loc, i, stride);
    stride = LLVM::MulOp::create(builder, loc, stride, llvmSizes[i]);
  }
  // Out of memory is an error that the context keeps; there is no target then.
  Value allocated = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne,
                                         *memory, calls.null());
  Value compact = castTo(compactType, Value(descriptor));
  scf::IfOp::create(builder, loc, allocated,
                    [&](OpBuilder &nested, Location loc) {
                      emitCopy(nested, loc, value, compact, sizes);
                      scf::YieldOp::create(nested, loc);
                    });
  calls.store(descriptor, address);
  return success();
}

void EntryPointBuilder::storeScalar(Value value, Value address) {
  Location loc = function.getLoc();
  if (value.getType().isInteger(1))
    value = arith::ExtUIOp::create(builder, loc, builder.getI8Type(), value);
  Type llvmType = converter.convertType(value.getType());
  if (llvmType != value.getType())
    value = castTo(llvmType, value);
  calls.store(value, address);
}

/// Bytes of a memref of static shape.
static int64_t getBytes(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  return type.getNumElements() *
         *cudagraph::getElementBytes(type.getElementType());
}

/// Lets returned allocations be the caller's memory from the start. Adds to
/// `settled` which operands of `op` that settles.
void EntryPointBuilder::reuseResultMemory(func::ReturnOp op,
                                          llvm::BitVector &settled) {
  for (unsigned i = 0, e = op.getNumOperands(); i < e; ++i) {
    Value value = op.getOperand(i);
    memref::AllocOp alloc = findAllocation(value, /*throughViews=*/false);
    if (!alloc || getPacking(value.getType()) != Packing::Data)
      continue;
    Value address = resultAddress(i);
    builder.setInsertionPoint(alloc);
    Value memref = fromData(cast<MemRefType>(value.getType()), address);
    alloc.replaceAllUsesWith(memref);
    alloc.erase();
    reusedResults.push_back({memref, address});
    settled.set(i);
  }
}

/// Moves results that take the caller's memory elsewhere where this is memory
/// of an argument that another op uses later. Most functions launch one graph,
/// which needs no help, and have nothing here to do.
LogicalResult EntryPointBuilder::placeResults() {
  if (reusedResults.empty() || dataArguments.empty())
    return success();
  UseOrder order(entry.getBody().front(), symbols);
  int64_t lastOfAll = 0, firstOfAll = std::numeric_limits<int64_t>::max();
  SmallVector<int64_t> firsts, lasts;
  for (const CallerMemory &result : reusedResults) {
    firsts.push_back(order.first(result.memref));
    firstOfAll = std::min(firstOfAll, firsts.back());
  }
  for (const CallerMemory &argument : dataArguments) {
    lasts.push_back(order.last(argument.memref));
    lastOfAll = std::max(lastOfAll, lasts.back());
  }
  if (lastOfAll <= firstOfAll)
    return success();

  // Behind the loads of the addresses.
  Operation *behind = dataArguments.back().address.getDefiningOp();
  for (const CallerMemory &result : reusedResults)
    if (behind->isBeforeInBlock(result.address.getDefiningOp()))
      behind = result.address.getDefiningOp();
  builder.setInsertionPointAfter(behind);
  StackScope scope(calls);
  auto emitPlacements = [&](ArrayRef<CallerMemory> all,
                            ArrayRef<int64_t> positions,
                            llvm::function_ref<bool(int64_t)> isNeeded) {
    Value array = calls.stackArray(calls.placementType(),
                                   llvm::count_if(positions, isNeeded));
    int64_t count = 0;
    for (auto [memory, position] : llvm::zip_equal(all, positions))
      if (isNeeded(position))
        calls.store(calls.structOf(calls.placementType(),
                                   {memory.address,
                                    calls.constant(getBytes(memory.memref)),
                                    calls.constant(position)}),
                    calls.element(array, calls.placementType(), count++));
    return std::make_pair(array, count);
  };
  auto isEarly = [&](int64_t position) { return position < lastOfAll; };
  auto isLate = [&](int64_t position) { return position > firstOfAll; };
  auto [results, numResults] = emitPlacements(reusedResults, firsts, isEarly);
  auto [late, numLate] = emitPlacements(dataArguments, lasts, isLate);
  FailureOr<Value> memory =
      calls.call("goPlaceResults",
                 {entry.getArgument(0), entry.getArgument(1), results,
                  calls.constant(numResults), late, calls.constant(numLate)});
  if (failed(memory))
    return failure();
  placedMemory = *memory;
  int64_t number = 0;
  for (auto [result, position] : llvm::zip_equal(reusedResults, firsts)) {
    if (!isEarly(position))
      continue;
    Value placed =
        calls.load(calls.pointerType(),
                   calls.element(results, calls.placementType(), number++));
    auto type = cast<MemRefType>(result.memref.getType());
    result.memref.replaceAllUsesWith(fromData(type, placed));
    placedAddresses[result.address] = placed;
  }
  return success();
}

/// Whether all values of `fetch` are awaited only to be returned by `op`.
static bool isOnlyReturned(cudagraph::FetchOp fetch, func::ReturnOp op) {
  return fetch->getBlock() == op->getBlock() &&
         llvm::all_of(fetch.getAwait()->getUsers(),
                      [&](Operation *user) { return user == op; });
}

/// Pattern: %p = fetch %a; %v = await %p; return %v
///       -> deliver %a to the result; return
/// Adds to `settled` which operands of `op` that settles. The fetches that it
/// returns are of no use once `op` is gone.
SmallVector<cudagraph::FetchOp>
EntryPointBuilder::deliverResults(func::ReturnOp op, llvm::BitVector &settled) {
  llvm::SetVector<cudagraph::FetchOp> fetches;
  for (Value value : op.getOperands())
    if (auto await = value.getDefiningOp<cudagraph::AwaitOp>()) {
      auto fetch = await.getPending().getDefiningOp<cudagraph::FetchOp>();
      if (isOnlyReturned(fetch, op))
        fetches.insert(fetch);
    }
  for (cudagraph::FetchOp fetch : fetches) {
    SmallVector<Value> sources, destinations;
    for (auto [index, value] : llvm::enumerate(op.getOperands())) {
      if (value.getDefiningOp() != fetch.getAwait())
        continue;
      Value source =
          fetch.getSources()[cast<OpResult>(value).getResultNumber()];
      auto type = cast<MemRefType>(source.getType());
      Value address = resultAddress(index);
      builder.setInsertionPoint(fetch);
      sources.push_back(source);
      destinations.push_back(fromData(
          MemRefType::get(type.getShape(), type.getElementType()), address));
      settled.set(index);
    }
    cudagraph::DeliverOp::create(builder, fetch.getLoc(), sources,
                                 destinations);
  }
  return fetches.takeVector();
}

/// Copies data that is not in the caller's memory yet, all at once: results may
/// lie on arguments that are returned.
LogicalResult EntryPointBuilder::copyResults(func::ReturnOp op,
                                             const llvm::BitVector &settled) {
  Location loc = op.getLoc();
  SmallVector<Value> items;
  auto addItem = [&](Value source, Value destination, int64_t bytes) {
    items.push_back(calls.structOf(
        calls.copyItemType(), {source, destination, calls.constant(bytes)}));
  };
  builder.setInsertionPoint(op);
  for (const CallerMemory &result : reusedResults)
    if (Value placed = placedAddresses.lookup(result.address))
      addItem(placed, result.address, getBytes(result.memref));
  for (auto [index, value] : llvm::enumerate(op.getOperands())) {
    if (settled.test(index) || getPacking(value.getType()) != Packing::Data)
      continue;
    MemRefDescriptor descriptor(
        castTo(converter.convertType(value.getType()), value));
    addItem(descriptor.alignedPtr(builder, loc), resultAddress(index),
            getBytes(value));
  }
  if (items.empty())
    return success();
  StackScope scope(calls);
  Value array = calls.stackArray(calls.copyItemType(), items.size());
  for (auto [index, item] : llvm::enumerate(items))
    calls.store(item, calls.element(array, calls.copyItemType(), index));
  return failure(failed(
      calls.call("goCopyAll", {entry.getArgument(0), entry.getArgument(1),
                               array, calls.constant(items.size())})));
}

LogicalResult EntryPointBuilder::emitReturn(func::ReturnOp op,
                                            const llvm::BitVector &settled) {
  Location loc = op.getLoc();
  SetVector<Value> toFree;
  for (auto [index, value] : llvm::enumerate(op.getOperands())) {
    if (settled.test(index) || !isa<MemRefType>(value.getType()))
      continue;
    if (memref::AllocOp source = findAllocation(value, /*throughViews=*/true))
      toFree.insert(source);
    else if (options.ownResults)
      toFree.insert(value);
    if (getPacking(value.getType()) != Packing::Descriptor)
      continue;
    // To new memory, so before anything is written to the caller's.
    Value address = resultAddress(index);
    builder.setInsertionPoint(op);
    if (failed(fillDescriptor(value, address)))
      return failure();
  }
  if (failed(copyResults(op, settled)))
    return failure();
  for (auto [index, value] : llvm::enumerate(op.getOperands()))
    if (!settled.test(index) &&
        getPacking(value.getType()) == Packing::Scalar) {
      Value address = resultAddress(index);
      builder.setInsertionPoint(op);
      storeScalar(value, address);
    }
  builder.setInsertionPoint(op);
  if (placedMemory &&
      failed(calls.call("goFree", {entry.getArgument(0), entry.getArgument(1),
                                   placedMemory})))
    return failure();
  for (Value value : toFree)
    memref::DeallocOp::create(builder, loc, value);
  FailureOr<Value> status =
      calls.call("goContextTakeStatus", entry.getArgument(0));
  if (failed(status))
    return failure();
  func::ReturnOp::create(builder, loc, *status);
  op.erase();
  return success();
}
