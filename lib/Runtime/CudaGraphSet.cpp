//===- CudaGraphSet.cpp - The CUDA graphs of a program --------------------===//
//
// Part of graph-opt. This file implements the choice between writing to a CUDA
// graph, taking another one and building one.
//
//===----------------------------------------------------------------------===//

#include "CudaGraphSet.h"
#include "Log.h"
#include "Nvtx.h"

#include <algorithm>
#include <cstring>

using namespace graphopt::runtime;

/// Updates of nodes that cost as much as building a graph, for each of its
/// nodes: 3.9 microseconds against 0.2 on an H200 (calibrations/h200.json).
static constexpr int64_t updatesPerBuiltNode = 20;

/// Hash of an address at a position. The sum of those of a list is the hash of
/// the list, so that a move takes one of them in place of another. It mixes as
/// SplitMix64 does.
static uint64_t hashAt(size_t position, const void *address) {
  uint64_t hash = reinterpret_cast<uintptr_t>(address) +
                  0x9e3779b97f4a7c15 * (position + 1);
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

/// Brings `wanted` up to date, in which `moved` are old if there are graphs,
/// and all if there are none.
void CudaGraphSet::takeAddresses(const CudaBinding::Inputs &inputs,
                                 const std::vector<int64_t> &moved) {
  const std::vector<int64_t> &buffers = program.nodeBuffers;
  // A search for each costs more than a look at all, if they are many.
  if (graphs.empty() || 16 * moved.size() > buffers.size()) {
    wanted.resize(buffers.size());
    wantedHash = 0;
    for (size_t i = 0; i < buffers.size(); ++i) {
      wanted[i] = inputs.buffers[buffers[i]];
      wantedHash += hashAt(i, wanted[i]);
    }
    return;
  }
  for (int64_t buffer : moved) {
    size_t at = std::lower_bound(buffers.begin(), buffers.end(), buffer) -
                buffers.begin();
    wantedHash -= hashAt(at, wanted[at]);
    wanted[at] = inputs.buffers[buffer];
    wantedHash += hashAt(at, wanted[at]);
  }
}

/// Takes a graph that holds the addresses that are wanted, if there is one.
bool CudaGraphSet::findInstance() {
  for (size_t i = 0; i < graphs.size(); ++i)
    if (i != active && graphs[i].addresses == wanted) {
      active = i;
      graphs[i].graph->activate();
      return true;
    }
  return false;
}

/// Notes that coming to the addresses that are wanted takes `numUpdates` of
/// nodes, and says whether as many as a graph costs were spent on that before.
bool CudaGraphSet::isWorthInstance(size_t numUpdates) {
  Visit *oldest = nullptr;
  for (Visit &visit : visits) {
    if (visit.hash == wantedHash) {
      visit.lastUse = clock;
      visit.spent += numUpdates;
      int64_t price = updatesPerBuiltNode * program.steps.size();
      if (visit.spent <= price)
        return false;
      visit.spent = 0;
      return true;
    }
    if (!oldest || visit.lastUse < oldest->lastUse)
      oldest = &visit;
  }
  if (visits.size() < maxGraphs)
    oldest = &visits.emplace_back();
  *oldest = {wantedHash, 0, clock};
  return false;
}

/// The steps whose operands differ in the parameter block that the current
/// graph holds.
std::vector<size_t>
CudaGraphSet::parameterChanges(const CudaBinding::Inputs &inputs) const {
  const std::vector<uint8_t> &held = graphs[active].parameters;
  std::vector<size_t> steps;
  for (const CudaProgram::Use &use : program.parameterUses) {
    if (!use.inNode)
      continue;
    size_t bytes = std::min<size_t>(held.size() - use.offset, 8);
    bool differs = std::memcmp(&held[use.offset],
                               &inputs.parameters[use.offset], bytes) != 0;
    if (differs && (steps.empty() || steps.back() != use.step))
      steps.push_back(use.step);
  }
  return steps;
}

/// Says what differs from what the current graph holds: "launch arguments 0 and
/// 2 moved, parameters changed"; of the launch arguments those that the program
/// says do not move, with `isBakedOnly`.
std::string CudaGraphSet::changesText(const CudaBinding::Inputs &inputs,
                                      bool isBakedOnly) const {
  const Instance &instance = graphs[active];
  const std::vector<int64_t> &baked = program.root.graph->baked;
  std::vector<int64_t> moved;
  for (size_t i = 0; i < wanted.size(); ++i) {
    int64_t buffer = program.nodeBuffers[i];
    if (instance.addresses[i] != wanted[i] &&
        (!isBakedOnly ||
         std::find(baked.begin(), baked.end(), buffer) != baked.end()))
      moved.push_back(buffer);
  }
  std::string text = moved.empty() ? "" : argumentsText(moved) + " moved";
  if (instance.parameters != inputs.parameters && !isBakedOnly)
    text += text.empty() ? "parameters changed" : ", parameters changed";
  return text.empty() ? "no change" : text;
}

/// Writes what `steps` hold into the current graph, or builds it anew where the
/// driver can not do that.
Status CudaGraphSet::writeOrBuild(const CudaBinding::Inputs &inputs,
                                  const std::vector<size_t> &steps,
                                  LaunchReport &report) {
  Instance &instance = graphs[active];
  std::string changed = isLogged(GO_LOG_INFO) ? changesText(inputs) : "";
  if (!instance.graph->canUpdate(steps))
    return build(
        inputs, changed + ", which the driver can not write to nodes in bodies",
        report);
  Status status;
  {
    NvtxRange range("update", *program.root.graph);
    status = instance.graph->update(steps);
  }
  if (status.failed())
    // The driver may refuse updates that are legal as far as one can know.
    return build(inputs, changed + ", and the update failed: " + status.message,
                 report);
  instance.addresses = wanted;
  instance.parameters = inputs.parameters;
  report.nodeUpdates += steps.size();
  if (isLogged(GO_LOG_DEBUG))
    logLine(GO_LOG_DEBUG, "update", *program.root.graph,
            changed + ": " + std::to_string(steps.size()) +
                " nodes of the CUDA graph written");
  return {};
}

Status CudaGraphSet::writeImageUsers(LaunchReport &report) {
  NvtxRange range("update", *program.root.graph);
  Status status = graphs[active].graph->update(program.imageUsers);
  if (status.failed()) {
    discard("the update failed");
    return status;
  }
  report.nodeUpdates += program.imageUsers.size();
  if (isLogged(GO_LOG_DEBUG))
    logLine(GO_LOG_DEBUG, "update", *program.root.graph,
            "launches on another stream may read the tables: " +
                std::to_string(program.imageUsers.size()) +
                " nodes of the CUDA graph written");
  return {};
}

/// Builds the current graph.
Status CudaGraphSet::build(const CudaBinding::Inputs &inputs,
                           const std::string &reason, LaunchReport &report) {
  NvtxRange range("build", *program.root.graph);
  Instance &instance = graphs[active];
  bool isRebuilt = instance.graph->isBuilt();
  Status status = instance.graph->build();
  if (status.failed()) {
    // What the others hold is not known to who notes the changes.
    discard("none could be built before");
    return status;
  }
  instance.addresses = wanted;
  instance.parameters = inputs.parameters;
  instance.number = ++numBuilt;
  ++report.builds;
  if (isLogged(GO_LOG_INFO))
    logLine(GO_LOG_INFO, isRebuilt ? "rebuild" : "build", *program.root.graph,
            "CUDA graph " + std::to_string(active) + " of " +
                std::to_string(program.steps.size()) + " nodes: " + reason);
  return {};
}

Status CudaGraphSet::prepare(const CudaBinding::Inputs &inputs,
                             const Changes &changes, LaunchReport &report) {
  if (!graphs.empty() && changes.isEmpty())
    return {};
  ++clock;
  takeAddresses(inputs, changes.moved);
  bool isNew = graphs.empty();
  std::string reason = isNew ? whyNone : "";
  auto explain = [&](const char *text, bool isBakedOnly) {
    if (isLogged(GO_LOG_INFO))
      reason = changesText(inputs, isBakedOnly) + text;
    return true;
  };
  if (!isNew && !changes.moved.empty() && graphs[active].addresses != wanted) {
    if (findInstance()) {
      graphs[active].lastUse = clock;
      if (isLogged(GO_LOG_DEBUG))
        logLine(GO_LOG_DEBUG, "update", *program.root.graph,
                "CUDA graph " + std::to_string(active) +
                    " has these addresses already");
      std::vector<size_t> steps = parameterChanges(inputs);
      return steps.empty() ? Status() : writeOrBuild(inputs, steps, report);
    }
    if (changes.isRebuilt)
      isNew = explain(", which the program says do not", true);
    else if (!graphs[active].graph->canUpdate(changes.steps))
      isNew =
          explain(", which the driver can not write to nodes in bodies", false);
    else if (isWorthInstance(changes.steps.size()))
      isNew =
          explain(" again: what that took would have paid for a graph", false);
  }
  if (!isNew) {
    graphs[active].lastUse = clock;
    return writeOrBuild(inputs, changes.steps, report);
  }
  if (graphs.size() < maxGraphs) {
    active = graphs.size();
    graphs.emplace_back().graph =
        std::make_unique<CudaGraph>(device, program, binding);
  } else {
    auto oldest = std::min_element(graphs.begin(), graphs.end(),
                                   [](const Instance &a, const Instance &b) {
                                     return a.lastUse < b.lastUse;
                                   });
    active = oldest - graphs.begin();
  }
  graphs[active].lastUse = clock;
  return build(inputs, reason, report);
}
