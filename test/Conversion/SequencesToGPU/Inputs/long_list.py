#!/usr/bin/env python3
"""Prints a region that negates a list of N tensors.

  long_list.py N
"""

import sys

COUNT = int(sys.argv[1])
LIST = f"!tseq.seq<{COUNT} x memref<2xf32>>"


def names(stem):
    return ", ".join(f"%{stem}{i}" for i in range(COUNT))


types = ", ".join(["memref<2xf32>"] * COUNT)
arguments = ", ".join(f"%m{i}: memref<2xf32>" for i in range(COUNT))
inputs = ", ".join(f"%a{i} = %m{i}" for i in range(COUNT))
print(f"""func.func @long_list({arguments}) {{
  tseq.graph "g" ({inputs}) : ({types}) -> () {{
    %s = tseq.pack {names("a")} : {LIST}
    tseq.map chunk(4096) ins(%s : {LIST}) outs(%s : {LIST}) {{
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }}
    tseq.yield
  }}
  return
}}""")
