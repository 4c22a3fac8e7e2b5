"""Writes upstream MLIR as text: functions, lists of tensors, ops over them."""

import contextlib
import math

# Levels of indentation that are shown: an early exit per tensor nests as deep as
# the list is long.
DEEPEST_INDENT = 12


def dims(shape):
    return "".join(f"{d}x" for d in shape)


def tensor_type(shape, dtype):
    return f"tensor<{dims(shape)}{dtype}>"


def strided_type(shape, dtype, offset):
    strides = [math.prod(shape[i + 1:]) for i in range(len(shape))]
    where = f", offset: {offset}" if offset else ""
    return f"memref<{dims(shape)}{dtype}, strided<{strides}{where}>>"


class Writer:
    """Collects the lines of one function and hands out unique value names."""

    def __init__(self):
        self.arguments = []
        self.lines = []
        self.indent = 1
        self.counts = {}

    def name(self, stem):
        index = self.counts.get(stem, 0)
        self.counts[stem] = index + 1
        return f"%{stem}_{index}" if index else f"%{stem}"

    def argument(self, name, type_):
        self.counts[name] = 1
        self.arguments.append(f"%{name}: {type_}")
        return f"%{name}"

    def emit(self, text):
        self.lines.append("  " * min(self.indent, DEEPEST_INDENT) + text)

    def let(self, stem, text):
        value = self.name(stem)
        self.emit(f"{value} = {text}")
        return value

    def constant(self, stem, literal, type_):
        return self.let(stem, f"arith.constant {literal} : {type_}")

    def op(self, stem, name, a, b, type_):
        """A binary op of arith on values of one type."""
        return self.let(stem, f"arith.{name} {a}, {b} : {type_}")

    def open(self, text):
        self.emit(text + " {")
        self.indent += 1

    def close(self, text="}"):
        self.indent -= 1
        self.emit(text)

    @contextlib.contextmanager
    def block(self, text):
        self.open(text)
        yield
        self.close()

    def choose(self, stem, condition, types, then, otherwise):
        """An scf.if with results; the two functions return what is yielded."""
        result = self.name(stem)
        many = len(types) > 1
        results = f"{result}:{len(types)}" if many else result
        text = ", ".join(types)
        self.open(f"{results} = scf.if {condition} -> ({text})")
        self.emit(f"scf.yield {', '.join(then())} : {text}")
        self.close("} else {")
        self.indent += 1
        self.emit(f"scf.yield {', '.join(otherwise())} : {text}")
        self.close()
        return [f"{result}#{i}" for i in range(len(types))] if many else [result]


class Entry:
    """One tensor: its value and, if it is of a list, the caller's buffer."""

    def __init__(self, shape, dtype, value, buffer=None, buffer_type=None):
        self.shape, self.dtype, self.value = shape, dtype, value
        self.buffer, self.buffer_type = buffer, buffer_type
        self.type = tensor_type(shape, dtype)


# --- The caller's memory ------------------------------------------------------


def add_line(w, stem, shapes, dtype):
    """Declares one flat buffer for a list; returns its name, its type and
    (offset, count, shape) of each tensor."""
    # A zero-size tensor at the end still needs an offset inside the buffer.
    total = max(1, sum(math.prod(s) for s in shapes))
    places, offset = [], 0
    for shape in shapes:
        count = math.prod(shape)
        places.append((min(offset, total - 1), count, shape))
        offset += count
    return w.argument(stem, f"memref<{total}x{dtype}>"), f"{total}x{dtype}", places


def add_buffers(w, stem, shapes, dtype, layout):
    """Declares a list as arguments; returns (shape, buffer, type) of each."""
    if layout == "separate":
        result = []
        for i, shape in enumerate(shapes):
            type_ = f"memref<{dims(shape)}{dtype}>"
            result.append((shape, w.argument(f"{stem}{i}", type_), type_))
        return result

    flat, flat_type, places = add_line(w, stem, shapes, dtype)
    result = []
    for i, (at, count, shape) in enumerate(places):
        line = [count] if shape else []  # Rank 0: the subview drops the rank.
        type_ = strided_type(line, dtype, at)
        view = w.let(f"{stem}{i}", f"memref.subview {flat}[{at}] [{count}] [1] "
                                   f": memref<{flat_type}> to {type_}")
        if len(shape) > 1:
            # At offset 0 the verifier wants the identity layout spelled plainly.
            full = (strided_type(shape, dtype, at) if at
                    else f"memref<{dims(shape)}{dtype}>")
            view = w.let(f"{stem}{i}", f"memref.expand_shape {view} "
                                       f"[{list(range(len(shape)))}] output_shape "
                                       f"{list(shape)} : {type_} into {full}")
            type_ = full
        result.append((shape, view, type_))
    return result


def load(w, stem, buffer, buffer_type, type_):
    return w.let(stem, f"bufferization.to_tensor {buffer} restrict writable "
                       f": {buffer_type} to {type_}")


def add_list(w, stem, shapes, dtype, layout):
    """Declares a list that is read."""
    return [Entry(shape, dtype,
                  load(w, f"t_{stem}", buffer, type_, tensor_type(shape, dtype)),
                  buffer, type_)
            for shape, buffer, type_ in add_buffers(w, stem, shapes, dtype, layout)]


def add_output_list(w, stem, shapes, dtype, layout):
    """Declares a list that is only written: its buffers are never read."""
    return [Entry(shape, dtype, None, buffer, type_) for shape, buffer, type_
            in add_buffers(w, stem, shapes, dtype, layout)]


