"""The statements of random programs, and whole functions."""

from random_builder import FLOATS, INTS, SHAPES, Buffer, tensor
from random_statements import HELPERS, Statements


class Program(Statements):
    """One function of random statements."""

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

    def tensor_branch(self, depth):
        """A branch that chooses between two tensors."""
        buffer = self.choose(self.buffers)
        result = self.name()
        self.emit(f"{result} = scf.if {self.condition()} -> {buffer.tensor} {{")
        for text in ("} else {", "}"):
            scope = self.block(depth)
            name = self.operand(buffer.shape, buffer.elt)
            self.emit(f"scf.yield {name} : {buffer.tensor}")
            self.close(scope)
            self.emit(text)
        self.tensors.append((result, buffer.shape, buffer.elt))

    def tensor_loop(self, depth):
        """A loop that carries a tensor and a host scalar."""
        buffer = self.choose(self.buffers)
        low, high, step = (self.value(f"arith.constant {n} : index")
                           for n in (0, self.random.randint(1, 3), 1))
        init, scalar = self.operand(buffer.shape, buffer.elt), self.scalar("f64")
        result, index, carried, host = (self.name() for _ in range(4))
        types = f"{buffer.tensor}, f64"
        self.emit(f"{result}:2 = scf.for {index} = {low} to {high} step {step} "
                  f"iter_args({carried} = {init}, {host} = {scalar}) -> ({types}) {{")
        outer = list(self.scalars), list(self.tensors)
        self.scalars.append((host, "f64"))
        self.tensors.append((carried, buffer.shape, buffer.elt))
        self.block(depth)
        name = self.elementwise(buffer.shape, buffer.elt)
        self.emit(f"scf.yield {name}, {self.scalar('f64')} : {types}")
        self.close(outer)
        self.emit("}")
        self.tensors.append((f"{result}#0", buffer.shape, buffer.elt))
        self.add_scalar(f"{result}#1", "f64")

    def while_loop(self, depth):
        """A loop that ends when a counter does."""
        zero, one, limit = (self.value(f"arith.constant {n} : i32")
                            for n in (0, 1, self.random.randint(1, 3)))
        result, before, after = (self.name() for _ in range(3))
        self.emit(f"{result} = scf.while ({before} = {zero}) : (i32) -> i32 {{")
        self.indent += 1
        goes = self.value(f"arith.cmpi slt, {before}, {limit} : i32")
        self.emit(f"scf.condition({goes}) {before} : i32")
        self.indent -= 1
        self.emit("} do {")
        self.emit(f"^bb0({after}: i32):")
        outer = list(self.scalars), list(self.tensors)
        self.scalars.append((after, "i32"))
        self.block(depth)
        following = self.value(f"arith.addi {after}, {one} : i32")
        self.emit(f"scf.yield {following} : i32")
        self.close(outer)
        self.emit("}")
        self.add_scalar(result, "i32")

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
                 self.reshape, self.slice, self.convert_tensor, self.rows,
                 self.matrices, self.named, self.two_results, self.element,
                 self.on_buffers, self.call, self.moving_slice]
        if depth < 2:
            kinds += [lambda: self.branch(depth)] * 3 + [lambda: self.loop(depth)] * 2
            kinds += [lambda: self.tensor_branch(depth),
                      lambda: self.tensor_loop(depth), lambda: self.while_loop(depth)]
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
            self.has_overlaps = True
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
        if self.chance(0.2):
            self.buffers += self.make_strided_view()
        for _ in range(self.random.randint(0, 2)):
            shape, elt = self.choose(shapes), self.choose(elts)
            name = f"%a{len(self.arguments)}"
            self.arguments.append(f"{name}: {tensor(shape, elt)}")
            self.tensors.append((name, shape, elt))
        self.scalar_argument = len(self.arguments)
        for elt in ("f32", "f64"):
            self.add_scalar(f"%s_{elt}", elt)
            self.arguments.append(f"%s_{elt}: {elt}")
        self.arguments.append("%n: index")
        exit = self.chance(0.15)
        for _ in range(self.random.randint(2, 8)):
            self.statement()
            if exit and self.chance(0.4):
                self.leave_early()
        results = [(n, t) for n, t in self.scalars[-2:]]
        results += [(n, tensor(s, e)) for n, s, e in self.tensors[-2:]]
        if exit:
            results = [(self.scalar("f64"), "f64")]
        types = ", ".join(t for _, t in results)
        values = ", ".join(n for n, _ in results)
        if exit:
            self.emit(f"cf.br ^exit({values} : f64)")
            self.emit("^exit(%result: f64):")
            values = "%result"
        self.emit(f"return {values} : {types}")
        return HELPERS + "\n".join(
            [f"func.func @f({', '.join(self.arguments)}) -> ({types}) {{",
             *self.lines, "}", ""])

    def leave_early(self):
        following = f"^next{self.counter}"
        condition, value = self.condition(), self.scalar("f64")
        self.emit(f"cf.cond_br {condition}, {following}, ^exit({value} : f64)")
        self.emit(f"{following}:")
