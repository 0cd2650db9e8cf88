"""`wfr move copy` beside cp, rsync, tar and rclone: many small files and few large ones, on disk and in memory.

Alone: neither side waits for the disk, and of all of them only ours verifies. Checked: both are flushed to the disk, and each
peer is followed by a pass of b3sum over source and copy, which is what it takes to know as much as ours does.

Nobody waits for what others have left behind: before each, all of the file system is on the disk, and after each its copy is out of memory, where the
pages of the next are then made of those of the last (a machine of a cloud gets others from its host, which takes longer).

Where this user may, all of them run before whatever else the machine does (`chrt`), so that others who build on it change little.
"""

import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "engines"))
import s3_store  # pylint: disable=wrong-import-position

MEDIA = {"disk": None, "memory": "/dev/shm"}
PEERS = {
    "cp -r": "cp -r {src} {dst}",
    "rsync -a": "rsync -a {src}/ {dst}/",
    "tar | tar": "mkdir {dst} && tar -C {src} -cf - . | tar -C {dst} -xf -",
    "rclone": "rclone copy --config /dev/null {src} {dst}",
}
TURNS = 5
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


def forget(folder):
    """What lies there is on the disk, and no longer in memory."""
    subprocess.run(["sync", "-f", folder], check=True)
    for file in folder.rglob("*"):
        if file.is_file():
            descriptor = os.open(file, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


class Copies:
    """One set of files on one medium, copied to a new place each time."""

    def __init__(self, bench, root, make):
        self.bench, self.root, self.number = bench, root, 0
        first = ["chrt", "--fifo", "1"]
        self.before = first if subprocess.run([*first, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0 else []
        make(root / "src")
        # The large ones go at once. The small ones stay: some file systems look at each inode that was freed a moment ago.
        self.keeps = make is small and not str(root).startswith("/dev/shm")

    def seconds(self, command):
        self.number += 1
        dst = self.root / f"dst{self.number}"
        subprocess.run(["sync", "-f", self.root], check=True)
        text = command.format(src=self.root / "src", dst=dst, wfr=self.bench.wfr, cpus=os.cpu_count())
        took, _ = self.bench.run([*self.before, "bash", "-euo", "pipefail", "-c", text])
        if self.keeps:
            forget(dst)
        else:
            shutil.rmtree(dst)
        return took


def compare(bench, copies, name, medium, faster):
    """Everything in turn, several times, so that what else runs on this machine hits all of them; the median of the ratios of each turn counts."""
    flush = " && sync -f {dst}"
    commands = {("ours", "alone"): "{wfr} move copy --quiet --no-flush {src} {dst}", ("ours", "checked"): "{wfr} move copy --quiet {src} {dst}"}
    for peer, command in PEERS.items():
        commands[peer, "alone"] = command
        commands[peer, "checked"] = command + flush + " && " + CHECK
    turns = [{key: copies.seconds(command) for key, command in commands.items()} for _ in range(TURNS)]
    for way in ("alone", "checked"):
        ours = statistics.median(turn["ours", way] for turn in turns)
        ratios = {peer: statistics.median(turn["ours", way] / turn[peer, way] for turn in turns) for peer in PEERS}
        fastest = max(PEERS, key=ratios.get)
        for peer, ratio in ratios.items():
            aim, met = "none stated", True
            if faster > 1 and peer == "rsync -a":
                aim, met = f">= {faster} times faster", ratio <= 1 / faster
            if faster == 1 and peer == fastest:
                aim, met = "as fast", ratio <= 1.05
            bench.row(f"move copy, {name}, {medium}, {way}", ours, "s", aim, met, peer, ratio)


STORED = {"2,000 small files": (2_000, 10_000), "4 files of 64 MiB": (4, 64 << 20)}


def files(root, count, size):
    for number in range(count):
        folder = root / f"{number % 20:02}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:05}").write_bytes(random.Random(number).randbytes(size))


def stored(bench):
    """To an object store and back, beside rclone with as many transfers at once: one server for both, in memory, each with its usual verification."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="wfc-bench-s3.", dir="/dev/shm"))
    # A later one refuses a header that Debian's rclone sends.
    store = s3_store.Store(root / "store", "1.0.14").start()
    many = min(max(2 * os.cpu_count(), 4), 16)
    environment = store.environment(RCLONE_CONFIG="/dev/null", RCLONE_CONFIG_S_TYPE="s3", RCLONE_CONFIG_S_PROVIDER="Other", RCLONE_CONFIG_S_ENV_AUTH="true",
                                    RCLONE_CONFIG_S_ENDPOINT=f"http://127.0.0.1:{store.port}", RCLONE_TRANSFERS=str(many), RCLONE_CHECKERS=str(many),
                                    RCLONE_S3_NO_CHECK_BUCKET="true")
    try:
        for set_name, (count, size) in STORED.items():
            files(root / set_name, count, size)
            best = {}
            for turn in range(3):
                there, back = f"data/{count}-{turn}", root / f"back-{turn}"
                for way, ours, theirs in (("up", [root / set_name, f"s3://{there}/ours"], [root / set_name, f"s:{there}/theirs"]),
                                          ("down", [f"s3://{there}/ours", back / "ours"], [f"s:{there}/theirs", back / "theirs"])):
                    for who, command in (("ours", [bench.wfr, "move", "copy", "--quiet", *ours]), ("rclone", ["rclone", "copy", *theirs])):
                        took, _ = bench.run(command, env=environment)
                        best[way, who] = min(best.get((way, who), 1e9), took)
                shutil.rmtree(back)
            for way in ("up", "down"):
                ratio = best[way, "ours"] / best[way, "rclone"]
                bench.row(f"move copy, {set_name}, object store, {way}", best[way, "ours"], "s", "as fast", ratio <= 1.05, "rclone", ratio)
    finally:
        store.stop()
        shutil.rmtree(root)


def move(bench):
    stored(bench)
    for medium, folder in MEDIA.items():
        for name, (make, faster) in SETS.items():
            root = pathlib.Path(tempfile.mkdtemp(prefix="wfc-bench-move.", dir=folder or bench.work))
            try:
                compare(bench, Copies(bench, root, make), name, medium, faster)
            finally:
                subprocess.run(["rm", "-rf", root], check=True)
