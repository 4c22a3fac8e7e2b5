//===- CalibrationPrograms.cpp - Programs to measure ----------------------===//
//
// Implements the programs: those about launches as graphs of hand-written
// kernels, which no pass changes, those about kernels as tensor programs.
//
//===----------------------------------------------------------------------===//

#include "CalibrationPrograms.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FormatVariadic.h"

#include <optional>

using namespace graphrun;
using llvm::formatv;
using llvm::StringRef;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// Graphs of hand-written kernels
//===----------------------------------------------------------------------===//

/// A module with the kernels `kernels` and a function that launches a graph of
/// `nodes` on its buffers of types `types`.
static std::string wrapGraph(llvm::ArrayRef<std::string> types,
                             StringRef kernels, StringRef nodes,
                             StringRef attributes) {
  std::string arguments, names, list;
  for (size_t i = 0; i < types.size(); ++i) {
    StringRef comma = i ? ", " : "";
    arguments += formatv("{0}%m{1}: {2}", comma, i, types[i]);
    names += formatv("{0}%m{1}", comma, i);
    list += (comma + types[i]).str();
  }
  return formatv(R"(module attributes {{gpu.container_module} {{
func.func @program({0}) {{
  %exec = cudagraph.instantiate @graph : !cudagraph.exec
  cudagraph.launch %exec buffers({1} : {2})
  return
}
gpu.module @kernels {{
{3}}
cudagraph.graph @graph({0}) attributes {{graphopt.launch = "graph"{5}} {{
{4}}
}
)",
                 arguments, names, list, kernels, nodes, attributes)
      .str();
}

static constexpr char emptyKernel[] =
    R"(gpu.func @empty(%slots: !llvm.ptr) kernel attributes {graphopt.slots_by_value = 1 : i64} {
  gpu.return
}
)";

/// Node number `i`, an empty kernel that reads `buffer`.
static std::string emptyNode(int i, StringRef buffer, bool isChain) {
  std::string after =
      isChain && i ? formatv(" after(%n{0})", i - 1).str() : std::string();
  return formatv("  %n{0} = cudagraph.kernel \"k{0}\"{1} phases "
                 "[#cudagraph.phase<@kernels::@empty, 1>] args({2} read : "
                 "memref<1024xf32>) grid [1, 1, 1] block [32, 1, 1]\n",
                 i, after, buffer)
      .str();
}

std::string graphrun::emptyKernels(int nodes, bool isChain) {
  std::string text;
  for (int i = 0; i < nodes; ++i)
    text += emptyNode(i, "%m0", isChain);
  return wrapGraph({"memref<1024xf32>"}, emptyKernel, text,
                   isChain ? "" : ", graphopt.shape = \"wide\"");
}

std::string graphrun::manyBuffers(int nodes) {
  std::string text;
  for (int i = 0; i < nodes; ++i)
    text += emptyNode(i, ("%m" + Twine(i)).str(), /*isChain=*/true);
  return wrapGraph(std::vector<std::string>(nodes, "memref<1024xf32>"),
                   emptyKernel, text, "");
}

std::string graphrun::copyChain(int nodes) {
  std::string text;
  for (int i = 0; i < nodes; ++i) {
    std::string after = i ? formatv(" after(%n{0})", i - 1).str() : "";
    text += formatv("  %n{0} = cudagraph.memcpy %m{1} to %m{2}{3} : "
                    "memref<1024xf32> to memref<1024xf32>\n",
                    i, i % 2, (i + 1) % 2, after);
  }
  return wrapGraph({"memref<1024xf32>", "memref<1024xf32>"}, "", text, "");
}

