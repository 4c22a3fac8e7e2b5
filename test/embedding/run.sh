#!/usr/bin/env bash
# Installs a build into a temporary prefix, then configures, builds and runs an
# outside project that knows only the installed package.
#
#   run.sh BUILD_FOLDER
set -euo pipefail

build=$(cd "${1:?usage: run.sh BUILD_FOLDER}" && pwd)
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The value of a variable in the build's cache.
cached() { sed -n "s/^$1:[^=]*=//p" "$build/CMakeCache.txt"; }

cmake --install "$build" --prefix "$work/prefix"
cmake -G Ninja -S "$source" -B "$work/build" \
  -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_COMPILER="$(cached CMAKE_C_COMPILER)" \
  -DCMAKE_CXX_COMPILER="$(cached CMAKE_CXX_COMPILER)" \
  -DCMAKE_PREFIX_PATH="$work/prefix"
cmake --build "$work/build"
"$work/build/embed"
"$work/prefix/bin/graph-opt" --help > /dev/null
