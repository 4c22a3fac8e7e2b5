//===- ExplainReadbacks.cpp - Why a readback is left ----------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "HostWork.h"
#include "ReadbackUses.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

void graphopt::explainReadbacks(func::FuncOp function) {
  HostUses uses(function);
  for (Operation *op : collectReadbacks(function)) {
    std::optional<HostUse> use = uses.find(op->getResult(0));
    HostUseReason reason = use ? use->reason : HostUseReason::Stored;
    bool decides = isDecisive(reason);
    if (auto item = dyn_cast<ItemOp>(op))
      item.setUse(decides ? ItemUse::Decisive : ItemUse::Observed);
    std::string user;
    if (use) {
      llvm::raw_string_ostream stream(user);
      stream << use->user->getName() << " at " << use->user->getLoc();
    }
    if (decides)
      remarkRefused(op, "readback-kept")
          << describe(reason) << mlir::remark::metric("UsedBy", user);
    else
      remarkDone(op, "readback-observed")
          << describe(reason) << mlir::remark::metric("UsedBy", user);
  }
}
