"""What scripts of this project share: finding tools, running commands, compiling.

A prefix is a folder of bin/ and lib/: a build tree, an installation or an unpacked
bundle.
"""

import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHAPES = os.path.join(ROOT, "examples", "shapes")


class CommandFailed(Exception):
    """A command that could not be run, took too long or did not succeed: `command`,
    and in `reason` why, or what it printed."""

    def __init__(self, command, reason):
        super().__init__(f"{' '.join(map(str, command))}: {reason}")
        self.reason = reason


def call(command, limit=None, **options):
    """Standard output of a command; raises CommandFailed. `limit` is in seconds."""
    try:
        result = subprocess.run(command, text=True, capture_output=True, timeout=limit,
                                **options)
    except subprocess.TimeoutExpired as error:
        raise CommandFailed(command, f"no end after {limit:g} s") from error
    except OSError as error:
        raise CommandFailed(command, str(error)) from error
    if result.returncode:
        raise CommandFailed(command, (result.stdout + result.stderr).strip())
    return result.stdout


def run(command, **options):
    """Like call, but a failure ends the script."""
    try:
        return call(command, **options)
    except CommandFailed as error:
        return sys.exit(f"error: {error}")


def default_prefix():
    """The build tree of a source tree, else the bundle this file is in."""
    build = os.path.join(ROOT, "build")
    return build if os.path.isdir(build) else ROOT


def include_folder(prefix):
    """The folder of the runtime's headers: of the prefix, or of the source tree."""
    for folder in (prefix, ROOT):
        include = os.path.join(folder, "include")
        if os.path.exists(os.path.join(include, "GraphOpt", "Runtime", "GraphProgram.h")):
            return include
    return sys.exit(f"error: no headers of the runtime in {prefix} and {ROOT}")


def find_program(names, folders=()):
    """Path of the first of the programs in one of the folders or on the PATH, or
    None."""
    for name in names:
        for folder in folders:
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK):
                return path
    return next(filter(None, map(shutil.which, names)), None)


def find_c_compiler():
    """A C compiler: the one that CC names, else the first that there is."""
    names = ["cc", "gcc", "clang", "clang-22"]
    return os.environ.get("CC") or find_program(names) or "cc"


def call_graph_compile(prefix, source, output, device, chip="sm_90", options="",
                       linker=None, rpath=None, limit=None):
    """Compiles an MLIR file to `output`.so for the device (host or cuda). `options`
    are further ones of the pipeline, `linker` the compiler driver that links (default:
    graph-compile's choice), `rpath` where the library looks for the runtime. Raises
    CommandFailed."""
    pipeline = f"device={device}"
    if device == "cuda":
        pipeline += f" chip={chip}"
    command = [os.path.join(prefix, "bin", "graph-compile"), source, "-o", output,
               f"--graph-opt-pipeline={pipeline} {options}".rstrip(),
               f"--runtime={os.path.join(os.path.abspath(prefix), 'lib')}"]
    if linker:
        command.append(f"--linker={linker}")
    if rpath:
        command.append(f"--rpath={rpath}")
    call(command, limit=limit)


def compile_program(*arguments, **options):
    """Like call_graph_compile, but a failure ends the script."""
    try:
        call_graph_compile(*arguments, **options)
    except CommandFailed as error:
        sys.exit(f"error: {error}")
