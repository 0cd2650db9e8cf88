"""All verdicts as one table: the area, the benchmark, and the 48 figures of each. A verdict lies in AREA/BENCHMARK/."""

import argparse
import csv
import pathlib

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--output", type=pathlib.Path, required=True)
parser.add_argument("verdicts", type=pathlib.Path, nargs="+")
options = parser.parse_args()

with open(options.output, "w", encoding="utf-8", newline="") as out:
    table = csv.writer(out, lineterminator="\n")
    for number, path in enumerate(options.verdicts):
        with open(path, encoding="utf-8", newline="") as file:
            names, values = csv.reader(file)
        if number == 0:
            table.writerow(["area", "benchmark", *names])
        table.writerow([path.parent.parent.name, path.parent.name, *values])
