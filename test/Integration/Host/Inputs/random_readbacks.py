"""Statements of random programs around readbacks: reductions of any type, state
in the caller's one-element buffers, uploads, extents and assertions."""

from random_statements import Statements
from random_text import FLOATS, INTS, ONES, SCALARS, Buffer, tensor

FLOAT_COMBINERS = ("addf", "addf", "maximumf", "minimumf", "maxnumf", "minnumf", "mulf")
INT_COMBINERS = ("addi", "addi", "maxsi", "minsi", "maxui", "minui", "muli", "andi",
                 "ori", "xori")


class Readbacks(Statements):
    """Statements that need no others; see Control for those with bodies."""

    # -- Reductions ------------------------------------------------------------

    def measure(self):
        """A reduction of a buffer, of a value or of both, mostly read back."""
        buffer = self.choose(self.buffers)
        name = self.operand(buffer.shape, buffer.elt)
        if self.chance(0.15) and buffer.elt in FLOATS:
            result, out = self.norm(name, buffer.shape, buffer.elt)
            self.tensors.append((result, (), out))
            shape = ()
        else:
            shape = self.choose(ONES) if self.chance(0.3) else ()
            result, out = self.total(name, buffer.shape, buffer.elt, shape)
        if shape == () and self.chance(0.2):
            result, shape = self.spread(result, out)
        if self.chance(0.8):
            self.readback(result, out, shape)

    def total(self, name, shape, elt, out_shape):
        """A reduction by any combiner into any type."""
        outs = {"f16": ("f16", "f32", "i32"), "bf16": ("bf16", "f32", "f32", "i64"),
                "f32": ("f32", "f32", "f64", "i32", "bf16"), "f64": ("f64", "f64", "f32"),
                "i1": ("i1", "i32", "i64", "f32"), "i8": ("i8", "i32", "f32", "f16"),
                "i16": ("i16", "i32", "i64"), "i32": ("i32", "i32", "i64", "f32"),
                "i64": ("i64", "i64", "f64", "i32"), "index": ("index", "i64", "f32")}
        out = self.choose(outs[elt])
        if not self.is_exact and out in FLOATS and out != "f64":
            # Sums that differ in their last bits must not be rounded coarsely.
            out = "f32"
        if out == "i1":
            combiner = self.choose(("andi", "ori", "xori"))
        else:
            combiner = self.choose(FLOAT_COMBINERS if out in FLOATS else INT_COMBINERS)
        return self.reduce(name, shape, elt, combiner, out, out_shape)

    def spread(self, name, elt):
        """A tensor of rank 0 as one of another rank."""
        shape = self.choose(ONES[1:])
        result = self.value(f"tensor.expand_shape {name} [] output_shape "
                            f"{list(shape)} : {tensor((), elt)} into {tensor(shape, elt)}")
        self.tensors.append((result, shape, elt))
        return result, shape

    def sum_and_most(self):
        """One op with two reductions of one tensor."""
        buffer = self.choose(self.buffers)
        elt = buffer.elt
        if elt == "i1" or elt in FLOATS and not self.is_exact:
            return
        combiners = ("addf", "maximumf") if elt in FLOATS else ("addi", "maxsi")
        name, rank, type = self.operand(buffer.shape, elt), len(buffer.shape), tensor((), elt)
        inits = [self.filled(self.identity(c, elt), elt, type) for c in combiners]
        result, x, p, q = (self.name() for _ in range(4))
        iterators = ", ".join(['"reduction"'] * rank)
        self.emit(f"{result}:2 = linalg.generic {{indexing_maps = [{self.map(rank)}, "
                  f"{self.map(rank, '')}, {self.map(rank, '')}], iterator_types = "
                  f"[{iterators}]}} ins({name} : {buffer.tensor}) "
                  f"outs({inits[0]}, {inits[1]} : {type}, {type}) {{")
        self.emit(f"^bb0({x}: {elt}, {p}: {elt}, {q}: {elt}):")
        self.indent += 1
        small = self.prepare(x, elt, combiners[0], elt)
        total = self.value(f"arith.{combiners[0]} {p}, {small} : {elt}")
        most = self.value(f"arith.{combiners[1]} {q}, {x} : {elt}")
        self.emit(f"linalg.yield {total}, {most} : {elt}, {elt}")
        self.indent -= 1
        self.emit(f"}} -> ({type}, {type})")
        for i in range(2):
            self.tensors.append((f"{result}#{i}", (), elt))
            if self.chance(0.7):
                self.readback(f"{result}#{i}", elt)

    def known_element(self):
        """Reads one element of any tensor, at an index of the host too."""
        known = [t for t in self.tensors if 0 not in t[1]]
        if not known:
            return
        name, shape, elt = self.choose(known)
        at = ", ".join(self.index_below(extent) for extent in shape)
        self.add_scalar(self.value(f"tensor.extract {name}[{at}] : "
                                   f"{tensor(shape, elt)}"), elt)

    # -- State -----------------------------------------------------------------

    def make_state(self):
        """The caller's buffers of one element, kept between calls."""
        elts = SCALARS[:-1]
        return [self.argument(self.choose(ONES), self.choose(elts))
                for _ in range(self.random.randint(1, 4))]

    def update_state(self):
        """Reads a number of the caller's, computes with it and writes it back."""
        state = self.choose(self.states)
        at = ", ".join(self.index(0) for _ in state.shape)
        if self.chance(0.7):
            name = self.read(state)
            old = self.readback(name, state.elt, state.shape)
        else:
            name = None
            old = self.add_scalar(self.value(f"memref.load {state.name}[{at}] : "
                                             f"{state.type}"), state.elt)
        operands = [old, self.scalar(state.elt)]
        for _ in range(self.random.randint(1, 3)):
            operands.append(self.expression(operands, state.elt, on_host=True))
        new, style = self.add_scalar(operands[-1], state.elt), self.random.random()
        if style < 0.2:
            self.emit(f"memref.store {new}, {state.name}[{at}] : {state.type}")
        elif style < 0.4 and name:
            self.write(self.value(f"tensor.insert {new} into {name}[{at}] : "
                                  f"{state.tensor}"), state)
        elif style < 0.8:
            self.write(self.value(f"tensor.from_elements {new} : {state.tensor}"), state)
        else:
            self.write(self.filled(new, state.elt, state.tensor), state)

    # -- What stays on the host ------------------------------------------------

    def small_index(self, limit):
        """An index from 0 to `limit` that the host computes of what is recent."""
        extent = self.index(limit + 1)
        recent = self.scalars[-4:]
        source = self.choose(recent) if recent else (self.index(3), "index")
        return self.value(f"arith.remui {self.convert(*source, 'index')}, {extent} : index")

    def assertion(self):
        """An assertion on the host that always holds."""
        floats = [s for s in self.scalars if s[1] in FLOATS]
        if not floats:
            return
        name, elt = self.choose(floats)
        limit = self.number(elt, 5)
        holds = self.value(f"arith.cmpf olt, {self.tame(name, elt)}, {limit} : {elt}")
        self.emit(f'cf.assert {holds}, "out of range"')

    def new_extent(self):
        """A tensor whose extent the host computes: made, changed and summed."""
        elt = self.choose(("f32", "f64", "i32", "f16"))
        extent, type = self.small_index(4), f"tensor<?x{elt}>"
        fill = self.scalar(elt)
        empty = self.value(f"tensor.empty({extent}) : {type}")
        name = self.value(f"linalg.fill ins({fill} : {elt}) outs({empty} : {type})"
                          f" -> {type}")
        if self.chance(0.5):
            name = self.change(name, elt, empty)
        self.total_of_dynamic(name, elt)

    def moving_part(self):
        """A part of a buffer whose extent the host computes, changed in place."""
        buffer = self.of_rank(1)
        if not buffer or buffer.shape[0] < 3:
            return
        elt, type = buffer.elt, f"tensor<?x{buffer.elt}>"
        extent = self.small_index(buffer.shape[0] - 1)
        name = self.operand(buffer.shape, elt)
        part = self.value(f"tensor.extract_slice {name}[0] [{extent}] [1] : "
                          f"{buffer.tensor} to {type}")
        if self.chance(0.5):
            self.total_of_dynamic(part, elt)
            return
        empty = self.value(f"tensor.empty({extent}) : {type}")
        changed = self.change(part, elt, empty)
        self.write(self.value(f"tensor.insert_slice {changed} into {name}[1] "
                              f"[{extent}] [1] : {type} into {buffer.tensor}"), buffer)

    def change(self, name, elt, init):
        """An elementwise op on a tensor of one dynamic extent."""
        type, result, x, old = f"tensor<?x{elt}>", self.name(), self.name(), self.name()
        capture = self.scalar(elt)
        self.emit(f"{result} = linalg.generic {{indexing_maps = [{self.map(1)}, "
                  f'{self.map(1)}], iterator_types = ["parallel"]}} ins({name} : {type}) '
                  f"outs({init} : {type}) {{")
        self.emit(f"^bb0({x}: {elt}, {old}: {elt}):")
        self.indent += 1
        self.emit(f"linalg.yield {self.expression([x, capture], elt)} : {elt}")
        self.indent -= 1
        self.emit(f"}} -> {type}")
        return result

    def total_of_dynamic(self, name, elt):
        combiner = "maximumf" if elt in FLOATS else "addi" if elt != "i1" else "ori"
        type = tensor((), elt)
        init = self.filled(self.identity(combiner, elt), elt, type)
        result = self.value(f"linalg.reduce {{ arith.{combiner} }} ins({name} : "
                            f"tensor<?x{elt}>) outs({init} : {type}) dimensions = [0]")
        self.tensors.append((result, (), elt))
        self.readback(result, elt)

    def host_tensor(self):
        """A tensor that the host makes, element by element."""
        shape, elt = self.choose(((3,), (2, 2), (7,))), self.choose(FLOATS[:2] + INTS)
        scalar, result = self.scalar(elt), self.name()
        at = [self.name() for _ in shape]
        self.emit(f"{result} = tensor.generate {{")
        self.emit(f"^bb0({', '.join(f'{i}: index' for i in at)}):")
        scope = self.open()
        i = self.convert(at[-1], "index", elt)
        self.emit(f"tensor.yield {self.expression([i, scalar], elt)} : {elt}")
        self.close(scope)
        self.emit(f"}} : {tensor(shape, elt)}")
        self.tensors.append((result, shape, elt))
        self.elementwise(shape, elt)

    # -- Views -----------------------------------------------------------------

    def make_aliases(self):
        """A buffer and parts of one size in it, which may share elements."""
        elt = self.choose(FLOATS + INTS)
        if self.chance(0.3):
            whole, size = self.argument((4, 6), elt), (2, 3)
            offsets = [(self.random.randint(0, 2), self.random.randint(0, 3))
                       for _ in range(2)]
            strides, ends = [6, 1], [row * 6 + column for row, column in offsets]
        else:
            whole, size = self.argument((24,), elt), (7,)
            offsets = [(self.random.randint(0, 17),) for _ in range(3)]
            strides, ends = [1], [o for o, in offsets]
        views = []
        for offset, start in zip(offsets, ends):
            layout = f", strided<{strides}, offset: {start}>"
            if start == 0:
                layout = f", strided<{strides}>"
            view = Buffer(self.name(), size, elt, layout)
            ones = [1] * len(size)
            self.emit(f"{view.name} = memref.subview {whole.name}{list(offset)} "
                      f"{list(size)} {ones} : {whole.type} to {view.type}")
            views.append(view)
        self.has_overlaps = True
        return views + [whole] * self.chance(0.5)
