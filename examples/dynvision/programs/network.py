"""A small recurrent classifier of stripes in noise, in plain Python: 36 pixels, a layer of units with connections among them, 4 directions.

    network.py init  --timesteps N --recurrence R --channels N --seed S … --output MODEL
    network.py train --start MODEL --loss L … --checkpoint MODEL --output MODEL [--epochs N] [--pace S]
    network.py test  --model MODEL --noise X --contrast X --output RESPONSES
    network.py score --responses RESPONSES --output TABLE

All is deterministic by the seed. A training saves after each epoch all that it needs to go on with the same bits.
"""
import argparse
import json
import math
import os
import pathlib
import random
import time

SIDE, CLASSES, TRAINING, TESTING = 6, 4, 96, 80


def stripes(chance, noise, contrast=1.0):
    """One picture and its direction: horizontal, vertical, and the two diagonals."""
    kind, phase = chance.randrange(CLASSES), chance.randrange(3)
    place = [lambda x, y: y, lambda x, y: x, lambda x, y: x + y, lambda x, y: x - y][kind]
    picture = [(contrast if (place(x, y) + phase) % 3 == 0 else -contrast / 2) + chance.gauss(0, noise)
               for y in range(SIDE) for x in range(SIDE)]
    return picture, kind


def connected(recurrence, units):
    """Which units hear which others of the moment before."""
    rules = {"off": lambda i, j: False, "self": lambda i, j: i == j, "full": lambda i, j: True,
             "neighbours": lambda i, j: abs(i - j) <= 1, "halves": lambda i, j: (i < units // 2) == (j < units // 2)}
    return [[1.0 if rules[recurrence](i, j) else 0.0 for j in range(units)] for i in range(units)]


def init(options):
    chance, units = random.Random(int(options.seed)), options.channels
    draw = lambda rows, columns, width: [[chance.gauss(0, width) for _ in range(columns)] for _ in range(rows)]  # noqa: E731
    model = {"settings": {"timesteps": options.timesteps, "recurrence": options.recurrence, "seed": options.seed},
             "inner": draw(units, SIDE * SIDE, 0.2), "among": draw(units, units, 0.1), "outer": draw(CLASSES, units, 0.3),
             "bias": [0.0] * CLASSES if options.bias else None, "epoch": 0}
    mask = connected(options.recurrence, units)
    model["among"] = [[w * m for w, m in zip(row, keep)] for row, keep in zip(model["among"], mask)]
    options.output.write_text(json.dumps(model) + "\n")


def think(model, picture):
    """The units over time, and the chances of the directions at the end."""
    drive = [sum(w * p for w, p in zip(row, picture)) for row in model["inner"]]
    states = [[0.0] * len(drive)]
    for _ in range(model["settings"]["timesteps"]):
        last = states[-1]
        states.append([math.tanh(d + sum(w * s for w, s in zip(row, last))) for d, row in zip(drive, model["among"])])
    scores = [sum(w * s for w, s in zip(row, states[-1])) for row in model["outer"]]
    if model["bias"]:
        scores = [s + b for s, b in zip(scores, model["bias"])]
    top = max(scores)
    raised = [math.exp(s - top) for s in scores]
    return states, [r / sum(raised) for r in raised]


def blame(loss, chances, kind):
    """The slope of the loss by the scores."""
    target = [1.0 if c == kind else 0.0 for c in range(CLASSES)]
    if loss == "smoothed":
        target = [0.9 * t + 0.1 / CLASSES for t in target]
    wrong = [c - t for c, t in zip(chances, target)]
    if loss != "squared":
        return wrong
    whole = sum(w * c for w, c in zip(wrong, chances))
    return [c * (w - whole) for c, w in zip(chances, wrong)]


def learn(model, mask, picture, kind, options, chance):
    """One step down the slope, back through time."""
    states, chances = think(model, picture)
    slope, rate = blame(options.loss, chances, kind), options.rate
    back = [sum(slope[c] * model["outer"][c][i] for c in range(CLASSES)) for i in range(len(states[0]))]
    if options.dropout > 0:
        back = [0.0 if chance.random() < options.dropout else b for b in back]
    for c in range(CLASSES):
        model["outer"][c] = [w - rate * slope[c] * s for w, s in zip(model["outer"][c], states[-1])]
        if model["bias"]:
            model["bias"][c] -= rate * slope[c]
    drive = [0.0] * len(back)
    among = [[0.0] * len(back) for _ in back]
    for t in range(len(states) - 1, 0, -1):
        back = [b * (1 - s * s) for b, s in zip(back, states[t])]
        drive = [d + b for d, b in zip(drive, back)]
        among = [[a + b * s for a, s in zip(row, states[t - 1])] for row, b in zip(among, back)]
        back = [sum(back[i] * model["among"][i][j] for i in range(len(back))) for j in range(len(back))]
    for i, d in enumerate(drive):
        model["inner"][i] = [w - rate * d * p for w, p in zip(model["inner"][i], picture)]
        model["among"][i] = [w - rate * a * m for w, a, m in zip(model["among"][i], among[i], mask[i])]


def save(model, path):
    """Whole or not at all: a checkpoint may be wanted while it is written."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(model) + "\n")
    os.replace(part, path)


def train(options):
    resumed = options.checkpoint.exists()
    model = json.loads((options.checkpoint if resumed else options.start).read_text())
    mask = connected(model["settings"]["recurrence"], len(model["among"]))
    lessons = random.Random(int(model["settings"]["seed"]) + 1000)
    pictures = [stripes(lessons, 0.4) for _ in range(TRAINING)]
    print(f"begins with epoch {model['epoch']}", flush=True)
    while model["epoch"] < options.epochs:
        # The order of an epoch follows from its number, so that it is the same after an interruption.
        chance = random.Random(f"{model['settings']['seed']}-{model['epoch']}")
        order = list(range(TRAINING))
        chance.shuffle(order)
        for n in order:
            learn(model, mask, *pictures[n], options, chance)
        model["epoch"] += 1
        save(model, options.checkpoint)
        time.sleep(options.pace)
    save(model, options.output)


def test(options):
    model = json.loads(options.model.read_text())
    chance = random.Random(7)
    with options.output.open("w") as out:
        for _ in range(TESTING):
            picture, kind = stripes(chance, options.noise, options.contrast)
            out.write(json.dumps({"kind": kind, "chances": [round(c, 6) for c in think(model, picture)[1]]}) + "\n")


def score(options):
    answers = [json.loads(line) for line in options.responses.read_text().splitlines()]
    right = sum(max(range(CLASSES), key=lambda c, a=a: a["chances"][c]) == a["kind"] for a in answers)
    options.output.write_text(f"{options.name};{options.test};{right / len(answers):.4f}\n")


def main():
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest="verb", required=True)
    flags = {
        "init": {"timesteps": int, "recurrence": str, "channels": int, "seed": str},
        "train": {"start": pathlib.Path, "loss": str, "rate": float, "dropout": float, "epochs": int, "pace": float,
                  "checkpoint": pathlib.Path},
        "test": {"model": pathlib.Path, "noise": float, "contrast": float},
        "score": {"responses": pathlib.Path, "name": str, "test": str},
    }
    for verb, each in flags.items():
        one = verbs.add_parser(verb)
        for name, kind in {**each, "output": pathlib.Path}.items():
            one.add_argument(f"--{name}", type=kind, required=True)
        if verb == "init":
            one.add_argument("--bias", action="store_true")
    options = parser.parse_args()
    {"init": init, "train": train, "test": test, "score": score}[options.verb](options)


if __name__ == "__main__":
    main()
