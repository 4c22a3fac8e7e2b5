#!/usr/bin/env python3
"""Builds and runs stress.cpp on the programs of stress.mlir.

  run_stress.py [--device cuda|host] [--chip sm_90] [--prefix FOLDER] [--sanitizer TOOL]
                [--keep FOLDER] [--programs FILE] [-- STRESS_OPTION ...]

--prefix is a build tree, an installation or an unpacked bundle: bin/graph-compile,
lib/libgraphopt_runtime.so and include/ (or the source tree's). With --sanitizer
the program runs under compute-sanitizer's tool of that name. It needs a C++
compiler. Exits with the status of the run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", "..", ".."))
INPUTS = os.path.join(HERE, "Inputs")
sys.path.insert(0, os.path.join(ROOT, "tools", "scripts"))
import toolbox  # noqa: E402  pylint: disable=wrong-import-position


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["cuda", "host"], default="cuda")
    parser.add_argument("--chip", default="sm_90", help="of the GPU")
    parser.add_argument("--prefix", default=toolbox.default_prefix())
    parser.add_argument("--sanitizer", help="a tool of compute-sanitizer, such as memcheck")
    parser.add_argument("--keep", help="where to build (default: a folder that is removed)")
    parser.add_argument("--programs", default=os.path.join(INPUTS, "stress.mlir"))
    parser.add_argument("options", nargs="*", help="of the stress program")
    options = parser.parse_args()

    compiler = toolbox.find_program(["c++", "g++", "clang++", "clang++-22"])
    if not compiler:
        sys.exit("error: there is no C++ compiler")
    folder = options.keep or tempfile.mkdtemp()
    try:
        os.makedirs(folder, exist_ok=True)
        toolbox.compile_program(options.prefix, options.programs,
                                os.path.join(folder, "stress"), options.device,
                                options.chip, linker=compiler)
        library = os.path.join(options.prefix, "lib")
        program = os.path.join(folder, "run")
        toolbox.run([compiler, "-std=c++17", "-O2", os.path.join(INPUTS, "stress.cpp"),
                     f"-I{toolbox.include_folder(options.prefix)}", f"-L{library}",
                     "-lgraphopt_runtime", f"-Wl,-rpath,{library}", "-ldl", "-pthread",
                     "-o", program])
        command = [program, os.path.join(folder, "stress.so"), *options.options]
        if options.sanitizer:
            command = ["compute-sanitizer", "--tool", options.sanitizer, "--error-exitcode", "1", *command]
        return subprocess.run(command).returncode
    finally:
        if not options.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
