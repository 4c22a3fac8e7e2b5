#!/usr/bin/env python3
"""Measures the workloads on real lists of tensors against hand-written kernels and
what users have today, in one run, and checks all results.

  run.py --out DIR [--prefix PREFIX] [--quick] [--only REGEX] ...
  run.py --out DIR --report          the table and the plot of a run that was made

A row is WORKLOAD/LIST/DTYPE/LAYOUT/CONTESTANT, such as
w5-always/gpt2_small/bf16/separate/foreach; --dry-run lists what is chosen. DIR gets
rows.jsonl (each row as it comes), results.json (all of it), table.txt, plot.svg (and
plot.png with matplotlib), worker.log and the compiled programs. benchmarks/README.md
says who the contestants are and what the columns mean.

Exit status: 0, or 1 if a row of ours failed or is wrong, or 3 if the time limit left
some rows out.
"""

import argparse
import json
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools", "scripts"))

import generate_workload  # noqa: E402  pylint: disable=wrong-import-position
import toolbox  # noqa: E402  pylint: disable=wrong-import-position

import build  # noqa: E402  pylint: disable=wrong-import-position
import cases  # noqa: E402  pylint: disable=wrong-import-position
import driver  # noqa: E402  pylint: disable=wrong-import-position
import plot  # noqa: E402  pylint: disable=wrong-import-position
import report  # noqa: E402  pylint: disable=wrong-import-position


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, metavar="DIR")
    parser.add_argument("--prefix", default=toolbox.default_prefix(),
                        help="folder of bin/graph-compile and lib (default: %(default)s)")
    parser.add_argument("--device", choices=["cuda", "host"], default="cuda",
                        help="host: a check of this script; its times say little")
    parser.add_argument("--chip", default="sm_90", help="of the GPU")
    parser.add_argument("--ours", action="append", metavar="NAME=OPTIONS", default=[],
                        help="one more contestant: ours with these options of the "
                        "pipeline (default: 'ours=', which is none)")
    choice = parser.add_argument_group("what is measured")
    choice.add_argument("--quick", action="store_true",
                        help="a telling choice of a few minutes")
    choice.add_argument("--only", default="", metavar="REGEX",
                        help="rows in whose names it is found")
    for option, what in (("workloads", "as in the names of rows"), ("lists", ""),
                         ("dtypes", ""), ("layouts", ""), ("contestants", "")):
        choice.add_argument(f"--{option}", nargs="+", metavar="NAME", help=what)
    choice.add_argument("--shapes", default=toolbox.SHAPES, metavar="DIR",
                        help="folder of lists")
    choice.add_argument("--dry-run", action="store_true", help="list rows, run nothing")
    how = parser.add_argument_group("how")
    how.add_argument("--cache", choices=["hot", "flush"], default="hot",
                     help="hot: every call has the same arrays; flush: the L2 cache "
                     "is emptied before each call that is timed")
    how.add_argument("--seconds", type=float, default=0.2,
                     help="for each figure (default: %(default)s)")
    how.add_argument("--row-limit", type=float, default=60, metavar="S",
                     help="for a row, its compilation included (default: %(default)s)")
    how.add_argument("--time-limit", type=float, metavar="S",
                     help="start no row so long after the start")
    how.add_argument("--profile", action="store_true",
                     help="tell the time of each kernel as well (CUPTI, through "
                     "torch's profiler)")
    how.add_argument("--resume", action="store_true",
                     help="keep the rows of DIR that have figures, measure the others")
    how.add_argument("--build", metavar="DIR",
                     help="where compiled programs are kept (default: the one of --out)")
    how.add_argument("--compile-only", action="store_true")
    how.add_argument("--jobs", type=int, default=os.cpu_count(),
                     help="programs compiled at a time (default: %(default)s)")
    how.add_argument("--report", action="store_true", help="measure nothing")
    how.add_argument("--worker", help=argparse.SUPPRESS)  # For tests.
    args = parser.parse_args()
    try:
        args.only = re.compile(args.only)
    except re.error as error:
        parser.error(f"--only: {error}")
    for choice in args.ours:
        if not re.fullmatch(r"ours[\w.+-]*=.*", choice):
            parser.error(f"--ours: '{choice}' is not NAME=OPTIONS with a name that "
                         "starts with 'ours'")
    args.prefix = os.path.abspath(args.prefix)
    return parser, args


def read_lists(folder):
    """Shapes by name, in the order of names."""
    files = sorted(file for file in os.listdir(folder) if file.endswith(".json"))
    return dict(generate_workload.read_shapes(os.path.join(folder, file))
                for file in files)


