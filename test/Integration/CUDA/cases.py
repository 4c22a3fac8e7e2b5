"""The cases of run_gpu_tests.py: what is run, on which data, how often."""

import json
import math
import os
import sys

import npyfile

# Lists of at most so many elements are small: many calls, all variants.
SMALL = 2_000_000
MEDIUM = 30_000_000
QUICK = {"edge", "moe_tiny_512x", "empty"}

# What follows the lists of w13 and w14: scale, hysteresis, last overflow, iteration.
STATE = [4, 2, -1, 0]
# Per workload: the data types of its lists (None: the case's), the list that
# gets the NaN, whether it returns a value, and by variant the scalar arguments
# that follow the lists.
WORKLOADS = {
    "w1": ([None], 0, True, {"plain": []}),
    "w2": ([None], 0, False, {"plain": []}),
    "w3": ([None], 0, True, {"plain": []}),
    "w4": ([None], 0, False, {"clips": [1, 0.99], "keeps": [1, 2],
                          "nan-norm": ["nan", 1]}),
    "w5": ([None], 0, True, {"clips": [1], "flips": [-1], "keeps": [1e9]}),
    "w7": (["f32", None], 1, False, {"plain": []}),
    "w8": ([None], 0, False, {"plain": []}),
    "w9": ([None, "f32"], 1, False, {"plain": []}),
    "w10": ([None], 0, True, {"plain": [], "huge": []}),
    "w11": ([None], 0, True, {"plain": [], "huge": []}),
    # norm, scale, max_norm
    "w12": ([None], 0, False, {"clips": [2, 1, 1.9], "keeps": [1, 2, 100],
                           "no-limit": [1, 0.5, 0], "nan-norm": ["nan", 2, 1]}),
    # state, count, delayed shift, consecutive, window, min_scale
    "w13": ([], None, False, {
        "grows": [*STATE, 0, 2, 0, 3, 1],
        "consecutive": [1, 1, 0, 7, 0, 2, 1, 1, 1],
        "shrinks": [1e6, 2, 0, 7, 1, 1, 0, 3, 0.75],
        "hysteresis": [1e6, 3, 0, 7, 5, 2, 0, 3, 0.75],
        "nan-count": [1e6, 1, 0, 7, "nan", 2, 1, 3, 0.75]}),
    # state, delayed shift, consecutive, window, min_scale, max_norm, lr, step
    "w14": ([None, "f32", "f32", "f32", None], 4, True, {
        "clips": [*STATE, 2, 0, 1000, 1, 1, 0.001, 3],
        "grows": [*STATE, 2, 1, 1, 1, 0, 0.001, 3]}),
    # norm, max_norm, lr, step
    "w15": ([None, "f32", "f32", "f32", "f32"], 4, False, {
        "clips": [0, 1, 0.001, 3], "keeps": [0, 1e9, 0.001, 3]}),
    "w16": ([None] * 4, 3, False, {"plain": [0.001, 3]}),
    "w17": ([None] * 4, 3, False, {
        "plain": [0.001], "lowest": [0.001], "highest": [0.001],
        "zero-weights": [0.001], "zero-update": [0.001]}),
    "w26": ([None], 0, False, {"plain": []}),
    "w26_insert": ([None], 0, False, {"plain": []}),
    "w26_back": ([None], 0, False, {"plain": []}),
}
# Lists of one value, in one variant or (None) in all: second moments must not be
# negative; finite elements whose sum is not; what makes w17 take its branches.
CONSTANT_LISTS = {
    ("w10", "huge"): {0: 3e38}, ("w11", "huge"): {0: 3e38},
    ("w14", None): {3: 0.25}, ("w15", None): {3: 0.25}, ("w16", None): {2: 0.25},
    ("w17", None): {2: 0.25},
    ("w17", "lowest"): {0: 1e-3}, ("w17", "highest"): {1: 0, 3: 0},
    ("w17", "zero-weights"): {0: 0},
    ("w17", "zero-update"): {0: 1e-22, 1: 0, 3: 0},
}
# Workloads with one more buffer, as long as a list, after their lists.
WITH_BUCKET = {"w26", "w26_insert", "w26_back"}
BYTES = {"f32": 4, "bf16": 2, "f16": 2}
DTYPES = {"w14": ["f16"]}  # Of the others: f32 and bf16.


