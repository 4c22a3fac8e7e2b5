#!/usr/bin/env python3
"""Writes one archive that runs on any x86-64 Linux with glibc 2.36 or newer.

  make_bundle.py --build DIR [-o FILE.tar.xz]
  make_bundle.py --build DIR --stage DIR        writes the files, no archive

The archive holds a folder `graph-opt` with
  bin/    graph-opt, graph-compile and graph-run, which find their libraries in
          ../lib
  lib/    the runtime and every shared library they need except glibc's own
  nvvm/   libdevice, if a CUDA toolkit is found (CUDA_HOME or /usr/local/cuda)
  include/  the runtime's headers
  share/  the licenses of what is not ours
and the scripts, lists of shapes and benchmarks of the component `Bundle`.

Libraries that LLVM is linked to but that our tools never call are replaced by
stubs: they define what LLVM imports, and end the program with a line that names
the function if one is called after all. The compressed libraries are kept beside
the archive, since compressing them takes minutes and they seldom change.
"""

import argparse
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

GLIBC = re.compile(r"(ld-linux-x86-64|libc|libm|libdl|libpthread|librt)\.so\.\d+$")
# Z3 proves, libxml2 (with ICU) merges manifests of Windows programs, libedit
# edits the line of an interactive prompt.
STUBBED = re.compile(r"lib(z3|xml2|edit)\.so\.\d+$")
# A constant time and owner, so that equal files make equal archives.
MTIME = 946684800
FOLDER = "graph-opt"
PROGRAMS = ("graph-opt", "graph-compile", "graph-run")

STUB_HEAD = """\
#include <stdio.h>
#include <stdlib.h>
static void leftOut(const char *name) {
  fprintf(stderr, "%s of LIBRARY is not part of this bundle\\n", name);
  abort();
}
"""


def run(*command, **options):
    """Output of a command; its failure ends the script."""
    result = subprocess.run(command, text=True, capture_output=True, **options)
    if result.returncode:
        sys.exit(f"error: {' '.join(command)}: {result.stderr.strip()}")
    return result.stdout


def cache_entry(build, name):
    """A value of the build folder's CMake cache, or None."""
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as file:
        match = re.search(rf"^{name}:\w+=(.*)$", file.read(), re.M)
    return match.group(1) if match else None


# --- Libraries ----------------------------------------------------------------


def needed(path):
    return re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", path))


def find_libraries(binaries):
    """Paths, by name, of all libraries the binaries need except glibc's."""
    where = {}
    for binary in binaries:
        where.update(re.findall(r"(\S+) => (/\S+) \(", run("ldd", binary)))
    found, pending = {}, list(binaries)
    while pending:
        for name in needed(pending.pop()):
            if name in found or GLIBC.match(name):
                continue
            if name not in where:
                sys.exit(f"error: the library {name} is not on this machine")
            found[name] = os.path.realpath(where[name])
            if not STUBBED.match(name):
                pending.append(found[name])
    return found


def symbols(path, which):
    """(type, name, version or None, size) of dynamic symbols of a library."""
    result = []
    for line in run("nm", "-D", "-S", which, path).splitlines():
        match = re.match(r"(?:[0-9a-f]+ )?(?:([0-9a-f]+) )?\s*(\w) ([^@\s]+)(?:@+(\S+))?$",
                         line.strip())
        if match:
            size, kind, name, version = match.groups()
            result.append((kind, name, version, int(size or "0", 16)))
    return result


def write_stub(compiler, library, real, imported, target):
    """Builds a library that defines what of `real` is `imported`."""
    functions, versions = [], {}
    source = STUB_HEAD.replace("LIBRARY", library)
    for kind, name, version, size in symbols(real, "--defined-only"):
        if name not in imported or kind == "A":
            continue
        if kind in "TWi":
            source += f'void {name}(void) {{ leftOut("{name}"); }}\n'
            functions.append(name)
        else:
            source += f"char {name}[{max(size, 1)}] __attribute__((aligned(16)));\n"
        if version:
            versions.setdefault(version, []).append(name)
    if not functions:
        sys.exit(f"error: nothing is imported from {library}")
    # A version that others import from must exist with its own symbols only.
    script = "".join(f"{version} {{ global: {'; '.join(names)}; }};\n"
                     for version, names in versions.items())
    with tempfile.TemporaryDirectory() as directory:
        script_path = os.path.join(directory, "versions")
        with open(script_path, "w", encoding="utf-8") as file:
            file.write(script)
        options = [f"-Wl,--version-script={script_path}"] if script else []
        run(compiler, "-shared", "-fPIC", "-O1", "-fno-builtin", "-w",
            f"-Wl,-soname,{library}",
            *options, "-x", "c", "-", "-o", target, input=source)


def add_libraries(build, stage):
    """Copies or stubs the libraries that the staged programs need."""
    programs = [os.path.join(build, "bin", name) for name in PROGRAMS]
    libraries = find_libraries(programs)
    compiler = cache_entry(build, "CMAKE_C_COMPILER") or "cc"
    kept = [path for name, path in libraries.items() if not STUBBED.match(name)]
    imported = {name for path in kept
                for _, name, _, _ in symbols(path, "--undefined-only")}
    for name, path in sorted(libraries.items()):
        target = os.path.join(stage, "lib", name)
        if STUBBED.match(name):
            write_stub(compiler, name, path, imported, target)
            continue
        shutil.copyfile(path, target)
        os.chmod(target, 0o755)
        run(cache_entry(build, "CMAKE_STRIP") or "strip", "--strip-unneeded", target)
        add_license(name, path, stage)


