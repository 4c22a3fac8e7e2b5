//===- RecordReadbacks.cpp - What became of readbacks ---------------------===//
//
// Records the states before there are regions, and what the blockers of
// regions are.
//
//===----------------------------------------------------------------------===//

#include "Blockers.h"
#include "Records.h"
#include "Work.h"

#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

static DictionaryAttr describeReadback(Operation *op, StringRef outcome,
                                       const HostUses &uses) {
  Facts facts(op->getContext());
  std::optional<HostUse> use = uses.find(op->getResult(0));
  HostUseReason reason = use ? use->reason : HostUseReason::Stored;
  if (outcome.empty())
    outcome = isDecisive(reason) ? "kept" : "observed";
  facts.setText("outcome", outcome);
  facts.setText("op", op->getName().getStringRef());
  facts.setLocation(op->getLoc());
  facts.setText("reason", describe(reason));
  if (auto region = op->getOperand(0).getDefiningOp<GraphOp>())
    facts.set("region", region.getSymAttr());
  if (use) {
    facts.setText("used_by", use->user->getName().getStringRef());
    facts.setText("used_at", formatLocation(use->user->getLoc()));
  }
  return facts.build();
}

/// Notes `list`, all readbacks, and how many of them there are of each outcome.
static void setReadbackList(ArrayRef<Attribute> list, Facts &facts) {
  llvm::StringMap<int64_t> outcomes;
  for (Attribute readback : list)
    ++outcomes[getText(cast<DictionaryAttr>(readback), "outcome")];
  facts.setList("readbacks", list);
  Facts after(facts.getContext(), getFacts(facts.build(), "after"));
  for (StringRef outcome : {"removed", "observed", "deferred", "kept"})
    after.setInt(("readbacks_" + outcome).str(), outcomes.lookup(outcome));
  facts.set("after", after.build());
}

/// Notes the readbacks that are gone, then those that are `left`. A readback is
/// known by its place, which it keeps as long as it stays.
static void setReadbacks(ArrayRef<Attribute> left, Facts &facts) {
  llvm::StringMap<int64_t> places;
  for (Attribute readback : left)
    ++places[getText(cast<DictionaryAttr>(readback), "location")];
  SmallVector<Attribute> list;
  for (DictionaryAttr readback : getList(facts.build(), "readbacks")) {
    StringRef outcome = getText(readback, "outcome");
    bool isGone =
        outcome == "removed" ||
        (outcome == "given" && places[getText(readback, "location")]-- <= 0);
    if (!isGone)
      continue;
    Facts removed(facts.getContext(), readback);
    removed.setText("outcome", "removed");
    list.push_back(removed.build());
  }
  llvm::append_range(list, left);
  setReadbackList(list, facts);
}

void graphopt::recordSequences(func::FuncOp function, Facts &facts,
                               const Calibration &calibration) {
  SmallVector<Operation *> work = collectDeviceWork(function);
  SmallVector<Operation *> readbacks = collectReadbacks(function);
  Facts before(function.getContext());
  before.setInt("kernels", countKernels(work));
  before.set("op_locations", getPlaces(work, function.getContext()));
  before.setInt("launches", countKernels(work));
  before.setInt("readbacks", readbacks.size());
  before.setInt("uploads", countUploads(function));
  before.setInt("bytes", countBytes(work));
  before.setMicroseconds("microseconds",
                         predictOpByOp(work, calibration) +
                             readbacks.size() * calibration.readback +
                             (work.empty() ? 0 : calibration.streamLaunch));
  facts.set("before", before.build());

  HostUses uses(function);
  SmallVector<Attribute> given;
  for (Operation *op : readbacks)
    given.push_back(describeReadback(op, "given", uses));
  facts.setList("readbacks", given);
}

void graphopt::recordHoisted(func::FuncOp function, Facts &facts) {
  HostUses uses(function);
  SmallVector<Attribute> left;
  for (Operation *op : collectReadbacks(function))
    left.push_back(describeReadback(op, "", uses));
  setReadbacks(left, facts);
}

static DictionaryAttr describeWhatIf(const Blocker &blocker) {
  const WhatIf &whatIf = blocker.whatIf;
  MLIRContext *context = blocker.op->getContext();
  Facts facts(context);
  facts.setText("text", blocker.formatWhatIf());
  SmallVector<Attribute> regions, others;
  for (GraphOp region : whatIf.regions)
    regions.push_back(region.getSymAttr());
  for (Operation *op : whatIf.others)
    others.push_back(StringAttr::get(context, formatLocation(op->getLoc())));
  facts.setList("merges", regions);
  facts.setList("also_blocked_by", others);
  facts.setInt("also_blocked_by_count", whatIf.numOthers);
  facts.setInt("readbacks", whatIf.readbacks);
  facts.setInt("wait_shared_with", whatIf.sharers);
  if (whatIf.isKnown())
    facts.setMicroseconds(whatIf.perTurn ? "microseconds_per_turn"
                                         : "microseconds",
                          whatIf.microseconds);
  return facts.build();
}

void graphopt::recordBlockers(func::FuncOp function, Facts &facts,
                              const Calibration &calibration) {
  HostUses uses(function);
  SmallVector<Attribute> left, blockers;
  for (const Blocker &blocker : findBlockers(function, calibration)) {
    bool isReadback = blocker.kind == Blocker::Kind::Readback;
    Facts entry(function.getContext());
    if (isReadback)
      entry =
          Facts(function.getContext(), describeReadback(blocker.op, "", uses));
    entry.setText("code", blocker.code);
    if (!isReadback) {
      entry.setText("op", blocker.op->getName().getStringRef());
      entry.setLocation(blocker.op->getLoc());
      entry.setText("reason", blocker.note);
    }
    entry.set("what_if", describeWhatIf(blocker));
    (isReadback ? left : blockers).push_back(entry.build());
  }
  setReadbacks(left, facts);
  facts.setList("blockers", blockers);
}

void graphopt::settleReadbacks(func::FuncOp function, Facts &facts) {
  // One op may copy what several read.
  llvm::StringSet<> waits, fetches;
  auto addPlaces = [](Operation *op, llvm::StringSet<> &places) {
    op->getLoc()->walk([&](Location location) {
      if (isa<FileLineColLoc>(location))
        places.insert(formatLocation(location));
      return WalkResult::advance();
    });
  };
  function.walk([&](Operation *op) {
    if (isa<cudagraph::ReadbackOp>(op))
      addPlaces(op, waits);
    else if (isa<cudagraph::FetchOp>(op))
      addPlaces(op, fetches);
  });
  SmallVector<Attribute> list;
  for (DictionaryAttr readback : getList(facts.build(), "readbacks")) {
    Facts settled(facts.getContext(), readback);
    StringRef place = getText(readback, "location");
    bool isWait = waits.contains(place) || fetches.empty();
    if (getText(readback, "outcome") == "observed")
      settled.setText("outcome",
                      isWait && !fetches.contains(place) ? "kept" : "deferred");
    list.push_back(settled.build());
  }
  setReadbackList(list, facts);
}
