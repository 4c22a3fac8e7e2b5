"""The statements of random programs, and whole functions."""

from random_statements import HELPERS
from random_text import FLOATS, INTS, SCALARS, SHAPES, Buffer, tensor
from random_views import Views


class Program(Views):
    """One function of random statements."""

    def __init__(self, seed):
        super().__init__(seed)
        self.states, self.families = [], []
        self.number_of_calls = self.choose((2, 3))

    # -- Statements ------------------------------------------------------------

    def of_buffer(self):
        buffer = self.choose(self.buffers)
        self.write(self.elementwise(buffer.shape, buffer.elt), buffer)

    def of_value(self):
        buffer = self.choose(self.buffers)
        self.elementwise(buffer.shape, buffer.elt)

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
        if depth < 2 and self.nested and self.chance(0.3):
            self.choose(self.nested)(depth)
            return
        # Some need buffers that this program lacks.
        length = len(self.lines)
        for _ in range(4):
            if length == len(self.lines):
                self.choose(self.flat)()

    def choose_kinds(self):
        """Which statements this program may hold: about half of them, so that
        those that are there meet often."""
        flat = [self.of_buffer, self.of_value, self.measure, self.fill, self.swap,
                self.host_arithmetic, self.reshape, self.slice, self.convert_tensor,
                self.rows, self.matrices, self.named, self.two_results, self.element,
                self.on_buffers, self.call, self.moving_slice, self.sum_and_most,
                self.known_element, self.serial_sum, self.fill_by_loop,
                self.until_converged, self.assertion, self.new_extent,
                self.moving_part, self.host_tensor, self.slices]
        if self.lists:
            flat += [self.update_list, self.update_list_if, self.norm_of_list,
                     self.fold_of_list, self.fold_of_list]
        self.flat = [kind for kind in flat if self.chance(0.45)]
        # What readbacks need is always there, and often.
        few = max(2, len(self.flat) // 4)
        self.flat += [self.measure] * few + [self.of_buffer] * few
        self.flat += [self.host_arithmetic] * (few // 2)
        if self.states:
            self.flat += [self.update_state] * few
        if self.families:
            self.flat += [self.update_views] * few
            self.flat += [self.update_views_if] * (few // 2)
        nested = [self.branch, self.branch, self.loop, self.while_loop,
                  self.loop_of_readback]
        self.nested = [kind for kind in nested if self.chance(0.7)]

    # -- The whole -------------------------------------------------------------

    def make_arguments(self):
        elts = [self.choose(FLOATS + INTS + ("i1", "index")) for _ in range(2)] + ["f32"]
        shapes = [self.choose(SHAPES) for _ in range(3)]
        if self.chance(0.1):
            # More than one chunk of a kernel.
            shapes.append(self.choose(((5003,), (67, 70))))
        for _ in range(self.random.randint(1, 4)):
            self.buffers.append(self.argument(self.choose(shapes), self.choose(elts)))
        self.lists = [self.make_list() for _ in range(self.choose((0, 0, 1, 2)))]
        for buffers in self.lists:
            self.buffers += buffers[:2]
        if self.chance(0.15):
            self.buffers += self.make_strided_view()
        if self.chance(0.2):
            self.buffers += self.make_aliases()
        if self.chance(0.35):
            self.families = [self.make_overlapping()]
            self.buffers += self.families[0]
        if self.chance(0.5):
            self.states = self.make_state()
            self.buffers += self.states
        for _ in range(self.random.randint(0, 2)):
            shape, elt = self.choose(shapes), self.choose(elts)
            name = f"%a{len(self.arguments)}"
            self.arguments.append(f"{name}: {tensor(shape, elt)}")
            self.tensors.append((name, shape, elt))

    def make_scalars(self):
        """Arguments of the host, of some types; `%n` is always 1."""
        for elt in ["f32", "f64"] + [t for t in SCALARS if self.chance(0.3)]:
            number = len(self.arguments)
            self.add_scalar(f"%s{number}", elt)
            self.arguments.append(f"%s{number}: {elt}")
            self.given[number] = self.literal(elt)
        self.arguments.append("%n: index")

    def generate(self):
        self.make_arguments()
        self.make_scalars()
        self.choose_kinds()
        exit = self.chance(0.1)
        for _ in range(self.choose((2, 4, 6, 9, 13))):
            self.statement()
            if exit and self.chance(0.4):
                self.leave_early()
        results = [self.choose(self.scalars) for _ in range(self.random.randint(0, 2))]
        results += self.scalars[-2:]
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
        following = f"^next{len(self.lines)}"
        condition, value = self.condition(), self.scalar("f64")
        self.emit(f"cf.cond_br {condition}, {following}, ^exit({value} : f64)")
        self.emit(f"{following}:")
