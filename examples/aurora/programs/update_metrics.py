#!/usr/bin/env python3
"""Gathers the scores of all windows so far into one history: a table, two reports and a plot.

--metrics is given once for each window, in any order. --output becomes a folder with
metrics_history.csv, summary_report.json, summary_report.txt and forgetting.svg.
"""

import argparse
import csv
import os
import sys

sys.dont_write_bytecode = True
import aerosol  # noqa: E402

COLUMNS = ["start", "end", "rmse", "mae", "r2", "mean_bias", "forgetting", "old_rmse"]
HEADER = ["start_date", "end_date", *COLUMNS[2:]]
CURVES = [("rmse", "this window", "#4269d0"), ("old_rmse", "first window, now", "#ff725c")]
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 300, 60, 40, 20, 50


def write_history(path, windows):
    with open(path, "w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(HEADER)
        for window in windows:
            lines.writerow(
                [window[c] if c in ("start", "end") else f"{window[c]:.6f}" for c in COLUMNS]
            )


def report(windows):
    """What the real system reports, and how much was forgotten."""
    first, last = windows[0], windows[-1]
    chosen = ["rmse", "mae", "r2", "mean_bias"]
    gain = first["rmse"] - last["rmse"]
    later = windows[1:]
    return {
        "start_period": first["start"],
        "end_period": last["end"],
        "num_periods": len(windows),
        "initial_metrics": {name: first[name] for name in chosen},
        "final_metrics": {name: last[name] for name in chosen},
        "improvements": {"absolute": gain, "percentage": 100.0 * gain / first["rmse"]},
        "mean_rmse": sum(w["rmse"] for w in windows) / len(windows),
        "mean_forgetting": sum(w["forgetting"] for w in later) / len(later) if later else 0.0,
        "worst_forgetting": max((w["forgetting"] for w in later), default=0.0),
    }


def text_report(summary):
    first, last = summary["initial_metrics"], summary["final_metrics"]
    period = f"{summary['start_period']} to {summary['end_period']}"
    lines = [
        f"Aurora, {period}, {summary['num_periods']} windows",
        "",
        f"{'':14}{'first':>10}{'last':>10}",
        *(f"{name:14}{first[name]:10.4f}{last[name]:10.4f}" for name in first),
        "",
        f"mean rmse on the current window   {summary['mean_rmse']:8.4f}",
        f"mean rise of rmse on earlier ones {summary['mean_forgetting']:8.4f}",
        f"worst rise                        {summary['worst_forgetting']:8.4f}",
    ]
    return "\n".join(lines) + "\n"


def plot(title, labels, curves):
    """Curves (name, colour, a value for each label) over the windows, as an SVG."""
    top = 1.1 * max(value for _, _, values in curves for value in values)
    across = (WIDTH - LEFT - RIGHT) / max(1, len(labels) - 1)
    down = (HEIGHT - TOP - BOTTOM) / top

    def place(number, value):
        return f"{LEFT + number * across:.1f},{HEIGHT - BOTTOM - value * down:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{title}</text>',
    ]
    for tick in range(5):
        value = top * tick / 4
        y = HEIGHT - BOTTOM - value * down
        parts.append(f'<path d="M{LEFT},{y:.1f} H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.3f}</text>')
    for number, label in enumerate(labels):
        x = LEFT + number * across
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - 30}" text-anchor="middle">{label}</text>'
        )
    for number, (name, colour, values) in enumerate(curves):
        points = " ".join(place(at, value) for at, value in enumerate(values))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(
            f'<text x="{LEFT + 160 * number}" y="{HEIGHT - 8}" fill="{colour}">{name}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def remembered(windows):
    """The error on the current window, and on the first one as the model moves on."""
    curves = [(name, colour, [window[field] for window in windows]) for field, name, colour in CURVES]
    return plot("What the model remembers (rmse)", [window["start"][5:] for window in windows], curves)


def write_text(path, text):
    with open(path, "w") as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--metrics", action="append", required=True, help="one file of scores; repeat"
    )
    parser.add_argument("--output", required=True, help="folder to create")
    args = parser.parse_args()

    windows = sorted((aerosol.read_json(path) for path in args.metrics), key=lambda w: w["start"])
    summary = report(windows)
    os.makedirs(args.output, exist_ok=True)
    write_history(os.path.join(args.output, "metrics_history.csv"), windows)
    aerosol.write_json(os.path.join(args.output, "summary_report.json"), summary)
    write_text(os.path.join(args.output, "summary_report.txt"), text_report(summary))
    write_text(os.path.join(args.output, "forgetting.svg"), remembered(windows))
    print(text_report(summary), end="")


if __name__ == "__main__":
    main()
