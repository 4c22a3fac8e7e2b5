"""What is measured: workloads on lists of tensors, and who computes them.

A case is WORKLOAD/LIST/DTYPE/LAYOUT, a row CASE/CONTESTANT. Only the standard
library is used here.
"""

import dataclasses
import math

# Contestants besides ours, in the order of the table's columns.
HAND = {"w5": ["hand-graph", "hand-coop", "hand-chip"], "w7": ["hand-graph"],
        "w16": ["hand-graph"]}
PEERS = ["captured", "foreach", "foreach-captured"]
FUSED = ["fused", "fused-capturable", "fused-captured"]  # Of AdamW.
SLOW_PEERS = ["compile", "compile-reduce", "jax"]
# Against which "every workload at least twice as fast" counts.
GENERAL_PEERS = ["foreach", "compile", "compile-reduce", "jax"]
QUICK_LISTS = ["moe_tiny_512x", "lora_r16_llama7b_qkvo", "gpt2_small"]
QUICK_WORKLOADS = ["w1", "w5-always", "w7", "w9", "w16"]
BYTES = {"f32": 4, "bf16": 2, "f16": 2}


@dataclasses.dataclass(frozen=True)
class Workload:
    """One program of tools/scripts/generate_workload.py and how it is called.

    `lists` are (name, type or None for the case's) in the order of its arguments;
    `state` are device scalars and `scalars` host scalars with their values, by the
    names of the arguments. `tenth` are scalars that every tenth call has, the first
    one among them. `written` are the lists that a call changes. The values keep the
    magnitudes of the data over any number of calls, and a call that does nothing is
    noticed."""
    program: str
    lists: tuple
    written: tuple = ()
    state: tuple = ()
    scalars: tuple = ()
    tenth: tuple = ()
    returns: bool = False
    dtypes: tuple = ("f32", "bf16")


G = (("g", None),)
PMVG = (("p", None), ("m", None), ("v", None), ("g", None))
STEP = (("lr", 0.0625), ("step", 3.0))
NEVER = 1e9  # A limit above any norm.
# A limit of -1 always clips: c < 1, and the factor has magnitude 1 from the second
# call on.
WORKLOADS = {
    "w1": Workload("w1", G, returns=True),
    "w3": Workload("w3", G, returns=True),
    "w4": Workload("w4", G, ("g",), (("norm", 1.0),), (("max_norm", -1.0),)),
    "w5-always": Workload("w5", G, ("g",), (), (("max_norm", -1.0),), returns=True),
    "w5-never": Workload("w5", G, (), (), (("max_norm", NEVER),), returns=True),
    "w5-tenth": Workload("w5", G, ("g",), (), (("max_norm", NEVER),),
                         (("max_norm", -1.0),), True),
    "w7": Workload("w7", (("hp", "f32"), ("lp", None)), ("hp", "lp")),
    "w9": Workload("w9", (("lp", None), ("hp", "f32")), ("lp",)),
    "w11": Workload("w11", G, returns=True),
    "w12": Workload("w12", G, ("g",), (("norm", 1.0),),
                    (("scale", -1.0), ("max_norm", 1.0))),
    "w14": Workload("w14", (("lp", None), ("p", "f32"), ("m", "f32"), ("v", "f32"),
                            ("g", None)), ("lp", "p", "m", "v", "g"),
                    (("scale", -1.0), ("hysteresis", 2), ("last_overflow", -1),
                     ("iteration", 0)),
                    (("delayed_shift", 2), ("consecutive", False), ("window", 1 << 30),
                     ("min_scale", 1.0), ("max_norm", 0.0)) + STEP,
                    returns=True, dtypes=("f16",)),
    "w15": Workload("w15", (("lp", None), ("p", "f32"), ("m", "f32"), ("v", "f32"),
                            ("g", "f32")), ("lp", "p", "m", "v", "g"),
                    (("norm", 0.0),), (("max_norm", -1.0),) + STEP),
    "w16": Workload("w16", PMVG, ("p", "m", "v"), (), STEP),
    "w17": Workload("w17", PMVG, ("p", "m", "v"), (), (("lr", 0.0625),)),
}


