"""Programs that graph-compile wrote, called through their C interface."""

import ctypes
import os
import sys

import timing
import toolbox
from contestants import Contestant

sys.path.insert(0, os.path.join(toolbox.ROOT, "examples", "aot"))
import graph_program  # noqa: E402  pylint: disable=wrong-import-position

ASYNC_ENTRY = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p,
                               ctypes.POINTER(ctypes.c_void_p),
                               ctypes.POINTER(ctypes.c_void_p),
                               ctypes.POINTER(ctypes.c_void_p))


class Entry:
    """A function of a library with all arguments in place."""

    def __init__(self, path, data, stream):
        self.program = graph_program.load(path)
        self.context = self.program.create_context()
        self.function, = self.program.functions.values()
        self.stream = stream
        info = graph_program.GoProgramInfo.in_dll(
            self.program.library, f"{self.program.name}_program")
        entry = info.functions[0].async_entry
        self.async_entry = ASYNC_ENTRY(entry) if entry else None
        self.kept = []
        self.results = [graph_program.SCALARS[value.element]()
                        for value in self.function.results]
        self.result_addresses = self.addresses(map(ctypes.addressof, self.results))
        # What each of ten calls in turn gets.
        packs = [self.pack(data, data.scalars_of(number)) for number in range(2)]
        self.packs = packs[:1] + packs[1:] * 9 if data.case.spec.tenth else packs[:1]
        # Handles of calls by `issue`, made ahead; the first `num_issued` are in use.
        self.pending = [ctypes.c_void_p() for _ in range(timing.LONGEST_TRAIN)]
        self.pending_addresses = [ctypes.byref(pending) for pending in self.pending]
        self.num_issued = 0

    @staticmethod
    def addresses(values):
        values = list(values)
        return (ctypes.c_void_p * len(values))(*values)

    def pack(self, data, scalars):
        """Addresses of all arguments: the lists in their order, the others by their
        names."""
        tensors = [tensor for name, _ in data.case.lists
                   for tensor in ([data.flat[name]] if data.flat else data.lists[name])]
        addresses = []
        for value, tensor in zip(self.function.arguments, tensors):
            addresses.append(graph_program.address_of(tensor, value))
        for value in self.function.arguments[len(tensors):]:
            if value.name in data.state:
                addresses.append(
                    graph_program.address_of(data.state[value.name], value))
            else:
                scalar = graph_program.SCALARS[value.element](scalars[value.name])
                self.kept.append(scalar)
                addresses.append(ctypes.addressof(scalar))
        return self.addresses(addresses)

    def call(self, number):
        """Returns once the results are there."""
        arguments = self.packs[number % len(self.packs)]
        status = self.function.entry(self.context, self.stream, arguments,
                                     self.result_addresses)
        if status:
            self.program.check(status)

    def issue(self, number):
        """Returns before the results are there; `wait` follows after at most as many
        calls as a train has."""
        arguments = self.packs[number % len(self.packs)]
        pending = self.pending_addresses[self.num_issued]
        self.num_issued += 1
        status = self.async_entry(self.context, self.stream, arguments,
                                  self.result_addresses, pending)
        if status:
            self.program.check(status)

    def wait(self):
        """Awaits the results of all calls by `issue`."""
        issued, self.num_issued = self.pending[:self.num_issued], 0
        for pending in issued:
            self.program.check(self.program.runtime.goAwait(pending))
            pending.value = None

    def close(self):
        self.program.destroy_context(self.context)


class Ours(Contestant):
    """A library for calls that wait and, if the program returns a value, one with
    asynchronous results for those that do not."""

    def __init__(self, data, libraries):
        super().__init__(data)
        self.handle = self.stream.cuda_stream if self.stream else None
        self.entries = [Entry(path, data, self.handle) for path in libraries]
        self.waiting, self.issuing = self.entries[0], self.entries[-1]
        if data.case.spec.returns:
            # Both are warm before anything is timed.
            self.issuing.issue(0)
            self.issuing.wait()

    def call(self, number):
        if self.issuing is self.waiting:
            self.waiting.call(number)
        else:
            self.issuing.issue(number)

    def wait(self):
        self.issuing.wait()
        if self.data.device == "host":
            self.issuing.program.wait(self.issuing.context)

    def call_and_wait(self, number):
        self.waiting.call(number)
        if self.data.case.spec.returns:
            return float(self.waiting.results[0].value)
        self.waiting.program.wait(self.waiting.context, self.handle)
        return None

    def close(self):
        for entry in self.entries:
            entry.close()
