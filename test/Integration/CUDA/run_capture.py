#!/usr/bin/env python3
"""Calls compiled programs while PyTorch captures, and replays what it captured.

  run_capture.py [--chip sm_90] [--prefix FOLDER] [--keep FOLDER]

Compiles Inputs/captured.mlir by graph-compile and checks, against torch in f64, that
a program without and one with a loop on the device become part of a graph of
torch.cuda.graph, between torch's own kernels; that replays see new values at the
captured addresses; and that a program which must wait for the device is refused
with a message and leaves the capture as it was. Needs a GPU, torch and a C
compiler. --prefix is a build tree, an installation or an unpacked bundle.
"""

import argparse
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "examples", "aot"))
import graph_program  # noqa: E402  pylint: disable=wrong-import-position
sys.path.insert(0, os.path.join(ROOT, "tools", "scripts"))
import toolbox  # noqa: E402  pylint: disable=wrong-import-position


def normalize(x):
    return x / x.norm()


def grow(x):
    while x.norm() <= 100:
        x = 2 * x
    return x


def check(torch, name, found, expected):
    error = ((found.double() - expected) / expected.abs().clamp(min=1e-6)).abs().max().item()
    print(f"{name:28} worst relative error {error:.1e}")
    if not error < 1e-5:
        sys.exit(f"error: {name} is wrong")


def run(torch, program, context):
    """Captures `2 * program(x)` and replays it on several values of x."""
    for name, reference in (("normalize", normalize), ("grow", grow)):
        function = program.functions[name]
        x, y = (torch.empty(1000, device="cuda") for _ in range(2))
        x.fill_(0.25)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            x.mul_(0.5)
            function(context, x, stream=torch.cuda.current_stream().cuda_stream)
            y.copy_(2 * x)
        for turn in range(5):
            value = torch.randn(1000, device="cuda") * 0.1 ** turn
            x.copy_(value)
            graph.replay()
            torch.cuda.synchronize()
            check(torch, f"{name}, replay {turn}", y, 2 * reference(value.double() * 0.5))
        # The same program outside, and with another address.
        value = torch.randn(1000, device="cuda")
        z = value.clone()
        function(context, z, stream=torch.cuda.current_stream().cuda_stream)
        torch.cuda.synchronize()
        check(torch, f"{name}, not captured", z, reference(value.double()))

    x, y = (torch.full((1000,), 3.0, device="cuda") for _ in range(2))
    graph, refusal = torch.cuda.CUDAGraph(), None
    with torch.cuda.graph(graph):
        y.mul_(2)
        try:
            program.functions["norm"](context, x,
                                      stream=torch.cuda.current_stream().cuda_stream)
        except graph_program.RuntimeFailure as failure:
            refusal = str(failure)
        y.add_(1)
    if not refusal:
        sys.exit("error: a program that waits was captured")
    print(f"refused: {refusal}")
    graph.replay()
    torch.cuda.synchronize()
    check(torch, "the rest of that capture", y, torch.full_like(y, 7.0).double())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chip", default="sm_90", help="of the GPU")
    parser.add_argument("--prefix", default=toolbox.default_prefix())
    parser.add_argument("--keep", help="where to build (default: a folder that is removed)")
    options = parser.parse_args()
    import torch  # pylint: disable=import-outside-toplevel
    torch.cuda.init()
    torch.zeros(1, device="cuda")

    folder = options.keep or tempfile.mkdtemp()
    try:
        os.makedirs(folder, exist_ok=True)
        toolbox.compile_program(options.prefix, os.path.join(HERE, "Inputs", "captured.mlir"),
                                os.path.join(folder, "captured"), "cuda", options.chip)
        program = graph_program.load(os.path.join(folder, "captured.so"))
        context = program.create_context()
        run(torch, program, context)
        program.destroy_context(context)
    finally:
        if not options.keep:
            shutil.rmtree(folder)
    print("all captures are right")


if __name__ == "__main__":
    main()
