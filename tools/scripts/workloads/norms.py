"""Norms of lists, and what scales a list by them: w1 to w5, w12."""

from workloads.writer import (add_list, add_state, elementwise, narrow, read_back,
                              reduce, store, widen)


def norm_of(w, entry, zero):
    """f32 sqrt(sum(f32(g)^2)) as a tensor<f32>."""
    def add_square(w, element, total):
        x = widen(w, element, entry.dtype)
        return w.op("a", "addf", total, w.op("m", "mulf", x, x, "f32"), "f32")

    total = reduce(w, entry, zero, "f32", add_square)
    return w.let("n", f"math.sqrt {total} : tensor<f32>")


def global_norm(w, grads):
    """(raw norm, norm or -1), both f64 on the host."""
    zero = w.constant("zero", "0.0", "f32")
    total = w.constant("zero64", "0.0", "f64")
    for entry in grads:
        wide = read_back(w, norm_of(w, entry, zero), "f32")
        square = w.op("q", "mulf", wide, wide, "f64")
        total = w.op("total", "addf", total, square, "f64")
    norm = w.let("norm", f"math.sqrt {total} : f64")
    finite = w.let("finite", f"math.isfinite {norm} : f64")
    sentinel = w.constant("sentinel", "-1.0", "f64")
    return norm, w.let("result", f"arith.select {finite}, {norm}, {sentinel} : f64")


def serial_norm(w, grads):
    """The norm as a tensor<f32>, summed on the device in the list's order."""
    zero = w.constant("zero", "0.0", "f32")
    total = w.constant("total", "dense<0.0>", "tensor<f32>")
    for entry in grads:
        norm = norm_of(w, entry, zero)
        square = w.op("q", "mulf", norm, norm, "tensor<f32>")
        total = w.op("total", "addf", total, square, "tensor<f32>")
    return w.let("norm", f"math.sqrt {total} : tensor<f32>")


def scale_in_place(w, grads, factor):
    """g[i] *= factor (f32); returns the scaled values."""
    def scale(w, elements):
        x = widen(w, elements[0], grads[0].dtype)
        return [narrow(w, w.op("m", "mulf", x, factor, "f32"), grads[0].dtype)]

    results = []
    for entry in grads:
        results += elementwise(w, [entry], [entry], scale)
        store(w, results[-1], entry)
    return results


def clip(w, grads, norm, max_norm):
    """c = max_norm / (norm + 1e-6) in f64; if c < 1: g[i] *= f32(c)."""
    epsilon = w.constant("epsilon", "1.0e-06", "f64")
    divisor = w.let("divisor", f"arith.addf {norm}, {epsilon} : f64")
    c = w.let("c", f"arith.divf {max_norm}, {divisor} : f64")
    one = w.constant("one", "1.0", "f64")
    clips = w.let("clips", f"arith.cmpf olt, {c}, {one} : f64")
    with w.block(f"scf.if {clips}"):
        scale_in_place(w, grads, w.let("factor", f"arith.truncf {c} : f64 to f32"))


def unscale_and_clip(w, grads, norm, scale, max_norm):
    """g[i] *= 1 / (scale * max(1, clip)), all in f64 until the product; returns
    the values of the list. A NaN does not clip."""
    zero = w.constant("zero64", "0.0", "f64")
    one = w.constant("one", "1.0", "f64")
    epsilon = w.constant("epsilon", "1.0e-06", "f64")

    def with_clip():
        unscaled = w.op("unscaled", "divf", norm, scale, "f64")
        above = w.op("above", "addf", unscaled, epsilon, "f64")
        ratio = w.op("clip", "divf", above, max_norm, "f64")
        clips = w.let("clips", f"arith.cmpf ogt, {ratio}, {one} : f64")
        return w.choose("cs", clips, ["f64"],
                        lambda: [w.op("product", "mulf", ratio, scale, "f64")],
                        lambda: [scale])

    limits = w.let("limits", f"arith.cmpf ogt, {max_norm}, {zero} : f64")
    combined, = w.choose("cs", limits, ["f64"], with_clip, lambda: [scale])
    inverse = w.op("inverse", "divf", one, combined, "f64")
    factor = w.let("factor", f"arith.truncf {inverse} : f64 to f32")
    return scale_in_place(w, grads, factor)


# --- The workloads ------------------------------------------------------------


def w1(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    return global_norm(w, grads)[1], "f64"


def w2(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    norm = add_state(w, "norm", "f32")
    store(w, serial_norm(w, grads), norm)


def w3(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    zero = largest = w.constant("zero", "0.0", dtype)

    def keep_larger(w, element, largest):
        size = w.let("a", f"math.absf {element} : {dtype}")
        return w.op("m", "maximumf", largest, size, dtype)

    for entry in grads:
        norm = reduce(w, entry, zero, dtype, keep_larger)
        read = w.let("v", f"tensor.extract {norm}[] : tensor<{dtype}>")
        largest = w.op("largest", "maximumf", largest, read, dtype)
    return widen(w, largest, dtype), "f32"


def w4(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    norm = w.argument("norm", "tensor<f32>")
    max_norm = w.argument("max_norm", "f64")
    clip(w, grads, read_back(w, norm, "f32"), max_norm)


def w5(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    max_norm = w.argument("max_norm", "f64")
    raw, returned = global_norm(w, grads)
    clip(w, grads, raw, max_norm)
    return returned, "f64"


def w12(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    norm = w.argument("norm", "tensor<f32>")
    scale = w.argument("scale", "f64")
    max_norm = w.argument("max_norm", "f64")
    unscale_and_clip(w, grads, read_back(w, norm, "f32"), scale, max_norm)
