"""Ops on tensors and buffers of random programs: reads and writes, uploads,
elementwise ops, norms and readbacks."""

import random

from random_scalars import Scalars
from random_text import FLOATS, INTS, size_of, tensor


class Builder(Scalars):
    """Tensors and buffers in scope, and single ops on them."""

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
            return self.choose(known[-3:])
        held = [b for b in self.buffers if (b.shape, b.elt) == (shape, elt)]
        if held:
            return self.read(self.choose(held))
        if known:
            return self.choose(known)
        return self.made(shape, elt)

    def made(self, shape, elt):
        """A tensor that the host uploads."""
        type = tensor(shape, elt)
        if 0 < size_of(shape) <= 15 and self.chance(0.3):
            elements = ", ".join(self.scalar(elt) for _ in range(size_of(shape)))
            return self.value(f"tensor.from_elements {elements} : {type}")
        scalar = self.scalar(elt)
        if self.chance(0.4):
            return self.value(f"tensor.splat {scalar} : {type}")
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
            ops = ("addi", "subi", "muli") if elt not in FLOATS else ("addf", "mulf", "subf")
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

    def norm(self, name, shape, elt):
        """The 2-norm of a tensor of floats: where sums are exact, of small
        integers near its elements."""
        out = "f64" if elt == "f64" else "f32"
        result, _ = self.reduce(name, shape, elt, "addf", out, (), square=True)
        return self.value(f"math.sqrt {result} : {tensor((), out)}"), out

    def reduce(self, name, shape, elt, combiner, out, out_shape, square=False,
               constant=False):
        """All elements of a tensor to one, of type `out`; `prepare` makes
        elements that can be combined in any order. `constant` starts with a
        constant."""
        identity = (self.number(out, 0) if constant
                    else self.identity(combiner, out))
        type = tensor(out_shape, out)
        init = (self.value(f"tensor.from_elements {identity} : {type}")
                if self.chance(0.2) else self.filled(identity, out, type))
        rank, result = len(shape), self.name()
        iterators = ", ".join(['"reduction"'] * rank)
        zeros = ", ".join(["0"] * len(out_shape))
        self.emit(f"{result} = linalg.generic {{indexing_maps = [{self.map(rank)}, "
                  f"{self.map(rank, zeros)}], iterator_types = [{iterators}]}} "
                  f"ins({name} : {tensor(shape, elt)}) outs({init} : {type}) {{")
        x, acc = self.name(), self.name()
        self.emit(f"^bb0({x}: {elt}, {acc}: {out}):")
        self.indent += 1
        x = self.prepare(x, elt, combiner, out)
        if square:
            x = self.value(f"arith.mulf {x}, {x} : {out}")
        total = self.value(f"arith.{combiner} {acc}, {x} : {out}")
        self.emit(f"linalg.yield {total} : {out}")
        self.indent -= 1
        self.emit(f"}} -> {type}")
        self.tensors.append((result, tuple(out_shape), out))
        return result, out

    def filled(self, scalar, elt, type):
        empty = self.value(f"tensor.empty() : {type}")
        return self.value(f"linalg.fill ins({scalar} : {elt}) "
                          f"outs({empty} : {type}) -> {type}")

    def identity(self, combiner, out):
        """What a reduction starts with: mostly its identity, or a host scalar
        where the order can not matter."""
        if combiner.startswith(("max", "min")) or out in INTS + ("i1", "index"):
            if self.chance(0.5):
                return self.scalar(out)
        elif combiner == "addf" and self.chance(0.2) and self.is_exact:
            return self.tame(self.scalar(out), out)
        if combiner.startswith("mul"):
            return self.number(out, 1)
        return self.constant(out) if out == "i1" else self.number(out, 0)

    def prepare(self, x, elt, combiner, out):
        """An element of type `elt` as one of type `out` that any order of
        `combiner` combines to the same: a small integer of a sum, a power of
        two of a product."""
        if elt in FLOATS and combiner == "addf" and self.is_exact:
            x = self.tame(x, elt)
        if elt not in FLOATS and elt != "i1" and out in FLOATS:
            mask = self.number(elt, 7)
            x = self.value(f"arith.andi {x}, {mask} : {elt}")
        if combiner == "mulf":
            x, elt = self.convert(x, elt, out), out
            one, two, minus, limit = (self.number(out, n) for n in (1, 2, -1, 3))
            zero = self.number(out, 0)
            large = self.value(f"arith.cmpf ogt, {x}, {limit} : {out}")
            negative = self.value(f"arith.cmpf olt, {x}, {zero} : {out}")
            x = self.value(f"arith.select {large}, {two}, {one} : {out}")
            return self.value(f"arith.select {negative}, {minus}, {x} : {out}")
        return self.convert(x, elt, out)

    def readback(self, name, elt, shape=()):
        at = ", ".join(self.index(0) for _ in shape)
        return self.add_scalar(
            self.value(f"tensor.extract {name}[{at}] : {tensor(shape, elt)}"), elt)
