"""The workloads by jax.jit, with all lists that are written donated."""

import math

import jax
import jax.numpy as jnp
import torch

from contestants import Contestant
from contestants.loops import (BETA1, BETA2, EPSILON, HIGHEST_RATIO, LOWEST_RATIO,
                               WEIGHT_DECAY)

jax.config.update("jax_enable_x64", True)  # For norms in f64, as others have them.


def global_norm(grads):
    total = jnp.zeros((), jnp.float64)
    for g in grads:
        total += jnp.sum(jnp.square(g.astype(jnp.float32))).astype(jnp.float64)
    return jnp.sqrt(total)


def or_sentinel(norm):
    return jnp.where(jnp.isfinite(norm), norm, -1.0)


def scaled(grads, factor):
    factor = factor.astype(jnp.float32)
    return [(g.astype(jnp.float32) * factor).astype(g.dtype) for g in grads]


def clipped(grads, norm, max_norm):
    c = max_norm / (norm + 1e-6)
    return jax.lax.cond(c < 1, lambda g: scaled(g, c), lambda g: g, grads)


def unscaled(grads, norm, scalars):
    by, limit = scalars["scale"], scalars["max_norm"]
    ratio = (norm / by + 1e-6) / limit
    return scaled(grads, 1 / jnp.where((limit > 0) & (ratio > 1), ratio * by, by))


def cast(values, like):
    return [value.astype(old.dtype) for value, old in zip(values, like)]


def moments(lists):
    wide = {name: [x.astype(jnp.float32) for x in lists[name]] for name in "pmvg"}
    m = [BETA1 * m + (1 - BETA1) * g for m, g in zip(wide["m"], wide["g"])]
    v = [BETA2 * v + (1 - BETA2) * g * g for v, g in zip(wide["v"], wide["g"])]
    return wide["p"], m, v


def adamw(lists, scalars):
    bc1, bc2 = ((1 - beta ** scalars["step"]).astype(jnp.float32)
                for beta in (BETA1, BETA2))
    rate = scalars["lr"].astype(jnp.float32)
    old, m, v = moments(lists)
    p = [p - rate * ((m / bc1) / (jnp.sqrt(v / bc2) + EPSILON) + WEIGHT_DECAY * p)
         for p, m, v in zip(old, m, v)]
    return {name: cast(new, lists[name]) for name, new in zip("pmv", (p, m, v))}


def lamb(lists, scalars):
    rate = scalars["lr"].astype(jnp.float32)
    old, m, v = moments(lists)
    p = []
    for x, new_m, new_v in zip(old, m, v):
        u = new_m / (jnp.sqrt(new_v) + EPSILON) + WEIGHT_DECAY * x
        wn, un = (jnp.sqrt(jnp.sum(jnp.square(y))) for y in (x, u))
        ratio = jnp.where((wn != 0) & (un != 0),
                          jnp.clip(wn / un, LOWEST_RATIO, HIGHEST_RATIO), 1.0)
        p.append(x - rate * ratio * u)
    return {name: cast(new, lists[name]) for name, new in zip("pmv", (p, m, v))}


def overflows(grads):
    return jnp.stack([~jnp.isfinite(g).all() for g in grads]).any()


def step(lists, scalars, grads):
    """(lists after AdamW and the write back, with these gradients)."""
    new = adamw({**lists, "g": grads}, scalars)
    return {**lists, **new, "lp": cast(new["p"], lists["lp"])}


def w14(lists, scalars):
    flag = overflows(lists["g"])

    def update(lists):
        grads = unscaled(lists["g"], global_norm(lists["g"]), scalars)
        return {**step(lists, scalars, grads), "g": grads}

    return jax.lax.cond(flag, lambda lists: lists, update, lists), flag


def w15(lists, scalars):
    norm = global_norm(lists["g"])

    def update(lists):
        grads = clipped(lists["g"], norm, scalars["max_norm"])
        return {**step(lists, scalars, grads), "g": [0 * g for g in grads]}

    return jax.lax.cond(jnp.isfinite(norm), update, lambda lists: lists, lists), norm


def w5(lists, scalars):
    norm = global_norm(lists["g"])
    return {"g": clipped(lists["g"], norm, scalars["max_norm"])}, or_sentinel(norm)


def w3(lists, scalars):
    del scalars
    return {}, jnp.stack([jnp.abs(g).max() for g in lists["g"] if g.size]).max()


def w7(lists, scalars):
    del scalars
    return {"hp": [hp + lp.astype(hp.dtype) for hp, lp in zip(lists["hp"], lists["lp"])],
            "lp": [jnp.zeros_like(lp) for lp in lists["lp"]]}, None


# Of each program: (lists, scalars) -> (lists that changed, value or None).
FUNCTIONS = {
    "w1": lambda l, s: ({}, or_sentinel(global_norm(l["g"]))),
    "w3": w3,
    "w4": lambda l, s: ({"g": clipped(l["g"], s["norm"], s["max_norm"])}, None),
    "w5": w5,
    "w7": w7,
    "w9": lambda l, s: ({"lp": cast(l["hp"], l["lp"])}, None),
    "w11": lambda l, s: ({}, overflows(l["g"])),
    "w12": lambda l, s: ({"g": unscaled(l["g"], s["norm"], s)}, None),
    "w14": w14, "w15": w15,
    "w16": lambda l, s: (adamw(l, s), None),
    "w17": lambda l, s: (lamb(l, s), None),
}


class Jax(Contestant):
    """A jitted function on JAX arrays, which hold copies of the data."""
    uses_torch_stream = False

    def __init__(self, data):
        super().__init__(data)
        spec = data.case.spec
        function = FUNCTIONS[spec.program]

        def call(kept, donated, scalars):
            changed, value = function({**kept, **donated}, scalars)
            return {**donated, **changed}, value

        self.function = jax.jit(call, donate_argnums=1)
        host = {name: jnp.asarray(float(value), jnp.float64)
                for name, value in {**dict(spec.state), **data.scalars_of(0)}.items()}
        often = {name: jnp.asarray(float(value), jnp.float64)
                 for name, value in data.scalars_of(1).items()}
        self.scalars = [host, {**host, **often}]
        self.kept, self.donated = {}, {}
        self.result = None
        self.load()
        self.call(0)
        self.wait()

    def load(self):
        """Copies the data to JAX arrays."""
        for name, tensors in self.data.lists.items():
            arrays = [jnp.zeros(tuple(t.shape), jnp.dtype(str(t.dtype)[6:]))
                      if not t.numel() else jnp.copy(jax.dlpack.from_dlpack(t))
                      for t in tensors]
            written = name in self.data.case.spec.written
            (self.donated if written else self.kept)[name] = arrays
        jax.block_until_ready((self.kept, self.donated))

    def restart(self):
        self.load()

    def call(self, number):
        is_tenth = self.data.case.spec.tenth and number % 10 == 0
        scalars = self.scalars[0 if is_tenth else 1]
        self.donated, self.result = self.function(self.kept, self.donated, scalars)

    def wait(self):
        jax.block_until_ready((self.donated, self.result))

    def value(self):
        self.wait()
        return float(self.result)

    def written_back(self):
        for name, arrays in self.donated.items():
            for tensor, array in zip(self.data.lists[name], arrays):
                if math.prod(array.shape):
                    tensor.copy_(torch.from_dlpack(array))
