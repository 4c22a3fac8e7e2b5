//===- GraphPasses.td - Graphs and their launches ----------*- tablegen -*-===//

#ifndef GRAPHOPT_TRANSFORMS_GRAPH_PASSES
#define GRAPHOPT_TRANSFORMS_GRAPH_PASSES

include "mlir/Pass/PassBase.td"

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

def PostReadbacks : Pass<"post-readbacks", "::mlir::ModuleOp"> {
  let summary = "let kernels post what the host awaits";
  let description = [{
    A scalar that a kernel writes once in each launch and that a fetch then
    takes needs neither a copy nor an event: a GPU can write it to memory of the
    host, with the number of the launch, by which an await knows that it is
    there. This pass gives the launch a mailbox in place of the allocation,
    marks the kernel's store for `lower-posts`, and gives the fetch the remark
    `readback-posted`.

    ```mlir
    %m = memref.alloc() : memref<f64>
    cudagraph.launch %exec buffers(%m : memref<f64>)
    %p = cudagraph.fetch %m : memref<f64> -> <f64>
    memref.dealloc %m : memref<f64>
    ```
    becomes
    ```mlir
    %m = cudagraph.mailbox %exec[0] : memref<f64>
    cudagraph.launch %exec buffers(%m : memref<f64>)
    %p = cudagraph.fetch %m : memref<f64> -> <f64>
    ```

    The kernel and its graph must have no other use, the store the mark
    `graphopt.once` of the code generator, the scalar at most 8 bytes.
    Preconditions: state `graphs`, on a GPU. Runs after `defer-readbacks`.
  }];
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

#endif // GRAPHOPT_TRANSFORMS_GRAPH_PASSES
