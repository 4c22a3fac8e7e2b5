"""Less frequent statements of random programs: ops on rows and matrices, values
that regions return, direct accesses to buffers, calls and views."""

from random_builder import Builder
from random_text import FLOATS, INTS, Buffer, tensor

HELPERS = """\
func.func private @abs(i32) -> i32
func.func private @fabsf(f32) -> f32
func.func private @largest(%x: tensor<3x5xf32>) -> f32 {
  %zero = arith.constant 0.0 : f32
  %init = tensor.splat %zero : tensor<f32>
  %0 = linalg.reduce { arith.maximumf } ins(%x : tensor<3x5xf32>)
    outs(%init : tensor<f32>) dimensions = [0, 1]
  %1 = tensor.extract %0[] : tensor<f32>
  return %1 : f32
}
"""


class Statements(Builder):
    """Statements that need no others; see Program for those with bodies."""

    def of_rank(self, rank, elts=FLOATS + INTS):
        """A buffer of some rank without empty dimensions, or None."""
        fitting = [b for b in self.buffers
                   if len(b.shape) == rank and 0 not in b.shape and b.elt in elts]
        return self.choose(fitting) if fitting else None

    def rows(self):
        """Subtracts from each row its largest element."""
        buffer = self.of_rank(2)
        if not buffer:
            return
        (n, _), elt = buffer.shape, buffer.elt
        name, row = self.operand(buffer.shape, elt), tensor((n,), elt)
        init = self.made((n,), elt)
        combiner = "maxsi" if elt in INTS else "maximumf"
        most = self.value(f"linalg.reduce {{ arith.{combiner} }} ins({name} : "
                          f"{buffer.tensor}) outs({init} : {row}) dimensions = [1]")
        empty = self.value(f"tensor.empty() : {buffer.tensor}")
        spread = self.value(f"linalg.broadcast ins({most} : {row}) outs({empty} : "
                            f"{buffer.tensor}) dimensions = [1]")
        op = "subi" if elt in INTS else "subf"
        self.write(self.value(f"arith.{op} {name}, {spread} : {buffer.tensor}"), buffer)

    def matrices(self):
        """A transposed copy, as a value or with its diagonal blocks multiplied."""
        elts = INTS if self.is_exact else FLOATS[:2] + INTS
        buffer = self.of_rank(2, elts)
        if not buffer:
            return
        (n, m), elt = buffer.shape, buffer.elt
        name, turned = self.operand(buffer.shape, elt), tensor((m, n), elt)
        empty = self.value(f"tensor.empty() : {turned}")
        transposed = self.value(f"linalg.transpose ins({name} : {buffer.tensor}) "
                                f"outs({empty} : {turned}) permutation = [1, 0]")
        self.tensors.append((transposed, (m, n), elt))
        square = tensor((n, n), elt)
        init = self.made((n, n), elt)
        product = self.value(f"linalg.matmul ins({name}, {transposed} : "
                             f"{buffer.tensor}, {turned}) outs({init} : {square}) "
                             f"-> {square}")
        self.tensors.append((product, (n, n), elt))

    def named(self):
        """Two named ops and a select between their results."""
        buffer = self.choose(self.buffers)
        if buffer.elt not in ("f32", "f64"):
            return
        a, b = (self.operand(buffer.shape, buffer.elt) for _ in range(2))
        type = buffer.tensor
        empty = self.value(f"tensor.empty() : {type}")
        total = self.value(f"linalg.add ins({a}, {b} : {type}, {type}) "
                           f"outs({empty} : {type}) -> {type}")
        mapped = self.value(f"linalg.map {{ arith.mulf }} ins({a}, {total} : {type}, "
                            f"{type}) outs({empty} : {type})")
        choice = self.value(f"arith.cmpf olt, {a}, {mapped} : {type}")
        flags = tensor(buffer.shape, "i1")
        self.tensors.append((choice, buffer.shape, "i1"))
        self.write(self.value(f"arith.select {choice}, {total}, {mapped} : "
                              f"{flags}, {type}"), buffer)

    def two_results(self):
        """One op that reads one type and makes two others."""
        buffer = self.choose(self.buffers)
        narrow = {"f32": "bf16", "f64": "f32"}.get(buffer.elt)
        if not narrow:
            return
        rank, type = len(buffer.shape), buffer.tensor
        other = tensor(buffer.shape, narrow)
        a = self.operand(buffer.shape, buffer.elt)
        inits = [self.value(f"tensor.empty() : {t}") for t in (type, other)]
        iterators = ", ".join(['"parallel"'] * rank)
        result, x, p, q = (self.name() for _ in range(4))
        self.emit(f"{result}:2 = linalg.generic {{indexing_maps = "
                  f"[{', '.join([self.map(rank)] * 3)}], iterator_types = "
                  f"[{iterators}]}} ins({a} : {type}) outs({inits[0]}, {inits[1]} : "
                  f"{type}, {other}) {{")
        self.emit(f"^bb0({x}: {buffer.elt}, {p}: {buffer.elt}, {q}: {narrow}):")
        self.indent += 1
        twice = self.value(f"arith.addf {x}, {x} : {buffer.elt}")
        less = self.value(f"arith.truncf {x} : {buffer.elt} to {narrow}")
        self.emit(f"linalg.yield {twice}, {less} : {buffer.elt}, {narrow}")
        self.indent -= 1
        self.emit(f"}} -> ({type}, {other})")
        self.tensors.append((f"{result}#1", buffer.shape, narrow))
        self.write(f"{result}#0", buffer)

    def element(self):
        """Reads one element to the host, or writes one."""
        buffer = self.of_rank(1, ("f32", "f64", "i32"))
        if not buffer:
            return
        at = self.value(f"arith.constant {self.random.randrange(buffer.shape[0])}"
                        " : index")
        style = self.random.randrange(4)
        if style == 0:
            self.add_scalar(self.value(f"memref.load {buffer.name}[{at}] : "
                                       f"{buffer.type}"), buffer.elt)
        elif style == 1:
            self.emit(f"memref.store {self.scalar(buffer.elt)}, {buffer.name}[{at}] : "
                      f"{buffer.type}")
        elif style == 2:
            name = self.operand(buffer.shape, buffer.elt)
            self.add_scalar(self.value(f"tensor.extract {name}[{at}] : "
                                       f"{buffer.tensor}"), buffer.elt)
        else:
            name = self.operand(buffer.shape, buffer.elt)
            self.write(self.value(f"tensor.insert {self.scalar(buffer.elt)} into "
                                  f"{name}[{at}] : {buffer.tensor}"), buffer)

    def on_buffers(self):
        """Structured ops and copies on buffers themselves."""
        buffer = self.choose(self.buffers)
        others = [b for b in self.buffers if b.tensor == buffer.tensor and b != buffer]
        if others and self.chance(0.4) and not self.has_overlaps:
            other = self.choose(others)
            self.emit(f"memref.copy {other.name}, {buffer.name} : {other.type} to "
                      f"{buffer.type}")
            return
        if self.chance(0.5):
            self.emit(f"linalg.fill ins({self.scalar(buffer.elt)} : {buffer.elt}) "
                      f"outs({buffer.name} : {buffer.type})")
            return
        rank, x = len(buffer.shape), self.name()
        scalar = self.scalar(buffer.elt)
        iterators = ", ".join(['"parallel"'] * rank)
        self.emit(f"linalg.generic {{indexing_maps = [{self.map(rank)}], "
                  f"iterator_types = [{iterators}]}} outs({buffer.name} : "
                  f"{buffer.type}) {{")
        self.emit(f"^bb0({x}: {buffer.elt}):")
        self.indent += 1
        result = self.expression([x, scalar], buffer.elt)
        self.emit(f"linalg.yield {result} : {buffer.elt}")
        self.indent -= 1
        self.emit("}")

    def call(self):
        """Host actions nobody can look into, and a function that is inlined."""
        style = self.random.randrange(3)
        if style == 0:
            # The magnitude of the least integer is none.
            one = self.value("arith.constant 1 : i32")
            half = self.value(f"arith.shrsi {self.scalar('i32')}, {one} : i32")
            self.add_scalar(self.value(f"func.call @abs({half}) : (i32) -> i32"),
                            "i32")
        elif style == 1:
            self.add_scalar(self.value(f"func.call @fabsf({self.scalar('f32')}) : "
                                       "(f32) -> f32"), "f32")
        else:
            name = self.operand((3, 5), "f32")
            self.add_scalar(self.value(f"func.call @largest({name}) : "
                                       "(tensor<3x5xf32>) -> f32"), "f32")

    def moving_slice(self):
        """A slice whose offset is known at run time only."""
        buffer = self.of_rank(1)
        if not buffer or buffer.shape[0] < 4:
            return
        name, part = self.operand(buffer.shape, buffer.elt), tensor((2,), buffer.elt)
        taken = self.value(f"tensor.extract_slice {name}[%n] [2] [1] : "
                           f"{buffer.tensor} to {part}")
        self.tensors.append((taken, (2,), buffer.elt))
        changed = self.elementwise((2,), buffer.elt)
        self.write(self.value(f"tensor.insert_slice {changed} into {name}[0] [2] [1] : "
                              f"{part} into {buffer.tensor}"), buffer)

    def make_strided_view(self):
        """Every other column of a matrix, beside the whole of it."""
        whole = self.argument((3, 6), self.choose(FLOATS[:2] + INTS))
        layout = ", strided<[6, 2], offset: 1>"
        view = Buffer(self.name(), (3, 3), whole.elt, layout)
        self.emit(f"{view.name} = memref.subview {whole.name}[0, 1] [3, 3] [1, 2] : "
                  f"{whole.type} to {view.type}")
        self.has_overlaps = True
        return [whole, view]
