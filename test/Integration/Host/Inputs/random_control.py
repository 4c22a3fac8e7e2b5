"""Statements of random programs with bodies: branches and loops."""

from random_readbacks import Readbacks
from random_text import FLOATS, SCALARS, tensor


class Control(Readbacks):
    """Statements whose bodies hold other statements."""

    def block(self, depth):
        """Statements of a nested region; what they define ends with it."""
        scope = self.open()
        for _ in range(self.random.randint(1, 3)):
            self.statement(depth + 1)
        return scope

    def constants(self, *numbers):
        return [self.index(number) for number in numbers]

    # -- Branches --------------------------------------------------------------

    def branch(self, depth):
        """A branch with or without results, which are scalars and tensors."""
        condition = self.condition()
        kinds = [self.carried_kind() for _ in range(self.random.choice((0, 0, 0, 1, 1, 2, 3)))]
        if not kinds:
            self.emit(f"scf.if {condition} {{")
            self.close(self.block(depth))
            if self.chance(0.3):
                self.emit("} else {")
                self.close(self.block(depth))
            self.emit("}")
            return
        result, types = self.name(), ", ".join(self.type_of(k) for k in kinds)
        count = f":{len(kinds)}" if len(kinds) > 1 else ""
        self.emit(f"{result}{count} = scf.if {condition} -> ({types}) {{")
        for text in ("} else {", "}"):
            if self.chance(0.3):
                scope = self.open()
            else:
                scope = self.block(depth)
            values = ", ".join(self.of_kind(k) for k in kinds)
            self.emit(f"scf.yield {values} : {types}")
            self.close(scope)
            self.emit(text)
        self.add_results(result, kinds)

    def carried_kind(self):
        """What a region yields: a scalar's type, or a tensor's shape and type."""
        if self.chance(0.3):
            buffer = self.choose(self.buffers)
            return buffer.shape, buffer.elt
        return self.choose(SCALARS + ("f32", "f64", "i32"))

    def type_of(self, kind):
        return kind if isinstance(kind, str) else tensor(*kind)

    def of_kind(self, kind):
        """A value to yield."""
        if isinstance(kind, str):
            if self.chance(0.3):
                operands = [self.scalar(kind), self.scalar(kind)]
                return self.expression(operands, kind, on_host=True)
            return self.scalar(kind)
        if self.chance(0.4):
            return self.elementwise(*kind)
        return self.operand(*kind)

    def add_value(self, name, kind):
        if isinstance(kind, str):
            self.add_scalar(name, kind)
        else:
            self.tensors.append((name, *kind))

    def add_results(self, result, kinds):
        for i, kind in enumerate(kinds):
            self.add_value(f"{result}#{i}" if len(kinds) > 1 else result, kind)

    # -- Loops -----------------------------------------------------------------

    def loop(self, depth, bound=None):
        """A loop that carries scalars and tensors, with statements or just one
        value or op for each of them."""
        low, step = self.constants(self.choose((0, 0, 1)), self.choose((1, 1, 2)))
        high = bound or self.index(self.choose((0, 1, 2, 3, 4, 4, 11)))
        kinds = [self.carried_kind() for _ in range(self.random.randint(0, 3))]
        inits = [self.of_kind(kind) for kind in kinds]
        result, index = self.name(), self.name()
        names = [self.name() for _ in kinds]
        types = ", ".join(self.type_of(k) for k in kinds)
        count = f":{len(kinds)}" if len(kinds) > 1 else ""
        pairs = ", ".join(f"{n} = {i}" for n, i in zip(names, inits))
        self.emit((f"{result}{count} = " if kinds else "") + f"scf.for {index} = {low} "
                  f"to {high} step {step} " +
                  (f"iter_args({pairs}) -> ({types}) " if kinds else "") + "{")
        outer = self.scope()
        for name, kind in zip(names, kinds):
            self.add_value(name, kind)
        if self.chance(0.6):
            self.add_scalar(index, "index")
        if not kinds or self.chance(0.7):
            self.block(depth)
        else:
            self.indent += 1
        if kinds:
            values = ", ".join(self.of_kind(k) for k in kinds)
            self.emit(f"scf.yield {values} : {types}")
        self.close(outer)
        self.emit("}")
        self.add_results(result, kinds)

    def loop_of_readback(self, depth):
        """A loop whose bound the host computes."""
        self.loop(depth, self.small_index(3))

    def serial_sum(self):
        """The host's sum, or another fold, of the elements of a tensor."""
        buffer = self.choose(self.buffers)
        name, elt = self.operand(buffer.shape, buffer.elt), buffer.elt
        if 0 in buffer.shape or not buffer.shape:
            return
        extent, rest = buffer.shape[-1], buffer.shape[:-1]
        start = self.random.randrange(min(extent, 3))
        count = self.random.randint(1, min(extent - start, self.choose((4, 64))))
        low, high, step = self.constants(start, start + count, self.choose((1, 1, 3)))
        out = elt if self.chance(0.6) else self.choose(SCALARS)
        init, result, index, carried = self.scalar(out), *(self.name() for _ in range(3))
        self.emit(f"{result} = scf.for {index} = {low} to {high} step {step} "
                  f"iter_args({carried} = {init}) -> {out} {{")
        scope = self.open()
        at = ", ".join([self.index_below(n) for n in rest] + [index])
        x = self.convert(self.value(f"tensor.extract {name}[{at}] : {buffer.tensor}"),
                         elt, out)
        operands = [carried, x]
        for _ in range(self.random.randint(1, 2)):
            operands.append(self.expression(operands[-2:], out, on_host=True))
        self.emit(f"scf.yield {operands[-1]} : {out}")
        self.close(scope)
        self.emit("}")
        self.add_scalar(result, out)

    def fill_by_loop(self):
        """A loop on the host that writes some elements of a tensor."""
        buffer = self.of_rank(1)
        if not buffer:
            return
        elt, type = buffer.elt, buffer.tensor
        init, count = self.operand(buffer.shape, elt), min(buffer.shape[0], 4)
        low, high, step = self.constants(0, self.random.randint(0, count), 1)
        result, index, carried = (self.name() for _ in range(3))
        self.emit(f"{result} = scf.for {index} = {low} to {high} step {step} "
                  f"iter_args({carried} = {init}) -> {type} {{")
        scope = self.open()
        x = self.value(f"tensor.extract {carried}[{index}] : {type}")
        x = self.expression([x, self.scalar(elt)], elt, on_host=True)
        changed = self.value(f"tensor.insert {x} into {carried}[{index}] : {type}")
        self.emit(f"scf.yield {changed} : {type}")
        self.close(scope)
        self.emit("}")
        self.tensors.append((result, buffer.shape, elt))
        if self.chance(0.5):
            self.write(result, buffer)

    def while_loop(self, depth):
        """A loop that ends when a counter does, or before on a value that its
        body computes and reads back."""
        counter = self.choose(("i32", "i64", "index"))
        zero, one, limit = (self.number(counter, n)
                            for n in (0, 1, self.random.randint(1, 3)))
        kinds = [counter] + [self.carried_kind() for _ in range(self.random.randint(0, 2))]
        inits = [zero] + [self.of_kind(k) for k in kinds[1:]]
        types = ", ".join(self.type_of(k) for k in kinds)
        result = self.name()
        before, after = ([self.name() for _ in kinds] for _ in range(2))
        pairs = ", ".join(f"{n} = {i}" for n, i in zip(before, inits))
        count = f":{len(kinds)}" if len(kinds) > 1 else ""
        self.emit(f"{result}{count} = scf.while ({pairs}) : ({types}) -> ({types}) {{")
        outer = self.open()
        for name, kind in zip(before, kinds):
            self.add_value(name, kind)
        goes = self.value(f"arith.cmpi slt, {before[0]}, {limit} : {counter}")
        if self.chance(0.5):
            if self.chance(0.3):
                self.measure()
            goes = self.value(f"arith.andi {goes}, {self.condition()} : i1")
        self.emit(f"scf.condition({goes}) {', '.join(before)} : {types}")
        self.close(outer)
        self.emit("} do {")
        self.emit("^bb0(" + ", ".join(f"{n}: {self.type_of(k)}"
                                      for n, k in zip(after, kinds)) + "):")
        outer = self.scope()
        for name, kind in zip(after, kinds):
            self.add_value(name, kind)
        self.block(depth)
        values = [self.value(f"arith.addi {after[0]}, {one} : {counter}")]
        values += [self.of_kind(k) for k in kinds[1:]]
        self.emit(f"scf.yield {', '.join(values)} : {types}")
        self.close(outer)
        self.emit("}")
        self.add_results(result, kinds)

    def until_converged(self):
        """A loop that halves a buffer until the largest element is small."""
        held = [b for b in self.buffers if b.elt in FLOATS and 0 not in b.shape]
        if not held:
            return
        buffer = self.choose(held)
        elt, scalar = buffer.elt, tensor((), buffer.elt)
        zero, one, most = (self.number("i32", n) for n in (0, 1, 6))
        bound, half = self.constant(elt, "1.0625"), self.constant(elt, "0.5")
        result, before, after = (self.name() for _ in range(3))
        self.emit(f"{result} = scf.while ({before} = {zero}) : (i32) -> i32 {{")
        outer = self.open()
        name = self.read(buffer)
        largest, _ = self.reduce(name, buffer.shape, elt, "maxnumf", elt, ())
        host = self.value(f"tensor.extract {largest}[] : {scalar}")
        large = self.value(f"arith.cmpf ogt, {host}, {bound} : {elt}")
        below = self.value(f"arith.cmpi slt, {before}, {most} : i32")
        goes = self.value(f"arith.andi {large}, {below} : i1")
        self.emit(f"scf.condition({goes}) {before} : i32")
        self.close(outer)
        self.emit("} do {")
        self.emit(f"^bb0({after}: i32):")
        outer = self.open()
        factor = self.value(f"tensor.splat {half} : {buffer.tensor}")
        name = self.read(buffer)
        self.write(self.value(f"arith.mulf {name}, {factor} : {buffer.tensor}"), buffer)
        following = self.value(f"arith.addi {after}, {one} : i32")
        self.emit(f"scf.yield {following} : i32")
        self.close(outer)
        self.emit("}")
        self.add_scalar(result, "i32")
