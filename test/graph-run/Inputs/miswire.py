"""Makes one mistake in the graph of transfers.mlir (state `graphs`).

Standard input to standard output; the argument names the mistake.
"""

import re
import sys


def replace(pattern, replacement, text):
    text, count = re.subn(pattern, replacement, text, count=1, flags=re.M)
    if not count:
        sys.exit(f"nothing matches {pattern}")
    return text


def find(pattern, text):
    match = re.search(pattern, text, flags=re.M)
    if not match:
        sys.exit(f"nothing matches {pattern}")
    return match.group(1)


text = sys.stdin.read()
source = find(r"memcpy (%\w+) to %arg0 ", text)
other = find(r"memcpy (%\w+) to %arg1 ", text)
condition = find(r"cudagraph.while (%\w+) ", text)
mistake = sys.argv[1]
if mistake == "loop":
    # The loop's copy to the second buffer takes the new value of the first.
    made = find(rf"memcpy (%\w+) to {source} after\(%\d+, ", text)
    kernel = find(r"(%\d+) = cudagraph.kernel \"halve.graph0.k1\"", text)
    text = replace(
        rf"^(      %\d+ = cudagraph.memcpy) %\w+ to {other} after\(%\d+\)",
        rf"\1 {made} to {other} after({kernel})",
        text,
    )
elif mistake == "result":
    text = replace(rf"memcpy {source} to %arg0 ", f"memcpy {other} to %arg0 ", text)
elif mistake == "missing":
    text = replace(r"^    %\d+ = cudagraph.memcpy %\w+ to %arg1 .*\n", "", text)
elif mistake == "condition":
    text = replace(
        rf"^    (%\d+) = cudagraph.memcpy %\w+ to {condition} (after\(%\d+\)).*$",
        rf"    \1 = cudagraph.memset {condition} value(0 : i8) \2 : memref<i1>",
        text,
    )
sys.stdout.write(text)
