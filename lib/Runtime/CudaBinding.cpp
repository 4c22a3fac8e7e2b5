//===- CudaBinding.cpp - Addresses for the steps of a program -------------===//
//
// Part of graph-opt. This file implements the resolution of references to
// addresses, and the device's copy of operand tables.
//
//===----------------------------------------------------------------------===//

#include "CudaBinding.h"

#include <algorithm>
#include <cstring>

using namespace graphopt::runtime;

Status CudaBinding::initialize(const GoGraphInfo &info) {
  Status status = arena.allocate(info.arena_bytes);
  if (status.failed())
    return {status.code, "allocating the arena: " + status.message};
  return allocateImage();
}

/// Allocates the image and waits until what was allocated is zero.
Status CudaBinding::allocateImage() {
  Status status = image->allocate(8 * program.imageSlots);
  if (status.failed())
    return {status.code, "allocating operand tables: " + status.message};
  for (const CudaStep *step : program.steps)
    tables[step->number] = image->address() + 8 * step->firstSlot;
  return device.finishSetup();
}

Status CudaBinding::moveImage() {
  auto other = std::make_unique<CudaMemory>(device);
  std::swap(image, other);
  Status status = allocateImage();
  if (status.failed()) {
    std::swap(image, other);
    for (const CudaStep *step : program.steps)
      tables[step->number] = image->address() + 8 * step->firstSlot;
    return status;
  }
  oldImages.push_back(std::move(other));
  changedBegin = 0;
  changedEnd = program.imageSlots;
  return {};
}

uint64_t CudaBinding::address(const GoRef &reference) const {
  switch (reference.buffer) {
  case GO_BUFFER_ARENA:
    return arena.address() + reference.offset;
  case GO_BUFFER_PARAMETERS:
    return image->address() + 8 * program.parameterSlot + reference.offset;
  default:
    return toPointer(inputs.buffers[reference.buffer]) + reference.offset;
  }
}

uint64_t CudaBinding::slotValue(const GoRef &reference) const {
  if (reference.buffer == GO_BUFFER_CONDITION)
    return handles.empty() ? 0 : handles[reference.offset];
  if (reference.buffer != GO_BUFFER_PARAMETERS)
    return address(reference);
  uint64_t value = 0;
  int64_t left = inputs.parameters.size() - reference.offset;
  std::memcpy(&value, inputs.parameters.data() + reference.offset,
              std::min<int64_t>(left, sizeof(value)));
  return value;
}

void CudaBinding::setSlot(size_t slot, uint64_t value) {
  if (slots[slot] == value)
    return;
  slots[slot] = value;
  if (slot >= program.imageSlots)
    return;
  changedBegin = std::min(changedBegin, slot);
  changedEnd = std::max(changedEnd, slot + 1);
}

void CudaBinding::resolve(const CudaStep &step) {
  if (step.node->kind != NodeKind::CudaKernel)
    return;
  size_t slot = step.firstSlot;
  for (const GoRef &reference : step.node->references)
    setSlot(slot++, slotValue(reference));
}

void CudaBinding::resolve(const CudaProgram::Use &use, int64_t buffer) {
  if (use.slot != CudaProgram::Use::noSlot)
    setSlot(use.slot, slotValue({buffer, GO_ACCESS_READ, use.offset, 8}));
}

void CudaBinding::resolveParameters() {
  if (!program.copiesParameters)
    return;
  const std::vector<uint8_t> &block = inputs.parameters;
  for (size_t at = 0; at < block.size(); at += 8) {
    uint64_t value = 0;
    std::memcpy(&value, &block[at], std::min<size_t>(block.size() - at, 8));
    setSlot(program.parameterSlot + at / 8, value);
  }
}

Status CudaBinding::uploadImage(cuda::Stream stream) {
  if (!needsUpload())
    return {};
  Status status = device.transfers.upload(
      stream, &slots[changedBegin], image->address() + 8 * changedBegin,
      8 * (changedEnd - changedBegin), /*capturing=*/false);
  if (!status.failed()) {
    changedBegin = slots.size();
    changedEnd = 0;
  }
  return status;
}

Status CudaBinding::memsetParams(const CudaStep &step,
                                 cuda::MemsetParams *params) const {
  const Node &node = *step.node;
  params->destination = address(node.references[0]);
  params->value = node.pattern;
  if (node.patternBytes < 4)
    params->value &= (1u << 8 * node.patternBytes) - 1;
  params->elementBytes = node.patternBytes;
  params->width = node.references[0].bytes / node.patternBytes;
  if (params->destination % node.patternBytes == 0)
    return {};
  return {GO_INVALID_ARGUMENT,
          "its destination is not aligned to its pattern of " +
              std::to_string(node.patternBytes) + " bytes"};
}
