#!/usr/bin/env python3
"""Measures the device's math functions against correctly rounded results.

  run_math.py [--graph-run PATH] [--graph-opt PATH] [--device cuda|host] [--count N]

For each function of the math dialect, in f32 and f64, it runs a program on N
values of the function's whole domain and compares each result with the C
library's long double function, rounded once. The largest difference must be at
most what the remark `math-may-differ` states for the function, which is a bound
for the GPU's library; no difference is allowed where there is no remark. With
--device=host it is the C library that is measured, for which the bound is 4 ulp
where there is a remark: what glibc's manual states for these functions on x86-64.

It needs Python's standard library alone, and for the reference an x86-64 machine,
whose long double has 64 bits of precision.

Exit status: 0 if all differences are within their bounds, 1 if not.
"""

import argparse
import array
import ctypes
import decimal
import math
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", "..", ".."))

REAL = ("bits", "gauss", "wide")
UNIT = ("unit", "gauss-unit")
ABOVE = ("above-one", "positive-bits")
POSITIVE = ("positive-bits", "positive")
# Op of the math dialect: the C library's function, and how each argument is drawn.
FUNCTIONS = {
    "acos": ("acos", [UNIT]), "acosh": ("acosh", [ABOVE]), "asin": ("asin", [UNIT]),
    "asinh": ("asinh", [REAL]), "atan": ("atan", [REAL]),
    "atan2": ("atan2", [REAL, REAL]), "atanh": ("atanh", [UNIT]),
    "cbrt": ("cbrt", [REAL]), "ceil": ("ceil", [REAL]),
    "copysign": ("copysign", [REAL, REAL]), "cos": ("cos", [REAL]),
    "cosh": ("cosh", [REAL]), "erf": ("erf", [REAL]), "erfc": ("erfc", [REAL]),
    "exp": ("exp", [REAL]), "exp2": ("exp2", [REAL]), "expm1": ("expm1", [REAL]),
    "floor": ("floor", [REAL]), "log": ("log", [POSITIVE]),
    "log10": ("log10", [POSITIVE]), "log1p": ("log1p", [POSITIVE]),
    "log2": ("log2", [POSITIVE]), "powf": ("pow", [POSITIVE, REAL]),
    "round": ("round", [REAL]), "roundeven": ("roundeven", [REAL]),
    "rsqrt": ("rsqrt", [POSITIVE]), "sin": ("sin", [REAL]), "sinh": ("sinh", [REAL]),
    "sqrt": ("sqrt", [POSITIVE]), "tan": ("tan", [REAL]), "tanh": ("tanh", [REAL]),
    "trunc": ("trunc", [REAL]),
}
# Type: letter of array and struct, letter of an integer as long, bytes.
TYPES = {"f32": ("f", "i", 4), "f64": ("d", "q", 8)}
# "Errors in Math Functions" of glibc's manual, x86_64, the largest of those above.
HOST_BOUND = 4


def find_program(name):
    """A program of a bundle or of a build tree."""
    for path in (f"bin/{name}", f"build/bin/{name}"):
        if os.path.exists(os.path.join(ROOT, path)):
            return os.path.join(ROOT, path)
    return name


def rounded(dtype, value):
    """The nearest number of the type, as a float; infinity beyond its range."""
    if dtype == "f64" or math.isnan(value) or math.isinf(value):
        return value
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


def draw(generator, kind, dtype):
    """One number of the type."""
    letter, integer, size = TYPES[dtype]
    while True:
        if "bits" in kind:
            bits = generator.getrandbits(8 * size).to_bytes(size, "little")
            value = struct.unpack("<" + letter, bits)[0]
            value = abs(value) if kind == "positive-bits" else value
        elif kind == "unit":
            value = generator.uniform(-1, 1)
        elif kind == "gauss-unit":
            value = max(-1.0, min(1.0, generator.gauss(0, 0.01)))
        elif kind == "above-one":
            value = 1 + abs(generator.gauss(0, 3))
        elif kind == "positive":
            value = abs(generator.gauss(1, 1))
        else:
            value = generator.gauss(0, 50 if kind == "wide" else 1)
        value = rounded(dtype, value)
        if math.isfinite(value):
            return value


def write_array(path, dtype, values):
    letter, _, size = TYPES[dtype]
    header = f"{{'descr': '<f{size}', 'fortran_order': False, 'shape': ({len(values)},), }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
        file.write(header.encode())
        file.write(array.array(letter, values).tobytes())


def read_array(path, dtype):
    with open(path, "rb") as file:
        data = file.read()
    result = array.array(TYPES[dtype][0])
    result.frombytes(data[10 + struct.unpack("<H", data[8:10])[0]:])
    return result


def position(dtype, value):
    """Place of a number among all numbers of its type; both zeros are one."""
    letter, integer, _ = TYPES[dtype]
    bits = struct.unpack("<" + integer, struct.pack("<" + letter, value))[0]
    low = -(1 << (31 if dtype == "f32" else 63))
    return bits if bits >= 0 else low - bits


