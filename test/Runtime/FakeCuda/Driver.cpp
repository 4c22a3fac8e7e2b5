//===- Driver.cpp - State of the fake CUDA driver -------------------------===//
//
// Part of graph-opt. Failures on request, contexts, streams, and what tests ask
// the fake driver.
//
//===----------------------------------------------------------------------===//

#include "Graphs.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

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
  state().defaultStream.isInvalid = true;
  for (const void *stream : state().live["stream"])
    static_cast<Stream *>(const_cast<void *>(stream))->isInvalid = true;
  return captureUnsupported;
}

/// Set while no other thread calls.
static std::function<void(const char *)> observer;
/// The observer's own calls are not observed.
static thread_local bool isObserving = false;

/// Calls the observer, then takes the lock.
static std::recursive_mutex &observed(const char *name) {
  if (observer && !isObserving) {
    isObserving = true;
    observer(name);
    isObserving = false;
  }
  return state().mutex;
}

Entry::Entry(const char *name, Kind kind) : lock(observed(name)) {
  State &s = state();
  ++s.callsOf[name];
  if (kind != Plain && kind != OnlyByName && !s.isActive) {
    result = cuda::errorContextIsDestroyed;
    return;
  }
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

unsigned long long Stream::nextId() {
  static std::atomic<unsigned long long> last{0};
  return ++last;
}

static bool isDefault(cuda::Stream stream) {
  return !stream || stream == cuda::streamLegacy;
}

Stream *fakecuda::toStream(cuda::Stream stream) {
  return isDefault(stream) ? &state().defaultStream
                           : reinterpret_cast<Stream *>(stream);
}

static bool isStream(cuda::Stream stream) {
  return isDefault(stream) || isLive("stream", stream);
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
  for (const std::unique_ptr<Stream> &stream : state().replaced)
    runStream(*stream, stream->issued);
}

Result fakecuda::issue(cuda::Stream handle, Work work) {
  if (!isStream(handle))
    return invalidHandle;
  Stream &stream = *toStream(handle);
  if (stream.capturing)
    return capture(stream, std::move(work));
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
  stream->captured.reset();
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
  if (!isStream(handle))
    return invalidHandle;
  Stream &stream = *toStream(handle);
  if (stream.capturing)
    return invalidateCapture();
  runStream(stream, stream.issued);
  return cuda::success;
}

FAKE_EXPORT Result cuStreamQuery(cuda::Stream handle) {
  Entry entry("cuStreamQuery", Entry::Unsafe);
  if (entry)
    return entry.result;
  if (!isStream(handle))
    return invalidHandle;
  // The host asks again and again: one piece of work of each stream is done.
  auto advance = [](Stream &stream) { runStream(stream, stream.done + 1); };
  advance(state().defaultStream);
  for (const void *object : state().live["stream"])
    advance(*static_cast<Stream *>(const_cast<void *>(object)));
  for (const std::unique_ptr<Stream> &stream : state().replaced)
    advance(*stream);
  const Stream &stream = *toStream(handle);
  return stream.done < stream.issued ? Result(cuda::errorNotReady)
                                     : Result(cuda::success);
}

FAKE_EXPORT Result cuStreamGetId(cuda::Stream stream, unsigned long long *id) {
  Entry entry("cuStreamGetId");
  if (entry)
    return entry.result;
  if (!isStream(stream))
    return invalidHandle;
  *id = toStream(stream)->id;
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
  const Stream &asked = *toStream(stream);
  if (isDefault(stream) && !asked.capturing && isAnyCapturing())
    return captureImplicit;
  *status =
      static_cast<cuda::CaptureStatus>(asked.capturing * (1 + asked.isInvalid));
  return cuda::success;
}

FAKE_EXPORT Result cuStreamGetCaptureInfo_v2(
    cuda::Stream stream, cuda::CaptureStatus *status, unsigned long long *,
    cuda::Graph *graph, const cuda::GraphNode **last, size_t *numLast) {
  Entry entry("cuStreamGetCaptureInfo");
  if (entry)
    return entry.result;
  const Stream &asked = *toStream(stream);
  *status =
      static_cast<cuda::CaptureStatus>(asked.capturing * (1 + asked.isInvalid));
  if (!asked.capturing || asked.isInvalid)
    return cuda::success;
  *graph = reinterpret_cast<cuda::Graph>(asked.captured.get());
  *last = asked.last.data();
  *numLast = asked.last.size();
  return cuda::success;
}

FAKE_EXPORT Result cuStreamUpdateCaptureDependencies(cuda::Stream stream,
                                                     cuda::GraphNode *nodes,
                                                     size_t numNodes,
                                                     unsigned flags) {
  Entry entry("cuStreamUpdateCaptureDependencies");
  if (entry)
    return entry.result;
  Stream &changed = *toStream(stream);
  if (!changed.capturing)
    return illegalState;
  if (flags != cuda::setDependencies)
    return invalidValue;
  changed.last.assign(nodes, nodes + numNodes);
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
// Contexts
//===----------------------------------------------------------------------===//

FAKE_EXPORT Result cuDevicePrimaryCtxRetain(cuda::Context *context,
                                            cuda::Device) {
  Entry entry("cuDevicePrimaryCtxRetain", Entry::Plain);
  if (entry)
    return entry.result;
  ++state().primaryRetains;
  state().isActive = true;
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
  if (!state().isActive)
    return cuda::errorContextIsDestroyed;
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

FAKE_EXPORT Result cuCtxGetId(cuda::Context, unsigned long long *id) {
  Entry entry("cuCtxGetId", Entry::Plain);
  if (entry)
    return entry.result;
  *id = state().contextId;
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
  s.isActive = true;
  s.replaced.clear();
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

void fakecuda::replaceStream(void *handle) {
  Lock lock(state().mutex);
  Stream *stream = static_cast<Stream *>(handle);
  Stream *before =
      state().replaced.emplace_back(std::make_unique<Stream>()).get();
  std::swap(*stream, *before);
  for (const void *object : state().live["event"]) {
    Event &event = *static_cast<Event *>(const_cast<void *>(object));
    if (event.stream == stream)
      event.stream = before;
  }
  for (const void *object : state().live["executable"]) {
    Exec &exec = *static_cast<Exec *>(const_cast<void *>(object));
    if (exec.lastStream == stream)
      exec.lastStream = before;
  }
}

void fakecuda::makeCurrent(bool isCurrent) {
  contexts.clear();
  if (isCurrent)
    contexts.push_back(theContext);
}

bool fakecuda::isCurrent() { return !contexts.empty(); }

static const cuda::Context foreignContext =
    reinterpret_cast<cuda::Context>(uintptr_t(0x2000));

void fakecuda::makeForeignCurrent() { contexts.push_back(foreignContext); }

bool fakecuda::endForeignCurrent() {
  if (contexts.empty() || contexts.back() != foreignContext)
    return false;
  contexts.pop_back();
  return true;
}

void fakecuda::resetDevice() {
  Lock lock(state().mutex);
  State &s = state();
  // What was there is never touched again, nor is it a leak.
  static auto &gone =
      *new std::vector<std::map<std::string, std::set<const void *>>>();
  gone.push_back(std::move(s.live));
  s.live.clear();
  s.memory.clear();
  s.memoryInUse = 0;
  s.isActive = false;
  ++s.contextId;
}

void fakecuda::revive() { state().isActive = true; }

void fakecuda::observe(std::function<void(const char *)> newObserver) {
  observer = std::move(newObserver);
}

bool fakecuda::wasInvalidated() {
  return std::exchange(state().invalidated, false);
}
