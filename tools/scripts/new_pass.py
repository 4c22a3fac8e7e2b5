#!/usr/bin/env python3
"""Makes the skeleton of a new pass on tensors and buffers.

  new_pass.py HoistLoads --summary "move loads before loops"
  new_pass.py ShareBuffers --anchor ModuleOp

Writes lib/Transforms/NAME.cpp and test/Transforms/FLAG.mlir, adds the entry to
include/GraphOpt/Transforms/Passes.td and the file to
lib/Transforms/CMakeLists.txt, and says what is left: the rewrite itself and its
place in the pipeline. (A conversion has a folder of its own in lib/Conversion.)
"""

import argparse
import os
import re
import sys

LAYER = "Transforms"
ANCHORS = {
    "func::FuncOp": "mlir/Dialect/Func/IR/FuncOps.h",
    "ModuleOp": "mlir/IR/BuiltinOps.h",
}

SOURCE = """\
{banner}
//
// TODO: what this pass implements, in a sentence or two.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/{layer}/Passes.h"

#include "{header}"

namespace graphopt {{
#define GEN_PASS_DEF_{upper}
#include "GraphOpt/{layer}/Passes.h.inc"
}} // namespace graphopt

using namespace mlir;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

/// TODO: policy stands here, in named predicates.
static bool isCandidate(Operation *op) {{ return false; }}

namespace {{

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

struct {name} : graphopt::impl::{name}Base<{name}> {{
  using Base::Base;

  void runOnOperation() override {{
    getOperation()->walk([](Operation *op) {{
      if (!isCandidate(op))
        return;
      // TODO: the rewrite.
    }});
  }}
}};

}} // namespace
"""

ENTRY = """\
def {name} : Pass<"{flag}", "::mlir::{anchor}"> {{
  let summary = "{summary}";
  let description = [{{
    TODO: IR before and after, what must hold before, what is refused and why,
    which pass comes next.
  }}];
}}

"""

TEST = """\
// RUN: graph-opt %s --{flag} -verify-diagnostics | FileCheck %s

// Tests that what the pass does not understand stays as it was.
// CHECK-LABEL: func.func @unrelated
// CHECK-NEXT:    return
func.func @unrelated() {{
  return
}}
"""


def banner(file, title):
    """The first line of a source file, filled with dashes to 80 columns."""
    start = f"//===- {file} - {title} "
    return start + "-" * max(0, 80 - len(start) - 7) + "-===//"


def add_entry(text, entry):
    """Adds a pass before the `#endif` of Passes.td."""
    at = text.rfind("#endif")
    return text[:at] + entry + text[at:] if at >= 0 else None


def add_source(text, layer, file):
    """Adds a file, in order, to the sources of GraphOpt<layer>."""
    match = re.search(rf"graphopt_library\(GraphOpt{layer}\s*\n((?:  [\w/]+\.cpp\n)+)",
                      text)
    if not match:
        return None
    sources = sorted(set(match.group(1).splitlines() + [f"  {file}"]))
    return text[:match.start(1)] + "\n".join(sources) + "\n" + text[match.end(1):]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="CamelCase, a verb first")
    parser.add_argument("--anchor", default="func::FuncOp", choices=list(ANCHORS))
    parser.add_argument("--summary", default="TODO: one line")
    parser.add_argument("--root", metavar="FOLDER", default=os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    args = parser.parse_args()
    if not re.fullmatch(r"([A-Z][a-z0-9]*)+", args.name):
        parser.error("the name must be in CamelCase")

    flag = re.sub(r"(?<!^)(?=[A-Z])", "-", args.name).lower()
    values = {
        "name": args.name, "upper": args.name.upper(), "flag": flag,
        "layer": LAYER, "anchor": args.anchor, "summary": args.summary,
        "header": ANCHORS[args.anchor],
        "banner": banner(f"{args.name}.cpp", "TODO: title"),
    }
    table = f"include/GraphOpt/{LAYER}/Passes.td"
    cmake = f"lib/{LAYER}/CMakeLists.txt"
    source = f"lib/{LAYER}/{args.name}.cpp"
    test = f"test/{LAYER}/{flag}.mlir"

    def path(name):
        return os.path.join(args.root, name)

    for file in (source, test):
        if os.path.exists(path(file)):
            sys.exit(f"error: {file} exists")
    try:
        with open(path(table), encoding="utf-8") as file:
            new_table = add_entry(file.read(), ENTRY.format(**values))
        with open(path(cmake), encoding="utf-8") as file:
            new_cmake = add_source(file.read(), LAYER, f"{args.name}.cpp")
    except OSError as error:
        sys.exit(f"error: {error}")
    if new_table is None or new_cmake is None:
        sys.exit(f"error: do not know where to add to {table} or {cmake}")

    # All or nothing: every text is ready before the first file is written.
    for name, text in ((table, new_table), (cmake, new_cmake),
                       (source, SOURCE.format(**values)), (test, TEST.format(**values))):
        os.makedirs(os.path.dirname(path(name)), exist_ok=True)
        with open(path(name), "w", encoding="utf-8") as file:
            file.write(text)
        print(f"wrote {name}")
    print("left: the rewrite, its tests, one line in lib/Pipelines")


if __name__ == "__main__":
    main()
