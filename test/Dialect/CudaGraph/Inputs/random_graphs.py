#!/usr/bin/env python3
"""Checks the graphs of random programs, as check_graphs.py does.

    random_graphs.py GRAPH_OPT PROGRAMS [--first SEED] [--count N] [--plant N]
                     [--device DEVICE]

PROGRAMS is the folder of random_program.py. Of the first graphs with edges,
`--plant N` programs, each edge is taken away as well. Exits with 1 if there is a
violation, or if there was nothing to check.
"""

import argparse
import subprocess
import sys

import check_graphs


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graph_opt")
    parser.add_argument("programs")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--plant", type=int, default=2)
    parser.add_argument("--device", default="host")
    options = parser.parse_args()
    sys.path.insert(0, options.programs)
    from random_program import Program

    pipeline = f"--graph-opt-pipeline=device={options.device} stop-after=graphs"
    problems, totals, planted, left = [], [0, 0, 0, 0], 0, options.plant
    for seed in range(options.first, options.first + options.count):
        run = subprocess.run([options.graph_opt, "-", pipeline], input=Program(seed).generate(),
                             capture_output=True, text=True)
        if run.returncode:
            problems.append(f"seed {seed}: {run.stderr.strip()}")
            continue
        graphs, found = check_graphs.parse(run.stdout), []
        pairs = check_graphs.check(graphs, found)
        nodes, edges = check_graphs.count(graphs)
        totals = [a + b for a, b in zip(totals, (len(graphs), nodes, edges, pairs))]
        if edges and left:
            left -= 1
            number, missed = check_graphs.plant(run.stdout, graphs, options.graph_opt)
            planted += number
            found += missed
        problems += [f"seed {seed}: {problem}" for problem in found]
    if not totals[2]:
        problems.append("no graph has edges")
    return check_graphs.report(
        "{} graphs, {} nodes, {} edges, {} pairs, {} planted: {} problems".format(
            *totals, planted, len(problems)), problems)


if __name__ == "__main__":
    sys.exit(main())
