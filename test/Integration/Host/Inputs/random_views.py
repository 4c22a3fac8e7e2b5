"""Statements of random programs on parts of one buffer that overlap: views of it,
and slices of what it holds."""

from random_lists import Lists
from random_text import FLOATS, INTS, Buffer, tensor


class Views(Lists):
    """Families of views of one buffer, and chains of slices."""

    # -- Arguments -------------------------------------------------------------

    def make_overlapping(self):
        """Views of one buffer: windows that overlap, parts of parts, the whole in
        another shape, every other element, or rows and columns of a matrix."""
        self.has_overlaps = True
        elt = self.choose(FLOATS + INTS)
        if self.chance(0.3):
            return self.make_blocks(elt)
        size = self.choose((12, 24, 40))
        whole = self.argument((size,), elt)
        family = [whole] if self.chance(0.6) else []
        for _ in range(self.random.randint(2, 4)):
            family.append(self.make_window(whole, size))
        if self.chance(0.3):
            shape = self.choose(((2, size // 2), (size // 4, 4), (2, 2, size // 4)))
            groups = ", ".join(str(i) for i in range(len(shape)))
            view = Buffer(self.name(), shape, elt)
            self.emit(f"{view.name} = memref.expand_shape {whole.name} [[{groups}]] "
                      f"output_shape {list(shape)} : {whole.type} into {view.type}")
            family.append(view)
        if self.chance(0.2):
            first = self.choose((0, 1))
            layout = ", strided<[2]" + (", offset: 1>" if first else ">")
            view = Buffer(self.name(), (size // 2,), elt, layout)
            self.emit(f"{view.name} = memref.subview {whole.name}[{first}] "
                      f"[{size // 2}] [2] : {whole.type} to {view.type}")
            family.append(view)
        return family

    def make_window(self, whole, size):
        """A view in one piece; all of the same length are of one type but for
        their offset, so that they can be computed from each other."""
        length = self.choose((size // 2, size // 2, size // 4, size - 2))
        low = self.random.randint(0, size - length)
        if self.chance(0.15):
            layout = ", strided<[1], offset: ?>"
            view = Buffer(self.name(), (length,), whole.elt, layout)
            at = self.index(low)
            at = self.value(f"arith.muli {at}, %n : index")
            self.emit(f"{view.name} = memref.subview {whole.name}[{at}] [{length}] [1] "
                      f": {whole.type} to {view.type}")
            return view
        layout = f", strided<[1], offset: {low}>" if low else ", strided<[1]>"
        view = Buffer(self.name(), (length,), whole.elt, layout)
        if self.chance(0.3):
            self.emit(f"{view.name} = memref.reinterpret_cast {whole.name} to offset: "
                      f"[{low}], sizes: [{length}], strides: [1] : {whole.type} to "
                      f"{view.type}")
        else:
            self.emit(f"{view.name} = memref.subview {whole.name}[{low}] [{length}] [1] "
                      f": {whole.type} to {view.type}")
        return view

    def make_blocks(self, elt):
        """Blocks of a matrix."""
        n, m = self.choose(((4, 6), (6, 6), (3, 8)))
        whole = self.argument((n, m), elt)
        family = [whole] if self.chance(0.6) else []
        for _ in range(self.random.randint(2, 4)):
            rows = self.choose((n, 2, 1))
            columns = self.choose((m, 3, 1))
            i, j = self.random.randint(0, n - rows), self.random.randint(0, m - columns)
            offset = i * m + j
            layout = f", strided<[{m}, 1]" + (f", offset: {offset}>" if offset else ">")
            view = Buffer(self.name(), (rows, columns), elt, layout)
            self.emit(f"{view.name} = memref.subview {whole.name}[{i}, {j}] [{rows}, "
                      f"{columns}] [1, 1] : {whole.type} to {view.type}")
            family.append(view)
        return family

    # -- Statements ------------------------------------------------------------

    def update_views(self):
        """Updates of views that overlap, one after the other, each perhaps from
        what another one of its shape holds."""
        family = self.choose(self.families)
        for _ in range(self.random.randint(2, 4)):
            target = self.choose(family)
            alike = [b for b in family if b.tensor == target.tensor]
            if self.chance(0.5):
                self.read(self.choose(alike))
            self.write(self.elementwise(target.shape, target.elt), target)
            if self.chance(0.3):
                self.measure_view(self.choose(family))

    def measure_view(self, view):
        """Reads back one value of a view."""
        combiner = "maximumf" if view.elt in FLOATS else "maxsi"
        out = view.elt if view.elt not in ("bf16", "f16") else "f32"
        result, elt = self.reduce(self.read(view), view.shape, view.elt, combiner, out, ())
        self.readback(result, elt)

    def update_views_if(self):
        """The same in a branch."""
        self.emit(f"scf.if {self.condition()} {{")
        scope = self.open()
        self.update_views()
        self.close(scope)
        self.emit("}")

    def slices(self):
        """A chain of slices that overlap, put into one tensor, some of them made
        of what was put in before; a version in between may be read later."""
        buffer = self.of_rank(1)
        if not buffer or buffer.shape[0] < 6:
            return
        size, elt = buffer.shape[0], buffer.elt
        length = self.choose((2, size // 2, size // 3))
        part = tensor((length,), elt)
        whole = self.operand(buffer.shape, elt)
        for _ in range(self.random.randint(2, 5)):
            window = self.window(size, length)
            taken = self.value(f"tensor.extract_slice {whole}{window} : "
                               f"{buffer.tensor} to {part}")
            self.tensors.append((taken, (length,), elt))
            changed = self.elementwise((length,), elt)
            if self.chance(0.6):
                window = self.window(size, length)
            source = taken if self.chance(0.15) else changed
            whole = self.value(f"tensor.insert_slice {source} into {whole}{window} : "
                               f"{part} into {buffer.tensor}")
            if self.chance(0.4):
                self.tensors.append((whole, buffer.shape, elt))
            if self.chance(0.2):
                self.write(whole, buffer)
        if self.chance(0.8):
            self.write(whole, buffer)

    def window(self, size, length):
        """Where a slice of some length lies: now and then the offset is known at
        run time only, or every other element is taken."""
        low = self.random.randint(0, size - length)
        if 2 * length <= size and self.chance(0.15):
            low = self.random.randint(0, size - 2 * length + 1)
            return f"[{low}] [{length}] [2]"
        if self.chance(0.15):
            at = self.value(f"arith.muli {self.index(low)}, %n : index")
            return f"[{at}] [{length}] [1]"
        return f"[{low}] [{length}] [1]"
