//===- RuntimePasses.td - Graphs to calls of the runtime ---*- tablegen -*-===//

#ifndef GRAPHOPT_CONVERSION_RUNTIME_PASSES
#define GRAPHOPT_CONVERSION_RUNTIME_PASSES

include "mlir/Pass/PassBase.td"

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

#endif // GRAPHOPT_CONVERSION_RUNTIME_PASSES
