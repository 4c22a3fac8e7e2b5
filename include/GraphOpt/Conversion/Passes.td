//===- Passes.td - Conversions -----------------------------*- tablegen -*-===//

#ifndef GRAPHOPT_CONVERSION_PASSES
#define GRAPHOPT_CONVERSION_PASSES

include "GraphOpt/Conversion/SequencePasses.td"
include "GraphOpt/Conversion/LaunchPasses.td"
include "GraphOpt/Conversion/GPUPasses.td"
include "GraphOpt/Conversion/HostPasses.td"
include "GraphOpt/Conversion/RuntimePasses.td"

#endif // GRAPHOPT_CONVERSION_PASSES
