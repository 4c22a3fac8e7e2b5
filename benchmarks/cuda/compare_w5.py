#!/usr/bin/env python3
"""Compares norm + clip by graph-run with a hand-written CUDA graph and PyTorch.

  compare_w5.py [--lists NAME ...] [--dtypes f32 bf16]

For each list of examples/shapes: floor.cu, compiled here with nvcc; graph-run on
the workload w5, which returns the norm, so that each call ends with a readback;
and, if torch can be imported, torch.nn.utils.clip_grad_norm_ with foreach and the
norm read back. All clip at every call. Times are medians in microseconds:

  latency     one call, then a wait; with the readback of the norm
  no readback one launch, then a wait (floor.cu only)
  train       per call of many with one wait at the end: floor.cu without the
              readback, graph-run with it

`ratio` is graph-run's latency over that of floor.cu, both with the readback.
It needs a GPU, nvcc, and a build tree or an unpacked bundle.
"""

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tools", "scripts"))
import generate_workload  # noqa: E402  pylint: disable=wrong-import-position

ALWAYS_CLIPS = "-1"  # max_norm: c < 1 at every call, and |c| is 1 after the first.


def run(*command):
    """Output of a command; its failure ends the script."""
    result = subprocess.run(command, text=True, capture_output=True)
    if result.returncode:
        sys.exit(f"error: {' '.join(command)}:\n{result.stdout}{result.stderr}")
    return result.stdout


def find_tool(name, places):
    for path in places:
        if os.path.exists(path):
            return path
    found = shutil.which(name)
    if not found:
        sys.exit(f"error: {name} is not on this machine")
    return found


def compile_floor(arch, directory):
    home = os.environ.get("CUDA_HOME", "/usr/local/cuda")
    nvcc = find_tool("nvcc", [os.path.join(home, "bin", "nvcc")])
    program = os.path.join(directory, "floor")
    run(nvcc, f"-arch={arch}", "-O3", "-std=c++17", "-o", program,
        os.path.join(HERE, "floor.cu"))
    return program


def measure_floor(program, shapes, dtype, directory):
    path = os.path.join(directory, "counts.txt")
    with open(path, "w", encoding="ascii") as file:
        file.writelines(f"{math.prod(shape)}\n" for shape in shapes)
    return json.loads(run(program, path, dtype))


def measure_graph_run(program, name, shapes, dtype, directory):
    path = os.path.join(directory, "w5.mlir")
    with open(path, "w", encoding="utf-8") as file:
        file.write(generate_workload.generate("w5", name, shapes, dtype, "separate"))
    output = run(program, path, "--device=cuda", "--bench", "--stats=json",
                 f"--arg={len(shapes)}={ALWAYS_CLIPS}")
    for line in output.splitlines():
        if line.startswith('{"bench"'):
            return json.loads(line)["bench"]
    return sys.exit("error: graph-run printed no times:\n" + output)


def measure_torch(torch, shapes, dtype):
    """Median latency of clip_grad_norm_ with foreach, in microseconds."""
    kind = {"f32": torch.float32, "bf16": torch.bfloat16}[dtype]
    parameters = []
    for shape in shapes:
        parameter = torch.nn.Parameter(torch.empty(shape, dtype=kind, device="cuda"))
        parameter.grad = torch.randn(shape, dtype=kind, device="cuda")
        parameters.append(parameter)

    def call():
        torch.nn.utils.clip_grad_norm_(parameters, float(ALWAYS_CLIPS),
                                       foreach=True).item()
        torch.cuda.synchronize()

    for _ in range(5):
        call()
    times, start = [], time.perf_counter()
    while len(times) < 10 or time.perf_counter() - start < 1:
        before = time.perf_counter()
        call()
        times.append((time.perf_counter() - before) * 1e6)
    del parameters
    torch.cuda.empty_cache()
    return statistics.median(times)


def import_torch():
    """PyTorch with a GPU, or None."""
    try:
        import torch  # pylint: disable=import-outside-toplevel
    except ImportError:
        return None
    return torch if torch.cuda.is_available() else None


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lists", nargs="+", metavar="NAME",
                        default=["moe_tiny_512x", "lora_r16_llama7b_qkvo", "gpt2_small"])
    parser.add_argument("--dtypes", nargs="+", default=["f32", "bf16"],
                        choices=["f32", "bf16"])
    parser.add_argument("--arch", default="sm_90", help="for nvcc")
    parser.add_argument("--graph-run", metavar="PATH")
    args = parser.parse_args()
    graph_run = args.graph_run or find_tool(
        "graph-run", [os.path.join(ROOT, *path) for path in
                      (("bin", "graph-run"), ("build", "bin", "graph-run"))])
    torch = import_torch()
    if not torch:
        print("note: no torch with a GPU here: that column stays empty", file=sys.stderr)

    row = "{:28} {:5} | {:>8} {:>11} {:>8} | {:>8} {:>8} {:>8} | {:>6} | {:>8}"
    print(row.format("", "", "floor", "", "", "graph-run", "", "", "", "torch"))
    print(row.format("list", "type", "latency", "no readback", "train", "latency",
                     "train", "device", "ratio", "latency"), flush=True)
    with tempfile.TemporaryDirectory() as directory:
        floor = compile_floor(args.arch, directory)
        for list_name in args.lists:
            path = os.path.join(ROOT, "examples", "shapes", list_name + ".json")
            name, shapes = generate_workload.read_shapes(path)
            for dtype in args.dtypes:
                hand = measure_floor(floor, shapes, dtype, directory)
                ours = measure_graph_run(graph_run, name, shapes, dtype, directory)
                theirs = measure_torch(torch, shapes, dtype) if torch else None
                base = hand["latency_with_readback"]["median_us"]
                times = [base, hand["latency"]["median_us"],
                         hand["throughput"]["median_us"]]
                times += [ours[key]["median_us"]
                          for key in ("latency", "throughput", "device")]
                cells = [f"{value:.1f}" for value in times]
                print(row.format(name, dtype, *cells, f"{times[3] / base:.2f}",
                                 f"{theirs:.1f}" if theirs else "-"), flush=True)


if __name__ == "__main__":
    main()
