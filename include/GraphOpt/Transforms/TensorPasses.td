//===- TensorPasses.td - Programs on tensors to sequences --*- tablegen -*-===//

#ifndef GRAPHOPT_TRANSFORMS_TENSOR_PASSES
#define GRAPHOPT_TRANSFORMS_TENSOR_PASSES

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

    Views of one buffer that overlap, one of them written, become slices of one
    tensor (remark `views-joined`): of the part of the buffer that they cover,
    or of the buffer if they are subviews with gaps. What is put together so far
    is also written where the host may wait, so that each region may do so in
    place.

    ```mlir
    %a = bufferization.to_tensor %m[2..6]
    bufferization.materialize_in_destination %x in restrict writable %m[0..4]
    %b = bufferization.to_tensor %m[2..6]
    ```
    becomes
    ```mlir
    %t0 = bufferization.to_tensor %m[0..6]
    %a = tensor.extract_slice %t0[2] [4] [1]
    %t1 = tensor.insert_slice %x into %t0[0] [4] [1]
    %b = tensor.extract_slice %t1[2] [4] [1]
    bufferization.materialize_in_destination %t1 in restrict writable %m[0..6]
    ```

    Refuses a branch that has other effects on memory, and one that writes two
    buffers that may overlap at places that are not known (remark
    `aliasing-buffers`). A tensor read from a buffer that another view that may
    overlap is written through, where one of them is at a place that is not
    known or their shapes have nothing in common, is copied first (the same
    remark). Next: `raise-to-sequences`.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
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

def RaiseToSequences : Pass<"raise-to-sequences", "::mlir::func::FuncOp"> {
  let summary = "raise static-shape tensor work to tseq ops";
  let description = [{
    Elementwise `linalg` ops, and ops of `arith` and `math` on tensors, become
    `tseq.map`, full reductions `tseq.reduce`, ops on one-element tensors `tseq.scalar`, fills and splats maps without
    inputs, and `tensor.extract` of a one-element tensor `tseq.item`. A host
    scalar that a body captures or an op takes becomes an explicit upload
    (`tensor.from_elements`) to a device scalar.

    A chain of elementwise ops of `arith`, `math` and `linalg` whose values in
    between nothing else reads becomes one map, as fusion would make of it, unless the host may wait
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

    A slice of a tensor that slices were put into is taken from where its
    elements come from: from what was put in, or from the tensor before slices
    that do not overlap it. So work on parts that do not overlap is independent.

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

#endif // GRAPHOPT_TRANSFORMS_TENSOR_PASSES