def choose_rows(parser, args, lists, ours):
    """The rows that the arguments ask for."""
    rows = cases.all_rows(lists, ours)
    parts = {"workloads": lambda row: row.case.workload,
             "lists": lambda row: row.case.list_name,
             "dtypes": lambda row: row.case.dtype,
             "layouts": lambda row: row.case.layout,
             "contestants": lambda row: row.contestant}
    for option, part in parts.items():
        wanted = getattr(args, option)
        unknown = sorted(set(wanted or []) - set(map(part, rows)))
        if unknown:
            parser.error(f"--{option}: there is no {', '.join(unknown)}; there are "
                         + ", ".join(sorted(set(map(part, rows)))))
        if wanted:
            rows = [row for row in rows if part(row) in wanted]
    rows = [row for row in rows if args.only.search(row.name)
            and (not args.quick or cases.is_quick(row))]
    if not rows:
        parser.error("no row is chosen")
    return rows


def read_records(path):
    """Records by row, the last of each."""
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file if line.endswith("\n")]
    return {record["row"]: record for record in records}


def measure(args, rows, lists, builder, path, start):
    """Measures rows and appends them to the file at `path`; returns the machine's
    facts and how many rows were left out. The time limit counts from `start`."""
    runner = driver.Driver(args, lists, builder)
    left_out = 0
    try:
        machine = runner.machine()
        if "failure" in machine or "over_s" in machine:
            sys.exit(f"error: {report.describe(machine)}; see worker.log")
        with open(os.path.join(args.out, "machine.json"), "w", encoding="utf-8") as file:
            json.dump(machine, file)
        flush = 4 * machine["l2_bytes"] if args.cache == "flush" else 0
        with open(path, "a", encoding="utf-8") as file:
            for row in rows:
                if args.time_limit and time.monotonic() - start > args.time_limit:
                    left_out += 1
                    continue
                record = runner.measure(row, flush)
                count = cases.count_elements(lists[row.case.list_name])
                record["bytes"] = cases.count_bytes(
                    row.case, count, machine["l2_bytes"], machine["chip_bytes"])
                record["limit_us"] = record["bytes"] / machine["copy_bytes_per_s"] * 1e6
                file.write(json.dumps(record) + "\n")
                file.flush()
                print(f"{row.name:60} {report.describe(record)}", flush=True)
    finally:
        runner.close()
    return machine, left_out


def write_reports(args, machine, records):
    """Writes and prints what was measured."""
    settings = {"cache": args.cache, "seconds": args.seconds, "ours": args.ours}
    with open(os.path.join(args.out, "results.json"), "w", encoding="utf-8") as file:
        json.dump({"machine": machine, "settings": settings,
                   "rows": list(records.values())}, file, indent=1)
    text = report.table(machine, settings, records.values())
    with open(os.path.join(args.out, "table.txt"), "w", encoding="utf-8") as file:
        file.write(text)
    print(text, end="")
    plot.write(args.out, records.values())


def main():
    parser, args = parse_arguments()
    lists = read_lists(args.shapes)
    ours = dict(choice.split("=", 1) for choice in args.ours or ["ours="])
    path = os.path.join(args.out, "rows.jsonl")
    left_out, start = 0, time.monotonic()
    if args.report:
        with open(os.path.join(args.out, "machine.json"), encoding="utf-8") as file:
            machine = json.load(file)
    else:
        rows = choose_rows(parser, args, lists, ours)
        if args.dry_run:
            print("\n".join(row.name for row in rows))
            return
        os.makedirs(args.out, exist_ok=True)
        done = read_records(path) if args.resume else {}
        rows = [row for row in rows if "latency_us" not in done.get(row.name, {})]
        if not args.resume and os.path.exists(path):
            os.remove(path)
        builder = build.Builder(args, lists, ours)
        count = builder.compile_all(rows)
        print(f"{count} programs compiled in {time.monotonic() - start:.0f} s, "
              f"{len(builder.failures)} failed", flush=True)
        if args.compile_only:
            sys.exit("\n".join(builder.failures.values()) or 0)
        machine, left_out = measure(args, rows, lists, builder, path, start)
    records = read_records(path)
    write_reports(args, machine, records)
    if left_out:
        print(f"{left_out} rows left out (time limit)")
    bad = any(report.is_ours(record) and report.state_of(record) != "ok"
              for record in records.values())
    sys.exit(1 if bad else 3 if left_out else 0)


if __name__ == "__main__":
    main()
