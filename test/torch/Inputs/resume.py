"""Interrupted in every way there is, a training ends with the bits of an unbroken one. resume.py WFR-TORCH FOLDER"""

import os
import pathlib
import signal
import subprocess
import sys
import time

from common import broken, call, moving, write_day, window


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir()
    os.chdir(folder)
    for number in range(40):
        write_day("data", number, {"a": moving(number, 9, 12), "b": moving(number, 9, 12, 2, 1)})
    common = [program, "train-unet", "data", *window(0, 39), "--width", "4", "--batch", "2", "--epochs", "12", "--ewc-lambda", "0"]

    def train(name, *more):
        return [*common, "--output", f"{name}.model", "--checkpoint", f"{name}.state", *more]

    assert call(*train("whole")).returncode == 0
    whole = pathlib.Path("whole.model").read_bytes()

    def same(name):
        done = call(*train(name))
        assert done.returncode == 0, done.stderr
        return pathlib.Path(f"{name}.model").read_bytes() == whole, "goes on at step" in done.stderr

    for name, number, enough in (("killed", signal.SIGKILL, 4), ("ended", signal.SIGTERM, 4)):
        taken = broken(train(name), number, enough)
        print(f"{name}: {taken >= 2}, the same bytes and went on: {same(name)}")
    # A signal that asks for the state does not end it.
    process = subprocess.Popen(train("asked"), stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})
    process.stderr.readline()
    for _ in range(5):
        time.sleep(0.01)
        process.send_signal(signal.SIGUSR1)
    process.stderr.read()
    print("asked:", process.wait(), pathlib.Path("asked.model").read_bytes() == whole)
    # What lies there and is none of its own is left alone, with a word, and the result is the same.
    state = pathlib.Path("whole.state").read_bytes()
    for name, bytes_ in (("torn", state[:-7]), ("changed", state[:-9] + b"\1" + state[-8:]), ("empty", b"")):
        pathlib.Path(f"{name}.state").write_bytes(bytes_)
        done = call(*train(name), show=False)
        said = next(line for line in done.stderr.splitlines() if "left alone" in line)
        print(f"{said}: {pathlib.Path(f'{name}.model').read_bytes() == whole}")
    pathlib.Path("other.state").write_bytes(state)
    done = call(*train("other"), "--seed", "2")
    print(done.stderr.splitlines()[0], pathlib.Path("other.model").read_bytes() != whole)
    print("left:", sorted(path.name for path in pathlib.Path().glob(".wfr*")))


main()
