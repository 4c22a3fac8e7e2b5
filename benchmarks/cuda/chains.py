"""Programs of different kinds and sizes, as text, for cost_model.py."""

import math

F32_BYTES = 4


def tensor(shape):
    return "tensor<" + "".join(f"{d}x" for d in shape) + "f32>"


def memref(shape):
    return "memref<" + "".join(f"{d}x" for d in shape) + "f32>"


class Program:
    """One function whose arguments are buffers of f32, all of ones."""

    def __init__(self):
        self.shapes, self.lines, self.count, self.depth = [], [], 0, 1
        self.attributes = ""  # Of the function.

    def emit(self, text):
        self.lines.append("  " * self.depth + text)

    def let(self, text):
        self.count += 1
        self.emit(f"%v{self.count} = {text}")
        return f"%v{self.count}"

    def buffer(self, shape):
        """A buffer; returns its name."""
        self.shapes.append(shape)
        return f"%m{len(self.shapes) - 1}"

    def read(self, buffer, shape):
        return self.let(f"bufferization.to_tensor {buffer} restrict writable : "
                        f"{memref(shape)} to {tensor(shape)}")

    def write(self, value, buffer, shape):
        self.emit(f"bufferization.materialize_in_destination {value} in restrict "
                  f"writable {buffer} : ({tensor(shape)}, {memref(shape)}) -> ()")

    def empty(self, shape):
        return self.let(f"tensor.empty() : {tensor(shape)}")

    def splat(self, number, shape):
        return self.let(f"arith.constant dense<{number:.6e}> : {tensor(shape)}")

    def op(self, name, *values, shape):
        return self.let(f"{name} {', '.join(values)} : {tensor(shape)}")

    def scale(self, value, scalar, shape):
        """`value` times a host scalar."""
        factor = self.let(f"tensor.splat {scalar} : {tensor(shape)}")
        return self.op("arith.mulf", value, factor, shape=shape)

    def fill(self, number, shape):
        zero = self.let(f"arith.constant {number:.6e} : f32")
        return self.let(f"linalg.fill ins({zero} : f32) outs({self.empty(shape)} : "
                        f"{tensor(shape)}) -> {tensor(shape)}")

    def reduce(self, value, shape, dimensions, combiner="arith.addf", initial=0.0):
        kept = [d for i, d in enumerate(shape) if i not in dimensions]
        start = self.fill(initial, kept)
        return self.let(f"linalg.reduce {{ {combiner} }} ins({value} : {tensor(shape)}) "
                        f"outs({start} : {tensor(kept)}) dimensions = {list(dimensions)}")

    def sum_of_squares(self, value, shape):
        square = self.op("arith.mulf", value, value, shape=shape)
        return self.reduce(square, shape, range(len(shape)))

    def transpose(self, value, shape):
        turned = shape[::-1]
        return self.let(f"linalg.transpose ins({value} : {tensor(shape)}) "
                        f"outs({self.empty(turned)} : {tensor(turned)}) permutation = [1, 0]")

    def broadcast(self, value, shape, dimension):
        kept = [d for i, d in enumerate(shape) if i != dimension]
        return self.let(f"linalg.broadcast ins({value} : {tensor(kept)}) "
                        f"outs({self.empty(shape)} : {tensor(shape)}) dimensions = [{dimension}]")

    def text(self):
        arguments = ", ".join(f"%m{i}: {memref(shape)}" for i, shape in enumerate(self.shapes))
        body = "\n".join(self.lines)
        return f"func.func @chain({arguments}){self.attributes} {{\n{body}\n  return\n}}\n"

    def num_bytes(self):
        return sum(F32_BYTES * math.prod(shape) for shape in self.shapes)


# --- Kinds --------------------------------------------------------------------


def elementwise(count, ops):
    """A chain of elementwise ops on one tensor: one map."""
    p = Program()
    buffer = p.buffer([count])
    value, factor = p.read(buffer, [count]), p.splat(0.999, [count])
    for i in range(ops):
        value = p.op(("arith.mulf", "arith.addf")[i % 2], value, factor, shape=[count])
    p.write(value, buffer, [count])
    return p


def functions(count):
    """Elementwise functions that take many instructions."""
    p = Program()
    buffer = p.buffer([count])
    value = p.read(buffer, [count])
    for name in ("math.sqrt", "math.exp", "math.tanh", "math.log1p"):
        value = p.op(name, value, shape=[count])
    p.write(value, buffer, [count])
    return p


def tensor_list(tensors, count):
    """The same work on many tensors: one map over the list."""
    p = Program()
    for _ in range(tensors):
        buffer = p.buffer([count])
        value = p.read(buffer, [count])
        value = p.op("arith.mulf", value, p.splat(0.999, [count]), shape=[count])
        p.write(value, buffer, [count])
    return p


