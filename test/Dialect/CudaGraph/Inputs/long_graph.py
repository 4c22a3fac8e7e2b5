#!/usr/bin/env python3
"""Writes a graph of copies between views of an arena, each with edges from all
earlier nodes that it conflicts with, needed or not.

    long_graph.py NODES
"""

import random
import sys

SLOTS = 24


def main():
    count = int(sys.argv[1])
    choose = random.Random(count)
    print(f"cudagraph.graph @long(%b: memref<8xi8>) arena(%a: memref<{8 * SLOTS}xi8>) {{")
    for i in range(SLOTS):
        print(f"  %v{i} = memref.subview %a[{8 * i}] [8] [1] : memref<{8 * SLOTS}xi8> to "
              f"memref<8xi8, strided<[1], offset: {8 * i}>>")
    touched = []
    for i in range(count):
        # Mostly one buffer that every node passes on, so that paths are long.
        source, target = choose.sample(range(SLOTS), 2)
        if i % 3:
            source = touched[-1][1]
            target = choose.choice([slot for slot in range(SLOTS) if slot != source])
        after = [f"%{j}" for j, (read, write) in enumerate(touched)
                 if write in (source, target) or read == target]
        edges = f" after({', '.join(after)})" if after else ""
        type_of = "memref<8xi8, strided<[1], offset: {}>>".format
        print(f"  %{i} = cudagraph.memcpy %v{source} to %v{target}{edges} : "
              f"{type_of(8 * source)} to {type_of(8 * target)}")
        touched.append((source, target))
    print("}")


if __name__ == "__main__":
    main()