def add_license(library, path, stage):
    """Copies the copyright file of the Debian package a library is from."""
    target = os.path.join(stage, "share", "licenses", library + ".txt")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    owner = subprocess.run(["dpkg", "-S", path], text=True, capture_output=True) \
        if shutil.which("dpkg") else None
    if owner and owner.returncode:
        # The package may list the path without the /usr of merged systems.
        owner = subprocess.run(["dpkg", "-S", path.removeprefix("/usr")], text=True,
                               capture_output=True)
    package = owner.stdout.split(":")[0] if owner and not owner.returncode else None
    source = f"/usr/share/doc/{package}/copyright"
    if not package or not os.path.exists(source):
        print(f"warning: no license file found for {path}", file=sys.stderr)
        return
    shutil.copyfile(source, target)


def add_libdevice(stage):
    home = os.environ.get("CUDA_HOME", "/usr/local/cuda")
    inside = os.path.join("nvvm", "libdevice", "libdevice.10.bc")
    if not os.path.exists(os.path.join(home, inside)):
        print(f"note: no {inside} in {home}: the bundle has none", file=sys.stderr)
        return
    os.makedirs(os.path.dirname(os.path.join(stage, inside)))
    shutil.copyfile(os.path.join(home, inside), os.path.join(stage, inside))


def check(stage):
    """Runs the staged programs without the environment of this machine."""
    own = os.path.join(stage, "lib") + os.sep
    for name in PROGRAMS:
        program = os.path.join(stage, "bin", name)
        for library, path in re.findall(r"(\S+) => (\S+)", run("ldd", program, env={})):
            if not GLIBC.match(library) and not os.path.realpath(path).startswith(own):
                sys.exit(f"error: {name} takes {library} from {path}")
        run(program, "--help", env={})


def stage_files(build, stage):
    """Writes everything that belongs into the bundle to the folder `stage`."""
    run("cmake", "--install", build, "--component", "Bundle", "--strip",
        "--prefix", stage)
    add_libraries(build, stage)
    add_libdevice(stage)
    check(stage)


# --- Archive ------------------------------------------------------------------


def write_tar(stage, names, stream, is_last):
    """Appends members to a tar stream, and its end mark if it is the last."""
    archive = tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT)
    for name in names:
        info = archive.gettarinfo(os.path.join(stage, name), f"{FOLDER}/{name}")
        info.uid = info.gid = 0
        info.uname = info.gname = "root"
        info.mtime = MTIME
        with open(os.path.join(stage, name), "rb") as file:
            archive.addfile(info, file)
    if is_last:
        archive.close()


def compress(stream, path, dictionary):
    """Writes one xz stream; `dictionary` is its window in bytes."""
    filters = [{"id": lzma.FILTER_X86},
               {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME,
                "dict_size": dictionary}]
    stream.seek(0)
    with lzma.open(path + ".part", "wb", check=lzma.CHECK_CRC64, filters=filters) as out:
        shutil.copyfileobj(stream, out, 1 << 20)
    os.replace(path + ".part", path)


def write_archive(stage, output):
    """Two xz streams, which read as one: libraries of others, then ours."""
    names = sorted(os.path.relpath(os.path.join(directory, file), stage)
                   for directory, _, files in os.walk(stage) for file in files)
    theirs = [name for name in names
              if name.startswith("lib/") and "graphopt" not in name]
    ours = [name for name in names if name not in theirs]
    with tempfile.TemporaryFile() as tar:
        write_tar(stage, theirs, tar, is_last=False)
        tar.seek(0)
        digest = hashlib.sha256()
        while block := tar.read(1 << 20):
            digest.update(block)
        cached = os.path.join(os.path.dirname(output),
                              f"libraries-{digest.hexdigest()[:16]}.xz")
        if not os.path.exists(cached):
            print("Compressing the libraries: some minutes", flush=True)
            compress(tar, cached, 192 << 20)
    with tempfile.TemporaryFile() as tar:
        write_tar(stage, ours, tar, is_last=True)
        compress(tar, output + ".ours", 16 << 20)
    with open(output + ".part", "wb") as out:
        for path in (cached, output + ".ours"):
            with open(path, "rb") as file:
                shutil.copyfileobj(file, out)
    os.remove(output + ".ours")
    os.replace(output + ".part", output)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, metavar="DIR",
                        help="a build folder in which everything is built")
    parser.add_argument("-o", "--output", metavar="FILE.tar.xz",
                        help="default: bundle/graph-opt-bundle.tar.xz in the build folder")
    parser.add_argument("--stage", metavar="DIR",
                        help="write the files into this new folder, and no archive")
    args = parser.parse_args()
    build = os.path.abspath(args.build)
    if args.stage:
        if os.path.exists(args.stage):
            parser.error(f"--stage: {args.stage} exists")
        return stage_files(build, os.path.realpath(args.stage))
    output = os.path.abspath(args.output or
                             os.path.join(build, "bundle", "graph-opt-bundle.tar.xz"))
    os.makedirs(os.path.dirname(output), exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        stage = os.path.join(os.path.realpath(directory), FOLDER)
        stage_files(build, stage)
        write_archive(stage, output)
    print(f"Wrote {output} ({os.path.getsize(output) / 2**20:.1f} MiB)")


if __name__ == "__main__":
    main()
