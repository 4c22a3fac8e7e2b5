//===- SequencePasses.td - Regions to graphs and kernels ---*- tablegen -*-===//

#ifndef GRAPHOPT_CONVERSION_SEQUENCE_PASSES
#define GRAPHOPT_CONVERSION_SEQUENCE_PASSES

include "mlir/Pass/PassBase.td"

def ConvertSequencesToHost
    : Pass<"convert-sequences-to-host", "::mlir::ModuleOp"> {
  let summary = "turn regions into graphs whose kernels are CPU functions";
  let description = [{
    Each bufferized `tseq.graph` becomes a `cudagraph.graph`: one kernel node
    for each map, reduce, scalar, kernel or structured op, memcpy nodes for
    copies, conditional nodes for branches and loops, with the edges that their
    reads and writes need. Each phase of a kernel becomes a function on plain
    loops over chunks of tensors; the table of chunks is a constant of the
    module. `tseq.item` becomes `cudagraph.readback`.

    ```mlir
    tseq.graph "f.graph0" (%a = %m) : (memref<8xf32>) -> () {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
      tseq.map chunk(4) outs(%s : !tseq.seq<memref<8xf32>>) {...}
      tseq.yield
    }
    ```
    becomes
    ```mlir
    cudagraph.graph @f.graph0(%a: memref<8xf32>) {
      %0 = cudagraph.kernel "f.graph0.k0"
        phases [#cudagraph.phase<@f.graph0.k0.phase0, 2>] args(%a write : ...)
    }
    func.func private @f.graph0.k0.phase0(%operands: !llvm.ptr, %begin: i64,
                                          %end: i64) {...}
    ...
    %e = cudagraph.instantiate @f.graph0 : !cudagraph.exec
    cudagraph.launch %e buffers(%m : memref<8xf32>)
    ```

    Preconditions: state `buffers`. Refuses, with an error, an op in a region
    that has no form as a node. Next: `pack-entry-points`.
  }];
  let dependentDialects = [
    "::mlir::cudagraph::CudaGraphDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect",
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def ConvertSequencesToGPU
    : Pass<"convert-sequences-to-gpu", "::mlir::ModuleOp"> {
  let summary = "turn regions into graphs whose kernels are gpu.funcs";
  let description = [{
    Each bufferized `tseq.graph` becomes a `cudagraph.graph`, as by
    `convert-sequences-to-host`, but a kernel is a `gpu.func` of the one
    `gpu.module` that this pass adds.

    One kernel serves a whole list. Which elements a block works on is in
    constant tables: the tensors are cut into chunks, the chunks are dealt out
    evenly to at most `max-blocks` blocks in runs, and neighbours of one tensor
    are joined to pieces. A row for each block says which pieces are its own and
    what the one to start with is; each next piece is looked up while a block
    works on the one before. Without `max-blocks` there are as many blocks as
    have room on the chip at the same time, with 1024 threads on each
    multiprocessor; `nvvm.minctasm` bounds the registers so that they have.

    A kernel of nothing but maps on lists of two such waves of tiles and more
    has a block of `tile-threads` threads for each tile, unless `max-blocks` is
    given. A tile is what these threads load at once, or a few times that, 64
    bytes of the widest list for each; a row of the table stands for a span of
    tiles, as many as make the tables the shortest. Scalars before such maps are a node of their own.

    Threads use accesses of 16 bytes where the addresses allow, which is seen at
    run time: single elements lead up to the first place where all lists are
    aligned. A thread loads several units before it computes; in the last round,
    in which units are missing, it loads the last one instead and drops the
    result. A map that is `streaming` stores its units by `st.global.cs`, which
    the cache may drop first.

    A reduction is finished by the block that comes last; partial results are
    joined in a fixed order, those of a tensor of few pieces by one thread that
    loads them all at once. The scalars after a reduction are computed by the
    same block, those before a map by every block for itself, if that does no
    harm; then block 0 alone stores what nothing else in the graph uses. A phase
    of all blocks that needs what another one finished begins a new node, or, in
    a `tseq.kernel` that is `cooperative`, waits at a barrier over the whole
    grid; the block that comes there last finishes what is waited for before it
    lets the others go. The work of a cooperative kernel is dealt out to as many
    blocks as the chip can hold; launched with fewer, they take it in turns,
    with the same result. What a phase has to look up of its pieces is loaded
    before it waits.

    Structured ops become loops by upstream's conversion; the parallel ones are
    spread over the grid.

    A graph with conditional nodes gets the remark `conditional-nodes` with the
    driver that it needs: 12.3, or 12.8 for `else`, switches and empty bodies.

    The parameter of a kernel is the array of slots of `GoCudaLaunch`
    (GraphRuntime.h): by value if it has at most 32,764 bytes, marked by
    `graphopt.slots_by_value`, else by address.

    ```mlir
    tseq.graph "f.graph0" (%a = %m) : (memref<8xf32>) -> () {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
      tseq.map chunk(4) outs(%s : !tseq.seq<memref<8xf32>>) {...}
      tseq.yield
    }
    ```
    becomes
    ```mlir
    cudagraph.graph @f.graph0(%a: memref<8xf32>) {
      %0 = cudagraph.kernel "f.graph0.k0"
        phases [#cudagraph.phase<@graphopt_kernels::@f_graph0_k0, 1>]
        args(%a write : memref<8xf32>) grid [2, 1, 1] block [256, 1, 1]
    }
    gpu.module @graphopt_kernels {
      llvm.mlir.global internal constant @table(...)
      llvm.mlir.global internal constant @table_0(...)
      gpu.func @f_graph0_k0(%slots: !llvm.ptr) kernel
        attributes {graphopt.slots_by_value = 1, ...} {...}
    }
    ```

    Preconditions: state `buffers`. Refuses, with an error, an op in a region
    that has no form as a node, and a chip that no code can be made for. Next:
    `lower-gpu-kernels`.
  }];
  let options = [
    Option<"chip", "chip", "std::string", "\"sm_90\"",
           "compute capability of the GPU, sm_80 to sm_121">,
    Option<"maxBlocks", "max-blocks", "int64_t", "0",
           "most blocks of a kernel; 0 means as many as the chip has room for">,
    Option<"threads", "threads", "int64_t", "256",
           "threads of a block, a multiple of 32">,
    Option<"tileThreads", "tile-threads", "int64_t", "128",
           "threads of a block of a kernel whose maps are dealt out in tiles, a "
           "multiple of 32">,
    Option<"cooperativeThreads", "cooperative-threads", "int64_t", "512",
           "threads of a block of a cooperative kernel, a multiple of 32">,
    Option<"cooperativeBlocks", "cooperative-blocks", "int64_t", "2",
           "blocks of a cooperative kernel on a multiprocessor">];
  let dependentDialects = [
    "::mlir::cudagraph::CudaGraphDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect",
    "::mlir::scf::SCFDialect",
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::affine::AffineDialect"];
}

def ShareKernels : Pass<"share-kernels", "::mlir::ModuleOp"> {
  let summary = "let nodes with equal kernels have one";
  let description = [{
    Kernels of graphs that are equal but for their names and locations become
    the first of them: a program that repeats a step compiles it once, and the
    code of its kernels is as long as the step. Nodes keep their names.

    ```mlir
    %0 = cudagraph.kernel "f.graph0.k0" phases [#cudagraph.phase<@k::@a, 1>] ...
    %1 = cudagraph.kernel "f.graph0.k1" phases [#cudagraph.phase<@k::@b, 1>] ...
    ```
    becomes, where `@b` does what `@a` does,
    ```mlir
    %0 = cudagraph.kernel "f.graph0.k0" phases [#cudagraph.phase<@k::@a, 1>] ...
    %1 = cudagraph.kernel "f.graph0.k1" phases [#cudagraph.phase<@k::@a, 1>] ...
    ```

    Functions of phases on the host likewise. Only functions of one parent are
    compared. What nothing refers to afterwards is erased, unless it is a public
    function of the module. Preconditions: none. Next: whatever lowers kernels.
  }];
}

def OutlineNodes : Pass<"outline-nodes", "::mlir::ModuleOp"> {
  let summary = "one function of upstream ops for each kernel of a graph";
  let description = [{
    Leaves of the module, for each op of a bufferized region that becomes a
    kernel, a function of upstream ops on memrefs that does the same: what
    `graph-run --differential` compares the nodes of graphs with. The functions
    of a region are in the order of its nodes; they take what the region takes,
    host scalars as `memref<T>`.

    ```mlir
    tseq.graph "f.graph0" (%a = %m, %k = %x) : (memref<8xf32>, f32) -> () {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
      tseq.map scalars(%k : memref<f32>) outs(%s : !tseq.seq<memref<8xf32>>) {
      ^bb0(%v: f32):
        tseq.yield %v : f32
      }
      tseq.yield
    }
    ```
    becomes
    ```mlir
    func.func @f.graph0.op0(%a: memref<8xf32>,
                            %k: memref<f32> {graphopt.parameter})
        attributes {graphopt.region = "f.graph0",
                    graphopt.outs = array<i64: 0, 0>,
                    graphopt.out_types = [memref<8xf32>]} {
      %v = memref.load %k[] : memref<f32>
      linalg.generic {...} outs(%a : memref<8xf32>) {
      ^bb0(%old: f32):
        linalg.yield %v : f32
      }
      return
    }
    ```

    `graphopt.outs` says where the op writes its results: argument and offset in
    bytes, for each of `graphopt.out_types`. The argument that is the arena has
    `graphopt.arena`.

    A copy is a function too (`@f.graph0.copy0`, with `graphopt.copy`), and so is
    a condition (`@f.graph0.condition0`, which returns it). `@f.graph0.all`, with
    `graphopt.program`, calls all these as the region says, in `scf.if` and
    `scf.while`: what the region does as a whole.

    Preconditions: state `buffers`. Refuses, with an error, an op that it can not
    express. Nothing in the pipeline comes next.
  }];
  let dependentDialects = [
    "::mlir::func::FuncDialect", "::mlir::scf::SCFDialect",
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::linalg::LinalgDialect"];
}

#endif // GRAPHOPT_CONVERSION_SEQUENCE_PASSES
