"""Two tables with the same cells, but for numbers that differ by less than a tolerance: close.py ONE OTHER TOLERANCE."""

import csv
import sys

one, other = ([row for row in csv.reader(open(path, encoding="utf-8"))] for path in sys.argv[1:3])


def is_close(a, b):
    try:
        return abs(float(a) - float(b)) <= float(sys.argv[3])
    except ValueError:
        return a == b


assert [len(row) for row in one] == [len(row) for row in other], "the tables have other shapes"
wrong = [f"line {n}: {a} and {b}" for n, (left, right) in enumerate(zip(one, other), 1) for a, b in zip(left, right) if not is_close(a, b)]
print("\n".join(wrong) or f"{len(one)} lines, the same to {sys.argv[3]}")
