"""Checks for overflow, the state of loss scaling, whole steps: w10, w11, w13 to
w15."""

from workloads.norms import (clip, global_norm, serial_norm, unscale_and_clip)
from workloads.updates import adamw, write_back, zero_list
from workloads.writer import (Entry, add_list, add_output_list, add_state, read_back,
                              read_state, reduce, reload, store, tensor_type,
                              widen, write_state)

INFINITY = {"f32": "0x7F800000", "bf16": "0x7F80", "f16": "0x7C00",
            "f64": "0x7FF0000000000000"}
MINUS_INFINITY = "0xFFF0000000000000"  # In f64.


def overflows(w, value):
    """i1: whether a host f64 is inf or NaN, compared as a host language does."""
    positive = w.constant("inf", INFINITY["f64"], "f64")
    negative = w.constant("ninf", MINUS_INFINITY, "f64")
    above = w.let("is", f"arith.cmpf oeq, {value}, {positive} : f64")
    below = w.let("is", f"arith.cmpf oeq, {value}, {negative} : f64")
    nan = w.let("is", f"arith.cmpf une, {value}, {value} : f64")
    return w.op("bad", "ori", w.op("is", "ori", above, below, "i1"), nan, "i1")


def some_sum_overflows(w, grads):
    """for g in grads: if sum(g) is inf or nan: return true; return false. Each
    tensor is looked at only in the else branch of the one before."""
    zero = w.constant("zero", "0.0", "f32")
    yes = w.let("yes", "arith.constant true")
    no = w.let("no", "arith.constant false")

    results = []
    for entry in grads:
        def add(w, element, total, dtype=entry.dtype):
            return w.op("a", "addf", total, widen(w, element, dtype), "f32")

        total = read_back(w, reduce(w, entry, zero, "f32", add), "f32")
        bad = overflows(w, total)
        results.append(w.name("found"))
        w.open(f"{results[-1]} = scf.if {bad} -> (i1)")
        w.emit(f"scf.yield {yes} : i1")
        w.close("} else {")
        w.indent += 1
    inner = no
    for result in reversed(results):
        w.emit(f"scf.yield {inner} : i1")
        w.close()
        inner = result
    return inner


def count_overflows(w, grads):
    """sum_i max_j f32(isnan(x) or isinf(x)), a tensor<f32>."""
    zero = w.constant("zero", "0.0", "f32")
    count = w.constant("count", "dense<0.0>", "tensor<f32>")
    for entry in grads:
        x, ones = entry.value, Entry(entry.shape, "f32", None)
        flags = tensor_type(entry.shape, "i1")
        size = w.let("abs", f"math.absf {x} : {entry.type}")
        inf = w.constant("inf", f"dense<{INFINITY[entry.dtype]}>", entry.type)
        inf = w.let("is_inf", f"arith.cmpf oeq, {size}, {inf} : {entry.type}")
        nan = w.let("is_nan", f"arith.cmpf une, {x}, {x} : {entry.type}")
        bad = w.op("bad", "ori", nan, inf, flags)
        ones.value = w.let("f", f"arith.uitofp {bad} : {flags} to {ones.type}")
        largest = reduce(w, ones, zero, "f32",
                         lambda w, x, acc: w.op("m", "maximumf", acc, x, "f32"))
        count = w.op("count", "addf", count, largest, "tensor<f32>")
    return count


def is_not_zero(w, tensor):
    zero = w.constant("zero64", "0.0", "f64")
    value = read_back(w, tensor, "f32")
    return w.let("overflow", f"arith.cmpf une, {value}, {zero} : f64")


