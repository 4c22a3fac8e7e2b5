#!/usr/bin/env python3
"""Measures how graph-opt's time grows with the length of the program.

Three kinds of programs, each of about N ops:

  chain   elementwise tensor ops, each reads the one before
  wide    independent elementwise ops, four per tensor, stored in place
  norms   reduction, readback and host arithmetic per tensor, then a scaling

Prints wall time and time per op; an even last column means linear growth.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

TYPE = "tensor<256xf32>"
BUFFER = "memref<256xf32>"


def chain(ops):
    names = ["addf", "mulf", "subf", "maximumf"]
    lines = [f"func.func @chain(%v0: {TYPE}, %b: {TYPE}) -> {TYPE} {{"]
    lines += [f"  %v{i + 1} = arith.{names[i % 4]} %v{i}, %b : {TYPE}"
              for i in range(ops)]
    lines += [f"  return %v{ops} : {TYPE}", "}"]
    return lines


def wide(ops):
    count = max(1, ops // 6)
    arguments = ", ".join(f"%m{i}: {BUFFER}" for i in range(count))
    lines = [f"func.func @wide({arguments}) {{"]
    for i in range(count):
        lines += [
            f"  %t{i} = bufferization.to_tensor %m{i} restrict writable "
            f": {BUFFER} to {TYPE}",
            f"  %a{i} = arith.mulf %t{i}, %t{i} : {TYPE}",
            f"  %b{i} = arith.addf %a{i}, %t{i} : {TYPE}",
            f"  %c{i} = math.absf %b{i} : {TYPE}",
            f"  %d{i} = math.sqrt %c{i} : {TYPE}",
            f"  bufferization.materialize_in_destination %d{i} in restrict "
            f"writable %m{i} : ({TYPE}, {BUFFER}) -> ()"]
    return lines + ["  return", "}"]


def norms(ops):
    count = max(1, ops // 11)
    arguments = ", ".join(f"%m{i}: {BUFFER}" for i in range(count))
    lines = ["#id = affine_map<(d0) -> (d0)>", "#all = affine_map<(d0) -> ()>",
             f"func.func @norms({arguments}) -> f32 {{",
             "  %zero = arith.constant 0.0 : f32",
             "  %e = tensor.empty() : tensor<f32>",
             f"  %full = tensor.empty() : {TYPE}",
             "  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) "
             "-> tensor<f32>"]
    total = "%zero"
    for i in range(count):
        lines += [
            f"  %t{i} = bufferization.to_tensor %m{i} restrict writable "
            f": {BUFFER} to {TYPE}",
            f"  %s{i} = linalg.generic {{indexing_maps = [#id, #all], "
            'iterator_types = ["reduction"]}',
            f"      ins(%t{i} : {TYPE}) outs(%init : tensor<f32>) {{",
            "  ^bb0(%x: f32, %acc: f32):",
            "    %q = arith.mulf %x, %x : f32",
            "    %n = arith.addf %acc, %q : f32",
            "    linalg.yield %n : f32",
            "  } -> tensor<f32>",
            f"  %v{i} = tensor.extract %s{i}[] : tensor<f32>",
            f"  %sum{i} = arith.addf {total}, %v{i} : f32"]
        total = f"%sum{i}"
    lines.append(f"  %norm = math.sqrt {total} : f32")
    for i in range(count):
        lines += [
            f"  %r{i} = linalg.generic {{indexing_maps = [#id, #id], "
            'iterator_types = ["parallel"]}',
            f"      ins(%t{i} : {TYPE}) outs(%full : {TYPE}) {{",
            "  ^bb0(%x: f32, %o: f32):",
            "    %q = arith.mulf %x, %norm : f32",
            "    linalg.yield %q : f32",
            f"  }} -> {TYPE}",
            f"  bufferization.materialize_in_destination %r{i} in restrict "
            f"writable %m{i} : ({TYPE}, {BUFFER}) -> ()"]
    return lines + ["  return %norm : f32", "}"]


KINDS = {"chain": chain, "wide": wide, "norms": norms}


def count_ops(lines):
    starts = ("%", "linalg.yield", "bufferization.", "return", "func.func")
    return sum(1 for line in lines if line.strip().startswith(starts))


def seconds(command, timeout):
    start = time.perf_counter()
    try:
        run = subprocess.run(command, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return None, f"no result after {timeout} s"
    if run.returncode:
        lines = run.stderr.decode(errors="replace").splitlines()
        return None, lines[0] if lines else f"exit status {run.returncode}"
    return time.perf_counter() - start, ""


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph-opt", default="build/bin/graph-opt", metavar="PATH")
    parser.add_argument("--options", default="device=host",
                        help="options of the pipeline (default: %(default)s)")
    parser.add_argument("--kinds", default=",".join(KINDS), metavar="K,K,...")
    parser.add_argument("--sizes", default="1000,10000,40000", metavar="N,N,...")
    parser.add_argument("--timeout", type=float, default=300, metavar="SECONDS")
    args = parser.parse_args()

    kinds = args.kinds.split(",")
    for kind in kinds:
        if kind not in KINDS:
            parser.error(f"unknown kind '{kind}'")
    try:
        sizes = [int(size) for size in args.sizes.split(",")]
    except ValueError:
        parser.error("--sizes wants numbers")

    failures = 0
    print(f"{'program':<8} {'ops':>7} {'seconds':>9} {'us per op':>10}")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "program.mlir")
        for kind in kinds:
            for size in sizes:
                lines = KINDS[kind](size)
                with open(path, "w", encoding="utf-8") as file:
                    file.write("\n".join(lines) + "\n")
                command = [args.graph_opt, path, "-o", os.devnull,
                           f"--graph-opt-pipeline={args.options}"]
                taken, reason = seconds(command, args.timeout)
                ops = count_ops(lines)
                if taken is None:
                    failures += 1
                    print(f"{kind:<8} {ops:>7} failed: {reason}")
                else:
                    print(f"{kind:<8} {ops:>7} {taken:>9.2f} {1e6 * taken / ops:>10.1f}",
                          flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