def update(tensors, count):
    """An optimizer's step: momentum and parameters from gradients."""
    p = Program()
    for _ in range(tensors):
        g, m, w = (p.buffer([count]) for _ in range(3))
        grad, moment, weight = (p.read(b, [count]) for b in (g, m, w))
        kept = p.op("arith.mulf", moment, p.splat(0.9, [count]), shape=[count])
        new = p.op("arith.addf", kept, grad, shape=[count])
        step = p.op("arith.mulf", new, p.splat(1e-3, [count]), shape=[count])
        p.write(new, m, [count])
        p.write(p.op("arith.subf", weight, step, shape=[count]), w, [count])
    return p


def reduction(tensors, count):
    """The sum of squares of each tensor of a list."""
    p = Program()
    for _ in range(tensors):
        value = p.read(p.buffer([count]), [count])
        p.write(p.sum_of_squares(value, [count]), p.buffer([]), [])
    return p


def clip(tensors, count, branch=None):
    """Norms, their sum on the host, and a host branch around a scaling."""
    p = Program()
    buffers = [p.buffer([count]) for _ in range(tensors)]
    values = [p.read(b, [count]) for b in buffers]
    total = p.let("arith.constant 0.0 : f64")
    for value in values:
        norm = p.let(f"tensor.extract {p.sum_of_squares(value, [count])}[] : tensor<f32>")
        wide = p.let(f"arith.extf {norm} : f32 to f64")
        total = p.let(f"arith.addf {total}, {wide} : f64")
    one = p.let("arith.constant 1.0e-9 : f64")
    clips = p.let(f"arith.cmpf ogt, {total}, {one} : f64")
    root = p.let(f"math.sqrt {total} : f64")
    narrow = p.let(f"arith.truncf {root} : f64 to f32")
    limit = p.let("arith.constant 1.0 : f32")
    factor = p.let(f"arith.divf {limit}, {narrow} : f32")
    p.emit(f"scf.if {clips} {{")
    p.depth += 1
    for buffer, value in zip(buffers, values):
        p.write(p.scale(value, factor, [count]), buffer, [count])
    p.depth -= 1
    p.emit("}" + (f' {{graphopt.branch = "{branch}"}}' if branch else ""))
    return p


def alternate(rounds, count):
    """Reductions and maps that need one another in turn."""
    p = Program()
    buffer = p.buffer([count])
    value = p.read(buffer, [count])
    for _ in range(rounds):
        total = p.let(f"tensor.extract {p.sum_of_squares(value, [count])}[] : tensor<f32>")
        root = p.let(f"math.sqrt {total} : f32")
        one = p.let("arith.constant 1.0 : f32")
        more = p.let(f"arith.addf {root}, {one} : f32")
        value = p.scale(value, p.let(f"arith.divf {one}, {more} : f32"), [count])
    p.write(value, buffer, [count])
    return p


def independent(kinds, count, shape=None):
    """Maps with different bodies on different tensors; `shape` asks for edges."""
    names = ("math.absf", "math.floor", "math.ceil", "arith.negf", "math.sqrt", "math.exp2",
             "math.round", "math.trunc")
    p = Program()
    if shape:
        p.attributes = f' attributes {{graphopt.shape = "{shape}"}}'
    for i in range(kinds):
        size = [count + 64 * i]
        buffer = p.buffer(size)
        p.write(p.op(names[i % len(names)], p.read(buffer, size), shape=size), buffer, size)
    return p


def transposes(rows, columns, times):
    """Transpositions, and maps between them: a node each."""
    p = Program()
    shape = [rows, columns]
    value = p.read(p.buffer(shape), shape)
    for i in range(times):
        if i:
            value = p.op("arith.mulf", value, p.splat(0.999, shape), shape=shape)
        value = p.transpose(value, shape)
        shape = shape[::-1]
    p.write(value, p.buffer(shape), shape)
    return p


def row_sums(rows, columns):
    p = Program()
    value = p.read(p.buffer([rows, columns]), [rows, columns])
    p.write(p.reduce(value, [rows, columns], [1]), p.buffer([rows]), [rows])
    return p


def column_sums(rows, columns):
    p = Program()
    value = p.read(p.buffer([rows, columns]), [rows, columns])
    p.write(p.reduce(value, [rows, columns], [0]), p.buffer([columns]), [columns])
    return p


def add_bias(rows, columns):
    """A row broadcast over a matrix, and a sum."""
    p = Program()
    matrix = p.buffer([rows, columns])
    value = p.read(matrix, [rows, columns])
    bias = p.broadcast(p.read(p.buffer([columns]), [columns]), [rows, columns], 0)
    p.write(p.op("arith.addf", value, bias, shape=[rows, columns]), matrix, [rows, columns])
    return p


def softmax(rows, columns):
    """Row maximum, difference, exponential, row sum, quotient."""
    p = Program()
    shape = [rows, columns]
    buffer = p.buffer(shape)
    value = p.read(buffer, shape)
    most = p.reduce(value, shape, [1], "arith.maximumf", -1e30)
    value = p.op("arith.subf", value, p.broadcast(most, shape, 1), shape=shape)
    value = p.op("math.exp", value, shape=shape)
    total = p.reduce(value, shape, [1])
    value = p.op("arith.divf", value, p.broadcast(total, shape, 1), shape=shape)
    p.write(value, buffer, shape)
    return p


