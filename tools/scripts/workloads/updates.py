"""Writes of lists in place: w7, w8, w9, w16, w17, w26."""

from workloads.norms import norm_of
from workloads.writer import (Entry, add_line, add_list, add_output_list, elementwise,
                              load, narrow, read_back, store, strided_type,
                              tensor_type, widen)

# Hyperparameters; a real program has them as literals too.
BETA1, BETA2, EPSILON, WEIGHT_DECAY = "0.9", "0.999", "1.0e-08", "0.01"
ONE_MINUS_BETA1, ONE_MINUS_BETA2 = "0.1", "0.001"
LOWEST_RATIO, HIGHEST_RATIO = "0.01", "10.0"  # Of w17.


def zero_list(w, entries):
    """e[i] = 0."""
    if not entries:
        return
    dtype = entries[0].dtype
    zero = w.constant("zero", "0.0", dtype)
    for entry in entries:
        fill(w, entry, zero)


def fill(w, entry, value):
    empty = w.let("e", f"tensor.empty() : {entry.type}")
    store(w, w.let("z", f"linalg.fill ins({value} : {entry.dtype}) outs({empty} : "
                        f"{entry.type}) -> {entry.type}"), entry)


def write_back(w, low, high):
    """low[i] = high[i], rounded to nearest even; high is f32."""
    for lp, hp in zip(low, high):
        store(w, elementwise(w, [hp], [lp],
                             lambda w, e, lp=lp: [narrow(w, e[0], lp.dtype)])[0], lp)


class Moments:
    """m = b1*m + (1-b1)*g; v = b2*v + (1-b2)*g*g, in f32."""

    def __init__(self, w):
        self.beta1 = w.constant("beta1", BETA1, "f32")
        self.beta2 = w.constant("beta2", BETA2, "f32")
        self.rest1 = w.constant("rest1", ONE_MINUS_BETA1, "f32")
        self.rest2 = w.constant("rest2", ONE_MINUS_BETA2, "f32")

    def update(self, w, m, v, g):
        m = w.op("m", "addf", w.op("a", "mulf", self.beta1, m, "f32"),
                 w.op("a", "mulf", self.rest1, g, "f32"), "f32")
        square = w.op("a", "mulf", w.op("a", "mulf", self.rest2, g, "f32"), g, "f32")
        v = w.op("v", "addf", w.op("a", "mulf", self.beta2, v, "f32"), square, "f32")
        return m, v


def adamw(w, lists, rate, step):
    """Updates lists (p, m, v, g) in place but for g; returns the new p."""
    def correction(stem, beta):  # 1 - beta^step, in f64 on the host
        power = w.let("power", f"math.powf {w.constant(stem, beta, 'f64')}, "
                               f"{wide_step} : f64")
        value = w.let("bc", f"arith.subf {one}, {power} : f64")
        return w.let("bc", f"arith.truncf {value} : f64 to f32")

    one = w.constant("one", "1.0", "f64")
    wide_step = w.let("step64", f"arith.extf {step} : f32 to f64")
    bc1 = correction("beta1_64", BETA1)
    bc2 = correction("beta2_64", BETA2)
    moments = Moments(w)
    epsilon = w.constant("epsilon", EPSILON, "f32")
    decay = w.constant("decay", WEIGHT_DECAY, "f32")
    updated = []
    for entries in zip(*lists):
        outputs = entries[:3]

        def update(w, elements, entries=entries, outputs=outputs):
            def op(stem, name, a, b):
                return w.op(stem, name, a, b, "f32")

            p, m, v, g = (widen(w, x, e.dtype) for x, e in zip(elements, entries))
            m, v = moments.update(w, m, v, g)
            root = w.let("a", f"math.sqrt {op('a', 'divf', v, bc2)} : f32")
            u = op("u", "divf", op("a", "divf", m, bc1), op("a", "addf", root, epsilon))
            u = op("u", "addf", u, op("a", "mulf", decay, p))
            p = op("p", "subf", p, op("a", "mulf", rate, u))
            return [narrow(w, x, e.dtype) for x, e in zip((p, m, v), outputs)]

        results = elementwise(w, entries, outputs, update)
        for value, entry in zip(results, outputs):
            store(w, value, entry)
        p = outputs[0]
        updated.append(Entry(p.shape, p.dtype, results[0], p.buffer, p.buffer_type))
    return updated