std::string graphrun::oneBlockCopy(int64_t words) {
  // As in our kernels, each thread asks for 64 bytes at a time.
  constexpr int unroll = 4, threads = 256;
  int64_t units = words / 4;
  std::string body;
  for (int i = 0; i < unroll; ++i)
    body += formatv(R"(    %o{0} = arith.constant {1} : i64
    %i{0} = arith.addi %u, %o{0} : i64
    %s{0} = llvm.getelementptr %from[%i{0}] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, vector<4xf32>
    %x{0} = llvm.load %s{0} {{alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
)",
                    i, i * threads);
  for (int i = 0; i < unroll; ++i)
    body += formatv(
        R"(    %d{0} = llvm.getelementptr %to[%i{0}] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, vector<4xf32>
    llvm.store %x{0}, %d{0} {{alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
)",
        i);
  std::string kernel =
      formatv(
          R"(gpu.func @copy(%slots: !llvm.ptr) kernel attributes {{graphopt.slots_by_value = 2 : i64} {{
  %from = llvm.load %slots : !llvm.ptr -> !llvm.ptr<1>
  %second = llvm.getelementptr %slots[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %to = llvm.load %second : !llvm.ptr -> !llvm.ptr<1>
  %thread = gpu.thread_id x
  %first = arith.index_castui %thread : index to i64
  %end = arith.constant {0} : i64
  %step = arith.constant {1} : i64
  scf.for %u = %first to %end step %step : i64 {{
{2}  }
  gpu.return
}
)",
          units, unroll * threads, body)
          .str();
  std::string type = formatv("memref<{0}xf32>", words).str();
  std::string node = formatv("  %n = cudagraph.kernel \"copy\" phases "
                             "[#cudagraph.phase<@kernels::@copy, 1>] "
                             "args(%m0 read, %m1 write : {0}, {0}) "
                             "grid [1, 1, 1] block [{1}, 1, 1]\n",
                             type, threads)
                         .str();
  return wrapGraph({type, type}, kernel, node, "");
}

/// A kernel of one thread that adds one to the counter in its first slot. With
/// `turns` it goes on as long as the counter is below: it writes that to its
/// second slot and sets the handle in its third.
static std::string countingKernel(StringRef name, std::optional<int> turns) {
  std::string setter;
  if (turns)
    setter = formatv(R"(  %limit = arith.constant {0} : i32
  %more = arith.cmpi slt, %next, %limit : i32
  %byte = arith.extui %more : i1 to i8
  %word = arith.extui %more : i1 to i32
  %second = llvm.getelementptr %slots[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %condition = llvm.load %second : !llvm.ptr -> !llvm.ptr<1>
  llvm.store %byte, %condition : i8, !llvm.ptr<1>
  %third = llvm.getelementptr %slots[2] : (!llvm.ptr) -> !llvm.ptr, i64
  %handle = llvm.load %third : !llvm.ptr -> i64
  llvm.call @cudaGraphSetConditional(%handle, %word) : (i64, i32) -> ()
)",
                     *turns);
  return formatv(
             R"(gpu.func @{0}(%slots: !llvm.ptr) kernel attributes {{graphopt.slots_by_value = {1} : i64} {{
  %one = arith.constant 1 : i32
  %counter = llvm.load %slots : !llvm.ptr -> !llvm.ptr<1>
  %old = llvm.load %counter : !llvm.ptr<1> -> i32
  %next = arith.addi %old, %one : i32
  llvm.store %next, %counter : i32, !llvm.ptr<1>
{2}  gpu.return
}
)",
             name, turns ? 3 : 1, setter)
      .str();
}

std::string graphrun::loop(int turns, int kernels) {
  // What sets the handle is one kernel before the loop and one in its body.
  auto setter = [](StringRef node, StringRef after) {
    return formatv("  {0} = cudagraph.kernel \"turn\"{1} phases "
                   "[#cudagraph.phase<@kernels::@turn, 1>] args(%m0 readwrite, "
                   "%m1 write : memref<i32>, memref<i1>) sets [0] "
                   "grid [1, 1, 1] block [1, 1, 1]\n",
                   node, after)
        .str();
  };
  std::string nodes =
      "  %z = cudagraph.memset %m0 value(0 : i32) : memref<i32>\n" +
      setter("%first", " after(%z)") +
      "  %loop = cudagraph.while %m1 after(%first) handle(0) : memref<i1> {\n";
  for (int i = 0; i < kernels; ++i)
    nodes += formatv("  %n{0} = cudagraph.kernel \"k{0}\"{1} phases "
                     "[#cudagraph.phase<@kernels::@count, 1>] args(%m2 "
                     "readwrite : memref<i32>) grid [1, 1, 1] "
                     "block [1, 1, 1]\n",
                     i, i ? formatv(" after(%n{0})", i - 1).str() : "");
  nodes += setter("%next", kernels ? formatv(" after(%n{0})", kernels - 1).str()
                                   : std::string()) +
           "  }\n";
  // The setter before the loop counts as well.
  return wrapGraph({"memref<i32>", "memref<i1>", "memref<i32>"},
                   "llvm.func @cudaGraphSetConditional(i64, i32)\n" +
                       countingKernel("turn", turns + 1) +
                       countingKernel("count", std::nullopt),
                   nodes, "");
}

//===----------------------------------------------------------------------===//
// Tensor programs
//===----------------------------------------------------------------------===//

/// `%name` as the tensor that buffer `%m{number}` holds, of dimensions `dims`.
static std::string readBuffer(StringRef name, int number, StringRef dims) {
  return formatv("  %{0} = bufferization.to_tensor %m{1} restrict writable : "
                 "memref<{2}xf32> to tensor<{2}xf32>\n",
                 name, number, dims)
      .str();
}

static std::string writeBuffer(StringRef value, int number, StringRef dims) {
  return formatv("  bufferization.materialize_in_destination {0} in restrict "
                 "writable %m{1} : (tensor<{2}xf32>, memref<{2}xf32>) -> ()\n",
                 value, number, dims)
      .str();
}

std::string graphrun::elementwise(int64_t elements, int operations) {
  std::string dims = std::to_string(elements);
  std::string text =
      formatv("func.func @program(%m0: memref<{0}xf32>) {{\n", dims);
  text += readBuffer("v0", 0, dims);
  text +=
      formatv("  %c = arith.constant dense<0.75> : tensor<{0}xf32>\n", dims);
  for (int i = 0; i < operations; ++i)
    text += formatv("  %v{0} = arith.{1} %v{2}, %c : tensor<{3}xf32>\n", i + 1,
                    i % 2 ? "addf" : "mulf", i, dims);
  text += writeBuffer(("%v" + Twine(operations)).str(), 0, dims);
  return text + "  return\n}\n";
}

