#!/usr/bin/env python3
"""Checks the rules of dependence between the folders of the source tree.

  check_architecture.py ROOT   prints `file:line: [rule] message` for each
                               violation; the exit status is 1 if there is any

Rules:
  layers      a folder includes only headers of the folders below it; the
              runtime includes neither MLIR nor LLVM; tools include only
              InitAll.h, Pipelines.h, Emission.h and the runtime's header
  analysis    analyses never change IR
  transforms  transforms never make gpu or llvm ops
  order       only the pipelines add passes to a pass manager
  dylib       targets link libMLIR and libLLVM, never one of their archives
  passes      a pass has one .cpp that defines it and a test that names its flag
  mains       a main function's file has at most 60 lines and no registration
"""

import os
import re
import sys

MAIN_LINES = 60
SOURCES = (".h", ".cpp", ".c", ".td")
DIALECTS = ["GraphOpt/TensorSeq/", "GraphOpt/CudaGraph/"]
RUNTIME_HEADER = "GraphOpt/Runtime/GraphRuntime.h"

# Which of our headers the files under a folder may include.
LAYERS = {
    "dialects": DIALECTS,
    "Analysis": DIALECTS + ["GraphOpt/Analysis/"],
    "Transforms": DIALECTS + ["GraphOpt/Analysis/", "GraphOpt/Transforms/"],
    "Conversion": DIALECTS + ["GraphOpt/Analysis/", "GraphOpt/Conversion/",
                              RUNTIME_HEADER],
    "Pipelines": DIALECTS + ["GraphOpt/Analysis/", "GraphOpt/Transforms/",
                             "GraphOpt/Conversion/", "GraphOpt/Pipelines/"],
    "Runtime": ["GraphOpt/Runtime/"],
    "Emission": ["GraphOpt/Conversion/EntryPoints.h", "GraphOpt/Pipelines/",
                 "GraphOpt/Emission/", "GraphOpt/Runtime/"],
    "tools": ["GraphOpt/InitAll.h", "GraphOpt/Pipelines/Pipelines.h",
              "GraphOpt/Emission/Emission.h", RUNTIME_HEADER],
}

INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^">]+)[">]|\s*include\s+"([^"]+)"')
CHANGES_IR = re.compile(r"\b(OpBuilder|IRRewriter|RewriterBase|PatternRewriter|"
                        r"replaceAllUsesWith|replaceOp|eraseOp|setOperand|"
                        r"takeBody|moveBefore|moveAfter)\b|->erase\(\)|\.erase\(\)|"
                        r"Op::create\(|mlir/IR/PatternMatch\.h")
MAKES_TARGET_OP = re.compile(r"\b(gpu|LLVM|NVVM|ROCDL)::\w+::create\(|"
                             r"\bcreate(OrFold)?<\s*(mlir::)?(gpu|LLVM|NVVM|ROCDL)::")
ADDS_PASS = re.compile(r"\badd(Nested)?Pass\b")
ARCHIVE = re.compile(r"\b(MLIR|LLVM)[A-Z][a-z]\w*\b")
# Names of packages and shared libraries that look like archives.
NOT_ARCHIVES = {"MLIRConfig", "LLVMConfig", "MLIRExecutionEngineShared"}
PASS_DEF = re.compile(r"^\s*def\s+(\w+)\s*:\s*(?:\w*Pass\w*)\s*<\s*\"([\w-]+)\"")
REGISTERS = re.compile(r"registry\.insert<|\bregister(?!AllDialects|AllPasses|"
                       r"Dialects|Passes)\w*(Pass|Dialect)\w*\(")


def files_under(root, folder, suffixes):
    for directory, names, files in os.walk(os.path.join(root, folder)):
        names[:] = sorted(n for n in names if not n.startswith((".", "build")))
        for file in sorted(files):
            if file.endswith(suffixes) or file in suffixes:
                yield os.path.relpath(os.path.join(directory, file), root)


