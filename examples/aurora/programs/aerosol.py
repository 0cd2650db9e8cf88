"""What the Aurora programs share: the fields on disk, the network, and its gradient.

Fields are one CSV file a day (`aerosol_YYYY-MM-DD.csv`: row, column, then the five aerosols, in
units of their climatological scale). A sample is one cell on one day: the cell, its western and its
eastern neighbour, and the season; the target is the same cell a day later. The network has one
hidden layer; its parameters are one flat list, so that Adam, the Fisher information and a
checkpoint need no structure. Only the standard library is used, and the order of every sum is
fixed: equal inputs give equal bytes.

This file reads and computes; it decides nothing about training, and prints nothing.
"""

import csv
import datetime
import json
import math
import os
import random
from operator import mul

VARIABLES = ["dust", "sea_salt", "sulfate", "organic_carbon", "black_carbon"]
ROWS, COLUMNS = 4, 6
HIDDEN = 12
INPUTS = 3 * len(VARIABLES) + 3  # here, west and east; two of the season; a constant one
OUTPUTS = len(VARIABLES)
PARAMETERS = HIDDEN * INPUTS + OUTPUTS * (HIDDEN + 1)


def season(day):
    """The phase of the year as two numbers: (1, 0) in the middle of January."""
    angle = 2.0 * math.pi * (day.timetuple().tm_yday - 15) / 365.25
    return math.cos(angle), math.sin(angle)


def days(first, last):
    """All days from `first` to `last`, both included."""
    return [first + datetime.timedelta(n) for n in range((last - first).days + 1)]


def field_path(folder, day):
    return os.path.join(folder, f"aerosol_{day.isoformat()}.csv")


def read_field(folder, day):
    """One day's field: field[row][column] is the list of the five aerosols."""
    field = [[None] * COLUMNS for _ in range(ROWS)]
    with open(field_path(folder, day), newline="") as file:
        for line in csv.DictReader(file):
            field[int(line["row"])][int(line["column"])] = [float(line[name]) for name in VARIABLES]
    return field


def read_batches(folder, first, last):
    """A batch (inputs, targets) for each pair of following days in the window, in order."""
    fields = [read_field(folder, day) for day in days(first, last)]
    batches = []
    for day, today, tomorrow in zip(days(first, last), fields, fields[1:]):
        inputs, targets = [], []
        for row, next_row in zip(today, tomorrow):
            for column in range(COLUMNS):
                west, east = row[column - 1], row[(column + 1) % COLUMNS]
                inputs.append([*row[column], *west, *east, *season(day), 1.0])
                targets.append(next_row[column])
        batches.append((inputs, targets))
    return batches


def split(batches):
    """The first 80 % of a window to learn from, the rest held out; never an empty half."""
    if len(batches) < 2:
        raise ValueError("a window needs at least three days")
    cut = min(len(batches) - 1, max(1, len(batches) * 4 // 5))
    return batches[:cut], batches[cut:]


def initial_parameters(seed):
    """Small random weights, scaled to the width of each layer."""
    chance = random.Random(seed)
    hidden = [chance.gauss(0.0, 1.0 / math.sqrt(INPUTS)) for _ in range(HIDDEN * INPUTS)]
    output = [chance.gauss(0.0, 1.0 / math.sqrt(HIDDEN)) for _ in range(OUTPUTS * (HIDDEN + 1))]
    return hidden + output


def product(left, right):
    """Rows of `left` times rows of `right`: left · rightᵀ."""
    return [[sum(map(mul, a, b)) for b in right] for a in left]


def layers(parameters):
    """The two weight matrices in a flat list of parameters."""
    cut = HIDDEN * INPUTS
    width = HIDDEN + 1
    first = [parameters[at : at + INPUTS] for at in range(0, cut, INPUTS)]
    second = [parameters[at : at + width] for at in range(cut, PARAMETERS, width)]
    return first, second


def predict(parameters, inputs):
    """The hidden activations (with their constant one) and the predictions."""
    first, second = layers(parameters)
    hidden = [[*map(math.tanh, row), 1.0] for row in product(inputs, first)]
    return hidden, product(hidden, second)


def gradient(parameters, inputs, targets):
    """The gradient of the mean squared error over one batch, as flat as the parameters."""
    hidden, predicted = predict(parameters, inputs)
    scale = 2.0 / (len(inputs) * OUTPUTS)
    error = [[scale * (p - t) for p, t in zip(ps, ts)] for ps, ts in zip(predicted, targets)]
    by_unit = list(zip(*layers(parameters)[1]))[:HIDDEN]
    back = [
        [e * (1.0 - h * h) for e, h in zip(es, hs)]
        for es, hs in zip(product(error, by_unit), hidden)
    ]
    first = product(list(zip(*back)), list(zip(*inputs)))
    second = product(list(zip(*error)), list(zip(*hidden)))
    return [value for row in first + second for value in row]


def scores(parameters, batches):
    """How well the model predicts: over all five aerosols, and for each."""
    pairs = [[] for _ in VARIABLES]
    for inputs, targets in batches:
        for predicted, target in zip(predict(parameters, inputs)[1], targets):
            for pair, p, t in zip(pairs, predicted, target):
                pair.append((p, t))
    result = summary([pair for variable in pairs for pair in variable])
    result["per_variable"] = {name: summary(pair) for name, pair in zip(VARIABLES, pairs)}
    return result


def summary(pairs):
    """rmse, mae, r2 and mean bias of (predicted, true) pairs."""
    count = len(pairs)
    mean = sum(t for _, t in pairs) / count
    square = sum((p - t) ** 2 for p, t in pairs)
    spread = sum((t - mean) ** 2 for _, t in pairs)
    return {
        "rmse": math.sqrt(square / count),
        "mae": sum(abs(p - t) for p, t in pairs) / count,
        "r2": 1.0 - square / spread if spread > 0.0 else 0.0,
        "mean_bias": sum(p - t for p, t in pairs) / count,
    }


def write_json(path, value):
    """Writes a file that is either absent, old or complete; floats keep every bit."""
    unfinished = f"{path}.tmp"
    with open(unfinished, "w") as file:
        json.dump(value, file, indent=1)
        file.write("\n")
    os.replace(unfinished, path)


def read_json(path):
    with open(path) as file:
        return json.load(file)
