"""What the tests of `wfr-torch` share: small gridded data, a reader of its files, and calls of the program."""

import datetime
import json
import os
import pathlib
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "examples/aurora/programs"))
import netcdf  # noqa: E402

FIRST = datetime.date(2025, 1, 1)


def write_day(folder, number, fields, units="ug m-3", time_units="days since 2025-01-01", more=None):
    """fields: {name: rows of numbers}; the columns go once around the globe."""
    rows, columns = (len(next(iter(fields.values()))), len(next(iter(fields.values()))[0]))
    variables = [("time", ["time"], {"units": time_units, **(more or {})}, netcdf.DOUBLE, [number]),
                 ("lon", ["lon"], {"units": "degrees_east"}, netcdf.DOUBLE, [360.0 * c / columns for c in range(columns)])]
    for name, cells in fields.items():
        variables.append((name, ["time", "lat", "lon"], {"units": units}, netcdf.FLOAT, [cell for row in cells for cell in row]))
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    netcdf.write(folder / f"{number:03}.nc", {"time": 1, "lat": rows, "lon": columns}, variables)


def moving(number, rows, columns, step=1, of=0):
    """A pattern that moves `step` columns a day, around the globe; `of` tells patterns apart."""
    shift = number * step
    return [[float((7 * row + 5 * ((column - shift) % columns) + 3 * of) % 11) for column in range(columns)] for row in range(rows)]


def day(number):
    return (FIRST + datetime.timedelta(number)).isoformat()


def window(first, last):
    return ["--start-date", day(first), "--end-date", day(last)]


def call(program, *words, show=False, **more):
    """Runs `wfr-torch`; its exit status, and what it said as one text."""
    done = subprocess.run([program, *map(str, words)], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
                          env={**os.environ, "OMP_NUM_THREADS": "1"}, **more)
    if show:
        print(done.returncode, done.stderr.strip())
    return done


def numbers(program, *words):
    """What a call that must go well says with --json."""
    done = call(program, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def tensors(path):
    """{name: (shape, numbers)} and the texts of a file in the format safetensors, as its description says."""
    data = pathlib.Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    head, body = json.loads(data[8:8 + length]), data[8 + length:]
    texts = head.pop("__metadata__")
    found = {}
    for name, about in head.items():
        begin, end = about["data_offsets"]
        assert about["dtype"] == "F32"
        found[name] = (about["shape"], struct.unpack(f"<{(end - begin) // 4}f", body[begin:end]))
    return found, texts


def broken(command, signal_, enough):
    """Starts it again and again, each time with a signal at another moment; how often it took effect."""
    taken = 0
    for attempt in range(40):
        process = subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})
        until = time.monotonic() + 60
        # At the end of an epoch, and a little later: in the middle of the next one.
        lines = 0
        while lines < 1 + attempt % 2 and time.monotonic() < until:
            line = process.stderr.readline()
            if not line:
                break
            lines += line.startswith(b"epoch")
        time.sleep(0.003 * (attempt % 5))
        process.send_signal(signal_)
        process.stderr.read()
        taken += process.wait() == -signal_
        if taken == enough or process.returncode == 0:
            break
    return taken
