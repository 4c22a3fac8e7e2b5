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

# Per workload: the data types of its lists (None: the case's), the list that
# gets the NaN, whether it returns a value, and by variant the scalar arguments
# that follow the lists.
WORKLOADS = {
    "w1": ([None], 0, True, {"plain": []}),
    "w4": ([None], 0, False, {"clips": [1, 0.99], "keeps": [1, 2],
                          "nan-norm": ["nan", 1]}),
    "w5": ([None], 0, True, {"clips": [1], "flips": [-1], "keeps": [1e9]}),
    "w7": (["f32", None], 1, False, {"plain": []}),
    "w9": ([None, "f32"], 1, False, {"plain": []}),
    "w16": ([None] * 4, 3, False, {"plain": [0.001, 3]}),
}
# The list of second moments of w16 must not be negative.
CONSTANT_LISTS = {("w16", 2): 0.25}
BYTES = {"f32": 4, "bf16": 2}


class Case:
    def __init__(self, workload, list_name, shapes, dtype, layout, variant, repeat,
                 generator):
        self.workload, self.shapes, self.dtype = workload, shapes, dtype
        self.layout, self.variant, self.repeat = layout, variant, repeat
        self.list_name, self.generator = list_name, generator
        self.name = "/".join([workload, list_name, dtype, layout, variant])
        kinds, self.special_list, self.has_result, self.scalars = WORKLOADS[workload]
        self.dtypes = [kind or dtype for kind in kinds]

    def memory(self):
        """Bytes of host memory that graph-run takes, roughly: arguments, those
        of the reference, a copy on the way, and the compiler."""
        elements = sum(math.prod(shape) for shape in self.shapes)
        lists = elements * sum(BYTES[dtype] for dtype in self.dtypes)
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
        for (workload, number), value in CONSTANT_LISTS.items():
            if workload == self.workload:
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


def variants_of(workload, layout, elements):
    """The variants of a workload on a list of so many elements."""
    result = list(WORKLOADS[workload][3])
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
            for dtype in BYTES:
                for layout in ("separate", "flat"):
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
