//===- RegionPasses.td - Readbacks, regions and fusion -----*- tablegen -*-===//

#ifndef GRAPHOPT_TRANSFORMS_REGION_PASSES
#define GRAPHOPT_TRANSFORMS_REGION_PASSES

include "mlir/Pass/PassBase.td"

def HoistReadbacks : Pass<"hoist-readbacks", "::mlir::func::FuncOp"> {
  let summary = "move host arithmetic, branches and loops on readbacks to the device";
  let description = [{
    Host arithmetic on values that were read back becomes `tseq.scalar` where
    its result feeds the device again, or where that leaves fewer readbacks. So
    do branches and loops that hold nothing but arithmetic and readbacks, such
    as a sum over the rows of a tensor. A chain whose values in between nothing
    else uses becomes one `tseq.scalar`.

    ```mlir
    %n = tseq.item %norm : tensor<f32>
    %w = arith.extf %n : f32 to f64
    %c = arith.divf %max, %w : f64
    %t = arith.truncf %c : f64 to f32
    %d = tensor.from_elements %t : tensor<f32>       // upload
    ```
    becomes
    ```mlir
    %m = tensor.from_elements %max : tensor<f64>
    %d = tseq.scalar ins(%norm, %m : ...) -> tensor<f32> {...}
    ```

    An `scf.if` on a value read back that holds only device work becomes
    `tseq.if`. Arithmetic in it that no readback feeds, and that may run when the
    branch is not taken, goes before it first: the host does it. So does an `scf.while` become `tseq.while` if its turns are
    predicted to cost less there (`loop_turn`) than with a readback and a launch
    each, for as many turns as the attribute `graphopt.turns` on it says, else
    `loop_turns` of the calibration: remark `loop-on-device` or `loop-on-host`,
    and the attribute `predicted_us` on the loop. `graphopt.loop = "device"` or
    `"host"` on a loop decides instead, also for an `scf.for`, which else stays
    with the host, whose launches of one turn after the other need no wait. A
    loop or branch that the host keeps
    carries a scalar that only the device needs as a device scalar (remark
    `scalar-carried`), so that no turn reads it back:

    ```mlir
    %sum = scf.for ... iter_args(%a = %zero) -> f64 {
      ...                                    // makes %s : tensor<f64>
      %h = tseq.item %s : tensor<f64>
      %b = arith.addf %a, %h : f64
      scf.yield %b : f64
    }
    ```
    becomes
    ```mlir
    %init = tensor.from_elements %zero : tensor<f64>
    %total = scf.for ... iter_args(%a = %init) -> tensor<f64> {
      ...
      %b = tseq.scalar ins(%a, %s : ...) -> tensor<f64> {...}
      scf.yield %b : tensor<f64>
    }
    %sum = tseq.item %total : tensor<f64>
    ```

    Types and order of the host arithmetic are kept, so the numbers are those
    of the host, bit for bit; but for math functions that IEEE 754 does not
    round correctly (remark `math-may-differ`): there the device's result is
    within the errors of CUDA's math library and the host's, a few units in the
    last place each. What stays on the host (an extent, a loop bound, an argument of
    a call, a returned value) keeps one readback, as late as it can be, marked
    `decisive` or `observed`. Every readback gets a remark: `readback-removed`,
    `readback-observed` (nothing is decided by it: `defer-readbacks` comes) or
    `readback-kept`, with the reason and the op that uses it. Next:
    `form-graphs`.

    With `async-results` arithmetic whose result is returned moves too where
    that leaves no more readbacks: the caller can be given a value to come, but
    not what the host makes of it.
  }];
  let options = [
    Option<"asyncResults", "async-results", "bool", "false",
           "callers wait for returned scalars themselves">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tseq::TensorSeqDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FormGraphs : Pass<"form-graphs", "::mlir::func::FuncOp"> {
  let summary = "gather device work into regions, one graph each";
  let description = [{
    Device ops are gathered into `tseq.graph`, one region per level: an op that
    needs a host value computed from a readback of region k goes to region k+1.
    Host ops that no device op of the region needs move below it, pure ones that
    it needs above it; writes to the caller's buffers move below their region,
    where the last of several to one buffer is left if nothing reads it between.
    A host op with effects that are not understood is a barrier: what is written
    to a buffer behind it, or might trap, stays behind it; all else that does not
    depend on it moves above. An op of which all reads and writes are known,
    such as a load, a store or a copy, keeps its order only with those of the
    same memory.

    The attribute `graphopt.launch = "stream"` on an op keeps it out of graphs:
    it becomes a region of its own whose kernels are launched one by one (remark
    `kept-apart`). `"graph"` makes the region that the op is in one launch of a
    graph, whatever that costs; if no region can hold it, that is an error. Both
    are there for all regions of a function as attributes of the function (see
    `shape-graphs`).

    ```mlir
    %a = tseq.reduce ...
    %h = tseq.item %a
    %b = tseq.scalar ins(%a) ...
    ```
    becomes
    ```mlir
    %r:2 = tseq.graph "f.graph0" (...) {  // reduce, scalar }
    %h = tseq.item %r#0
    ```

    An op that may not be captured stays outside, with a remark
    `not-captured`; a host op that keeps two regions apart is named by
    `region-split`.
    Next: `fuse-sequences`.
  }];
  let dependentDialects = ["::mlir::tseq::TensorSeqDialect"];
}

def FuseSequences : Pass<"fuse-sequences", "::mlir::func::FuncOp"> {
  let summary = "fuse maps, reduces and scalars of a region into few kernels";
  let description = [{
    Inside each `tseq.graph`: chains of maps on one tensor become one map
    (vertical), equal maps or reduces of many tensors become one op on
    sequences (horizontal), maps of one domain and reduces of one domain that
    read a list in common become one op as well, which reads it once (siblings),
    scalars that do not wait for different kernels become one, a map predicated by a device scalar replaces `tseq.if` around
    it, and a reduce with the scalars that read it becomes one `tseq.kernel`.
    Maps that differ in their scalars become one as well: a scalar of which each
    tensor has its own is a list `tensor<NxT>`, made by a loop over the tensors
    where they are all computed alike. A `tseq.if` around scalars alone becomes
    one scalar with an `scf.if`. A map that the region only yields waits for what
    reads the tensors that it overwrites. With `graphopt.branch = "conditional"`
    a `tseq.if` stays; a remark `branch-conditional` says why one does. What was
    chosen for each branch, and the microseconds that were predicted, are the
    attribute `branches` of the region.

    ```mlir
    %s0 = tseq.reduce [add] ins(%p0) ; %s1 = tseq.reduce [add] ins(%p1)
    %t = tseq.scalar ins(%s0, %s1) ...
    ```
    becomes
    ```mlir
    %t = tseq.kernel -> tensor<f64> {
      %s = tseq.reduce [add] per_tensor ins(%p01) -> tensor<2xf32>
      %r = tseq.scalar ins(%s : tensor<2xf32>) ...
      tseq.yield %r
    }
    ```

    Work is grouped by stage, so no cycle can arise and time is near-linear in
    the number of ops. Next: `bufferize-sequences`.
  }];
  let dependentDialects = ["::mlir::tseq::TensorSeqDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def RerollScalars : Pass<"reroll-scalars", "::mlir::func::FuncOp"> {
  let summary = "make loops of what scalars do for each element of a list";
  let description = [{
    A `tseq.scalar` that came from an unrolled loop over a list does the same
    with element after element. A chain of at least `min-steps` steps, of which
    each joins the result of the step before with the same function of the next
    elements, becomes an `scf.for`. Order and arithmetic stay.

    ```mlir
    %x0 = tensor.extract %p[%c0] : tensor<3xf32>
    %y0 = math.sqrt %x0 : f32
    %a0 = arith.addf %a, %y0 : f32
    %x1 = tensor.extract %p[%c1] : tensor<3xf32>
    %y1 = math.sqrt %x1 : f32
    %a1 = arith.addf %a0, %y1 : f32
    ...
    ```
    becomes
    ```mlir
    %a2 = scf.for %i = %c0 to %c3 step %c1 iter_args(%s = %a) -> (f32) {
      %x = tensor.extract %p[%i] : tensor<3xf32>
      %y = math.sqrt %x : f32
      %n = arith.addf %s, %y : f32
      scf.yield %n : f32
    }
    ```

    Refuses a chain if a step's result has another use. Next:
    `relax-precision` or `bufferize-sequences`.
  }];
  let options = [Option<"minSteps", "min-steps", "int64_t", "8",
                        "steps of the shortest chain that becomes a loop">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def RelaxPrecision : Pass<"relax-precision", "::mlir::func::FuncOp"> {
  let summary = "allow fma and tree sums in regions (precision=fast)";
  let description = [{
    Marks the float arithmetic in bodies of maps and reduces with
    `fastmath<contract>` and that in scalars with `fastmath<reassoc,contract>`,
    so that products and sums become fused multiply-adds and a serial sum of
    many partial norms becomes a tree. NaN and infinity keep their meaning.

    ```mlir
    %2 = arith.addf %0, %1 : f64
    ```
    becomes, in a `tseq.scalar`,
    ```mlir
    %2 = arith.addf %0, %1 fastmath<reassoc,contract> : f64
    ```

    Runs only with `precision=fast`. Next: `bufferize-sequences`.
  }];
}

#endif // GRAPHOPT_TRANSFORMS_REGION_PASSES
