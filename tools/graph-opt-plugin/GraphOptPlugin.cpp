//===- GraphOptPlugin.cpp - Plugin for a stock mlir-opt -------------------===//
//
// Entry points by which `mlir-opt --load-dialect-plugin=GraphOptPlugin.so
// --load-pass-plugin=GraphOptPlugin.so` finds our dialects, passes and
// pipelines. The host process already registers everything upstream.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/InitAll.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

static constexpr const char *pluginName = "GraphOpt";
static constexpr const char *pluginVersion = GRAPHOPT_VERSION;

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, pluginName, pluginVersion,
          [](mlir::DialectRegistry *registry) {
            graphopt::registerDialects(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, pluginName, pluginVersion,
          [] { graphopt::registerPasses(); }};
}
