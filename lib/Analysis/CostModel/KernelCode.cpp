//===- KernelCode.cpp - What the code of a kernel says --------------------===//
//
// Implements the reading of kernels: turns of loops, float operations, accesses
// of threads next to one another.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/CostModel.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

namespace {
/// A load or store of memory of the device.
struct Access {
  Type type;    ///< Of the value.
  Value memref; ///< Null for an access by pointer.
  ValueRange indices;
};
} // namespace

static std::optional<Access> getAccess(Operation *op) {
  constexpr unsigned kShared = 3;
  auto isShared = [&](Value pointer) {
    return cast<LLVM::LLVMPointerType>(pointer.getType()).getAddressSpace() ==
           kShared;
  };
  if (auto load = dyn_cast<LLVM::LoadOp>(op)) {
    if (!isShared(load.getAddr()))
      return Access{load.getType(), Value(), {}};
  } else if (auto store = dyn_cast<LLVM::StoreOp>(op)) {
    if (!isShared(store.getAddr()))
      return Access{store.getValue().getType(), Value(), {}};
  } else if (auto load = dyn_cast<memref::LoadOp>(op)) {
    if (!gpu::GPUDialect::hasWorkgroupMemoryAddressSpace(load.getMemRefType()))
      return Access{load.getType(), load.getMemRef(), load.getIndices()};
  } else if (auto store = dyn_cast<memref::StoreOp>(op)) {
    if (!gpu::GPUDialect::hasWorkgroupMemoryAddressSpace(store.getMemRefType()))
      return Access{store.getValue().getType(), store.getMemRef(),
                    store.getIndices()};
  }
  return std::nullopt;
}

/// Bytes of a value in memory; 0 for what is no number, such as an address.
static double getValueBytes(Type type) {
  double count = 1;
  if (auto vector = dyn_cast<VectorType>(type)) {
    count = vector.getNumElements();
    type = vector.getElementType();
  }
  return count * cudagraph::getElementBytes(type).value_or(0);
}

//===----------------------------------------------------------------------===//
// Turns of loops
//===----------------------------------------------------------------------===//

namespace {
struct Steps {
  double thread = 0, scalar = 0;
};
} // namespace

/// Turns of `loop` in one thread, if they are constant. A loop that begins at
/// the number of the thread is shared among the threads.
static std::optional<double> getTurns(scf::ForOp loop) {
  APInt lower, upper, step;
  if (!matchPattern(loop.getUpperBound(), m_ConstantInt(&upper)) ||
      !matchPattern(loop.getStep(), m_ConstantInt(&step)) ||
      step.getSExtValue() <= 0)
    return std::nullopt;
  double begin = 0;
  if (matchPattern(loop.getLowerBound(), m_ConstantInt(&lower)))
    begin = lower.getSExtValue();
  return std::max(
      std::ceil((upper.getSExtValue() - begin) / step.getSExtValue()), 0.0);
}

