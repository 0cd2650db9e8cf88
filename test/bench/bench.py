"""The figures of wfc, each beside its peer in the same run: ratios, not seconds. `./dev bench` calls it.

Nothing here is a test: a figure that misses its aim is shown as missed and fails nothing.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import flows
import geo
import lsp
import move
import nomad
import scale
import torch_steps
import versions

WORK = ("start", "check", "build", "snakemake", "local", "status", "million", "scale", "versions", "slurm", "nomad", "rocoto", "move", "geo", "torch", "lsp")

SITE = """name = "bench"
scheduler = "slurm"
version = "22.05"
accounts = { default = "@env:WFC_ACCOUNT" }
submit_from_compute = true
sacct = true
gpu_flag = "gres"
margin = "5min"
default_partition = "cpu"
[limits]
array = 10001
submit = 100000
[defaults]
cpus = 1
memory = "2GiB"
time = "1h"
[modules]
system = "none"
[containers]
runtime = "none"
[partitions.cpu]
nodes = 100
cores = 64
memory = "256GiB"
walltime = "48h"
"""


def run(command, cwd=None, env=None):
    """Wall seconds and peak MiB of a command that must succeed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{errors.decode()[-2000:]}")
    return seconds, usage.ru_maxrss / 1024


def best(command, times=5, before=None, **options):
    """The fastest of several runs; `before` prepares each."""
    results = []
    for _ in range(times):
        if before:
            before()
        results.append(run(command, **options))
    return min(r[0] for r in results), max(r[1] for r in results)


