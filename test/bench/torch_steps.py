"""`wfr-torch` beside the same network in PyTorch: steps a second of a U-Net's training, plain and with elastic weight consolidation.

Both have fields of the same size in memory and one thread each; time is that of the processor, so that a busy machine does not matter. What a
process needs to begin is left out: the time of few epochs is taken from that of many.
"""

import datetime
import os
import pathlib
import subprocess
import sys

PEER = pathlib.Path(__file__).with_name("torch_peer.py")
MAKE = pathlib.Path(__file__).resolve().parents[2] / "examples/aurora/programs/make_fields.py"
# Debian's PyTorch belongs to Debian's Python.
PYTHONS = (sys.executable, "/usr/bin/python3")
FEW, MANY, SAMPLES = 1, 6, 48


def importable():
    """A Python that has PyTorch, and its version."""
    for python in PYTHONS:
        done = subprocess.run([python, "-c", "import torch; print(torch.__version__)"], text=True, capture_output=True)
        if done.returncode == 0:
            return python, done.stdout.strip()
    return None, None


def seconds(command):
    """Of the processor, by a command that must succeed."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} failed:\n{said.decode()[-2000:]}")
    return usage.ru_utime + usage.ru_stime


def rate(command, batch):
    """Steps a second: the least time of each of three."""
    few, many = (min(seconds(command(epochs)) for _ in range(3)) for epochs in (FEW, MANY))
    return (MANY - FEW) * -(-SAMPLES // batch) / (many - few)


def torch(bench):
    wfr_torch = bench.wfr.parent / "wfr-torch"
    if not wfr_torch.exists():
        print("skipped wfr-torch: it was built without libtorch")
        return
    python, version = importable()
    if python is None:
        print("wfr-torch beside PyTorch: not measured, no Python here has torch (Debian: python3-torch)")
    first = datetime.date(2025, 1, 1)
    # Pairs of following days, of which four fifths are learnt.
    last = first + datetime.timedelta(SAMPLES * 5 // 4)
    for rows, columns, width, batch in ((12, 18, 8, 4), (64, 96, 16, 8)):
        data, model = bench.work / f"fields-{rows}", bench.work / f"model-{rows}"
        subprocess.run([sys.executable, "-B", MAKE, "--netcdf", "--rows", str(rows), "--columns", str(columns), "--from", str(first), "--until", str(last),
                        "--output", data], check=True, stdout=subprocess.DEVNULL)
        common = [wfr_torch, "train-unet", data, "--start-date", first, "--end-date", last, "--batch", batch, "--threads", 1, "--device", "cpu"]
        bench.run(list(map(str, [*common, "--width", width, "--epochs", 1, "--output", model])))
        for name, ours, theirs in (("", ["--width", width], 0), (", consolidated", ["--model-path", model, "--ewc-lambda", 100], 100)):
            steps = rate(lambda epochs, more=ours: list(map(str, [*common, *more, "--epochs", epochs, "--output", bench.work / "m"])), batch)
            title = f"wfr-torch, {rows} x {columns}, width {width}{name}"
            if python is None:
                bench.row(title, steps, "steps/s", ">= PyTorch", False)
                continue
            peer = rate(lambda epochs, strength=theirs: list(map(str, [python, PEER, rows, columns, width, batch, SAMPLES, epochs, strength])), batch)
            bench.row(title, steps, "steps/s", ">= PyTorch", steps >= peer, f"PyTorch {version}", steps / peer)
