//===- RuntimeFake.h - The device of tests ------------------------*- C -*-===//
//
// Part of graph-opt. A device that fails on request.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_RUNTIME_RUNTIMEFAKE_H
#define GRAPHOPT_RUNTIME_RUNTIMEFAKE_H

#include "GraphOpt/Runtime/RuntimeBase.h"

GO_BEGIN_DECLARATIONS

//===----------------------------------------------------------------------===//
// Fake device
//===----------------------------------------------------------------------===//

/// Makes the `index`-th device call from now (0: the next) fail once with
/// `status`. Device calls: allocate, instantiate, launch, copy, upload,
/// readback, wait, fetch, await (one that has to wait).
void goFakeFailAfter(GoContext *context, int64_t index, GoStatus status);
/// Number of device calls made so far by a fake context.
int64_t goFakeCalls(GoContext *context);

GO_END_DECLARATIONS

#endif // GRAPHOPT_RUNTIME_RUNTIMEFAKE_H
