#!/usr/bin/env python3
"""Runs random programs whose readbacks have something to be deferred behind.

  random_deferred.py GRAPH_RUN [--first SEED] [--count N] [--keep DIR] [--device host|cuda]

Each program reads sums of two buffers back, calls functions of the C library
(`rand`, whose values tell the order of the calls, and `fabsf`, which takes what
was read back) and changes the buffers in between, in branches and loops. It is
run with waits, and with results that are awaited after three calls were made;
both are compared with the reference. Prints how many programs agree and how many
readbacks were deferred.

Exit status: 0 if all programs agree, 1 if one does not.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

SIZE = 8
PRELUDE = f"""
func.func private @srand(i32)
func.func private @rand() -> i32
func.func private @fabsf(f32) -> f32

func.func private @read(%y: memref<{SIZE}xf32>) -> f32 {{
  %zero = arith.constant dense<0.0> : tensor<f32>
  %t = bufferization.to_tensor %y restrict : memref<{SIZE}xf32> to tensor<{SIZE}xf32>
  %r = linalg.reduce {{ arith.addf }} ins(%t : tensor<{SIZE}xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %v = tensor.extract %r[] : tensor<f32>
  return %v : f32
}}

func.func private @shift(%y: memref<{SIZE}xf32>, %by: f32) {{
  %t = bufferization.to_tensor %y restrict writable : memref<{SIZE}xf32> to tensor<{SIZE}xf32>
  %m = linalg.generic {{indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]}}
      outs(%t : tensor<{SIZE}xf32>) {{
  ^bb0(%a: f32):
    %s = arith.addf %a, %by : f32
    linalg.yield %s : f32
  }} -> tensor<{SIZE}xf32>
  bufferization.materialize_in_destination %m in restrict writable %y : (tensor<{SIZE}xf32>, memref<{SIZE}xf32>) -> ()
  return
}}
"""


class Program:
    """The function of one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.number = 0
        self.lines = []

    def emit(self, indent, text):
        self.lines.append("  " * indent + text)

    def name(self):
        self.number += 1
        return f"%v{self.number}"

    def value(self, indent, text):
        name = self.name()
        self.emit(indent, f"{name} = {text}")
        return name

    def statement(self, indent, floats, depth):
        """Emits one statement; `floats` are the scalars in scope."""
        buffer = self.random.choice(["%y0", "%y1"])
        memref = f"memref<{SIZE}xf32>"
        kind = self.random.choice(["read"] * 4 + ["rand"] * 3 + ["shift"] * 2 +
                                  ["take"] * 3 + ["add", "half"] +
                                  (["if", "for"] if depth else []))
        pick = lambda: self.random.choice(floats)
        if kind == "read":
            floats.append(self.value(indent, f"func.call @read({buffer}) : ({memref}) -> f32"))
        elif kind == "rand":
            number = self.value(indent, "func.call @rand() : () -> i32")
            small = self.value(indent, f"arith.remui {number}, %c10 : i32")
            floats.append(self.value(indent, f"arith.uitofp {small} : i32 to f32"))
        elif kind == "shift":
            by = self.value(indent, f"arith.mulf {pick()}, %hundredth : f32")
            self.emit(indent, f"func.call @shift({buffer}, {by}) : ({memref}, f32) -> ()")
        elif kind == "take":
            floats.append(self.value(indent, f"func.call @fabsf({pick()}) : (f32) -> f32"))
        elif kind == "add":
            floats.append(self.value(indent, f"arith.addf {pick()}, {pick()} : f32"))
        elif kind == "half":
            floats.append(self.value(indent, f"arith.mulf {pick()}, %half : f32"))
        elif kind == "if":
            condition = self.random.choice(["%c", "%d"])
            result = self.value(indent, f"scf.if {condition} -> f32 {{")
            self.body(indent + 1, floats, depth - 1)
            self.emit(indent, "} else {")
            self.body(indent + 1, floats, depth - 1)
            self.emit(indent, "}")
            floats.append(result)
        else:
            carried, turn = self.name(), self.name()
            result = self.value(indent, f"scf.for {turn} = %c0 to %n step %c1 "
                                        f"iter_args({carried} = {pick()}) -> f32 {{")
            self.body(indent + 1, floats + [carried], depth - 1)
            self.emit(indent, "}")
            floats.append(self.value(indent, f"arith.mulf {result}, %hundredth : f32"))

    def body(self, indent, floats, depth):
        inner = list(floats)
        for _ in range(self.random.randint(1, 5)):
            self.statement(indent, inner, depth)
        self.emit(indent, f"scf.yield {self.random.choice(inner)} : f32")

    def generate(self):
        self.emit(0, f"func.func @f(%y0: memref<{SIZE}xf32>, %y1: memref<{SIZE}xf32>, %c: i1, %d: i1, %n: index) "
                     "-> (f32, f32, f32) {")
        for name, text in [("%c7", "7 : i32"), ("%c10", "10 : i32"), ("%half", "0.5 : f32"),
                           ("%hundredth", "0.01 : f32"), ("%c0", "0 : index"), ("%c1", "1 : index")]:
            self.emit(1, f"{name} = arith.constant {text}")
        self.emit(1, "func.call @srand(%c7) : (i32) -> ()")
        floats = ["%half"]
        for _ in range(self.random.randint(4, 12)):
            self.statement(1, floats, depth=2)
        results = ", ".join(self.random.choice(floats[-4:]) for _ in range(3))
        self.emit(1, f"return {results} : f32, f32, f32")
        self.emit(0, "}")
        return PRELUDE + "\n".join(self.lines) + "\n"


def run(command):
    """The number of deferred readbacks, or what went wrong."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode:
        return None, (done.stderr + done.stdout)[-600:]
    stats = next(line for line in done.stdout.splitlines() if line.startswith("{"))
    return json.loads(stats)["deferred_readbacks"], None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graph_run", help="the command to test")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--count", type=int, default=40, help="number of programs")
    parser.add_argument("--keep", metavar="DIR", help="folder for programs that fail")
    parser.add_argument("--device", default="host", help="of graph-run: host or cuda")
    options = parser.parse_args()
    failures = deferred = handed_on = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = options.keep or folder
        os.makedirs(folder, exist_ok=True)
        for seed in range(options.first, options.first + options.count):
            choose = random.Random(seed + 1)
            path = os.path.join(folder, f"seed-{seed}.mlir")
            with open(path, "w", encoding="utf-8") as file:
                file.write(Program(seed).generate())
            command = [options.graph_run, path, "--entry=f", f"--device={options.device}", "--verify",
                       "--stats=json", "--tolerance=1e-3"]
            for number, value in ((2, choose.choice(["true", "false"])),
                                  (3, choose.choice(["true", "false"])), (4, choose.randint(0, 3))):
                command += ["--arg", f"{number}={value}"]
            now, problem = run(command)
            if not problem:
                later, problem = run(command + ["--async-results", "--repeat=3"])
            if problem:
                failures += 1
                print(f"seed {seed}: {problem}", flush=True)
                continue
            deferred += now
            handed_on += later - 3 * now
            os.remove(path)
    print(f"{options.count - failures} of {options.count} programs agree; {deferred} readbacks were deferred, "
          f"{handed_on} more with asynchronous results")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
