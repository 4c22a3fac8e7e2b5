//===- CostModel.cpp - Predicted times ------------------------------------===//
//
// Implements the formulae that need no graph.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/CostModel.h"

#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include <algorithm>

using namespace mlir;
using namespace graphopt;

double graphopt::predictTransfer(const KernelWork &work,
                                 const Calibration &calibration) {
  return work.memoryBytes / calibration.memoryRate +
         work.cacheBytes / calibration.cacheRate +
         work.stridedBytes / calibration.stridedRate;
}

double graphopt::predictKernel(const KernelWork &work,
                               const Calibration &calibration) {
  double transfer = predictTransfer(work, calibration);
  double compute = work.operations / calibration.operationRate;
  double steps = work.threadSteps * calibration.threadStep;
  double time = calibration.kernelRamp + std::max({transfer, compute, steps});
  // Few blocks do not use all of the memory; the ramp is part of what they
  // take.
  double bytes = work.memoryBytes + work.cacheBytes + work.stridedBytes;
  if (work.blocks)
    time = std::max(
        time, bytes / (std::max(*work.blocks, 1.0) * calibration.blockRate));
  return time + work.scalarSteps * calibration.scalarStep +
         (work.hasTail ? calibration.reductionTail : 0.0);
}

BranchCosts graphopt::predictBranch(int64_t numKernels, double bytes,
                                    double probability,
                                    const Calibration &calibration) {
  // A kernel whose predicate is false is launched, reads it and ends.
  double launches =
      numKernels * (calibration.graphNode + calibration.kernelRamp);
  double transfer = bytes / calibration.memoryRate;
  return {launches + probability * transfer,
          calibration.conditional + probability * (launches + transfer)};
}

ChoiceCosts graphopt::predictChoice(const BranchSide &thenSide,
                                    const BranchSide &elseSide,
                                    double probability,
                                    const Calibration &calibration) {
  auto predict = [&](const BranchSide &side) {
    return side.numKernels * (calibration.graphNode + calibration.kernelRamp) +
           side.bytes / calibration.memoryRate;
  };
  double first = predict(thenSide), second = predict(elseSide);
  return {first + second, calibration.conditional + probability * first +
                              (1 - probability) * second};
}

LoopCosts graphopt::predictLoop(double turns, const Calibration &calibration) {
  return {turns * calibration.loopTurn,
          turns * calibration.graphLaunch + (turns + 1) * calibration.readback};
}

UpdateCosts graphopt::predictUpdate(int64_t numNodes, int64_t numChanged,
                                    const Calibration &calibration) {
  return {numChanged * calibration.nodeUpdate,
          numNodes * calibration.nodeBuild};
}

double graphopt::getBytes(tseq::MapOp map) {
  double bytes = 0;
  auto add = [&](TypeRange types) {
    for (Type type : types)
      if (auto list = dyn_cast<tseq::SeqType>(type))
        for (size_t i = 0; i < list.size(); ++i) {
          ShapedType tensor = list.getElement(i);
          std::optional<int64_t> element =
              cudagraph::getElementBytes(tensor.getElementType());
          bytes += double(tensor.getNumElements()) * element.value_or(0);
        }
  };
  add(map.getInputs().getTypes());
  add(map.getResultTypes());
  add(map.getOuts().getTypes());
  return bytes;
}

double graphopt::getProbability(Operation *branch) {
  auto given = branch->getAttrOfType<FloatAttr>(kProbabilityAttribute);
  double probability = given ? given.getValueAsDouble() : 0.5;
  return probability >= 0 && probability <= 1 ? probability : 0.5;
}

double graphopt::getTurns(Operation *loop, const Calibration &calibration) {
  auto given = loop->getAttrOfType<IntegerAttr>(kTurnsAttribute);
  return given && given.getValue().isNonNegative()
             ? given.getValue().roundToDouble()
             : calibration.loopTurns;
}
