# Configuration of the lit suite.
#
#   --param roundtrip=1   every graph-opt call also prints and re-parses its input

import os
import shutil
import subprocess

import lit.formats
import lit.util

config.name = "GRAPHOPT"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "embedding", "lib"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.graphopt_obj_root, "test")

config.environment["PYTHONDONTWRITEBYTECODE"] = "1"


def tool(name, directory):
    """Path of a tool; a test that uses one that is not built fails by name."""
    return os.path.join(directory, name)


graph_opt = tool("graph-opt", config.graphopt_tools_dir)
if lit_config.params.get("roundtrip", "0") not in ("", "0"):
    graph_opt += " --verify-roundtrip"
    config.available_features.add("roundtrip")

python = config.python_executable
scripts = os.path.join(config.graphopt_src_root, "tools", "scripts")

# Longer names first: lit replaces the first pattern that matches.
config.substitutions += [
    ("%python", python),
    ("%plugin", os.path.join(config.graphopt_lib_dir, "GraphOptPlugin.so")),
    ("%shapes", os.path.join(config.graphopt_src_root, "examples", "shapes")),
    ("%examples", os.path.join(config.graphopt_src_root, "examples")),
    ("%gen", f"{python} {os.path.join(scripts, 'generate_workload.py')}"),
    ("%scripts", scripts),
    ("%cxx", config.cxx_compiler),
    ("%cc", config.c_compiler),
    ("%lib", config.graphopt_lib_dir),
    ("%root", config.graphopt_src_root),
    ("%build", config.graphopt_obj_root),
]

# A tool's name counts only as a word of its own: not in paths, not in options.
word = r"(?<![-\w/.=]){}(?![-\w/.=])"
commands = {
    "graph-opt": graph_opt,
    "graph-compile": tool("graph-compile", config.graphopt_tools_dir),
    "graph-run": tool("graph-run", config.graphopt_tools_dir),
    "graph-opt-lsp-server": tool("graph-opt-lsp-server", config.graphopt_tools_dir),
    "FileCheck": tool("FileCheck", config.llvm_tools_dir) + " -enable-var-scope",
}
for name in ("mlir-opt", "mlir-translate", "split-file", "not", "count"):
    commands[name] = tool(name, config.llvm_tools_dir)
for name, command in commands.items():
    config.substitutions.append((word.format(name), command))

# What is optional on a machine.
config.environment["PATH"] = os.pathsep.join(
    [config.llvm_tools_dir, config.environment.get("PATH", os.environ["PATH"])]
)
# The CUDA toolkit is looked for where assemble-kernels looks for it.
toolkits = [os.environ.get(name) for name in ("CUDA_ROOT", "CUDA_HOME", "CUDA_PATH")]
toolkits = [folder for folder in toolkits if folder] + ["/usr/local/cuda"]
if shutil.which("ptxas"):
    toolkits.append(os.path.dirname(os.path.dirname(shutil.which("ptxas"))))


def find_toolkit(*files):
    """The first of the folders that has all of these files, or None."""
    for folder in toolkits:
        if all(os.path.exists(os.path.join(folder, file)) for file in files):
            return folder
    return None


toolkit = find_toolkit("bin/ptxas", "bin/nvlink", "bin/fatbinary")
if toolkit:
    config.available_features.add("cuda-toolkit")
    config.substitutions.append(("%cuda", toolkit))
if find_toolkit("nvvm/libdevice/libdevice.10.bc"):
    config.available_features.add("libdevice")
if os.path.exists("/dev/nvidia0"):
    config.available_features.add("gpu")
# What the Python examples take arrays from, if it is there.
for module in ("numpy", "torch"):
    found = subprocess.run([python, "-c", f"import {module}"], capture_output=True)
    if found.returncode == 0:
        config.available_features.add(module)
# libMLIR is not instrumented: it allocates from arenas that instrumented code
# has poisoned, and keeps what it never frees.
if config.graphopt_sanitize:
    config.available_features.add("sanitizers")
    config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0:detect_leaks=0"
# A test pass of the suite's own is built only where test/lib exists.
test_opt = tool("graph-opt-test", config.graphopt_tools_dir)
if os.path.exists(test_opt):
    config.available_features.add("test-passes")
    config.substitutions.append((word.format("graph-opt-test"), test_opt))
