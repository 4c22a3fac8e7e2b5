//===- Passes.td - Conversions -----------------------------*- tablegen -*-===//

#ifndef GRAPHOPT_CONVERSION_PASSES
#define GRAPHOPT_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

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

    One kernel serves a whole list. Which elements a block works on is a
    constant table: the tensors are cut into chunks, the chunks are dealt out
    evenly to at most `max-blocks` blocks in runs, and neighbours of one tensor
    are joined. Threads use accesses of 16 bytes where the addresses allow,
    which is seen at run time: single elements lead up to the first place where
    all lists are aligned.

    A reduction is finished by the block that comes last; partial results are
    joined in a fixed order. The scalars after a reduction are computed by the
    same block, those before a map by every block for itself, if that does no
    harm. A phase of all blocks that needs what another one finished begins a
    new node, or, in a `tseq.kernel` that is `cooperative`, waits at a barrier
    over the whole grid; the block that comes there last finishes what is
    waited for before it lets the others go. The work of a cooperative kernel is
    dealt out to as many blocks as the chip can hold; launched with fewer, they
    take it in turns, with the same result.

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
           "most blocks of a kernel; 0 means as many as fill the chip">,
    Option<"threads", "threads", "int64_t", "256",
           "threads of a block, a multiple of 32">,
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

