//===- ChooseAddresses.cpp - How graphs find buffers that move ------------===//
//
// Chooses an address policy for each buffer of a graph by predicted time.
//
//===----------------------------------------------------------------------===//

#include "Addresses/UseSlots.h"

#include "GraphOpt/Analysis/AddressCosts.h"
#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace graphopt {
#define GEN_PASS_DEF_CHOOSEADDRESSES
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::cudagraph;
using namespace graphopt;

/// Attribute of an argument of a function that decides its policy.
static constexpr llvm::StringLiteral kPolicyAttribute = "graphopt.addresses";
/// Attribute of an argument: the calls that find it moved, of all calls.
static constexpr llvm::StringLiteral kMovesAttribute = "graphopt.moves";
/// The same where nobody says: frameworks allocate anew, or do not.
static constexpr double kDefaultMoves = 0.5;

namespace {

/// What is known of a buffer before anything is predicted.
struct Buffer {
  double moves = 0;
  AddressPolicy request = AddressPolicy::Auto;
  AddressUse use;
  AddressCosts costs;
  AddressPolicy policy = AddressPolicy::Parameters;
};

struct ChooseAddresses
    : public graphopt::impl::ChooseAddressesBase<ChooseAddresses> {
  using ChooseAddressesBase::ChooseAddressesBase;

  void runOnOperation() override;

private:
  void collectLaunches();
  void process(GraphOp graph);

  /// By graph, what its buffers are at each launch.
  DenseMap<Operation *, SmallVector<LaunchOp, 1>> launches;
  DenseSet<Operation *> children;
};

} // namespace

//===----------------------------------------------------------------------===//
// What the program says
//===----------------------------------------------------------------------===//

/// Checks the attributes of the arguments of `function`.
static LogicalResult verifyRequests(FunctionOpInterface function) {
  for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i) {
    if (Attribute policy = function.getArgAttr(i, kPolicyAttribute)) {
      auto name = dyn_cast<StringAttr>(policy);
      if (!name || !parseAddressPolicy(name))
        return function.emitError("attribute '")
               << kPolicyAttribute << "' of argument #" << i
               << " must be \"auto\", \"baked\", \"parameters\", \"table\" or "
                  "\"slot\"";
    }
    if (Attribute moves = function.getArgAttr(i, kMovesAttribute)) {
      auto rate = dyn_cast<FloatAttr>(moves);
      if (!rate || !(rate.getValueAsDouble() >= 0) ||
          !(rate.getValueAsDouble() <= 1))
        return function.emitError("attribute '")
               << kMovesAttribute << "' of argument #" << i
               << " must be a float from 0 to 1";
    }
  }
  return success();
}

/// Takes over what is known of `operand`, which a launch passes.
static void addOperand(Value operand, Buffer &buffer) {
  Value root = getBufferRange(operand).root;
  if (root.getDefiningOp<memref::GetGlobalOp>())
    return; // The runtime keeps one copy on the device.
  double moves = kDefaultMoves;
  auto argument = dyn_cast<BlockArgument>(root);
  auto function =
      argument
          ? dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp())
          : FunctionOpInterface();
  if (function) {
    unsigned number = argument.getArgNumber();
    if (auto given =
            function.getArgAttrOfType<FloatAttr>(number, kMovesAttribute))
      moves = given.getValueAsDouble();
    auto name = function.getArgAttrOfType<StringAttr>(number, kPolicyAttribute);
    if (name && buffer.request == AddressPolicy::Auto)
      buffer.request = *parseAddressPolicy(name);
  }
  buffer.moves = std::max(buffer.moves, moves);
}

void ChooseAddresses::collectLaunches() {
  SymbolTable symbols(getOperation());
  getOperation()->walk([&](Operation *op) {
    if (auto launch = dyn_cast<LaunchOp>(op)) {
      if (auto exec = launch.getExec().getDefiningOp<InstantiateOp>())
        launches[symbols.lookup(exec.getGraph())].push_back(launch);
    } else if (auto child = dyn_cast<ChildOp>(op)) {
      children.insert(symbols.lookup(child.getGraph()));
    }
  });
}

//===----------------------------------------------------------------------===//
// The choice
//===----------------------------------------------------------------------===//

