"""Each workload as a training library's loop over the tensors, without readbacks.

A function gets the lists by name and the scalars as tensors of the device by name,
writes the lists in place, and returns the workload's value, if it has one, as a
tensor. `LOOPS` holds, for each program, (check, body): if there is a check, the
host reads its value and calls `body` only if it is 0. They are captured as they
are, and are what torch.compile gets.
"""

import torch

BETA1, BETA2, EPSILON, WEIGHT_DECAY = 0.9, 0.999, 1e-8, 0.01
LOWEST_RATIO, HIGHEST_RATIO = 0.01, 10.0


def global_norm(grads):
    total = torch.zeros((), dtype=torch.float64, device=grads[0].device)
    for g in grads:
        total = total + torch.linalg.vector_norm(g, dtype=torch.float32).double() ** 2
    return total.sqrt()


def or_sentinel(norm):
    return torch.where(torch.isfinite(norm), norm, -1.0)


def scale(grads, factor):
    for g in grads:
        g.mul_(factor)


def clip(grads, norm, max_norm):
    c = max_norm / (norm + 1e-6)
    scale(grads, torch.where(c < 1, c, 1.0).float())


def unscale_factor(norm, scalars):
    """1 / (scale * max(1, ((norm / scale) + 1e-6) / max_norm)), without the limit if
    max_norm is 0."""
    by, limit = scalars["scale"], scalars["max_norm"]
    ratio = (norm / by + 1e-6) / limit
    return (1 / torch.where((limit > 0) & (ratio > 1), ratio * by, by)).float()


def w1(lists, scalars):
    del scalars
    return or_sentinel(global_norm(lists["g"]))


def w3(lists, scalars):
    del scalars
    grads = lists["g"]
    result = torch.zeros((), dtype=grads[0].dtype, device=grads[0].device)
    for g in grads:
        if g.numel():
            result = torch.maximum(result, g.abs().max())
    return result.float()


def w4(lists, scalars):
    clip(lists["g"], scalars["norm"].double(), scalars["max_norm"])


def w5(lists, scalars):
    norm = global_norm(lists["g"])
    clip(lists["g"], norm, scalars["max_norm"])
    return or_sentinel(norm)


def w7(lists, scalars):
    del scalars
    for hp, lp in zip(lists["hp"], lists["lp"]):
        hp.add_(lp)
        lp.zero_()


def w9(lists, scalars):
    del scalars
    for lp, hp in zip(lists["lp"], lists["hp"]):
        lp.copy_(hp)


def w11(lists, scalars):
    del scalars
    count = torch.zeros((), device=lists["g"][0].device)
    for g in lists["g"]:
        if g.numel():
            count = count + (torch.isnan(g) | torch.isinf(g)).float().max()
    return count != 0


def w12(lists, scalars):
    scale(lists["g"], unscale_factor(scalars["norm"].double(), scalars))


def update_moments(m, v, g):
    new_m = BETA1 * m.float() + (1 - BETA1) * g
    new_v = BETA2 * v.float() + (1 - BETA2) * g * g
    m.copy_(new_m)
    v.copy_(new_v)
    return new_m, new_v


def w16(lists, scalars):
    bc1 = 1 - BETA1 ** scalars["step"]
    bc2 = 1 - BETA2 ** scalars["step"]
    for p, m, v, g in zip(*(lists[name] for name in "pmvg")):
        new_m, new_v = update_moments(m, v, g.float())
        u = (new_m / bc1) / ((new_v / bc2).sqrt() + EPSILON)
        p.copy_(p.float() - scalars["lr"] * (u + WEIGHT_DECAY * p.float()))


def w17(lists, scalars):
    for p, m, v, g in zip(*(lists[name] for name in "pmvg")):
        new_m, new_v = update_moments(m, v, g.float())
        x = p.float()
        u = new_m / (new_v.sqrt() + EPSILON) + WEIGHT_DECAY * x
        wn, un = torch.linalg.vector_norm(x), torch.linalg.vector_norm(u)
        ratio = torch.where((wn != 0) & (un != 0),
                            (wn / un).clamp(LOWEST_RATIO, HIGHEST_RATIO), 1.0)
        p.copy_(x - scalars["lr"] * ratio * u)


def w14(lists, scalars):
    scale(lists["g"], unscale_factor(global_norm(lists["g"]), scalars))
    w16(lists, scalars)
    w9({"lp": lists["lp"], "hp": lists["p"]}, scalars)


def w15_check(lists, scalars):
    scalars["norm"].copy_(global_norm(lists["g"]))
    return ~torch.isfinite(scalars["norm"])


def w15(lists, scalars):
    clip(lists["g"], scalars["norm"].double(), scalars["max_norm"])
    w16(lists, scalars)
    w9({"lp": lists["lp"], "hp": lists["p"]}, scalars)
    for g in lists["g"]:
        g.zero_()


LOOPS = {"w1": (None, w1), "w3": (None, w3), "w4": (None, w4), "w5": (None, w5),
         "w7": (None, w7), "w9": (None, w9), "w11": (None, w11), "w12": (None, w12),
         "w14": (w11, w14), "w15": (w15_check, w15), "w16": (None, w16),
         "w17": (None, w17)}
