//===- Passes.td - Passes on tensors and buffers -----------*- tablegen -*-===//

#ifndef GRAPHOPT_TRANSFORMS_PASSES
#define GRAPHOPT_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def ExpandIndexCasts : Pass<"expand-index-casts", "::mlir::func::FuncOp"> {
  let summary = "write casts of index that lose bits in two steps";
  let description = [{
    Upstream's canonicalization folds a cast from `index` to an integer and back
    to its operand, whatever the integer's width. A cast to fewer than 64 bits
    becomes one to i64 and a truncation, one from fewer an extension and a cast
    from i64.

    ```mlir
    %1 = arith.index_cast %0 : index to i8
    ```
    becomes
    ```mlir
    %w = arith.index_cast %0 : index to i64
    %1 = arith.trunci %w : i64 to i8
    ```

    Runs before anything that canonicalizes.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def CanonicalizeBodies : Pass<"canonicalize-bodies", "::mlir::func::FuncOp"> {
  let summary = "canonicalize long bodies of branches and loops by themselves";
  let description = [{
    Does what upstream's `canonicalize` does, with the same patterns. Upstream
    visits the op around a region after each change inside and looks through the
    region to see whether it is dead, which is quadratic in the length of a
    branch's body. Here each body of at least 64 ops is canonicalized by itself,
    inner ones first, before what is around it.

    ```mlir
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %c1 step %c1 {
      ...                               // thousands of ops
    }
    ```
    becomes
    ```mlir
    ...                                 // canonicalized before the loop went
    ```

    Takes time linear in the size of the function for bodies that are nested no
    deeper than eight times.
  }];
}

def InlineCalls : Pass<"inline-calls", "::mlir::ModuleOp"> {
  let summary = "inline calls and drop functions that nothing uses";
  let description = [{
    Runs upstream's `inline` and `symbol-dce`, each only if the module holds
    something for it: two bodies, or a symbol that is not public. A program of
    one function costs nothing.

    ```mlir
    func.func private @twice(%x: f32) -> f32 {
      %y = arith.addf %x, %x : f32
      return %y : f32
    }
    func.func @f(%x: f32) -> f32 {
      %y = call @twice(%x) : (f32) -> f32
      return %y : f32
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: f32) -> f32 {
      %y = arith.addf %x, %x : f32
      return %y : f32
    }
    ```

    Recursive calls stay. Next: `canonicalize-bodies`.
  }];
}

def LowerTosa : Pass<"lower-tosa", "::mlir::func::FuncOp"> {
  let summary = "turn ops of tosa into linalg, tensor, arith and scf";
  let description = [{
    Runs upstream's five conversions of `tosa`, control first, on a function
    that holds ops of it; any other costs one walk.

    ```mlir
    %y = tosa.add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    ```
    becomes
    ```mlir
    %e = tensor.empty() : tensor<4xf32>
    %y = linalg.generic {...parallel...} ins(%a, %b : ...) outs(%e) {...}
    ```

    An op that upstream converts neither to `linalg` nor to another of these
    dialects stays, with the errors that upstream gives. Next: `unroll-loops`.
  }];
}

def PromoteBuffers : Pass<"promote-buffers", "::mlir::func::FuncOp"> {
  let summary = "give the caller's buffers values, as mem2reg does for slots";
  let description = [{
    Follows the tensor that each buffer holds from `bufferization.to_tensor` to
    `bufferization.materialize_in_destination`: a read after a write takes the
    written tensor, a write that nothing can see before the next one goes away,
    and a write inside of `scf.if` becomes a result of the `scf.if`, written
    after it.

    ```mlir
    scf.if %c {
      %y = linalg.generic ... ins(%x) ...
      bufferization.materialize_in_destination %y in restrict writable %m
    }
    ```
    becomes
    ```mlir
    %old = bufferization.to_tensor %m restrict writable
    %r = scf.if %c -> tensor<4xf32> {
      %y = linalg.generic ... ins(%x) ...
      scf.yield %y
    } else {
      scf.yield %old
    }
    bufferization.materialize_in_destination %r in restrict writable %m
    ```

    Refuses a branch that has other effects on memory, and one that writes two
    buffers that may overlap (remark `aliasing-buffers`). A tensor read from a
    buffer that another, overlapping view is written through is copied first.
    Next: `raise-to-sequences`.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def RaiseToSequences : Pass<"raise-to-sequences", "::mlir::func::FuncOp"> {
  let summary = "raise static-shape tensor work to tseq ops";
  let description = [{
    Elementwise `linalg` ops, and ops of `arith` and `math` on tensors, become
    `tseq.map`, full reductions `tseq.reduce`, ops on one-element tensors `tseq.scalar`, fills and splats maps without
    inputs, and `tensor.extract` of a one-element tensor `tseq.item`. A host
    scalar that a body captures or an op takes becomes an explicit upload
    (`tensor.from_elements`) to a device scalar.

    A chain of ops of `arith` and `math` whose values in between nothing else
    reads becomes one map, as fusion would make of it, unless the host may wait
    or write memory within the chain. The map notes in `graphopt.parts` what its
    ops would be one by one, for the report; fusion drops it.

    ```mlir
    %e = tensor.empty() : tensor<4xf32>
    %y = linalg.generic {...parallel...} ins(%x : tensor<4xf32>) outs(%e) {
      ^bb0(%a: f32, %o: f32):
        %m = arith.mulf %a, %c : f32    // %c: host scalar
        linalg.yield %m : f32
    }
    ```
    becomes
    ```mlir
    %d = tensor.from_elements %c : tensor<f32>
    %s = tseq.pack %x : !tseq.seq<tensor<4xf32>>
    %r = tseq.map ins(%s : ...) scalars(%d : tensor<f32>) -> ... {
      ^bb0(%a: f32, %k: f32):
        %m = arith.mulf %a, %k : f32
        tseq.yield %m : f32
    }
    %y = tseq.get %r[0] : ...
    ```

    A copy of a given tensor to a buffer, or into a slice of another tensor
    (`tensor.insert_slice`, `tensor.concat`), becomes a map that yields its
    input, so that it is fused with other work; rows of a given tensor that no
    slice replaces are slices like the others if the result is another buffer.

    A tensor of one element, of rank 1 or more, that a caller gave, or that is
    computed from such a tensor, is a member of a list: work on it is a map.

    A float sum or product never accumulates below f32: a narrower accumulator
    is widened and rounded once at the end. An initial value that is not the
    combiner's identity is joined by a `scalar`.

    Refuses dynamic shapes, broadcasts and transposes, partial reductions,
    bodies with anything but `arith` and `math`, and combiners that are not
    associative; these ops stay as they were, with a remark. An elementwise op
    of `arith` or `math` on tensors that is refused becomes `linalg.generic`.
    Expects `promote-buffers` to have run. Next: `hoist-readbacks`.
  }];
  let dependentDialects = ["::mlir::tseq::TensorSeqDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect"];
}

def UnrollLoops : Pass<"unroll-loops", "::mlir::func::FuncOp"> {
  let summary = "unroll short loops over device work";
  let description = [{
    An `scf.for` of a constant number of turns that holds device work is
    unrolled, inner loops first, if that pays: it saves the launch of a graph
    for each turn but one at every call (`graph_launch` of the calibration) and
    costs the build of all nodes once (`node_build`), which `calls` calls have
    to repay; and if at most `max-ops` ops come out, which bounds the time that
    compilation takes. All turns
    are then one region, a slice at the loop's index is static, and a readback
    per turn is one that `hoist-readbacks` sees.

    ```mlir
    %sum = scf.for %i = %c0 to %c2 step %c1 iter_args(%a = %zero) -> f32 {
      %row = tensor.extract_slice %t[%i, 0] [1, 8] [1, 1] : ...
      %n = linalg.reduce ... %row ...
      %h = tensor.extract %n[]
      %b = arith.addf %a, %h
      scf.yield %b
    }
    ```
    becomes
    ```mlir
    %r0 = tensor.extract_slice %t[0, 0] [1, 8] [1, 1] : ...
    %n0 = linalg.reduce ... %r0 ...
    %h0 = tensor.extract %n0[]
    %b0 = arith.addf %zero, %h0
    %r1 = tensor.extract_slice %t[1, 0] [1, 8] [1, 1] : ...
    ...
    ```

    What that makes constant is canonicalized. The attribute
    `graphopt.unroll = true` or `false` on the loop decides instead. Remarks:
    `loop-unrolled`, `loop-not-unrolled` (`too-many-ops`, `build-costs-more`).
    Next: `promote-buffers`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::affine::AffineDialect"];
  let options = [Option<"maxOps", "max-ops", "int64_t", "1024",
                        "Most ops that a loop may become">,
                 Option<"calls", "calls", "int64_t", "1000",
                        "Calls that have to repay what building the nodes costs">];
}

def FlattenBranches : Pass<"flatten-branches", "::mlir::func::FuncOp"> {
  let summary = "do both sides of branches that only check";
  let description = [{
    A `scf.if` on a readback that gives scalars and skips nothing but reductions
    and arithmetic on them is done whole, and the result selected: an early exit
    out of a check of tensor after tensor becomes one reduction over all.

    ```mlir
    %bad = scf.if %bad0 -> i1 {
      scf.yield %true
    } else {
      %s = tseq.reduce [add] ins(%g1 : ...) ...
      %h = tseq.item %s
      %b = math.isinf %h
      scf.yield %b
    }
    ```
    becomes
    ```mlir
    %s = tseq.reduce [add] ins(%g1 : ...) ...
    %h = tseq.item %s
    %b = math.isinf %h
    %bad = arith.select %bad0, %true, %b
    ```

    Nothing is done that could be noticed: a branch that guards a division of
    integers, a load at an index that may be out of bounds, a loop that may not
    end, or an effect stays. A branch that gives flags (`i1`) is always
    flattened; one that gives numbers only if both sides are predicted to cost
    no more than a conditional node and the side that it chooses, with the
    probability that `graphopt.probability` says, else one half. The attribute
    `graphopt.branch = "flat"` or `"conditional"` on the `scf.if` decides
    instead. Remark: `branch-flattened`. Expects `raise-to-sequences` to have
    run. Next: `hoist-readbacks`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

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
    `tseq.if`. So does an `scf.while` become `tseq.while` if its turns are
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
    it needs above it; writes to the caller's buffers move below their region.
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
    sequences (horizontal), scalars that do not wait for different kernels
    become one, a map predicated by a device scalar replaces `tseq.if` around
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

def BufferizeSequences : Pass<"bufferize-sequences", "::mlir::func::FuncOp"> {
  let summary = "give every tensor of a region its memory";
  let description = [{
    Rewrites each `tseq.graph` from tensors to memrefs. A result that is written
    to a caller's buffer is computed there in place if every other use of what
    the buffer held comes earlier, or is the same element of the same map;
    otherwise it goes through a temporary and a copy. Every other value inside
    of a region gets a `memref.alloc` in the region, every other result one
    outside of it.

    ```mlir
    %t = bufferization.to_tensor %m restrict writable
    %r = tseq.graph "g" (%a = %t) : (tensor<4xf32>) -> tensor<4xf32> {...}
    bufferization.materialize_in_destination %r in restrict writable %m
    ```
    becomes
    ```mlir
    tseq.graph "g" (%a = %m) : (memref<4xf32>) -> () {...}
    ```

    A `tensor.extract_slice` without gaps is a view. A chain of
    `tensor.insert_slice` has one memory, and what makes a slice writes it
    there, unless slices overlap or what they replace is read later (remark
    `slice-copied`):

    ```mlir
    %x = tseq.get %map[0] : ...
    %y = tseq.get %map[1] : ...
    %b0 = tensor.insert_slice %x into %b[0] [4] [1] : tensor<4xf32> into tensor<6xf32>
    %b1 = tensor.insert_slice %y into %b0[4] [2] [1] : tensor<2xf32> into tensor<6xf32>
    ```
    becomes
    ```mlir
    %x = memref.reinterpret_cast %b to offset: [0], sizes: [4], strides: [1] : ...
    %y = memref.reinterpret_cast %b to offset: [4], sizes: [2], strides: [1] : ...
    %o = tseq.pack %x, %y : ...
    tseq.map ... outs(%o : ...)
    ```

    Next: upstream's one-shot bufferization for what stayed outside of regions,
    then `pull-views`.
  }];
  let options = [
    Option<"chunkElements", "chunk-elements", "int64_t", "16384",
           "elements of one tensor that one partial result covers">
  ];
  let dependentDialects = ["::mlir::tseq::TensorSeqDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::bufferization::BufferizationDialect"];
}

def BufferizeRest : Pass<"bufferize-rest", "::mlir::ModuleOp"> {
  let summary = "bufferize what stayed outside of regions";
  let description = [{
    Runs upstream's one-shot bufferization, with function boundaries, on the
    tensors that are left. A module with more than `max-analyzed-ops` ops on
    tensors is bufferized without the analysis, whose time is quadratic in the
    length of a chain: each write then goes to a copy. (Not if tensors are
    passed to calls that were not inlined: these need the analysis.)

    Tensor arguments of functions are values of the caller and are never
    written. A copy between memrefs that are not contiguous becomes a
    `linalg.generic`, which needs no runtime library.

    Next: `pull-views`.
  }];
  let options = [
    Option<"maxAnalyzedOps", "max-analyzed-ops", "int64_t", "100",
           "ops on tensors up to which writes are analyzed">
  ];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::affine::AffineDialect"];
}

def PullViews : Pass<"pull-views", "::mlir::func::FuncOp"> {
  let summary = "give regions whole buffers instead of many views of them";
  let description = [{
    An operand of a `tseq.graph` that is a view of another memref is replaced by
    that memref, and the view is made again inside of the region. Each buffer is
    an operand once. What the host has to do at a launch (compute, pass and
    compare addresses) then depends on the number of buffers, not of views, and
    hazards between views of one buffer are seen byte by byte.

    ```mlir
    %v = memref.subview %flat[0] [64] [1] : memref<67xf32> to memref<64xf32, strided<[1]>>
    %w = memref.subview %flat[64] [3] [1] : memref<67xf32> to memref<3xf32, strided<[1], offset: 64>>
    tseq.graph "g" (%a = %v, %b = %w) : (...) -> () {...}
    ```
    becomes
    ```mlir
    tseq.graph "g" (%f = %flat) : (memref<67xf32>) -> () {
      %a = memref.subview %f[0] [64] [1] : memref<67xf32> to memref<64xf32, strided<[1]>>
      %b = memref.subview %f[64] [3] [1] : memref<67xf32> to memref<3xf32, strided<[1], offset: 64>>
      ...
    }
    ```

    Follows `memref.subview`, `reinterpret_cast`, `expand_shape`,
    `collapse_shape` and `cast`, one on the other, down to the first memref that
    is none of them. Stops above a view that takes an offset, a size or a stride
    at run time, above a source whose own layout is not static, and above a
    reinterpretation that reaches out of its source; what is above is the
    operand then. Preconditions: regions are on memrefs. Next: `plan-memory`.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def JoinKernels : Pass<"join-kernels", "::mlir::func::FuncOp"> {
  let summary = "join kernels that wait for one another into cooperative ones";
  let description = [{
    Inside of graphs, a `map`, `reduce`, `scalar` or `kernel` on memory and the
    next one, if it waits for the first and nothing but views and lists stands
    between them, become phases of one `tseq.kernel` that is `cooperative`: a
    barrier over the whole grid costs less than the end of a kernel and the
    start of the next, and what the one has left in the caches is still there.
    Kernels that together move less than `min-bytes` stay apart: they are bound
    by latency, and a grid that need not be resident at once has more threads
    (measured on an H200: with 13 MB they lost 28 %, with 100 MB they gained 6 %).

    ```mlir
    tseq.kernel {
      tseq.reduce [add] chunk(4096) ins(%s : ...) outs(%n : memref<f32>) ...
      tseq.scalar ins(%n : memref<f32>) outs(%c : memref<f32>) {...}
    }
    tseq.map chunk(4096) ins(%s : ...) scalars(%c : memref<f32>) outs(%s : ...)
    ```
    becomes
    ```mlir
    tseq.kernel cooperative {
      tseq.reduce [add] chunk(4096) ins(%s : ...) outs(%n : memref<f32>) ...
      tseq.scalar ins(%n : memref<f32>) outs(%c : memref<f32>) {...}
      tseq.map chunk(4096) ins(%s : ...) scalars(%c : memref<f32>) outs(%s : ...)
    }
    ```

    The attribute `graphopt.cooperative`, a `BoolAttr` on an op or on the
    function, says otherwise: with `false` it is not joined. Remark:
    `kernels-joined`. For devices that run cooperative kernels. Next:
    `alternate-directions`.
  }];
  let options = [
    Option<"minBytes", "min-bytes", "int64_t", "16 * 1024 * 1024",
           "bytes that kernels move at least to be joined">
  ];
  let dependentDialects = ["::mlir::tseq::TensorSeqDialect"];
}

def AlternateDirections : Pass<"alternate-directions", "::mlir::func::FuncOp"> {
  let summary = "walk lists backward that were walked forward last";
  let description = [{
    A list that does not fit into the cache has its end there when it was
    walked. So a `map` or `reduce` on memory, inside of a graph, whose memory an
    earlier one of the same block touched last walks in the other direction.

    ```mlir
    tseq.reduce [add] chunk(4096) ins(%s : ...) outs(%n : memref<f32>) ...
    tseq.map chunk(4096) ins(%s : ...) outs(%s : ...)
    ```
    becomes
    ```mlir
    tseq.reduce [add] chunk(4096) ins(%s : ...) outs(%n : memref<f32>) ...
    tseq.map backward chunk(4096) ins(%s : ...) outs(%s : ...)
    ```

    Next: `stream-stores`.
  }];
  let dependentDialects = ["::mlir::tseq::TensorSeqDialect"];
}

def StreamStores : Pass<"stream-stores", "::mlir::func::FuncOp"> {
  let summary = "write lists past the cache that nothing reads again";
  let description = [{
    A list that is longer than the cache and is written while it is walked
    pushes out what the walk has still to read. So a `map` on memory that reads
    and writes more bytes than the cache holds (the calibration's
    `cache_bytes`), and whose memory none of the next four phases touches, gets
    `streaming`: on a GPU its writes leave the cache first.

    ```mlir
    tseq.map chunk(4096) ins(%s : ...) outs(%s : ...)
    ```
    becomes
    ```mlir
    tseq.map streaming chunk(4096) ins(%s : ...) outs(%s : ...)
    ```

    `graphopt.streaming = true` or `false` on a function decides for all its
    maps, on a map for that one.

    Next: `plan-memory`.
  }];
  let dependentDialects = ["::mlir::tseq::TensorSeqDialect"];
}

def PlanMemory : Pass<"plan-memory", "::mlir::func::FuncOp"> {
  let summary = "place the temporaries of a region in one arena";
  let description = [{
    Replaces every `memref.alloc` of a `tseq.graph` by a view of one arena, an
    `i8` memref that is the last argument of the region. Each temporary starts
    at a multiple of 256 bytes, in the smallest place that is free.

    ```mlir
    tseq.graph "g" (%a = %m) : (memref<8xf32>) -> () {
      %x = memref.alloc() : memref<8xf32>
      ...
    }
    ```
    becomes
    ```mlir
    %0 = memref.alloc() : memref<256xi8>
    tseq.graph "g" (%a = %m, %b = %0) : (memref<8xf32>, memref<256xi8>) -> () attributes {
        arena = 1, arena_bytes = 256, arena_bytes_without_reuse = 256} {
      %c0 = arith.constant 0 : index
      %x = memref.view %b[%c0][] : memref<256xi8> to memref<8xf32>
      ...
    }
    ```

    **Who may follow whom.** A place is free for a temporary if all ops that
    touched it come before all that touch the temporary because of the data
    that they read and write, so that reuse makes no op wait that could run
    beside another one (copies and fills that prepare memory do not count: they
    wait with the op that they are for). From the size on at which memory, not launches, takes
    the time (`memory_rate * graph_branch` of the calibration), or if
    `graphopt.shape` of the region or function is `chain`, the order of the ops
    is enough. Any choice is right: edges are made from bytes later.

    **Bodies.** What lives in one branch only, or in one turn of a loop, has a
    place during that branch or loop; the branches of an `if` use the same one.
    What is made before a loop and used in it lives as long as the loop.

    **Sharing.** Regions of a function never overlap in time. If that saves
    `min-shared-bytes`, they share one arena of the largest size, which is
    allocated at the begin of the function and freed at its end, so that
    overlapping calls have one each; the operand's number is then the attribute
    `shared_arena`. Regions with branches or loops, whose graphs would be built
    anew for other addresses, keep their own, which belongs to the executable.

    Refuses memory that the region yields (remark `temporary-kept`) and sizes,
    layouts, memory spaces and alignments that a view of bytes can not have
    (`temporary-not-placed`). Memory that is allocated outside of regions, as
    results of the function are, is left alone. The remarks `arena-planned` and
    `arena-shared` tell the bytes with and without reuse, `arena-not-shared`
    what sharing would have saved.

    Preconditions: state `buffers`, but for allocations. Next:
    `convert-sequences-to-gpu` or `convert-sequences-to-host`.
  }];
  let options = [
    Option<"minSharedBytes", "min-shared-bytes", "int64_t", "16777216",
           "bytes that a shared arena must save">
  ];
  let dependentDialects = ["::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
}

def FreeAllocations : Pass<"free-allocations", "::mlir::func::FuncOp"> {
  let summary = "free buffers that do not leave their block";
  let description = [{
    Adds a `memref.dealloc` at the end of its block for each `memref.alloc` that
    is only read, written, viewed or launched with there. An allocation that is
    yielded, returned or stored elsewhere is left to its owner.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def LoadCalibration : Pass<"load-calibration", "::mlir::ModuleOp"> {
  let summary = "put a calibration table on the module";
  let description = [{
    Reads the JSON file of a calibration table, as `graph-run --calibrate`
    writes it, and keeps it as the attribute `graphopt.calibration` of the
    module, which the passes that choose by cost look for. An attribute may name
    some of the fields; the others are those of an H200.

    ```mlir
    module {}
    ```
    becomes
    ```mlir
    module attributes {graphopt.calibration = {device = "NVIDIA H200", graph_launch_us = 5.9, ...}} {}
    ```

    Reports a file that can not be read, and a field that is missing, unknown
    or no time, size or rate, with the names of file and field. Without a file
    it checks the attribute that the module has.
  }];
  let options = [Option<"file", "file", "std::string", "\"\"",
                        "JSON file of the table">];
}

def DeferReadbacks : Pass<"defer-readbacks", "::mlir::func::FuncOp"> {
  let summary = "wait for what is read back where it is used";
  let description = [{
    A readback copies device scalars and waits. This pass starts the copy right
    behind what last uses the memory, and waits before the first op that needs a
    value: launches, other readbacks, calls and loops that do not need it come
    first. Arithmetic on the value moves along. Where several waits meet, the
    fetch that was started last is awaited first: the others are done then.

    ```mlir
    %v = cudagraph.readback %m : memref<f32> -> f32
    %r = math.sqrt %v : f32
    call @tick() : () -> ()
    call @log(%r) : (f32) -> ()
    ```
    becomes
    ```mlir
    %p = cudagraph.fetch %m : memref<f32> -> !cudagraph.pending<f32>
    call @tick() : () -> ()
    %v = cudagraph.await %p : !cudagraph.pending<f32>
    %r = math.sqrt %v : f32
    call @log(%r) : (f32) -> ()
    ```

    With `async-results`, a scalar that the function only returns gets a fetch
    of its own, awaited right before the return, for `pack-entry-points` to hand
    to the caller.

    The wait stays in the block of the readback: before a branch or loop that
    needs a value, never in it, so that each fetch is awaited exactly once.
    Copies start early only from memory that the function allocated and that
    nothing else knows. Leaves a readback whose value is used at once, with the
    remark `readback-waits`; the others get `readback-deferred`. Preconditions:
    state `graphs`.
  }];
  let options = [
    Option<"asyncResults", "async-results", "bool", /*default=*/"false",
           "the caller awaits scalars that are only returned">];
  let dependentDialects = ["::mlir::cudagraph::CudaGraphDialect"];
}

def PlaceReadbacks : Pass<"place-readbacks", "::mlir::ModuleOp"> {
  let summary = "let kernels write where the host reads";
  let description = [{
    A scalar that kernels of a graph write, that nothing on the device reads, and
    that a readback then waits for, needs no copy: a GPU can write it to memory
    of the host. This pass marks its allocation, which `use-device-memory` makes
    a call of goAllocateReadable, and gives the readback the remark
    `readback-placed`.

    ```mlir
    %m = memref.alloc() : memref<f64>
    cudagraph.launch %exec buffers(%m : memref<f64>)
    %v = cudagraph.readback %m : memref<f64> -> f64
    memref.dealloc %m : memref<f64>
    ```
    becomes
    ```mlir
    %m = memref.alloc() {graphopt.readable} : memref<f64>
    cudagraph.launch %exec buffers(%m : memref<f64>)
    %v = cudagraph.readback %m : memref<f64> -> f64
    memref.dealloc %m : memref<f64>
    ```

    Leaves memory that another op touches, that a launch uses behind the
    readback, that a node of the graph reads or takes apart, and of more than
    one element. Preconditions: state `graphs`.
  }];
}

def CaptureLaunches : Pass<"capture-launches", "::mlir::ModuleOp"> {
  let summary = "turn launches of other compilers' kernels into graphs";
  let description = [{
    `gpu.launch_func`, `gpu.memcpy` and `gpu.memset` of one block and stream are
    gathered into chains; each chain becomes a `cudagraph.graph` and one launch
    of it. What a kernel reads and writes is found by looking into its function
    (KernelEffects.h); what can not be known is ordered after and before all
    else. Edges follow from hazards and async tokens. Memrefs that may be the
    same memory (no allocations, no `llvm.noalias` arguments) keep the order of
    the program.

    A host op between two launches that neither touches their memory nor uses
    what the other makes moves above the chain. One that they touch moves below
    it, and ends it when a later launch must stay behind: the remark
    `chain-split` names it.

    A blocking `gpu.wait` becomes `cudagraph.wait`. Launches that are not
    asynchronous keep their promise to host code that the runtime does not see:
    a `cudagraph.wait` stands before a call. A chain that names a stream runs on
    it. `gpu.alloc` and `gpu.dealloc` become ops of `memref` where the whole
    function is captured; copies and fills that can not be nodes become ops of
    the host there.

    ```mlir
    gpu.launch_func @k::@scale blocks in (%c4, %c1, %c1)
      threads in (%c256, %c1, %c1) args(%m : memref<1024xf32>, %f : f32)
    gpu.memcpy %n, %m : memref<1024xf32>, memref<1024xf32>
    ```
    becomes
    ```mlir
    cudagraph.graph @f.chain0(%m: memref<1024xf32>, %n: memref<1024xf32>)
        parameters(%f: memref<f32>) {
      %0 = cudagraph.kernel "scale" phases [#cudagraph.phase<@k::@scale, 1>]
        args(%m readwrite, %f read : ...) grid [4, 1, 1] block [256, 1, 1]
      %1 = cudagraph.memcpy %m to %n after(%0) : ...
    }
    ...
    %e = cudagraph.instantiate @f.chain0 : !cudagraph.exec
    cudagraph.launch %e buffers(%m, %n : ...) parameters(%f : f32)
    ```

    The sizes of a grid may be values of the host: they become three more
    operands of the kernel's node, which is marked with
    `graphopt.grid_in_operands`, and a fixed number of blocks does the work of as
    many as there are (`pack-kernel-arguments`,
    `convert-launched-kernels-to-host`).

    Refuses, with the remark `launch-not-captured`: a kernel without a body
    (`gpu.binary`) or in LLVM already, or that calls a function without a body
    other than libdevice's; sizes of blocks or shared memory that are not
    constant; clusters; memrefs of dynamic shape (a node must know the bytes it
    touches) or in another memory space or on the stack; launches that async
    tokens or allocations order with another stream; what shares an async token
    with an op that is refused, where streams are named or loops and branches
    carry tokens (else all is in the order of the caller's stream, which is what
    tokens ask for); and what is in a nested module. These stay as they are, and
    are launched one by one, in their place (`convert-direct-launches`).

    The attribute `graphopt.launch = "stream"` on a launch, copy or fill makes it
    a graph of its own, whose node is launched by itself (remark `kept-apart`);
    `"graph"` makes its chain one launch whatever that costs, and is an error on
    what is refused. Next: `pack-kernel-arguments` or
    `convert-launched-kernels-to-host`.
  }];
  let dependentDialects = [
    "::mlir::cudagraph::CudaGraphDialect", "::mlir::memref::MemRefDialect",
    "::mlir::linalg::LinalgDialect"];
}

def ChooseAddresses : Pass<"choose-addresses", "::mlir::ModuleOp"> {
  let summary = "choose by cost how graphs find buffers that move";
  let description = [{
    Any buffer may be elsewhere at each launch, and every launch is right at
    once. For each buffer of a graph on the GPU this pass predicts four policies
    by the cost model (docs/rationale.md, "Addresses") and takes the cheapest:

    - `baked`: the address is in the nodes; a move builds another CUDA graph.
    - `parameters`: the nodes that use the buffer are written to after a move.
    - `table`: kernels read the address from a table on the device, which is
      copied there after a move. Such kernels are marked `operands = "table"`;
      all that such a kernel uses is in its table.
    - `slot`: the buffer is copied to the arena before the nodes that use it, and
      back after those that write it, so that only the copies are written to.

    How often a buffer moves is the attribute `graphopt.moves` of the argument of
    the function that is passed, 0.0 (never) to 1.0 (at each call), else 0.5;
    globals never move. The attribute `graphopt.addresses = "slot"`, say, of the
    argument decides the policy, else `policy` does if it is not `auto`. The
    policies are recorded as `addresses`, runs of neighbours with one policy,
    with the microseconds per call that each policy would take: a remark
    `addresses-POLICY` for each run.

    ```mlir
    cudagraph.graph @g(%m: memref<256xf32>)
        attributes {disjoint_buffers} {
      %0 = cudagraph.kernel "k" phases [...] args(%m readwrite : memref<256xf32>)
    }
    ```
    becomes, with `policy=slot`,
    ```mlir
    cudagraph.graph @g(%m: memref<256xf32>) arena(%a: memref<1024xi8>)
        attributes {addresses = [...], disjoint_buffers} {
      %c0 = arith.constant 0 : index
      %slot = memref.view %a[%c0][] : memref<1024xi8> to memref<256xf32>
      %0 = cudagraph.memcpy %m to %slot : ...
      %1 = cudagraph.kernel "k" after(%0) phases [...] args(%slot readwrite : ...)
      %2 = cudagraph.memcpy %slot to %m after(%1) : ...
    }
    ```

    Refuses a slot, with the remark `no-slot`, to a buffer whose layout is not
    the identity, and in a graph whose buffers may overlap (of captured
    launches): the copies would hide what one writes from the other. Graphs of
    the host get a policy only where it is asked for; it has an effect there if
    it is `slot`. Graphs that have policies, and children, stay. Preconditions:
    state `graphs`.
  }];
  let options = [
    Option<"policy", "policy", "::graphopt::AddressPolicy",
           "::graphopt::AddressPolicy::Auto", "policy of all buffers",
           [{::llvm::cl::values(
             clEnumValN(::graphopt::AddressPolicy::Auto, "auto",
                        "what costs least"),
             clEnumValN(::graphopt::AddressPolicy::Baked, "baked",
                        "in the nodes, for good"),
             clEnumValN(::graphopt::AddressPolicy::Parameters, "parameters",
                        "in the nodes, which are written to"),
             clEnumValN(::graphopt::AddressPolicy::Table, "table",
                        "in a table on the device"),
             clEnumValN(::graphopt::AddressPolicy::Slot, "slot",
                        "copied to memory of the graph"))}]>];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cudagraph::CudaGraphDialect",
    "::mlir::memref::MemRefDialect"];
}

def ShapeGraphs : Pass<"shape-graphs", "::mlir::ModuleOp"> {
  let summary = "choose by cost how graphs are launched and what their edges are";
  let description = [{
    Nodes that do not depend on each other may run at the same time, but each
    further branch of a CUDA graph costs about a microsecond of the host at
    every launch, while a chain costs almost nothing there. For each graph on
    the GPU, and each body of a conditional node, that has branches, this pass
    predicts both by the cost model (docs/rationale.md, "Costs"): a chain takes
    the sum of its nodes; a wide graph the launch of its branches and the longer
    of its longest path and what the memory needs for all bytes. It takes what
    is less, or what `shape`, or the attribute `graphopt.shape = "chain"` or
    `"wide"` on the graph or the function that launches it, says: remark
    `graph-chained` or `graph-wide`.

    For each graph on the GPU it then predicts one launch of the graph and the
    launches of its nodes one by one, and records the cheaper as `launch`, which
    the runtime obeys: remark `launched-as-graph` or `launched-node-by-node`.
    A graph of fewer than `min-kernels` kernels, bodies included, is never one
    launch. The attribute `graphopt.launch = "graph"` or `"stream"` on a graph,
    or on the function that launches it, decides instead.

    All figures are kept, in microseconds: `chain` and `wide` of the nodes
    alone, `graph` and `stream` of a call with a wait, `update` and `rebuild` of
    a call that finds all addresses changed, on top.

    ```mlir
    cudagraph.graph @g(...) {
      %0 = cudagraph.kernel "a" ...
      %1 = cudagraph.kernel "b" ...
    }
    ```
    becomes, with `shape=chain`,
    ```mlir
    cudagraph.graph @g(...) attributes {launch = "graph", shape = "chain",
        predicted_us = {chain = 4.4, wide = 3.2, graph = 10.3, stream = 15.0, ...}} {
      %0 = cudagraph.kernel "a" ...
      %1 = cudagraph.kernel "b" after(%0) ...
    }
    ```

    Graphs of the host stay: its nodes run in order anyway. Preconditions: state
    `graphs`.
  }];
  let options = [
    Option<"choice", "shape", "::graphopt::GraphShape",
           "::graphopt::GraphShape::Auto", "edges of graphs",
           [{::llvm::cl::values(
             clEnumValN(::graphopt::GraphShape::Auto, "auto",
                        "what costs less"),
             clEnumValN(::graphopt::GraphShape::Chain, "chain",
                        "each node after the one before"),
             clEnumValN(::graphopt::GraphShape::Wide, "wide",
                        "those that hazards need"))}]>,
    Option<"minKernels", "min-kernels", "int64_t", "0",
           "Kernels of the smallest graph that is launched at once">];
  let dependentDialects = ["::mlir::cudagraph::CudaGraphDialect"];
}

def ExplainBlockers : Pass<"explain-blockers", "::mlir::func::FuncOp"> {
  let summary = "say what each blocker of regions costs";
  let description = [{
    Finds what keeps device work of a function out of one graph: readbacks that
    are left, ops of the host with effects, loops and branches of the host, and
    device ops that were not captured. For each it emits the remark `what-if`
    with the regions that would merge without it and the microseconds that a
    call would save by the calibration table: one launch of a graph for each
    pair of regions, and the wait for the readbacks that are only there for it.
    Where several blockers keep two regions apart, each remark names the others,
    and no time.

    ```mlir
    %r = tseq.graph "f.graph0" ...
    %h = tseq.item %r : tensor<f32>
    %v = call @ask(%h) : (f32) -> f32    // without this call regions f.graph0 and
    %s = tseq.graph "f.graph1" (... %v)  // f.graph1 would merge, about 13.2 microseconds a call
    ```

    The IR stays as it is. Does nothing if no remarks are asked for.
    Preconditions: state `regions`. Next: `fuse-sequences`.
  }];
}

def VerifyCaptured : Pass<"verify-captured", "::mlir::ModuleOp"> {
  let summary = "fail if device work is in no region";
  let description = [{
    The strict mode of the pipeline. Emits an error for every device op of the
    module that is in no region, with its reason code (`dynamic-shape`,
    `element-type`, `works-on-buffers`, `host-operand`, `no-interface`,
    `synchronizes`, `not-capture-safe`, `not-in-region`, `nested-module`), and,
    if there is any, a warning for each other blocker of regions, so that all are
    seen at once. These come with a note that says what a call would save without
    them. Launches of other compilers' kernels become graphs later; with
    `launches`, after `capture-launches`, those that are left are errors as well,
    `launch-not-captured`.

    ```mlir
    // error: not captured [dynamic-shape]: the shape of 'tensor<?xf32>' is not static
    %r = linalg.generic ... ins(%t : tensor<?xf32>) ...
    ```

    The IR stays as it is. Preconditions: state `regions`, or `graphs` with
    `launches`. Next: `fuse-sequences`, or `shape-graphs`.
  }];
  let options = [Option<"launches", "launches", "bool", /*default=*/"false",
      "launches that are in no graph are errors">];
}

def VerifyAttributes : Pass<"verify-attributes", "::mlir::ModuleOp"> {
  let summary = "fail if an attribute of graph-opt stands where it means nothing";
  let description = [{
    A wish in the wrong place would be ignored without a word. Checks where the
    attributes that users write stand: `graphopt.launch` on functions, graphs and
    ops on tensors or buffers; `graphopt.shape` on functions, graphs and
    conditional nodes; `graphopt.calibration` and `graphopt.report` on the outermost module. Anywhere
    else, also among the attributes of arguments and results, they are an error.

    ```mlir
    // error: attribute 'graphopt.launch' means nothing on 'builtin.module': it belongs on a function, a graph, ...
    module attributes {graphopt.launch = "graph"} {}
    ```

    The IR stays as it is. Any state. Runs first.
  }];
}

def RecordReport : Pass<"record-report", "::mlir::ModuleOp"> {
  let summary = "note what a state of the IR holds, for the report";
  let description = [{
    Adds what the state tells about each function to the attribute
    `graphopt.report` of the module: totals of the program op by op
    (`sequences`), what became of readbacks (`hoisted`), regions and blockers
    (`regions`), kernels (`fused`), memory of temporaries (`buffers`), nodes
    (`graphs`). Facts of other states stay. docs/report.md lists the facts.

    ```mlir
    module {...}
    ```
    becomes
    ```mlir
    module attributes {graphopt.report = {functions = [...], state = "sequences"}} {...}
    ```

    Preconditions: the state that the option names. Next: `write-report`, at the
    end of the pipeline.
  }];
  let options = [
    Option<"state", "state", "::graphopt::IRState",
           "::graphopt::IRState::Sequences", "the state that the IR is in",
           [{::llvm::cl::values(
             clEnumValN(::graphopt::IRState::Sequences, "sequences", ""),
             clEnumValN(::graphopt::IRState::Hoisted, "hoisted", ""),
             clEnumValN(::graphopt::IRState::Regions, "regions", ""),
             clEnumValN(::graphopt::IRState::Fused, "fused", ""),
             clEnumValN(::graphopt::IRState::Buffers, "buffers", ""),
             clEnumValN(::graphopt::IRState::Graphs, "graphs", ""))}]>
  ];
}

def WriteReport : Pass<"write-report", "::mlir::ModuleOp"> {
  let summary = "write what was captured, what was refused, and why";
  let description = [{
    Writes the facts that `record-report` noted, and removes them from the
    module:

    ```mlir
    module attributes {graphopt.report = {functions = [...], state = "graphs"}} {...}
    ```
    becomes
    ```mlir
    module {...}
    ```

    A file appears when all of it is written, or not at all; one that can not be
    written is an error. The name `-` stands for the standard output; the
    summary goes to the standard error. Nothing comes after it.
  }];
  let options = [
    Option<"json", "json", "std::string", "\"\"", "file for the report as JSON">,
    Option<"dot", "dot", "std::string", "\"\"",
           "file for a picture of regions and blockers, for Graphviz">,
    Option<"summary", "summary", "bool", "false",
           "print a summary to read on the standard error">
  ];
}

def VerifyState : Pass<"verify-state", "::mlir::ModuleOp"> {
  let summary = "check what must hold in a state of the IR";
  let description = [{
    Emits an error at the first op that must not exist in the state: see the
    table of states in docs/rationale.md. The pipeline runs it after each
    stage.
  }];
  let options = [
    Option<"state", "state", "::graphopt::IRState",
           "::graphopt::IRState::Sequences", "the state to check",
           [{::llvm::cl::values(
             clEnumValN(::graphopt::IRState::Sequences, "sequences", ""),
             clEnumValN(::graphopt::IRState::Hoisted, "hoisted", ""),
             clEnumValN(::graphopt::IRState::Regions, "regions", ""),
             clEnumValN(::graphopt::IRState::Fused, "fused", ""),
             clEnumValN(::graphopt::IRState::Buffers, "buffers", ""),
             clEnumValN(::graphopt::IRState::Graphs, "graphs", ""),
             clEnumValN(::graphopt::IRState::Runtime, "runtime", ""))}]>
  ];
}

#endif // GRAPHOPT_TRANSFORMS_PASSES
