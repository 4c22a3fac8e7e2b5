//===- CudaBinding.h - Addresses for the steps of a program -----*- C++ -*-===//
//
// Part of graph-opt. Memory that an executable owns, and the operands of its
// kernels as they are now. An executable has one binding, and a further one for
// each capture that it is part of: what was captured keeps its addresses.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CUDABINDING_H
#define GRAPHOPT_LIB_RUNTIME_CUDABINDING_H

#include "CudaDevice.h"
#include "CudaProgram.h"

namespace graphopt::runtime {

class CudaBinding {
public:
  /// What the launch arguments are, kept up to date by the executable.
  struct Inputs {
    std::vector<void *> buffers;
    std::vector<uint8_t> parameters;
  };

  CudaBinding(CudaDevice &device, const CudaProgram &program,
              const Inputs &inputs)
      : device(device), program(program), inputs(inputs), arena(device),
        image(std::make_unique<CudaMemory>(device)), slots(program.numSlots),
        tables(program.steps.size()), changedBegin(0),
        changedEnd(program.imageSlots) {}

  /// Allocates arena and image and waits until the arena is zero.
  Status initialize(const GoGraphInfo &info);

  /// Computes the operands of `step`, if it is a kernel.
  void resolve(const CudaStep &step);
  /// Computes one operand of a kernel anew, from its reference.
  void resolve(const CudaProgram::Use &use, int64_t buffer);
  /// Takes over the parameter block as far as memcpys read it.
  void resolveParameters();
  /// Whether `uploadImage` has something to write.
  bool needsUpload() const { return changedBegin < changedEnd; }
  /// Writes what changed in the image to the device in the order of `stream`.
  Status uploadImage(cuda::Stream stream);

  /// Gives the image other memory, which is not written yet. Nodes that have
  /// its address are to be written too.
  Status moveImage();
  /// Frees what the image had before, behind what was issued to `stream`, in
  /// whose order nothing uses it any more.
  void freeOldImage(cuda::Stream stream) {
    for (std::unique_ptr<CudaMemory> &old : oldImages)
      old->freeBehind(stream);
    oldImages.clear();
  }

  uint64_t address(const GoRef &reference) const;
  /// The parameters of a kernel as the driver takes them.
  void *parameters(const CudaStep &step) {
    return step.takesTable() ? static_cast<void *>(&tables[step.number])
                             : &slots[step.firstSlot];
  }
  /// The arguments of a memset; its destination must be aligned to elements.
  Status memsetParams(const CudaStep &step, cuda::MemsetParams *params) const;

  /// Handles of the conditions; empty in stream mode.
  std::vector<cuda::Condition> handles;

private:
  Status allocateImage();
  uint64_t slotValue(const GoRef &reference) const;
  void setSlot(size_t slot, uint64_t value);

  CudaDevice &device;
  const CudaProgram &program;
  const Inputs &inputs;
  CudaMemory arena;
  std::unique_ptr<CudaMemory> image;
  /// What launches on their way may read.
  std::vector<std::unique_ptr<CudaMemory>> oldImages;
  std::vector<uint64_t> slots;
  std::vector<cuda::Pointer> tables; ///< By step: address of its table.
  /// Slots of the image from the first to the last that the device lacks.
  size_t changedBegin, changedEnd;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CUDABINDING_H
