#!/usr/bin/env python3
"""Runs each public function of a file on the host and compares it with the
reference: verify_functions.py GRAPH-RUN FILE

The exit status is 1 if one of them fails, or if there is none.
"""

import re
import subprocess
import sys


def main():
    program, file = sys.argv[1:]
    with open(file, encoding="utf-8") as stream:
        names = re.findall(r"^func\.func @(\w+)\(", stream.read(), re.MULTILINE)
    failures = 0
    for name in names:
        result = subprocess.run(
            [program, file, f"--entry={name}", "--device=host", "--verify"],
            capture_output=True, text=True, check=False)
        if result.returncode != 0 or "verify: ok" not in result.stdout:
            failures += 1
            print(f"{name}: {result.stdout}{result.stderr}")
    print(f"{len(names) - failures} of {len(names)} functions are right")
    sys.exit(1 if failures or not names else 0)


if __name__ == "__main__":
    main()
