//===- Header.cpp - The C header of an emitted library --------------------===//

#include "Program.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace graphopt;

/// `name` as it can stand in a comment: on one line that ends no comment.
static std::string toComment(StringRef name) {
  std::string result;
  for (char c : name)
    result += (c >= 0 && c < ' ') || c == 0x7f ? ' ' : c;
  for (size_t at; (at = result.find("*/")) != std::string::npos;)
    result[at + 1] = ' ';
  return result;
}

/// "f32 [768, 2304], updated in place".
static std::string describe(const ValueInfo &value, bool isResult) {
  std::string text = elementName(value.element);
  llvm::raw_string_ostream os(text);
  if (value.packing == Packing::Scalar) {
    os << (isResult ? ", in host memory" : "");
    return text;
  }
  os << " [";
  llvm::interleaveComma(value.shape, os, [&](int64_t extent) {
    if (ShapedType::isDynamic(extent))
      os << '?';
    else
      os << extent;
  });
  os << ']';
  if (value.packing == Packing::Descriptor)
    os << ", as GO_MEMREF(" << value.shape.size() << ")";
  if (isResult)
    os << ", written";
  else if (value.isWritten())
    os << ", updated in place";
  return text;
}

/// The line about one parameter. Those of a list that are alike are one entry.
static void describeParameter(const FunctionInfo &function,
                              const Parameter &parameter,
                              llvm::raw_ostream &os) {
  ArrayRef<ValueInfo> values =
      parameter.isResult ? function.results : function.arguments;
  values = values.slice(parameter.first, parameter.count);
  os << "///   " << parameter.name << ": ";
  if (parameter.kind != Parameter::Kind::List) {
    os << describe(values.front(), parameter.isResult) << '\n';
    return;
  }
  os << values.size() << " addresses, in this order:\n";
  for (size_t begin = 0; begin < values.size();) {
    std::string text = describe(values[begin], parameter.isResult);
    size_t end = begin + 1;
    while (end < values.size() &&
           describe(values[end], parameter.isResult) == text)
      ++end;
    os << "///     [" << begin;
    if (end - begin > 1)
      os << ".." << end - 1;
    os << "] " << values[begin].name;
    if (end - begin > 1)
      os << " to " << values[end - 1].name;
    os << ": " << text << '\n';
    begin = end;
  }
}

static void writeFunction(const FunctionInfo &function, llvm::raw_ostream &os) {
  std::vector<Parameter> parameters = listParameters(function);
  os << "/// Function '" << toComment(function.name) << "'.\n";
  for (bool isResult : {false, true}) {
    if ((isResult ? function.results : function.arguments).empty())
      continue;
    os << (isResult ? "/// Results:\n" : "/// Arguments:\n");
    for (const Parameter &parameter : parameters)
      if (parameter.isResult == isResult)
        describeParameter(function, parameter, os);
  }
  if (function.isAsync)
    os << "/// Does not wait for scalars that it only returns: they are there "
          "after\n/// goAwait(*pending) (GoAsyncEntryPoint).\n";
  os << "GoStatus " << function.cName << "(GoContext *context, void *stream";
  for (const Parameter &parameter : parameters)
    os << ",\n    " << parameter.type << parameter.name;
  if (function.isAsync)
    os << ",\n    GoPending **pending";
  os << ");\n";
  os << "/// The same with arrays of " << function.arguments.size()
     << " arguments and " << function.results.size() << " results, as "
     << (function.isAsync ? "GoAsyncEntryPoint" : "GoEntryPoint") << " says.\n";
  os << "GoStatus " << function.cName
     << "_packed(GoContext *context, void *stream,\n    void **arguments, void "
        "**results"
     << (function.isAsync ? ", GoPending **pending" : "") << ");\n\n";
}

static void writeIntroduction(const ProgramInfo &program,
                              llvm::raw_ostream &os) {
  os << "/* " << program.name << ": compiled by graph-opt for "
     << (program.isCUDA ? "CUDA" : "the host device")
     << (program.chip.empty() ? "" : " (" + program.chip + ")")
     << ". Do not edit.\n *\n"
     << " * Context:\n"
     << " *   GoContext *context;\n"
     << " *   GoStatus status = goProgramCreateContext(&" << program.tableName()
     << ", 0, &context);\n"
     << " * where 0 is "
     << (program.isCUDA ? "the ordinal of the device"
                        : "the bound on its threads (0: all)")
     << ". End with goContextDestroy(context).\n *\n"
     << " * Calls return GO_OK, or a status whose message is goLastMessage(). "
        "They wait\n * for the device only where a scalar is returned; "
        "goWait(context, stream) waits.\n * Addresses may differ at every "
        "call. Arrays are row-major without gaps unless\n * GO_MEMREF is "
        "said.\n";
  if (program.isCUDA)
    os << " * Arrays are device memory. `stream` is a CUstream (cudaStream_t) "
          "of the\n * context; null is the default stream.\n";
  else
    os << " * `stream` is not used: pass a null pointer.\n";
  bool hasSuffix =
      llvm::any_of(program.functions, [&](const FunctionInfo &function) {
        return function.cName !=
               program.name + "_" + toIdentifier(function.name);
      });
  if (hasSuffix)
    os << " *\n * Functions are called " << program.name
       << "_FUNCTION, other characters than letters and digits as _.\n * "
          "Where that is taken, _1, _2, ... follows. Identifiers have the "
          "first choice, then\n * shorter names, then by the alphabet.\n";
  os << " *\n * Link:\n"
     << " *   cc program.c -IPREFIX/include FOLDER/LIBRARY.so \\\n"
     << " *     -LPREFIX/lib -lgraphopt_runtime -Wl,-rpath,FOLDER:PREFIX/lib\n";
  if (!program.externals.empty()) {
    os << " *\n * Other libraries or the program have to define:\n";
    for (const std::string &name : program.externals)
      os << " *   " << toComment(name) << '\n';
  }
  os << " */\n\n";
}

std::string graphopt::writeHeader(const ProgramInfo &program) {
  std::string text;
  llvm::raw_string_ostream os(text);
  std::string guard = llvm::StringRef(program.name).upper() + "_GRAPHOPT_H";
  writeIntroduction(program, os);
  os << "#ifndef " << guard << "\n#define " << guard << "\n\n"
     << "#include \"GraphOpt/Runtime/GraphProgram.h\"\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
     << "/// Names, shapes and types of all arguments and results.\n"
     << "extern const GoProgramInfo " << program.tableName() << ";\n\n";
  for (const FunctionInfo &function : program.functions)
    writeFunction(function, os);
  os << "#ifdef __cplusplus\n}\n#endif\n#endif // " << guard << "\n";
  return text;
}