/// Lines that reduce `%value` of dimensions `dims` by addition to `%result`.
static std::string reduceTo(StringRef result, StringRef value, StringRef dims,
                            StringRef kept, StringRef dimensions) {
  return formatv(
             R"(  %zero.{0} = arith.constant 0.0 : f32
  %empty.{0} = tensor.empty() : tensor<{2}f32>
  %start.{0} = linalg.fill ins(%zero.{0} : f32) outs(%empty.{0} : tensor<{2}f32>) -> tensor<{2}f32>
  %{0} = linalg.reduce {{ arith.addf } ins(%{1} : tensor<{3}xf32>) outs(%start.{0} : tensor<{2}f32>) dimensions = [{4}]
)",
             result, value, kept, dims, dimensions)
      .str();
}

std::string graphrun::sum(int64_t elements) {
  std::string dims = std::to_string(elements);
  return formatv("func.func @program(%m0: memref<{0}xf32>, %m1: memref<f32>) "
                 "{{\n{1}{2}  bufferization.materialize_in_destination %s in "
                 "restrict writable %m1 : (tensor<f32>, memref<f32>) -> ()\n"
                 "  return\n}\n",
                 dims, readBuffer("v", 0, dims),
                 reduceTo("s", "v", dims, "", "0"))
      .str();
}

std::string graphrun::sumOfNorms(int tensors) {
  std::string arguments, text;
  for (int i = 0; i < tensors; ++i) {
    arguments += formatv("{0}%m{1}: memref<64xf32>", i ? ", " : "", i);
    std::string value = formatv("v{0}", i).str();
    text += readBuffer(value, i, "64");
    text += reduceTo(formatv("s{0}", i).str(), value, "64", "", "0");
    text += formatv(R"(  %r{0} = math.sqrt %s{0} : tensor<f32>
  %h{0} = tensor.extract %r{0}[] : tensor<f32>
  %w{0} = arith.extf %h{0} : f32 to f64
)",
                    i);
    text +=
        i ? formatv("  %t{0} = arith.addf %t{1}, %w{0} : f64\n", i, i - 1).str()
          : std::string("  %z = arith.constant 0.0 : f64\n"
                        "  %t0 = arith.addf %z, %w0 : f64\n");
  }
  return formatv("func.func @program({0}, %m{1}: memref<f64>) {{\n{2}"
                 "  %result = tensor.from_elements %t{3} : tensor<f64>\n"
                 "  bufferization.materialize_in_destination %result in "
                 "restrict writable %m{1} : (tensor<f64>, memref<f64>) -> ()\n"
                 "  return\n}\n",
                 arguments, tensors, text, tensors - 1)
      .str();
}

std::string graphrun::transposed(int64_t rows, int64_t columns) {
  std::string dims = formatv("{0}x{1}", rows, columns).str();
  std::string turned = formatv("{1}x{0}", rows, columns).str();
  return formatv("func.func @program(%m0: memref<{0}xf32>, %m1: "
                 "memref<{1}xf32>) {{\n{2}"
                 "  %e = tensor.empty() : tensor<{1}xf32>\n"
                 "  %t = linalg.transpose ins(%v : tensor<{0}xf32>) outs(%e : "
                 "tensor<{1}xf32>) permutation = [1, 0]\n{3}  return\n}\n",
                 dims, turned, readBuffer("v", 0, dims),
                 writeBuffer("%t", 1, turned))
      .str();
}

std::string graphrun::rowSums(int64_t rows, int64_t columns) {
  std::string dims = formatv("{0}x{1}", rows, columns).str();
  std::string kept = std::to_string(rows);
  return formatv("func.func @program(%m0: memref<{0}xf32>, %m1: "
                 "memref<{1}xf32>) {{\n{2}{3}{4}  return\n}\n",
                 dims, kept, readBuffer("v", 0, dims),
                 reduceTo("s", "v", dims, kept + "x", "1"),
                 writeBuffer("%s", 1, kept))
      .str();
}

std::string graphrun::branch(bool asNode) {
  std::string dims = "4096";
  return formatv(
             R"(func.func @program(%m0: memref<4096xf32>) {{
{0}{1}  %total = tensor.extract %s[] : tensor<f32>
  %low = arith.constant -1.0e+30 : f32
  %c = arith.cmpf ogt, %total, %low : f32
  scf.if %c {{
    %k = arith.constant dense<0.75> : tensor<4096xf32>
    %y = arith.mulf %v, %k : tensor<4096xf32>
  {2}  } {{graphopt.branch = "{3}"}
  return
}
)",
             readBuffer("v", 0, dims), reduceTo("s", "v", dims, "", "0"),
             writeBuffer("%y", 0, dims), asNode ? "conditional" : "flat")
      .str();
}