def engine(name):
    """The folder of a peer's programs, as test/engines/NAME installed them."""
    script = pathlib.Path(__file__).resolve().parents[1] / "engines" / name
    return subprocess.run([script], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


class Bench:
    def __init__(self, bin_dir, work):
        self.wfc, self.wfr = bin_dir / "wfc", bin_dir / "wfr"
        self.work = work
        self.site = self.file("site.toml", SITE)
        self.rows = []

    def file(self, name, text):
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def row(self, name, value, unit, aim, met, peer=None, ratio=None):
        row = {"name": name, "value": round(value, 4), "unit": unit, "peer": peer,
               "ratio": None if ratio is None else round(ratio, 3), "aim": aim, "met": bool(met)}
        self.rows.append(row)
        shown = f"{row['value']:>10} {unit}" + (f", {row['ratio']} of {peer}" if peer else "")
        print(f"{'ok    ' if met else 'missed'}  {name:<58} {shown:<36} aim {aim}", flush=True)

    def fresh(self, name):
        path = self.work / name
        return lambda: shutil.rmtree(path, ignore_errors=True)

    run, best, engine = staticmethod(run), staticmethod(best), staticmethod(engine)

    def site_of(self, target):
        """The site file for a target that needs one."""
        return self.file("nomad.toml", SITE.replace('"slurm"', '"nomad"')) if target == "nomad" else self.site

    def scale(self):
        scale.artifacts(self)

    def versions(self):
        versions.versions(self)

    def slurm(self):
        scale.slurm(self)

    def nomad(self):
        nomad.nomad(self)

    def rocoto(self):
        scale.rocoto(self)

    def move(self):
        move.move(self)

    def geo(self):
        geo.geo(self)

    def torch(self):
        torch_steps.torch(self)

    def lsp(self):
        lsp.lsp(self)

    def start(self):
        seconds, _ = best([self.wfc, "--version"], times=20)
        self.row("wfc --version, whole process", seconds * 1000, "ms", "<= 3 ms", seconds <= 0.003)

    def check(self):
        ten = self.file("ten.wf", flows.written(10_000))
        hundred = self.file("hundred.wf", flows.written(100_000))
        seconds, memory = best([self.wfc, "check", "--shellcheck=never", ten])
        self.row("wfc check, 10,000 lines", seconds * 1000, "ms", "<= 100 ms", seconds <= 0.1)
        self.row("wfc check, 10,000 lines, memory", memory, "MiB", "<= 80 MB", memory * 1.048576 <= 80)
        run([self.wfc, "fmt", ten])
        layout, _ = best([self.wfc, "fmt", "--check", ten])
        self.row("wfc fmt, 10,000 lines", layout * 1000, "ms", "<= 100 ms", layout <= 0.1)
        longer, _ = best([self.wfc, "check", "--shellcheck=never", hundred], times=3)
        self.row("wfc check, 100,000 lines", longer, "s", "<= 1 s", longer <= 1, "10,000 lines", longer / seconds)

    def build(self):
        base = ["build", "--target", "slurm", "--site", self.site]
        sizes = {}
        for count in (1_000, 1_000_000):
            flow = self.file(f"sweep{count}.wf", flows.sweep(count))
            sizes[count] = best([self.wfc, *base, flow, "-o", self.work / f"s{count}"], before=self.fresh(f"s{count}"))
        seconds, memory = sizes[1_000_000]
        self.row("sweep of 2 x 1,000,000 instances, to slurm artifacts", seconds * 1000, "ms", "<= 100 ms", seconds <= 0.1)
        growth = memory / sizes[1_000][1]
        self.row("the same, memory", memory, "MiB", "flat in N", growth < 1.2, "1,000 instances", growth)
        flow = self.file("tasks.wf", flows.tasks(10_000))
        # 10,000 scripts are 10,000 new files: in memory, because what a disk takes for that is not ours.
        with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
            out = pathlib.Path(memory) / "tasks"
            clear = lambda: shutil.rmtree(out, ignore_errors=True)  # noqa: E731
            seconds, _ = best([self.wfc, *base, flow, "-o", out], before=clear)
        self.row("10,000 written-out tasks, to artifacts", seconds * 1000, "ms", "<= 300 ms", seconds <= 0.3)

    def snakemake(self):
        program = shutil.which("snakemake") or shutil.which("snakemake", path=engine("snakemake"))
        flow = self.file("sweep10k.wf", flows.sweep(10_000))
        seconds, _ = best([self.wfc, "build", "--target", "slurm", "--site", self.site, flow, "-o", self.work / "s10k"],
                          before=self.fresh("s10k"))
        name = "compiling a sweep of 10,000 instances"
        if not program:
            print(f"skipped {name}: no snakemake on PATH")
            return
        folder = self.file("snake/Snakefile", flows.snakefile(10_000)).parent
        peer, _ = run([program, "-n", "-q", "--cores", "1"], cwd=folder)
        self.row(name, seconds * 1000, "ms", ">= 100 times faster", peer / seconds >= 100, "snakemake -n", seconds / peer)

    def local(self, count=10_000):
        flow = self.file("touches.wf", flows.touches(count))
        out = self.work / "touches"
        run([self.wfc, "build", flow, "-o", out])
        # In turn, each time in a new folder, and nothing is removed before both are done: some file systems look
        # at each inode that was freed a moment ago before they give out another.
        ours, peers = [], []
        for turn in range(3):
            ours.append(run([self.wfr, "start", out, "--run", self.work / f"run{turn}", "--wait"])[0])
            folder = self.file(f"ninja{turn}/build.ninja", flows.ninjafile(count)).parent
            # As many at once as the engine has cores.
            peers.append(run(["ninja", "--quiet", f"-j{os.cpu_count()}"], cwd=folder)[0])
        seconds, peer = min(ours), min(peers)
        self.row(f"local engine, {count:,} tasks of one output", seconds, "s", "<= 1.5 times ninja", seconds / peer <= 1.5,
                 "ninja", seconds / peer)

    def status(self, count=100_000):
        flow = self.file("many.wf", flows.touches(count))
        out, here = self.work / "many", self.work / "manyrun"
        run([self.wfc, "build", flow, "-o", out])
        run([self.wfr, "start", out, "--run", here, "--wait"])
        seconds, _ = best([self.wfr, "status", here], times=3)
        self.row(f"wfr status of {count:,} instances", seconds * 1000, "ms", "<= 200 ms", seconds <= 0.2)
        each = scale.size_of(here / "ledger") / count
        self.row(f"ledger of {count:,} instances", each, "bytes each", "<= 300 bytes", each <= 300)

    def million(self):
        """A run of 1,000,000 instances; all but the first are written by the controller without a process."""
        count = 1_000_000
        flow, out, here = self.file("million.wf", flows.touches(count)), self.work / "million", self.work / "millionrun"
        run([self.wfc, "build", flow, "-o", out])
        # The memory of a process is never less than this program's own, which it is forked from.
        start = [self.wfr, "start", out, "--run", here, "--wait", "--stop-after", "1"]
        subprocess.run(start, stderr=subprocess.DEVNULL, check=False)
        filling, full = run([self.wfc.parent / "wfc-fill", here])
        ledger = scale.size_of(here / "ledger") / count
        self.row("ledger of 1,000,000 instances", ledger, "bytes each", "<= 300 bytes", ledger <= 300)
        for verb in (["status"], ["status", "--json"], ["report"]):
            seconds, memory = best([self.wfr, verb[0], here, *verb[1:]], times=3)
            name = f"wfr {' '.join(verb)} of 1,000,000 instances"
            self.row(name, seconds, "s", "<= 1 s" if verb[0] == "status" else "none stated", verb[0] != "status" or seconds <= 1)
            self.row(f"{name}, memory", memory, "MiB", "<= 24 MiB", memory <= 24)
        self.row("a controller of 1,000,000 instances", count / filling, "a second", ">= 50,000", filling <= 20)
        self.row("the same, memory", full, "MiB", "<= 32 MiB", full <= 32)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--only", choices=WORK, help="this part alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.bin.resolve(), pathlib.Path(folder))
        for name in WORK:
            if options.only in (None, name):
                getattr(bench, name)()
        if options.json:
            options.json.write_text(json.dumps(bench.rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