class LossScale:
    """The state of w13 and the settings of its owner."""

    def __init__(self, w):
        self.scale = add_state(w, "scale", "f32")
        self.hysteresis = add_state(w, "hysteresis", "i32")
        self.last_overflow = add_state(w, "last_overflow", "i32")
        self.iteration = add_state(w, "iteration", "i32")

    def add_settings(self, w):
        self.shift = w.argument("delayed_shift", "i64")
        self.consecutive = w.argument("consecutive", "i1")
        self.window = w.argument("window", "i64")
        self.min_scale = w.argument("min_scale", "f64")

    def update(self, w, overflow):
        """Writes the next state; returns the new scale, f64 on the host."""
        scale = read_state(w, self.scale)
        hysteresis = read_state(w, self.hysteresis)
        last = read_state(w, self.last_overflow)
        iteration = read_state(w, self.iteration)
        zero = w.constant("c0", "0", "i64")
        one = w.constant("c1", "1", "i64")
        two = w.constant("two", "2.0", "f64")

        def is_equal(a, b):
            return w.let("is", f"arith.cmpi eq, {a}, {b} : i64")

        def halve():
            half = w.op("half", "divf", scale, two, "f64")
            low = w.let("is", f"arith.cmpf ogt, {self.min_scale}, {half} : f64")
            return [w.let("next", f"arith.select {low}, {self.min_scale}, {half} : f64"),
                    hysteresis]

        def shrink():
            last_chance = w.op("is", "ori", is_equal(self.shift, one),
                               is_equal(hysteresis, one), "i1")
            return [*w.choose("less", last_chance, ["f64", "i64"], halve,
                              lambda: [scale, w.op("h", "subi", hysteresis, one, "i64")]),
                    iteration]

        def double(kept):
            renewed, = w.choose("h", self.consecutive, ["i64"], lambda: [kept],
                                lambda: [self.shift])
            return [w.op("next", "mulf", scale, two, "f64"), renewed]

        def grow():
            kept, = w.choose("h", self.consecutive, ["i64"], lambda: [self.shift],
                             lambda: [hysteresis])
            since = w.op("since", "subi", iteration, last, "i64")
            since = w.op("since", "subi", since, one, "i64")

            def at_window():
                rest = w.op("rest", "remsi", since, self.window, "i64")
                return w.choose("more", is_equal(rest, zero), ["f64", "i64"],
                                lambda: double(kept), lambda: [scale, kept])

            some = w.let("is", f"arith.cmpi sgt, {since}, {zero} : i64")
            return [*w.choose("more", some, ["f64", "i64"], at_window,
                              lambda: [scale, kept]), last]

        scale, hysteresis, last = w.choose("state", overflow, ["f64", "i64", "i64"],
                                           shrink, grow)
        write_state(w, scale, self.scale)
        write_state(w, hysteresis, self.hysteresis)
        write_state(w, last, self.last_overflow)
        write_state(w, w.op("next", "addi", iteration, one, "i64"), self.iteration)
        return scale


# --- The workloads ------------------------------------------------------------


def w10(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    return some_sum_overflows(w, grads), "i1"


def w11(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    return is_not_zero(w, count_overflows(w, grads)), "i1"


def w13(w, shapes, dtype, layout):
    del shapes, dtype, layout  # It has no lists.
    state = LossScale(w)
    count = w.argument("count", "tensor<f32>")
    state.add_settings(w)
    state.update(w, is_not_zero(w, count))


def w14(w, shapes, dtype, layout):
    low = add_output_list(w, "lp", shapes, dtype, layout)
    p, m, v = (add_list(w, stem, shapes, "f32", layout) for stem in "pmv")
    grads = add_list(w, "g", shapes, dtype, layout)
    state = LossScale(w)
    state.add_settings(w)
    max_norm = w.argument("max_norm", "f64")
    rate = w.argument("lr", "f32")
    step = w.argument("step", "f32")

    overflow = is_not_zero(w, count_overflows(w, grads))
    scale = state.update(w, overflow)
    yes = w.let("yes", "arith.constant true")
    fine = w.let("fine", f"arith.xori {overflow}, {yes} : i1")
    with w.block(f"scf.if {fine}"):
        norm, _ = global_norm(w, grads)
        scaled = unscale_and_clip(w, grads, norm, scale, max_norm)
        grads = [Entry(e.shape, e.dtype, value) for e, value in zip(grads, scaled)]
        write_back(w, low, adamw(w, [p, m, v, grads], rate, step))
    return overflow, "i1"


def w15(w, shapes, dtype, layout):
    low = add_output_list(w, "lp", shapes, dtype, layout)
    p, m, v, grads = (add_list(w, stem, shapes, "f32", layout) for stem in "pmvg")
    norm = add_state(w, "norm", "f32")
    max_norm = w.argument("max_norm", "f64")
    rate = w.argument("lr", "f32")
    step = w.argument("step", "f32")

    device_norm = serial_norm(w, grads)
    store(w, device_norm, norm)
    host_norm = read_back(w, device_norm, "f32")
    finite = w.let("finite", f"math.isfinite {host_norm} : f64")
    with w.block(f"scf.if {finite}"):
        clip(w, grads, host_norm, max_norm)
        grads = reload(w, "g", grads)
        write_back(w, low, adamw(w, [p, m, v, grads], rate, step))
        zero_list(w, grads)
