"""The U-Net learns, on grids of any size; elastic weight consolidation and replay keep it from forgetting. unet.py WFR-TORCH FOLDER WHAT"""

import json
import math
import os
import pathlib
import subprocess
import sys

from common import ROOT, call, day, moving, numbers, tensors, window, write_day


def count(variables, width, depth):
    """The parameters of a U-Net: two convolutions a block, and on the way up as many channels in as come from below and from beside."""
    block = lambda into, out: 9 * into * out + out + 9 * out * out + out  # noqa: E731
    total, into = 0, variables
    for level in range(depth + 1):
        total, into = total + block(into, width << level), width << level
    for level in reversed(range(depth)):
        total, into = total + block(into + (width << level), width << level), width << level
    return total + into * variables + variables


def shapes(program):
    """Odd rows and columns, as deep as they allow: the decoder meets what the encoder left."""
    for rows, columns, depth, width in ((5, 7, 0, 3), (5, 7, 1, 2), (7, 9, 2, 4), (8, 16, 3, 2), (13, 11, 3, 3)):
        name = f"{rows}x{columns}"
        for number in range(6):
            write_day(name, number, {"a": moving(number, rows, columns), "b": moving(number, rows, columns, 1, 4)})
        said = numbers(program, "train-unet", name, *window(0, 5), "--depth", depth, "--width", width, "--epochs", 1, "--output", f"{name}.model")
        found, _ = tensors(f"{name}.model")
        weights = sum(len(values) for key, (_, values) in found.items() if key.startswith("weights."))
        print(f"{name}, depth {depth}: {said['parameters'] == weights == count(2, width, depth)}, {said['steps']} step of {said['samples']} samples")
    call(program, "train-unet", "5x7", *window(0, 5), "--depth", 3, "--output", "deep.model", show=True)


def learns(program):
    """What is asked for is the next field: a pattern that moves one column a day is told a day ahead, and two."""
    for number in range(60):
        write_day("west", number, {"a": moving(number, 8, 12), "b": moving(number, 8, 12, 1, 5)})
    said = numbers(program, "train-unet", "west", *window(0, 59), "--width", 8, "--depth", 1, "--batch", 4, "--rate", 0.01, "--epochs", 12, "--output", "west.model")
    numbers(program, "evaluate-unet", "west", *window(0, 59), "--model-path", "west.model", "--leads", 2, "--output", "west.json")
    for variable in json.loads(pathlib.Path("west.json").read_text())["variables"]:
        print(variable["name"], [lead["rmse"] < lead["persistence_rmse"] / 4 and lead["correlation"] > 0.95 for lead in variable["leads"]])
    return said


SEASONS = [window(0, 29), window(75, 104), window(150, 179)]


def train(program, these, before, model, *words):
    numbers(program, "train-unet", "seasons", *these, *before, "--output", model, "--batch", 4, "--epochs", 10, "--rate", .003, *words)


def chain(program, name, *words):
    """From winter, when the wind is from the west, to summer, when it is from the east; how much worse earlier windows are told at the end, and
    how well the last one."""
    before = ["--model-path", "first.model"]
    for number, these in enumerate(SEASONS[1:]):
        train(program, these, before, f"{name}{number}.model", *words)
        before = ["--model-path", f"{name}{number}.model"]
    numbers(program, "evaluate-unet", "seasons", *SEASONS[-1], "--held-out", "--earlier", *before, "--output", f"{name}.json")
    scores = json.loads(pathlib.Path(f"{name}.json").read_text())
    return scores["forgetting"], scores["rmse"]


def remembers(program):
    subprocess.run([sys.executable, "-B", ROOT / "examples/aurora/programs/make_fields.py", "--netcdf", "--rows", "12", "--columns", "18", "--from", day(0),
                    "--until", day(209), "--output", "seasons"], check=True, stdout=subprocess.DEVNULL)
    train(program, SEASONS[0], ["--width", 8], "first.model")
    plain, held, shown = chain(program, "plain"), chain(program, "held", "--ewc-lambda", 100), chain(program, "shown", "--replay", 1)
    print(f"forgets without: {plain[0] > 0.04}; less than half with elastic weight consolidation: {held[0] < plain[0] / 2}; with replay: {shown[0] < plain[0] / 2}")
    print(f"and learns nearly as well: {held[1] < plain[1] * 1.2} {shown[1] < plain[1] * 1.2}")
    holds(program)


def holds(program):
    """Weights that are needed stay where they are if they are held hard enough; and the information is what it can be told to be."""
    numbers(program, "train-unet", "seasons", *window(30, 59), "--model-path", "first.model", "--output", "fixed.model", "--epochs", 1, "--rate", 1e-4,
            "--ewc-lambda", 1e9)
    numbers(program, "evaluate-unet", "seasons", *window(30, 59), "--earlier", "--model-path", "fixed.model", "--output", "fixed.json")
    fixed = json.loads(pathlib.Path("fixed.json").read_text())["forgetting"]
    (first, _), (after, texts) = tensors("first.model"), tensors("fixed.model")
    moved = 0.0
    for name in (name for name in first if name.startswith("weights.")):
        information = first["fisher." + name[len("weights."):]][1]
        moved = max([moved, *(abs(now - was) for was, now, need in zip(first[name][1], after[name][1], information) if need > 1e-3)])
    print(f"what is needed stays: {moved < 0.01}; what was learnt stays: {abs(fixed) < 0.02}")
    # An output is `now + head`, so its slope by a bias of the head is 1 in every cell: the information of each is 1 by the variables.
    none = all(value >= 0 for name in first if name.startswith("fisher.") for value in first[name][1])
    print(f"information of the biases of the head: {math.isclose(sum(first['fisher.head.bias'][1]), 1, rel_tol=.5)}; none below zero: {none}")
    print("windows:", [entry["start"] for entry in json.loads(texts["about"])["windows"]])


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir()
    os.chdir(folder)
    {"shapes": shapes, "learns": learns, "remembers": remembers}[sys.argv[3]](program)


main()
