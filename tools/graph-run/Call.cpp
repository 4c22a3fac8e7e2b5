//===- Call.cpp - Calling compiled entry points ---------------------------===//
//
// Implements the packing of arguments and results.
//
//===----------------------------------------------------------------------===//

#include "Call.h"

#include "Inputs.h"

using namespace mlir;
using namespace graphrun;
using llvm::Expected;
using llvm::Twine;

/// True if values of `type` are passed as descriptors of strided memrefs.
static bool isByDescriptor(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped)
    return false;
  auto memref = dyn_cast<MemRefType>(type);
  return !shaped.hasStaticShape() ||
         (memref && !memref.getLayout().isIdentity());
}

Expected<CallFrame> CallFrame::create(FunctionType type,
                                      std::vector<HostTensor> &arguments) {
  CallFrame frame;
  frame.type = type;
  // Pointers to descriptors are handed out: no reallocation below.
  frame.descriptors.reserve(type.getNumInputs() + type.getNumResults());
  for (auto [array, input] : llvm::zip(arguments, type.getInputs())) {
    if (!isByDescriptor(input)) {
      frame.argumentPointers.push_back(array.data());
      continue;
    }
    int64_t base = reinterpret_cast<intptr_t>(array.bytes->data());
    Descriptor &descriptor = frame.descriptors.emplace_back();
    descriptor = {base, base, array.offset};
    descriptor.insert(descriptor.end(), array.shape.begin(), array.shape.end());
    descriptor.insert(descriptor.end(), array.strides.begin(),
                      array.strides.end());
    frame.argumentPointers.push_back(descriptor.data());
  }
  for (auto [index, output] : llvm::enumerate(type.getResults())) {
    if (isByDescriptor(output) && cast<ShapedType>(output).hasRank()) {
      auto shaped = cast<ShapedType>(output);
      Descriptor &descriptor =
          frame.descriptors.emplace_back(3 + 2 * shaped.getRank());
      frame.resultDescriptors.push_back(&descriptor);
      frame.resultPointers.push_back(descriptor.data());
      frame.results.emplace_back();
      continue;
    }
    Expected<HostTensor> result = allocateFor(output, "result " + Twine(index));
    if (!result)
      return result.takeError();
    frame.resultDescriptors.push_back(nullptr);
    frame.resultPointers.push_back(result->data());
    frame.results.push_back(std::move(*result));
  }
  return frame;
}

/// Copies what a descriptor of the callee describes, and frees it.
static HostTensor readDescriptor(ArrayRef<int64_t> descriptor, ShapedType type,
                                 GoContext *context) {
  size_t rank = type.getRank();
  HostTensor view;
  view.kind = *elementKindOf(type.getElementType());
  ArrayRef<int64_t> sizes = descriptor.slice(3, rank);
  ArrayRef<int64_t> strides = descriptor.slice(3 + rank, rank);
  view.shape.assign(sizes.begin(), sizes.end());
  view.strides.assign(strides.begin(), strides.end());
  view.offset = descriptor[2];
  view.bytes =
      std::make_shared<Bytes>(reinterpret_cast<void *>(descriptor[1]),
                              view.extent().second * bytesOf(view.kind));
  HostTensor copy = view.clone();
  goFree(context, reinterpret_cast<void *>(descriptor[0]));
  return copy;
}

llvm::Error CallFrame::call(GoEntryPoint entry, GoContext *context) {
  GoStatus status =
      entry(context, nullptr, argumentPointers.data(), resultPointers.data());
  if (status == GO_OK)
    status = goContextTakeStatus(context);
  if (status != GO_OK)
    return llvm::createStringError("the program failed (status " +
                                   Twine(status) + "): " + goLastMessage());
  for (auto [result, descriptor, output] :
       llvm::zip(results, resultDescriptors, type.getResults()))
    if (descriptor)
      result = readDescriptor(*descriptor, cast<ShapedType>(output), context);
  return llvm::Error::success();
}
