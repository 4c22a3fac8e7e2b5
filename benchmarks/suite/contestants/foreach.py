"""The workloads by torch._foreach_* functions, with the interface of loops.py."""

import torch

from contestants import loops
from contestants.loops import (BETA1, BETA2, EPSILON, HIGHEST_RATIO, LOWEST_RATIO,
                               WEIGHT_DECAY)


def global_norm(grads):
    norms = torch._foreach_norm(grads, 2, dtype=torch.float32)
    return torch.linalg.vector_norm(torch.stack(norms))


def largest(grads):
    norms = torch._foreach_norm([g for g in grads if g.numel()], float("inf"))
    return torch.stack(norms).max()


def clip(grads, norm, max_norm):
    c = max_norm.float() / (norm + 1e-6)
    torch._foreach_mul_(grads, c.clamp(max=1.0))


def w1(lists, scalars):
    del scalars
    return loops.or_sentinel(global_norm(lists["g"]))


def w3(lists, scalars):
    del scalars
    return largest(lists["g"]).float()


def w4(lists, scalars):
    clip(lists["g"], scalars["norm"], scalars["max_norm"])


def w5(lists, scalars):
    norm = global_norm(lists["g"])
    clip(lists["g"], norm, scalars["max_norm"])
    return norm


def w7(lists, scalars):
    del scalars
    torch._foreach_add_(lists["hp"], lists["lp"])
    torch._foreach_zero_(lists["lp"])


def w9(lists, scalars):
    del scalars
    torch._foreach_copy_(lists["lp"], lists["hp"])


def w11(lists, scalars):
    del scalars
    return ~torch.isfinite(largest(lists["g"]))


def w12(lists, scalars):
    torch._foreach_mul_(lists["g"],
                        loops.unscale_factor(scalars["norm"].double(), scalars))


def update_moments(m, v, g):
    torch._foreach_lerp_(m, g, 1 - BETA1)
    torch._foreach_mul_(v, BETA2)
    torch._foreach_addcmul_(v, g, g, 1 - BETA2)


def gradients_like(p, g):
    """The gradients in the type of p, as optimizers want them."""
    if p[0].dtype == g[0].dtype:
        return g
    result = [torch.empty_like(x) for x in p]
    torch._foreach_copy_(result, g)
    return result


def adamw(lists, scalars):
    p, m, v = (lists[name] for name in "pmv")
    update_moments(m, v, gradients_like(p, lists["g"]))
    bc1, bc2 = (1 - beta ** scalars["step"] for beta in (BETA1, BETA2))
    divisor = torch._foreach_div(v, bc2.to(p[0].dtype))
    torch._foreach_sqrt_(divisor)
    torch._foreach_add_(divisor, EPSILON)
    torch._foreach_mul_(divisor, bc1.to(p[0].dtype))
    u = torch._foreach_div(m, divisor)
    torch._foreach_add_(u, p, alpha=WEIGHT_DECAY)
    torch._foreach_mul_(u, scalars["lr"].to(p[0].dtype))
    torch._foreach_sub_(p, u)


def w17(lists, scalars):
    p, m, v = (lists[name] for name in "pmv")
    update_moments(m, v, lists["g"])
    u = torch._foreach_sqrt(v)
    torch._foreach_add_(u, EPSILON)
    u = torch._foreach_div(m, u)
    torch._foreach_add_(u, p, alpha=WEIGHT_DECAY)
    wn = torch.stack(torch._foreach_norm(p, 2, dtype=torch.float32))
    un = torch.stack(torch._foreach_norm(u, 2, dtype=torch.float32))
    ratio = torch.where((wn != 0) & (un != 0),
                        (wn / un).clamp(LOWEST_RATIO, HIGHEST_RATIO), 1.0)
    factors = (ratio * scalars["lr"]).to(p[0].dtype).unbind()
    torch._foreach_mul_(u, list(factors))
    torch._foreach_sub_(p, u)


def finish(lists, scalars):
    adamw(lists, scalars)
    torch._foreach_copy_(lists["lp"], lists["p"])


def w14(lists, scalars):
    factor = loops.unscale_factor(global_norm(lists["g"]), scalars)
    torch._foreach_mul_(lists["g"], factor)
    finish(lists, scalars)


def w15_check(lists, scalars):
    scalars["norm"].copy_(global_norm(lists["g"]))
    return ~torch.isfinite(scalars["norm"])


def w15(lists, scalars):
    clip(lists["g"], scalars["norm"], scalars["max_norm"])
    finish(lists, scalars)
    torch._foreach_zero_(lists["g"])


FOREACH = {"w1": (None, w1), "w3": (None, w3), "w4": (None, w4), "w5": (None, w5),
           "w7": (None, w7), "w9": (None, w9), "w11": (None, w11), "w12": (None, w12),
           "w14": (w11, w14), "w15": (w15_check, w15), "w16": (None, adamw),
           "w17": (None, w17)}