def matmul(size):
    p = Program()
    shape = [size, size]
    a, b = (p.read(p.buffer(shape), shape) for _ in range(2))
    product = p.let(f"linalg.matmul ins({a}, {b} : {tensor(shape)}, {tensor(shape)}) "
                    f"outs({p.fill(0.0, shape)} : {tensor(shape)}) -> {tensor(shape)}")
    p.write(product, p.buffer(shape), shape)
    return p


def device_loop(count, turns):
    """A loop that doubles a tensor of ones until its maximum is above a limit."""
    p = Program()
    shape = [count]
    start = p.read(p.buffer(shape), shape)
    limit = p.let(f"arith.constant {0.75 * 2 ** turns:.6e} : f32")
    p.emit(f"%last = scf.while (%now = {start}) : ({tensor(shape)}) -> {tensor(shape)} {{")
    p.depth += 1
    most = p.let(f"tensor.extract {p.reduce('%now', shape, [0], 'arith.maximumf', -1e30)}[] "
                 ": tensor<f32>")
    goes_on = p.let(f"arith.cmpf olt, {most}, {limit} : f32")
    p.emit(f"scf.condition({goes_on}) %now : {tensor(shape)}")
    p.depth -= 1
    p.emit("} do {")
    p.depth += 1
    p.emit(f"^bb0(%old: {tensor(shape)}):")
    p.emit(f"scf.yield {p.op('arith.addf', '%old', '%old', shape=shape)} : {tensor(shape)}")
    p.depth -= 1
    p.emit("}")
    p.write("%last", p.buffer(shape), shape)
    return p


KINDS = {f.__name__: f for f in (
    elementwise, functions, tensor_list, update, reduction, clip, alternate, independent,
    transposes, row_sums, column_sums, add_bias, softmax, matmul,
    device_loop)}

# Kind and arguments, 1 KB to 500 MB.
CHAINS = [
    ("elementwise", 256, 4), ("elementwise", 65536, 16), ("elementwise", 1 << 20, 8),
    ("elementwise", 1 << 22, 64), ("elementwise", 1 << 24, 8), ("elementwise", 125_000_000, 2),
    ("functions", 4096), ("functions", 1 << 20), ("functions", 1 << 24),
    ("tensor_list", 16, 1024), ("tensor_list", 400, 1024), ("tensor_list", 256, 65536),
    ("tensor_list", 64, 1 << 20),
    ("update", 4, 4096), ("update", 64, 65536), ("update", 8, 1 << 22),
    ("reduction", 1, 1024), ("reduction", 16, 65536), ("reduction", 1, 1 << 22),
    ("reduction", 1, 1 << 26),
    ("clip", 1, 1024), ("clip", 16, 4096), ("clip", 128, 4096), ("clip", 256, 65536),
    ("clip", 16, 1 << 22), ("clip", 4, 4096, "conditional"), ("clip", 64, 65536, "conditional"),
    ("alternate", 2, 4096), ("alternate", 8, 65536), ("alternate", 32, 4096),
    ("alternate", 4, 1 << 22),
    ("independent", 2, 1024), ("independent", 8, 4096), ("independent", 8, 1 << 20),
    ("independent", 8, 4096, "wide"), ("independent", 8, 4096, "chain"),
    ("independent", 8, 1 << 20, "wide"), ("independent", 8, 1 << 20, "chain"),
    ("transposes", 64, 64, 1), ("transposes", 64, 64, 8), ("transposes", 64, 64, 32),
    ("transposes", 32, 32, 128), ("transposes", 4096, 4096, 1), ("transposes", 2048, 1024, 6),
    ("row_sums", 1024, 64), ("row_sums", 4096, 1024), ("row_sums", 65536, 256),
    ("column_sums", 64, 4096), ("column_sums", 1024, 65536),
    ("add_bias", 64, 1024), ("add_bias", 4096, 4096),
    ("softmax", 256, 128), ("softmax", 4096, 512),
    ("matmul", 64), ("matmul", 256), ("matmul", 1024),
    ("device_loop", 1024, 4), ("device_loop", 1 << 20, 12),
]

# The same kinds where they take no time.
TINY_CHAINS = [
    ("elementwise", 64, 3), ("functions", 32), ("tensor_list", 3, 16), ("update", 2, 16),
    ("reduction", 2, 64), ("clip", 2, 16), ("clip", 2, 16, "conditional"), ("alternate", 2, 32),
    ("independent", 3, 16), ("transposes", 4, 8, 3), ("row_sums", 4, 8), ("column_sums", 4, 8),
    ("add_bias", 4, 8), ("softmax", 4, 8), ("matmul", 4),
    ("device_loop", 8, 3),
]


def make(chain):
    """The program of an entry of one of the lists."""
    kind, *arguments = chain
    return KINDS[kind](*arguments)


def name_of(chain):
    return " ".join(str(part) for part in chain)
