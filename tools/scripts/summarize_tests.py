#!/usr/bin/env python3
"""Adds up the reports of the test suites and prints one line.

The last line printed is `N passed, N failed, N skipped`; the exit status is 1
if anything failed or nothing passed. A suite without a report counts as failed.
"""

import json
import os
import sys
from collections import Counter

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


def count_lit(path):
    """lit's --output: one entry with a result code per test."""
    kinds = {"PASS": PASSED, "FLAKYPASS": PASSED, "XFAIL": PASSED,
             "UNSUPPORTED": SKIPPED, "SKIPPED": SKIPPED, "EXCLUDED": SKIPPED}
    with open(path, encoding="utf-8") as file:
        tests = json.load(file)["tests"]
    return Counter(kinds.get(test["code"], FAILED) for test in tests)


def count_gtest(path):
    """GoogleTest's --gtest_output=json."""
    counts = Counter()
    with open(path, encoding="utf-8") as file:
        suites = json.load(file)["testsuites"]
    for test in (test for suite in suites for test in suite["testsuite"]):
        if test.get("failures"):
            counts[FAILED] += 1
        elif test.get("status") == "NOTRUN" or test.get("result") == "SKIPPED":
            counts[SKIPPED] += 1
        else:
            counts[PASSED] += 1
    return counts


def count_word(path):
    """A suite of one test: the file holds passed, failed or skipped."""
    with open(path, encoding="utf-8") as file:
        word = file.read().strip()
    return Counter({word if word in (PASSED, SKIPPED) else FAILED: 1})


SUITES = [("lit", "lit.json", count_lit), ("unit", "unit.json", count_gtest),
          ("embedding", "embedding.txt", count_word)]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: summarize_tests.py FOLDER")
    total = Counter()
    for name, file, count in SUITES:
        try:
            counts = count(os.path.join(sys.argv[1], file))
        except (OSError, ValueError, KeyError) as error:
            print(f"{name}: no report ({error})")
            counts = Counter({FAILED: 1})
        print(f"{name}: {counts[PASSED]} passed, {counts[FAILED]} failed, "
              f"{counts[SKIPPED]} skipped")
        total += counts
    print(f"{total[PASSED]} passed, {total[FAILED]} failed, {total[SKIPPED]} skipped")
    sys.exit(1 if total[FAILED] or not total[PASSED] else 0)


if __name__ == "__main__":
    main()
