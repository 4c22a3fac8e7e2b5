//===- CudaGraph.td - Umbrella of the cudagraph dialect ----*- tablegen -*-===//

#ifndef GRAPHOPT_CUDAGRAPH
#define GRAPHOPT_CUDAGRAPH

include "GraphOpt/CudaGraph/CudaGraphDialect.td"
include "GraphOpt/CudaGraph/CudaGraphTypes.td"
include "GraphOpt/CudaGraph/CudaGraphAttrs.td"
include "GraphOpt/CudaGraph/CudaGraphInterfaces.td"
include "GraphOpt/CudaGraph/CudaGraphOps.td"

#endif // GRAPHOPT_CUDAGRAPH
