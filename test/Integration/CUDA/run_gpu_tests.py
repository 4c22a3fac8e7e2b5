#!/usr/bin/env python3
"""Runs the workloads on a device and compares them with the reference.

  run_gpu_tests.py [--quick] [--only REGEX] [--jobs N] [--time-limit S]

It needs a GPU with its driver and either a build tree or an unpacked bundle; of
Python only the standard library. A case is one program on one list of tensors:

  WORKLOAD/LIST/DTYPE/LAYOUT/VARIANT     such as w5/gpt2_small/bf16/flat/nan

  layout   separate allocations, or views of one flat buffer, which are aligned
           to their element only
  variant  plain, or the branch for which scalars and constant lists are chosen:
           clips (once), flips (clips at every call), keeps (does not clip),
           nan-norm, and more in cases.py; nan and inf put that value into the
           last element of the list; stream launches node by node; same-bytes
           runs twice and compares all outputs byte by byte

Each is called 100 times on small lists and 3 times on large ones, on buffers that
keep what a call wrote, and must agree with the reference, launch at most one graph
per call, and read back at most the value it returns. What is not so yet is in the
tables of cases.py whose names end in TODAY.

Exit status: 0 if all passed, 1 if a case failed, 3 if none failed but the time
limit left some out, 2 for a wrong command line.
"""

import argparse
import concurrent.futures
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import cases
import npyfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", "..", ".."))


class Failure(Exception):
    """Why a case failed, in one line or a few."""


def find_program():
    """graph-run of a bundle or of a build tree."""
    for path in ("bin/graph-run", "build/bin/graph-run"):
        if os.path.exists(os.path.join(ROOT, path)):
            return os.path.join(ROOT, path)
    return "graph-run"


def available_memory():
    """Bytes of host memory that can be used now."""
    with open("/proc/meminfo", encoding="ascii") as file:
        return int(re.search(r"MemAvailable:\s+(\d+)", file.read()).group(1)) * 1024


class Budget:
    """Memory that cases running at the same time share."""

    def __init__(self, total):
        self.total, self.used = total, 0
        self.changed = threading.Condition()

    def acquire(self, amount):
        """Waits until `amount` is free; a case that wants all runs alone."""
        with self.changed:
            amount = min(amount, self.total)
            self.changed.wait_for(lambda: self.used + amount <= self.total)
            self.used += amount
        return amount

    def release(self, amount):
        with self.changed:
            self.used -= amount
            self.changed.notify_all()


class Runner:
    def __init__(self, args, threads):
        self.args, self.threads = args, threads
        self.deadline = time.monotonic() + args.time_limit if args.time_limit else None

    def command(self, case, directory, extra):
        program = os.path.join(directory, "program.mlir")
        command = [self.args.graph_run, program, f"--device={self.args.device}",
                   f"--entry={case.workload}", f"--threads={self.threads}",
                   f"--repeat={case.repeat}", "--stats=json", *extra]
        if case.variant == "stream":
            command.append("--mode=stream")
        for index, value in case.arguments(directory):
            command.append(f"--arg={index}={value}")
        if self.args.sanitizer:
            command = ["compute-sanitizer", "--tool", self.args.sanitizer,
                       "--error-exitcode", "9", *command]
        return command

    def call(self, command):
        """Output of a command that succeeded."""
        limit = self.args.case_timeout
        try:
            result = subprocess.run(command, text=True, capture_output=True,
                                    timeout=limit)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"no end after {limit:g} s") from error
        except OSError as error:
            raise Failure(str(error)) from error
        if result.returncode == 0:
            return result.stdout
        text = result.stdout + result.stderr
        if result.returncode == 9 and self.args.sanitizer:
            raise Failure("compute-sanitizer:\n" + tail(text, 40))
        notable = [line for line in text.splitlines() if "verify:" in line]
        lines = [f"exit status {result.returncode}", *notable, tail(result.stderr, 8)]
        raise Failure("\n".join(filter(None, lines)))

    def run(self, case):
        """The facts about a case that passed, as text."""
        directory = tempfile.mkdtemp(prefix=case.workload + "-", dir=self.args.work)
        passed = False
        try:
            case.write_program(os.path.join(directory, "program.mlir"))
            if case.variant == "same-bytes":
                facts = self.run_twice(case, directory)
            else:
                command = self.command(case, directory, ["--verify"])
                facts = check(case, self.call(command))
            passed = True
            return facts
        except Failure as failure:
            if self.args.keep:
                command = self.command(case, directory, ["--verify"])
                raise Failure(f"{failure}\n{shlex.join(command)}") from None
            raise
        finally:
            if passed or not self.args.keep:
                shutil.rmtree(directory)

    def run_twice(self, case, directory):
        folders = [os.path.join(directory, name) for name in ("first", "second")]
        outputs = [self.call(self.command(case, directory, ["--out", folder]))
                   for folder in folders]
        names = sorted(os.listdir(folders[0]))
        if names != sorted(os.listdir(folders[1])) or not names and case.shapes:
            raise Failure("the two runs wrote different files, or none")
        for name in names:
            if not npyfile.same(*(os.path.join(folder, name) for folder in folders)):
                raise Failure(f"{name} differs between two runs")
        return f"{describe(outputs[0])}  {len(names)} files equal"


