"""How a contestant's calls are timed. All times are in microseconds."""

import ctypes
import statistics
import time

MIN_SAMPLES = 5
TRAIN_US = 10_000      # A train of calls takes about so long ...
LONGEST_TRAIN = 1000   # ... and has at most so many.
CPU_TRAIN = 20         # Few enough for the queue of launches not to fill up.


class Clock:
    """Times on a device: of torch's current stream, or the host's. A sample is the
    mean of a whole number of `period` calls, which differ from each other."""

    def __init__(self, torch, device, seconds, flush_bytes, period=1):
        self.torch, self.device, self.seconds = torch, device, seconds
        self.period = period
        self.is_cuda = device == "cuda"
        # Reading so much evicts everything from the L2 cache and leaves it clean.
        self.flushed = torch.zeros(flush_bytes // 4, device=device) \
            if flush_bytes else None

    def wait(self):
        if self.is_cuda:
            self.torch.cuda.current_stream().synchronize()

    def flush(self):
        if self.flushed is not None:
            self.flushed.max()

    def repeat(self, sample):
        """Medians of what `sample(number)` returns, for about `seconds`."""
        samples, end = [], time.perf_counter() + self.seconds
        while len(samples) < MIN_SAMPLES or time.perf_counter() < end:
            samples.append(sample(len(samples)))
        return statistics.median(samples), min(samples), len(samples)

    def latency(self, contestant, reads_value=True):
        """Of one call, until the host knows that it is done and has its value, or
        without reading that."""
        calls = self.period

        def call_unread(number):
            contestant.call(number)
            contestant.wait()
            self.wait()

        call = contestant.call_and_wait if reads_value else call_unread

        def sample(number):
            total = 0
            for i in range(calls):
                self.flush()
                self.wait()
                before = time.perf_counter()
                call(number * calls + i)
                total += time.perf_counter() - before
            return total * 1e6 / calls

        return self.repeat(sample)

    def throughput(self, contestant, latency):
        """Per call of a train with no wait in between; with a flushed cache, of
        single calls between two events, which the flush before them hides the
        launch of."""
        calls = max(2, min(LONGEST_TRAIN, int(TRAIN_US / max(latency, 1))))
        calls = 1 if self.flushed is not None else -(-calls // self.period) * self.period

        def issue(number):
            for i in range(calls):
                contestant.call(number * calls + i)

        def between_events(number):
            self.flush()
            start, end = (self.torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            issue(number)
            end.record()
            contestant.wait()
            end.synchronize()
            return start.elapsed_time(end) * 1e3

        def on_the_host(number):
            self.flush()
            self.wait()
            before = time.perf_counter()
            issue(number)
            contestant.wait()
            self.wait()
            return (time.perf_counter() - before) * 1e6

        uses_events = self.is_cuda and contestant.uses_torch_stream
        train = between_events if uses_events else on_the_host
        trains = max(1, self.period // calls)
        return self.repeat(lambda number: sum(
            train(number * trains + i) for i in range(trains)) / (trains * calls))

    def cpu(self, contestant):
        """CPU time of the calling thread per call that does not wait."""
        def sample(number):
            before = time.thread_time_ns()
            for i in range(CPU_TRAIN):
                contestant.call(number * CPU_TRAIN + i)
            passed = time.thread_time_ns() - before
            contestant.wait()
            self.wait()
            return passed / 1e3 / CPU_TRAIN

        return self.repeat(sample)

    def measure(self, contestant):
        """The figures of a row."""
        for number in range(3):
            contestant.call_and_wait(number)
        latency, fastest, samples = self.latency(contestant)
        throughput, _, trains = self.throughput(contestant, latency)
        result = {"latency_us": latency, "latency_min_us": fastest,
                  "throughput_us": throughput, "samples": [samples, trains]}
        if contestant.data.case.spec.returns:
            result["latency_unread_us"] = self.latency(contestant, False)[0]
        if contestant.has_cpu_time:
            result["cpu_us"] = self.cpu(contestant)[0]
        return result


def profile(torch, contestant, calls=5):
    """Microseconds on the device of each kernel and copy of a call, as CUPTI tells
    torch's profiler: a list of name, time of one and how many there are in a call,
    the longest in all first. Being watched costs time, so nothing else is measured."""
    activities = [torch.profiler.ProfilerActivity.CUDA]
    with torch.profiler.profile(activities=activities) as seen:
        for number in range(calls):
            contestant.call_and_wait(number)
        torch.cuda.synchronize()
    events = sorted(seen.key_averages(), key=lambda event: -event.device_time_total)
    return [[event.key, round(event.device_time_total / event.count, 2),
             round(event.count / calls, 2)]
            for event in events if event.device_time_total > 0]


def copy_bandwidth(torch, device, num_bytes):
    """Bytes read and written per second by a copy on the device."""
    source = torch.zeros(num_bytes, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    times = []
    for _ in range(12):
        if device == "cuda":
            start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            target.copy_(source)
            end.record()
            end.synchronize()
            times.append(start.elapsed_time(end) * 1e-3)
        else:
            before = time.perf_counter()
            target.copy_(source)
            times.append(time.perf_counter() - before)
    return 2 * num_bytes / statistics.median(times)


class OneNodeGraph:
    """Replays a graph of one tiny kernel, with the interface of a contestant."""
    uses_torch_stream = True

    def __init__(self, torch):
        value = torch.zeros(1, device="cuda")
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            value.add_(1)
        self.torch = torch

    def call(self, number):
        del number
        self.graph.replay()

    def wait(self):
        pass

    def call_and_wait(self, number):
        self.call(number)
        self.torch.cuda.current_stream().synchronize()


def launch_costs(torch):
    """What is the least that a replay costs: latency, throughput, CPU time; and a
    call of a C function that does nothing, which all are called through."""
    clock, graph = Clock(torch, "cuda", 0.2, 0), OneNodeGraph(torch)
    latency = clock.latency(graph)[0]
    function = ctypes.CDLL(None).abs
    before = time.perf_counter()
    for _ in range(10_000):
        function(1)
    call = (time.perf_counter() - before) * 1e2
    return {"graph_latency_us": round(latency, 3),
            "graph_throughput_us": round(clock.throughput(graph, latency)[0], 3),
            "graph_cpu_us": round(clock.cpu(graph)[0], 3), "c_call_us": round(call, 3)}
