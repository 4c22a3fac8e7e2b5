//===- CudaGraphOps.td - Ops -------------------------------*- tablegen -*-===//

#ifndef GRAPHOPT_CUDAGRAPH_OPS
#define GRAPHOPT_CUDAGRAPH_OPS

include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "GraphOpt/CudaGraph/CudaGraphAttrs.td"
include "GraphOpt/CudaGraph/CudaGraphDialect.td"
include "GraphOpt/CudaGraph/CudaGraphInterfaces.td"
include "GraphOpt/CudaGraph/CudaGraphTypes.td"

class CudaGraph_Op<string mnemonic, list<Trait> traits = []>
    : Op<CudaGraph_Dialect, mnemonic, traits>;

//===----------------------------------------------------------------------===//
// The graph
//===----------------------------------------------------------------------===//

def CudaGraph_GraphOp : CudaGraph_Op<"graph", [
    IsolatedFromAbove, Symbol, SingleBlock, NoTerminator]> {
  let summary = "a graph: nodes and the edges between them";
  let description = [{
    The block arguments are the buffers, then the parameters (memrefs of rank 0
    of an integer, index or float; each takes a slot of 8 bytes), then the arena
    if there is one. The body holds nodes, `arith.constant` and the views of
    `memref` (`view`, `subview`, `reinterpret_cast`, `cast`, `expand_shape`,
    `collapse_shape`) with constant offsets; all shapes and strides are static.
    Nodes are listed in an order that their edges allow.

    The verifier proves the edges sufficient: for every read after write, write
    after read and write after write of overlapping bytes of one buffer there
    must be a path of `after` edges between the two nodes. Byte ranges are
    computed through the views; a strided view counts as the range from its
    first to its last byte. Different buffers are taken to be disjoint. No node
    may write a parameter.

    Attributes that passes leave: `disjoint_buffers` says that launches check
    that (`goGraphSetDisjoint`); without it buffers overlap as the program's
    order allows. `addresses` lists what becomes of buffers that move, as runs
    of neighbours with one policy: `choose-addresses` makes it.

    ```mlir
    cudagraph.graph @clip(%g: memref<1024xf32>, %out: memref<f64>)
        parameters(%max: memref<f64>) arena(%a: memref<16xi8>) {
      %zero = arith.constant 0 : index
      %norm = memref.view %a[%zero][] : memref<16xi8> to memref<f64>
      %0 = cudagraph.kernel "norm" phases [#cudagraph.phase<@norm, 1>]
        args(%g read, %norm write : memref<1024xf32>, memref<f64>)
      %1 = cudagraph.memcpy %norm to %out after(%0) : memref<f64> to memref<f64>
      %2 = cudagraph.kernel "scale" after(%0)
        phases [#cudagraph.phase<@scale, 4>]
        args(%norm read, %max read, %g readwrite
             : memref<f64>, memref<f64>, memref<1024xf32>)
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
      OptionalAttr<StrAttr>:$sym_visibility,
      ConfinedAttr<I64Attr, [IntNonNegative]>:$num_buffers,
      ConfinedAttr<I64Attr, [IntNonNegative]>:$num_parameters);
  let regions = (region SizedRegion<1>:$bodyRegion);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [
    OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::TypeRange":$buffers,
        CArg<"::mlir::TypeRange", "{}">:$parameters,
        CArg<"::mlir::MemRefType", "{}">:$arena)>
  ];
  let extraClassDeclaration = [{
    /// Bytes of one parameter slot.
    static constexpr int64_t kSlotBytes = 8;
    /// A unit attribute: the edges count on buffers that share no memory.
    static constexpr ::llvm::StringLiteral kDisjointAttribute =
        "disjoint_buffers";
    /// An array of dictionaries, one for each run of buffers with the same
    /// policy: `count`, `policy`, and what it was chosen by.
    static constexpr ::llvm::StringLiteral kAddressesAttribute = "addresses";
    /// The numbers of the buffers whose policy in `addresses` is `policy`.
    ::llvm::SmallVector<int64_t> getBuffersOfPolicy(::llvm::StringRef policy);

    /// The block arguments by role.
    ::llvm::ArrayRef<::mlir::BlockArgument> getBuffers();
    ::llvm::ArrayRef<::mlir::BlockArgument> getParameters();
    /// Null if the graph has no arena.
    ::mlir::BlockArgument getArena();
    /// Size of the arena in bytes; 0 if there is none.
    int64_t getArenaBytes();
    /// Whether the graph holds a conditional node, at any depth.
    bool hasConditionals();
    /// The handles that its conditional nodes have or its kernels set.
    ::llvm::SmallVector<int64_t> getHandles();
    /// How the graph uses each of its buffers; 0 if it does not.
    ::llvm::SmallVector<int32_t> getBufferUses();
  }];
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

class CudaGraph_NodeOp<string mnemonic, list<Trait> traits = []>
    : CudaGraph_Op<mnemonic, !listconcat(traits, [
        DeclareOpInterfaceMethods<CudaGraph_NodeOpInterface, ["collectAccesses"]>,
        ParentOneOf<["GraphOp", "IfOp", "WhileOp", "SwitchOp"]>])> {
  let results = (outs CudaGraph_NodeType:$node);
  let hasVerifier = 1;
}

def CudaGraph_KernelOp : CudaGraph_NodeOp<"kernel", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "one kernel launch";
  let description = [{
    An ordered list of phases over the same operands. Each operand says how the
    kernel uses it. `grid`, `block` and `cooperative` describe the launch on a
    GPU, where the one phase names a `gpu.func`, with `shared_bytes` of dynamic
    shared memory per block. `sets` lists the handles of
    conditional nodes whose condition the kernel sets; on a GPU a slot for each
    follows those of the operands.

    ```mlir
    %1 = cudagraph.kernel "norm" after(%0)
      phases [#cudagraph.phase<@partial, 12>, #cudagraph.phase<@finish, 1>]
      args(%g read, %partials readwrite, %out write
           : memref<8192xf32>, memref<12xf32>, memref<f64>)
    ```
  }];
  let arguments = (ins StrAttr:$kernel_name,
      Variadic<CudaGraph_NodeType>:$after, CudaGraph_PhaseArrayAttr:$phases,
      Variadic<AnyStaticShapeMemRef>:$args, DenseI32ArrayAttr:$accesses,
      OptionalAttr<DenseI64ArrayAttr>:$grid,
      OptionalAttr<DenseI64ArrayAttr>:$block, UnitAttr:$cooperative,
      OptionalAttr<DenseI64ArrayAttr>:$sets,
      OptionalAttr<ConfinedAttr<I64Attr, [IntNonNegative]>>:$shared_bytes);
  let assemblyFormat = [{
    $kernel_name (`after` `(` $after^ `)`)? `phases` $phases
    `args` `(` custom<AccessList>($args, type($args), $accesses) `)`
    (`sets` $sets^)? (`grid` $grid^)? (`block` $block^)?
    (`shared_bytes` $shared_bytes^)? (`cooperative` $cooperative^)? attr-dict
  }];
  let builders = [
    OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::ValueRange":$after,
        "::llvm::ArrayRef<::mlir::Attribute>":$phases,
        "::mlir::ValueRange":$args, "::llvm::ArrayRef<Access>":$accesses)>
  ];
  let extraClassDeclaration = [{
    /// A discardable attribute: "table" if the kernel takes its operands in a
    /// table on the device.
    static constexpr ::llvm::StringLiteral kOperandsAttribute = "operands";
    /// A discardable unit attribute: a cooperative kernel that does its work
    /// with any number of blocks along x (GO_COOPERATIVE_ANY_GRID).
    static constexpr ::llvm::StringLiteral kAnyGridAttribute = "any_grid";
  }];
}

def CudaGraph_MemcpyOp : CudaGraph_NodeOp<"memcpy"> {
  let summary = "copies a contiguous range of device memory";
  let description = [{
    Source and destination are contiguous, of one shape and element type, and do
    not overlap.

    ```mlir
    %1 = cudagraph.memcpy %src to %dst after(%0)
       : memref<64xf32> to memref<64xf32, strided<[1], offset: 8>>
    ```
  }];
  let arguments = (ins Variadic<CudaGraph_NodeType>:$after,
      AnyStaticShapeMemRef:$source, AnyStaticShapeMemRef:$destination);
  let assemblyFormat = [{
    $source `to` $destination (`after` `(` $after^ `)`)? attr-dict
    `:` type($source) `to` type($destination)
  }];
  let hasCanonicalizer = 1;
}

def CudaGraph_MemsetOp : CudaGraph_NodeOp<"memset"> {
  let summary = "fills a contiguous range of device memory";
  let description = [{
    The value is a pattern of 1, 2 or 4 bytes that is repeated over the
    destination.

    ```mlir
    %1 = cudagraph.memset %dst value(0 : i8) after(%0) : memref<64xf32>
    ```
  }];
  let arguments = (ins Variadic<CudaGraph_NodeType>:$after,
      AnyStaticShapeMemRef:$destination,
      AnyAttrOf<[I8Attr, I16Attr, I32Attr]>:$value);
  let assemblyFormat = [{
    $destination `value` `(` $value `)` (`after` `(` $after^ `)`)? attr-dict
    `:` type($destination)
  }];
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    /// Bytes of the pattern: 1, 2 or 4.
    int64_t getValueBytes();
    /// The pattern, zero-extended.
    uint32_t getPattern();
  }];
}

def CudaGraph_EmptyOp : CudaGraph_NodeOp<"empty"> {
  let summary = "a node that does nothing but join edges";
  let description = [{
    ```mlir
    %2 = cudagraph.empty after(%0, %1)
    ```
  }];
  let arguments = (ins Variadic<CudaGraph_NodeType>:$after);
  let assemblyFormat = "(`after` `(` $after^ `)`)? attr-dict";
  let hasCanonicalizer = 1;
}

def CudaGraph_ChildOp : CudaGraph_NodeOp<"child", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "runs another graph as one node";
  let description = [{
    `args` are the buffers of the child; each says how the child uses it. A
    child has no parameters and no arena of its own, holds no conditional nodes,
    and does not contain itself.

    ```mlir
    %1 = cudagraph.child @zero after(%0) args(%g write : memref<64xf32>)
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$graph,
      Variadic<CudaGraph_NodeType>:$after,
      Variadic<AnyStaticShapeMemRef>:$args, DenseI32ArrayAttr:$accesses);
  let assemblyFormat = [{
    $graph (`after` `(` $after^ `)`)?
    `args` `(` custom<AccessList>($args, type($args), $accesses) `)`
    attr-dict
  }];
}

class CudaGraph_ConditionalOp<string mnemonic>
    : CudaGraph_NodeOp<mnemonic, [
        SingleBlock, NoTerminator, NoRegionArguments]>;

def CudaGraph_IfOp : CudaGraph_ConditionalOp<"if"> {
  let summary = "runs a body if a device scalar is true, else another";
  let description = [{
    The condition is read when the node runs. A body is a graph of its own:
    edges do not cross its border.

    A CUDA graph takes conditions by handles that kernels set. `handle` is the
    number of this node's, unique in the graph. Without one the host reads the
    condition and takes the branch.

    ```mlir
    %1 = cudagraph.if %flag after(%0) : memref<i1> {
      %2 = cudagraph.memset %g value(0 : i8) : memref<64xf32>
    } else {
      %2 = cudagraph.empty
    }
    ```
  }];
  let arguments = (ins Variadic<CudaGraph_NodeType>:$after,
      MemRefRankOf<[I1], [0]>:$condition,
      OptionalAttr<ConfinedAttr<I64Attr, [IntNonNegative]>>:$handle);
  let regions = (region SizedRegion<1>:$thenRegion, AnyRegion:$elseRegion);
  let assemblyFormat = [{
    $condition (`after` `(` $after^ `)`)? (`handle` `(` $handle^ `)`)? `:` type($condition)
    attr-dict-with-keyword $thenRegion (`else` $elseRegion^)?
  }];
  let hasCanonicalizer = 1;
}

def CudaGraph_WhileOp : CudaGraph_ConditionalOp<"while"> {
  let summary = "runs a body as long as a device scalar is true";
  let description = [{
    The condition is read when the node runs and again after each run of the
    body, which therefore must write it.

    ```mlir
    %1 = cudagraph.while %more after(%0) : memref<i1> {
      %2 = cudagraph.kernel "step" phases [#cudagraph.phase<@step, 1>]
        args(%state readwrite, %more write : memref<64xf32>, memref<i1>)
    }
    ```
  }];
  let arguments = (ins Variadic<CudaGraph_NodeType>:$after,
      MemRefRankOf<[I1], [0]>:$condition,
      OptionalAttr<ConfinedAttr<I64Attr, [IntNonNegative]>>:$handle);
  let regions = (region SizedRegion<1>:$bodyRegion);
  let assemblyFormat = [{
    $condition (`after` `(` $after^ `)`)? (`handle` `(` $handle^ `)`)? `:` type($condition)
    attr-dict-with-keyword $bodyRegion
  }];
}

def CudaGraph_SwitchOp : CudaGraph_ConditionalOp<"switch"> {
  let summary = "runs the body whose number a device scalar holds";
  let description = [{
    Bodies are numbered from 0; a selector outside of their range runs none.

    ```mlir
    %1 = cudagraph.switch %mode : memref<i64> cases {
      %2 = cudagraph.memset %g value(0 : i8) : memref<64xf32>
    }, {
      %2 = cudagraph.memset %h value(0 : i8) : memref<64xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<CudaGraph_NodeType>:$after,
      MemRefRankOf<[I64], [0]>:$selector,
      OptionalAttr<ConfinedAttr<I64Attr, [IntNonNegative]>>:$handle);
  let regions = (region VariadicRegion<SizedRegion<1>>:$cases);
  let assemblyFormat = [{
    $selector (`after` `(` $after^ `)`)? (`handle` `(` $handle^ `)`)? `:` type($selector)
    attr-dict-with-keyword `cases` $cases
  }];
  let hasCanonicalizer = 1;
}

//===----------------------------------------------------------------------===//
// Host ops
//===----------------------------------------------------------------------===//

def CudaGraph_InstantiateOp : CudaGraph_Op<"instantiate", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "finds or builds the executable of a graph";
  let description = [{
    The runtime keeps executables in its context: only the first call builds
    one.

    ```mlir
    %exec = cudagraph.instantiate @clip : !cudagraph.exec
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$graph);
  let results = (outs CudaGraph_ExecType:$exec);
  let assemblyFormat = "$graph attr-dict `:` type($exec)";
}

def CudaGraph_MailboxOp : CudaGraph_Op<"mailbox", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "memory to which a kernel of a graph posts a scalar";
  let description = [{
    Passed to the next launch of the executable as the buffer of that number, to
    which one kernel posts a scalar in each launch (GoMailbox); a `fetch` behind
    the launch then needs no copy. Only launches and fetches use the memory.

    ```mlir
    %m = cudagraph.mailbox %exec[2] : memref<f64>
    ```
  }];
  let arguments = (ins CudaGraph_ExecType:$exec,
      ConfinedAttr<I64Attr, [IntNonNegative]>:$buffer);
  let results = (outs AnyStaticShapeMemRef:$memory);
  let assemblyFormat = "$exec `[` $buffer `]` attr-dict `:` type($memory)";
}

def CudaGraph_LaunchOp : CudaGraph_Op<"launch", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "replays an executable graph on the caller's stream";
  let description = [{
    One memref per buffer of the graph, of its shape, element type and strides
    (its offset may differ: a buffer is the address of the first element), and
    one scalar per parameter. A buffer that the graph writes must not be passed
    twice.

    With `stream` the graph runs on a stream of the program's own, as the
    program's other work on it does, instead of the caller's.

    ```mlir
    cudagraph.launch %exec buffers(%g, %out : memref<1024xf32>, memref<f64>)
      parameters(%max : f64)
    cudagraph.launch %exec buffers() stream(%s : !llvm.ptr)
    ```
  }];
  let arguments = (ins CudaGraph_ExecType:$exec,
      Variadic<AnyStaticShapeMemRef>:$buffers,
      Variadic<CudaGraph_Scalar>:$parameters,
      Optional<CudaGraph_Stream>:$stream);
  let assemblyFormat = [{
    $exec `buffers` `(` ($buffers^ `:` type($buffers))? `)`
    (`parameters` `(` $parameters^ `:` type($parameters) `)`)?
    (`stream` `(` $stream^ `:` type($stream) `)`)? attr-dict
  }];
  let builders = [
    OpBuilder<(ins "::mlir::Value":$exec, "::mlir::ValueRange":$buffers,
        "::mlir::ValueRange":$parameters), [{
      build($_builder, $_state, exec, buffers, parameters, ::mlir::Value());
    }]>
  ];
}

def CudaGraph_WaitOp : CudaGraph_Op<"wait"> {
  let summary = "the host waits for the caller's stream";
  let description = [{
    Returns when all that was launched and copied on the caller's stream before
    has finished.

    ```mlir
    cudagraph.wait
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def CudaGraph_UpdateOp : CudaGraph_Op<"update", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "writes new addresses into an executable without a launch";
  let description = [{
    ```mlir
    cudagraph.update %exec buffers(%g, %out : memref<1024xf32>, memref<f64>)
    ```
  }];
  let arguments = (ins CudaGraph_ExecType:$exec,
      Variadic<AnyStaticShapeMemRef>:$buffers);
  let assemblyFormat = [{
    $exec `buffers` `(` ($buffers^ `:` type($buffers))? `)` attr-dict
  }];
}

def CudaGraph_ReadbackOp : CudaGraph_Op<"readback"> {
  let summary = "copies device scalars to the host and waits for them, once";
  let description = [{
    Each source holds one element. All copies are issued, then the host waits
    for the stream one time. `defer-readbacks` makes a `fetch` and an `await` of
    it where something else can be done in between.

    ```mlir
    %norm = cudagraph.readback %out : memref<f64> -> f64
    %a, %b = cudagraph.readback %x, %y : memref<f32>, memref<i1> -> f32, i1
    ```
  }];
  let arguments = (ins Variadic<AnyStaticShapeMemRef>:$sources);
  let results = (outs Variadic<CudaGraph_Scalar>:$values);
  let assemblyFormat = [{
    $sources `:` type($sources) `->` type($values) attr-dict
  }];
  let builders = [
    OpBuilder<(ins "::mlir::ValueRange":$sources)>
  ];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def CudaGraph_FetchOp : CudaGraph_Op<"fetch"> {
  let summary = "starts to copy device scalars to the host";
  let description = [{
    Each source holds one element, and is copied in the order of the stream to a
    pinned slot that is this fetch's until its `await`. The result is awaited
    exactly once, in the same block: so no slot is left behind, and none is
    used again before it was read, in loops and branches neither.

    ```mlir
    %pending = cudagraph.fetch %x, %y
      : memref<f32>, memref<i1> -> !cudagraph.pending<f32, i1>
    ```
  }];
  let arguments = (ins Variadic<AnyStaticShapeMemRef>:$sources);
  let results = (outs CudaGraph_PendingType:$pending);
  let assemblyFormat = "$sources `:` type($sources) `->` type($pending) attr-dict";
  let builders = [
    OpBuilder<(ins "::mlir::ValueRange":$sources)>
  ];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    /// The one op that waits for it. The verifier sees to it that there is one.
    AwaitOp getAwait();
  }];
}

def CudaGraph_AwaitOp : CudaGraph_Op<"await", [
    TypesMatchWith<"the values are those of the fetch", "pending", "values",
                   "::llvm::cast<PendingType>($_self).getValues()">]> {
  let summary = "waits for a fetch and gives the scalars";
  let description = [{
    Waits for the copies of the fetch, not for what was launched behind them,
    and not at all if the host waited for something later on the stream.

    ```mlir
    %a, %b = cudagraph.await %pending : !cudagraph.pending<f32, i1>
    ```
  }];
  let arguments = (ins CudaGraph_PendingType:$pending);
  let results = (outs Variadic<CudaGraph_Scalar>:$values);
  let assemblyFormat = "$pending `:` type($pending) attr-dict";
  let hasVerifier = 1;
}

def CudaGraph_DeliverOp : CudaGraph_Op<"deliver", [
    SameVariadicOperandSize]> {
  let summary = "starts copies that the caller of the entry point awaits";
  let description = [{
    As `fetch`, but the values go to host memory of the caller, when the caller
    awaits the handle that the entry point gives it (`GoAsyncEntryPoint` of
    `GraphRuntime.h`). `pack-entry-points` makes it of scalars that are only
    returned.

    ```mlir
    cudagraph.deliver %norm to %result : memref<f64> to memref<f64>
    ```
  }];
  let arguments = (ins Variadic<AnyStaticShapeMemRef>:$sources,
      Variadic<AnyStaticShapeMemRef>:$destinations);
  let assemblyFormat = [{
    $sources `to` $destinations `:` type($sources) `to` type($destinations)
    attr-dict
  }];
  let hasVerifier = 1;
}

#endif // GRAPHOPT_CUDAGRAPH_OPS
