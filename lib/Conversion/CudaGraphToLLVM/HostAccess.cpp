//===- HostAccess.cpp - Host ops that touch device memory -----------------===//
//
// Finds the ops of host code that touch memory of the device: makes loops of
// copies that the runtime does not have, and refuses what has no form at all.
//
//===----------------------------------------------------------------------===//

#include "HostAccess.h"

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace graphopt;

bool graphopt::isOnHost(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref.getDefiningOp<memref::AllocaOp>() != nullptr;
}

Value graphopt::getAccessedMemRef(Operation *op) {
  return op->getOperand(isa<memref::LoadOp>(op) ? 0 : 1);
}

static bool isOnDevice(Value value) {
  return isa<BaseMemRefType>(value.getType()) && !isOnHost(value);
}

/// Elements one by one, for memory that is not contiguous.
static void expandCopy(memref::CopyOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto type = cast<MemRefType>(op.getSource().getType());
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  SmallVector<Value> sizes;
  for (int64_t i = 0; i < type.getRank(); ++i)
    sizes.push_back(memref::DimOp::create(builder, loc, op.getSource(), i));
  scf::buildLoopNest(
      builder, loc, SmallVector<Value>(sizes.size(), zero), sizes,
      SmallVector<Value>(sizes.size(), one),
      [&](OpBuilder &nested, Location loc, ValueRange indices) {
        Value element =
            memref::LoadOp::create(nested, loc, op.getSource(), indices);
        memref::StoreOp::create(nested, loc, element, op.getTarget(), indices);
      });
  op.erase();
}

/// Whether `op` only computes addresses and sizes.
static bool isAddressArithmetic(Operation *op) {
  return isa<ViewLikeOpInterface, memref::DimOp, memref::RankOp,
             memref::ExtractStridedMetadataOp,
             memref::ExtractAlignedPointerAsIndexOp, memref::GlobalOp,
             memref::AllocaOp, memref::AssumeAlignmentOp>(op);
}

static void remarkHostAccess(Operation *op) {
  remarkRefused(op, "host-access")
      << remark::reason("each element travels between host and device");
}

/// Leaves copies of contiguous memory on the device, and on the host.
static LogicalResult prepareCopy(memref::CopyOp copy) {
  auto source = dyn_cast<MemRefType>(copy.getSource().getType());
  auto target = dyn_cast<MemRefType>(copy.getTarget().getType());
  if (!source || !target)
    return copy.emitError("no copy of unranked device memory exists");
  auto isContiguous = [](MemRefType type) {
    return type.getLayout().isIdentity() || cudagraph::isContiguous(type);
  };
  bool fromHost = isOnHost(copy.getSource()),
       toHost = isOnHost(copy.getTarget());
  if (fromHost && toHost)
    return success();
  if (fromHost == toHost && isContiguous(source) && isContiguous(target))
    return success();
  remarkHostAccess(copy);
  expandCopy(copy);
  return success();
}

LogicalResult graphopt::prepareHostAccess(Operation *op) {
  if (auto copy = dyn_cast<memref::CopyOp>(op))
    return prepareCopy(copy);
  if (auto call = dyn_cast<func::CallOp>(op)) {
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        op, call.getCalleeAttr());
    if (callee && callee.isExternal() &&
        llvm::any_of(op->getOperands(), isOnDevice))
      remarkRefused(op, "device-memory-passed") << remark::reason(
          "@{0} gets the address of device memory", call.getCallee());
    return success();
  }
  if (isa<memref::LoadOp, memref::StoreOp>(op)) {
    if (!isOnHost(getAccessedMemRef(op)))
      remarkHostAccess(op);
    return success();
  }
  bool isHandled =
      isa<memref::AllocOp, memref::DeallocOp, memref::GetGlobalOp>(op);
  bool touchesMemory =
      isa_and_nonnull<memref::MemRefDialect, linalg::LinalgDialect,
                      vector::VectorDialect>(op->getDialect()) &&
      llvm::any_of(op->getOperandTypes(), llvm::IsaPred<BaseMemRefType>);
  if (touchesMemory && !isHandled && !isAddressArithmetic(op))
    return op->emitError("runs on the host, but its memory is on the device; "
                         "no copy to the host exists for this op");
  return success();
}