def tail(text, count):
    return "\n".join(text.strip().splitlines()[-count:])


def describe(output):
    stats = cases.read_stats(output)
    if stats is None:
        raise Failure("graph-run printed no statistics")
    return (f"kernels {stats['kernel_nodes']}  launches {stats['graph_launches']}  "
            f"readbacks {stats['readbacks']}  updates {stats['updates']}")


def check(case, output):
    """Checks what graph-run printed; returns the facts to show."""
    stats = cases.read_stats(output)
    verified = re.search(r"^verify: ok, worst relative error (\S+?)[;\s]", output, re.M)
    if not verified or stats is None:
        raise Failure("graph-run did not say that it verified:\n" + tail(output, 3))
    limits = {"graph_launches": case.repeat,
              # A branch that the host takes, as in stream mode, reads its condition.
              "readbacks": case.repeat * case.readbacks + stats["host_branches"]}
    for name, limit in limits.items():
        if stats[name] > limit:
            raise Failure(f"{stats[name]} {name} in {case.repeat} calls, "
                          f"at most {limit} are needed")
    return f"{describe(output)}  worst error {verified.group(1)}"


def run_all(selected, runner, budget, jobs):
    """Runs the cases, small ones first; returns (passed, failed, left out)."""
    counts = {"ok": 0, "FAIL": 0, "out": 0}
    lock = threading.Lock()

    def work(case):
        amount = budget.acquire(case.memory())
        try:
            if runner.deadline and time.monotonic() > runner.deadline:
                with lock:
                    counts["out"] += 1
                return
            start = time.monotonic()
            try:
                word, facts = "ok", runner.run(case)
            except Failure as failure:
                word, facts = "FAIL", str(failure).replace("\n", "\n      ")
            seconds = time.monotonic() - start
            with lock:
                counts[word] += 1
                print(f"{word:4}  {case.name:48} {seconds:6.1f} s  {facts}", flush=True)
        finally:
            budget.release(amount)

    ordered = sorted(selected, key=cases.Case.memory)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for future in [pool.submit(work, case) for case in ordered]:
            future.result()
    return counts["ok"], counts["FAIL"], counts["out"]


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph-run", default=find_program(), metavar="PATH")
    parser.add_argument("--device", default="cuda", choices=["cuda", "host"])
    parser.add_argument("--quick", action="store_true",
                        help="the lists edge and moe_tiny_512x, and the empty list")
    parser.add_argument("--only", default="", metavar="REGEX",
                        help="the cases in whose names it is found")
    parser.add_argument("--list", action="store_true", help="print names, run nothing")
    parser.add_argument("--repeat", type=int, metavar="N",
                        help="calls per case, instead of 100 or 3")
    parser.add_argument("--jobs", type=int, default=1, metavar="N",
                        help="cases at the same time, as far as host memory goes")
    parser.add_argument("--time-limit", type=float, metavar="S",
                        help="start no case after so many seconds")
    parser.add_argument("--case-timeout", type=float, default=600, metavar="S")
    parser.add_argument("--sanitizer", metavar="TOOL",
                        help="run under compute-sanitizer --tool TOOL")
    parser.add_argument("--work", default=tempfile.gettempdir(), metavar="DIR",
                        help="where files are written")
    parser.add_argument("--keep", action="store_true",
                        help="keep the files of cases that fail, print the command")
    args = parser.parse_args()
    if args.jobs < 1:
        parser.error("--jobs must be at least 1")
    try:
        args.only = re.compile(args.only)
    except re.error as error:
        parser.error(f"--only: {error}")
    if not shutil.which(args.graph_run):
        parser.error(f"--graph-run: there is no program {args.graph_run}")
    if args.sanitizer and not shutil.which("compute-sanitizer"):
        parser.error("--sanitizer: there is no compute-sanitizer on the PATH")
    return parser, args


def main():
    parser, args = parse_arguments()
    selected = [case for case in cases.all_cases(ROOT, args.quick, args.repeat)
                if args.only.search(case.name)]
    if not selected:
        parser.error("no case has such a name")
    if args.list:
        print("\n".join(case.name for case in selected))
        return
    start = time.monotonic()
    runner = Runner(args, max(1, (os.cpu_count() or 1) // args.jobs))
    budget = Budget(available_memory() * 8 // 10)
    passed, failed, left_out = run_all(selected, runner, budget, args.jobs)
    print(f"{passed} passed, {failed} failed, {left_out} not run (time limit), "
          f"{time.monotonic() - start:.0f} s")
    sys.exit(1 if failed else 3 if left_out else 0)


if __name__ == "__main__":
    main()
