#!/usr/bin/env python3
"""Compares what generated workloads compute with the formulas, in Python.

  check_values.py --graph-run FILE --scripts DIR --work DIR

Every tensor holds one value, so that a list is a few numbers; the programs are
evaluated op by op, without the compiler.
"""

import argparse
import math
import os
import random
import shutil
import struct
import subprocess
import sys

INF, NAN = math.inf, math.nan
COUNTS = [4, 9]  # Elements of the tensors of a list.
STEP = {"lr": 0.1, "step": 3}


def read(path):
    """The first element of an .npy file."""
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<H", data[8:10])[0]
    kind = {"<f4": "f", "<f2": "e", "<i4": "i"}[eval(data[10:10 + size])["descr"]]
    return struct.unpack_from("<" + kind, data, 10 + size)[0]


# --- The formulas -------------------------------------------------------------


def norm(values):
    return math.sqrt(sum(n * x * x for n, x in zip(COUNTS, values)))


def loss_scale(state, overflow, shift, consecutive, window, min_scale):
    scale, hysteresis, last, iteration = state
    if overflow:
        if shift == 1 or hysteresis == 1:
            scale = max(scale / 2, min_scale)
        else:
            hysteresis -= 1
        last = iteration
    else:
        if consecutive:
            hysteresis = shift
        since = iteration - last - 1
        if since > 0 and since % window == 0:
            if not consecutive:
                hysteresis = shift
            scale *= 2
    return [scale, hysteresis, last, iteration + 1]


def inverse_scale(total, scale, max_norm):
    clip = (total / scale + 1e-6) / max_norm if max_norm else 0
    return 1 / (scale * clip if clip > 1 else scale)


def adamw(p, m, v, g):
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    bias = [1 - beta ** STEP["step"] for beta in (0.9, 0.999)]
    u = m / bias[0] / (math.sqrt(v / bias[1]) + 1e-8) + 0.01 * p
    return p - STEP["lr"] * u, m, v


def w12(g0, g1, total, scale, max_norm):
    by = inverse_scale(total, scale, max_norm)
    return [g0 * by, g1 * by]


def w13(*values):
    return loss_scale(values[:4], values[4] != 0, *values[5:])


def w14(*values):
    lists, state, settings = values[:10], values[10:14], values[14:18]
    low, p, m, v, g = (list(lists[i:i + 2]) for i in range(0, 10, 2))
    overflow = not all(map(math.isfinite, g))
    state = loss_scale(state, overflow, *settings)
    if not overflow:
        by = inverse_scale(norm(g), state[0], values[18])
        g = [x * by for x in g]
        for i in range(2):
            p[i], m[i], v[i] = adamw(p[i], m[i], v[i], g[i])
        low = p
    return low + p + m + v + g + state


def w15(*values):
    low, p, m, v, g = (list(values[i:i + 2]) for i in range(0, 10, 2))
    total, max_norm = norm(g), values[11]
    if math.isfinite(total):
        c = max_norm / (total + 1e-6)
        g = [x * c for x in g] if c < 1 else g
        for i in range(2):
            p[i], m[i], v[i] = adamw(p[i], m[i], v[i], g[i])
        low, g = p, [0, 0]
    return low + p + m + v + g + [total]


def w17(*values):
    p, m, v, g = (list(values[i:i + 2]) for i in range(0, 8, 2))
    for i, count in enumerate(COUNTS):
        m[i], v[i] = 0.9 * m[i] + 0.1 * g[i], 0.999 * v[i] + 0.001 * g[i] * g[i]
        u = m[i] / (math.sqrt(v[i]) + 1e-8) + 0.01 * p[i]
        weights, update = (math.sqrt(count) * abs(x) for x in (p[i], u))
        both = weights != 0 and update != 0
        ratio = min(max(weights / update, 0.01), 10) if both else 1
        p[i] -= values[8] * ratio * u
    return p + m + v + g


def draw_loss_scale(generator):
    """Random state, count and settings of w13."""
    choice = generator.choice
    return [float(2 ** choice(range(10))), choice([1, 2, 3]), choice(range(-1, 7)),
            choice(range(13)), choice([0, 0, 1, NAN]), choice([1, 2, 3]), choice([0, 1]),
            choice([1, 2, 3, 4]), choice([0.75, 1, 8])]


def all_calls():
    """(formula, arguments) of each program to run."""
    for total, scale, max_norm in [(2, 1, 1.5), (1, 2, 100), (1, 0.5, 0), (NAN, 2, 1)]:
        yield w12, [1, -3, total, scale, max_norm]
    generator = random.Random(1)
    for _ in range(24):
        yield w13, draw_loss_scale(generator)
    moments = [0.5, -0.25, 0.25, 0.5]
    for g, hysteresis, max_norm in [(2, 2, 1), (2, 2, 0), (INF, 1, 1), (NAN, 2, 1)]:
        yield w14, [0, 0, 1, 2, *moments, g, -1, 4, hysteresis, -1, 2, 2, 0, 2, 1,
                    max_norm, *STEP.values()]
    for g, max_norm in [(2, 1), (2, 100), (INF, 1), (NAN, 1)]:
        yield w15, [0, 0, 1, 2, *moments, g, -1, 0, max_norm, *STEP.values()]
    yield w17, [1, 2, *moments, 0.5, 2, 0.1]
    yield w17, [0, 1e-3, *moments, 0.5, 2, 0.1]
    yield w17, [2, 3, 0, 0, 0.25, 0.5, 0, 0, 0.1]


def is_close(a, b, dtype):
    return math.isnan(a) and math.isnan(b) or \
        math.isclose(a, b, rel_tol=2e-3 if dtype == "f16" else 2e-6, abs_tol=1e-7)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--graph-run", "--scripts", "--work"):
        parser.add_argument(name, required=True)
    options = parser.parse_args()
    sys.path.insert(0, options.scripts)
    import generate_workload  # pylint: disable=import-outside-toplevel

    program, out = (os.path.join(options.work, name) for name in ("p.mlir", "out"))
    counts = {}
    for formula, arguments in all_calls():
        workload = formula.__name__
        dtype = "f16" if workload == "w14" else "f32"
        with open(program, "w", encoding="utf-8") as file:
            file.write(generate_workload.generate(
                workload, "two tensors", [[n] for n in COUNTS], dtype, "separate"))
        shutil.rmtree(out, ignore_errors=True)
        command = [options.graph_run, program, "--reference-only", f"--out={out}"]
        command += [f"--arg={i}={value}" for i, value in enumerate(arguments)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        # Buffers come before scalars, and are what a formula returns.
        for i, expected in enumerate(formula(*arguments)):
            got = read(os.path.join(out, f"arg{i}.npy"))
            if not is_close(got, expected, dtype):
                sys.exit(f"{workload}{arguments}: argument {i} is {got}, not {expected}")
        counts[workload] = counts.get(workload, 0) + 1
    print(", ".join(f"{workload}: {count}" for workload, count in counts.items()))


if __name__ == "__main__":
    main()
