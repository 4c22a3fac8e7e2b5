//===- NodeReference.cpp - What nodes should do ---------------------------===//

#include "NodeReference.h"

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
  for (auto function : result->module->getOps<func::FuncOp>())
    result
        ->regions[function->getAttrOfType<StringAttr>("graphopt.region")
                      .getValue()]
        .push_back(function);
  auto reference = Reference::create(*result->module);
  if (failed(reference))
    return createStringError("the reference can not evaluate the nodes");
  result->reference = std::move(*reference);
  return result;
}

/// The number of the launch argument that argument `index` of `function` is.
static int64_t bufferOf(func::FuncOp function, unsigned index) {
  if (function.getArgAttr(index, "graphopt.arena"))
    return GO_BUFFER_ARENA;
  int64_t buffer = 0;
  for (unsigned i = 0; i < index; ++i)
    buffer += !function.getArgAttr(i, "graphopt.arena") &&
              !function.getArgAttr(i, "graphopt.parameter");
  return buffer;
}

int64_t NodeReference::bufferBytes(llvm::StringRef region,
                                   int64_t buffer) const {
  std::vector<func::FuncOp> functions = regions.lookup(region);
  if (functions.empty())
    return 0;
  func::FuncOp function = functions.front();
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto memref = cast<MemRefType>(type);
    std::optional<ElementKind> kind = elementKindOf(memref.getElementType());
    if (kind && !function.getArgAttr(index, "graphopt.parameter") &&
        bufferOf(function, index) == buffer)
      return memref.getNumElements() * bytesOf(*kind);
  }
  return 0;
}

Expected<std::vector<NodeOut>> NodeReference::outsOf(llvm::StringRef region,
                                                     int64_t number) const {
  func::FuncOp function = regions.lookup(region)[number];
  auto places = function->getAttrOfType<DenseI64ArrayAttr>("graphopt.outs");
  auto types = function->getAttrOfType<ArrayAttr>("graphopt.out_types");
  std::vector<NodeOut> outs;
  for (auto [index, type] :
       llvm::enumerate(types.getAsValueRange<TypeAttr>())) {
    auto memref = cast<MemRefType>(type);
    std::optional<ElementKind> kind = elementKindOf(memref.getElementType());
    if (!kind)
      return createStringError("region '" + region +
                               "' has elements that can not be compared");
    outs.push_back({bufferOf(function, places[2 * index]),
                    places[2 * index + 1], *kind,
                    llvm::SmallVector<int64_t>(memref.getShape())});
  }
  return outs;
}

Error NodeReference::evaluate(llvm::StringRef region, int64_t number,
                              RegionMemory &memory) {
  func::FuncOp function = regions.lookup(region)[number];
  std::vector<HostTensor> arguments, results;
  std::vector<char *> places;
  int64_t parameter = 0;
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto memref = cast<MemRefType>(type);
    std::optional<ElementKind> kind = elementKindOf(memref.getElementType());
    if (!kind)
      return createStringError("region '" + region +
                               "' has elements that can not be evaluated");
    int64_t buffer = bufferOf(function, index);
    char *place = nullptr;
    if (function.getArgAttr(index, "graphopt.parameter"))
      place = memory.parameters.data() + 8 * parameter++;
    else
      place = buffer == GO_BUFFER_ARENA ? memory.arena : memory.buffers[buffer];
    int64_t size = memref.getNumElements() * bytesOf(*kind);
    arguments.push_back(HostTensor::view(*kind, memref.getShape(),
                                         std::make_shared<Bytes>(place, size)));
    places.push_back(place);
  }
  if (failed(reference->call(function.getName(), arguments, results)))
    return createStringError("the reference can not evaluate region '" +
                             region + "'");
  // The evaluator may have moved an array that it wrote to.
  Expected<std::vector<NodeOut>> outs = outsOf(region, number);
  if (!outs)
    return outs.takeError();
  for (auto [index, argument] : llvm::enumerate(arguments))
    for (const NodeOut &out : *outs)
      if (argument.bytes && argument.bytes->data() != places[index] &&
          out.bytes() > 0 && bufferOf(function, index) == out.buffer &&
          !function.getArgAttr(index, "graphopt.parameter"))
        std::memcpy(places[index] + out.offset,
                    argument.bytes->data() + out.offset, out.bytes());
  return Error::success();
}