static bool readsMemory(Operation *loop) {
  return loop
      ->walk([](Operation *op) {
        return getAccess(op) ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Turns of the loops in `region`, one after the other. Regions nest only as
/// deep as loops and branches do.
static Steps countSteps(Region &region) {
  Steps total;
  for (Operation &op : region.getOps()) {
    Steps most;
    for (Region &inner : op.getRegions()) {
      Steps steps = countSteps(inner);
      most.thread = std::max(most.thread, steps.thread);
      most.scalar = std::max(most.scalar, steps.scalar);
    }
    auto loop = dyn_cast<scf::ForOp>(op);
    std::optional<double> turns =
        loop ? getTurns(loop) : std::optional<double>();
    if (turns && most.thread == 0 && most.scalar == 0)
      (readsMemory(loop) ? most.thread : most.scalar) = 1;
    total.thread += turns.value_or(1) * most.thread;
    total.scalar += turns.value_or(1) * most.scalar;
  }
  return total;
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

/// `op` in operations of f32.
static double getOperations(Operation *op) {
  // What the rounded instructions and libdevice's functions take, about.
  constexpr double kDivision = 8, kFunction = 20, kDouble = 2;
  Type type = op->getNumResults() > 0 ? op->getResult(0).getType() : Type();
  if (!type || !isa<FloatType>(type))
    return 0;
  double width = type.isF64() ? kDouble : 1.0;
  if (isa<arith::DivFOp, arith::RemFOp, math::SqrtOp, math::RsqrtOp>(op))
    return kDivision * width;
  if (isa<math::AbsFOp, math::FmaOp>(op))
    return width;
  if (isa_and_nonnull<math::MathDialect>(op->getDialect()))
    return kFunction * width;
  bool computes = isa<arith::ArithDialect>(op->getDialect()) &&
                  !isa<arith::ConstantOp, arith::BitcastOp>(op);
  return computes ? width : 0.0;
}

/// The most operations for each byte of all innermost loops.
static double getOperationsPerByte(Operation *kernel) {
  double most = 0;
  kernel->walk([&](scf::ForOp loop) {
    double operations = 0, bytes = 0;
    for (Operation &op : *loop.getBody()) {
      if (isa<scf::ForOp>(op))
        return;
      operations += getOperations(&op);
      if (std::optional<Access> access = getAccess(&op))
        bytes += getValueBytes(access->type);
    }
    if (bytes > 0)
      most = std::max(most, operations / bytes);
  });
  return most;
}

//===----------------------------------------------------------------------===//
// Neighbours
//===----------------------------------------------------------------------===//

/// The value that the induction variable `value` starts with, else null.
static Value getStart(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  auto loop = argument
                  ? dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp())
                  : scf::ForOp();
  return loop && loop.getInductionVar() == value ? loop.getLowerBound()
                                                 : Value();
}

static bool dependsOnThread(Value value) {
  llvm::SetVector<Value> reached;
  reached.insert(value);
  for (size_t i = 0; i < reached.size(); ++i) {
    Operation *def = reached[i].getDefiningOp();
    if (isa_and_nonnull<gpu::ThreadIdOp>(def))
      return true;
    if (Value start = getStart(reached[i]))
      reached.insert(start);
    if (def)
      reached.insert(def->operand_begin(), def->operand_end());
  }
  return false;
}

/// Whether threads next to one another have values next to one another.
static bool isAdjacent(Value value) {
  while (true) {
    if (Value start = getStart(value)) {
      value = start;
      continue;
    }
    Operation *def = value.getDefiningOp();
    if (isa_and_nonnull<gpu::ThreadIdOp>(def))
      return true;
    if (!isa_and_nonnull<arith::AddIOp, arith::SubIOp, arith::RemUIOp,
                         arith::RemSIOp, arith::IndexCastOp,
                         arith::IndexCastUIOp, affine::AffineApplyOp>(def))
      return false;
    auto from = llvm::find_if(def->getOperands(), dependsOnThread);
    if (from == def->operand_end())
      return false;
    value = *from;
  }
}

static double getSpan(Value memref) {
  return cudagraph::getSpanBytes(cast<MemRefType>(memref.getType()))
      .value_or(0);
}

/// Looks at the accesses to memrefs: which are apart, which are never read.
static void readMemRefs(Operation *kernel, KernelCode &code) {
  llvm::SmallSetVector<Value, 4> strided, written;
  llvm::DenseSet<Value> read;
  kernel->walk([&](Operation *op) {
    std::optional<Access> access = getAccess(op);
    if (!access || !access->memref)
      return;
    if (llvm::any_of(access->indices, dependsOnThread) &&
        !isAdjacent(access->indices.back()))
      strided.insert(access->memref);
    if (isa<memref::StoreOp>(op))
      written.insert(access->memref);
    else
      read.insert(access->memref);
  });
  for (Value memref : strided)
    code.stridedBytes += getSpan(memref);
  for (Value memref : written)
    if (!read.contains(memref))
      code.unreadBytes += getSpan(memref);
}

KernelCode graphopt::readKernel(Operation *kernel) {
  KernelCode code;
  code.operationsPerByte = getOperationsPerByte(kernel);
  readMemRefs(kernel, code);
  for (Region &region : kernel->getRegions()) {
    Steps steps = countSteps(region);
    code.threadSteps += steps.thread;
    code.scalarSteps += steps.scalar;
  }
  // The ticket that finds out which block is the last.
  kernel->walk([&](LLVM::AtomicRMWOp) { code.hasTail = true; });
  return code;
}
