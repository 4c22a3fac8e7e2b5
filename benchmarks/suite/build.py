"""Compiles what rows need: our programs by graph-compile, the hand-written kernels
by nvcc. Results are kept in a folder and used again."""

import concurrent.futures
import hashlib
import os
import re

import generate_workload
import toolbox

HERE = os.path.dirname(os.path.abspath(__file__))
HAND_SOURCES = ["norm_clip.cu", "elementwise.cu"]
COMPILE_LIMIT = 600  # Seconds.


def is_newer(path, sources):
    """Whether a file exists and was made after all its sources."""
    return os.path.exists(path) and \
        os.path.getmtime(path) > max(map(os.path.getmtime, filter(os.path.exists, sources)),
                                     default=0)


class Builder:
    """`ours` are further options of the pipeline, by contestant."""

    def __init__(self, args, lists, ours):
        self.args, self.lists, self.ours = args, lists, ours
        self.folder = os.path.join(args.build or args.out, "programs")
        os.makedirs(self.folder, exist_ok=True)
        self.failures = {}  # By library, why it can not be made.

    def libraries(self, row):
        """Paths, without .so, of what a row of ours calls: see ours.Ours."""
        options = self.ours.get(row.contestant)
        if options is None:
            return []
        variants = [options]
        if row.case.spec.returns:
            variants.append(f"{options} async-results=true".strip())
        return [self.library(row.case, variant) for variant in variants]

    def library(self, case, options):
        # Variants of a workload are calls of one program.
        key = "_".join([case.spec.program, case.list_name, case.dtype, case.layout])
        digest = hashlib.sha256(
            f"{self.args.prefix} {self.args.device} {self.args.chip} {options}"
            .encode()).hexdigest()[:8]
        return os.path.join(self.folder, re.sub(r"\W", "_", f"{key}_{digest}"))

    def compile(self, case, options):
        output = self.library(case, options)
        compiler = os.path.join(self.args.prefix, "bin", "graph-compile")
        if is_newer(output + ".so", [compiler]):
            return
        text = generate_workload.generate(case.spec.program, case.list_name,
                                          self.lists[case.list_name], case.dtype,
                                          case.layout)
        source = output + ".mlir"
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        runtime = os.path.join(os.path.abspath(self.args.prefix), "lib")
        try:
            toolbox.call_graph_compile(
                self.args.prefix, source, output, self.args.device, self.args.chip,
                options, rpath=runtime, limit=COMPILE_LIMIT)
        except toolbox.CommandFailed as error:
            self.failures[output] = error.reason
        finally:
            os.remove(source)

    def compile_hand(self):
        """The library of hand-written kernels; a failure is that of its rows."""
        output = self.hand()
        sources = [os.path.join(HERE, "hand", name) for name in HAND_SOURCES]
        if is_newer(output, sources + [os.path.join(HERE, "hand", "hand.h")]):
            return
        home = os.environ.get("CUDA_HOME", "/usr/local/cuda")
        nvcc = toolbox.find_program(["nvcc"], [os.path.join(home, "bin")])
        try:
            toolbox.call([nvcc or "nvcc", f"-arch={self.args.chip}", "-O3", "-std=c++17",
                          "-shared", "-Xcompiler=-fPIC", "-o", output, *sources],
                         limit=COMPILE_LIMIT)
        except toolbox.CommandFailed as error:
            self.failures[output] = error.reason

    def hand(self):
        return os.path.join(self.folder, "libhand.so")

    def compile_all(self, rows):
        """Compiles for all rows at once; the rows that this fails for have a reason
        in reason_of."""
        jobs = {}
        for row in rows:
            options = self.ours.get(row.contestant)
            for number, library in enumerate(self.libraries(row)):
                variant = options if number == 0 else f"{options} async-results=true"
                jobs[library] = (row.case, variant.strip())
        with concurrent.futures.ThreadPoolExecutor(self.args.jobs) as pool:
            futures = [pool.submit(self.compile, *job) for job in jobs.values()]
            if any(row.contestant.startswith("hand-") for row in rows):
                futures.append(pool.submit(self.compile_hand))
            for future in futures:
                future.result()
        return len(jobs)

    def reason_of(self, row):
        """Why a row has nothing to run, or None."""
        needed = self.libraries(row)
        if row.contestant.startswith("hand-"):
            needed = [self.hand()]
        return next((self.failures[path] for path in needed if path in self.failures),
                    None)
