//===- Options.h - Command line of graph-compile ----------------*- C++ -*-===//

#ifndef GRAPHOPT_TOOLS_GRAPHCOMPILE_OPTIONS_H
#define GRAPHOPT_TOOLS_GRAPHCOMPILE_OPTIONS_H

#include "GraphOpt/Emission/Emission.h"
#include "GraphOpt/Pipelines/Pipelines.h"

namespace graphcompile {

struct Options {
  std::string file;
  graphopt::PipelineOptions pipeline;
  graphopt::EmissionOptions emission;
};

/// Parses the command line into `options`; on an error prints one line and
/// exits.
void parseOptions(int argc, char **argv, Options &options);

} // namespace graphcompile

#endif // GRAPHOPT_TOOLS_GRAPHCOMPILE_OPTIONS_H
