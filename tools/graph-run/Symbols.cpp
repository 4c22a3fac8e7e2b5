//===- Symbols.cpp - What compiled programs may call ----------------------===//
//
// Implements the table of the runtime's functions and the conversions of small
// floats that compilers expect from their support library but not every
// support library has.
//
//===----------------------------------------------------------------------===//

#include "Symbols.h"

#include "HostTensor.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/Support/DynamicLibrary.h"

#include <cstring>

using namespace graphrun;
using namespace llvm;

//===----------------------------------------------------------------------===//
// Small floats
//===----------------------------------------------------------------------===//

// Small floats are passed and returned in the low 16 bits of the register of a
// float, so `float` stands for them in these signatures.
static float carry(uint16_t bits) {
  uint32_t wide = bits;
  float result;
  std::memcpy(&result, &wide, sizeof(float));
  return result;
}
static uint16_t carried(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(float));
  return static_cast<uint16_t>(bits);
}
static float truncateToHalf(float value) { return carry(halfBits(value)); }
static float truncateDoubleToHalf(double value) {
  return carry(halfBits(value));
}
static float truncateToBFloat(float value) { return carry(bfloatBits(value)); }
static float truncateDoubleToBFloat(double value) {
  return carry(bfloatBits(value));
}
static float extendHalf(float value) {
  return static_cast<float>(halfValue(carried(value)));
}
static double extendHalfToDouble(float value) {
  return halfValue(carried(value));
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

static std::vector<RuntimeSymbol> listSymbols() {
#define RUNTIME(name) runtimeSymbol(#name, &name)
  return {
      RUNTIME(goLastMessage),
      RUNTIME(goContextCreate),
      RUNTIME(goContextDestroy),
      RUNTIME(goContextTakeStatus),
      RUNTIME(goContextCounters),
      RUNTIME(goContextResetCounters),
      RUNTIME(goContextWriteDot),
      RUNTIME(goAllocate),
      RUNTIME(goAllocateReadable),
      RUNTIME(goExecMailbox),
      RUNTIME(goConstant),
      RUNTIME(goFree),
      RUNTIME(goUpload),
      RUNTIME(goReadback),
      RUNTIME(goWait),
      RUNTIME(goFetch),
      RUNTIME(goAwait),
      RUNTIME(goCopy),
      RUNTIME(goCopyAll),
      RUNTIME(goPlaceResults),
      RUNTIME(goLaunchKernel),
      RUNTIME(goGraphSetMode),
      RUNTIME(goGraphSetBaked),
      RUNTIME(goGraphSetDisjoint),
      RUNTIME(goGraphAddHostKernel),
      RUNTIME(goGraphAddCudaKernel),
      RUNTIME(goGraphAddMemcpy),
      RUNTIME(goGraphAddMemset),
      RUNTIME(goGraphAddEmpty),
      RUNTIME(goGraphAddChild),
      RUNTIME(goGraphAddCondition),
      RUNTIME(goGraphAddConditional),
      RUNTIME(goGraphInstantiate),
      RUNTIME(goExecLaunch),
      RUNTIME(goExecUpdate),
      runtimeSymbol("__truncsfhf2", &truncateToHalf),
      runtimeSymbol("__truncdfhf2", &truncateDoubleToHalf),
      runtimeSymbol("__truncsfbf2", &truncateToBFloat),
      runtimeSymbol("__truncdfbf2", &truncateDoubleToBFloat),
      runtimeSymbol("__extendhfsf2", &extendHalf),
      runtimeSymbol("__extendhfdf2", &extendHalfToDouble),
  };
#undef RUNTIME
}

Error graphrun::defineRuntimeSymbols(orc::LLJIT &jit, orc::JITDylib &library,
                                     ArrayRef<RuntimeSymbol> replaced) {
  orc::SymbolMap map;
  std::vector<RuntimeSymbol> symbols = listSymbols();
  // The last one of a name counts.
  append_range(symbols, replaced);
  for (const RuntimeSymbol &entry : symbols)
    map[jit.mangleAndIntern(entry.name)] = {
        entry.address, JITSymbolFlags::Exported | JITSymbolFlags::Callable};
  if (Error error = library.define(orc::absoluteSymbols(std::move(map))))
    return error;
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      jit.getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  library.addGenerator(std::move(*process));
  return Error::success();
}

Error graphrun::loadSharedLibrary(const std::string &path) {
  std::string message;
  if (sys::DynamicLibrary::LoadLibraryPermanently(path.c_str(), &message))
    return createStringError("--shared-lib: " + message);
  return Error::success();
}
