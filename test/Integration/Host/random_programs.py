#!/usr/bin/env python3
"""Runs random programs of upstream dialects and compares them with the reference.

Each seed gives one function: readbacks, host arithmetic, branches, loops, lists
of tensors, in-place updates, swaps, fills and views of one flat buffer, in
several element types. `--keep DIR` keeps the programs that fail.
"""

import argparse
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs"))

from random_program import Program  # noqa: E402


def failure_of(graph_run, device, path, program):
    """Why a program fails, or None: the first error and the comparison."""
    command = [graph_run, path, "--entry=f", f"--device={device}", "--verify",
               "--repeat", "2",
               "--arg", f"{program.scalar_argument}=0.75", "--tolerance",
               # Where sums of floats are compared or cancel, errors grow.
               "0" if program.is_exact else "0.01"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return "takes longer than two minutes"
    if run.returncode == 0:
        return None
    lines = [line for line in run.stderr.splitlines() if "error:" in line][:1]
    lines += [line for line in run.stdout.splitlines() if "verify:" in line]
    return "\n  ".join([f"exit code {run.returncode}"] + lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph_run", help="the command to test")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--count", type=int, default=40, help="number of programs")
    parser.add_argument("--keep", metavar="DIR", help="folder for programs that fail")
    parser.add_argument("--device", default="host", help="of graph-run: host or cuda")
    parser.add_argument("--print", action="store_true", help="print, do not run")
    options = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.first, options.first + options.count):
            program = Program(seed)
            text = program.generate()
            if options.print:
                print(text)
                continue
            path = os.path.join(options.keep or folder, f"seed-{seed}.mlir")
            with open(path, "w") as file:
                file.write(text)
            failure = failure_of(options.graph_run, options.device, path, program)
            if failure:
                failures += 1
                print(f"seed {seed}: {failure}")
            else:
                os.remove(path)
    if not options.print:
        print(f"{options.count - failures} of {options.count} programs agree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
