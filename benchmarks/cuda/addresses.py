#!/usr/bin/env python3
"""Measures what it costs the CPU that arguments of a program move.

  addresses.py [--device cuda|host] [--chip sm_90] [--policies auto table ...]
  addresses.py --libraries DIR          runs what --keep left in DIR

Compiles programs by graph-compile, each with the address policy that the compiler
chooses (auto) and with those that are named, and runs them by addresses.c: see
there for the columns. A call must take at most 1.2 times a bare launch of its
graph if nothing moved, and build no CUDA graph, wherever its arguments are, but
with `baked`; the script exits with 1 if that does not hold. `--keep DIR` leaves
libraries and program in DIR, to be run on a machine that has only the runtime and
a driver.
"""

import argparse
import json
import math
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tools", "scripts")]
import chains  # noqa: E402  pylint: disable=wrong-import-position
import toolbox  # noqa: E402  pylint: disable=wrong-import-position

LIMIT = 1.2
KINDS = ["unchanged", "one", "all", "alternating"]


def many_nodes(nodes, size):
    """x = transpose(x) + w, again and again: w is an operand of every node."""
    p, shape = chains.Program(), [size, size]
    x, w = p.buffer(shape), p.buffer(shape)
    value, weight = p.read(x, shape), p.read(w, shape)
    for _ in range(nodes):
        value = p.op("arith.addf", p.transpose(value, shape), weight, shape=shape)
    p.write(value, x, shape)
    return p


# name: (program, what a call on ones leaves in argument 0 and in the others)
def programs():
    def clip(tensors, count):
        value = 1 / math.sqrt(tensors * count)
        return chains.clip(tensors, count), value, value

    return {"clip_256": clip(256, 256), "clip_2304": clip(2304, 256),
            "nodes_64": (many_nodes(64, 64), 65, 1)}


def compile_all(args, folder):
    """Writes the program, a library for each row, and what each must give."""
    wanted = {}
    for name, (program, first, rest) in programs().items():
        source = os.path.join(folder, f"{name}.mlir")
        with open(source, "w", encoding="utf-8") as file:
            file.write(program.text())
        for policy in args.policies:
            row = f"{name}_{policy}"
            toolbox.compile_program(args.prefix, source, os.path.join(folder, row),
                                    args.device, args.chip, f"address-policy={policy}",
                                    linker=args.cc)
            wanted[row] = [first, rest]
        os.remove(source)
    with open(os.path.join(folder, "rows.json"), "w", encoding="utf-8") as file:
        json.dump(wanted, file)
    shutil.copy(os.path.join(args.prefix, "lib", "libgraphopt_runtime.so"), folder)
    toolbox.run([args.cc, "-O2", os.path.join(HERE, "addresses.c"),
                 f"-I{toolbox.include_folder(args.prefix)}", f"-L{folder}",
                 "-lgraphopt_runtime", "-ldl", "-lm", "-Wl,-rpath,$ORIGIN", "-o",
                 os.path.join(folder, "addresses")])


def measure(folder):
    with open(os.path.join(folder, "rows.json"), encoding="utf-8") as file:
        wanted = json.load(file)
    return {row: json.loads(toolbox.run([
                os.path.join(folder, "addresses"), os.path.join(folder, f"{row}.so"),
                f"{row}_program", repr(first), repr(rest)]))
            for row, (first, rest) in wanted.items()}


def find_failures(rows):
    for name, row in rows.items():
        if "bare" in row and row["unchanged"] > LIMIT * row["bare"]:
            yield f"{name}: unchanged takes {row['unchanged'] / row['bare']:.2f} times a launch"
        for kind in KINDS:
            if row[f"{kind}_builds"] and not name.endswith("_baked"):
                yield f"{name}: {kind} builds {row[f'{kind}_builds']} graphs per call"


def show(rows):
    columns = ["arguments", "bare"] + KINDS
    print(f"{'program':<22}" + "".join(f"{c:>13}" for c in columns) + f"{'ratio':>8}"
          + "   nodes written per call")
    for name, row in rows.items():
        cells = "".join(f"{row[c]:>13.6g}" if c in row else f"{'-':>13}" for c in columns)
        ratio = f"{row['unchanged'] / row['bare']:>8.2f}" if "bare" in row else f"{'-':>8}"
        nodes = ", ".join(f"{kind} {row[f'{kind}_nodes']:.4g}" for kind in KINDS)
        print(f"{name:<22}{cells}{ratio}   {nodes}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["host", "cuda"], default="cuda")
    parser.add_argument("--chip", default="sm_90")
    parser.add_argument("--policies", nargs="+", default=["auto", "table", "slot"],
                        choices=["auto", "baked", "parameters", "table", "slot"])
    parser.add_argument("--prefix", default=toolbox.default_prefix(),
                        help="folder of bin/graph-compile and lib (default: %(default)s)")
    parser.add_argument("--cc", default=toolbox.find_c_compiler())
    parser.add_argument("--keep", metavar="DIR", help="leave what was compiled in DIR")
    parser.add_argument("--compile-only", action="store_true", help="with --keep: run nothing")
    parser.add_argument("--libraries", metavar="DIR", help="compile nothing, run these")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.libraries or args.keep or scratch
        if not args.libraries:
            os.makedirs(folder, exist_ok=True)
            compile_all(args, folder)
        rows = {} if args.compile_only else measure(folder)
    if args.json:
        print(json.dumps(rows))
    elif rows:
        show(rows)
    failures = list(find_failures(rows))
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
