//===- Call.cpp - Calling compiled entry points ---------------------------===//
//
// Implements the packing of arguments and results.
//
//===----------------------------------------------------------------------===//

#include "Call.h"

#include "DeviceHandle.h"
#include "Inputs.h"

using namespace mlir;
using namespace graphrun;
using llvm::Error;
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

Expected<std::unique_ptr<CallFrame>>
CallFrame::create(FunctionType type, std::vector<HostTensor> &arguments,
                  GoContext *context, bool isHost) {
  std::unique_ptr<CallFrame> frame(new CallFrame(type, context, isHost));
  // Pointers to descriptors are handed out: no reallocation below.
  frame->descriptors.reserve(type.getNumInputs());
  if (Error error = frame->packArguments(arguments))
    return std::move(error);
  // Before the results join the arrays: they have no contents yet.
  if (Error error = frame->arrays.upload())
    return std::move(error);
  if (Error error = frame->packResults())
    return std::move(error);
  return frame;
}

CallFrame::~CallFrame() { releaseResults(); }

Error CallFrame::packArguments(ArrayRef<HostTensor> arguments) {
  for (auto [array, input] : llvm::zip(arguments, type.getInputs())) {
    if (!isa<ShapedType>(input)) {
      argumentPointers.push_back(array.data());
      continue;
    }
    Expected<void *> address = arrays.add(array.bytes);
    if (!address)
      return address.takeError();
    if (!isByDescriptor(input)) {
      argumentPointers.push_back(*address);
      continue;
    }
    int64_t base = reinterpret_cast<intptr_t>(*address);
    Descriptor &descriptor = descriptors.emplace_back();
    descriptor = {base, base, array.offset};
    descriptor.insert(descriptor.end(), array.shape.begin(), array.shape.end());
    descriptor.insert(descriptor.end(), array.strides.begin(),
                      array.strides.end());
    argumentPointers.push_back(descriptor.data());
  }
  return Error::success();
}

Error CallFrame::packResults() {
  Results &call = calls.emplace_back();
  // Pointers to descriptors are handed out: no reallocation below.
  call.descriptors.resize(type.getNumResults());
  for (auto [index, output] : llvm::enumerate(type.getResults())) {
    if (isByDescriptor(output) && cast<ShapedType>(output).hasRank()) {
      auto shaped = cast<ShapedType>(output);
      call.descriptors[index].resize(3 + 2 * shaped.getRank());
      call.pointers.push_back(call.descriptors[index].data());
      call.results.emplace_back();
      continue;
    }
    Expected<HostTensor> result = allocateFor(output, "result " + Twine(index));
    if (!result)
      return result.takeError();
    call.results.push_back(std::move(*result));
    if (!isa<ShapedType>(output)) {
      call.pointers.push_back(call.results.back().data());
      continue;
    }
    Expected<void *> address = arrays.add(call.results.back().bytes);
    if (!address)
      return address.takeError();
    call.pointers.push_back(*address);
  }
  return Error::success();
}

Error CallFrame::checkStatus(GoStatus status) {
  if (status == GO_OK)
    return Error::success();
  return llvm::createStringError("the program failed (status " + Twine(status) +
                                 "): " + goLastMessage());
}

Error CallFrame::start(const EntryPoint &entry) {
  Results &call = calls.back();
  GoStatus status =
      entry.asyncEntry
          ? entry.asyncEntry(context, nullptr, argumentPointers.data(),
                             call.pointers.data(), &call.pending)
          : entry.entry(context, nullptr, argumentPointers.data(),
                        call.pointers.data());
  if (status == GO_OK)
    status = goContextTakeStatus(context);
  if (status != GO_OK)
    // The callee owns what it did not return.
    for (Descriptor &descriptor : call.descriptors)
      if (!descriptor.empty())
        descriptor[0] = 0;
  return checkStatus(status);
}

Error CallFrame::await(Results &call) {
  return checkStatus(goAwait(std::exchange(call.pending, nullptr)));
}

Error CallFrame::call(const EntryPoint &entry) {
  releaseResults();
  Error error = start(entry);
  return llvm::joinErrors(std::move(error), await(calls.back()));
}

Error CallFrame::callAtOnce(const EntryPoint &entry, int count) {
  releaseResults();
  Error error = start(entry);
  for (int i = 1; i < count && !error; ++i) {
    error = packResults();
    if (!error)
      error = start(entry);
  }
  // The last call first: on one stream the others are done then.
  for (Results &call : llvm::reverse(calls))
    error = llvm::joinErrors(std::move(error), await(call));
  return error;
}

Expected<HostTensor> CallFrame::readDescriptor(const Descriptor &descriptor,
                                               ShapedType type) {
  size_t rank = type.getRank();
  ArrayRef<int64_t> words = descriptor;
  HostTensor view;
  view.kind = *elementKindOf(type.getElementType());
  ArrayRef<int64_t> sizes = words.slice(3, rank);
  ArrayRef<int64_t> strides = words.slice(3 + rank, rank);
  view.shape.assign(sizes.begin(), sizes.end());
  view.strides.assign(strides.begin(), strides.end());
  view.offset = descriptor[2];
  auto bytes = arrays.read(reinterpret_cast<void *>(descriptor[1]),
                           view.extent().second * bytesOf(view.kind));
  if (!bytes)
    return bytes.takeError();
  view.bytes = std::move(*bytes);
  return view.clone();
}

std::string CallFrame::nameOf(const void *address) const {
  for (auto [index, pointer] : llvm::enumerate(argumentPointers))
    if (pointer == address)
      return ("arg" + Twine(index)).str();
  for (auto [index, pointer] : llvm::enumerate(calls.back().pointers))
    if (pointer == address)
      return ("result" + Twine(index)).str();
  return "";
}

Error CallFrame::fetch() {
  if (Error error = arrays.download())
    return error;
  for (Results &call : calls)
    for (auto [result, descriptor, output] :
         llvm::zip(call.results, call.descriptors, type.getResults())) {
      if (descriptor.empty())
        continue;
      auto array = readDescriptor(descriptor, cast<ShapedType>(output));
      if (!array)
        return array.takeError();
      result = std::move(*array);
    }
  return Error::success();
}

void CallFrame::releaseResults() {
  for (Results &call : calls)
    for (Descriptor &descriptor : call.descriptors) {
      if (descriptor.empty())
        continue;
      void *allocated = reinterpret_cast<void *>(descriptor[0]);
      goFree(context, /*stream=*/nullptr, allocated);
      descriptor[0] = 0;
    }
}
