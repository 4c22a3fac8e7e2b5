//===- TensorSeqOps.td - Ops of the tseq dialect -----------*- tablegen -*-===//

#ifndef GRAPHOPT_TENSORSEQ_OPS
#define GRAPHOPT_TENSORSEQ_OPS

include "GraphOpt/TensorSeq/TensorSeqAttrs.td"
include "GraphOpt/TensorSeq/TensorSeqInterfaces.td"
include "GraphOpt/TensorSeq/TensorSeqTypes.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class TensorSeq_Op<string mnemonic, list<Trait> traits = []>
    : Op<TensorSeq_Dialect, mnemonic, traits>;

/// Ops that are pure on tensors and write their `outs` on memrefs. Their bodies
/// see nothing but their arguments: they become functions.
class TensorSeq_WorkOp<string mnemonic, list<Trait> traits = []>
    : TensorSeq_Op<mnemonic, traits # [
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        IsolatedFromAbove, CapturableOpInterface]>;

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

def TensorSeq_PackOp : TensorSeq_Op<"pack", [Pure]> {
  let summary = "makes a sequence of tensors";
  let description = [{
    Moves no data. The result type spells the operands' types.

    ```mlir
    %s = tseq.pack %a, %b : !tseq.seq<tensor<4xf32>, tensor<8xf32>>
    ```
  }];
  let arguments = (ins Variadic<TensorSeq_DeviceValue>:$tensors);
  let results = (outs TensorSeq_SeqType:$sequence);
  let assemblyFormat = [{
    $tensors attr-dict `:` custom<Elements>(type($sequence), type($tensors))
  }];
  let builders = [OpBuilder<(ins "::mlir::ValueRange":$tensors)>];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def TensorSeq_UnpackOp : TensorSeq_Op<"unpack", [Pure]> {
  let summary = "the tensors of a sequence";
  let description = [{
    ```mlir
    %a, %b = tseq.unpack %s : !tseq.seq<tensor<4xf32>, tensor<8xf32>>
    ```
  }];
  let arguments = (ins TensorSeq_SeqType:$sequence);
  let results = (outs Variadic<TensorSeq_DeviceValue>:$tensors);
  let assemblyFormat = [{
    $sequence attr-dict `:` custom<Elements>(type($sequence), type($tensors))
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$sequence)>];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def TensorSeq_GetOp : TensorSeq_Op<"get", [
    Pure, InferTypeOpAdaptor]> {
  let summary = "one tensor of a sequence";
  let description = [{
    ```mlir
    %b = tseq.get %s[1] : !tseq.seq<tensor<4xf32>, tensor<8xf32>>
    ```
  }];
  let arguments = (ins TensorSeq_SeqType:$sequence, I64Attr:$index);
  let results = (outs TensorSeq_DeviceValue:$tensor);
  let assemblyFormat = "$sequence `[` $index `]` attr-dict `:` type($sequence)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

def TensorSeq_MapOp : TensorSeq_WorkOp<"map", [
    AttrSizedOperandSegments, RecursivelySpeculatable, SingleBlock]> {
  let summary = "elementwise work on all elements of all tensors";
  let description = [{
    The body is run once for each element of each tensor. Its arguments are the
    elements of `ins` at the same place of the same tensor, then the scalars;
    it yields one value per result. Inputs and results are congruent: the same
    number of tensors with the same shapes in order, while element types may
    differ between sequences (not within one).

    A scalar is a device scalar: `tensor<T>` is one for all, `tensor<NxT>` holds
    one for each of the N tensors.

    With `when`, nothing is computed nor written where the predicate is false,
    and the results are the `else` sequences.

    ```mlir
    %r = tseq.map ins(%g : !tseq.seq<2 x tensor<4xf32>>)
                  scalars(%c : tensor<f32>)
                  when(%p : tensor<i1>) else(%g : !tseq.seq<2 x tensor<4xf32>>)
                  -> !tseq.seq<2 x tensor<4xf32>> {
    ^bb0(%x: f32, %k: f32):
      %y = arith.mulf %x, %k : f32
      tseq.yield %y : f32
    }
    ```

    In state `buffers` there are no results: the values go to `outs`, and where
    the predicate is false the `outs` are not touched. `chunk` is the number of
    elements of one tensor that one item of the kernel covers. With `backward`
    a GPU walks the elements from the last to the first, so as to meet in its
    cache what an earlier phase touched last. With `streaming` it writes what
    its cache may drop first.
  }];
  let arguments = (ins
    OptionalAttr<I64Attr>:$chunk_elements,
    Variadic<TensorSeq_SeqType>:$inputs,
    Variadic<TensorSeq_DeviceValue>:$scalars,
    Optional<TensorSeq_DeviceValue>:$predicate,
    Variadic<TensorSeq_SeqType>:$otherwise,
    Variadic<TensorSeq_SeqType>:$outs,
    UnitAttr:$backward,
    UnitAttr:$streaming);
  let results = (outs Variadic<TensorSeq_SeqType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`backward` $backward^)? (`streaming` $streaming^)? (`chunk` `(` $chunk_elements^ `)`)?
    (`ins` `(` $inputs^ `:` type($inputs) `)`)?
    (`scalars` `(` $scalars^ `:` type($scalars) `)`)?
    (`when` `(` $predicate^ `:` type($predicate) `)`)?
    (`else` `(` $otherwise^ `:` type($otherwise) `)`)?
    (`outs` `(` $outs^ `:` type($outs) `)`)?
    (`->` type($results)^)? attr-dict-with-keyword $body
  }];
  let extraClassDeclaration = [{
    /// The sequence type all others are congruent with: the first result, out
    /// or input; null if there is none.
    SeqType getDomain();
    /// Number of values the body yields.
    unsigned getNumValues() {
      return getResults().empty() ? getOuts().size() : getResults().size();
    }
    ::mlir::Block *getBodyBlock() { return &getBody().front(); }
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def TensorSeq_ReduceOp : TensorSeq_WorkOp<"reduce", [
    AttrSizedOperandSegments, RecursivelySpeculatable, SingleBlock]> {
  let summary = "full reduction of all elements of all tensors";
  let description = [{
    The body maps the elements at one place of the inputs (then the scalars, as
    in `map`) to one value per combiner; the combiner joins these values. A
    result is `tensor<T>` (all tensors together) or, with `per_tensor`,
    `tensor<NxT>` (one value per tensor), where T is the type the body yields:
    the accumulator has a type of its own. The order of the combination is not
    promised, but it is the same in every run. An empty list or tensor gives
    the combiner's identity.

    ```mlir
    %n = tseq.reduce [add] ins(%g : !tseq.seq<2 x tensor<4xbf16>>)
           -> tensor<f32> {
    ^bb0(%x: bf16):
      %w = arith.extf %x : bf16 to f32
      %q = arith.mulf %w, %w : f32
      tseq.yield %q : f32
    }
    ```

    In state `buffers` the values go to `outs`, by way of the partial results
    in `scratch` (one memref per result, one element per chunk of
    `chunk_elements` elements of a tensor). `backward` is as in `map`.
  }];
  let arguments = (ins
    TensorSeq_CombinerArrayAttr:$combiners,
    UnitAttr:$per_tensor,
    OptionalAttr<I64Attr>:$chunk_elements,
    Variadic<TensorSeq_SeqType>:$inputs,
    Variadic<TensorSeq_DeviceValue>:$scalars,
    Variadic<TensorSeq_DeviceValue>:$outs,
    Variadic<TensorSeq_DeviceValue>:$scratch,
    UnitAttr:$backward);
  let results = (outs Variadic<TensorSeq_DeviceValue>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    custom<Combiners>($combiners) (`per_tensor` $per_tensor^)?
    (`backward` $backward^)? (`chunk` `(` $chunk_elements^ `)`)?
    `ins` `(` $inputs `:` type($inputs) `)`
    (`scalars` `(` $scalars^ `:` type($scalars) `)`)?
    (`outs` `(` $outs^ `:` type($outs) `)`)?
    (`scratch` `(` $scratch^ `:` type($scratch) `)`)?
    (`->` type($results)^)? attr-dict-with-keyword $body
  }];
  let extraClassDeclaration = [{
    SeqType getDomain() {
      return ::llvm::cast<SeqType>(getInputs().front().getType());
    }
    Combiner getCombiner(unsigned i) {
      return ::llvm::cast<CombinerAttr>(getCombiners()[i]).getValue();
    }
    ::mlir::Block *getBodyBlock() { return &getBody().front(); }
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def TensorSeq_ScalarOp : TensorSeq_WorkOp<"scalar", [
    AttrSizedOperandSegments, SingleBlock,
    DeclareOpInterfaceMethods<ConditionallySpeculatable>]> {
  let summary = "a small program on device scalars";
  let description = [{
    What host arithmetic becomes: run by one thread of the device. A rank-0
    operand is a body argument of its element type; an operand of higher rank is
    passed as it is and read with `tensor.extract` (`memref.load` in state
    `buffers`). Each yielded value is one result: a scalar one of rank 0, a
    tensor, which the body must make by `tensor.from_elements` or
    `tensor.generate`, one of rank 1. A program that loads at an index which may
    be out of bounds, or that divides by what may be zero, is not speculatable.

    ```mlir
    %c = tseq.scalar ins(%n, %max : tensor<f64>, tensor<f64>) -> tensor<f64> {
    ^bb0(%norm: f64, %m: f64):
      %d = arith.divf %m, %norm : f64
      tseq.yield %d : f64
    }
    %r = tseq.scalar ins(%ns : tensor<8xf32>) -> tensor<8xf32> {
    ^bb0(%norms: tensor<8xf32>):
      %t = tensor.generate {
      ^bb0(%i: index):
        %norm = tensor.extract %norms[%i] : tensor<8xf32>
        %s = math.sqrt %norm : f32
        tensor.yield %s : f32
      } : tensor<8xf32>
      tseq.yield %t : tensor<8xf32>
    }
    ```

    In state `buffers` an out of rank 1 is one more argument of the body, after
    those of the inputs. The body stores all of it at its end, after what it
    loads for the values that it yields; a loop that does so is an
    `scf.parallel`.
  }];
  let arguments = (ins Variadic<TensorSeq_DeviceValue>:$inputs,
                       Variadic<TensorSeq_DeviceValue>:$outs);
  let results = (outs Variadic<TensorSeq_DeviceValue>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`ins` `(` $inputs^ `:` type($inputs) `)`)?
    (`outs` `(` $outs^ `:` type($outs) `)`)?
    (`->` type($results)^)? attr-dict-with-keyword $body
  }];
  let extraClassDeclaration = [{
    ::mlir::Block *getBodyBlock() { return &getBody().front(); }
    /// The type of the body argument for an operand of type `type`.
    static ::mlir::Type getArgumentType(::mlir::Type type);
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def TensorSeq_ItemOp : TensorSeq_Op<"item", [
    CapturableOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    InferTypeOpAdaptor]> {
  let summary = "a readback: a device scalar becomes a host scalar";
  let description = [{
    The host waits for the device. The operand has one element, whatever its
    rank. `use` says what the value is for, once `hoist-readbacks` has found out.

    ```mlir
    %h = tseq.item %n : tensor<f32>
    %r = tseq.item %n use(observed) : tensor<1x1xf32>
    ```
  }];
  let arguments = (ins TensorSeq_DeviceValue:$tensor,
                       OptionalAttr<TensorSeq_ItemUseAttr>:$use);
  let results = (outs AnyType:$value);
  let assemblyFormat = [{
    $tensor (`use` `(` custom<ItemUse>($use)^ `)`)? attr-dict `:` type($tensor)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

def TensorSeq_KernelOp : TensorSeq_Op<"kernel", [
    SingleBlock, RecursiveMemoryEffects, RecursivelySpeculatable,
    CapturableOpInterface]> {
  let summary = "one launch: phases with a grid-wide barrier between them";
  let description = [{
    The body is an ordered list of phases (`reduce`, `scalar`, `map`) and of
    list ops. A phase that uses what an earlier one finished waits for it at a
    grid-wide barrier. Made by `fuse-sequences`; becomes one kernel. On a GPU
    that is so with `cooperative` (`join-kernels`), where all blocks are
    resident at the same time; without it such a barrier is the boundary
    between two kernel nodes.

    ```mlir
    %n = tseq.kernel -> tensor<f64> {
      %s = tseq.reduce [add] ins(%g : !tseq.seq<2 x tensor<4xf32>>) -> tensor<f32> {...}
      %r = tseq.scalar ins(%s : tensor<f32>) -> tensor<f64> {...}
      tseq.yield %r : tensor<f64>
    }
    ```
  }];
  let arguments = (ins UnitAttr:$cooperative);
  let results = (outs Variadic<TensorSeq_AnyValue>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`cooperative` $cooperative^)? (`->` type($results)^)?
    attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def TensorSeq_GraphOp : TensorSeq_Op<"graph", [
    IsolatedFromAbove, SingleBlock, RecursiveMemoryEffects]> {
  let summary = "a region that becomes one CUDA graph";
  let description = [{
    The body sees nothing but its arguments. An operand that is a host scalar is
    an upload: its argument is the device scalar `tensor<T>`. Results are
    tensors.

    ```mlir
    %r = tseq.graph "clip" (%a = %g, %m = %max_norm) : (tensor<4xf32>, f64) -> tensor<4xf32> {
      // %a : tensor<4xf32>, %m : tensor<f64>
      ...
      tseq.yield %0 : tensor<4xf32>
    }
    ```

    In state `buffers` operands and arguments are memrefs and there are no
    results.
  }];
  let arguments = (ins StrAttr:$sym, Variadic<AnyType>:$inputs);
  let results = (outs Variadic<TensorSeq_DeviceValue>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    ::mlir::Block *getBodyBlock() { return &getBody().front(); }
    /// The type of the body argument for an operand of type `type`: a host
    /// scalar T is seen as `tensor<T>`, or as `memref<T>` if `buffers`.
    static ::mlir::Type getArgumentType(::mlir::Type type, bool buffers = false);
  }];
}

def TensorSeq_IfOp : TensorSeq_Op<"if", [
    RecursiveMemoryEffects, RecursivelySpeculatable, NoRegionArguments,
    SingleBlock]> {
  let summary = "a branch on a device scalar";
  let description = [{
    Legal inside `graph` once the IR is in state `regions`. The else region may
    be empty if there are no results.

    ```mlir
    %r = tseq.if %c : tensor<i1> -> tensor<4xf32> {
      ...
      tseq.yield %scaled : tensor<4xf32>
    } else {
      tseq.yield %g : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins TensorSeq_DeviceValue:$condition);
  let results = (outs Variadic<TensorSeq_AnyValue>:$results);
  let regions = (region SizedRegion<1>:$thenRegion,
                        MaxSizedRegion<1>:$elseRegion);
  let assemblyFormat = [{
    $condition `:` type($condition) (`->` type($results)^)?
    attr-dict-with-keyword $thenRegion (`else` $elseRegion^)?
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def TensorSeq_WhileOp : TensorSeq_Op<"while", [
    RecursiveMemoryEffects, SingleBlock]> {
  let summary = "a loop on a device scalar";
  let description = [{
    Runs the body as long as the condition is true; the first condition is an
    operand, each run yields the next one and then the carried values.

    ```mlir
    %r = tseq.while %c0 : tensor<i1> iter(%x0 : tensor<f32>) {
    ^bb0(%x: tensor<f32>):
      %y, %c = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32>, tensor<i1> {...}
      tseq.yield %c, %y : tensor<i1>, tensor<f32>
    }
    ```

    In state `buffers` the condition is a memref that the body writes, and
    nothing is carried nor yielded.
  }];
  let arguments = (ins TensorSeq_DeviceValue:$condition,
                       Variadic<TensorSeq_DeviceValue>:$inits);
  let results = (outs Variadic<TensorSeq_DeviceValue>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $condition `:` type($condition)
    (`iter` `(` $inits^ `:` type($inits) `)` `->` type($results))?
    attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def TensorSeq_YieldOp : TensorSeq_Op<"yield", [
    Pure, Terminator, ReturnLike,
    ParentOneOf<["MapOp", "ReduceOp", "ScalarOp", "KernelOp", "GraphOp", "IfOp",
                 "WhileOp"]>]> {
  let summary = "ends a region of a tseq op";
  let description = [{
    ```mlir
    tseq.yield %a, %b : f32, f32
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ValueRange()); }]>];
}

#endif // GRAPHOPT_TENSORSEQ_OPS