def reload(w, stem, entries):
    """The list as it is in memory now, after a branch that may have written."""
    return [Entry(e.shape, e.dtype, load(w, f"t_{stem}", e.buffer, e.buffer_type, e.type),
                  e.buffer, e.buffer_type) for e in entries]


def store(w, value, entry):
    w.emit(f"bufferization.materialize_in_destination {value} in restrict writable "
           f"{entry.buffer} : ({entry.type}, {entry.buffer_type}) -> ()")


def add_state(w, name, dtype):
    """Declares a scalar that lives on the device between calls."""
    return Entry([], dtype, None, w.argument(name, f"memref<{dtype}>"),
                 f"memref<{dtype}>")


def read_state(w, state):
    """The host's copy of a state, in the host's type."""
    value = load(w, "st", state.buffer, state.buffer_type, state.type)
    return read_back(w, value, state.dtype)


def write_state(w, value, state):
    """Stores a value of the host's type."""
    cast = "trunci" if state.dtype.startswith("i") else "truncf"
    wide = host_type(state.dtype)
    if wide != state.dtype:
        value = w.let("w", f"arith.{cast} {value} : {wide} to {state.dtype}")
    value = w.let("w", f"tensor.from_elements {value} : {state.type}")
    store(w, value, state)


# --- Scalars ------------------------------------------------------------------


def host_type(dtype):
    """What a host language computes in."""
    return "i64" if dtype.startswith("i") else "f64"


def read_back(w, tensor, dtype):
    """A device scalar on the host, in the host's type."""
    read = w.let("v", f"tensor.extract {tensor}[] : tensor<{dtype}>")
    wide = host_type(dtype)
    cast = "extsi" if dtype.startswith("i") else "extf"
    return w.let("d", f"arith.{cast} {read} : {dtype} to {wide}")


def widen(w, value, dtype):
    """f32 value of a loaded element."""
    if dtype == "f32":
        return value
    return w.let("x", f"arith.extf {value} : {dtype} to f32")


def narrow(w, value, dtype):
    """The one rounding before an element is stored."""
    if dtype == "f32":
        return value
    return w.let("y", f"arith.truncf {value} : f32 to {dtype}")


# --- Ops over the elements of a tensor ----------------------------------------


def elementwise(w, inputs, outputs, body, stem="r"):
    """A linalg.generic over `inputs` whose results are shaped like `outputs`.

    `body(w, elements)` gets the loaded elements and returns the values to
    yield; the names it uses are local to the region.
    """
    rank = len(outputs[0].shape)
    axes = ", ".join(f"d{i}" for i in range(rank))
    maps = [f"affine_map<({axes}) -> ({axes})>"] * (len(inputs) + len(outputs))
    out_types = [e.type for e in outputs]
    empties = [w.let("e", f"tensor.empty() : {t}") for t in out_types]
    result = w.name(stem)
    many = len(outputs) > 1
    generic = f"{result}{f':{len(outputs)}' if many else ''} = linalg.generic "
    iterators = ", ".join(['"parallel"'] * rank)
    w.emit(f"{generic}{{indexing_maps = [{', '.join(maps)}], "
           f"iterator_types = [{iterators}]}}")
    w.emit(f"    ins({', '.join(e.value for e in inputs)} : "
           f"{', '.join(e.type for e in inputs)})")
    w.emit(f"    outs({', '.join(empties)} : {', '.join(out_types)}) {{")
    outer, w.counts = w.counts, dict(w.counts)
    elements = [w.name("in") for _ in inputs]
    blocks = [f"{n}: {e.dtype}" for n, e in zip(elements, inputs)]
    blocks += [f"{w.name('out')}: {e.dtype}" for e in outputs]
    w.emit(f"^bb0({', '.join(blocks)}):")
    w.indent += 1
    yielded = body(w, elements)
    w.emit(f"linalg.yield {', '.join(yielded)} : "
           f"{', '.join(e.dtype for e in outputs)}")
    w.indent -= 1
    w.counts = outer
    types = ", ".join(out_types)
    w.emit(f"}} -> {f'({types})' if many else types}")
    return [f"{result}#{i}" for i in range(len(outputs))] if many else [result]


def reduce(w, entry, start, dtype, body):
    """All elements of a tensor as a tensor<dtype>, from the scalar `start`.

    `body(w, element, accumulator)` returns the next accumulator.
    """
    axes = ", ".join(f"d{i}" for i in range(len(entry.shape)))
    iterators = ", ".join(['"reduction"'] * len(entry.shape))
    type_ = f"tensor<{dtype}>"
    empty = w.let("e", f"tensor.empty() : {type_}")
    first = w.let("i", f"linalg.fill ins({start} : {dtype}) outs({empty} : {type_}) "
                       f"-> {type_}")
    result = w.name("s")
    w.emit(f"{result} = linalg.generic {{indexing_maps = "
           f"[affine_map<({axes}) -> ({axes})>, affine_map<({axes}) -> ()>], "
           f"iterator_types = [{iterators}]}}")
    w.emit(f"    ins({entry.value} : {entry.type}) outs({first} : {type_}) {{")
    outer, w.counts = w.counts, dict(w.counts)
    w.emit(f"^bb0(%in: {entry.dtype}, %acc: {dtype}):")
    w.indent += 1
    w.emit(f"linalg.yield {body(w, '%in', '%acc')} : {dtype}")
    w.indent -= 1
    w.counts = outer
    w.emit(f"}} -> {type_}")
    return result