def trust_ratio(w, weight_norm, update_norm):
    """f64 (wn != 0 and un != 0) ? clamp(wn / un, lowest, highest) : 1."""
    zero = w.constant("zero64", "0.0", "f64")
    one = w.constant("one", "1.0", "f64")
    lowest = w.constant("lowest", LOWEST_RATIO, "f64")
    highest = w.constant("highest", HIGHEST_RATIO, "f64")

    def is_not_zero(value):
        return w.let("nonzero", f"arith.cmpf une, {value}, {zero} : f64")

    def update_is_not_zero():
        return [is_not_zero(read_back(w, update_norm, "f32"))]

    def clamped():
        un = read_back(w, update_norm, "f32")
        ratio = w.op("ratio", "divf", wn, un, "f64")
        less = w.let("less", f"arith.cmpf olt, {highest}, {ratio} : f64")
        ratio = w.let("ratio", f"arith.select {less}, {highest}, {ratio} : f64")
        more = w.let("more", f"arith.cmpf ogt, {lowest}, {ratio} : f64")
        return [w.let("ratio", f"arith.select {more}, {lowest}, {ratio} : f64")]

    wn = read_back(w, weight_norm, "f32")
    both, = w.choose("both", is_not_zero(wn), ["i1"], update_is_not_zero,
                     lambda: [w.let("no", "arith.constant false")])
    return w.choose("r", both, ["f64"], clamped, lambda: [one])[0]


def lamb(w, lists, rate):
    """Updates lists (p, m, v, g) in place but for g; two norms per tensor are
    read by the host, which chooses the tensor's rate."""
    zero = w.constant("zero", "0.0", "f32")
    moments = Moments(w)
    epsilon = w.constant("epsilon", EPSILON, "f32")
    decay = w.constant("decay", WEIGHT_DECAY, "f32")
    rate = w.let("rate", f"arith.extf {rate} : f32 to f64")
    for entries in zip(*lists):
        p, m, v, _ = entries

        def direction(w, elements, entries=entries):
            p, m, v, g = (widen(w, x, e.dtype) for x, e in zip(elements, entries))
            m, v = moments.update(w, m, v, g)
            root = w.op("a", "addf", w.let("a", f"math.sqrt {v} : f32"), epsilon, "f32")
            u = w.op("u", "addf", w.op("u", "divf", m, root, "f32"),
                     w.op("a", "mulf", decay, p, "f32"), "f32")
            return [narrow(w, m, entries[1].dtype), narrow(w, v, entries[2].dtype), u]

        new_m, new_v, u = elementwise(
            w, entries, [m, v, Entry(p.shape, "f32", None)], direction)
        store(w, new_m, m)
        store(w, new_v, v)
        u = Entry(p.shape, "f32", u)
        ratio = trust_ratio(w, norm_of(w, p, zero), norm_of(w, u, zero))
        factor = w.op("factor", "mulf", rate, ratio, "f64")
        factor = w.let("factor", f"arith.truncf {factor} : f64 to f32")

        def move(w, elements, p=p, factor=factor):
            x = widen(w, elements[0], p.dtype)
            by = w.op("a", "mulf", factor, elements[1], "f32")
            return [narrow(w, w.op("p", "subf", x, by, "f32"), p.dtype)]

        store(w, elementwise(w, [p, u], [p], move)[0], p)


# --- The workloads ------------------------------------------------------------