@dataclasses.dataclass(frozen=True)
class Case:
    workload: str
    list_name: str
    dtype: str
    layout: str  # "separate" allocations, or views of one "flat" buffer.

    @property
    def name(self):
        return f"{self.workload}/{self.list_name}/{self.dtype}/{self.layout}"

    @property
    def spec(self):
        return WORKLOADS[self.workload]

    @property
    def lists(self):
        """(name, data type) of the lists."""
        return [(name, dtype or self.dtype) for name, dtype in self.spec.lists]

    @property
    def is_mixed(self):
        return len({dtype for _, dtype in self.lists}) > 1


@dataclasses.dataclass(frozen=True)
class Row:
    case: Case
    contestant: str

    @property
    def name(self):
        return f"{self.case.name}/{self.contestant}"

    @property
    def family(self):
        """Rows of different families are measured by different processes."""
        return "jax" if self.contestant == "jax" else "torch"


def count_elements(shapes):
    return sum(math.prod(shape) for shape in shapes)


def count_bytes(case, elements, l2_bytes, chip_bytes):
    """Bytes that a call must move between memory and chip at least: what it reads
    and writes once; what a second pass reads once more, less what is still on the
    chip. Nothing of a list that fits in `chip_bytes` (L2 cache and shared memory) is
    read twice; of others the L2 cache keeps `l2_bytes`."""
    size = {name: elements * BYTES[dtype] for name, dtype in case.lists}

    def again(amount, working_set):
        return 0 if working_set <= chip_bytes else max(0, amount - l2_bytes)

    everything = sum(size.values())
    workload = case.workload
    if workload in ("w1", "w3", "w11", "w5-never"):
        return size["g"]
    if workload in ("w4", "w12"):
        return 2 * size["g"]
    clipped = 2 * size["g"] + again(size["g"], size["g"]) if "g" in size else 0
    if workload == "w5-always":
        return clipped
    if workload == "w5-tenth":
        return (clipped + 9 * size["g"]) / 10
    if workload in ("w7", "w9"):
        return everything + (size["hp"] + size["lp"] if workload == "w7" else 0)
    moments = 2 * (size["p"] + size["m"] + size["v"])
    if workload == "w16":
        return moments + size["g"]
    if workload == "w17":
        return moments + size["g"] + again(moments / 2, everything)
    # w14 and w15: a norm of g, then g is read and written with the update.
    return clipped + moments + size["lp"]


def contestants_of(workload, layout, ours):
    """Names of who computes a workload. Where a list lies changes nothing for the
    others, so they compete on separate tensors only."""
    if layout == "flat":
        return list(ours)
    program = WORKLOADS[workload].program
    fused = FUSED if program == "w16" else []
    return [*ours, *HAND.get(program, []), *PEERS, *fused, *SLOW_PEERS]


def all_rows(lists, ours):
    """Every row: those of slow contestants after all others, small lists first.
    `lists` are shapes by name."""
    cases = [Case(workload, name, dtype, layout)
             for name in sorted(lists, key=lambda name: count_elements(lists[name]))
             for workload, spec in WORKLOADS.items() for dtype in spec.dtypes
             for layout in ("separate", "flat")]
    rows = [Row(case, contestant) for case in cases
            for contestant in contestants_of(case.workload, case.layout, ours)]
    return sorted(rows, key=lambda row: SLOW_PEERS.index(row.contestant) + 1
                  if row.contestant in SLOW_PEERS else 0)


def is_quick(row):
    """Whether a row belongs to the choice of a few minutes."""
    return (row.case.list_name in QUICK_LISTS and row.case.layout == "separate"
            and row.case.workload in QUICK_WORKLOADS
            and row.contestant not in SLOW_PEERS)
