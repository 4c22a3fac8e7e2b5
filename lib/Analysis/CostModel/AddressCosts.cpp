//===- AddressCosts.cpp - What it costs that buffers move -----------------===//
//
// Implements the prediction of address policies from the nodes of a graph.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/AddressCosts.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::cudagraph;
using namespace graphopt;

static constexpr std::pair<AddressPolicy, StringLiteral> kNames[] = {
    {AddressPolicy::Auto, "auto"},
    {AddressPolicy::Baked, "baked"},
    {AddressPolicy::Parameters, "parameters"},
    {AddressPolicy::Table, "table"},
    {AddressPolicy::Slot, "slot"}};

StringRef graphopt::stringify(AddressPolicy policy) {
  for (const auto &[value, name] : kNames)
    if (value == policy)
      return name;
  llvm_unreachable("a policy without a name");
}

std::optional<AddressPolicy> graphopt::parseAddressPolicy(StringRef text) {
  for (const auto &[value, name] : kNames)
    if (name == text)
      return value;
  return std::nullopt;
}

double AddressCosts::of(AddressPolicy policy) const {
  switch (policy) {
  case AddressPolicy::Baked:
    return baked;
  case AddressPolicy::Table:
    return table;
  case AddressPolicy::Slot:
    return slot;
  case AddressPolicy::Parameters:
  case AddressPolicy::Auto:
    break;
  }
  return parameters;
}

SmallVector<AddressUse> graphopt::findAddressUses(GraphOp graph,
                                                  ArrayRef<double> moves) {
  SmallVector<AddressUse> uses(graph.getNumBuffers());
  for (auto [use, buffer, rate] :
       llvm::zip_equal(uses, graph.getBuffers(), moves)) {
    use.moves = rate;
    use.bytes = getSpanBytes(cast<MemRefType>(buffer.getType())).value_or(0);
  }
  RangeResolver ranges;
  graph->walk([&](NodeOpInterface node) {
    if (isa<IfOp, WhileOp, SwitchOp>(node))
      return; // The nodes in it say what they use.
    SmallVector<BufferAccess> accesses;
    node.collectAccesses(accesses);
    llvm::SmallSetVector<unsigned, 8> buffers;
    double together = 0, most = 0;
    for (const BufferAccess &access : accesses) {
      FailureOr<ByteRange> range = ranges.resolve(access.memref);
      if (failed(range) || range->root.getArgNumber() >= uses.size())
        continue;
      AddressUse &use = uses[range->root.getArgNumber()];
      use.isRead |= access.reads();
      use.isWritten |= access.writes();
      if (buffers.insert(range->root.getArgNumber())) {
        together += use.moves;
        most = std::max(most, use.moves);
      }
    }
    bool isCopy = isa<MemcpyOp, MemsetOp>(node);
    for (unsigned number : buffers) {
      AddressUse &use = uses[number];
      ++use.numNodes;
      // Buffers of one node are taken to move in the same calls.
      double part = together > 0 ? most * use.moves / together : 0;
      use.nodeUpdates += part;
      if (isCopy)
        use.copyUpdates += part;
      else
        use.kernels += 1.0 / buffers.size();
    }
  });
  return uses;
}

AddressCosts graphopt::predictAddress(const AddressUse &use, int64_t numNodes,
                                      const Calibration &calibration) {
  AddressCosts costs;
  costs.baked =
      use.numNodes ? use.moves * numNodes * calibration.nodeBuild : 0.0;
  costs.parameters = use.nodeUpdates * calibration.nodeUpdate;
  // The ramp of a kernel is a chain of three loads: operands, chunks, elements.
  costs.table = use.copyUpdates * calibration.nodeUpdate +
                use.kernels * calibration.kernelRamp / 3;
  int64_t numCopies = use.isWritten ? 2 : 1;
  double rate = 2 * use.bytes <= calibration.cacheBytes
                    ? calibration.cacheRate
                    : calibration.memoryRate;
  costs.slot =
      numCopies * (calibration.graphNode + calibration.copyRamp +
                   2 * use.bytes / rate + use.moves * calibration.nodeUpdate);
  return costs;
}

double graphopt::predictTableUpload(const Calibration &calibration) {
  return calibration.streamNode + calibration.copyRamp;
}
