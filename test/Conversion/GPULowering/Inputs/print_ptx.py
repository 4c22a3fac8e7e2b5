#!/usr/bin/env python3
"""Prints the PTX in a program (standard input) as lines, tabs as blanks: that of
a gpu.binary, or the image that embed-kernels makes of it.

The exit status is 1 if there is none.
"""

import re
import sys

CODE = re.compile(r'(?:assembly = |@[\w.]+\.image\()"((?:[^"\\]|\\.)*)"')


def find_ptx(program):
    """The PTX of each binary, without the escapes of MLIR's strings."""
    return [
        re.sub(r"\\([0-9A-F]{2})", lambda m: chr(int(m.group(1), 16)), text).rstrip("\0")
        for text in CODE.findall(program)
    ]


def main():
    codes = find_ptx(sys.stdin.read())
    if not codes:
        sys.exit("there is no PTX in the input")
    for code in codes:
        print(code.replace("\t", " "))


if __name__ == "__main__":
    main()
