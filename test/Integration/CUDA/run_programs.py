#!/usr/bin/env python3
"""Runs the programs of the host's integration tests on another device.

  run_programs.py [--graph-run FILE] [--device cuda] [--random N] [--jobs N]

Each `RUN: graph-run ... --verify` line of ../Host/*.mlir and of Inputs/*.mlir
(programs that only a GPU runs), and N random programs, must agree with the
reference on the device. It needs a source tree, and a graph-run of a build tree
or a bundle; of Python only the standard library.

Exit status: 0 if all passed, 1 if one failed.
"""

import argparse
import concurrent.futures
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = os.path.join(HERE, "..", "Host")

# Entries whose external functions are host code that takes memory.
HOST_MEMORY = {"external_with_memory"}


def verify_lines():
    """(name, file, arguments) of each line that verifies."""
    folders = [HOST, os.path.join(HERE, "Inputs")]
    for path in sorted(path for folder in folders
                       for path in glob.glob(os.path.join(folder, "*.mlir"))):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for line in re.findall(r"// RUN: graph-run %s (.*)", text):
            arguments = line.split("|")[0]
            entry = re.search(r"--entry=(\S+)", arguments)
            # Files made by other lines of the test are not there.
            if "--verify" not in arguments or "%" in arguments:
                continue
            if entry and entry.group(1) in HOST_MEMORY:
                continue
            name = f"{os.path.basename(path)} {arguments.strip()}"
            yield name, path, shlex.split(arguments)


def run(command, limit):
    """Why `command` fails, or None."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return f"takes longer than {limit} s"
    if result.returncode == 0:
        return None
    lines = (result.stdout + result.stderr).splitlines()
    lines = [line for line in lines
             if re.search(r"error|verify:|=========|program computes", line)]
    return "\n    ".join([f"exit code {result.returncode}"] + lines[:8])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graph-run", default="graph-run")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--random", type=int, default=0, help="number of programs")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", help="regular expression")
    parser.add_argument("--wrap", default="", help="command that runs graph-run")
    parser.add_argument("--limit", type=int, default=120, help="seconds per program")
    options = parser.parse_args()
    wrap = shlex.split(options.wrap)
    jobs = {}
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, path, arguments in verify_lines():
            if re.search(options.only, name):
                command = wrap + [options.graph_run, path, *arguments,
                                  f"--device={options.device}"]
                jobs[pool.submit(run, command, options.limit)] = name
        generator = os.path.join(HOST, "random_programs.py")
        for seed in range(options.first, options.first + options.random):
            command = [sys.executable, generator, options.graph_run, "--first",
                       str(seed), "--count", "1", "--device", options.device]
            jobs[pool.submit(run, command, options.limit)] = f"random program {seed}"
        failures = 0
        for job in concurrent.futures.as_completed(jobs):
            why = job.result()
            if why:
                failures += 1
                print(f"FAIL {jobs[job]}\n    {why}", flush=True)
    print(f"{len(jobs) - failures} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
