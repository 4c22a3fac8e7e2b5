"""What random programs are made of: names and types in scope, host scalars,
elementwise ops and reductions, written as text."""

import random

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


class Builder:
    """Writes ops and keeps what is in scope. All choices come from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines, self.indent, self.counter = [], 1, 0
        # Values in scope: (name, type) of host scalars and
        # (name, shape, element type) of tensors.
        self.scalars, self.tensors = [], []
        self.buffers, self.lists, self.arguments = [], [], []
        # Whether two buffers in scope may share memory.
        self.has_overlaps = False
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
