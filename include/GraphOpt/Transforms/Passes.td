//===- Passes.td - Passes on tensors and buffers -----------*- tablegen -*-===//

#ifndef GRAPHOPT_TRANSFORMS_PASSES
#define GRAPHOPT_TRANSFORMS_PASSES

include "GraphOpt/Transforms/TensorPasses.td"
include "GraphOpt/Transforms/RegionPasses.td"
include "GraphOpt/Transforms/BufferPasses.td"
include "GraphOpt/Transforms/GraphPasses.td"
include "GraphOpt/Transforms/ReportPasses.td"

#endif // GRAPHOPT_TRANSFORMS_PASSES
