//===- GPUPasses.td - Kernels to code for a GPU ------------*- tablegen -*-===//

#ifndef GRAPHOPT_CONVERSION_GPU_PASSES
#define GRAPHOPT_CONVERSION_GPU_PASSES

include "mlir/Pass/PassBase.td"

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

def LowerPosts : Pass<"lower-posts", "::mlir::gpu::GPUModuleOp"> {
  let summary = "let stores of kernels reach the host, numbered";
  let description = [{
    A store that `post-readbacks` marked goes to a mailbox (GoMailbox): the
    kernel counts its launches there, and writes the value with the number of
    the launch to a slot in memory of the host, 32 bits with each 64-bit word.

    ```mlir
    llvm.store %v, %mailbox {graphopt.posted} : f32, !llvm.ptr<1>
    ```
    becomes
    ```mlir
    %n = llvm.load %mailbox : !llvm.ptr<1> -> i64
    %slots = llvm.load %mailbox[1] : !llvm.ptr<1> -> !llvm.ptr<1>
    llvm.store %n + 1, %mailbox : i64, !llvm.ptr<1>
    llvm.store bits(%v) | (%n + 1) << 32, %slots[2 * (%n % 256)] atomic monotonic
    ```

    Runs before the lowering of control flow; a mark on anything else is an
    error.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
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

#endif // GRAPHOPT_CONVERSION_GPU_PASSES