def read_lines(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read().splitlines()


def code_of(line):
    """The line without its `//` comment (a URL in a string is not code either)."""
    return line.split("//", 1)[0]


def layer_of(path):
    parts = path.split(os.sep)
    if parts[0] in ("dialects", "tools"):
        return parts[0]
    if parts[0] == "lib" and len(parts) > 2:
        return parts[1]
    if parts[:2] == ["include", "GraphOpt"] and len(parts) > 3:
        return parts[2]
    return None  # lib/InitAll.cpp and include/GraphOpt/InitAll.h see everything.


def check_layers(root):
    for folder in ("dialects", "include", "lib", "tools"):
        for path in files_under(root, folder, SOURCES):
            layer = layer_of(path)
            if layer is None:
                continue
            if layer not in LAYERS:
                yield path, 1, "layers", f"folder '{layer}' is not in the design"
                continue
            for number, line in enumerate(read_lines(root, path), 1):
                match = INCLUDE.match(line)
                header = match and (match.group(1) or match.group(2))
                if not header:
                    continue
                if header.startswith("GraphOpt/") and not any(
                        header.startswith(allowed) for allowed in LAYERS[layer]):
                    yield path, number, "layers", f"{layer} must not include {header}"
                if layer == "Runtime" and header.startswith(
                        ("mlir", "llvm")):
                    yield path, number, "layers", f"the runtime includes {header}"


def check_words(root, layer, pattern, rule, message):
    for folder in (f"lib/{layer}", f"include/GraphOpt/{layer}"):
        for path in files_under(root, folder, (".h", ".cpp")):
            for number, line in enumerate(read_lines(root, path), 1):
                match = pattern.search(code_of(line))
                if match:
                    yield path, number, rule, f"{message}: {match.group(0)}"


def check_order(root):
    for layer in ("Analysis", "Transforms", "Conversion"):
        yield from check_words(root, layer, ADDS_PASS, "order",
                               "only lib/Pipelines knows the order of passes")


def check_dylib(root):
    for folder in ("dialects", "lib", "tools", "test", "cmake"):
        for path in files_under(root, folder, ("CMakeLists.txt", ".cmake")):
            runtime = path.startswith(os.path.join("lib", "Runtime"))
            for number, line in enumerate(read_lines(root, path), 1):
                line = line.split("#", 1)[0]
                for match in ARCHIVE.finditer(line):
                    if match.group(0) not in NOT_ARCHIVES:
                        yield path, number, "dylib", f"{match.group(0)} is an archive"
                if runtime and re.search(r"\b(MLIR|LLVM|graphopt_library)\b", line):
                    yield path, number, "dylib", "the runtime must not link MLIR or LLVM"


def check_passes(root):
    sources = {path: "\n".join(read_lines(root, path))
               for path in files_under(root, "lib", (".cpp",))}
    tests = "\n".join("\n".join(read_lines(root, path))
                      for path in files_under(root, "test", (".mlir", ".test")))
    for table in files_under(root, "include", ("Passes.td",)):
        for number, line in enumerate(read_lines(root, table), 1):
            match = PASS_DEF.match(line)
            if not match:
                continue
            name, flag = match.groups()
            guard = re.compile(rf"#define\s+GEN_PASS_DEF_{name.upper()}\b")
            count = sum(1 for text in sources.values() if guard.search(text))
            if count != 1:
                yield table, number, "passes", f"{name} is defined by {count} .cpp files"
            if not re.search(rf"(?<![\w-])(?:--?)?{re.escape(flag)}(?![\w-])", tests):
                yield table, number, "passes", f"no test names --{flag}"


def check_mains(root):
    for path in files_under(root, "tools", (".cpp", ".c")):
        lines = read_lines(root, path)
        if not any(re.match(r"\s*int\s+main\s*\(", line) for line in lines):
            continue
        if len(lines) > MAIN_LINES:
            yield path, len(lines), "mains", f"{len(lines)} lines, at most {MAIN_LINES}"
        for number, line in enumerate(lines, 1):
            if REGISTERS.search(code_of(line)):
                yield path, number, "mains", "a main holds no registration list"


def check(root):
    """All violations as (file, line, rule, message)."""
    result = list(check_layers(root))
    result += check_words(root, "Analysis", CHANGES_IR, "analysis",
                          "an analysis never changes IR")
    result += check_words(root, "Transforms", MAKES_TARGET_OP, "transforms",
                          "a transform never makes gpu or llvm ops")
    result += check_order(root)
    result += check_dylib(root)
    result += check_passes(root)
    result += check_mains(root)
    return result


def main():
    if len(sys.argv) != 2 or not os.path.isdir(os.path.join(sys.argv[1], "lib")):
        sys.exit("usage: check_architecture.py ROOT (of the source tree)")
    violations = check(sys.argv[1])
    for path, number, rule, message in violations:
        print(f"{path}:{number}: [{rule}] {message}")
    sys.exit(1 if violations else 0)


if __name__ == "__main__":
    main()
