#!/usr/bin/env python3
"""Writes the optimizer chains of real training steps as plain upstream MLIR.

The lists of tensors come from a JSON file with a `shapes` entry; the IR is what
a framework compiler would emit before any optimization: one reduction per
tensor, one readback per norm, host arithmetic, a host branch.

  w1   global norm: f64 sqrt(sum over i of f64(f32 sqrt(sum(g[i]^2)))^2), or -1
       if it is not finite
  w4   clip by norm: c = max_norm / (norm + 1e-6); if c < 1: g[i] *= c
  w5   w1, then w4 on the raw norm (the -1 is returned, never used as data)
  w7   accumulate: hp[i] += f32(lp[i]); lp[i] = 0
  w9   write back: lp[i] = round_to_nearest_even(hp[i])
  w16  AdamW, decoupled weight decay; lr and step are arguments

Arguments of the entry (named like the workload) are the lists in the order
given below, then the scalars:

  w1(g) -> f64                 w7(hp, lp)       hp is f32, lp has --dtype
  w4(g, norm, max_norm)        w9(lp, hp)       hp is f32, lp has --dtype
  w5(g, max_norm) -> f64       w16(p, m, v, g, lr, step)
"""

import argparse
import json
import math
import sys

# Hyperparameters of w16; a real program has them as literals too.
BETA1, BETA2, EPSILON, WEIGHT_DECAY = "0.9", "0.999", "1.0e-08", "0.01"
ONE_MINUS_BETA1, ONE_MINUS_BETA2 = "0.1", "0.001"


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
        self.lines.append("  " * self.indent + text)

    def let(self, stem, text):
        value = self.name(stem)
        self.emit(f"{value} = {text}")
        return value

    def constant(self, stem, literal, type_):
        return self.let(stem, f"arith.constant {literal} : {type_}")


class Entry:
    """One tensor of a list: the caller's buffer and the value read from it."""

    def __init__(self, shape, dtype, buffer, buffer_type, value):
        self.shape, self.dtype = shape, dtype
        self.buffer, self.buffer_type, self.value = buffer, buffer_type, value
        self.type = tensor_type(shape, dtype)


def add_buffers(w, stem, shapes, dtype, layout):
    """Declares a list as arguments; returns (shape, buffer, type) of each."""
    if layout == "separate":
        result = []
        for i, shape in enumerate(shapes):
            type_ = f"memref<{dims(shape)}{dtype}>"
            result.append((shape, w.argument(f"{stem}{i}", type_), type_))
        return result

    # A zero-size tensor at the end still needs an offset inside the buffer.
    total = max(1, sum(math.prod(s) for s in shapes))
    flat_type = f"memref<{total}x{dtype}>"
    flat = w.argument(stem, flat_type)
    result, offset = [], 0
    for i, shape in enumerate(shapes):
        count = math.prod(shape)
        at = min(offset, total - 1)
        line = [count] if shape else []  # Rank 0: the subview drops the rank.
        type_ = strided_type(line, dtype, at)
        view = w.let(f"{stem}{i}", f"memref.subview {flat}[{at}] [{count}] [1] "
                                   f": {flat_type} to {type_}")
        if len(shape) > 1:
            # At offset 0 the verifier wants the identity layout spelled plainly.
            full = (strided_type(shape, dtype, at) if at
                    else f"memref<{dims(shape)}{dtype}>")
            view = w.let(f"{stem}{i}", f"memref.expand_shape {view} "
                                       f"[{list(range(len(shape)))}] output_shape "
                                       f"{list(shape)} : {type_} into {full}")
            type_ = full
        result.append((shape, view, type_))
        offset += count
    return result


def add_list(w, stem, shapes, dtype, layout):
    entries = []
    for shape, buffer, type_ in add_buffers(w, stem, shapes, dtype, layout):
        value = w.let(f"t_{stem}", f"bufferization.to_tensor {buffer} restrict writable "
                                   f": {type_} to {tensor_type(shape, dtype)}")
        entries.append(Entry(shape, dtype, buffer, type_, value))
    return entries


def store(w, value, entry):
    w.emit(f"bufferization.materialize_in_destination {value} in restrict writable "
           f"{entry.buffer} : ({entry.type}, {entry.buffer_type}) -> ()")


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


