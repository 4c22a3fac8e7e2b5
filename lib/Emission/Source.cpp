//===- Source.cpp - Parsing with the names of arguments -------------------===//
//
// Implements the parser of programs to emit: what functions call their
// arguments in the text becomes part of the arguments' locations.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Emission/Emission.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/AsmParser/AsmParserState.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

/// The text that `range` covers, without the '%' before a value.
static StringRef textOf(llvm::SMRange range) {
  const char *begin = range.Start.getPointer();
  return StringRef(begin, range.End.getPointer() - begin).ltrim('%');
}

static void nameArguments(func::FuncOp function, const AsmParserState &state) {
  if (function.isExternal())
    return;
  const AsmParserState::BlockDefinition *block =
      state.getBlockDef(&function.front());
  if (!block)
    return;
  for (auto [argument, definition] :
       llvm::zip(function.getArguments(), block->arguments)) {
    StringRef name = textOf(definition.loc);
    // Numbers are not names, and what the user said counts more.
    if (name.empty() || llvm::all_of(name, llvm::isDigit) ||
        isa<NameLoc>(argument.getLoc()))
      continue;
    argument.setLoc(NameLoc::get(StringAttr::get(function.getContext(), name),
                                 argument.getLoc()));
  }
}

OwningOpRef<ModuleOp> graphopt::parseProgram(llvm::SourceMgr &sources,
                                             MLIRContext *context) {
  const llvm::MemoryBuffer *buffer =
      sources.getMemoryBuffer(sources.getMainFileID());
  if (isBytecode(*buffer))
    return parseSourceFile<ModuleOp>(sources, context);
  Block block;
  AsmParserState state;
  ParserConfig config(context);
  if (failed(parseAsmSourceFile(sources, &block, config, &state)))
    return nullptr;
  StringRef name = buffer->getBufferIdentifier();
  OwningOpRef<ModuleOp> module =
      detail::constructContainerOpForParserIfNecessary<ModuleOp>(
          &block, context, FileLineColLoc::get(context, name, 0, 0));
  if (module)
    for (auto function : module->getOps<func::FuncOp>())
      nameArguments(function, state);
  return module;
}