def PackKernelArguments
    : Pass<"pack-kernel-arguments", "::mlir::ModuleOp"> {
  let summary = "let the kernels of captured launches take slots";
  let description = [{
    A node passes one parameter, the slots of `GoCudaLaunch` (GraphRuntime.h). A
    kernel that another compiler made takes arguments of its own: a copy of it
    reads them from the slots, where a memref is the address of its first
    element, with the shape and strides of the node's operand, and a scalar is
    there itself. The original goes if nothing else refers to it.

    Of a node with `graphopt.grid_in_operands` the last three operands are the
    extents of the grid: each block of the launch does the work of every n-th
    block of that grid.

    ```mlir
    cudagraph.kernel "scale" phases [#cudagraph.phase<@k::@scale, 1>]
      args(%m readwrite, %f read : memref<8xf32>, memref<f32>) grid ...
    gpu.func @scale(%m: memref<8xf32>, %f: f32) kernel {...}
    ```
    becomes
    ```mlir
    cudagraph.kernel "scale" phases [#cudagraph.phase<@k::@scale_slots, 1>] ...
    gpu.func @scale_slots(%slots: !llvm.ptr) kernel
      attributes {graphopt.slots_by_value = 2} {...}
    ```

    Refuses, with an error, a module with launches that `capture-launches` left,
    and nodes that do not pass what their kernel takes. Next:
    `convert-cudagraph-to-llvm`.
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def ConvertLaunchedKernelsToHost
    : Pass<"convert-launched-kernels-to-host", "::mlir::ModuleOp"> {
  let summary = "turn the kernels of captured launches into CPU functions";
  let description = [{
    A node whose kernel another compiler made gets a phase with one item for each
    block; its function runs the threads of a block one after the other. Nodes of
    one kernel with equal sizes and types share their functions. Functions that a
    kernel calls and globals that it uses are copied out of its module.

    Launches that `capture-launches` left, whatever their sizes and memrefs, become
    calls of functions that run all blocks, in the order of the program; so do
    their copies, fills, allocations and waits.

    ```mlir
    cudagraph.kernel "scale" phases [#cudagraph.phase<@k::@scale, 1>]
      args(...) grid [4, 1, 1] block [256, 1, 1]
    ```
    becomes
    ```mlir
    cudagraph.kernel "scale" phases [#cudagraph.phase<@scale.blocks, 4>]
      args(...)
    func.func private @scale.blocks(%operands: !llvm.ptr, %begin: i64, %end: i64)
    func.func private @scale.thread(%m: memref<8xf32>, ...)
    ```

    Refuses, with an error, kernels whose threads wait for or talk to each other,
    that declare memory of the block, or call functions without a body; kernels
    without a body; and what is in a nested module. Next: `pack-entry-points`.
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
}

def ExpandAtomics : Pass<"expand-atomics"> {
  let summary = "rewrite atomic updates that LLVM has no instruction for";
  let description = [{
    The lowering of `memref.generic_atomic_rmw` compares and exchanges the element
    itself, which machines only do for integers. Floats are looked at as integers
    of their width, and each is made a float where it is used. `memref.atomic_rmw`
    of the kinds `mulf` and `muli` becomes a generic one.

    ```mlir
    %r = memref.generic_atomic_rmw %m[%i] : memref<8xf32> {
    ^bb0(%x: f32):
      %y = arith.mulf %x, %v : f32
      memref.atomic_yield %y : f32
    }
    ```
    becomes
    ```mlir
    %n = builtin.unrealized_conversion_cast %m : memref<8xf32> to memref<8xi32>
    %b = memref.generic_atomic_rmw %n[%i] : memref<8xi32> {
    ^bb0(%z: i32):
      %x = arith.bitcast %z : i32 to f32
      %y = arith.mulf %x, %v : f32
      %w = arith.bitcast %y : f32 to i32
      memref.atomic_yield %w : i32
    }
    %r = arith.bitcast %b : i32 to f32
    ```

    The descriptors of both memrefs are the same, so that the cast goes when they
    are lowered. Preconditions: memrefs are not lowered. Next: the conversion to
    LLVM.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def LowerDeviceMath : Pass<"lower-device-math"> {
  let summary = "lower the math ops that the device has correctly rounded";
  let description = [{
    Square root, fma, rounding to integers, absolute values, sign and bit counts
    become LLVM intrinsics, which the NVPTX backend turns into instructions that
    round as IEEE 754 says. What stays becomes a call of libdevice in
    `convert-gpu-to-nvvm`.

    ```mlir
    %1 = math.sqrt %0 : f32
    ```
    becomes
    ```mlir
    %1 = llvm.call_intrinsic "llvm.sqrt.f32"(%0) : (f32) -> f32
    ```

    Preconditions: no floats narrower than f32 in math ops. Runs after
    `expand-math`, before `convert-gpu-to-nvvm`.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}

def PassSlotsByValue
    : Pass<"pass-slots-by-value", "::mlir::gpu::GPUModuleOp"> {
  let summary = "make the slots of a kernel a parameter by value";
  let description = [{
    A kernel that `convert-sequences-to-gpu` marked gets its parameter as a
    constant array by value, so that operands are read from the parameters.

    ```mlir
    llvm.func @k(%slots: !llvm.ptr) attributes {graphopt.slots_by_value = 3}
    ```
    becomes
    ```mlir
    llvm.func @k(%slots: !llvm.ptr {llvm.byval = !llvm.array<3 x i64>,
                                    llvm.align = 8, nvvm.grid_constant})
    ```

    Runs after `convert-gpu-to-nvvm`.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

def AssembleKernels : Pass<"assemble-kernels", "::mlir::ModuleOp"> {
  let summary = "turn gpu.modules into code for a chip";
  let description = [{
    Each `gpu.module`, lowered to the LLVM and NVVM dialects, is translated to
    PTX, with libdevice linked in if a kernel calls it, and then assembled by
    the CUDA toolkit. Kernels that set conditions of graphs are linked with the
    device runtime.

    The toolkit is looked for at `toolkit`, else in the folders that CUDA_ROOT,
    CUDA_HOME and CUDA_PATH name, in /usr/local/cuda and by the `ptxas` on the
    PATH. Without one `format=auto` leaves PTX, with a remark, and `bin` and
    `fatbin` are refused with an error that names what was looked for.

    ```mlir
    gpu.module @graphopt_kernels { llvm.func @k(...) attributes {nvvm.kernel} }
    ```
    becomes
    ```mlir
    gpu.binary @graphopt_kernels [#gpu.object<#nvvm.target<chip = "sm_90">, bin = "...">]
    ```

    Refuses a chip that LLVM does not know or that is older than sm_80, and a
    module that calls libdevice where there is none. Next: `embed-kernels`.
  }];
  let options = [
    Option<"chip", "chip", "std::string", "\"sm_90\"",
           "compute capability, sm_80 to sm_121">,
    Option<"format", "format", "::graphopt::CodeFormat",
           "::graphopt::CodeFormat::Auto", "what the program holds",
           [{::llvm::cl::values(
             clEnumValN(::graphopt::CodeFormat::Auto, "auto",
                        "machine code if there is a CUDA toolkit, else PTX"),
             clEnumValN(::graphopt::CodeFormat::Bin, "bin", "machine code"),
             clEnumValN(::graphopt::CodeFormat::FatBin, "fatbin",
                        "machine code and PTX"),
             clEnumValN(::graphopt::CodeFormat::ISA, "isa", "PTX"))}]>,
    Option<"toolkit", "toolkit", "std::string", "",
           "folder of the CUDA toolkit">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect",
                           "::mlir::gpu::GPUDialect"];
}

def EmbedKernels : Pass<"embed-kernels", "::mlir::ModuleOp"> {
  let summary = "turn gpu.binaries into constants of the program";
  let description = [{
    The image becomes a constant, and `@NAME.module` the `GoCudaModule`
    (GraphRuntime.h) that the nodes of graphs refer to.

    ```mlir
    gpu.binary @kernels [#gpu.object<#nvvm.target, bin = "...">]
    ```
    becomes
    ```mlir
    llvm.mlir.global internal constant @kernels.image("...")
    llvm.mlir.global internal constant @kernels.module() : !llvm.struct<(ptr, ptr, i64)> {...}
    ```

    Refuses a binary for several targets.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def LowerControlFlow : Pass<"lower-control-flow"> {
  let summary = "lower scf to cf in time linear in the number of loops";
  let description = [{
    Does what upstream's `convert-scf-to-cf` does, with upstream's patterns, but
    from the last op to the first. Lowering an op splits its block and moves
    every op behind it: from the front, a block of n loops costs n moves of all
    the rest; from the back, each op moves once.

    ```mlir
    scf.if %c { "a"() : () -> () }
    ```
    becomes
    ```mlir
      cf.cond_br %c, ^bb1, ^bb2
    ^bb1:
      "a"() : () -> ()
      cf.br ^bb2
    ^bb2:
    ```

    An op that upstream has no pattern for stays; what follows says so.
  }];
  let dependentDialects = ["::mlir::cf::ControlFlowDialect"];
}

def ExpandMath : Pass<"expand-math"> {
  let summary = "write math ops that nothing lowers in terms of others";
  let description = [{
    `isfinite`, `isinf`, `isnan` and `isnormal` become comparisons in the type
    of the operand, `clampf x to [low, high]` max(min(x, high), low), and `ipowi`
    a loop over the bits of the exponent.

    ```mlir
    %1 = math.isinf %0 : f16
    ```
    becomes
    ```mlir
    %a = math.absf %0 : f16
    %1 = arith.cmpf oeq, %a, %inf : f16
    ```

    Leaves ops on vectors as they are. Runs before control flow is lowered and
    before floats narrower than f32 are widened: what is normal depends on the
    type.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect"];
}

def LowerHostMath : Pass<"lower-host-math", "::mlir::ModuleOp"> {
  let summary = "call the C library where upstream loses digits";
  let description = [{
    Upstream's conversion to LLVM computes `expm1` as exp(x) - 1 and `log1p` as
    log(1 + x), which are 0 for small x. They become calls of the C library's
    functions.

    ```mlir
    %1 = math.expm1 %0 : f32
    ```
    becomes
    ```mlir
    %1 = call @expm1f(%0) : (f32) -> f32
    ```

    Runs once floats narrower than f32 are widened, before
    `convert-math-to-llvm`. Kernels for a GPU have functions of their own.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::vector::VectorDialect"];
}

def KeepNarrowRounding : Pass<"keep-narrow-rounding"> {
  let summary = "forbid casts of narrow floats to fold away";
  let description = [{
    Upstream computes f16 and bf16 arithmetic in f32 and marks the casts it adds
    with `fastmath<contract>`, by which a canonicalization drops the rounding
    between two ops. This pass takes the flag from all float casts, so that each
    op rounds as the IR says.

    ```mlir
    %1 = arith.truncf %0 fastmath<contract> : f32 to bf16
    ```
    becomes
    ```mlir
    %1 = arith.truncf %0 : f32 to bf16
    ```

    Runs right after `arith-emulate-unsupported-floats`, unless
    `precision=fast`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def PackEntryPoints : Pass<"pack-entry-points", "::mlir::ModuleOp"> {
  let summary = "make each public function an entry point of packed arguments";
  let description = [{
    A list of 2,304 tensors would be 16,000 parameters of an LLVM function. This
    pass gives each public function with a body an entry point of the type
    `GoEntryPoint` of `GraphRuntime.h`: context, stream, an array with the
    address of each argument, an array with the address of each result.

    ```mlir
    func.func @f(%m: memref<4xf32>, %s: f64) -> memref<4xf32> {
      %r = memref.alloc() : memref<4xf32>
      ...
      return %r : memref<4xf32>
    }
    ```
    becomes
    ```mlir
    func.func @graphopt_entry_f(%context: !llvm.ptr {graphopt.context},
        %stream: !llvm.ptr {graphopt.stream}, %arguments: !llvm.ptr,
        %results: !llvm.ptr) -> i32 attributes {graphopt.entry = "f",
        graphopt.entry_type = (memref<4xf32>, f64) -> memref<4xf32>} {
      ...                      // %m, %s from %arguments, %r is results[0]
      %status = llvm.call @goContextTakeStatus(%context) : (!llvm.ptr) -> i32
      return %status : i32
    }
    ```

    A memref of static shape and identity layout travels as the address of its
    data, any other strided memref as a descriptor, a scalar as its address (i1
    as one byte). A returned `memref.alloc` of static shape becomes the caller's
    memory, or, during a call that finds this on an argument which another op
    uses later, memory of the runtime (`goPlaceResults`); other results are
    copied, all at once (`goCopyAll`). A memref that travels as a descriptor is
    returned in memory of the runtime that the caller frees.

    With `async-results` the entry point is a `GoAsyncEntryPoint` named
    `graphopt_async_entry_f` with one argument more, for a handle: a
    `cudagraph.fetch` whose values are only returned becomes a
    `cudagraph.deliver` to the results, and nobody here waits for it.

    The body moves into the entry point unless something else refers to the
    function; then the entry point calls it.

    Functions that launch graphs, or call functions that do, need the context:
    all of them take context and stream as two leading arguments, and calls to
    them pass these on.

    Preconditions: bufferized IR (no tensors at function boundaries). Refuses,
    with a remark, an entry point for a function with an argument or result that
    can not be packed (a vector, an unranked memref, ...). An error: a function
    that needs the context but whose address is taken, and an entry point whose
    name is taken. Next: `convert-cudagraph-to-llvm`.
  }];
  let options = [
    Option<"ownResults", "own-results", "bool", /*default=*/"false",
           "returned memrefs are allocations that nobody else frees, as buffer "
           "deallocation leaves them: release them once they are copied">,
    Option<"asyncResults", "async-results", "bool", /*default=*/"false",
           "the caller awaits scalars that are only returned">,
    Option<"deviceMemory", "device-memory", "bool", /*default=*/"false",
           "memory is on the device: functions that work with any need the "
           "context">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def UseDeviceMemory : Pass<"use-device-memory", "::mlir::ModuleOp"> {
  let summary = "let host code live with memory on the device";
  let description = [{
    Memory that graphs use can not be touched by the host. In functions on the
    host, allocations and copies become calls of the runtime in the order of the
    stream; constants get a copy on the device at first use; a load waits for
    its element and a store sends it, each with the remark `host-access`: slow,
    but right.

    ```mlir
    %m = memref.alloc() : memref<4xf32>
    memref.copy %a, %m : memref<4xf32> to memref<4xf32>
    ```
    becomes
    ```mlir
    %m = llvm.call @goAllocate(%context, %stream, %bytes)
    llvm.call @goCopy(%context, %stream, %a, %m, %bytes)
    ```

    Preconditions: loops instead of structured ops, functions with the arguments
    of `pack-entry-points{device-memory}`. Refuses, with an error, any other op
    that would touch memory of the device.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def ConvertCudaGraphToLLVM
    : Pass<"convert-cudagraph-to-llvm", "::mlir::ModuleOp"> {
  let summary = "turn graphs into builder functions and runtime calls";
  let description = [{
    Each `cudagraph.graph @g` becomes a function `@g.build` that makes the
    runtime's calls to add the nodes and returns at the first that fails, tables
    of constants (references to buffers, phases, names), and `@g.info`, the
    `GoGraphInfo` by which the runtime knows the graph. Its fingerprint is a
    hash of the printed graph and of all it refers to, so the same text gives
    the same number in every process.

    ```mlir
    cudagraph.graph @g(%b: memref<4xf32>) {
      %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@p, 4>]
        args(%b write : memref<4xf32>)
    }
    func.func @f(%context: !llvm.ptr {graphopt.context},
                 %stream: !llvm.ptr {graphopt.stream}, %m: memref<4xf32>) {
      %e = cudagraph.instantiate @g : !cudagraph.exec
      cudagraph.launch %e buffers(%m : memref<4xf32>)
      return
    }
    ```
    becomes
    ```mlir
    llvm.mlir.global @g.refs.0(dense<[0, 2, 0, 16]>)  // buffer, access, offset, bytes
    llvm.func @g.build(%graph: !llvm.ptr) -> i32 {
      %status = llvm.call @goGraphAddHostKernel(%graph, ...)
      ...
    }
    llvm.mlir.global @g.info() {...}
    func.func @f(...) {
      %s0 = llvm.call @goGraphInstantiate(%context, %info, %slot)
      %s1 = llvm.call @goExecLaunch(%exec, %stream, %addresses, ...)
    }
    ```

    Statuses of host calls are not looked at: the context keeps the first error
    and the entry point returns it.

    Preconditions: functions with `instantiate`, `readback` and `fetch` have an
    argument marked `graphopt.context`, those with `launch`, `readback` and
    `fetch` one marked `graphopt.stream`, those with `deliver` also one marked
    `graphopt.pending` (`pack-entry-points` adds them). Phases of a kernel
    without a grid are functions on the host; one with a grid has one phase, in
    a `gpu.module` or `gpu.binary`. Refuses with an error: a function without
    these arguments, a kernel whose phases are not on its device, a symbol of
    the user's that is named like one of the runtime's. Everything else stays as
    it is; upstream's conversions to LLVM come next. The names of phases may
    still be `func.func`: their addresses are `func.constant` in the
    initializers of tables.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::scf::SCFDialect"];
}

#endif // GRAPHOPT_CONVERSION_PASSES
