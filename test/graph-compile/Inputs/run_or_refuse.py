"""Runs a program that may find no GPU: it then has to say so and end with 1."""

import subprocess
import sys

result = subprocess.run(sys.argv[1:], text=True, capture_output=True)
print(result.stdout + result.stderr, end="")
refused = "status 4" in result.stderr
sys.exit(0 if result.returncode == (1 if refused else 0) else 1)
