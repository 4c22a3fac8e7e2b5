#!/usr/bin/env python3
"""Runs random programs of upstream dialects and compares them with the reference.

Each seed gives one function: readbacks, host arithmetic, branches, loops, lists
of tensors, in-place updates, swaps, fills and views of one flat buffer, in
several element types. `--keep DIR` keeps the programs that fail.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile

FLOATS = ("f32", "f64", "bf16", "f16")
INTS = ("i32", "i64", "i8")
SHAPES = ((), (1,), (7,), (64,), (3, 5), (1, 1), (4, 1, 6), (130,), (0,), (2, 0))


def tensor(shape, elt):
    return "tensor<" + "".join(f"{n}x" for n in shape) + elt + ">"


class Buffer:
    """A memref value with the shape and element type of its tensors."""

    def __init__(self, name, shape, elt, layout=""):
        self.name, self.shape, self.elt = name, tuple(shape), elt
        dims = "".join(f"{n}x" for n in shape)
        self.type = f"memref<{dims}{elt}{layout}>"
        self.tensor = tensor(shape, elt)


class Program:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines, self.indent, self.counter = [], 1, 0
        # Values in scope: (name, type) of host scalars and
        # (name, shape, element type) of tensors.
        self.scalars, self.tensors = [], []
        self.buffers, self.lists, self.arguments = [], [], []
        # No sums of floats: the results must agree bit by bit.
        self.is_exact = self.chance(0.5)

    # -- Text ------------------------------------------------------------------

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

    # -- Scalars ---------------------------------------------------------------

    def literal(self, elt):
        if elt == "i1":
            return self.choose(("true", "false"))
        if elt in FLOATS:
            # Exact in every type.
            return repr(self.random.randint(-24, 24) / 8 + 0.0625)
        return str(self.random.randint(-5, 5))

    def constant(self, elt):
        typed = "" if elt == "i1" else f" : {elt}"
        return self.value(f"arith.constant {self.literal(elt)}{typed}")

    def scalar(self, elt):
        """A host scalar of a type, from what there is if possible."""
        same = [name for name, type in self.scalars if type == elt]
        if same and self.chance(0.75):
            return self.choose(same)
        floats = [(n, t) for n, t in self.scalars if t in FLOATS]
        if elt in FLOATS and floats and self.chance(0.6):
            return self.convert(*self.choose(floats), elt)
        return self.constant(elt)

    def convert(self, name, source, target):
        widths = {"f16": 16, "bf16": 16, "f32": 32, "f64": 64}
        if source == target:
            return name
        if widths[source] == widths[target]:
            name, source = self.value(f"arith.extf {name} : {source} to f32"), "f32"
        op = "extf" if widths[source] < widths[target] else "truncf"
        return self.value(f"arith.{op} {name} : {source} to {target}")

    def add_scalar(self, name, elt):
        self.scalars.append((name, elt))
        return name

    def expression(self, operands, elt):
        """Arithmetic on scalars of one type, on the host or in a body."""
        a, b = self.choose(operands), self.choose(operands)
        if elt == "i1":
            op = self.choose(("andi", "ori", "xori"))
        elif elt in INTS:
            op = self.choose(("addi", "subi", "muli", "andi", "xori", "maxsi",
                              "minsi", "minui", "select"))
        else:
            op = self.choose(("addf", "subf", "mulf", "maximumf", "minimumf",
                              "maxnumf", "negf", "absf", "sqrt", "select"))
        if op == "select":
            compare = "cmpf olt" if elt in FLOATS else "cmpi slt"
            c = self.value(f"arith.{compare}, {a}, {b} : {elt}")
            other = self.choose(operands)
            return self.value(f"arith.select {c}, {other}, {a} : {elt}")
        if op == "negf":
            return self.value(f"arith.negf {a} : {elt}")
        if op in ("absf", "sqrt"):
            a = self.value(f"math.absf {a} : {elt}")
            return a if op == "absf" else self.value(f"math.sqrt {a} : {elt}")
        return self.value(f"arith.{op} {a}, {b} : {elt}")

    def host_arithmetic(self):
        elt = self.choose(("f32", "f64", "f64", "i32"))
        operands = [self.scalar(elt) for _ in range(3)]
        for _ in range(self.random.randint(1, 3)):
            operands.append(self.expression(operands, elt))
        self.add_scalar(operands[-1], elt)

    def condition(self):
        elt = self.choose(("f32", "f64"))
        predicate = self.choose(("olt", "ogt", "uge", "une"))
        return self.value(f"arith.cmpf {predicate}, {self.scalar(elt)}, "
                          f"{self.constant(elt)} : {elt}")

    # -- Tensors ---------------------------------------------------------------

    def map(self, rank, results=None):
        dims = ", ".join(f"d{i}" for i in range(rank))
        results = dims if results is None else results
        return f"affine_map<({dims}) -> ({results})>"

    def read(self, buffer):
        restrict = self.choose(("restrict writable", "restrict writable", "restrict"))
        name = self.value(f"bufferization.to_tensor {buffer.name} {restrict} : "
                          f"{buffer.type} to {buffer.tensor}")
        self.tensors.append((name, buffer.shape, buffer.elt))
        return name

    def operand(self, shape, elt):
        """A tensor of a type: known, in a buffer, or made of a scalar."""
        known = [t[0] for t in self.tensors if t[1:] == (shape, elt)]
        if known and self.chance(0.6):
            return self.choose(known)
        held = [b for b in self.buffers if (b.shape, b.elt) == (shape, elt)]
        if held:
            return self.read(self.choose(held))
        if known:
            return self.choose(known)
        return self.made(shape, elt)

    def made(self, shape, elt):
        type, scalar = tensor(shape, elt), self.scalar(elt)
        if self.chance(0.5):
            return self.value(f"tensor.splat {scalar} : {type}")
        if shape == () and self.chance(0.5):
            return self.value(f"tensor.from_elements {scalar} : {type}")
        empty = self.value(f"tensor.empty() : {type}")
        return self.value(f"linalg.fill ins({scalar} : {elt}) "
                          f"outs({empty} : {type}) -> {type}")

    def write(self, name, buffer):
        self.emit(f"bufferization.materialize_in_destination {name} in restrict "
                  f"writable {buffer.name} : ({buffer.tensor}, {buffer.type}) -> ()")

    def elementwise(self, shape, elt, recipe=None):
        """One elementwise op; `recipe` seeds the choices, so that the tensors of
        a list can get the same body."""
        outer = self.random
        self.random = random.Random(recipe) if recipe is not None else outer
        style = self.random.random()
        inputs = self.random.randint(1, 2)
        body_seed = self.random.random()
        self.random = outer
        type, operands = tensor(shape, elt), []
        for _ in range(inputs):
            operands.append(self.operand(shape, elt))
        capture = self.scalar(elt) if style < 0.5 else None
        device = self.device_scalar(elt) if 0.5 <= style < 0.65 else None
        if style > 0.85 and elt != "i1":
            ops = ("addi", "subi", "muli") if elt in INTS else ("addf", "mulf", "subf")
            result = self.value(f"arith.{random.Random(body_seed).choice(ops)} "
                                f"{operands[0]}, {operands[-1]} : {type}")
            self.tensors.append((result, shape, elt))
            return result
        rank = len(shape)
        maps = [self.map(rank)] * inputs + [self.map(rank, "")] * bool(device)
        types = [type] * inputs + [tensor((), elt)] * bool(device)
        values = operands + ([device] if device else [])
        init = (self.value(f"tensor.empty() : {type}") if self.chance(0.7)
                else operands[0])
        result = self.name()
        iterators = ", ".join(['"parallel"'] * rank)
        self.emit(f"{result} = linalg.generic {{indexing_maps = "
                  f"[{', '.join(maps + [self.map(rank)])}], "
                  f"iterator_types = [{iterators}]}} ins({', '.join(values)} : "
                  f"{', '.join(types)}) outs({init} : {type}) {{")
        arguments = [self.name() for _ in range(len(values) + 1)]
        self.emit(f"^bb0({', '.join(f'{a}: {elt}' for a in arguments)}):")
        self.indent += 1
        self.random = random.Random(body_seed)
        inside = arguments[:-1] + ([capture] if capture else [])
        for _ in range(self.random.randint(1, 4)):
            inside.append(self.expression(inside, elt))
        self.random = outer
        self.emit(f"linalg.yield {inside[-1]} : {elt}")
        self.indent -= 1
        self.emit(f"}} -> {type}")
        self.tensors.append((result, shape, elt))
        return result

    def device_scalar(self, elt):
        known = [t[0] for t in self.tensors if t[1:] == ((), elt)]
        return self.choose(known) if known else self.made((), elt)

    def reduction(self, name, shape, elt):
        """All elements of a tensor to one: a norm, a sum or an extremum."""
        kinds = ("norm", "sum", "max", "min")
        kind = self.choose(kinds[2:] if self.is_exact and elt in FLOATS else kinds)
        out = elt if elt in INTS or kind in ("max", "min") or elt == "f64" else "f32"
        combiner = {"norm": "addf", "sum": "addf", "max": "maximumf", "min": "minimumf"}[kind]
        if elt in INTS:
            combiner = {"addf": "addi", "maximumf": "maxsi", "minimumf": "minsi"}[combiner]
        zero = self.value(f"arith.constant {'0' if elt in INTS else '0.0'} : {out}")
        scalar = tensor((), out)
        empty = self.value(f"tensor.empty() : {scalar}")
        init = self.value(f"linalg.fill ins({zero} : {out}) outs({empty} : {scalar})"
                          f" -> {scalar}")
        rank, result = len(shape), self.name()
        iterators = ", ".join(['"reduction"'] * rank)
        self.emit(f"{result} = linalg.generic {{indexing_maps = [{self.map(rank)}, "
                  f"{self.map(rank, '')}], iterator_types = [{iterators}]}} "
                  f"ins({name} : {tensor(shape, elt)}) outs({init} : {scalar}) {{")
        x, acc = self.name(), self.name()
        self.emit(f"^bb0({x}: {elt}, {acc}: {out}):")
        self.indent += 1
        if out != elt:
            x = self.value(f"arith.extf {x} : {elt} to {out}")
        if kind == "norm":
            x = self.value(f"arith.{'muli' if elt in INTS else 'mulf'} {x}, {x} : {out}")
        total = self.value(f"arith.{combiner} {acc}, {x} : {out}")
        self.emit(f"linalg.yield {total} : {out}")
        self.indent -= 1
        self.emit(f"}} -> {scalar}")
        if kind == "norm" and elt in FLOATS:
            result = self.value(f"math.sqrt {result} : {scalar}")
        self.tensors.append((result, (), out))
        return result, out

    def readback(self, name, elt):
        return self.add_scalar(self.value(f"tensor.extract {name}[] : {tensor((), elt)}"), elt)

    # -- Statements ------------------------------------------------------------

    def of_buffer(self):
        buffer = self.choose(self.buffers)
        self.write(self.elementwise(buffer.shape, buffer.elt), buffer)

    def of_value(self):
        buffer = self.choose(self.buffers)
        self.elementwise(buffer.shape, buffer.elt)

    def measure(self):
        held = [b for b in self.buffers if b.elt != "i1"]
        if held:
            buffer = self.choose(held)
            result, elt = self.reduction(self.operand(buffer.shape, buffer.elt),
                                         buffer.shape, buffer.elt)
            if self.chance(0.8):
                self.readback(result, elt)

    def fill(self):
        buffer = self.choose(self.buffers)
        self.write(self.made(buffer.shape, buffer.elt), buffer)

    def swap(self):
        first = self.choose(self.buffers)
        others = [b for b in self.buffers if b.tensor == first.tensor]
        second = self.choose(others)
        a, b = self.read(first), self.read(second)
        self.write(b, first)
        if self.chance(0.7):
            self.write(a, second)

    def update_list(self):
        """The same update of each tensor of a list."""
        recipe = self.random.random()
        scale = None
        for buffer in self.choose(self.lists):
            scalars = self.scalars
            if scale is None and self.scalars:
                scale = self.choose(self.scalars)
            self.scalars = [scale] if scale else []
            self.write(self.elementwise(buffer.shape, buffer.elt, recipe), buffer)
            self.scalars = scalars

    def norm_of_list(self):
        """Norms read back one by one and summed on the host in f64."""
        buffers = [b for b in self.choose(self.lists) if b.elt in FLOATS]
        total = self.value("arith.constant 0.0 : f64")
        for buffer in buffers:
            state = self.random.getstate()
            result, elt = self.reduction(self.operand(buffer.shape, buffer.elt),
                                         buffer.shape, buffer.elt)
            host = self.convert(self.readback(result, elt), elt, "f64")
            if self.chance(0.5):
                self.random.setstate(state)
            square = self.value(f"arith.mulf {host}, {host} : f64")
            total = self.value(f"arith.addf {total}, {square} : f64")
        self.add_scalar(self.value(f"math.sqrt {total} : f64"), "f64")

    def block(self, depth):
        """Statements of a nested region; what they define ends with it."""
        scalars, tensors = list(self.scalars), list(self.tensors)
        self.indent += 1
        for _ in range(self.random.randint(1, 3)):
            self.statement(depth + 1)
        return scalars, tensors

    def close(self, scope):
        self.scalars, self.tensors = scope
        self.indent -= 1

    def branch(self, depth):
        condition = self.condition()
        if self.chance(0.6):
            self.emit(f"scf.if {condition} {{")
            self.close(self.block(depth))
            if self.chance(0.3):
                self.emit("} else {")
                self.close(self.block(depth))
            self.emit("}")
            return
        result = self.name()
        self.emit(f"{result} = scf.if {condition} -> f32 {{")
        for text in ("} else {", "}"):
            scope = self.block(depth)
            self.emit(f"scf.yield {self.scalar('f32')} : f32")
            self.close(scope)
            self.emit(text)
        self.add_scalar(result, "f32")

    def loop(self, depth):
        low, high, step = (self.value(f"arith.constant {n} : index")
                           for n in (0, self.random.randint(0, 3), 1))
        init, result = self.scalar("f32"), self.name()
        index, carried = self.name(), self.name()
        self.emit(f"{result} = scf.for {index} = {low} to {high} step {step} "
                  f"iter_args({carried} = {init}) -> f32 {{")
        self.scalars.append((carried, "f32"))
        scope = self.block(depth)
        scope[0].remove((carried, "f32"))
        self.emit(f"scf.yield {self.scalar('f32')} : f32")
        self.close(scope)
        self.emit("}")
        self.add_scalar(result, "f32")

    def reshape(self):
        buffer = self.choose(self.buffers)
        if len(buffer.shape) < 2:
            return
        name = self.operand(buffer.shape, buffer.elt)
        size = 1
        for extent in buffer.shape:
            size *= extent
        group = ", ".join(str(i) for i in range(len(buffer.shape)))
        flat = tensor((size,), buffer.elt)
        flattened = self.value(f"tensor.collapse_shape {name} [[{group}]] : "
                               f"{buffer.tensor} into {flat}")
        self.tensors.append((flattened, (size,), buffer.elt))
        changed = self.elementwise((size,), buffer.elt)
        back = self.value(f"tensor.expand_shape {changed} [[{group}]] output_shape "
                          f"{list(buffer.shape)} : {flat} into {buffer.tensor}")
        self.write(back, buffer)

    def slice(self):
        buffer = self.choose(self.buffers)
        if len(buffer.shape) != 1 or buffer.shape[0] < 4:
            return
        size = self.random.randint(1, buffer.shape[0] - 1)
        low = self.random.randint(0, buffer.shape[0] - size)
        whole, part = self.operand(buffer.shape, buffer.elt), tensor((size,), buffer.elt)
        window = f"[{low}] [{size}] [1]"
        name = self.value(f"tensor.extract_slice {whole}{window} : "
                          f"{buffer.tensor} to {part}")
        self.tensors.append((name, (size,), buffer.elt))
        changed = self.elementwise((size,), buffer.elt)
        self.write(self.value(f"tensor.insert_slice {changed} into {whole}{window} : "
                              f"{part} into {buffer.tensor}"), buffer)

    def convert_tensor(self):
        """Copies a buffer to one of another type, rounding once."""
        pairs = [(a, b) for a in self.buffers for b in self.buffers
                 if a.shape == b.shape and (a.elt, b.elt) in
                 (("f32", "bf16"), ("f32", "f16"), ("bf16", "f32"), ("f16", "f32"),
                  ("f64", "f32"), ("f32", "f64"))]
        if pairs:
            source, target = self.choose(pairs)
            op = "extf" if target.elt in ("f32", "f64") and source.elt != "f64" else "truncf"
            name = self.operand(source.shape, source.elt)
            self.write(self.value(f"arith.{op} {name} : {source.tensor} to "
                                  f"{target.tensor}"), target)

    def statement(self, depth=0):
        kinds = [self.of_buffer, self.of_buffer, self.of_value, self.measure,
                 self.measure, self.fill, self.swap, self.host_arithmetic,
                 self.reshape, self.slice, self.convert_tensor]
        if depth < 2:
            kinds += [lambda: self.branch(depth)] * 2 + [lambda: self.loop(depth)]
        if self.lists:
            kinds += [self.update_list, self.norm_of_list]
        self.choose(kinds)()

    # -- The whole -------------------------------------------------------------

    def argument(self, shape, elt):
        buffer = Buffer(f"%a{len(self.arguments)}", shape, elt)
        self.arguments.append(f"{buffer.name}: {buffer.type}")
        return buffer

    def make_flat_list(self):
        """Views of one buffer, disjoint, at offsets of any alignment."""
        elt = self.choose(FLOATS)
        sizes = [self.random.randint(1, 40) for _ in range(self.random.randint(1, 8))]
        flat = self.argument((sum(sizes),), elt)
        views, offset = [], 0
        for size in sizes:
            layout = f", strided<[1], offset: {offset}>" if offset else ", strided<[1]>"
            view = Buffer(self.name(), (size,), elt, layout)
            self.emit(f"{view.name} = memref.subview {flat.name}[{offset}] [{size}] "
                      f"[1] : {flat.type} to {view.type}")
            views.append(view)
            offset += size
        if self.chance(0.3):
            self.buffers.append(flat)
        return views

    def generate(self):
        elts = [self.choose(FLOATS + INTS + ("i1",)) for _ in range(2)] + ["f32"]
        shapes = [self.choose(SHAPES) for _ in range(3)]
        for _ in range(self.random.randint(2, 5)):
            self.buffers.append(self.argument(self.choose(shapes), self.choose(elts)))
        for _ in range(self.random.randint(0, 2)):
            if self.chance(0.4):
                self.lists.append(self.make_flat_list())
                continue
            length = self.choose((1, 2, 3, 5, 40))
            elt = self.choose(FLOATS)
            self.lists.append([self.argument(self.choose(SHAPES), elt)
                               for _ in range(length)])
        for buffers in self.lists:
            self.buffers += buffers[:2]
        self.scalar_argument = len(self.arguments)
        for elt in ("f32", "f64"):
            self.add_scalar(f"%s_{elt}", elt)
            self.arguments.append(f"%s_{elt}: {elt}")
        for _ in range(self.random.randint(2, 8)):
            self.statement()
        results = [(n, t) for n, t in self.scalars[-2:]]
        results += [(n, tensor(s, e)) for n, s, e in self.tensors[-2:]]
        types = ", ".join(t for _, t in results)
        values = ", ".join(n for n, _ in results)
        self.emit(f"return {values} : {types}")
        return "\n".join([f"func.func @f({', '.join(self.arguments)}) -> ({types}) {{",
                          *self.lines, "}", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph_run", help="the command to test")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--count", type=int, default=40, help="number of programs")
    parser.add_argument("--keep", help="folder for programs that fail")
    parser.add_argument("--print", action="store_true", help="print, do not run")
    options = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.first, options.first + options.count):
            program = Program(seed)
            text = program.generate()
            if options.print:
                print(text)
                continue
            path = os.path.join(options.keep or folder, f"rnd-{seed}.mlir")
            with open(path, "w") as file:
                file.write(text)
            command = [options.graph_run, path, "--verify", "--repeat", "2",
                       "--arg", f"{program.scalar_argument}=0.75"]
            if program.is_exact:
                command += ["--tolerance", "0"]
            run = subprocess.run(command, capture_output=True, text=True, timeout=120)
            if run.returncode == 0:
                if options.keep:
                    os.remove(path)
                continue
            failures += 1
            print(f"seed {seed}: {run.stderr.strip()}")
            print("\n".join(l for l in run.stdout.splitlines() if "verify" in l))
    print(f"{options.count - failures} of {options.count} programs agree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
