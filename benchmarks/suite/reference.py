"""Each workload in f64, one tensor at a time: what results are compared with."""

import math

BETA1, BETA2, EPSILON, WEIGHT_DECAY = 0.9, 0.999, 1e-8, 0.01
LOWEST_RATIO, HIGHEST_RATIO = 0.01, 10.0


def global_norm(data):
    sums = [data.initial("g", i).square().sum() for i in range(len(data.shapes))]
    return math.sqrt(data.torch.stack(sums).sum().item())


def largest(data):
    sizes = [data.initial("g", i).abs().max() for i, shape in enumerate(data.shapes)
             if math.prod(shape)]
    return data.torch.stack(sizes).max().item()


def clip_factor(norm, max_norm):
    c = max_norm / (norm + 1e-6)
    return c if c < 1 else 1.0


def unscale_factor(norm, scale, max_norm):
    combined = scale
    if max_norm > 0:
        ratio = (norm / scale + 1e-6) / max_norm
        combined = ratio * scale if ratio > 1 else scale
    return 1 / combined


def moments(get, g):
    m = BETA1 * get("m") + (1 - BETA1) * g
    return m, BETA2 * get("v") + (1 - BETA2) * g * g


def adamw(get, g, scalars):
    step = scalars["step"]
    m, v = moments(get, g)
    u = (m / (1 - BETA1 ** step)) / ((v / (1 - BETA2 ** step)).sqrt() + EPSILON)
    p = get("p")
    return {"p": p - scalars["lr"] * (u + WEIGHT_DECAY * p), "m": m, "v": v}


def lamb(get, scalars):
    m, v = moments(get, get("g"))
    p = get("p")
    u = m / (v.sqrt() + EPSILON) + WEIGHT_DECAY * p
    wn, un = p.norm(), u.norm()
    ratio = (wn / un).clamp(LOWEST_RATIO, HIGHEST_RATIO)
    ratio = ratio.where((wn != 0) & (un != 0), 1.0)
    return {"p": p - scalars["lr"] * ratio * u, "m": m, "v": v}


def run(data):
    """(value, expected) of a call from the initial state: expected(i) is the i-th
    tensor, by name, of each list that is written."""
    program = data.case.spec.program
    scalars = data.scalars_of(0)
    state = dict(data.case.spec.state)

    def getter(index):
        return lambda name: data.initial(name, index)

    def scaled(factor):
        return lambda i: {"g": data.initial("g", i) * factor}

    if program == "w1":
        return global_norm(data), lambda i: {}
    if program == "w3":
        return largest(data), lambda i: {}
    if program == "w4":
        return None, scaled(clip_factor(state["norm"], scalars["max_norm"]))
    if program == "w5":
        norm = global_norm(data)
        return norm, scaled(clip_factor(norm, scalars["max_norm"]))
    if program == "w7":
        return None, lambda i: {
            "hp": data.initial("hp", i) + data.initial("lp", i),
            "lp": 0 * data.initial("lp", i)}
    if program == "w9":
        return None, lambda i: {"lp": data.initial("hp", i)}
    if program == "w11":
        return 1.0, lambda i: {}
    if program == "w12":
        return None, scaled(unscale_factor(state["norm"], scalars["scale"],
                                           scalars["max_norm"]))
    if program == "w16":
        return None, lambda i: adamw(getter(i), data.initial("g", i), scalars)
    if program == "w17":
        return None, lambda i: lamb(getter(i), scalars)

    norm = global_norm(data)
    if program == "w14":
        factor = unscale_factor(norm, state["scale"], scalars["max_norm"])
    else:
        factor = clip_factor(norm, scalars["max_norm"])

    def step(i):
        g = data.initial("g", i) * factor
        updated = adamw(getter(i), g, scalars)
        return {**updated, "lp": updated["p"], "g": g if program == "w14" else 0 * g}

    return (0.0 if program == "w14" else None), step
