//===- TensorSeq.td - Umbrella of the tseq dialect ---------*- tablegen -*-===//

#ifndef GRAPHOPT_TENSORSEQ
#define GRAPHOPT_TENSORSEQ

include "GraphOpt/TensorSeq/TensorSeqDialect.td"
include "GraphOpt/TensorSeq/TensorSeqTypes.td"
include "GraphOpt/TensorSeq/TensorSeqAttrs.td"
include "GraphOpt/TensorSeq/TensorSeqInterfaces.td"
include "GraphOpt/TensorSeq/TensorSeqOps.td"

#endif // GRAPHOPT_TENSORSEQ
