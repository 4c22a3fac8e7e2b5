#!/usr/bin/env python3
"""Measures programs compiled ahead of time: from the start of a graph's
instantiation to the first result, against the instantiation alone.

  first_result.py --device host|cuda [--chip sm_90] [--runs N] [--json]
  first_result.py --libraries DIR              runs what --keep left in DIR

Compiles workloads by graph-compile and runs each N times in a process of its own
with first_result.c. Prints medians in microseconds and the ratio of the first
call to the instantiation. On CUDA it is to be at most 2; exits with 1 if it is
not. (On the host an instantiation makes a list of functions, in no time, and the
call is the program's own run time, of which `second`, a replay, is the measure.)
`--keep DIR` leaves libraries and program in DIR, to be run on a
machine that has only the runtime and a driver.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools", "scripts"))
import toolbox  # noqa: E402  pylint: disable=wrong-import-position

LIMIT = 2.0
# name: (arguments of the workload generator)
WORKLOADS = {
    "clip_lora": ["--workload", "w5", "--dtype", "f32", "--shapes",
                  "lora_r16_llama7b_qkvo.json"],
    "clip_gpt2": ["--workload", "w5", "--dtype", "f32", "--shapes", "gpt2_small.json"],
    "clip_moe": ["--workload", "w5", "--dtype", "bf16", "--shapes", "moe_tiny_512x.json"],
}


def compile_all(args, folder):
    """Writes first_result and a library for each workload into `folder`."""
    lib = os.path.join(args.prefix, "lib")
    for name in args.only or WORKLOADS:
        options = WORKLOADS[name]
        options = [os.path.join(toolbox.SHAPES, option)
                   if option.endswith(".json") else option for option in options]
        source = os.path.join(folder, f"{name}.mlir")
        toolbox.run([sys.executable, os.path.join(ROOT, "tools/scripts/generate_workload.py"),
                     *options, "-o", source])
        toolbox.compile_program(args.prefix, source, os.path.join(folder, name),
                                args.device, args.chip, linker=args.cc)
        os.remove(source)
    shutil.copy(os.path.join(lib, "libgraphopt_runtime.so"), folder)
    toolbox.run([args.cc, "-O2", "-rdynamic",
                 os.path.join(ROOT, "benchmarks/aot/first_result.c"),
                 f"-I{toolbox.include_folder(args.prefix)}", f"-L{folder}",
                 "-lgraphopt_runtime", "-ldl", "-Wl,-rpath,$ORIGIN",
                 "-o", os.path.join(folder, "first_result")])


def measure(args, folder):
    """Medians of all runs of each library in `folder`."""
    rows = {}
    for file in sorted(os.listdir(folder)):
        name, extension = os.path.splitext(file)
        if extension != ".so" or name.startswith("lib"):
            continue
        runs = [json.loads(toolbox.run([os.path.join(folder, "first_result"),
                                        os.path.join(folder, file), f"{name}_program"]))
                for _ in range(args.runs)]
        rows[name] = {key: statistics.median(r[key] for r in runs) for key in runs[0]}
    return rows


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["host", "cuda"], default="host")
    parser.add_argument("--chip", default="sm_90")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", action="append", choices=WORKLOADS)
    parser.add_argument("--prefix", default=toolbox.default_prefix(),
                        help="folder of bin/graph-compile and lib (default: %(default)s)")
    parser.add_argument("--cc", default=toolbox.find_c_compiler())
    parser.add_argument("--keep", metavar="DIR", help="leave what was compiled in DIR")
    parser.add_argument("--libraries", metavar="DIR", help="compile nothing, run these")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.libraries:
        rows = measure(args, args.libraries)
    elif args.keep:
        os.makedirs(args.keep, exist_ok=True)
        compile_all(args, args.keep)
        rows = measure(args, args.keep) if args.runs > 0 else {}
    else:
        with tempfile.TemporaryDirectory() as folder:
            compile_all(args, folder)
            rows = measure(args, folder)
    if args.json:
        print(json.dumps(rows))
    elif rows:
        keys = ["graphs", "kernels", "load", "context", "instantiate", "first",
                "second", "ratio"]
        print(f"{'program':<12}" + "".join(f"{key:>13}" for key in keys))
        for name, row in rows.items():
            print(f"{name:<12}" + "".join(f"{row[key]:>13.6g}" for key in keys))
    slow = [name for name, row in rows.items()
            if args.device == "cuda" and row["ratio"] > LIMIT]
    if slow:
        sys.exit(f"the first result takes more than {LIMIT} times the instantiation: "
                 + ", ".join(slow))


if __name__ == "__main__":
    main()
