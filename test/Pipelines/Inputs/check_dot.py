#!/usr/bin/env python3
"""Checks that a file is a picture as Graphviz reads it: every statement is one
of those that graph-opt writes, braces match, and edges join nodes that exist.

  check_dot.py FILE     prints `clusters N nodes N edges N`
"""

import re
import sys

NAME = r'"(?:[^"\\]|\\.)*"'
ATTRIBUTES = rf"\[\w+=(?:{NAME}|\w+)(?:, \w+=(?:{NAME}|\w+))*\]"
CLUSTER = re.compile(rf"subgraph ({NAME}) \{{")
NODE = re.compile(rf"({NAME}) {ATTRIBUTES};")
EDGE = re.compile(rf"({NAME}) -> ({NAME})(?: {ATTRIBUTES})?;")
SETTING = re.compile(rf"(?:\w+=(?:{NAME}|\w+); ?)+|node {ATTRIBUTES};")
BORDER = re.compile(rf"l(?:head|tail)=({NAME})")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    assert lines[0] == 'digraph "graph-opt" {', lines[0]
    clusters, nodes, edges, borders, depth = set(), set(), [], set(), 1
    for number, line in enumerate(lines[1:], 2):
        assert depth > 0, f"line {number} is behind the end"
        if line == "}":
            depth -= 1
        elif match := CLUSTER.fullmatch(line):
            clusters.add(match.group(1))
            depth += 1
        elif match := EDGE.fullmatch(line):
            edges.append(match.groups())
            borders.update(BORDER.findall(line))
        elif match := NODE.fullmatch(line):
            assert match.group(1) not in nodes, f"{line} is there twice"
            nodes.add(match.group(1))
        else:
            assert SETTING.fullmatch(line), f"line {number} is no statement: {line}"
    assert depth == 0, "a brace is open"
    for edge in edges:
        assert nodes.issuperset(edge), f"{edge} joins what is not there"
    assert borders <= clusters, borders - clusters
    print("clusters", len(clusters), "nodes", len(nodes), "edges", len(edges))


if __name__ == "__main__":
    main()
