#!/usr/bin/env python3
"""Checks the edges of graphs in state `graphs`, sharing nothing with the compiler.

    check_graphs.py FILE          each two nodes of a block that touch a common
                                  byte, one of them writing, are ordered by a
                                  path; each conditional node comes after the
                                  kernels that set its handle; no edge is implied
                                  by a path of others
    check_graphs.py FILE --plant GRAPH_OPT
                                  takes away one edge after the other and has
                                  GRAPH_OPT verify what is left: it must name the
                                  node that lost the edge, each time

Reads the printed form of the dialect, one op a line. Prints counts; exits with 1
and the first violations if there are any.
"""

import argparse
import re
import subprocess
import sys

BITS = {"index": 64, "bf16": 16}
GRAPH = re.compile(r"^\s*cudagraph\.graph (?:private )?@(?P<name>[\w.$]+|\".*?\")\(")
NODE = re.compile(r"^\s*(?P<result>%[\w]+) = cudagraph\.(?P<kind>\w+)\b(?P<rest>.*)$")
VIEW = re.compile(
    r"^\s*(?P<result>%\w+) = memref\.(?P<kind>\w+) (?P<source>%\w+)(?P<rest>.*) (?:in)?to (?P<type>memref<.*>)\s*$"
)
CONSTANT = re.compile(r"^\s*(?P<result>%\w+) = arith\.constant (?P<value>-?\d+) : index")
AFTER = re.compile(r" after\((?P<list>[^)]*)\)")
CONDITIONALS = ("if", "while", "switch")


def split_types(text):
    """The types in `text`, which commas of no bracket divide."""
    types, depth, start = [], 0, 0
    for i, char in enumerate(text):
        depth += (char in "<([{") - (char in ">)]}")
        if char == "," and depth == 0:
            types.append(text[start:i].strip())
            start = i + 1
    return types + [text[start:].strip()] if text.strip() else []


def parse_memref(text):
    """Of a memref type: its first byte from the base and its bytes in all."""
    body = text[len("memref<") : -1]
    parts = split_types(body)
    *dims, element = re.split(r"x(?![a-z]*\()", parts[0])
    while not re.fullmatch(r"\d+", dims[-1]) if dims else False:
        element = dims.pop() + "x" + element
    shape = [int(dim) for dim in dims]
    strides, offset = [], 0
    for size in reversed(shape):
        strides.insert(0, strides[0] * shape[len(shape) - len(strides)] if strides else 1)
    layout = parts[1] if len(parts) > 1 else ""
    found = re.search(r"strided<\[([^\]]*)\](?:, offset: (\d+))?>", layout)
    if found:
        strides = [int(stride) for stride in found[1].split(",") if stride.strip()]
        offset = int(found[2] or 0)
    element_bytes = parse_bytes(element)
    if 0 in shape:
        return 0, 0
    last = sum((size - 1) * stride for size, stride in zip(shape, strides))
    return offset * element_bytes, (last + 1) * element_bytes


def parse_bytes(element):
    if element.startswith("complex<"):
        return 2 * parse_bytes(element[len("complex<") : -1])
    bits = BITS.get(element) or int(re.match(r"[a-z]+(\d+)", element)[1])
    size = 1
    while size * 8 < bits:
        size *= 2
    return size


class Node:
    """A node, with what its bodies do."""

    def __init__(self, line, number, match):
        self.line, self.number = line, number
        self.name, self.kind = match["result"], match["kind"]
        rest = match["rest"]
        after = AFTER.search(rest)
        self.after = [v.strip() for v in after["list"].split(",")] if after else []
        self.sets = [int(n) for n in re.findall(r"\d+", (re.search(r" sets \[([^\]]*)\]", rest) or [0, ""])[1])]
        handle = re.search(r" handle\((\d+)\)", rest)
        self.handle = int(handle[1]) if handle else None
        self.reads, self.writes = [], []
        self.bodies = []
        self.operands = self.parse_operands(rest)

    def parse_operands(self, rest):
        """(value, access) of each operand but the edges."""
        args = re.search(r" args\(([^:)]*)(?: : .*?)?\)(?: grid| sets| block|$| attributes| \{)", rest)
        if self.kind in ("kernel", "child"):
            words = re.search(r" args\(([^:)]*)", rest)[1] if args or " args(" in rest else ""
            return [tuple(item.split()[:2]) for item in words.split(",") if item.strip()]
        values = re.findall(r"%\w+", AFTER.sub("", rest.split(" : ")[0]))
        if self.kind == "memcpy":
            return [(values[0], "read"), (values[1], "write")]
        if self.kind == "memset":
            return [(values[0], "write")]
        return [(values[0], "read")] if self.kind in CONDITIONALS else []


class Graph:
    def __init__(self, name, arguments):
        self.name = name
        self.is_chain = False  # By request or cost: of nodes without conflicts, too.
        self.views = {}  # Value: (root, byte where its base is, begin, end)
        self.constants = {}
        self.blocks = [[]]
        for value, kind in arguments:
            begin, size = parse_memref(kind)
            # An argument is the address of its first element.
            self.views[value] = (value, -begin, 0, size)

    def add_view(self, match):
        root, base, _, _ = self.views[match["source"]]
        begin, size = parse_memref(match["type"])
        if match["kind"] == "view":
            base = self.views[match["source"]][2] + self.constants[re.search(r"\[(%\w+)\]", match["rest"])[1]]
        self.views[match["result"]] = (root, base, base + begin, base + begin + size)

    def resolve(self, node):
        for value, access in node.operands:
            root, _, begin, end = self.views[value]
            if begin < end and access in ("read", "readwrite"):
                node.reads.append((root, begin, end))
            if begin < end and access in ("write", "readwrite"):
                node.writes.append((root, begin, end))
            if access not in ("read", "write", "readwrite"):
                raise ValueError(f"access '{access}' of {node.line}")