def w7(w, shapes, dtype, layout):
    high = add_list(w, "hp", shapes, "f32", layout)
    low = add_list(w, "lp", shapes, dtype, layout)
    zero = w.constant("zero", "0.0", dtype)

    def add(w, elements):
        x = widen(w, elements[1], dtype)
        return [w.let("a", f"arith.addf {elements[0]}, {x} : f32")]

    for hp, lp in zip(high, low):
        store(w, elementwise(w, [hp, lp], [hp], add)[0], hp)
        fill(w, lp, zero)


def w8(w, shapes, dtype, layout):
    zero_list(w, add_output_list(w, "g", shapes, dtype, layout))


def w9(w, shapes, dtype, layout):
    low = add_output_list(w, "lp", shapes, dtype, layout)
    write_back(w, low, add_list(w, "hp", shapes, "f32", layout))


def w16(w, shapes, dtype, layout):
    lists = [add_list(w, stem, shapes, dtype, layout) for stem in "pmvg"]
    rate = w.argument("lr", "f32")
    step = w.argument("step", "f32")
    adamw(w, lists, rate, step)


def w17(w, shapes, dtype, layout):
    lists = [add_list(w, stem, shapes, dtype, layout) for stem in "pmvg"]
    lamb(w, lists, w.argument("lr", "f32"))


# --- A list and one flat bucket -----------------------------------------------


def groups(shape):
    """The reassociation between a shape and one dimension."""
    return f"[{list(range(len(shape)))}]" if shape else "[]"


def as_line(w, entry, count):
    """The value of an entry in one dimension; returns (value, type)."""
    if len(entry.shape) == 1:
        return entry.value, entry.type
    line = tensor_type([count], entry.dtype)
    if not entry.shape:
        return w.let("l", f"tensor.expand_shape {entry.value} [] output_shape [1] "
                          f": {entry.type} into {line}"), line
    return w.let("l", f"tensor.collapse_shape {entry.value} {groups(entry.shape)} "
                      f": {entry.type} into {line}"), line


def w26(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    bucket, bucket_type, places = add_line(w, "bucket", shapes, dtype)
    for entry, (at, count, _) in zip(grads, places):
        value, line = as_line(w, entry, count)
        type_ = strided_type([count], dtype, at)
        view = w.let("b", f"memref.subview {bucket}[{at}] [{count}] [1] "
                          f": memref<{bucket_type}> to {type_}")
        w.emit(f"bufferization.materialize_in_destination {value} in restrict "
               f"writable {view} : ({line}, {type_}) -> ()")


def w26_insert(w, shapes, dtype, layout):
    grads = add_list(w, "g", shapes, dtype, layout)
    bucket, bucket_type, places = add_line(w, "bucket", shapes, dtype)
    buffer, type_ = f"memref<{bucket_type}>", f"tensor<{bucket_type}>"
    whole = load(w, "t_bucket", bucket, buffer, type_)
    for entry, (at, count, _) in zip(grads, places):
        value, line = as_line(w, entry, count)
        whole = w.let("b", f"tensor.insert_slice {value} into {whole}[{at}] [{count}] "
                           f"[1] : {line} into {type_}")
    w.emit(f"bufferization.materialize_in_destination {whole} in restrict writable "
           f"{bucket} : ({type_}, {buffer}) -> ()")


def w26_back(w, shapes, dtype, layout):
    grads = add_output_list(w, "g", shapes, dtype, layout)
    bucket, bucket_type, places = add_line(w, "bucket", shapes, dtype)
    whole = load(w, "t_bucket", bucket, f"memref<{bucket_type}>",
                 f"tensor<{bucket_type}>")
    for entry, (at, count, shape) in zip(grads, places):
        line = tensor_type([count], dtype)
        value = w.let("l", f"tensor.extract_slice {whole}[{at}] [{count}] [1] "
                           f": tensor<{bucket_type}> to {line}")
        if not shape:
            value = w.let("l", f"tensor.collapse_shape {value} [] "
                               f": {line} into {entry.type}")
        elif len(shape) > 1:
            value = w.let("l", f"tensor.expand_shape {value} {groups(shape)} "
                               f"output_shape {list(shape)} : {line} into {entry.type}")
        store(w, value, entry)
