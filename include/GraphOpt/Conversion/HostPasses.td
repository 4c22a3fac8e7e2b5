//===- HostPasses.td - Code to LLVM on the host ------------*- tablegen -*-===//

#ifndef GRAPHOPT_CONVERSION_HOST_PASSES
#define GRAPHOPT_CONVERSION_HOST_PASSES

include "mlir/Pass/PassBase.td"

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

#endif // GRAPHOPT_CONVERSION_HOST_PASSES
