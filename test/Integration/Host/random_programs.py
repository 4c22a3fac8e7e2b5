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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph_run", help="the command to test")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--count", type=int, default=40, help="number of programs")
    parser.add_argument("--keep", help="folder for programs that fail")
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
            path = os.path.join(options.keep or folder, f"rnd-{seed}.mlir")
            with open(path, "w") as file:
                file.write(text)
            command = [options.graph_run, path, "--verify", "--repeat", "2",
                       "--arg", f"{program.scalar_argument}=0.75"]
            if program.is_exact:
                command += ["--tolerance", "0"]
            run = subprocess.run(command, capture_output=True, text=True, timeout=120)
            if run.returncode == 0:
                if options.keep:
                    os.remove(path)
                continue
            failures += 1
            print(f"seed {seed}: {run.stderr.strip()}")
            print("\n".join(l for l in run.stdout.splitlines() if "verify" in l))
    print(f"{options.count - failures} of {options.count} programs agree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
