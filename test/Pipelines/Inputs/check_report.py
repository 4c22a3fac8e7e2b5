#!/usr/bin/env python3
"""Checks a report of graph-opt against docs/report.md.

  check_report.py REPORT DOCS [PATH=VALUE ...]

Every key must be one that DOCS names in backquotes, of the kind that it has
everywhere, and totals must be those of the lists. Each PATH is names and
ordinals joined by dots (`functions.0.before.kernels`); VALUE is JSON, or
`#N` for a list of N elements, or `~TEXT` for a string that holds TEXT.
"""

import json
import re
import sys

NUMBERS = re.compile(r"microseconds")
INTEGERS = {"kernels", "launches", "readbacks", "uploads", "bytes", "ops", "regions",
            "uncaptured", "bytes_op_by_op", "arena_bytes", "version"}
LOCATION = re.compile(r"^(unknown|.+:\d+:\d+)$")


def check_keys(value, docs):
    if isinstance(value, list):
        for element in value:
            check_keys(element, docs)
        return
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        known = key.replace("readbacks_", "_") if key.startswith("readbacks_") else key
        assert f"`{known}`" in docs or f"`readbacks{known}`" in docs or \
            f'"{key}"' in docs, f"{key} is not documented"
        if NUMBERS.search(key):
            assert isinstance(inner, float), f"{key} = {inner!r}"
        elif key in INTEGERS and not isinstance(inner, list):
            assert type(inner) is int and inner >= 0, f"{key} = {inner!r}"
        elif key in ("location", "used_at"):
            assert LOCATION.match(inner), f"{key} = {inner!r}"
        check_keys(inner, docs)


def check_totals(function):
    after = function.get("after", {})
    for outcome in ("removed", "observed", "deferred", "kept"):
        count = sum(r["outcome"] == outcome for r in function["readbacks"])
        assert after.get("readbacks_" + outcome, 0) == count, outcome
    if "regions" not in function:
        return
    assert after["regions"] == len(function["regions"])
    names = [region["name"] for region in function["regions"]]
    assert len(set(names)) == len(names)
    assert after["kernels"] == after["uncaptured"] + sum(
        region["kernels"] for region in function["regions"])
    for blocker in function["readbacks"] + function["blockers"]:
        what_if = blocker.get("what_if")
        if not what_if:
            continue
        assert set(what_if["merges"]) <= set(names), what_if
        # A figure is given exactly where nothing else is in the way.
        has_figure = "microseconds" in what_if or "microseconds_per_turn" in what_if
        assert has_figure == (not what_if["also_blocked_by"]), what_if


def find(value, path):
    for name in path.split("."):
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        docs = file.read()
    assert report["version"] == 1
    check_keys(report, docs)
    for function in report["functions"]:
        check_totals(function)
    for expectation in sys.argv[3:]:
        path, expected = expectation.split("=", 1)
        value = find(report, path)
        if expected.startswith("#"):
            holds = len(value) == int(expected[1:])
        elif expected.startswith("~"):
            holds = expected[1:] in value
        else:
            holds = value == json.loads(expected)
        assert holds, f"{path} is {value!r}, not {expected}"


if __name__ == "__main__":
    main()
