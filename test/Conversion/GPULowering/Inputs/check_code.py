#!/usr/bin/env python3
"""Compiles the workloads of the generator and looks at the machine code.

  check_code.py --graph-opt FILE --ptxas FILE --generator FILE --shapes DIR

Fails if a kernel for sm_90 has local memory, a stack frame or spills of more
than 16 bytes, or does not read tensors by 16 bytes and write them by 16, or 8 where they
are narrower than what is read, on a list of edge cases and on that of a real model, in f32 and bf16; and if a workload on the edge cases
can not be assembled for one of the chips.
"""

import argparse
import concurrent.futures
import itertools
import os
import re
import subprocess
import sys
import tempfile

import print_ptx

WORKLOADS = ["w1", "w4", "w5", "w7", "w9", "w16"]
LISTS = ["edge", "gpt2_small"]
TYPES = ["f32", "bf16"]
CHIPS = ["sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120"]
# ptxas says these for each function. A few bytes are what it may cost that the
# registers are bounded for one wave of blocks.
MEMORY = re.compile(r"(\d+) bytes (stack frame|spill stores|spill loads)")
# Accesses of 16 bytes. Tables of constants are read by ld.global.nc; `.cs` is of
# maps that stream.
WIDE = {"ld": re.compile(r"\bld\.global\.(v4\.b32|v2\.b64)\b"),
        "st": re.compile(r"\bst\.global\.(cs\.)?(v4\.b32|v2\.b64)\b"),
        "narrow st": re.compile(r"\bst\.global\.(cs\.)?(v2\.b32|b64)\b")}
MOST_BYTES = 16
LOCAL = re.compile(r"\.local\b")
# Kernels of one warp run scalar programs, which have no lists to read.
WARP = ".maxntid 32"
# It makes a number only.
WRITES_NO_LISTS = ["w1"]


class Failure(Exception):
    """What went wrong with one case."""


def run(command, text=None):
    result = subprocess.run(command, input=text, capture_output=True, text=True,
                            check=False)
    if result.returncode != 0:
        raise Failure(f"{os.path.basename(command[0])} failed: {result.stderr[:2000]}")
    return result


def compile_workload(options, workload, shapes, dtype, **pipeline):
    """The program in state runtime, as text."""
    source = run([sys.executable, options.generator, "--workload", workload,
                  "--shapes", os.path.join(options.shapes, shapes + ".json"),
                  "--dtype", dtype]).stdout
    settings = " ".join(f"{key}={value}" for key, value in pipeline.items())
    return run([options.graph_opt, f"--graph-opt-pipeline=device=cuda {settings}"],
               source).stdout


def check_accesses(workload, dtype, ptx):
    """Looks at the accesses to memory of each kernel in `ptx`."""
    # What is before the first kernel declares symbols.
    kernels = ptx.split(".entry ")[1:]
    on_lists = [kernel for kernel in kernels if WARP not in kernel]
    if not on_lists:
        raise Failure("no kernel works on lists")
    for kernel in kernels:
        name = kernel.split("(")[0]
        if LOCAL.search(kernel):
            raise Failure(f"{name} uses local memory")
        if kernel in on_lists and not WIDE["ld"].search(kernel):
            raise Failure(f"{name} has no loads of 16 bytes")
    # w9 writes what it reads in fewer bits.
    kind = "narrow st" if (workload, dtype) == ("w9", "bf16") else "st"
    stores = any(WIDE[kind].search(kernel) for kernel in on_lists)
    if stores == (workload in WRITES_NO_LISTS):
        raise Failure(f"{'some' if stores else 'no'} kernel has a wide {kind}")


def check_memory(options, workload, shapes, dtype):
    """Assembles for sm_90 and reads what ptxas says of each kernel."""
    program = compile_workload(options, workload, shapes, dtype, format="isa",
                               chip="sm_90")
    codes = print_ptx.find_ptx(program)
    if not codes:
        raise Failure("the program holds no PTX")
    for ptx in codes:
        check_accesses(workload, dtype, ptx)
        with tempfile.NamedTemporaryFile("w", suffix=".ptx") as file:
            file.write(ptx)
            file.flush()
            log = run([options.ptxas, "-v", "-O3", "-arch", "sm_90", "-o", os.devnull,
                       file.name]).stderr
        used = MEMORY.findall(log)
        # Three numbers for each kernel.
        if len(used) != 3 * ptx.count(".entry"):
            raise Failure(f"ptxas does not speak of each kernel: {log[:2000]}")
        bad = sorted({f"{bytes} bytes {what}" for bytes, what in used
                      if int(bytes) > MOST_BYTES})
        if bad:
            raise Failure(", ".join(bad))


def check_chip(options, workload, chip):
    program = compile_workload(options, workload, "edge", "f32", format="bin",
                               chip=chip)
    if '.image("\\7FELF' not in program:
        raise Failure("the program holds no machine code")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for option in ("--graph-opt", "--ptxas", "--generator", "--shapes"):
        parser.add_argument(option, required=True)
    options = parser.parse_args()
    cases = [(check_memory, case)
             for case in itertools.product(WORKLOADS, LISTS, TYPES)]
    cases += [(check_chip, case) for case in itertools.product(WORKLOADS, CHIPS)]

    def attempt(case):
        check, arguments = case
        try:
            check(options, *arguments)
        except Failure as failure:
            return f"{check.__name__} {' '.join(arguments)}: {failure}"
        return None

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failures = [text for text in pool.map(attempt, cases) if text]
    for text in failures:
        print(text)
    print(f"{len(cases) - len(failures)} of {len(cases)} cases are as they should be")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