/// Whether the kernels of `graph` run on the GPU: elsewhere nothing is
/// predicted.
static bool isOnGPU(GraphOp graph) {
  return !graph
              .walk([](KernelOp kernel) {
                return kernel.getGrid() ? WalkResult::advance()
                                        : WalkResult::interrupt();
              })
              .wasInterrupted();
}

/// The cheapest policy of `buffer` that takes no table.
static AddressPolicy chooseAlone(const Buffer &buffer, bool maySlot) {
  const AddressCosts &costs = buffer.costs;
  if (buffer.use.numNodes == 0)
    return AddressPolicy::Parameters;
  AddressPolicy best = AddressPolicy::Parameters;
  if (buffer.moves == 0 || costs.baked < costs.parameters)
    best = AddressPolicy::Baked;
  if (maySlot && costs.slot < costs.of(best))
    best = AddressPolicy::Slot;
  return best;
}

/// Lets buffers that are cheaper in a table be there, if all of them together
/// save more than the upload of the table costs.
static void chooseTable(MutableArrayRef<Buffer> buffers, bool requested,
                        const Calibration &calibration) {
  double saved = 0, moves = 0;
  SmallVector<Buffer *> cheaper;
  for (Buffer &buffer : buffers) {
    if (buffer.request != AddressPolicy::Auto || buffer.use.kernels == 0)
      continue;
    double less = buffer.costs.of(buffer.policy) - buffer.costs.table;
    if (less <= 0)
      continue;
    saved += less;
    moves = std::max(moves, buffer.moves);
    cheaper.push_back(&buffer);
  }
  double upload = requested ? 0 : moves * predictTableUpload(calibration);
  if (saved <= upload)
    return;
  for (Buffer *buffer : cheaper)
    buffer->policy = AddressPolicy::Table;
}

/// Runs of neighbours with one policy and one rate of moves.
static void
forEachRun(ArrayRef<Buffer> buffers,
           function_ref<void(size_t first, ArrayRef<Buffer> run)> visit) {
  for (size_t first = 0, end = 0; first < buffers.size(); first = end) {
    const Buffer &head = buffers[first];
    while (end < buffers.size() && buffers[end].policy == head.policy &&
           buffers[end].moves == head.moves &&
           buffers[end].request == head.request)
      ++end;
    visit(first, buffers.slice(first, end - first));
  }
}

/// What a policy costs all buffers of `run`.
static double sumCosts(ArrayRef<Buffer> run, AddressPolicy policy) {
  double sum = 0;
  for (const Buffer &buffer : run)
    sum += buffer.costs.of(policy);
  return sum;
}

static StringRef getRemarkCode(AddressPolicy policy) {
  switch (policy) {
  case AddressPolicy::Baked:
    return "addresses-baked";
  case AddressPolicy::Table:
    return "addresses-table";
  case AddressPolicy::Slot:
    return "addresses-slot";
  case AddressPolicy::Parameters:
  case AddressPolicy::Auto:
    break;
  }
  return "addresses-parameters";
}

