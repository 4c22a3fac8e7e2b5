"""What random programs are made of: types, names in scope, and text."""

import random

FLOATS = ("f32", "f64", "bf16", "f16")
INTS = ("i32", "i64", "i8", "i16")
# Types of host scalars.
SCALARS = FLOATS + INTS + ("i1", "index")
WIDTHS = {"f16": 16, "bf16": 16, "f32": 32, "f64": 64, "i1": 1, "i8": 8,
          "i16": 16, "i32": 32, "i64": 64, "index": 64}
ONES = ((), (1,), (1, 1), (1, 1, 1))
SHAPES = ONES + ((7,), (64,), (3, 5), (4, 1, 6), (130,), (0,), (2, 0))


def tensor(shape, elt):
    return "tensor<" + "".join(f"{n}x" for n in shape) + elt + ">"


def size_of(shape):
    size = 1
    for extent in shape:
        size *= extent
    return size


class Buffer:
    """A memref value with the shape and element type of its tensors."""

    def __init__(self, name, shape, elt, layout=""):
        self.name, self.shape, self.elt = name, tuple(shape), elt
        dims = "".join(f"{n}x" for n in shape)
        self.type = f"memref<{dims}{elt}{layout}>"
        self.tensor = tensor(shape, elt)


class Text:
    """Writes ops and keeps what is in scope. All choices come from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines, self.indent, self.counter = [], 1, 0
        # Values in scope: (name, type) of host scalars and
        # (name, shape, element type) of tensors.
        self.scalars, self.tensors = [], []
        self.buffers, self.lists, self.arguments = [], [], []
        # Values of arguments that are host scalars, by number.
        self.given = {}
        # Whether two buffers in scope may share memory.
        self.has_overlaps = False
        # Sums of floats add small integers only: the results must agree bit by
        # bit, and nothing that is compared depends on an order of additions.
        self.is_exact = self.chance(0.75)

    def emit(self, text):
        self.lines.append("  " * self.indent + text)

    def name(self):
        self.counter += 1
        return f"%v{self.counter}"

    def value(self, text):
        name = self.name()
        self.emit(f"{name} = {text}")
        return name

    def choose(self, items):
        return self.random.choice(items)

    def chance(self, probability):
        return self.random.random() < probability

    def index(self, number):
        return self.value(f"arith.constant {number} : index")

    def add_scalar(self, name, elt):
        self.scalars.append((name, elt))
        return name

    def scope(self):
        return list(self.scalars), list(self.tensors)

    def open(self):
        """Begins a region; `close` with the result ends it."""
        self.indent += 1
        return self.scope()

    def close(self, scope):
        self.scalars, self.tensors = scope
        self.indent -= 1
