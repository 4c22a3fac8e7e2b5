//===- BufferPasses.td - Regions on buffers ----------------*- tablegen -*-===//

#ifndef GRAPHOPT_TRANSFORMS_BUFFER_PASSES
#define GRAPHOPT_TRANSFORMS_BUFFER_PASSES

include "mlir/Pass/PassBase.td"

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
    `tensor.insert_slice` has one memory, also where what lies between is read:
    that of the buffer it is written to, else that of what it is put into, if
    the region owns that or overwrites it later. What makes a slice writes it
    there; if it would do so before a slice that it replaces or while what is
    there is still read, or has gaps, the slice is copied (remark
    `slice-copied`). What a slice overwrites and is read after it is copied
    first (remark `old-contents-kept`). A chain in a branch or a loop of the
    region has memory of its own if what it would overwrite is read later.

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
    Those that move more than `max-cached` times what the cache holds (the
    calibration's `cache_bytes`) stay apart, too: a list that is read, then read
    and written counts three times, and one that is longer than the cache is
    mapped faster by a kernel of its own, in tiles (`convert-sequences-to-gpu`).

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
           "bytes that kernels move at least to be joined">,
    Option<"maxCached", "max-cached", "double", "3",
           "multiple of the cache that kernels move at most to be joined">
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

#endif // GRAPHOPT_TRANSFORMS_BUFFER_PASSES
