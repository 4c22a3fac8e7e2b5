#!/usr/bin/env python3
"""Plants one violation of each rule in a copy of the tree and sees it caught.

  self_test.py ROOT
"""

import os
import shutil
import sys
import tempfile

import check_architecture

FOLDERS = ["cmake", "dialects", "include", "lib", "test", "tools"]

# (rule, file, text appended to it, part of the expected message)
PLANTS = [
    ("layers", "dialects/GraphOpt/Planted.cpp",
     '#include "GraphOpt/Transforms/Passes.h"\n', "dialects must not include"),
    ("layers", "lib/Runtime/Planted.cpp",
     '#include "mlir/IR/Value.h"\n', "the runtime includes mlir/IR/Value.h"),
    ("layers", "lib/Runtime/Planted.cpp",
     '#include <llvm/ADT/SmallVector.h>\n', "the runtime includes llvm/ADT"),
    ("layers", "lib/Conversion/Planted.cpp",
     '#include "GraphOpt/Transforms/Passes.h"\n', "Conversion must not include"),
    ("layers", "tools/graph-opt/Planted.cpp",
     '#include "GraphOpt/Transforms/Passes.h"\n', "tools must not include"),
    ("layers", "lib/Helpers/Planted.cpp", "\n", "'Helpers' is not in the design"),
    ("analysis", "lib/Analysis/Planted.cpp",
     "void f(Operation *op) { op->erase(); }\n", "->erase()"),
    ("transforms", "lib/Transforms/Planted.cpp",
     "auto op = gpu::BarrierOp::create(b, loc);\n", "gpu::BarrierOp::create("),
    ("order", "lib/Transforms/Planted.cpp",
     "pm.addPass(createCSEPass());\n", "addPass"),
    ("dylib", "lib/Transforms/Planted.cmake",
     "target_link_libraries(X PRIVATE MLIRTransforms)\n", "MLIRTransforms"),
    ("dylib", "lib/Runtime/Planted.cmake",
     "target_link_libraries(GraphOptRuntime PRIVATE MLIR)\n", "the runtime must not"),
    ("passes", "include/GraphOpt/Planted/Passes.td",
     'def Planted : Pass<"planted-pass", "ModuleOp"> {}\n', "defined by 0 .cpp"),
    ("passes", "include/GraphOpt/Planted/Passes.td",
     'def Planted : Pass<"planted-pass", "ModuleOp"> {}\n', "no test names"),
    ("mains", "tools/graph-opt/Planted.cpp",
     "int main() {\n" + "\n" * 60 + "}\n", "at most 60"),
    ("mains", "tools/graph-opt/Planted.cpp",
     "int main() { registry.insert<tseq::TSeqDialect>(); }\n", "registration"),
]


def plant(root, path, text):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "a", encoding="utf-8") as file:
        file.write(text)
    return full


def main():
    source = sys.argv[1]
    missed = 0
    with tempfile.TemporaryDirectory() as root:
        for folder in FOLDERS:
            shutil.copytree(os.path.join(source, folder), os.path.join(root, folder))
        for rule, path, text, message in PLANTS:
            planted = plant(root, path, text)
            found = [v for v in check_architecture.check(root)
                     if v[0] == path and v[2] == rule and message in v[3]]
            os.remove(planted)
            if not found:
                missed += 1
                print(f"missed: [{rule}] {path}: {message}")
    print(f"{len(PLANTS) - missed} of {len(PLANTS)} planted violations caught")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
