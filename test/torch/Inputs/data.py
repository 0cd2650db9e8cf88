"""What cannot be trained on or gone on with is refused, and leaves nothing; the figures of an evaluation are what Python makes of the same data.
data.py WFR-TORCH FOLDER"""

import json
import math
import os
import pathlib
import sys

from common import call, day, moving, numbers, tensors, window, write_day


def days(folder, count, rows=6, columns=8, missing=(), **more):
    for number in range(count):
        if number not in missing:
            write_day(folder, number, {"a": moving(number, rows, columns), "b": moving(number, rows, columns, 1, 4)}, **more)


def refused(program):
    def train(folder, *words, name="x.model", width=2, epochs=1):
        call(program, "train-unet", folder, *window(0, 9), "--width", width, "--depth", 1, "--epochs", epochs, "--output", name, *words, show=True)

    train("good", "--variables", "b,aa")
    train("good", name="absent/x.model")
    train("absent")
    train("empty")
    train("good/000.nc")
    call(program, "train-unet", "good", *window(30, 39), "--output", "x.model", show=True)
    call(program, "train-unet", "good", *window(9, 0), "--output", "x.model", show=True)
    call(program, "train-unet", "good", "--start-date", "2025-02-30", "--end-date", day(1), "--output", "x.model", show=True)
    for name in ("none", "hole", "year", "twice"):
        train(name)
    pathlib.Path("text.nc").write_text("no data\n")
    train("text.nc")
    # What a model does not go on with.
    for name in ("units", "small", "slow"):
        train(name, "--model-path", "good.model")
    train("good", "--model-path", "good.model", width=3)
    train("good", "--model-path", "good/000.nc")
    pathlib.Path("half.model").write_bytes(pathlib.Path("good.model").read_bytes()[:-100])
    train("good", "--model-path", "half.model")
    # The loss is no number any more.
    train("good", "--rate", "1e30", "--checkpoint", "x.state", epochs=5)
    train("good", "--device", "cuda")
    print("left:", sorted(path.name for path in pathlib.Path().iterdir() if path.name.startswith((".wfr", "x."))))


def figures(told, came):
    """(rmse, bias, mae, correlation) of two lists of numbers."""
    count = len(told)
    x, y = sum(told) / count, sum(came) / count
    cross = sum((a - x) * (b - y) for a, b in zip(told, came))
    spread = math.sqrt(sum((a - x) ** 2 for a in told) * sum((b - y) ** 2 for b in came))
    return (math.sqrt(sum((a - b) ** 2 for a, b in zip(told, came)) / count), x - y, sum(abs(a - b) for a, b in zip(told, came)) / count, cross / spread)


def evaluated(program):
    """An untrained model tells that nothing changes, so what it tells is known; day 4 is missing."""
    numbers(program, "train-unet", "gap", *window(0, 9), "--width", 2, "--depth", 1, "--epochs", 0, "--output", "still.model")
    said = numbers(program, "evaluate-unet", "gap", *window(0, 9), "--model-path", "still.model", "--leads", 3, "--output", "gap.json")
    scores = json.loads(pathlib.Path("gap.json").read_text())
    there = [number for number in range(10) if number != 4]
    right = []
    for variable, of in zip(scores["variables"], (0, 4)):
        for lead in variable["leads"]:
            # Each begins with a pair a day apart, and goes on for as long as there are data.
            pairs = [(n, n + lead["lead"]) for n in there if all(n + k in there for k in range(1, lead["lead"] + 1))]
            cells = [[cell for n in (pair[i] for pair in pairs) for row in moving(n, 6, 8, 1, of) for cell in row] for i in (0, 1)]
            wanted = figures(*cells)
            got = (lead["rmse"], lead["bias"], lead["mae"], lead["correlation"])
            right.append(all(math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-4) for a, b in zip(got, wanted)) and math.isclose(lead["persistence_rmse"], lead["rmse"], rel_tol=1e-4))
    print(f"figures: {right}, of {said['samples']} samples, {scores['variables'][0]['units']}, {scores['step']}, {scores['variables'][0]['leads'][2]['ahead']}")
    # Numbers that are packed, and files in any order of names, are read as what they mean.
    found, texts = tensors("still.model")
    cells = [cell for n in there for row in moving(n, 6, 8) for cell in row]
    print("mean of what was read:", math.isclose(found["mean"][1][0], sum(cells) / len(cells), rel_tol=1e-5), json.loads(texts["about"])["around"])
    # The bytes of a model follow from what it was made of.
    numbers(program, "train-unet", "gap", *window(0, 9), "--width", 2, "--depth", 1, "--epochs", 0, "--output", "again.model")
    print("the same bytes:", pathlib.Path("again.model").read_bytes() == pathlib.Path("still.model").read_bytes())
    print("another seed:", numbers(program, "train-unet", "gap", *window(0, 9), "--width", 2, "--depth", 1, "--epochs", 0, "--seed", 2, "--output", "again.model")["rmse"] == said["rmse"],
          pathlib.Path("again.model").read_bytes() == pathlib.Path("still.model").read_bytes())


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir()
    os.chdir(folder)
    days("good", 10)
    days("gap", 10, missing=[4])
    days("units", 10, units="kg m-3")
    days("small", 10, 6, 9)
    days("slow", 20, missing=range(1, 20, 2))
    days("year", 2, more={"calendar": "noleap"})
    pathlib.Path("empty").mkdir()
    for number in range(10):
        write_day("hole", number, {"a": [[math.nan if (number, row, column) == (3, 1, 2) else 1.0 for column in range(8)] for row in range(6)]})
        write_day("none", number, {"a": moving(number, 6, 8)}, time_units="fortnights since the flood")
        write_day("twice", number, {"a": moving(number, 6, 8)})
    write_day("twice", 11, {"a": moving(2, 6, 8)}, time_units="days since 2024-12-23")
    numbers(program, "train-unet", "good", *window(0, 9), "--width", 2, "--depth", 1, "--epochs", 1, "--output", "good.model")
    evaluated(program)
    refused(program)


main()