def sum_of_squares(w, entry):
    """f32 sum(f32(g)^2) as a tensor<f32>."""
    rank = len(entry.shape)
    axes = ", ".join(f"d{i}" for i in range(rank))
    iterators = ", ".join(['"reduction"'] * rank)
    empty = w.let("e", "tensor.empty() : tensor<f32>")
    start = w.let("i", f"linalg.fill ins(%zero : f32) outs({empty} : tensor<f32>) "
                       "-> tensor<f32>")
    result = w.name("s")
    w.emit(f"{result} = linalg.generic {{indexing_maps = "
           f"[affine_map<({axes}) -> ({axes})>, affine_map<({axes}) -> ()>], "
           f"iterator_types = [{iterators}]}}")
    w.emit(f"    ins({entry.value} : {entry.type}) outs({start} : tensor<f32>) {{")
    outer, w.counts = w.counts, dict(w.counts)
    w.emit(f"^bb0(%in: {entry.dtype}, %acc: f32):")
    w.indent += 1
    x = widen(w, "%in", entry.dtype)
    square = w.let("m", f"arith.mulf {x}, {x} : f32")
    total = w.let("a", f"arith.addf %acc, {square} : f32")
    w.emit(f"linalg.yield {total} : f32")
    w.indent -= 1
    w.counts = outer
    w.emit("} -> tensor<f32>")
    return result


def global_norm(w, grads):
    """(raw norm, norm or -1), both f64 on the host."""
    w.constant("zero", "0.0", "f32")
    total = w.constant("zero64", "0.0", "f64")
    for entry in grads:
        root = w.let("n", f"math.sqrt {sum_of_squares(w, entry)} : tensor<f32>")
        read = w.let("v", f"tensor.extract {root}[] : tensor<f32>")
        wide = w.let("d", f"arith.extf {read} : f32 to f64")
        square = w.let("q", f"arith.mulf {wide}, {wide} : f64")
        total = w.let("total", f"arith.addf {total}, {square} : f64")
    norm = w.let("norm", f"math.sqrt {total} : f64")
    finite = w.let("finite", f"math.isfinite {norm} : f64")
    sentinel = w.constant("sentinel", "-1.0", "f64")
    return norm, w.let("result", f"arith.select {finite}, {norm}, {sentinel} : f64")


def clip(w, grads, norm, max_norm):
    """c = max_norm / (norm + 1e-6) in f64; if c < 1: g[i] *= f32(c)."""
    epsilon = w.constant("epsilon", "1.0e-06", "f64")
    divisor = w.let("divisor", f"arith.addf {norm}, {epsilon} : f64")
    c = w.let("c", f"arith.divf {max_norm}, {divisor} : f64")
    one = w.constant("one", "1.0", "f64")
    clips = w.let("clips", f"arith.cmpf olt, {c}, {one} : f64")
    w.emit(f"scf.if {clips} {{")
    w.indent += 1
    factor = w.let("factor", f"arith.truncf {c} : f64 to f32")

    def scale(w, elements):
        x = widen(w, elements[0], grads[0].dtype)
        y = w.let("m", f"arith.mulf {x}, {factor} : f32")
        return [narrow(w, y, grads[0].dtype)]

    for entry in grads:
        store(w, elementwise(w, [entry], [entry], scale)[0], entry)
    w.indent -= 1
    w.emit("}")