class Case:
    def __init__(self, workload, list_name, shapes, dtype, layout, variant, repeat,
                 generator):
        self.workload, self.dtype = workload, dtype
        self.shapes = shapes
        self.layout, self.variant, self.repeat = layout, variant, repeat
        self.list_name, self.generator = list_name, generator
        self.name = "/".join([workload, list_name, dtype, layout, variant])
        kinds, self.special_list, self.has_result, self.scalars = WORKLOADS[workload]
        self.dtypes = [kind or dtype for kind in kinds]
        self.readbacks = int(self.has_result)

    def memory(self):
        """Bytes of host memory that graph-run takes, roughly: arguments, those
        of the reference, a copy on the way, and the compiler."""
        elements = sum(math.prod(shape) for shape in self.shapes)
        lists = elements * sum(BYTES[dtype] for dtype in self.dtypes)
        if self.workload in WITH_BUCKET:
            lists += elements * BYTES[self.dtype]
        return 3 * lists + len(self.shapes) * 400_000 + 400_000_000

    def write_program(self, path):
        text = self.generator.generate(self.workload, self.list_name, self.shapes,
                                       self.dtype, self.layout)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def arguments(self, directory):
        """(index, value) of the arguments that are not drawn at random; writes
        the files among them."""
        per_list = len(self.shapes) if self.layout == "separate" else 1
        result = []
        for variant in (None, self.variant):
            constants = CONSTANT_LISTS.get((self.workload, variant), {})
            for number, value in constants.items():
                first = number * per_list
                result += [(first + i, value) for i in range(per_list)]
        if self.variant in ("nan", "inf"):
            index, shape = self.last_array(self.special_list * per_list)
            path = os.path.join(directory, "special.npy")
            npyfile.write(path, self.dtypes[self.special_list], shape,
                          float(self.variant))
            result.append((index, path))
        first = per_list * len(self.dtypes)
        default = next(iter(self.scalars.values()))
        scalars = self.scalars.get(self.variant, default)
        return result + [(first + i, value) for i, value in enumerate(scalars)]

    def last_array(self, first):
        """Index and shape of the argument that holds the list's last element."""
        if self.layout == "flat":
            return first, [max(1, sum(math.prod(shape) for shape in self.shapes))]
        last = max(i for i, shape in enumerate(self.shapes) if math.prod(shape))
        return first + last, self.shapes[last]


def kinds_of(workload, shapes):
    """The pairs (data type, layout) in which a workload runs on a list."""
    if not WORKLOADS[workload][0]:  # Without lists one program is all there is.
        return [] if shapes else [("f32", "separate")]
    return [(dtype, layout) for dtype in DTYPES.get(workload, ["f32", "bf16"])
            for layout in ("separate", "flat")]


def variants_of(workload, layout, elements):
    """The variants of a workload on a list of so many elements."""
    lists, _, _, variants = WORKLOADS[workload]
    result = list(variants)
    if not lists:
        return result + ["stream", "same-bytes"]
    if elements:
        result += [name for name in ("nan", "inf") if name not in result]
    if elements <= SMALL and layout == "separate":
        result.append("stream")
    if 0 < elements <= MEDIUM:
        result.append("same-bytes")
    return result


def read_lists(root, quick):
    """(name, shapes) of the lists, the empty one first."""
    folder = os.path.join(root, "examples", "shapes")
    lists = [("empty", [])]
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            data = json.load(file)
        lists.append((data["name"], data["shapes"]))
    return [item for item in lists if not quick or item[0] in QUICK]


def all_cases(root, quick, repeat):
    """Every case; `repeat`, if given, is the number of calls of each."""
    sys.path.insert(0, os.path.join(root, "tools", "scripts"))
    import generate_workload  # pylint: disable=import-outside-toplevel
    result = []
    for name, shapes in read_lists(root, quick):
        elements = sum(math.prod(shape) for shape in shapes)
        calls = repeat or (100 if elements <= SMALL else 3)
        for workload in WORKLOADS:
            for dtype, layout in kinds_of(workload, shapes):
                for variant in variants_of(workload, layout, elements):
                    result.append(Case(workload, name, shapes, dtype, layout,
                                       variant, calls, generate_workload))
    return result


def read_stats(output):
    """The counters that graph-run printed as JSON, or None."""
    for line in output.splitlines():
        if line.startswith("{"):
            return json.loads(line)
    return None
