#!/usr/bin/env python3
"""Writes the optimizer chains of real training steps as plain upstream MLIR.

The lists of tensors come from a JSON file with a `shapes` entry; the IR is what
a framework compiler would emit before any optimization: one reduction per
tensor, one readback per value the host looks at, host arithmetic in the host's
types (f64, i64), host branches.

  w1   global norm: f64 sqrt(sum over i of f64(f32 sqrt(sum(g[i]^2)))^2), or -1
       if it is not finite
  w2   the same in f32, summed by the device in the list's order, no -1
  w3   infinity norm: the largest abs(g[i][j]), or NaN if there is one
  w4   clip by norm: c = max_norm / (norm + 1e-6); if c < 1: g[i] *= c
  w5   w1, then w4 on the raw norm (the -1 is returned, never used as data)
  w7   accumulate: hp[i] += f32(lp[i]); lp[i] = 0
  w8   zero: g[i] = 0
  w9   write back: lp[i] = round_to_nearest_even(hp[i])
  w10  overflow by sum: for each i: if sum(f32(g[i])) is inf or NaN, return true
       at once; return false
  w11  overflow by count: whether an element is inf or NaN
  w12  unscale and clip: r = ((norm / scale) + 1e-6) / max_norm, 0 if max_norm is;
       g[i] *= 1 / (scale * max(1, r))
  w13  state of loss scaling: on overflow (count != 0), halve the scale down to
       min_scale or use up hysteresis; else double it every `window` calls
  w14  step in half precision: w11, w13; if there is no overflow: w1, w12, w16
       on the scaled gradients, w9; returns whether there is one
  w15  step: w2; if the norm is finite: w4, w16, w9, w8
  w16  AdamW, decoupled weight decay; lr and step are arguments
  w17  LAMB: per tensor the norms of p and of its update are read by the host,
       which chooses the tensor's rate
  w26  flatten: bucket[off_i : off_i + n_i] = g[i], through views of the bucket;
       w26_insert by tensor.insert_slice; w26_back copies from bucket to g

Arguments of the entry (named like the workload) are the lists in the order
given below, then buffers of one element that keep state, then scalars of the
device (tensor<f32>) and of the host:

  w1(g) -> f64                 w11(g) -> i1
  w2(g, norm)                  w12(g, norm, scale, max_norm)
  w3(g) -> f32                 w13(STATE, count, SETTINGS)
  w4(g, norm, max_norm)        w14(lp, p, m, v, g, STATE, SETTINGS, max_norm,
  w5(g, max_norm) -> f64           lr, step) -> i1
  w7(hp, lp)                   w15(lp, p, m, v, g, norm, max_norm, lr, step)
  w8(g)                        w16(p, m, v, g, lr, step)
  w9(lp, hp)                   w17(p, m, v, g, lr)
  w10(g) -> i1                 w26(g, bucket), w26_insert, w26_back

  STATE     scale (f32), hysteresis, last_overflow, iteration (i32)
  SETTINGS  delayed_shift (i64), consecutive (i1), window (i64), min_scale (f64)

max_norm and scale are f64, lr and step f32. Lists have --dtype, but for hp and,
in w14 and w15, p, m, v, which are f32; so is g of w15.
"""

import argparse
import json
import sys

from workloads import norms, steps, updates
from workloads.writer import Writer

WORKLOADS = {
    "w1": norms.w1, "w2": norms.w2, "w3": norms.w3, "w4": norms.w4, "w5": norms.w5,
    "w7": updates.w7, "w8": updates.w8, "w9": updates.w9, "w10": steps.w10,
    "w11": steps.w11, "w12": norms.w12, "w13": steps.w13, "w14": steps.w14,
    "w15": steps.w15, "w16": updates.w16, "w17": updates.w17, "w26": updates.w26,
    "w26_insert": updates.w26_insert, "w26_back": updates.w26_back,
}


def generate(workload, name, shapes, dtype, layout):
    """The module as one string; the same arguments give the same string."""
    w = Writer()
    w.indent = 2
    result = WORKLOADS[workload](w, shapes, dtype, layout)
    value, type_ = result or ("", "")
    returns = f" -> {type_}" if result else ""
    lines = [f"// {workload} on {name}: {len(shapes)} tensors, {dtype}, {layout}.",
             "module {",
             f"  func.func @{workload}({', '.join(w.arguments)}){returns} {{"]
    lines += w.lines
    lines += [f"    return {value} : {type_}" if result else "    return", "  }", "}"]
    return "\n".join(lines) + "\n"


def read_shapes(path):
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except (OSError, ValueError) as error:
        sys.exit(f"error: cannot read shapes: {error}")
    shapes = data.get("shapes") if isinstance(data, dict) else None
    if not isinstance(shapes, list) or not all(
            isinstance(s, list) and all(type(d) is int and d >= 0 for d in s)
            for s in shapes):
        sys.exit(f"error: {path}: expected a 'shapes' list of lists of sizes")
    return str(data.get("name", "shapes")), shapes


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", required=True, choices=list(WORKLOADS))
    parser.add_argument("--shapes", required=True, metavar="FILE.json")
    parser.add_argument("--dtype", default="f32", choices=["f32", "bf16", "f16"])
    parser.add_argument("--layout", default="separate", choices=["separate", "flat"])
    parser.add_argument("--max-tensors", type=int, metavar="N",
                        help="keep the first N tensors (0: an empty list)")
    parser.add_argument("-o", "--output", default="-", metavar="FILE")
    args = parser.parse_args()
    if args.max_tensors is not None and args.max_tensors < 0:
        parser.error("--max-tensors must not be negative")

    name, shapes = read_shapes(args.shapes)
    if args.max_tensors is not None:
        shapes = shapes[:args.max_tensors]
    text = generate(args.workload, name, shapes, args.dtype, args.layout)
    if args.output == "-":
        sys.stdout.write(text)
        return
    try:
        with open(args.output, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        sys.exit(f"error: cannot write the module: {error}")


if __name__ == "__main__":
    main()
