"""noise.py FOLDER: what all tests under noise say together."""
import json
import pathlib
import sys

tests = [json.loads(path.read_text()) for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")) if path.is_file()]
levels = [{test["noise"]: test["accuracy"] for test in one["tests"]} for one in tests]
means = [sum(one[noise] for one in levels) / len(levels) for noise in sorted(levels[0])]
print(f"{len(tests)} networks, 6 levels each: {all(len(one) == 6 for one in levels)}; right without noise: {means[0] > 0.6}; "
      f"less at every level: {all(a >= b - 0.02 for a, b in zip(means, means[1:])) and means[0] > means[-1] + 0.1}")
