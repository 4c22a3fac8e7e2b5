//===- NodeReference.cpp - What nodes should do ---------------------------===//

#include "NodeReference.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/PassManager.h"

#include <cstring>

using namespace mlir;
using namespace graphrun;
using llvm::createStringError;
using llvm::Error;
using llvm::Expected;

int64_t NodeOut::bytes() const {
  int64_t count = bytesOf(kind);
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

/// The launch argument, or the arena, that each argument of `function` is; none
/// of a parameter.
static std::vector<std::optional<int64_t>> buffersOf(func::FuncOp function) {
  std::vector<std::optional<int64_t>> buffers;
  int64_t next = 0;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    if (function.getArgAttr(i, "graphopt.parameter"))
      buffers.push_back(std::nullopt);
    else
      buffers.push_back(function.getArgAttr(i, "graphopt.arena")
                            ? int64_t(GO_BUFFER_ARENA)
                            : next++);
  }
  return buffers;
}

Expected<std::unique_ptr<NodeReference>>
NodeReference::create(ModuleOp module, const Target &target) {
  auto result = std::make_unique<NodeReference>();
  result->module = module.clone();
  graphopt::PipelineOptions options;
  setPipelineOptions(target, options);
  options.stopAfter = graphopt::State::Buffers;
  PassManager pm(module->getName());
  graphopt::buildGraphOptPipeline(pm, options);
  pm.addPass(graphopt::createOutlineNodes());
  if (failed(pm.run(*result->module)))
    return createStringError("the program could not be taken apart");
  for (auto function : result->module->getOps<func::FuncOp>()) {
    Region &region =
        result->regions[function->getAttrOfType<StringAttr>("graphopt.region")
                            .getValue()];
    if (function->hasAttr("graphopt.program")) {
      region.program = function;
      region.buffers = buffersOf(function);
      continue;
    }
    // Conditions write nothing.
    if (!function->hasAttr("graphopt.outs"))
      continue;
    region.writers.push_back(function);
    if (!function->hasAttr("graphopt.copy"))
      region.ops.push_back(function);
  }
  result->symbols = std::make_unique<SymbolTable>(*result->module);
  auto reference = Reference::create(*result->module);
  if (failed(reference))
    return createStringError("the reference can not evaluate the nodes");
  result->reference = std::move(*reference);
  return result;
}

int64_t NodeReference::bufferBytes(llvm::StringRef region,
                                   int64_t buffer) const {
  auto found = regions.find(region);
  if (found == regions.end())
    return 0;
  const std::vector<std::optional<int64_t>> &buffers = found->second.buffers;
  auto place = llvm::find(buffers, std::optional<int64_t>(buffer));
  if (place == buffers.end())
    return 0;
  func::FuncOp function = found->second.program;
  auto memref = cast<MemRefType>(
      function.getArgumentTypes()[std::distance(buffers.begin(), place)]);
  std::optional<ElementKind> kind = elementKindOf(memref.getElementType());
  return kind ? memref.getNumElements() * bytesOf(*kind) : 0;
}

Expected<std::vector<NodeOut>> NodeReference::outsOf(llvm::StringRef region,
                                                     int64_t number) const {
  const Region &found = regions.find(region)->second;
  return outsOf(found, found.ops[number]);
}

Expected<std::vector<NodeOut>>
NodeReference::outsOfAll(llvm::StringRef region) const {
  const Region &found = regions.find(region)->second;
  std::vector<NodeOut> all;
  for (func::FuncOp function : found.writers) {
    Expected<std::vector<NodeOut>> outs = outsOf(found, function);
    if (!outs)
      return outs.takeError();
    llvm::append_range(all, *outs);
  }
  return all;
}

