//===- Differential.cpp - Graphs against their nodes, one by one ----------===//

#include "Differential.h"

#include "RegionRun.h"

#include "llvm/Support/raw_ostream.h"

using namespace graphrun;
using llvm::Error;
using llvm::Expected;

static Differential *active;

Differential::Differential(std::unique_ptr<NodeReference> reference,
                           const DifferentialRules &rules)
    : reference(std::move(reference)), rules(rules) {
  active = this;
}

Differential::~Differential() {
  release();
  active = nullptr;
}

Expected<std::unique_ptr<Differential>>
Differential::create(mlir::ModuleOp program, const Target &target,
                     const DifferentialRules &rules) {
  auto reference = NodeReference::create(program, target);
  if (!reference)
    return reference.takeError();
  return std::unique_ptr<Differential>(
      new Differential(std::move(*reference), rules));
}

void Differential::release() {
  for (auto &[exec, region] : regions)
    goFree(context, /*stream=*/nullptr, region->arena);
  regions.clear();
}

std::vector<RuntimeSymbol> Differential::symbols() const {
  std::vector<RuntimeSymbol> symbols = recordingSymbols();
  symbols.push_back(runtimeSymbol("goGraphInstantiate", &instantiate));
  symbols.push_back(runtimeSymbol("goExecLaunch", &launch));
  return symbols;
}

GoStatus Differential::instantiate(GoContext *context, const GoGraphInfo *info,
                                   GoExec **exec) {
  if (GoStatus status = goGraphInstantiate(context, info, exec))
    return status;
  active->context = context;
  std::unique_ptr<Region> &region = active->regions[*exec];
  if (region)
    return GO_OK;
  region = std::make_unique<Region>();
  region->info = info;
  if (GoStatus status = recordGraph(*info, region->graph))
    return status;
  region->isKnown = active->reference->knows(info->name);
  if (region->isKnown)
    numberOps(*region);
  return GO_OK;
}

GoStatus Differential::launch(GoExec *exec, void *stream, void *const *buffers,
                              const void *parameters, int64_t numUploads) {
  auto launchGraph = [&] {
    return goExecLaunch(exec, stream, buffers, parameters, numUploads);
  };
  // After a difference there is nothing more to find.
  if (!active->problem.empty())
    return launchGraph();
  RegionRun run(*active, *active->regions[exec], stream, parameters);
  Error error = run.copyIn(buffers);
  if (!error)
    if (GoStatus status = launchGraph())
      return status;
  if (!error)
    error = run.runNodes();
  if (!error)
    error = run.compareWithRegion();
  if (!error)
    error = run.compareWithGraph(buffers);
  ++active->numLaunches;
  active->numKnown += active->regions[exec]->isKnown;
  if (error)
    active->problem =
        ("'" + llvm::StringRef(active->regions[exec]->info->name) +
         "': " + llvm::toString(std::move(error)))
            .str();
  return GO_OK;
}

std::string Differential::findProblem() const {
  if (problem.empty() && rules.isOtherProgram && numLaunches && !numKnown)
    return "the program of --reference has none of the regions that were "
           "launched";
  return problem;
}

std::string Differential::summary() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "differential: ";
  if (!succeeded()) {
    os << "FAILED, " << findProblem();
    return text;
  }
  os << "ok, " << numNodes << " runs of nodes in " << numLaunches
     << " launches agree with their ops and with the graphs";
  if (numUnknown)
    os << "; " << numUnknown
       << " runs of kernels that came with the program were compared with "
          "their graphs only";
  return text;
}
