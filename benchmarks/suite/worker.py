#!/usr/bin/env python3
"""Measures rows, one after the other, as run.py asks for them.

Says {"ready": true}, then reads a JSON object per line: {"machine": {...}} asks for
facts of the machine, {"row": {...}} for a row; writes a JSON object per line to the
file descriptor that the first argument names. An answer with "ends" is the last one of
this process: the device is lost. What libraries print goes to the standard output and
error.
"""

import gc
import json
import os
import platform
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(os.path.dirname(HERE)),
                                   "tools", "scripts")]

# The card is shared with torch: JAX takes what it needs.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import torch  # noqa: E402  pylint: disable=wrong-import-position

import toolbox  # noqa: E402  pylint: disable=wrong-import-position

import cases  # noqa: E402  pylint: disable=wrong-import-position
import timing  # noqa: E402  pylint: disable=wrong-import-position
from contestants import Unavailable  # noqa: E402  pylint: disable=wrong-import-position
from data import Data  # noqa: E402  pylint: disable=wrong-import-position

COPIED_BYTES = {"cuda": 4 << 30, "host": 64 << 20}


def torch_device(device):
    return "cuda" if device == "cuda" else "cpu"


def driver_version():
    """The version of the GPU's driver, if nvidia-smi says it."""
    try:
        return toolbox.call(["nvidia-smi", "--query-gpu=driver_version",
                             "--format=csv,noheader"], limit=20).split()[0]
    except (toolbox.CommandFailed, IndexError):
        return None


def describe_machine(request):
    """Facts about the machine and the copy bandwidth on it."""
    device = request["device"]
    facts = {"torch": torch.__version__, "python": platform.python_version(),
             "copy_bytes_per_s": timing.copy_bandwidth(
                 torch, torch_device(device), COPIED_BYTES[device])}
    if device == "cuda":
        properties = torch.cuda.get_device_properties(0)
        facts.update({
            "gpu": properties.name, "driver": driver_version(),
            "cuda": torch.version.cuda, **timing.launch_costs(torch),
            "l2_bytes": properties.L2_cache_size,
            "chip_bytes": properties.L2_cache_size + properties.multi_processor_count
            * properties.shared_memory_per_multiprocessor})
    else:
        facts.update({"gpu": None, "l2_bytes": 0, "chip_bytes": 0})
    return facts


def make_contestant(request, data):
    name = request["contestant"]
    if request["libraries"]:
        from contestants import ours  # pylint: disable=import-outside-toplevel
        return ours.Ours(data, request["libraries"])
    if name.startswith("hand-"):
        from contestants import hand  # pylint: disable=import-outside-toplevel
        return hand.Hand(data, request["hand"], name)
    if name == "jax":
        from contestants import jax_lists  # pylint: disable=import-outside-toplevel
        return jax_lists.Jax(data)
    from contestants import peers  # pylint: disable=import-outside-toplevel
    return peers.make(name, data)


class Worker:
    """Keeps the data of the last case, as rows of a case follow each other."""

    def __init__(self):
        self.data = None

    def data_of(self, request):
        case = cases.Case(*request["case"])
        if self.data is None or self.data.case != case:
            self.data = None
            self.release()
            self.data = Data(torch, case, request["shapes"],
                             torch_device(request["device"]))
        else:
            self.data.reset()
        return self.data

    @staticmethod
    def release():
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def measure(self, request):
        if not cases.count_elements(request["shapes"]):
            raise Unavailable("the list is empty")
        data = self.data_of(request)
        start = time.perf_counter()
        contestant = make_contestant(request, data)
        try:
            result = {"prepare_s": time.perf_counter() - start}
            data.reset()
            contestant.restart()
            value = contestant.call_and_wait(0)
            contestant.written_back()
            result["error"] = data.compare(value, contestant.is_loose)
            clock = timing.Clock(torch, data.device, request["seconds"],
                                 request["flush_bytes"],
                                 10 if data.case.spec.tenth else 1)
            result.update(clock.measure(contestant))
            if request["profile"]:
                result["kernels"] = timing.profile(torch, contestant)
            return result
        finally:
            contestant.close()
            del contestant
            self.release()

    def answer(self, request):
        try:
            if "machine" in request:
                return describe_machine(request["machine"])
            return self.measure(request["row"])
        except Unavailable as reason:
            return {"unavailable": str(reason)}
        except Exception as error:  # pylint: disable=broad-except
            traceback.print_exc()
            # What failed may hold memory of the device: the next row starts anew.
            self.data = None
            return {"failure": f"{type(error).__name__}: {error}"[:2000],
                    "ends": self.is_device_lost()}

    @staticmethod
    def is_device_lost():
        """Whether an error of the device is kept for good: others need a new
        process."""
        try:
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            return False
        except RuntimeError:
            return True


def main():
    replies = os.fdopen(int(sys.argv[1]), "w")
    worker = Worker()
    if torch.cuda.is_available():
        torch.cuda.set_stream(torch.cuda.Stream())
    print(json.dumps({"ready": True}), file=replies, flush=True)
    for line in sys.stdin:
        print(json.dumps(worker.answer(json.loads(line))), file=replies, flush=True)


if __name__ == "__main__":
    main()
