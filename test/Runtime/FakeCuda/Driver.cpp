//===- Driver.cpp - State of the fake CUDA driver -------------------------===//
//
// Part of graph-opt. Failures on request, contexts, streams, events, and what
// tests ask the fake driver.
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include <algorithm>
#include <cstring>

using namespace fakecuda;

State &fakecuda::state() {
  static State instance;
  return instance;
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

/// The one context.
static const cuda::Context theContext =
    reinterpret_cast<cuda::Context>(uintptr_t(0x1000));
static thread_local std::vector<cuda::Context> contexts;
static thread_local cuda::CaptureMode captureMode = {};

bool fakecuda::isAnyCapturing() {
  if (state().defaultStream.capturing)
    return true;
  for (const void *stream : state().live["stream"])
    if (static_cast<const Stream *>(stream)->capturing)
      return true;
  return false;
}

static Result invalidateCapture() {
  state().invalidated = true;
  return captureUnsupported;
}

Entry::Entry(const char *name, Kind kind) : lock(state().mutex) {
  State &s = state();
  ++s.callsOf[name];
  if (kind != Plain && kind != OnlyByName &&
      (contexts.empty() || contexts.back() != theContext)) {
    result = invalidContext;
    return;
  }
  if (kind == Never)
    return;
  if (kind == Unsafe && captureMode != cuda::captureRelaxed &&
      isAnyCapturing()) {
    result = invalidateCapture();
    return;
  }
  if (s.failingFunction == name) {
    result = s.functionFailure;
    s.failed = true;
  } else if (kind != OnlyByName && s.calls++ == s.failing) {
    result = s.failure;
    s.failed = true;
  }
}

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

Stream *fakecuda::toStream(cuda::Stream stream) {
  return stream ? reinterpret_cast<Stream *>(stream) : &state().defaultStream;
}

void fakecuda::runStream(Stream &stream, uint64_t position) {
  while (stream.done < position && !stream.queue.empty()) {
    Work work = std::move(stream.queue.front());
    stream.queue.pop_front();
    ++stream.done;
    work();
  }
}

void fakecuda::runAll() {
  runStream(state().defaultStream, state().defaultStream.issued);
  for (const void *object : state().live["stream"]) {
    Stream &stream = *static_cast<Stream *>(const_cast<void *>(object));
    runStream(stream, stream.issued);
  }
}

Result fakecuda::issue(cuda::Stream handle, Work work) {
  if (handle && !isLive("stream", handle))
    return invalidHandle;
  Stream &stream = *toStream(handle);
  if (stream.capturing) {
    stream.captured.push_back(std::move(work));
    return cuda::success;
  }
  stream.queue.push_back(std::move(work));
  ++stream.issued;
  return cuda::success;
}

FAKE_EXPORT Result cuStreamCreate(cuda::Stream *stream, unsigned) {
  Entry entry("cuStreamCreate");
  if (entry)
    return entry.result;
  *stream = reinterpret_cast<cuda::Stream>(create<Stream>("stream"));
  return cuda::success;
}

/// Does the work of `stream`, which is no handle from then on. Events and work
/// may refer to the object still.
static void retire(Stream *stream) {
  static std::vector<std::unique_ptr<Stream>> retired;
  runStream(*stream, stream->issued);
  state().live["stream"].erase(stream);
  retired.emplace_back(stream);
}

FAKE_EXPORT Result cuStreamDestroy_v2(cuda::Stream stream) {
  Entry entry("cuStreamDestroy", Entry::Never);
  if (!isLive("stream", stream))
    return invalidHandle;
  retire(toStream(stream));
  return cuda::success;
}

FAKE_EXPORT Result cuStreamSynchronize(cuda::Stream handle) {
  Entry entry("cuStreamSynchronize", Entry::Unsafe);
  if (entry)
    return entry.result;
  if (handle && !isLive("stream", handle))
    return invalidHandle;
  Stream &stream = *toStream(handle);
  if (stream.capturing)
    return invalidateCapture();
  runStream(stream, stream.issued);
  return cuda::success;
}

FAKE_EXPORT Result cuCtxSynchronize() {
  Entry entry("cuCtxSynchronize", Entry::Unsafe);
  if (entry)
    return entry.result;
  if (isAnyCapturing())
    return invalidateCapture();
  runAll();
  return cuda::success;
}

FAKE_EXPORT Result cuStreamIsCapturing(cuda::Stream stream,
                                       cuda::CaptureStatus *status) {
  Entry entry("cuStreamIsCapturing");
  if (entry)
    return entry.result;
  *status = static_cast<cuda::CaptureStatus>(toStream(stream)->capturing);
  return cuda::success;
}

FAKE_EXPORT Result cuThreadExchangeStreamCaptureMode(cuda::CaptureMode *mode) {
  Entry entry("cuThreadExchangeStreamCaptureMode", Entry::Plain);
  // Handing the old mode back never fails.
  if (entry && *mode == cuda::captureRelaxed)
    return entry.result;
  std::swap(*mode, captureMode);
  return cuda::success;
}

//===----------------------------------------------------------------------===//
// Events
//===----------------------------------------------------------------------===//

static Event *toEvent(cuda::Event event) {
  return reinterpret_cast<Event *>(event);
}

FAKE_EXPORT Result cuEventCreate(cuda::Event *event, unsigned) {
  Entry entry("cuEventCreate");
  if (entry)
    return entry.result;
  *event = reinterpret_cast<cuda::Event>(create<Event>("event"));
  return cuda::success;
}

FAKE_EXPORT Result cuEventDestroy_v2(cuda::Event event) {
  Entry entry("cuEventDestroy", Entry::Never);
  return destroy("event", toEvent(event));
}

FAKE_EXPORT Result cuEventRecord(cuda::Event event, cuda::Stream stream) {
  Entry entry("cuEventRecord");
  if (entry)
    return entry.result;
  if (!isLive("event", event))
    return invalidHandle;
  Stream *on = toStream(stream);
  *toEvent(event) = {on, on->issued, on->capturing};
  return cuda::success;
}

FAKE_EXPORT Result cuStreamWaitEvent(cuda::Stream stream, cuda::Event event,
                                     unsigned) {
  Entry entry("cuStreamWaitEvent");
  if (entry)
    return entry.result;
  if (!isLive("event", event))
    return invalidHandle;
  Event waited = *toEvent(event);
  if (toStream(stream)->capturing != waited.captured)
    return captureIsolation;
  if (!waited.stream)
    return cuda::success;
  return issue(stream, [=] { runStream(*waited.stream, waited.position); });
}

FAKE_EXPORT Result cuEventQuery(cuda::Event event) {
  Entry entry("cuEventQuery", Entry::Unsafe);
  if (entry)
    return entry.result;
  const Event &asked = *toEvent(event);
  return asked.stream && asked.stream->done < asked.position
             ? Result(cuda::errorNotReady)
             : Result(cuda::success);
}

FAKE_EXPORT Result cuEventSynchronize(cuda::Event event) {
  Entry entry("cuEventSynchronize", Entry::Unsafe);
  if (entry)
    return entry.result;
  if (toEvent(event)->stream)
    runStream(*toEvent(event)->stream, toEvent(event)->position);
  return cuda::success;
}

FAKE_EXPORT Result cuEventElapsedTime(float *milliseconds, cuda::Event begin,
                                      cuda::Event end) {
  Entry entry("cuEventElapsedTime");
  if (entry)
    return entry.result;
  // One millisecond for each thing that was issued in between.
  *milliseconds = toEvent(end)->position - toEvent(begin)->position;
  return cuda::success;
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

FAKE_EXPORT Result cuDevicePrimaryCtxRetain(cuda::Context *context,
                                            cuda::Device) {
  Entry entry("cuDevicePrimaryCtxRetain", Entry::Plain);
  if (entry)
    return entry.result;
  ++state().primaryRetains;
  *context = theContext;
  return cuda::success;
}

FAKE_EXPORT Result cuDevicePrimaryCtxRelease_v2(cuda::Device) {
  std::lock_guard<std::recursive_mutex> lock(state().mutex);
  --state().primaryRetains;
  return cuda::success;
}

FAKE_EXPORT Result cuCtxGetCurrent(cuda::Context *context) {
  Entry entry("cuCtxGetCurrent", Entry::Plain);
  if (entry)
    return entry.result;
  *context = contexts.empty() ? nullptr : contexts.back();
  return cuda::success;
}

FAKE_EXPORT Result cuCtxPushCurrent_v2(cuda::Context context) {
  // Without a context nothing can be freed: see failFunction.
  Entry entry("cuCtxPushCurrent", Entry::OnlyByName);
  if (entry)
    return entry.result;
  contexts.push_back(context);
  return cuda::success;
}

FAKE_EXPORT Result cuCtxPopCurrent_v2(cuda::Context *context) {
  Entry entry("cuCtxPopCurrent", Entry::Never);
  if (contexts.empty())
    return invalidContext;
  *context = contexts.back();
  contexts.pop_back();
  return cuda::success;
}

FAKE_EXPORT Result cuCtxGetDevice(cuda::Device *device) {
  Entry entry("cuCtxGetDevice");
  if (entry)
    return entry.result;
  *device = 0;
  return cuda::success;
}

//===----------------------------------------------------------------------===//
// What tests ask
//===----------------------------------------------------------------------===//

namespace {
using Lock = std::lock_guard<std::recursive_mutex>;
} // namespace

void fakecuda::reset() {
  Lock lock(state().mutex);
  State &s = state();
  s.properties = {};
  s.calls = 0;
  s.failing = -1;
  s.failingFunction.clear();
  s.failed = s.invalidated = false;
  s.callsOf.clear();
  s.faults.clear();
  s.live.clear();
  s.memory.clear();
  s.memoryInUse = 0;
  s.primaryRetains = 0;
}

Properties &fakecuda::properties() { return state().properties; }

void fakecuda::failAfter(int64_t index, int result) {
  Lock lock(state().mutex);
  state().failing = index < 0 ? -1 : state().calls + index;
  state().failure = result;
  state().failed = false;
}

void fakecuda::failFunction(const std::string &name, int result) {
  Lock lock(state().mutex);
  state().failingFunction = name;
  state().functionFailure = result;
  state().failed = false;
}

bool fakecuda::hasFailed() { return state().failed; }

int64_t fakecuda::numCalls() { return state().calls; }

int64_t fakecuda::numCalls(const std::string &name) {
  Lock lock(state().mutex);
  return state().callsOf[name];
}

std::string fakecuda::alive() {
  Lock lock(state().mutex);
  std::string text;
  auto add = [&](size_t count, const std::string &kind) {
    if (count)
      text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + kind;
  };
  for (const auto &[kind, objects] : state().live)
    add(objects.size(), kind);
  add(state().primaryRetains, "primary context");
  return text;
}

std::string fakecuda::faults() {
  Lock lock(state().mutex);
  return state().faults;
}

void *fakecuda::createStream() {
  Lock lock(state().mutex);
  return create<Stream>("stream");
}

void fakecuda::destroyStream(void *stream) {
  Lock lock(state().mutex);
  retire(static_cast<Stream *>(stream));
}

void fakecuda::makeCurrent(bool isCurrent) {
  contexts.clear();
  if (isCurrent)
    contexts.push_back(theContext);
}

bool fakecuda::isCurrent() { return !contexts.empty(); }

void fakecuda::beginCapture(void *stream) {
  Lock lock(state().mutex);
  Stream &object = *toStream(static_cast<cuda::Stream>(stream));
  object.capturing = true;
  object.captured.clear();
}

void fakecuda::endCapture(void *stream) {
  Lock lock(state().mutex);
  toStream(static_cast<cuda::Stream>(stream))->capturing = false;
}

void fakecuda::replay(void *stream) {
  Lock lock(state().mutex);
  for (const Work &work : toStream(static_cast<cuda::Stream>(stream))->captured)
    issue(static_cast<cuda::Stream>(stream), work);
}

bool fakecuda::wasInvalidated() { return state().invalidated; }
