#!/usr/bin/env python3
"""What two models remember of earlier windows, side by side: one trained with elastic weight
consolidation (--held) and one without (--plain).

Both flags are given once for each window, with what `wfr-torch evaluate-unet --earlier` wrote.
--output becomes a folder with history.csv, summary.json and forgetting.svg. Errors are in deviations
of the variables.
"""

import argparse
import csv
import os
import sys

sys.dont_write_bytecode = True
import aerosol  # noqa: E402
from update_metrics import plot, write_text  # noqa: E402

COLOURS = {"plain": "#ff725c", "held": "#4269d0"}
NAMES = {"plain": "without", "held": "with consolidation"}


def mean(values):
    return sum(values) / len(values) if values else 0.0


def earlier(scores):
    """The mean error on all earlier windows, as the model tells them now."""
    return mean([window["rmse_now"] for window in scores["earlier"]])


def summary(series):
    later = series[1:]
    return {
        "windows": len(series),
        "mean_rmse": mean([scores["rmse"] for scores in series]),
        "mean_rmse_earlier": mean([earlier(scores) for scores in later]),
        "mean_forgetting": mean([scores["forgetting"] for scores in later]),
        "worst_forgetting": max((scores["forgetting"] for scores in later), default=0.0),
    }


def write_history(path, both):
    with open(path, "w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["start_date", "end_date", *(f"{kind}_{name}" for kind in both for name in ("rmse", "earlier", "forgetting"))])
        for pair in zip(*both.values()):
            figures = [f"{value:.6f}" for scores in pair for value in (scores["rmse"], earlier(scores), scores["forgetting"])]
            lines.writerow([pair[0]["start"], pair[0]["end"], *figures])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for kind in COLOURS:
        parser.add_argument(f"--{kind}", action="append", required=True)
    parser.add_argument("--output", required=True, help="folder to create")
    args = parser.parse_args()

    both = {kind: sorted(map(aerosol.read_json, getattr(args, kind)), key=lambda scores: scores["start"]) for kind in COLOURS}
    report = {kind: summary(series) for kind, series in both.items()}
    os.makedirs(args.output, exist_ok=True)
    write_history(os.path.join(args.output, "history.csv"), both)
    aerosol.write_json(os.path.join(args.output, "summary.json"), report)
    if len(both["plain"]) > 1:
        labels = [scores["start"][5:] for scores in both["plain"][1:]]
        curves = [(NAMES[kind], COLOURS[kind], [earlier(scores) for scores in series[1:]]) for kind, series in both.items()]
        write_text(os.path.join(args.output, "forgetting.svg"), plot("Error on all earlier windows, told by the newest model", labels, curves))
    for kind, figures in report.items():
        print(f"{NAMES[kind]}: " + ", ".join(f"{name} {value:.4f}" if isinstance(value, float) else f"{name} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
