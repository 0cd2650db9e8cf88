"""`wfr move copy` beside cp, rsync, tar and rclone: many small files and few large ones, on disk and in memory.

Alone: neither side waits for the disk, and of all of them only ours verifies. Checked: both are flushed to the disk, and each
peer is followed by a pass of b3sum over source and copy, which is what it takes to know as much as ours does.
"""

import os
import pathlib
import random
import shutil
import subprocess
import tempfile

MEDIA = {"disk": None, "memory": "/dev/shm"}
PEERS = {
    "cp -r": "cp -r {src} {dst}",
    "rsync -a": "rsync -a {src}/ {dst}/",
    "tar | tar": "mkdir {dst} && tar -C {src} -cf - . | tar -C {dst} -xf -",
    "rclone": "rclone copy --config /dev/null {src} {dst}",
}
SUMS = "cd {folder} && find . -type f -print0 | sort -z | xargs -0 b3sum --num-threads {cpus} > {list}"
CHECK = f"{SUMS.replace('{folder}', '{src}').replace('{list}', '{dst}.src')} && {SUMS.replace('{folder}', '{dst}').replace('{list}', '{dst}.dst')} && cmp {{dst}}.src {{dst}}.dst"


def small(root):
    """As many files as IWP stages, and as small: shapefiles of some 10 kB in folders by region."""
    dice = random.Random(17_039)
    for number in range(17_039):
        folder = root / f"region{number % 12:02}" / f"{number // 12 % 40:02}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"site_{number:05}.shp").write_bytes(dice.randbytes(min(int(dice.lognormvariate(9.2, 1.0)), 2_000_000)))


def large(root):
    root.mkdir()
    for number in range(4):
        with open(root / f"{number}.nc", "wb") as file:
            for _ in range(16):
                file.write(random.Random(number).randbytes(16 << 20))


SETS = {"17,039 small files": (small, 3), "4 files of 256 MiB": (large, 1)}


class Copies:
    """One set of files on one medium, copied to a new place each time."""

    def __init__(self, bench, root, make):
        self.bench, self.root, self.number = bench, root, 0
        make(root / "src")
        # The large ones go at once. The small ones stay: some file systems look at each inode that was freed a moment ago.
        self.keeps = make is small and not str(root).startswith("/dev/shm")

    def seconds(self, command):
        self.number += 1
        dst = self.root / f"dst{self.number}"
        text = command.format(src=self.root / "src", dst=dst, wfr=self.bench.wfr, cpus=os.cpu_count())
        took, _ = self.bench.run(["bash", "-euo", "pipefail", "-c", text])
        if not self.keeps:
            shutil.rmtree(dst)
        return took


def compare(bench, copies, name, medium, faster):
    """Everything in turn, twice, so that what else runs on this machine hits all of them."""
    flush = " && sync -f {dst}"
    commands = {("ours", "alone"): "{wfr} move copy --quiet --no-flush {src} {dst}", ("ours", "checked"): "{wfr} move copy --quiet {src} {dst}"}
    for peer, command in PEERS.items():
        commands[peer, "alone"] = command
        commands[peer, "checked"] = command + flush + " && " + CHECK
    best = {}
    for _ in range(2):
        for key, command in commands.items():
            best[key] = min(best.get(key, 1e9), copies.seconds(command))
    for way in ("alone", "checked"):
        ours = best["ours", way]
        fastest = min(PEERS, key=lambda peer: best[peer, way])
        for peer in PEERS:
            ratio = ours / best[peer, way]
            aim, met = "none stated", True
            if faster > 1 and peer == "rsync -a":
                aim, met = f">= {faster} times faster", ratio <= 1 / faster
            if faster == 1 and peer == fastest:
                aim, met = "as fast", ratio <= 1.05
            bench.row(f"move copy, {name}, {medium}, {way}", ours, "s", aim, met, peer, ratio)


def move(bench):
    for medium, folder in MEDIA.items():
        for name, (make, faster) in SETS.items():
            root = pathlib.Path(tempfile.mkdtemp(prefix="wfc-bench-move.", dir=folder or bench.work))
            try:
                compare(bench, Copies(bench, root, make), name, medium, faster)
            finally:
                subprocess.run(["rm", "-rf", root], check=True)
