"""Statements of random programs on lists of tensors: updates of all, and values
that the host folds one by one, in chains that are regular or nearly so."""

from random_control import Control
from random_text import FLOATS, SHAPES, Buffer, tensor


class Lists(Control):
    """Lists of buffers and what is done to each of their members."""

    # -- Arguments -------------------------------------------------------------

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
            self.has_overlaps = True
        return views

    def make_list(self):
        if self.chance(0.4):
            return self.make_flat_list()
        length, elt = self.choose((1, 2, 3, 5, 40)), self.choose(FLOATS)
        shapes = [self.choose(SHAPES)] if self.chance(0.3) else SHAPES
        return [self.argument(self.choose(shapes), elt) for _ in range(length)]

    # -- Updates ---------------------------------------------------------------

    def update_list(self):
        """The same update of each tensor of a list."""
        recipe = self.random.random()
        scalars = self.scalars
        scale = [self.choose(scalars[-3:])] if scalars else []
        for buffer in self.choose(self.lists):
            self.scalars = list(scale)
            self.write(self.elementwise(buffer.shape, buffer.elt, recipe), buffer)
        self.scalars = scalars

    def update_list_if(self):
        """The same update in a branch, as when gradients are clipped."""
        self.emit(f"scf.if {self.condition()} {{")
        scope = self.open()
        self.update_list()
        if self.states and self.chance(0.5):
            self.update_state()
        self.close(scope)
        if self.states and self.chance(0.4):
            self.emit("} else {")
            scope = self.open()
            self.update_state()
            self.close(scope)
        self.emit("}")

    # -- Values of each --------------------------------------------------------

    def norm_of_list(self):
        """Norms read back one by one and summed on the host in f64."""
        total = self.value("arith.constant 0.0 : f64")
        for buffer in self.choose(self.lists):
            state = self.random.getstate()
            result, elt = self.norm(self.operand(buffer.shape, buffer.elt),
                                    buffer.shape, buffer.elt)
            host = self.convert(self.readback(result, elt), elt, "f64")
            if self.chance(0.5):
                self.random.setstate(state)
            square = self.value(f"arith.mulf {host}, {host} : f64")
            total = self.value(f"arith.addf {total}, {square} : f64")
        self.add_scalar(self.value(f"math.sqrt {total} : f64"), "f64")

    def fold_of_list(self):
        """One value of each tensor, folded on the host by the same expression;
        now and then a member is left out, taken twice or treated otherwise."""
        buffers = list(self.choose(self.lists))
        if self.chance(0.3):
            self.random.shuffle(buffers)
        elt = buffers[0].elt
        combiner = self.choose(("addf", "maximumf", "minimumf", "maxnumf"))
        out = "f64" if elt == "f64" else "f32"
        carried = self.choose((out, out, "f64", "i32", "i1", "f16"))
        total, recipe = self.scalar(carried), self.random.getrandbits(32)
        irregular = self.random.randrange(len(buffers)) if self.chance(0.3) else None
        for i, buffer in enumerate(buffers):
            name = self.read(buffer)
            outer = self.random.getstate()
            self.random.seed(recipe)
            result, _ = self.reduce(name, buffer.shape, elt, combiner, out, (),
                                    constant=True)
            x = self.value(f"tensor.extract {result}[] : {tensor((), out)}")
            if i == irregular:
                self.random.setstate(outer)
            total = self.step(total, x, out, carried)
            if i == irregular:
                outer = self.random.getstate()
            self.random.setstate(outer)
            if i == irregular and self.chance(0.5):
                total = self.step(total, x, out, carried)
        self.add_scalar(total, carried)

    def step(self, total, x, elt, carried):
        """One step of a fold, perhaps in a branch on what was folded so far."""
        if self.chance(0.7):
            x = self.convert(x, elt, carried)
            operands = [total, x, self.expression([total, x], carried, on_host=True)]
            return self.expression(operands[-2:], carried, on_host=True)
        limit, result = self.constant(elt), self.name()
        test = self.value(f"arith.cmpf ogt, {x}, {limit} : {elt}")
        self.emit(f"{result} = scf.if {test} -> {carried} {{")
        scope = self.open()
        x = self.convert(x, elt, carried)
        changed = self.expression([total, x], carried, on_host=True)
        self.emit(f"scf.yield {changed} : {carried}")
        self.close(scope)
        self.emit("} else {")
        self.emit(f"  scf.yield {total} : {carried}")
        self.emit("}")
        return result
