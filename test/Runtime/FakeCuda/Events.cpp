//===- Events.cpp - Events of the fake CUDA driver ------------------------===//
//
// Part of graph-opt.
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

using namespace fakecuda;

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
