//===- Chips.cpp - The GPUs that kernels can be compiled for --------------===//
//
// Asks LLVM's NVPTX backend what it knows of a chip.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/Chips.h"

#include "mlir/Target/LLVM/NVVM/Utils.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/TargetParser/Triple.h"

using namespace graphopt;
using llvm::createStringError;
using llvm::StringRef;

/// The number of `chip`, which is spelled sm_NN or sm_NNN with a letter behind
/// it at will; 0 if it is something else.
static unsigned getNumber(StringRef chip) {
  unsigned number = 0;
  if (!chip.consume_front("sm_") || chip.consumeInteger(10, number) ||
      !(chip.empty() || chip == "a" || chip == "f"))
    return 0;
  return number;
}

/// Whether LLVM's NVPTX backend has a processor of the name `chip`.
static bool isKnownToBackend(StringRef chip) {
  mlir::NVVM::SerializeGPUModuleBase::init();
  llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return false;
  // For no processor: the backend prints complaints about unknown ones.
  std::unique_ptr<llvm::MCSubtargetInfo> backend(
      target->createMCSubtargetInfo(triple, /*CPU=*/"", /*Features=*/""));
  return backend && backend->isCPUStringValid(chip);
}

llvm::Error graphopt::checkChip(StringRef chip) {
  constexpr unsigned kOldest = 80;
  unsigned number = getNumber(chip);
  if (number == 0 || !isKnownToBackend(chip))
    return createStringError("unknown chip '" + chip +
                             "': it must be one of LLVM's NVPTX backend, such "
                             "as sm_90 or sm_90a, and sm_80 or newer");
  if (number < kOldest)
    return createStringError("chip '" + chip +
                             "' is too old: kernels need sm_80 or newer");
  return llvm::Error::success();
}

std::string graphopt::getPTXFeature(StringRef chip) {
  unsigned number = getNumber(chip);
  // Of the chips since then the backend chooses the first PTX that knows them.
  bool isOfPTX81 = number <= 90 && number != 88;
  return isOfPTX81 ? "+ptx81" : "";
}

int64_t graphopt::getMultiprocessors(StringRef chip) {
  return llvm::StringSwitch<int64_t>(chip.rtrim("af"))
      .Case("sm_80", 108)  // A100
      .Case("sm_86", 84)   // A40
      .Case("sm_87", 16)   // Orin
      .Case("sm_89", 142)  // L40
      .Case("sm_90", 132)  // H100, H200
      .Case("sm_100", 148) // B200
      .Case("sm_103", 160) // B300
      .Case("sm_120", 188) // RTX PRO 6000
      .Default(64);
}
