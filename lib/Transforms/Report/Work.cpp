//===- Work.cpp - How much the device does --------------------------------===//

#include "Work.h"
#include "Facts.h"
#include "Parts.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/CastInterfaces.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

bool graphopt::isDeviceWorkOp(Operation *op) {
  if (isa<ItemOp>(op))
    return false;
  if (auto capturable = dyn_cast<CapturableOpInterface>(op))
    return capturable.isKernel();
  // What no dialect speaks for: pure ops that make tensors of tensors.
  bool isOther =
      isa<TensorSeqDialect>(op->getDialect()) ||
      isa<RegionBranchOpInterface, CastOpInterface, tensor::FromElementsOp>(
          op) ||
      op->hasTrait<OpTrait::ConstantLike>() ||
      op->hasTrait<OpTrait::IsTerminator>();
  bool isMade = op->getNumOperands() > 0 || op->getNumRegions() > 0;
  return !isOther && isMade && isMemoryEffectFree(op) &&
         llvm::any_of(op->getResultTypes(), llvm::IsaPred<TensorType>);
}

bool graphopt::isNodeOnMemory(Operation *op) {
  auto capturable = dyn_cast<CapturableOpInterface>(op);
  std::string reason;
  return capturable && capturable.canBeNode(reason);
}

SmallVector<Operation *> graphopt::collectDeviceWork(Operation *root) {
  SmallVector<Operation *> ops;
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!op->getDialect() || !isDeviceWorkOp(op))
      return WalkResult::advance();
    ops.push_back(op);
    return WalkResult::skip();
  });
  return ops;
}

int64_t graphopt::countTensorBytes(Type type) {
  if (auto list = dyn_cast<SeqType>(type)) {
    int64_t bytes = 0;
    for (Type element : list.getElements())
      bytes += countTensorBytes(element);
    return bytes;
  }
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped || !shaped.hasRank() || !shaped.hasStaticShape())
    return 0;
  Type element = shaped.getElementType();
  if (element.isIndex())
    return shaped.getNumElements() * 8;
  return element.isIntOrFloat()
             ? llvm::divideCeil(
                   shaped.getNumElements() * element.getIntOrFloatBitWidth(), 8)
             : 0;
}

int64_t graphopt::countBytes(ArrayRef<Operation *> ops) {
  int64_t bytes = 0;
  for (Operation *op : ops) {
    if (isa<KernelOp>(op)) {
      for (Operation &phase : op->getRegion(0).getOps())
        if (isa<MapOp, ReduceOp>(phase))
          bytes += countBytes(&phase);
      continue;
    }
    if (std::optional<Parts> parts = getParts(op)) {
      bytes += parts->bytes;
      continue;
    }
    ValueRange reads = op->getOperands();
    // Where a predicate is false, the other values stay where they are.
    if (auto map = dyn_cast<MapOp>(op))
      reads = map.getInputs();
    for (Type type : reads.getTypes())
      bytes += countTensorBytes(type);
    for (Type type : op->getResultTypes())
      bytes += countTensorBytes(type);
  }
  return bytes;
}

int64_t graphopt::countKernels(ArrayRef<Operation *> ops) {
  int64_t kernels = 0;
  for (Operation *op : ops)
    kernels += getParts(op).value_or(Parts()).kernels;
  return kernels;
}

ArrayAttr graphopt::getPlaces(ArrayRef<Operation *> ops, MLIRContext *context) {
  llvm::SetVector<Attribute> places;
  for (Operation *op : ops)
    for (Location place : getPartLocations(op))
      places.insert(StringAttr::get(context, formatLocation(place)));
  return ArrayAttr::get(context, places.getArrayRef());
}

int64_t graphopt::countUploads(func::FuncOp function) {
  int64_t uploads = 0;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<tensor::FromElementsOp>(op)) {
      ++uploads;
      return WalkResult::advance();
    }
    if (isa<GraphOp>(op))
      uploads += llvm::count_if(op->getOperandTypes(), [](Type type) {
        return !isa<ShapedType, SeqType>(type);
      });
    bool isDevice = isa<CapturableOpInterface, GraphOp>(op);
    return isDevice ? WalkResult::skip() : WalkResult::advance();
  });
  return uploads;
}

double graphopt::predictTransfer(int64_t bytes,
                                 const Calibration &calibration) {
  KernelWork work;
  bool isCached = bytes <= calibration.cacheBytes;
  (isCached ? work.cacheBytes : work.memoryBytes) = bytes;
  return predictKernel(work, calibration);
}

/// Microseconds of `op` as the kernels that it stands for, each of which costs
/// `launch`, or at least that if `overlaps`.
static double predictParts(Operation *op, double launch, bool overlaps,
                           const Calibration &calibration) {
  int64_t kernels = countKernels(op);
  double transfer = predictTransfer(countBytes(op) / kernels, calibration);
  return kernels * (overlaps ? std::max(launch, transfer) : launch + transfer);
}

double graphopt::predictOpByOp(ArrayRef<Operation *> ops,
                               const Calibration &calibration) {
  double time = 0;
  for (Operation *op : ops)
    time += predictParts(op, calibration.streamNode, /*overlaps=*/true,
                         calibration);
  return time;
}

double graphopt::predictAsGraph(ArrayRef<Operation *> ops,
                                const Calibration &calibration) {
  double time = calibration.graphLaunch;
  for (Operation *op : ops)
    time += predictParts(op, calibration.graphNode, /*overlaps=*/false,
                         calibration);
  return time;
}
