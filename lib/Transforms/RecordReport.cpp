//===- RecordReport.cpp - Note what a state holds, for the report ---------===//
//
// Adds what a state of the IR tells to the facts of the states before.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Transforms/Passes.h"
#include "Report/Records.h"

namespace graphopt {
#define GEN_PASS_DEF_RECORDREPORT
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

/// The word for `state` on the command line.
static StringRef getWord(IRState state) {
  switch (state) {
  case IRState::Sequences:
    return "sequences";
  case IRState::Hoisted:
    return "hoisted";
  case IRState::Regions:
    return "regions";
  case IRState::Fused:
    return "fused";
  case IRState::Buffers:
    return "buffers";
  case IRState::Graphs:
    return "graphs";
  case IRState::Runtime:
    return "runtime";
  }
  llvm_unreachable("all states are listed");
}

namespace {
struct RecordReport : public graphopt::impl::RecordReportBase<RecordReport> {
  using RecordReportBase::RecordReportBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    MLIRContext *context = &getContext();
    Facts report(context, getReport(module));
    llvm::StringMap<DictionaryAttr> known;
    for (DictionaryAttr function : getList(report.build(), "functions"))
      known[getText(function, "name")] = function;
    GraphCostModel costs(module);
    SmallVector<Attribute> functions;
    for (auto function : module.getOps<func::FuncOp>()) {
      // Later states have functions that the program has not.
      DictionaryAttr before = known.lookup(function.getSymName());
      bool isOurs = before || state < IRState::Buffers;
      if (function.isExternal() || !isOurs)
        continue;
      Facts facts(context, before ? before : DictionaryAttr::get(context));
      facts.setText("name", function.getSymName());
      facts.setLocation(function.getLoc());
      record(function, facts, costs);
      functions.push_back(facts.build());
    }
    report.setText("state", getWord(state));
    report.setList("functions", functions);
    setReport(module, report.build());
  }

private:
  void record(func::FuncOp function, Facts &facts, GraphCostModel &costs) {
    const Calibration &calibration = costs.getCalibration();
    switch (state) {
    case IRState::Sequences:
      return recordSequences(function, facts, calibration);
    case IRState::Hoisted:
      return recordHoisted(function, facts);
    case IRState::Regions:
      return recordRegions(function, facts, calibration);
    case IRState::Fused:
      return recordFused(function, facts, calibration);
    case IRState::Buffers:
      return recordBuffers(function, facts);
    case IRState::Graphs:
      return recordGraphs(function, facts, costs);
    case IRState::Runtime:
      return;
    }
  }
};
} // namespace