Expected<std::vector<NodeOut>>
NodeReference::outsOf(const Region &region, func::FuncOp function) const {
  std::vector<NodeOut> outs;
  // Conditions have none.
  if (!function->hasAttr("graphopt.outs"))
    return outs;
  auto places = function->getAttrOfType<DenseI64ArrayAttr>("graphopt.outs");
  auto types = function->getAttrOfType<ArrayAttr>("graphopt.out_types");
  for (auto [index, type] :
       llvm::enumerate(types.getAsValueRange<TypeAttr>())) {
    auto memref = cast<MemRefType>(type);
    std::optional<ElementKind> kind = elementKindOf(memref.getElementType());
    if (!kind)
      return createStringError("'" + function.getName() +
                               "' has elements that can not be compared");
    outs.push_back({*region.buffers[places[2 * index]], places[2 * index + 1],
                    *kind, llvm::SmallVector<int64_t>(memref.getShape())});
  }
  return outs;
}

Error NodeReference::evaluate(llvm::StringRef region, int64_t number,
                              RegionMemory &memory) {
  const Region &found = regions.find(region)->second;
  std::vector<HostTensor> results;
  return evaluate(found, found.ops[number], memory, results);
}

Error NodeReference::evaluateAll(llvm::StringRef region, RegionMemory &memory) {
  const Region &found = regions.find(region)->second;
  func::FuncOp program = found.program;
  Conditions conditions;
  return evaluateBlock(found, program.getBody().front(), memory, conditions);
}

/// Calls are evaluated one by one, as arguments may share memory.
Error NodeReference::evaluateBlock(const Region &region, Block &block,
                                   RegionMemory &memory,
                                   Conditions &conditions) {
  for (Operation &op : block.without_terminator()) {
    if (auto call = dyn_cast<func::CallOp>(op)) {
      std::vector<HostTensor> results;
      if (Error error =
              evaluate(region, symbols->lookup<func::FuncOp>(call.getCallee()),
                       memory, results))
        return error;
      if (!results.empty())
        conditions[call.getResult(0)] = results.front().readInt() != 0;
      continue;
    }
    if (auto branch = dyn_cast<scf::IfOp>(op)) {
      mlir::Region &body = conditions.lookup(branch.getCondition())
                               ? branch.getThenRegion()
                               : branch.getElseRegion();
      if (!body.empty())
        if (Error error =
                evaluateBlock(region, body.front(), memory, conditions))
          return error;
      continue;
    }
    auto loop = cast<scf::WhileOp>(op);
    while (true) {
      if (Error error =
              evaluateBlock(region, *loop.getBeforeBody(), memory, conditions))
        return error;
      if (!conditions.lookup(loop.getConditionOp().getCondition()))
        break;
      if (Error error =
              evaluateBlock(region, *loop.getAfterBody(), memory, conditions))
        return error;
    }
  }
  return Error::success();
}

Error NodeReference::evaluate(const Region &region, func::FuncOp function,
                              RegionMemory &memory,
                              std::vector<HostTensor> &results) {
  std::vector<HostTensor> arguments;
  std::vector<char *> places;
  int64_t parameter = 0;
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto memref = cast<MemRefType>(type);
    std::optional<ElementKind> kind = elementKindOf(memref.getElementType());
    if (!kind)
      return createStringError("'" + function.getName() +
                               "' has elements that can not be evaluated");
    std::optional<int64_t> buffer = region.buffers[index];
    char *place = nullptr;
    if (!buffer)
      place = memory.parameters.data() + 8 * parameter++;
    else
      place =
          *buffer == GO_BUFFER_ARENA ? memory.arena : memory.buffers[*buffer];
    int64_t size = memref.getNumElements() * bytesOf(*kind);
    arguments.push_back(HostTensor::view(*kind, memref.getShape(),
                                         std::make_shared<Bytes>(place, size)));
    places.push_back(place);
  }
  if (failed(reference->call(function.getName(), arguments, results)))
    return createStringError("the reference can not evaluate '" +
                             function.getName() + "'");
  // The evaluator may have moved an array that it wrote to.
  Expected<std::vector<NodeOut>> outs = outsOf(region, function);
  if (!outs)
    return outs.takeError();
  for (auto [index, argument] : llvm::enumerate(arguments))
    for (const NodeOut &out : *outs)
      if (argument.bytes && argument.bytes->data() != places[index] &&
          out.bytes() > 0 && region.buffers[index] == out.buffer)
        std::memcpy(places[index] + out.offset,
                    argument.bytes->data() + out.offset, out.bytes());
  return Error::success();
}
