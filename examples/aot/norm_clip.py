#!/usr/bin/env python3
"""Calls a program that was compiled ahead of time from Python.

  graph-compile examples/norm_clip.mlir -o norm_clip [--graph-opt-pipeline=device=cuda]
  norm_clip.py ./norm_clip.so

A program for CUDA is called with torch tensors on the GPU, one for the host with
torch tensors, NumPy arrays or ctypes arrays, whichever there is; --arrays says
which.
"""

import argparse
import ctypes
import math
import random
import sys

import graph_program


def make_torch(shape, device):
    import torch
    return torch.randn(shape, dtype=torch.float32, device=device)


def make_numpy(shape, device):
    import numpy
    return numpy.random.default_rng(0).standard_normal(shape, dtype=numpy.float32)


def make_ctypes(shape, device):
    generator = random.Random(0)
    count = math.prod(shape)
    return (ctypes.c_float * count)(*(generator.gauss(0, 1) for _ in range(count)))


def numbers_of(array):
    """The elements as a flat list of Python's floats."""
    if isinstance(array, ctypes.Array):
        return list(array)
    return array.reshape(-1).tolist()


MAKERS = {"torch": make_torch, "numpy": make_numpy, "ctypes": make_ctypes}


def choose(device):
    """The first kind of arrays that this machine has."""
    for name in ("torch", "numpy"):
        try:
            __import__(name)
        except ImportError:
            continue
        if device == graph_program.DEVICE_HOST or name == "torch":
            return name
    if device == graph_program.DEVICE_CUDA:
        sys.exit("error: torch is needed to make arrays on a GPU")
    return "ctypes"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", metavar="LIBRARY.so")
    parser.add_argument("--arrays", choices=MAKERS)
    args = parser.parse_args()
    program = graph_program.load(args.library)
    clip = program.functions["clip"]
    is_cuda = program.device == graph_program.DEVICE_CUDA
    kind = args.arrays or choose(program.device)
    gradients = [MAKERS[kind](value.shape, "cuda" if is_cuda else "cpu")
                 for value in clip.arguments if value.kind == graph_program.DATA]
    stream = None
    if is_cuda:
        import torch
        stream = torch.cuda.current_stream().cuda_stream
    context = program.create_context()

    worst = 0.0
    for max_norm in (1e6, 1.0):  # Left alone, then clipped.
        before = [numbers_of(gradient) for gradient in gradients]
        norm, = clip(context, *gradients, max_norm, stream=stream)
        program.wait(context, stream)
        expected = math.sqrt(math.fsum(x * x for array in before for x in array))
        scale = min(1.0, max_norm / (expected + 1e-6))
        worst = max(worst, abs(norm - expected) / expected)
        for gradient, numbers in zip(gradients, before):
            for value, number in zip(numbers_of(gradient), numbers):
                worst = max(worst, abs(value - number * scale)
                            / max(abs(number * scale), 1e-30))
        print(f"{kind}: max_norm {max_norm:g}: norm {norm:.9g} "
              f"(expected {expected:.9g})")
    program.destroy_context(context)
    print(f"worst relative error {worst:.2g}")
    sys.exit(0 if worst < 1e-5 else "error: the results are wrong")


if __name__ == "__main__":
    main()
