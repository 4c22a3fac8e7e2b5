"""The table of a run, and what in it misses the targets."""

import cases

# Targets: see benchmarks/README.md.
BANDWIDTH_SHARE = 0.92
BANDWIDTH_BOUND = 100.0   # A call whose bytes take at least so many microseconds.
GENERAL_RATIO = 2.0
CAPTURED_RATIO = 1 / 1.01
CPU_RATIO = 1.2

SHOWN_KERNELS = 8


def is_ours(record):
    return record["contestant"].startswith("ours")


def state_of(record):
    """ok, wrong, late, none (it does not compute the case here) or failed."""
    if "over_s" in record:
        return "late"
    if "unavailable" in record:
        return "none"
    if "latency_us" not in record:
        return "failed"
    return "ok" if record["error"] <= 1 else "wrong"


def describe(record):
    """A record in one line."""
    state = state_of(record)
    if state == "late":
        return f"over {record['over_s']:g} s"
    if state == "none":
        return f"not here: {record['unavailable']}"
    if state == "failed":
        return "failed: " + record.get("failure", "no figures").split("\n")[0][:300]
    text = (f"latency {record['latency_us']:.1f}  throughput "
            f"{record['throughput_us']:.1f}  limit {record.get('limit_us', 0):.1f}")
    if "cpu_us" in record:
        text += f"  cpu {record['cpu_us']:.2f}"
    return text + f"  error {record['error']:.2g}" + ("  WRONG" if state == "wrong" else "")


def cell(record):
    """latency/throughput of a record."""
    state = state_of(record)
    if state in ("ok", "wrong"):
        mark = "!" if state == "wrong" else ""
        return f"{mark}{number(record['latency_us'])}/{number(record['throughput_us'])}"
    return {"late": f">{record.get('over_s', 0):g} s", "none": "-", "failed": "fail"}[state]


def number(value):
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def group(records):
    """Records by case and contestant, and all contestants in their order."""
    groups, names = {}, []
    for record in records:
        case = record["row"].rsplit("/", 1)[0]
        groups.setdefault(case, {})[record["contestant"]] = record
        if record["contestant"] not in names:
            names.append(record["contestant"])
    order = ["hand-graph", "hand-coop", "hand-chip", *cases.PEERS, *cases.FUSED,
             *cases.SLOW_PEERS]
    ours = [name for name in names if name not in order]
    return groups, ours + [name for name in order if name in names]


def best(group_of_case, names, figure):
    """The smallest figure among the right rows of these contestants, or None."""
    values = [group_of_case[name][figure] for name in names
              if name in group_of_case and state_of(group_of_case[name]) == "ok"
              and figure in group_of_case[name]]
    return min(values, default=None)


def hand_names(group_of_case):
    return [name for name in group_of_case if name.startswith("hand-")]


def find_misses(case, group_of_case):
    """Which targets ours misses, as lines."""
    for name, ours in group_of_case.items():
        if not is_ours(ours) or state_of(ours) != "ok":
            continue
        label = f"{case}/{name}"
        share = ours["limit_us"] / ours["throughput_us"]
        if ours["limit_us"] >= BANDWIDTH_BOUND and share < BANDWIDTH_SHARE:
            yield f"{label}: {share:.2f} of the copy bandwidth"
        for who, names, least in (
                ("the best general peer", cases.GENERAL_PEERS + cases.FUSED[:2],
                 GENERAL_RATIO),
                ("what is captured by hand",
                 ["captured", "foreach-captured", "fused-captured"], CAPTURED_RATIO),
                ("what is written by hand", hand_names(group_of_case), 1.0)):
            for figure in ("latency_us", "throughput_us"):
                other = best(group_of_case, names, figure)
                if other and other / ours[figure] < least:
                    yield (f"{label}: {figure[:-3]} {number(ours[figure])} us, "
                           f"{who} {number(other)} us")
        bare = best(group_of_case, hand_names(group_of_case), "cpu_us")
        if bare and "cpu_us" in ours and ours["cpu_us"] > CPU_RATIO * bare:
            yield f"{label}: CPU time {ours['cpu_us']:.2f} us, by hand {bare:.2f} us"


def ratios(group_of_case, ours_name):
    """Of the first of ours: share of the bandwidth, times faster than the best
    general peer, CPU time."""
    ours = group_of_case.get(ours_name)
    if not ours or state_of(ours) != "ok":
        return "", "", ""
    general = best(group_of_case, cases.GENERAL_PEERS + cases.FUSED[:2], "latency_us")
    return (f"{ours['limit_us'] / ours['throughput_us']:.2f}",
            f"{general / ours['latency_us']:.1f}" if general else "",
            f"{ours['cpu_us']:.2f}" if "cpu_us" in ours else "")


def table(machine, settings, records):
    """The report as text; times are medians in microseconds."""
    groups, names = group(records)
    lines = ["  ".join(f"{key} {value}" for key, value in machine.items()),
             {"hot": "Cache: every call has the same arrays.",
              "flush": "Cache: the L2 cache is emptied before each call."
              }[settings["cache"]],
             "latency/throughput in us; ! wrong result, - not on this machine.",
             "limit: the bytes that must move over the copy bandwidth; bw: limit over "
             "throughput; x: best general peer's latency over ours; cpu: CPU time.", ""]
    if not groups:
        return "\n".join(lines + ["No rows."]) + "\n"
    ours = [name for name in names if name.startswith("ours")]
    first = max(map(len, groups))
    widths = {name: max([len(name)] + [len(cell(row[name])) for row in groups.values()
                                       if name in row]) for name in names}
    head = [f"{'':{first}}", f"{'limit':>8}"]
    head += [f"{name:>{widths[name]}}" for name in names]
    lines.append("  ".join(head + [f"{'bw':>5}", f"{'x':>6}", f"{'cpu':>7}"]))
    for case in sorted(groups):
        row = groups[case]
        limit = next(iter(row.values())).get("limit_us")
        cells = [f"{case:{first}}", f"{number(limit) if limit is not None else '':>8}"]
        cells += [f"{cell(row[name]) if name in row else '':>{widths[name]}}"
                  for name in names]
        bandwidth, times, cpu = ratios(row, ours[0] if ours else None)
        lines.append("  ".join(cells + [f"{bandwidth:>5}", f"{times:>6}", f"{cpu:>7}"]))
    misses = [line for case in sorted(groups) for line in find_misses(case, groups[case])]
    lines += ["", f"targets missed: {len(misses)}"] + [f"  {line}" for line in misses]
    problems = [f"  {record['row']}: {describe(record)}" for case in groups.values()
                for record in case.values()
                if state_of(record) in ("failed", "wrong", "late")]
    lines += [f"without a right result: {len(problems)}"] + problems
    profiles = [f"  {record['row']}: " + ", ".join(
                    f"{number(time)}{f' x {count:g}' if count != 1 else ''} {name}"
                    for name, time, count in record["kernels"][:SHOWN_KERNELS])
                for case in groups.values() for record in case.values()
                if record.get("kernels")]
    if profiles:
        lines += ["us on the device:"] + profiles
    return "\n".join(lines) + "\n"