/// Records the choice on `graph`, and the figures if there are any.
static void record(GraphOp graph, ArrayRef<Buffer> buffers, bool isPredicted) {
  Builder builder(graph.getContext());
  SmallVector<Attribute> runs;
  forEachRun(buffers, [&](size_t first, ArrayRef<Buffer> run) {
    StringRef policy = stringify(run.front().policy);
    NamedAttrList fields;
    fields.set("count", builder.getI64IntegerAttr(run.size()));
    fields.set("policy", builder.getStringAttr(policy));
    double costs[4] = {};
    if (isPredicted) {
      NamedAttrList figures;
      constexpr AddressPolicy kAll[] = {
          AddressPolicy::Baked, AddressPolicy::Parameters, AddressPolicy::Table,
          AddressPolicy::Slot};
      for (auto [cost, each] : llvm::zip_equal(costs, kAll)) {
        cost = sumCosts(run, each);
        figures.set(stringify(each), builder.getF64FloatAttr(cost));
      }
      fields.set("moves", builder.getF64FloatAttr(run.front().moves));
      fields.set("predicted_us", figures.getDictionary(graph.getContext()));
    }
    runs.push_back(fields.getDictionary(graph.getContext()));
    bool requested = run.front().request != AddressPolicy::Auto;
    auto remark = remarkDone(graph, getRemarkCode(run.front().policy));
    remark << mlir::remark::reason("{0}",
                                   requested ? "requested" : "costs-less")
           << mlir::remark::metric("first-buffer", first)
           << mlir::remark::metric("buffers", run.size());
    if (isPredicted)
      remark << mlir::remark::metric("baked-microseconds", costs[0])
             << mlir::remark::metric("parameters-microseconds", costs[1])
             << mlir::remark::metric("table-microseconds", costs[2])
             << mlir::remark::metric("slot-microseconds", costs[3]);
  });
  graph->setAttr(GraphOp::kAddressesAttribute, builder.getArrayAttr(runs));
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Marks the kernels that use a buffer in the table.
static void useTable(GraphOp graph, ArrayRef<Buffer> buffers) {
  RangeResolver ranges;
  graph->walk([&](KernelOp kernel) {
    for (Value operand : kernel.getArgs()) {
      FailureOr<ByteRange> range = ranges.resolve(operand);
      if (failed(range) || range->root.getArgNumber() >= buffers.size() ||
          buffers[range->root.getArgNumber()].policy != AddressPolicy::Table)
        continue;
      kernel->setAttr(KernelOp::kOperandsAttribute,
                      StringAttr::get(kernel.getContext(), "table"));
      return;
    }
  });
}

void ChooseAddresses::process(GraphOp graph) {
  bool onGPU = isOnGPU(graph);
  SmallVector<Buffer> buffers(graph.getNumBuffers());
  bool isRequested = false;
  for (LaunchOp launch : launches.lookup(graph))
    for (auto [operand, buffer] : llvm::zip_equal(launch.getBuffers(), buffers))
      addOperand(operand, buffer);
  for (Buffer &buffer : buffers) {
    if (buffer.request == AddressPolicy::Auto)
      buffer.request = policy;
    isRequested |= buffer.request != AddressPolicy::Auto;
  }
  if (!onGPU && !isRequested)
    return; // The host reads addresses from a table of its own.

  int64_t numNodes = 0;
  graph->walk([&](NodeOpInterface) { ++numNodes; });
  Calibration calibration = Calibration::getFor(getOperation());
  SmallVector<double> moves =
      llvm::map_to_vector(buffers, [](const Buffer &b) { return b.moves; });
  bool hasTable = false;
  for (auto [number, use] : llvm::enumerate(findAddressUses(graph, moves))) {
    Buffer &buffer = buffers[number];
    buffer.use = use;
    buffer.costs = predictAddress(use, numNodes, calibration);
    StringRef refused = refuseSlot(graph, number);
    if (buffer.request == AddressPolicy::Slot && !refused.empty()) {
      remarkRefused(graph, "no-slot")
          << mlir::remark::reason("buffer #{0}: {1}", number, refused);
      buffer.request = AddressPolicy::Auto;
    }
    bool maySlot = onGPU && refused.empty() && use.bytes > 0;
    buffer.policy = buffer.request != AddressPolicy::Auto
                        ? buffer.request
                        : chooseAlone(buffer, maySlot);
    hasTable |= buffer.policy == AddressPolicy::Table;
  }
  if (onGPU)
    chooseTable(buffers, hasTable, calibration);
  record(graph, buffers, onGPU);
  if (onGPU)
    useTable(graph, buffers);
  SmallVector<int64_t> slots;
  for (auto [number, buffer] : llvm::enumerate(buffers))
    if (buffer.policy == AddressPolicy::Slot && buffer.use.bytes > 0 &&
        buffer.use.numNodes > 0)
      slots.push_back(number);
  if (!slots.empty())
    useSlots(graph, slots);
}

void ChooseAddresses::runOnOperation() {
  launches.clear();
  children.clear();
  WalkResult result = getOperation()->walk([](FunctionOpInterface function) {
    return failed(verifyRequests(function)) ? WalkResult::interrupt()
                                            : WalkResult::advance();
  });
  if (result.wasInterrupted())
    return signalPassFailure();
  collectLaunches();
  for (auto graph : getOperation().getOps<GraphOp>())
    // A child has the addresses of the graph around it, and no arena.
    if (!children.contains(graph) && graph.getNumBuffers() > 0 &&
        !graph->hasAttr(GraphOp::kAddressesAttribute))
      process(graph);
}