def w1(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    return global_norm(w, grads)[1]


def w4(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    norm = w.argument("norm", "tensor<f32>")
    max_norm = w.argument("max_norm", "f64")
    read = w.let("v", f"tensor.extract {norm}[] : tensor<f32>")
    clip(w, grads, w.let("d", f"arith.extf {read} : f32 to f64"), max_norm)


def w5(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    max_norm = w.argument("max_norm", "f64")
    raw, returned = global_norm(w, grads)
    clip(w, grads, raw, max_norm)
    return returned


def w7(w, shapes, dtype, layout):
    high = add_list(w, "hp", shapes, "f32", layout)
    low = add_list(w, "lp", shapes, dtype, layout)
    zero = w.constant("zero", "0.0", dtype)

    def add(w, elements):
        x = widen(w, elements[1], dtype)
        return [w.let("a", f"arith.addf {elements[0]}, {x} : f32")]

    for hp, lp in zip(high, low):
        store(w, elementwise(w, [hp, lp], [hp], add)[0], hp)
        empty = w.let("e", f"tensor.empty() : {lp.type}")
        store(w, w.let("z", f"linalg.fill ins({zero} : {dtype}) outs({empty} : "
                            f"{lp.type}) -> {lp.type}"), lp)


def w9(w, shapes, dtype, layout):
    # The low-precision list is only written: its buffers are never read.
    low = [Entry(shape, dtype, buffer, type_, None) for shape, buffer, type_
           in add_buffers(w, "lp", shapes, dtype, layout)]
    high = add_list(w, "hp", shapes, "f32", layout)
    for lp, hp in zip(low, high):
        store(w, elementwise(w, [hp], [lp],
                             lambda w, e: [narrow(w, e[0], dtype)])[0], lp)


def w16(w, shapes, dtype, layout):
    lists = [add_list(w, stem, shapes, dtype, layout) for stem in "pmvg"]
    rate = w.argument("lr", "f32")
    step = w.argument("step", "f32")

    def correction(stem, beta):  # 1 - beta^step, in f64 on the host
        power = w.let("power", f"math.powf {w.constant(stem, beta, 'f64')}, "
                               f"{wide_step} : f64")
        value = w.let("bc", f"arith.subf {one}, {power} : f64")
        return w.let("bc", f"arith.truncf {value} : f64 to f32")

    one = w.constant("one", "1.0", "f64")
    wide_step = w.let("step64", f"arith.extf {step} : f32 to f64")
    bc1 = correction("beta1_64", BETA1)
    bc2 = correction("beta2_64", BETA2)
    beta1 = w.constant("beta1", BETA1, "f32")
    beta2 = w.constant("beta2", BETA2, "f32")
    rest1 = w.constant("rest1", ONE_MINUS_BETA1, "f32")
    rest2 = w.constant("rest2", ONE_MINUS_BETA2, "f32")
    epsilon = w.constant("epsilon", EPSILON, "f32")
    decay = w.constant("decay", WEIGHT_DECAY, "f32")

    def update(w, elements):
        def op(stem, name, a, b):
            return w.let(stem, f"arith.{name} {a}, {b} : f32")

        p, m, v, g = (widen(w, e, dtype) for e in elements)
        m = op("m", "addf", op("a", "mulf", beta1, m), op("a", "mulf", rest1, g))
        square = op("a", "mulf", op("a", "mulf", rest2, g), g)
        v = op("v", "addf", op("a", "mulf", beta2, v), square)
        root = w.let("a", f"math.sqrt {op('a', 'divf', v, bc2)} : f32")
        u = op("u", "divf", op("a", "divf", m, bc1), op("a", "addf", root, epsilon))
        u = op("u", "addf", u, op("a", "mulf", decay, p))
        p = op("p", "subf", p, op("a", "mulf", rate, u))
        return [narrow(w, value, dtype) for value in (p, m, v)]

    for entries in zip(*lists):
        results = elementwise(w, entries, entries[:3], update)
        for value, entry in zip(results, entries):
            store(w, value, entry)


WORKLOADS = {"w1": w1, "w4": w4, "w5": w5, "w7": w7, "w9": w9, "w16": w16}


def generate(workload, name, shapes, dtype, layout):
    """The module as one string; the same arguments give the same string."""
    w = Writer()
    w.indent = 2
    result = WORKLOADS[workload](w, shapes, dtype, layout)
    returns = " -> f64" if result else ""
    lines = [f"// {workload} on {name}: {len(shapes)} tensors, {dtype}, {layout}.",
             "module {",
             f"  func.func @{workload}({', '.join(w.arguments)}){returns} {{"]
    lines += w.lines
    lines += [f"    return {result} : f64" if result else "    return", "  }", "}"]
    return "\n".join(lines) + "\n"


def read_shapes(path):
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except (OSError, ValueError) as error:
        sys.exit(f"error: cannot read shapes: {error}")
    shapes = data.get("shapes") if isinstance(data, dict) else None
    if not isinstance(shapes, list) or not all(
            isinstance(s, list) and all(type(d) is int and d >= 0 for d in s)
            for s in shapes):
        sys.exit(f"error: {path}: expected a 'shapes' list of lists of sizes")
    return str(data.get("name", "shapes")), shapes


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", required=True, choices=list(WORKLOADS))
    parser.add_argument("--shapes", required=True, metavar="FILE.json")
    parser.add_argument("--dtype", default="f32", choices=["f32", "bf16", "f16"])
    parser.add_argument("--layout", default="separate", choices=["separate", "flat"])
    parser.add_argument("--max-tensors", type=int, metavar="N",
                        help="keep the first N tensors (0: an empty list)")
    parser.add_argument("-o", "--output", default="-", metavar="FILE")
    args = parser.parse_args()
    if args.max_tensors is not None and args.max_tensors < 0:
        parser.error("--max-tensors must not be negative")

    name, shapes = read_shapes(args.shapes)
    if args.max_tensors is not None:
        shapes = shapes[:args.max_tensors]
    text = generate(args.workload, name, shapes, args.dtype, args.layout)
    if args.output == "-":
        sys.stdout.write(text)
        return
    try:
        with open(args.output, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        sys.exit(f"error: cannot write the module: {error}")


if __name__ == "__main__":
    main()
