"""The recurrent classifier: what it computes, that it learns, goes on with the same bits, and what it refuses. classifier.py WFR-TORCH FOLDER"""

import json
import math
import os
import pathlib
import signal
import subprocess
import sys

from common import ROOT, broken, call, numbers, tensors

STRIPES = ROOT / "examples/dynvision/programs/make_stripes.py"


def stripes(name, count, side, noise, seed):
    subprocess.run([sys.executable, "-B", STRIPES, "--count", str(count), "--side", str(side), "--noise", str(noise), "--seed", str(seed), "--output", name], check=True)


def convolved(fields, weight, side, bias=None, apart=False):
    """`fields` [channel][row][column] by a weight [out][in][side][side], zeros around; `apart`: each channel for itself."""
    rows, columns, reach = len(fields[0]), len(fields[0][0]), side // 2
    result = []
    for out, kernels in enumerate(weight):
        plane = [[bias[out] if bias else 0.0] * columns for _ in range(rows)]
        for number, kernel in enumerate(kernels):
            field = fields[out if apart else number]
            for row in range(rows):
                for column in range(columns):
                    for dy in range(-reach, reach + 1):
                        for dx in range(-reach, reach + 1):
                            if 0 <= row + dy < rows and 0 <= column + dx < columns:
                                plane[row][column] += kernel[dy + reach][dx + reach] * field[row + dy][column + dx]
        result.append(plane)
    return result


def nested(shape, values):
    if len(shape) == 1:
        return list(values)
    part = len(values) // shape[0]
    return [nested(shape[1:], values[n * part:(n + 1) * part]) for n in range(shape[0])]


def scores(weights, picture, timesteps):
    """The same network in plain Python."""
    drive = convolved(picture, weights["drive.weight"], 3, weights["drive.bias"])
    state = [[[max(0.0, cell) for cell in row] for row in plane] for plane in drive]
    for _ in range(timesteps - 1):
        among = weights["among.weight"]
        heard = convolved(state, among, len(among[0][0]), None, len(among[0]) == 1 and len(among) > 1)
        state = [[[max(0.0, a + b) for a, b in zip(*rows)] for rows in zip(*planes)] for planes in zip(drive, heard)]
    means = [sum(map(sum, plane)) / sum(map(len, plane)) for plane in state]
    return [bias + sum(w * m for w, m in zip(row, means)) for row, bias in zip(weights["read.weight"], weights["read.bias"])]


def sweep(program):
    data, _ = pictures("few.st")
    for kind, among in (("off", 0), ("self", 3), ("depthwise", 27), ("pointwise", 9), ("full", 81)):
        said = numbers(program, "train-classifier", "--data", "many.st", "--recurrence", kind, "--timesteps", 3, "--channels", 3, "--noise", .3, "--batch", 16,
                       "--rate", .01, "--epochs", 8, "--output", f"{kind}.model")
        numbers(program, "evaluate-classifier", "--model-path", f"{kind}.model", "--data", "few.st", "--output", f"{kind}.json")
        found, _ = tensors(f"{kind}.model")
        weights = {name.split(".", 1)[1]: nested(*entry) for name, entry in found.items()}
        right, loss = 0, 0.0
        for picture, of in data:
            told = scores(weights, picture, 3 if kind != "off" else 1)
            right += told.index(max(told)) == of
            loss += math.log(sum(math.exp(score - told[of]) for score in told)) / len(data)
        test = json.loads(pathlib.Path(f"{kind}.json").read_text())["tests"][0]
        same = math.isclose(test["accuracy"], right / len(data)) and math.isclose(test["cross_entropy"], loss, rel_tol=1e-4, abs_tol=1e-5)
        print(f"{kind}: parameters {said['parameters'] == 30 + among + 16}, as Python computes it {same}, learns {said['accuracy'] > 0.6}")


def pictures(name):
    data = pathlib.Path(name).read_bytes()
    head = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
    body = memoryview(data)[8 + int.from_bytes(data[:8], "little"):].cast("f")
    count, _, side, _ = head["pictures"]["shape"]
    cells = list(body[:count * side * side])
    split = [nested([1, side, side], cells[n * side * side:(n + 1) * side * side]) for n in range(count)]
    return list(zip(split, map(int, body[count * side * side:]))), side


def noisy(program):
    said = numbers(program, "evaluate-classifier", "--model-path", "full.model", "--data", "many.st", "--noise", "0,1,4", "--output", "noisy.json")
    again = numbers(program, "evaluate-classifier", "--model-path", "full.model", "--data", "many.st", "--noise", "0,1,4", "--output", "again.json")
    tests = json.loads(pathlib.Path("noisy.json").read_text())["tests"]
    falls = [test["accuracy"] for test in tests]
    whole = all(sum(map(sum, test["confusion"])) == 240 for test in tests)
    print(f"noise: {falls[0] > falls[1] > falls[2]}, all pictures counted {whole}, the same again {said == again and pathlib.Path('noisy.json').read_bytes() == pathlib.Path('again.json').read_bytes()}")


def resumed(program):
    """A sweep of two by two, each killed again and again, with all that is left to chance in it."""
    for timesteps in (1, 4):
        for kind in ("off", "full"):
            words = [program, "train-classifier", "--data", "many.st", "--recurrence", kind, "--timesteps", timesteps, "--channels", 4, "--noise", .5,
                     "--dropout", .25, "--loss", "smoothed", "--batch", 4, "--epochs", 12]
            assert call(*words, "--output", "whole.model").returncode == 0
            pathlib.Path("broken.state").unlink(missing_ok=True)
            taken = broken([*words, "--checkpoint", "broken.state", "--output", "broken.model"], signal.SIGKILL, 3)
            done = call(*words, "--checkpoint", "broken.state", "--output", "broken.model")
            print(f"{timesteps} {kind}: {taken >= 2} {done.returncode} {pathlib.Path('broken.model').read_bytes() == pathlib.Path('whole.model').read_bytes()}")


def refused(program):
    call(program, "train-classifier", "--data", "many.st", "--recurrence", "ful", "--output", "x.model", show=True)
    call(program, "train-classifier", "--data", "full.model", "--output", "x.model", show=True)
    call(program, "train-classifier", "--data", "many.st", "--rate", "1e30", "--epochs", 9, "--output", "x.model", show=True)
    call(program, "evaluate-classifier", "--model-path", "full.model", "--data", "many.st", "--noise", "0,loud", "--output", "x.json", show=True)
    call(program, "evaluate-classifier", "--model-path", "many.st", "--data", "many.st", "--output", "x.json", show=True)
    print("left:", sorted(path.name for path in pathlib.Path().iterdir() if path.name.startswith((".wfr", "x."))))


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir()
    os.chdir(folder)
    stripes("many.st", 240, 6, 0.2, 1)
    stripes("few.st", 20, 6, 0.2, 2)
    sweep(program)
    noisy(program)
    resumed(program)
    refused(program)


main()
