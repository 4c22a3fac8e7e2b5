//===- Blockers.cpp - What keeps work out of one graph --------------------===//

#include "Blockers.h"
#include "Facts.h"
#include "Gaps.h"
#include "Work.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// What the blocker is called.
static StringRef getNoun(const Blocker &blocker) {
  if (blocker.kind == Blocker::Kind::Readback)
    return "readback";
  if (isa<CallOpInterface>(blocker.op))
    return "call";
  if (isa<LoopLikeOpInterface>(blocker.op))
    return "loop";
  if (isa<scf::IfOp, scf::IndexSwitchOp>(blocker.op))
    return "branch";
  return "op";
}

/// `a`, `a and b`, `a, b and c`.
static std::string join(ArrayRef<std::string> parts) {
  std::string text;
  for (auto [i, part] : llvm::enumerate(parts)) {
    if (i > 0)
      text += i + 1 == parts.size() ? " and " : ", ";
    text += part;
  }
  return text;
}

std::string Blocker::formatWhatIf() const {
  SmallVector<std::string> others, names;
  for (Operation *other : whatIf.others)
    others.push_back("'" + other->getName().getStringRef().str() + "' at " +
                     formatLocation(other->getLoc()));
  for (GraphOp region : whatIf.regions)
    names.push_back(region.getSym().str());
  std::string text = kind == Kind::Uncaptured
                         ? "with this op captured"
                         : ("without this " + getNoun(*this)).str();
  if (!others.empty())
    text += " and without " + join(others);
  if (names.size() == 1)
    text += " the turns of region " + names[0] + " would be one graph";
  else if (!names.empty())
    text += " regions " + join(names) + " would merge";
  if (!whatIf.isKnown())
    return text;
  std::string saved =
      llvm::formatv("about {0:f1} microseconds", whatIf.microseconds).str();
  std::string unit = whatIf.perTurn ? "turn" : "call";
  return names.empty() ? text + " a " + unit + " would save " + saved
                       : text + ", " + saved + " a " + unit;
}

namespace {
class Finder {
public:
  Finder(func::FuncOp function, const Calibration &calibration)
      : gaps(function), uses(function), calibration(calibration),
        readbacks(collectReadbacks(function)) {}

  SmallVector<Blocker> find();

private:
  void addReadback(Operation *op);
  void addUncaptured(Operation *op);
  void addSplit(Operation *op);
  WhatIf judge(Operation *op);
  bool joinTurns(Operation *op, WhatIf &whatIf);

  Gaps gaps;
  HostUses uses;
  const Calibration &calibration;
  SmallVector<Operation *> readbacks;
  SmallVector<Blocker> blockers;
};
} // namespace

/// Where `op`, a readback, decides whether a loop goes on whose regions it
/// reads: all turns would be one graph.
bool Finder::joinTurns(Operation *op, WhatIf &whatIf) {
  for (Operation *control : gaps.getSlice(op).controlled) {
    if (!isa<LoopLikeOpInterface>(control) || !control->isAncestor(op))
      continue;
    control->walk([&](GraphOp region) { whatIf.regions.push_back(region); });
    llvm::append_range(whatIf.others, gaps.getBarriersIn(control));
    return true;
  }
  return false;
}

/// What a call would be without `op`, as far as regions go.
WhatIf Finder::judge(Operation *op) {
  WhatIf whatIf;
  whatIf.perTurn = op->getParentOfType<LoopLikeOpInterface>() != nullptr;
  int64_t merged = 0;
  llvm::SetVector<Operation *> regions, allRegions, others;
  for (const Gap &gap : gaps.get()) {
    if (!gap.causes.contains(op))
      continue;
    bool isAlone = gap.causes.size() == 1;
    merged += isAlone;
    for (Operation *region : {gap.before, gap.after}) {
      allRegions.insert(region);
      if (isAlone)
        regions.insert(region);
    }
    for (Operation *cause : gap.causes)
      if (cause != op)
        others.insert(cause);
  }
  if (merged == 0) {
    regions = std::move(allRegions);
    whatIf.others.assign(others.begin(), others.end());
  }
  for (Operation *region : regions)
    whatIf.regions.push_back(cast<GraphOp>(region));
  llvm::stable_sort(whatIf.regions, [&](GraphOp a, GraphOp b) {
    return gaps.getPosition(a) < gaps.getPosition(b);
  });
  if (regions.empty() && joinTurns(op, whatIf) && whatIf.others.empty())
    merged = 1;
  // Readbacks that are for `op` alone go with it.
  for (Operation *readback : readbacks) {
    if (readback == op) {
      ++whatIf.readbacks;
      continue;
    }
    const Gaps::Slice &slice = gaps.getSlice(readback);
    whatIf.readbacks += slice.regions.empty() && slice.ends.size() == 1 &&
                        slice.ends.front() == op;
  }
  // Those of one place share a wait.
  whatIf.microseconds = merged * calibration.graphLaunch +
                        (whatIf.readbacks ? calibration.readback : 0);
  return whatIf;
}

void Finder::addReadback(Operation *op) {
  std::optional<HostUse> use = uses.find(op->getResult(0));
  HostUseReason reason = use ? use->reason : HostUseReason::Stored;
  blockers.push_back(
      {Blocker::Kind::Readback, op,
       isDecisive(reason) ? "readback-kept" : "readback-observed",
       describe(reason).str(), use, judge(op)});
}

void Finder::addUncaptured(Operation *op) {
  CaptureRefusal refusal = getCaptureRefusal(op);
  WhatIf whatIf = judge(op);
  whatIf.microseconds += calibration.streamNode - calibration.graphNode;
  blockers.push_back({Blocker::Kind::Uncaptured, op, refusal.code,
                      std::move(refusal.note), std::nullopt,
                      std::move(whatIf)});
}

void Finder::addSplit(Operation *op) {
  bool isControl = gaps.holdsRegions(op);
  WhatIf whatIf = judge(op);
  if (isControl)
    for (Operation *inner : gaps.getBarriersIn(op))
      if (!llvm::is_contained(whatIf.others, inner))
        whatIf.others.push_back(inner);
  blockers.push_back(
      {Blocker::Kind::Split, op, isControl ? "host-control" : "region-split",
       isControl ? "the host decides what of it runs, and how often"
                 : "its effects are not understood, so what depends on it, or "
                   "is written to a buffer behind it, does not move across it",
       std::nullopt, std::move(whatIf)});
}

SmallVector<Blocker> Finder::find() {
  llvm::SetVector<Operation *> splits;
  for (const Gap &gap : gaps.get())
    splits.insert_range(gap.causes);
  for (Operation *op : readbacks) {
    splits.remove(op);
    addReadback(op);
  }
  for (Operation *op : gaps.getUncaptured()) {
    splits.remove(op);
    addUncaptured(op);
  }
  for (Operation *op : splits)
    addSplit(op);
  llvm::stable_sort(blockers, [&](const Blocker &a, const Blocker &b) {
    return gaps.getPosition(a.op) < gaps.getPosition(b.op);
  });
  return std::move(blockers);
}

SmallVector<Blocker> graphopt::findBlockers(func::FuncOp function,
                                            const Calibration &calibration) {
  return Finder(function, calibration).find();
}