def parse(text):
    graphs, graph, stack = [], None, []
    for number, line in enumerate(text.splitlines()):
        start = GRAPH.match(line)
        if start:
            head = re.sub(r" attributes \{.*\} \{$", " {", line)
            graph = Graph(start["name"], re.findall(r"(%\w+): (memref<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>)", head))
            graph.is_chain = 'shape = "chain"' in line
            graphs.append(graph)
            stack = [graph.blocks[0]]
            owners = [None]
            continue
        if not graph:
            continue
        if line.strip().startswith("}"):
            if line.strip() in ("} else {", "}, {"):
                stack[-1] = []
                owners[-1].bodies.append(stack[-1])
                graph.blocks.append(stack[-1])
                continue
            stack.pop()
            owner = owners.pop()
            if owner:
                for inner in (node for body in owner.bodies for node in body):
                    owner.reads += inner.reads
                    owner.writes += inner.writes
            if not stack:
                graph = None
            continue
        constant, view, node = CONSTANT.match(line), VIEW.match(line), NODE.match(line)
        if constant:
            graph.constants[constant["result"]] = int(constant["value"])
        elif node:
            made = Node(line.strip(), number, node)
            graph.resolve(made)
            stack[-1].append(made)
            if made.kind in CONDITIONALS:
                stack.append([])
                owners.append(made)
                made.bodies.append(stack[-1])
                graph.blocks.append(stack[-1])
        elif view:
            graph.add_view(view)
        elif line.strip():
            raise ValueError(f"line {number + 1} is not understood: {line}")
    return graphs


def overlap(first, second):
    return any(a[0] == b[0] and a[1] < b[2] and b[1] < a[2] for a in first for b in second)


def check_block(block, problems):
    """Returns how many pairs of nodes have to be ordered."""
    index = {node.name: i for i, node in enumerate(block)}
    before = []  # Of each node, those with a path to it, as bits.
    pairs = 0
    for i, node in enumerate(block):
        reached = 0
        for name in node.after:
            reached |= before[index[name]] | 1 << index[name]
        before.append(reached)
        for name in node.after:
            others = [other for other in node.after if other != name]
            if node.after.count(name) > 1 or any(before[index[o]] >> index[name] & 1 for o in others):
                problems.append(f"the edge from {name} is implied: {node.line}")
        for j, other in enumerate(block[:i]):
            hazard = (
                overlap(node.reads, other.writes)
                or overlap(node.writes, other.reads)
                or overlap(node.writes, other.writes)
                or (node.handle is not None and node.handle in other.sets)
            )
            pairs += hazard
            if hazard and not reached >> j & 1:
                problems.append(f"not ordered after {other.name}: {node.line}")
    return pairs


def loses_order(lines):
    """Whether a conflict between nodes is left without an order."""
    problems = []
    check(parse("\n".join(lines)), problems)
    return any("not ordered" in problem for problem in problems)


def plant(text, graphs, graph_opt):
    """Takes each edge away in turn, but those that only make a chain of a graph.
    Returns how many there are, and what was not found."""
    lines = text.splitlines()
    nodes = [node for graph in graphs for block in graph.blocks for node in block]
    chained = {node for graph in graphs if graph.is_chain
               for block in graph.blocks for node in block}
    planted, missed = 0, []
    for node in nodes:
        for name in node.after:
            left = ", ".join(other for other in node.after if other != name)
            changed = list(lines)
            edges = f" after({left})" if left else ""
            changed[node.number] = AFTER.sub(edges, lines[node.number], count=1)
            if node in chained and not loses_order(changed):
                continue
            result = subprocess.run([graph_opt, "-", "-o", "/dev/null"], input="\n".join(changed),
                                    capture_output=True, text=True)
            planted += 1
            named = re.search(r"^<stdin>:(\d+):\d+: error: .*(is not ordered after|has no edge from)",
                              result.stderr, re.M)
            if result.returncode == 0 or not named or int(named[1]) != node.number + 1:
                missed.append(f"without the edge from {name} nothing is reported: {node.line}")
    return planted, missed


def count(graphs):
    blocks = [block for graph in graphs for block in graph.blocks]
    return sum(map(len, blocks)), sum(len(node.after) for block in blocks for node in block)


def check(graphs, problems):
    return sum(check_block(block, problems) for graph in graphs for block in graph.blocks)


def report(summary, problems):
    print(summary)
    for problem in problems[:10]:
        print(problem[:300], file=sys.stderr)
    return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--plant", metavar="GRAPH_OPT")
    options = parser.parse_args()
    text = sys.stdin.read() if options.file == "-" else open(options.file).read()
    graphs, problems = parse(text), []
    if options.plant:
        planted, problems = plant(text, graphs, options.plant)
        return report(f"{planted} edges planted, {len(problems)} missed", problems)
    pairs = check(graphs, problems)
    nodes, edges = count(graphs)
    return report(f"{len(graphs)} graphs, {nodes} nodes, {edges} edges, {pairs} pairs: "
                  f"{len(problems)} problems", problems)


if __name__ == "__main__":
    sys.exit(main())
