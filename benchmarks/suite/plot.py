"""A plot of a run: how much longer each contestant takes than ours, per case."""

import html
import math
import os

import report

COLORS = {"hand-graph": "#444444", "hand-coop": "#444444", "hand-chip": "#444444",
          "captured": "#d62728", "foreach": "#ff7f0e", "foreach-captured": "#bcbd22",
          "fused": "#9467bd", "fused-capturable": "#9467bd",
          "fused-captured": "#9467bd", "compile": "#17becf",
          "compile-reduce": "#1f77b4", "jax": "#2ca02c"}
TITLE = "time per call without waiting, as a multiple of ours"
LABEL_WIDTH, PLOT_WIDTH, ROW_HEIGHT, TOP = 330, 560, 16, 70


def points(records):
    """(case, [(contestant, throughput over that of ours)]) of cases with ours."""
    groups, names = report.group(records)
    ours = next((name for name in names if name.startswith("ours")), None)
    result = []
    for case in sorted(groups):
        row = {name: record for name, record in groups[case].items()
               if report.state_of(record) == "ok"}
        if ours in row and len(row) > 1:
            base = row[ours]["throughput_us"]
            result.append((case, [(name, record["throughput_us"] / base)
                                  for name, record in row.items() if name != ours]))
    return result


def color_of(name):
    return COLORS.get(name, "#e377c2")  # Another one of ours.


def svg(rows):
    """The plot as SVG: one line per case, a mark per contestant, logarithmic."""
    ratios = [ratio for _, marks in rows for _, ratio in marks]
    low = math.floor(math.log10(min(ratios + [0.9])))
    high = math.ceil(math.log10(max(ratios + [10.0])))
    height = TOP + ROW_HEIGHT * len(rows) + 20

    def place(ratio):
        return LABEL_WIDTH + PLOT_WIDTH * (math.log10(ratio) - low) / (high - low)

    parts = ['<svg xmlns="http://www.w3.org/2000/svg" '
             f'width="{LABEL_WIDTH + PLOT_WIDTH + 30}" height="{height}" '
             'font-family="sans-serif" font-size="11">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="8" y="16">{TITLE}</text>']
    x = 8
    for name in dict.fromkeys(name for _, marks in rows for name, _ in marks):
        parts.append(f'<circle cx="{x + 4}" cy="32" r="4" fill="{color_of(name)}"/>'
                     f'<text x="{x + 11}" y="36">{html.escape(name)}</text>')
        x += 24 + 6 * len(name)
    for exponent in range(low, high + 1):
        at = place(10.0 ** exponent)
        stroke = "#000000" if exponent == 0 else "#cccccc"
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 8}" y2="{height - 12}" '
                     f'stroke="{stroke}"/><text x="{at:.1f}" y="{TOP - 12}" '
                     f'text-anchor="middle">{10.0 ** exponent:g}</text>')
    for index, (case, marks) in enumerate(rows):
        y = TOP + ROW_HEIGHT * index + 8
        parts.append(f'<text x="8" y="{y + 4}">{html.escape(case)}</text>')
        parts += [f'<circle cx="{place(ratio):.1f}" cy="{y}" r="4" '
                  f'fill="{color_of(name)}" fill-opacity="0.8">'
                  f'<title>{html.escape(name)} {ratio:.2f}</title></circle>'
                  for name, ratio in marks]
    return "\n".join(parts + ["</svg>"]) + "\n"


def write_png(rows, path):
    """The same by matplotlib, if it is there."""
    try:
        import matplotlib  # pylint: disable=import-outside-toplevel
    except ImportError:
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot  # pylint: disable=import-outside-toplevel
    figure, axes = pyplot.subplots(figsize=(10, 1.5 + 0.2 * len(rows)))
    for name in dict.fromkeys(name for _, marks in rows for name, _ in marks):
        places = [(ratio, index) for index, (_, marks) in enumerate(rows)
                  for other, ratio in marks if other == name]
        axes.plot([x for x, _ in places], [y for _, y in places], "o",
                  color=color_of(name), label=name, alpha=0.8)
    axes.axvline(1, color="black")
    axes.set_xscale("log")
    axes.set_yticks(range(len(rows)), [case for case, _ in rows], fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel(TITLE)
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def write(folder, records):
    """Writes plot.svg, and plot.png if it can be."""
    rows = points(records)
    if rows:
        with open(os.path.join(folder, "plot.svg"), "w", encoding="utf-8") as file:
            file.write(svg(rows))
        write_png(rows, os.path.join(folder, "plot.png"))
