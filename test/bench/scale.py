"""What scale costs: artifacts of each target, and a real SLURM beside Snakemake's plugin for it. bench.py runs it."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import flows

ENGINES = pathlib.Path(__file__).resolve().parents[1] / "engines"

# Targets whose engine reads every member from a file: what they need expanded grows with the family.
EXPANDED = {"snakemake": "Snakemake reads keys, not formulas", "rocoto": "Rocoto zips lists of values"}

SHIM = """#!/bin/sh
echo {name} >> "{log}"
exec {real} "$@"
"""
CALLS = ("sbatch", "squeue", "sacct", "scontrol", "scancel", "sinfo", "srun")


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def artifacts(bench):
    """Bytes and build time of two dependent families of 1,000 and of 100,000, for each target."""
    listed = subprocess.run([bench.wfc, "targets"], capture_output=True, text=True, check=True).stdout
    for target in [line.split()[0] for line in listed.splitlines()]:
        bytes_, seconds = {}, {}
        for count in (1_000, 100_000):
            flow, out = bench.file(f"scale{count}.wf", flows.sweep(count)), bench.work / f"scale-{target}-{count}"
            command = [bench.wfc, "build", flow, "--target", target, "-o", out]
            if subprocess.run(command, capture_output=True).returncode != 0:
                command += ["--site", bench.site_of(target)]
            seconds[count], _ = bench.best(command, before=bench.fresh(out.name), times=3)
            bytes_[count] = size_of(out)
        growth = bytes_[100_000] / bytes_[1_000]
        aim = "flat in N" if target not in EXPANDED else f"linear: {EXPANDED[target]}"
        met = growth < (120 if target in EXPANDED else 1.2)
        bench.row(f"{target}: artifacts of 2 x 100,000", bytes_[100_000] / 1024, "KiB", aim, met, "2 x 1,000", growth)
        bench.row(f"{target}: building them", seconds[100_000] * 1000, "ms", "none stated", True, "2 x 1,000",
                  seconds[100_000] / seconds[1_000])


class Cluster:
    """A SLURM of its own, and an unprivileged user on it whose calls of the scheduler are counted."""

    def __init__(self, work):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="wfc-bench-slurm."))
        subprocess.run([ENGINES / "slurm", "up", self.dir], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.home = self.dir / "home" / "bench"
        self.log = self.home / "calls"
        shims = self.home / "shims"
        shims.mkdir(parents=True)
        for name in CALLS:
            shim = shims / name
            more = f"env SLURM_CONF={self.dir}/etc/slurm.conf " if name == "srun" else ""
            shim.write_text(SHIM.format(name=name, log=self.log, real=more + shutil.which(name)))
            shim.chmod(0o755)
        self.path = f"{shims}:{os.environ['PATH']}"

    def give(self):
        subprocess.run(["chown", "-R", "wfctest", self.home], check=True)

    def run(self, command, cwd):
        """Wall seconds and the calls of the scheduler meanwhile, those in jobs included."""
        self.log.write_text("")
        self.give()
        start = time.perf_counter()
        env = {**os.environ, "PATH": self.path}
        done = subprocess.run([ENGINES / "as-user", self.dir, *command], cwd=cwd, env=env, capture_output=True, text=True)
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            raise SystemExit(f"bench: {' '.join(map(str, command))} failed:\n{(done.stdout + done.stderr)[-3000:]}")
        return seconds, len(self.log.read_text().splitlines())

    def down(self):
        subprocess.run([ENGINES / "slurm", "down", self.dir, "--purge"], check=True, stdout=subprocess.DEVNULL)


def ours(bench, cluster, count):
    project = cluster.home / f"ours{count}"
    project.mkdir()
    for name in (bench.wfc, bench.wfr):
        shutil.copy(name, project)
    (project / "three.wf").write_text(flows.three(count))
    site = ENGINES.parents[1] / "examples/aurora/sites/ursa.toml"
    subprocess.run([project / "wfc", "build", "three.wf", "--target", "slurm", "--site", site, "-o", "out"], cwd=project, check=True)
    return cluster.run([project / "wfr", "start", "out", "--run", project / "run", "--wait"], project)


def plugin(cluster, count, bin_folder):
    project = cluster.home / f"plugin{count}"
    project.mkdir()
    (project / "Snakefile").write_text(flows.snakefile_three(count))
    # The environment is the tests'; a user of the cluster needs to read it.
    return cluster.run([f"{bin_folder}/snakemake", "--executor", "slurm", "--jobs", "500", "--default-resources", "slurm_account=wfc",
                        "slurm_partition=u1-compute", "--slurm-init-seconds-before-status-checks", "5"], project)


def slurm(bench, count=1_000, peer_count=15):
    """`count` instances x 3 families; Snakemake's plugin on a small part of the same, since each of its jobs starts a Snakemake."""
    if not shutil.which("slurmctld", path=os.environ["PATH"] + ":/usr/sbin") or os.geteuid() != 0:
        print("skipped SLURM at scale: it needs slurmctld, and root to start one")
        return
    bin_folder = subprocess.run([ENGINES / "snakemake"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    cluster = Cluster(bench.work)
    try:
        seconds, calls = ours(bench, cluster, count)
        small, small_calls = ours(bench, cluster, peer_count)
        peer, peer_calls = plugin(cluster, peer_count, bin_folder)
    finally:
        cluster.down()
    name = f"slurm, 3 x {count:,}"
    bench.row(f"{name}: scheduler calls", calls, "calls", "a tenth of the plugin's, an instance", calls / count <= peer_calls / peer_count / 10,
              f"plugin's {peer_calls} for 3 x {peer_count}", calls / count / (peer_calls / peer_count))
    bench.row(f"{name}: wall time", seconds, "s", "none stated", True)
    bench.row(f"slurm, 3 x {peer_count}: wall time", small, "s", "half of the plugin's", small <= peer / 2, "snakemake's plugin", small / peer)
    bench.row(f"slurm, 3 x {peer_count}: scheduler calls", small_calls, "calls", "none stated", True, "snakemake's plugin", small_calls / peer_calls)


def naive(count):
    """The graph of flows.three as one writes it without metatasks: a task for each instance."""
    task = """  <task name="{name}" cycledefs="once">
    <command>true</command><account>a</account><queue>q</queue><nodes>1:ppn=1</nodes><walltime>00:10:00</walltime>
    <join>/tmp/{name}.log</join>{needs}
  </task>
"""
    rows = []
    for before, name in ((None, "a"), ("a", "b"), ("b", "c")):
        for n in range(1, count + 1):
            needs = f'<dependency><taskdep task="{before}_{n}"/></dependency>' if before else ""
            rows.append(task.format(name=f"{name}_{n}", needs=needs))
    return ('<?xml version="1.0"?>\n<workflow realtime="F" scheduler="slurm" cyclethrottle="1" taskthrottle="0">\n'
            "  <log>/tmp/naive.log</log>\n"
            '  <cycledef group="once">202501010000 202501010000 1:00:00:00</cycledef>\n' + "".join(rows) + "</workflow>\n")


def rocoto(bench, count=1_000):
    """rocotorun on our document, and on the same graph written task by task; nothing is submitted."""
    home = os.environ.get("ROCOTO_HOME")
    program = f"{home}/bin/rocotorun" if home else shutil.which("rocotorun")
    if not program:
        print("skipped rocoto: no rocotorun on PATH or under ROCOTO_HOME")
        return
    flow = bench.file("three.wf", flows.three(count))
    out = bench.work / "rocoto"
    bench.run([bench.wfc, "build", flow, "--target", "rocoto", "--site", bench.site, "-o", out])
    document = out / "workflow.xml"
    document.write_text(document.read_text().replace("<workflow ", '<workflow taskthrottle="0" ', 1))
    plain = bench.file("naive/workflow.xml", naive(count))
    seconds = {}
    for path in (document, plain):
        database = path.with_name("r.db")
        # A first life activates the cycle; rocotorun must not be piped, its servers would hold the pipe.
        seconds[path], _ = bench.best(["sh", "-c", f"{program} -w {path} -d {database} >{bench.work}/r.log 2>&1 </dev/null"], times=4)
    bench.row(f"rocotorun, 3 x {count:,}", seconds[document], "s", "at most the naive one's", seconds[document] <= seconds[plain],
              "a task for each instance", seconds[document] / seconds[plain])
