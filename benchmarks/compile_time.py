#!/usr/bin/env python3
"""Measures how graph-opt's time and memory grow with the length of the program.

Programs of several kinds (compile_programs.py), each of about N ops, go through
the pipeline. Printed for each kind and size:

  s, us/op   CPU seconds of the process, and microseconds per op
  growth     of microseconds per op, from the smallest size to this one
  MB         peak memory, and kilobytes per op beyond that of an empty program
  fused      CPU time up to this state over that of `mlir-opt --canonicalize --cse`
  buffers    on the same file

and for each pass its share, microseconds per op at each size, and their growth.
Passes that take less than --floor of the time at the largest size are left out.
The growth of mlir-opt is printed beside: what it has too is the machine's, whose
caches hold short programs and not long ones.
"""

import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

from compile_programs import KINDS, count_ops

Run = collections.namedtuple("Run", "seconds megabytes passes")


class Failure(Exception):
    pass


def read_passes(text):
    """Seconds by pass from what --mlir-timing printed, in order. A pass that runs
    more than once is numbered."""
    start = text.find("[\n{")
    if start < 0:
        raise Failure("no times in the output")
    passes = collections.OrderedDict()

    def add(entries):
        for entry in entries:
            name = entry.get("name", "(A)")
            if name.startswith("(A)") or name in ("Total", "Rest", "Output"):
                continue
            if name.endswith("Pipeline"):
                add(entry["passes"])
                continue
            number = 1
            while f"{name} {number}" in passes:
                number += 1
            passes[f"{name} {number}"] = entry["wall"]["duration"]

    add(json.JSONDecoder().raw_decode(text[start:])[0])
    return passes


def run_once(command, timeout):
    """CPU seconds, peak memory and times of passes of `command`."""
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                              stderr=errors) as process:
            try:
                # Reaped here, for the usage of this child alone.
                _, status, usage = wait(process, timeout)
            except subprocess.TimeoutExpired as error:
                raise Failure(f"no result after {timeout:g} s") from error
        errors.seek(0)
        text = errors.read().decode(errors="replace")
    if status:
        lines = text.splitlines()
        raise Failure(lines[0] if lines else f"exit status {status}")
    passes = read_passes(text) if "--mlir-timing" in command else {}
    return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, passes)


def wait(process, timeout):
    """Like os.wait4, but ends the process after `timeout` seconds."""
    expired = threading.Event()

    def end():
        expired.set()
        process.kill()

    timer = threading.Timer(timeout, end)
    timer.start()
    try:
        pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        timer.cancel()
    if expired.is_set():
        raise subprocess.TimeoutExpired(process.args, timeout)
    return pid, process.returncode, usage


def run(command, timeout, repeats):
    """The least of what `repeats` runs took; of passes, the mean, as their times
    come in tenths of milliseconds."""
    runs = [run_once(command, timeout) for _ in range(repeats)]
    passes = {name: sum(r.passes.get(name, 0) for r in runs) / repeats
              for name in runs[0].passes}
    return Run(min(r.seconds for r in runs), min(r.megabytes for r in runs), passes)


