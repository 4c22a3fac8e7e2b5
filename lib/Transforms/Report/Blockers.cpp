//===- Blockers.cpp - What keeps work out of one graph --------------------===//

#include "Blockers.h"
#include "../Hoisting/HostWork.h"
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

/// Other blockers that are named; of more, the number is given.
static constexpr size_t kMaxNamed = 3;

void WhatIf::addOther(Operation *op) {
  ++numOthers;
  if (others.size() < kMaxNamed)
    others.push_back(op);
}

static std::string formatTime(double microseconds) {
  return llvm::formatv("about {0:f1} microseconds", microseconds);
}

/// What else has to go for the wait to go, and what that saves.
static std::string formatSharers(const WhatIf &whatIf) {
  bool isOne = whatIf.sharers == 1;
  return llvm::formatv("; {0} other readback{1} the wait: without {2} as well, "
                       "{3}",
                       whatIf.sharers, isOne ? " shares" : "s share",
                       isOne ? "it" : "them",
                       formatTime(whatIf.microsecondsTogether));
}

std::string Blocker::formatWhatIf() const {
  SmallVector<std::string> others, names;
  for (Operation *other : whatIf.others)
    others.push_back("'" + other->getName().getStringRef().str() + "' at " +
                     formatLocation(other->getLoc()));
  if (int64_t more = whatIf.numOthers - int64_t(others.size()))
    others.push_back(std::to_string(more) + (more == 1 ? " other" : " others"));
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
  std::string unit = whatIf.perTurn ? "turn" : "call";
  std::string saved = formatTime(whatIf.microseconds);
  if (!names.empty())
    text += ", " + saved + " a " + unit;
  else
    text += " a " + unit + " would save " +
            (whatIf.microseconds == 0 ? "nothing" : saved);
  return whatIf.sharers ? text + formatSharers(whatIf) : text;
}

namespace {
class Finder {
public:
  Finder(func::FuncOp function, const Calibration &calibration);

  SmallVector<Blocker> find();

private:
  void addReadback(Operation *op);
  void addUncaptured(Operation *op);
  void addSplit(Operation *op);
  WhatIf judge(Operation *op);
  SmallVector<const Gap *> findGaps(Operation *op);
  bool joinTurns(Operation *op, WhatIf &whatIf);
  int64_t countWaits(Operation *op, WhatIf &whatIf);

  Gaps gaps;
  HostUses uses;
  const Calibration &calibration;
  SmallVector<Operation *> readbacks;
  /// The gaps that an op is a cause of.
  DenseMap<Operation *, SmallVector<const Gap *, 1>> gapsOf;
  /// Readbacks that are there for one op alone.
  DenseMap<Operation *, SmallVector<Operation *, 1>> readFor;
  /// How many readbacks share the wait of a place: what made the value.
  DenseMap<Operation *, int64_t> readers;
  SmallVector<Blocker> blockers;
};
} // namespace

/// Where `readback` is read: readbacks of one place share a wait.
static Operation *getPlace(Operation *readback) {
  return readback->getOperand(0).getDefiningOp();
}

Finder::Finder(func::FuncOp function, const Calibration &calibration)
    : gaps(function), uses(function), calibration(calibration),
      readbacks(collectReadbacks(function)) {
  for (const Gap &gap : gaps.get())
    for (Operation *cause : gap.causes)
      gapsOf[cause].push_back(&gap);
  for (Operation *readback : readbacks) {
    ++readers[getPlace(readback)];
    const Gaps::Slice &slice = gaps.getSlice(readback);
    if (slice.regions.empty() && slice.ends.size() == 1)
      readFor[slice.ends.front()].push_back(readback);
  }
}

/// Where `op`, a readback, decides whether a loop goes on whose regions it
/// reads: all turns would be one graph.
bool Finder::joinTurns(Operation *op, WhatIf &whatIf) {
  for (Operation *control : gaps.getSlice(op).controlled) {
    if (!isa<LoopLikeOpInterface>(control) || !control->isAncestor(op))
      continue;
    control->walk([&](GraphOp region) { whatIf.regions.push_back(region); });
    for (Operation *barrier : gaps.getBarriersIn(control))
      whatIf.addOther(barrier);
    return whatIf.isKnown();
  }
  return false;
}

/// The gaps that `op` alone keeps open; if there are none, the one with the
/// fewest other causes.
SmallVector<const Gap *> Finder::findGaps(Operation *op) {
  SmallVector<const Gap *> found;
  const Gap *best = nullptr;
  for (const Gap *gap : gapsOf.lookup(op)) {
    if (gap->causes.size() == 1)
      found.push_back(gap);
    else if (!best || gap->causes.size() < best->causes.size())
      best = gap;
  }
  if (found.empty() && best)
    found.push_back(best);
  return found;
}

/// What a call would be without `op`, as far as regions and waits go.
WhatIf Finder::judge(Operation *op) {
  WhatIf whatIf;
  whatIf.perTurn = op->getParentOfType<LoopLikeOpInterface>() != nullptr;
  llvm::SmallSetVector<Operation *, 4> regions;
  SmallVector<const Gap *> found = findGaps(op);
  for (const Gap *gap : found) {
    regions.insert(gap->before);
    regions.insert(gap->after);
    for (Operation *cause : gap->causes)
      if (cause != op)
        whatIf.addOther(cause);
  }
  for (Operation *region : regions)
    whatIf.regions.push_back(cast<GraphOp>(region));
  llvm::stable_sort(whatIf.regions, [&](GraphOp a, GraphOp b) {
    return gaps.getPosition(a) < gaps.getPosition(b);
  });
  int64_t merged = found.size();
  if (found.empty() && joinTurns(op, whatIf))
    merged = 1;
  int64_t waits = countWaits(op, whatIf);
  if (whatIf.isKnown())
    whatIf.microseconds = merged * calibration.graphLaunch;
  whatIf.microseconds += waits * calibration.readback;
  whatIf.microsecondsTogether += whatIf.microseconds;
  return whatIf;
}

/// Counts the readbacks that go with `op`, and those that share their waits.
/// Returns the number of places at which all readbacks go.
int64_t Finder::countWaits(Operation *op, WhatIf &whatIf) {
  SmallVector<Operation *> gone(readFor.lookup(op));
  if (isReadback(op))
    gone.push_back(op);
  whatIf.readbacks = gone.size();
  llvm::SmallMapVector<Operation *, int64_t, 4> places;
  for (Operation *readback : gone)
    ++places[getPlace(readback)];
  int64_t numWaits = 0;
  for (auto [place, number] : places) {
    int64_t others = readers.lookup(place) - number;
    whatIf.sharers += others;
    numWaits += others == 0;
  }
  whatIf.microsecondsTogether =
      (places.size() - numWaits) * calibration.readback;
  return numWaits;
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
  double gain = calibration.streamNode - calibration.graphNode;
  whatIf.microseconds += gain;
  whatIf.microsecondsTogether += gain;
  blockers.push_back({Blocker::Kind::Uncaptured, op, refusal.code,
                      std::move(refusal.note), std::nullopt,
                      std::move(whatIf)});
}

void Finder::addSplit(Operation *op) {
  bool isControl = gaps.holdsRegions(op);
  WhatIf whatIf = judge(op);
  if (isControl) {
    SmallVector<const Gap *> found = findGaps(op);
    for (Operation *inner : gaps.getBarriersIn(op))
      if (found.empty() || !found.front()->causes.contains(inner))
        whatIf.addOther(inner);
  }
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
