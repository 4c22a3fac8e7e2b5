#!/usr/bin/env python3
"""Compares predicted with measured times of chains of different kinds and sizes.

  cost_model.py [--calibrate FILE | --calibration FILE] [--only TEXT]

Measures what things cost on this GPU (graph-run --calibrate), unless a table is
given, compiles each chain of chains.py with that table, and runs it as a graph and
node by node, in turns. Prints for each chain, in microseconds of a call with a wait:

  predicted   of the launch that was chosen, from the attributes of its graphs
  measured    the same chain as it was compiled
  stream      all nodes one by one (mode=stream), predicted and measured

then the rank correlation of predicted and measured, and each chain that was slower
than in stream mode by more than the noise: 2 percent, 0.3 microseconds, or half of
what the rounds differ by. On a GPU the exit status is 1 if the correlation is below
0.9 or there is such a chain. It needs the tools of a build tree or of a bundle.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
sys.path[:0] = [HERE, os.path.join(ROOT, "tools", "scripts")]
import chains  # noqa: E402  pylint: disable=wrong-import-position
import toolbox  # noqa: E402  pylint: disable=wrong-import-position

GRAPH = re.compile(r"^\s*cudagraph\.graph @(?P<name>\S+?)\(.*$", re.M)
FIGURES = re.compile(r"predicted_us = \{([^{}]*\bgraph = [^{}]*)\}")
LAUNCH = re.compile(r'\blaunch = "(\w+)"')


def parse_figures(text):
    """The numbers of a dictionary attribute."""
    figures = {}
    for entry in text.split(","):
        name, value = entry.split("=")
        figures[name.strip()] = float(value.split(":")[0])
    return figures


def predict(graph_opt, path, args):
    """(microseconds as compiled, in stream mode, launches) of all graphs together."""
    options = f"device=cuda chip={args.chip} stop-after=graphs"
    if args.calibration:
        options += f" calibration={args.calibration}"
    output = toolbox.run([graph_opt, path, f"--graph-opt-pipeline={options}"])
    chosen = stream = 0.0
    launches = []
    for match in GRAPH.finditer(output):
        figures = FIGURES.search(match.group())
        launch = LAUNCH.search(match.group())
        if not figures or not launch:
            sys.exit(f"error: {path}: graph {match['name']} has no predicted time")
        figures = parse_figures(figures.group(1))
        launches.append(launch.group(1))
        chosen += figures[launch.group(1)]
        stream += figures["stream"]
    if not launches:
        sys.exit(f"error: {path}: the chain became no graph")
    return chosen, stream, launches


def measure(graph_run, path, program, args):
    """The times of graph-run --bench-modes."""
    command = [graph_run, path, f"--device={args.device}", "--bench-modes", "--stats=json"]
    if args.calibration:
        command.append(f"--calibration={args.calibration}")
    command += [f"--arg={i}=1" for i in range(len(program.shapes))]
    for line in toolbox.run(command).splitlines():
        if line.startswith('{"modes"'):
            return json.loads(line)["modes"]
    return sys.exit(f"error: {path}: graph-run printed no times")


def ranks(values):
    """Ranks from 0; equal values share their mean."""
    order = sorted(range(len(values)), key=values.__getitem__)
    result, start = [0.0] * len(values), 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for i in range(start, end + 1):
            result[order[i]] = (start + end) / 2
        start = end + 1
    return result


def rank_correlation(a, b):
    """Spearman's coefficient."""
    a, b = ranks(a), ranks(b)
    mean = (len(a) - 1) / 2
    covariance = sum((x - mean) * (y - mean) for x, y in zip(a, b))
    scale = (sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)) ** 0.5
    return covariance / scale if scale else 0.0


def get_noise(modes):
    spread = max(max(m["rounds_us"]) - min(m["rounds_us"]) for m in modes.values())
    return max(0.3, 0.02 * modes["stream"]["median_us"], spread / 2)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    table = parser.add_mutually_exclusive_group()
    table.add_argument("--calibrate", metavar="FILE",
                       help="measure this table first (default on a GPU: a temporary file)")
    table.add_argument("--calibration", metavar="FILE", help="use this table")
    table.add_argument("--builtin", action="store_true", help="use the table of an H200")
    parser.add_argument("--device", default="cuda", choices=["cuda", "host"],
                        help="host: a check of this script, not of the model")
    parser.add_argument("--chip", default="sm_90")
    parser.add_argument("--tiny", action="store_true", help="small chains of each kind")
    parser.add_argument("--only", default="", metavar="TEXT",
                        help="chains with this in their name")
    parser.add_argument("--tools", metavar="DIR",
                        default=os.path.join(toolbox.default_prefix(), "bin"),
                        help="folder of graph-opt and graph-run (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write all figures there")
    args = parser.parse_args()
    graph_opt, graph_run = (os.path.join(args.tools, name) for name in ("graph-opt", "graph-run"))

    start = time.monotonic()
    row = "{:30} {:>9} {:>9} {:>6} | {:>9} {:>9} | {:>6}"
    records = []
    with tempfile.TemporaryDirectory() as directory:
        if args.device == "cuda" and not (args.calibration or args.builtin):
            args.calibration = args.calibrate or os.path.join(directory, "calibration.json")
            toolbox.run([graph_run, "--device=cuda", f"--calibrate={args.calibration}"])
            with open(args.calibration, encoding="utf-8") as file:
                print(file.read(), flush=True)
        print(row.format("chain", "predicted", "measured", "ratio", "predicted", "measured",
                         "launch"))
        print(row.format("", "chosen", "chosen", "", "stream", "stream", ""), flush=True)
        for chain in chains.TINY_CHAINS if args.tiny else chains.CHAINS:
            name = chains.name_of(chain)
            if args.only not in name:
                continue
            program = chains.make(chain)
            path = os.path.join(directory, "chain.mlir")
            with open(path, "w", encoding="utf-8") as file:
                file.write(program.text())
            predicted, stream, launches = predict(graph_opt, path, args)
            modes = measure(graph_run, path, program, args)
            measured = modes["graph"]["median_us"]
            in_stream = modes["stream"]["median_us"]
            records.append({
                "chain": name, "bytes": program.num_bytes(), "launches": launches,
                "predicted_us": predicted, "measured_us": measured,
                "predicted_stream_us": stream, "measured_stream_us": in_stream,
                "slower": measured > in_stream + get_noise(modes)})
            print(row.format(name, f"{predicted:.1f}", f"{measured:.1f}",
                             f"{predicted / measured:.2f}", f"{stream:.1f}",
                             f"{in_stream:.1f}", "/".join(sorted(set(launches)))), flush=True)
    if not records:
        sys.exit(f"error: no chain has '{args.only}' in its name")

    def correlate(predicted, measured):
        return rank_correlation([r[predicted] for r in records], [r[measured] for r in records])

    chosen = correlate("predicted_us", "measured_us")
    in_stream = correlate("predicted_stream_us", "measured_stream_us")
    slower = [r["chain"] for r in records if r["slower"]]
    print(f"chains: {len(records)} ({time.monotonic() - start:.0f} s)")
    print(f"rank correlation of predicted and measured: {chosen:.3f} "
          f"(stream mode: {in_stream:.3f})")
    print("slower than in stream mode: " + (", ".join(slower) or "none"))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"correlation": chosen, "stream_correlation": in_stream,
                       "chains": records}, file, indent=1)
    if args.device == "cuda" and (chosen < 0.9 or slower):
        sys.exit(1)


if __name__ == "__main__":
    main()