class Benchmark:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.path = os.path.join(folder, "program.mlir")
        self.write(["module {", "}"])
        self.empty = run(self.opt("fused"), args.timeout, 3)

    def write(self, lines):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def opt(self, state, *flags):
        options = f"{self.args.options} stop-after={state}"
        return [self.args.graph_opt, self.path, "-o", os.devnull,
                "--mlir-disable-threading", f"--graph-opt-pipeline={options}", *flags]

    def measure(self, kind, size):
        """A row: what is measured of one program."""
        lines = KINDS[kind](size)
        self.write(lines)
        ops = count_ops(lines)
        repeats = max(1, min(self.args.repeats, 20 * self.args.repeats * 1000 // ops))
        flags = ["--graph-opt-summary"] if self.args.report else []
        timing = ["--mlir-timing", "--mlir-output-format=json"]
        whole = run(self.opt(self.args.stop_after, *timing, *flags),
                    self.args.timeout, repeats)
        row = {"kind": kind, "ops": ops, "seconds": whole.seconds,
               "us_per_op": 1e6 * whole.seconds / ops, "megabytes": whole.megabytes,
               "kilobytes_per_op":
                   1024 * (whole.megabytes - self.empty.megabytes) / ops,
               "passes": {name: 1e6 * s / ops for name, s in whole.passes.items()}}
        if self.args.mlir_opt:
            other = run([self.args.mlir_opt, self.path, "-o", os.devnull,
                         "--mlir-disable-threading", "--canonicalize", "--cse",
                         *timing], self.args.timeout, repeats)
            row["mlir_opt_seconds"] = other.seconds
            row["mlir_opt_passes"] = {name: 1e6 * s / ops
                                      for name, s in other.passes.items()}
            for state in ("fused", "buffers"):
                taken = run(self.opt(state, *flags), self.args.timeout, repeats)
                row[f"ratio_{state}"] = taken.seconds / other.seconds
        return row


def growth(first, last):
    return last / first if first else float("inf")


def print_rows(rows):
    print(f"{'program':<10} {'ops':>7} {'s':>8} {'us/op':>8} {'growth':>7} {'MB':>7} "
          f"{'kB/op':>6} {'fused':>6} {'buffers':>7}")
    for row in rows:
        if "error" in row:
            print(f"{row['kind']:<10} {row['ops']:>7} failed: {row['error']}")
            continue
        ratios = " ".join(
            f"{row[f'ratio_{state}']:>{width}.1f}" if f"ratio_{state}" in row
            else f"{'-':>{width}}" for state, width in (("fused", 6), ("buffers", 7)))
        print(f"{row['kind']:<10} {row['ops']:>7} {row['seconds']:>8.2f} "
              f"{row['us_per_op']:>8.1f} {row['growth']:>7.2f} {row['megabytes']:>7.0f} "
              f"{row['kilobytes_per_op']:>6.2f} {ratios}")


def print_passes(rows, floor, limit):
    """Times per op of the passes of one kind, at all sizes. Returns the passes
    that grow too much."""
    grown = []
    for title, key in (("", "passes"), ("mlir-opt: ", "mlir_opt_passes")):
        if key not in rows[-1]:
            continue
        total = sum(rows[-1][key].values())
        for name, last in rows[-1][key].items():
            if last < floor * total:
                continue
            times = [row[key].get(name, 0.0) for row in rows]
            factor = growth(times[0], last)
            mark = " *" if factor > limit else ""
            if mark and not title:
                grown.append(f"{rows[-1]['kind']}: {name}")
            print(f"  {title + name:<44} {100 * last / total:>4.0f}% "
                  + " ".join(f"{t:>8.2f}" for t in times) + f" {factor:>7.2f}{mark}")
    return grown


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph-opt", default="build/bin/graph-opt", metavar="PATH")
    parser.add_argument("--mlir-opt", default="mlir-opt", metavar="PATH",
                        help="to compare with; empty for no comparison")
    parser.add_argument("--options", default="device=cuda",
                        help="options of the pipeline (default: %(default)s)")
    parser.add_argument("--stop-after", default="graphs", metavar="STATE",
                        help="the state up to which passes are measured "
                             "(default: %(default)s)")
    parser.add_argument("--report", action="store_true",
                        help="with the summary of what was captured")
    parser.add_argument("--kinds", default=",".join(KINDS), metavar="K,K,...")
    parser.add_argument("--sizes", default="1000,10000,100000", metavar="N,N,...")
    parser.add_argument("--repeats", type=int, default=5, metavar="N",
                        help="runs of short programs (default: %(default)s)")
    parser.add_argument("--floor", type=float, default=0.02, metavar="SHARE",
                        help="passes below are not printed (default: %(default)s)")
    parser.add_argument("--limit", type=float, default=1.5, metavar="FACTOR",
                        help="growth that is marked (default: %(default)s)")
    parser.add_argument("--timeout", type=float, default=300, metavar="SECONDS")
    parser.add_argument("--json", metavar="FILE", help="write all numbers")
    args = parser.parse_args()
    args.kinds = args.kinds.split(",")
    for kind in args.kinds:
        if kind not in KINDS:
            parser.error(f"unknown kind '{kind}'")
    try:
        args.sizes = sorted(int(size) for size in args.sizes.split(","))
    except ValueError:
        parser.error("--sizes wants numbers")
    if args.sizes[0] < 1 or args.repeats < 1:
        parser.error("--sizes and --repeats want positive numbers")
    for tool in (args.graph_opt, args.mlir_opt):
        if tool and not shutil.which(tool):
            parser.error(f"no tool '{tool}'")
    return args


def main():
    args = parse_arguments()
    everything, grown = [], []
    with tempfile.TemporaryDirectory() as folder:
        try:
            benchmark = Benchmark(args, folder)
        except Failure as error:
            sys.exit(f"error: {error}")
        for kind in args.kinds:
            rows = []
            for size in args.sizes:
                try:
                    row = benchmark.measure(kind, size)
                except Failure as error:
                    rows.append({"kind": kind, "ops": size, "error": str(error)})
                    break
                rows.append(row)
                row["growth"] = growth(rows[0]["us_per_op"], row["us_per_op"])
            print_rows(rows)
            measured = [row for row in rows if "error" not in row]
            if measured:
                grown += print_passes(measured, args.floor, args.limit)
            print(flush=True)
            everything += rows
    failed = sum("error" in row for row in everything)
    ratios = [row["ratio_fused"] for row in everything if "ratio_fused" in row]
    print(f"passes that grow by more than {args.limit:g}: {len(grown)}")
    if ratios:
        print(f"largest ratio to mlir-opt at state fused: {max(ratios):.1f}")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"options": args.options, "rows": everything, "grown": grown},
                      file, indent=1)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