def distance(dtype, value, expected):
    """Numbers of the type from one to the other; NaN only agrees with NaN."""
    if math.isnan(value) or math.isnan(expected):
        return 0 if math.isnan(value) and math.isnan(expected) else math.inf
    return abs(position(dtype, value) - position(dtype, expected))


class Library:
    """The C library's functions on long double, results as double."""

    def __init__(self):
        self.library = ctypes.CDLL("libm.so.6")

    def find(self, name, count):
        # Rounding twice would be seen where no difference is allowed.
        if name == "sqrt":
            return math.sqrt
        if name == "rsqrt":
            return lambda x: float(1 / decimal.Decimal(x).sqrt()) if x else math.inf
        function = getattr(self.library, name + "l")
        function.restype = ctypes.c_longdouble
        function.argtypes = [ctypes.c_longdouble] * count
        return function


def write_programs(directory, op, dtype, count, arity):
    """A program on tensors, and one that computes a host scalar of a readback."""
    tensor = f"tensor<{count}x{dtype}>"
    arguments = ", ".join(f"%x{i}: {tensor}" for i in range(arity))
    operands = ", ".join(f"%x{i}" for i in range(arity))
    with open(os.path.join(directory, "tensors.mlir"), "w", encoding="ascii") as file:
        file.write(f"func.func @f({arguments}) -> {tensor} {{\n"
                   f"  %0 = math.{op} {operands} : {tensor}\n"
                   f"  return %0 : {tensor}\n}}\n")
    with open(os.path.join(directory, "scalar.mlir"), "w", encoding="ascii") as file:
        file.write(f"func.func @f(%t: tensor<{dtype}>) -> tensor<4x{dtype}> {{\n"
                   f"  %x = tensor.extract %t[] : tensor<{dtype}>\n"
                   f"  %0 = math.{op} {', '.join(['%x'] * arity)} : {dtype}\n"
                   f"  %1 = tensor.splat %0 : tensor<4x{dtype}>\n"
                   f"  return %1 : tensor<4x{dtype}>\n}}\n")


def stated_bound(graph_opt, directory):
    """What the remark on the scalar program says, in ulp."""
    output = subprocess.run(
        [graph_opt, os.path.join(directory, "scalar.mlir"), "-o", os.devnull,
         "--graph-opt-pipeline=stop-after=hoisted", "--remarks-filter=graph-opt.*",
         "--remark-policy=all"], capture_output=True, text=True, check=True).stderr
    if "math-may-differ" not in output:
        return 0
    return int(re.search(r"device-error-ulps=(\d+)", output).group(1))


def measure(args, library, directory, op, dtype):
    """(largest difference in ulp, arguments where it is, bound)."""
    name, kinds = FUNCTIONS[op]
    write_programs(directory, op, dtype, args.count, len(kinds))
    generator = random.Random(f"{args.seed} {op} {dtype}")
    inputs = [[draw(generator, kind[i % len(kind)], dtype) for i in range(args.count)]
              for kind in kinds]
    command = [args.graph_run, os.path.join(directory, "tensors.mlir"),
               f"--device={args.device}", "--entry=f", "--out", directory]
    for i, values in enumerate(inputs):
        write_array(os.path.join(directory, f"x{i}.npy"), dtype, values)
        command.append(f"--arg={i}={directory}/x{i}.npy")
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{op} {dtype}: {result.stderr.strip()}")
    results = read_array(os.path.join(directory, "result0.npy"), dtype)
    function = library.find(name, len(kinds))
    worst, where = 0, None
    for index, value in enumerate(results):
        point = [values[index] for values in inputs]
        error = distance(dtype, value, rounded(dtype, function(*point)))
        if error > worst:
            worst, where = error, point
    bound = stated_bound(args.graph_opt, directory)
    if args.device == "host" and bound:
        bound = max(bound, HOST_BOUND)
    return worst, where, bound


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph-run", default=find_program("graph-run"), metavar="PATH")
    parser.add_argument("--graph-opt", default=find_program("graph-opt"), metavar="PATH")
    parser.add_argument("--device", default="cuda", choices=["cuda", "host"])
    parser.add_argument("--count", type=int, default=30000, metavar="N")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", default="", metavar="REGEX",
                        help="the functions in whose names it is found")
    args = parser.parse_args()
    library = Library()
    failed = 0
    for op in FUNCTIONS:
        if not re.search(args.only, op):
            continue
        for dtype in TYPES:
            with tempfile.TemporaryDirectory() as directory:
                worst, where, bound = measure(args, library, directory, op, dtype)
            good = worst <= bound
            failed += not good
            place = f"  at {', '.join(map(repr, where))}" if where else ""
            print(f"{'ok' if good else 'FAIL':4} {op:10} {dtype}  {worst} ulp of at most "
                  f"{bound}{place}", flush=True)
    print(f"{failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
