"""`wfr-torch` beside the same network in PyTorch: steps a second of a U-Net's training, plain and with elastic weight consolidation.

Both have fields of the same size in memory and one thread each; time is that of the processor, so that a busy machine does not matter. What a
process needs to begin is left out: the time of few epochs is taken from that of many. On a GPU, where there is one, it is the median of what both
say of each epoch.
"""

import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys

PEER = pathlib.Path(__file__).with_name("torch_peer.py")
MAKE = pathlib.Path(__file__).resolve().parents[2] / "examples/aurora/programs/make_fields.py"
# Debian's PyTorch belongs to Debian's Python.
PYTHONS = (sys.executable, "/usr/bin/python3")
SAMPLES = 48
FEW, MANY = 1, 6
# Rows, columns, width, batch; on a GPU also epochs.
PROCESSOR = ((12, 18, 8, 4), (64, 96, 16, 8))
GPU = ((12, 18, 8, 4, 40), (64, 96, 32, 16, 200), (180, 360, 64, 16, 60))


def importable():
    """A Python that has PyTorch, and its version."""
    for python in PYTHONS:
        done = subprocess.run([python, "-c", "import torch; print(torch.__version__)"], text=True, capture_output=True)
        if done.returncode == 0:
            return python, done.stdout.strip()
    return None, None


def seconds(command):
    """Of the processor, by a command that must succeed."""
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{said.decode()[-2000:]}")
    return usage.ru_utime + usage.ru_stime


def rate(command, batch):
    """Steps a second: the least time of each of three."""
    few, many = (min(seconds(command(epochs)) for _ in range(3)) for epochs in (FEW, MANY))
    return (MANY - FEW) * -(-SAMPLES // batch) / (many - few)


def rate_on_gpu(bench, command):
    """Steps a second, and how busy the GPU was, the start of the process included."""
    summary = bench.work / "summary.json"
    done = subprocess.run(list(map(str, [bench.wfr, "supervise", "--sample", "200ms", "--summary", summary, "--", *command])), text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{done.stderr[-2000:]}")
    rates = [float(line.split()[-2]) for line in (done.stdout + done.stderr).splitlines() if line.endswith("steps/s")]
    gpus = json.loads(summary.read_text())["gpus"]
    used = f"{100 * gpus[0]['busy']:.0f} % busy, {gpus[0]['memory'] >> 20} MiB, {gpus[0]['joules']} J" if gpus else "not looked at"
    return statistics.median(rates[1:]), used


def fields(bench, size, days):
    folder = bench.work / f"fields-{size[0]}"
    if not folder.exists():
        bench.run(list(map(str, [sys.executable, "-B", MAKE, "--netcdf", "--rows", size[0], "--columns", size[1], "--from", days[0], "--until", days[1],
                                 "--output", folder])))
    return folder


def has_gpu(wfr_torch, python):
    """Both can use one."""
    words = [wfr_torch, "train-unet", "--device", "cuda", "--start-date", "2025-01-01", "--end-date", "2025-01-02", "--output", "none", "/nowhere"]
    ours = subprocess.run(words, text=True, capture_output=True)
    theirs = subprocess.run([python or "false", "-c", "import torch; assert torch.cuda.is_available()"], capture_output=True)
    return theirs.returncode == 0 and "no GPU" not in ours.stderr


def torch(bench):
    wfr_torch = bench.wfr.parent / "wfr-torch"
    if not wfr_torch.exists():
        print("skipped wfr-torch: it was built without libtorch")
        return
    python, version = importable()
    if python is None:
        print("wfr-torch beside PyTorch: not measured, no Python here has torch (Debian: python3-torch)")
    for size in PROCESSOR:
        for name, ours, theirs in trainings(bench, wfr_torch, size, "cpu"):
            steps = rate(ours, size[3])
            if python is None:
                bench.row(name, steps, "steps/s", ">= PyTorch", False)
                continue
            peer = rate(lambda epochs: [python, *theirs(epochs)], size[3])
            bench.row(name, steps, "steps/s", ">= PyTorch", steps >= peer, f"PyTorch {version}", steps / peer)
    if not has_gpu(wfr_torch, python):
        print("wfr-torch on a GPU: not measured, there is none here that both it and a PyTorch can use")
        return
    for size in GPU:
        for name, ours, theirs in trainings(bench, wfr_torch, size, "cuda"):
            (steps, used), (peer, its) = (rate_on_gpu(bench, command) for command in (ours(size[4]), [python, *theirs(size[4])]))
            bench.row(f"{name} ({used}; PyTorch {its})", steps, "steps/s", ">= PyTorch", steps >= peer, f"PyTorch {version}", steps / peer)


def trainings(bench, wfr_torch, size, device):
    """Of each: its name, and the commands of both by their number of epochs."""
    rows, columns, width, batch = size[:4]
    first = datetime.date(2025, 1, 1)
    # Pairs of following days, of which four fifths are learnt.
    days = (first, first + datetime.timedelta(SAMPLES * 5 // 4))
    data, model = fields(bench, size, days), bench.work / f"model-{device}-{rows}"
    common = [wfr_torch, "train-unet", data, "--start-date", days[0], "--end-date", days[1], "--batch", batch, "--threads", 1, "--device", device]
    bench.run(list(map(str, [*common, "--width", width, "--epochs", 1, "--output", model])))
    for name, more, strength in (("", ["--width", width], 0), (", consolidated", ["--model-path", model, "--ewc-lambda", 100], 100)):
        yield (f"wfr-torch, {device}, {rows} x {columns}, width {width}{name}",
               lambda epochs, more=more: [*common, *more, "--epochs", epochs, "--output", bench.work / "m"],
               lambda epochs, strength=strength: [PEER, rows, columns, width, batch, SAMPLES, epochs, strength, device])
