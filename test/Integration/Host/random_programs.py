#!/usr/bin/env python3
"""Runs random programs of upstream dialects and compares them with the reference.

  random_programs.py GRAPH_RUN [--first SEED] [--count N] [--jobs N] [--keep DIR]

Each seed gives one function: readbacks, host arithmetic, branches, loops, lists
of tensors, state of the caller's, in-place updates, swaps, uploads and views of
one buffer, in several element types. It is called twice or three times.
`--keep DIR` keeps the programs that fail, with the command that shows it in
their first line. A long run is `--count 5000 --first` a seed never tried.

Exit status: 0 if all programs agree, 1 if one does not.
"""

import argparse
import concurrent.futures
import os
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs"))

from random_program import Program  # noqa: E402

# Seconds that one program may take.
LIMIT = 120


def arguments_of(program, device):
    """The arguments of graph-run that run `program` and compare."""
    arguments = ["--entry=f", f"--device={device}", "--verify",
                 f"--repeat={program.number_of_calls}", "--tolerance",
                 # Where sums of floats are compared or cancel, errors grow.
                 "0" if program.is_exact else "0.01"]
    for number, value in program.given.items():
        arguments += ["--arg", f"{number}={value}"]
    return arguments


def failure_of(command):
    """Why a program fails, or None: its errors, crash or comparison."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return f"takes longer than {LIMIT} s"
    if run.returncode == 0:
        return None
    lines = [line for line in run.stderr.splitlines()
             if "error:" in line or "Assertion" in line][:2]
    lines += [line for line in run.stdout.splitlines() if "verify:" in line]
    return "\n  ".join([f"exit code {run.returncode}"] + lines)


def run_seed(seed, options, folder):
    """Why the program of a seed fails, or None."""
    program = Program(seed)
    text = program.generate()
    arguments = arguments_of(program, options.device)
    path = os.path.join(folder, f"seed-{seed}.mlir")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"// RUN: graph-run %s {shlex.join(arguments)}\n{text}")
    failure = failure_of([options.graph_run, path, *arguments])
    if not failure:
        os.remove(path)
    return failure


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graph_run", help="the command to test")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--count", type=int, default=40, help="number of programs")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(),
                        help="programs at a time")
    parser.add_argument("--keep", metavar="DIR", help="folder for programs that fail")
    parser.add_argument("--device", default="host", help="of graph-run: host or cuda")
    parser.add_argument("--print", action="store_true", help="print, do not run")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.count)
    if options.print:
        for seed in seeds:
            print(Program(seed).generate())
        return 0
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
    failures = 0
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        folder = options.keep or folder
        results = pool.map(lambda seed: run_seed(seed, options, folder), seeds)
        for seed, failure in zip(seeds, results):
            if failure:
                failures += 1
                print(f"seed {seed}: {failure}", flush=True)
    print(f"{options.count - failures} of {options.count} programs agree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
