"""Runs flows on real engines and says what is left of each run. An engine is one entry of ENGINES."""
import concurrent.futures
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BIN = pathlib.Path(os.environ.get("WFC_BIN", ROOT / "build/bin"))

# Attempts that end so are made by these; the attempt's output is called `out`, its checkpoint `checkpoint_`.
FAULTS = {
    "exit": 'printf junk >"$out"; exit {0}',
    "signal": 'printf junk >"$out"; kill -{0} $$; sleep 60',
    "silent": "exit 0",
    "slow": 'printf junk >"$out"; sleep 60',
    "greedy": "{{ head -c 96M /dev/zero; sleep 60; }} | tail >/dev/null",
    "save": 'echo "$attempt" >>"$checkpoint_"; sleep 60',
    "bad": 'touch "$world/bad"; sleep 60',
    "junk": 'echo junk >"$out"; exit 0',
    "dies": "kill -9 $PPID; exit 1",
    "gone": 'printf junk >"$out"; touch "$world/gone"; sleep 600',
}


class Engine:
    """How an engine is brought up, its site file and the partition with GPUs there, whom its commands run as, their environment, and what
    the whole runs under."""

    def __init__(self, name, site, up=None, gpus="gpu", under=()):
        self.name, self.site, self.up_, self.gpus, self.under, self.env = name, HERE / "sites" / site, up, gpus, list(under), {}
        self.prefix, self.home, self.path, self.title, self.without = [], None, "", name, {}
        # How a node is lost, and what an attempt there counts for: where the controller stands elsewhere, it is an attempt.
        self.lose, self.lost = lambda project, instance: lose_all(self, project, instance), "uncounted"

    def up(self, folder):
        """Once for all flows; where an engine has a home, runs lie there."""
        self.home = pathlib.Path(folder)
        if self.up_:
            self.up_(self)
        self.home.mkdir(parents=True, exist_ok=True)
        return self

    def run(self, command, cwd, timeout=120):
        env = {**os.environ, **self.env, "PATH": f"{self.path}{os.environ['PATH']}", "WFR_SWEEP_SECONDS": "5"}
        return subprocess.run([*self.prefix, *map(str, command)], cwd=cwd, env=env, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout)

    def refused(self):
        """The rows of the table that it refuses."""
        lines = self.run([BIN / "wfc", "targets", "--table"], ROOT).stdout.splitlines()
        column = lines[0].split().index(self.name) + 1
        return {line.split()[0] for line in lines[1:] if len(line.split()) > column and line.split()[column] == "refused"}

    def own(self, folder):
        """Gives a folder to the engine's user."""
        if self.prefix:
            subprocess.run(["chown", "-R", f"--reference={self.home}", folder], check=True)


def slurm(engine):
    """The SLURM of the session; another one with the options in WFC_SLURM."""
    options = os.environ.get("WFC_SLURM", "").split()
    folder = subprocess.run([ROOT / "test/slurm/cluster", BIN, *options], check=True, capture_output=True, text=True).stdout.strip()
    engine.prefix = [ROOT / "test/engines/as-user", folder]
    engine.home = pathlib.Path(folder, "home")
    engine.lose, engine.lost = lambda project, instance: lose_of_slurm(engine, project, instance, folder, options), "counted"


def snakemake(engine):
    bin_ = subprocess.run([ROOT / "test/engines/snakemake"], check=True, capture_output=True, text=True).stdout.strip()
    engine.path = f"{bin_}:"


def nomad(engine):
    engine.lose, engine.lost = lambda project, instance: lose_of_nomad(engine, project, instance), "counted"


INTERPRETER = ROOT / "test/rocoto/interpreter"


def rocoto(engine):
    """The Rocoto of ROCOTO_HOME, else of PATH, over a real SLURM; where there is none the interpreter of documents, over nothing."""
    found = shutil.which("rocotorun", path=f"{os.environ.get('ROCOTO_HOME', '')}/bin") or shutil.which("rocotorun")
    home = pathlib.Path(found).resolve().parent.parent if found else INTERPRETER
    engine.env = {"ROCOTO_HOME": str(home), "WFR_ROCOTO_SECONDS": "1", "WFC_ACCOUNT": "wfc"}
    if home == INTERPRETER:
        engine.env["SLURM_CONF"], engine.title = "/nonexistent", "rocoto's interpreter"
        # What the document only hands on to the batch system.
        engine.without = dict.fromkeys(["exclusive", "gpus", "licences"], "left to SLURM")
    else:
        engine.title = f"rocoto {(home / 'VERSION').read_text().strip()}"
        slurm(engine)


NOMAD = ["--clients", "2", "--gpus", "2"]
ENGINES = {
    "local": Engine("local", "local.toml"),
    "slurm": Engine("slurm", "slurm.toml", slurm, "u1-h100"),
    "snakemake": Engine("snakemake", "snakemake.toml", snakemake),
    "rocoto": Engine("rocoto", "slurm.toml", rocoto, "u1-h100"),
    "nomad": Engine("nomad", "nomad.toml", nomad, under=["bash", ROOT / "test/nomad/with", *NOMAD, "--"]),
}


def enter(names):
    """Starts this program again under what an engine runs under, once."""
    inside = os.environ.get("WFC_UNDER", "").split()
    for name in names:
        if ENGINES[name].under and name not in inside:
            os.environ["WFC_UNDER"] = " ".join([*inside, name])
            command = [*map(str, ENGINES[name].under), sys.executable, *sys.argv]
            os.execvp(command[0], command)


class Refused(Exception):
    """What wfc said of a flow that it does not build."""


def world(folder, faults, values, sets):
    """The table that bodies read."""
    for part in ("faults", "values", "sets"):
        (folder / part).mkdir(parents=True)
    shutil.copy(HERE / "body.sh", folder)
    for name, attempts in faults.items():
        for attempt, fault in attempts.items():
            (folder / "faults" / f"{name}.{attempt}").write_text(FAULTS[fault[0]].format(*fault[1:]) + "\n")
    for name, value in values.items():
        (folder / "values" / name).write_text(json.dumps(value) + "\n")
    for name, keys in sets.items():
        (folder / "sets" / name).write_text("".join(f"{key}\n" for key in keys))


def until(condition):
    while not (found := condition()):
        time.sleep(0.2)
    return found


def status_of(engine, project):
    return json.loads(engine.run([BIN / "wfr", "status", project / "run", "--json"], project).stdout)


def attempt_of(engine, project, instance):
    return next(a for i in status_of(engine, project)["instances"] if i["id"] == instance for a in i["attempts"] if a["n"] > 0)


def lose_of_slurm(engine, project, instance, folder, options):
    node = until(lambda: attempt_of(engine, project, instance).get("node"))
    subprocess.run([ROOT / "test/engines/lose", "slurm", folder, node], check=True)
    return lambda: subprocess.run([ROOT / "test/engines/slurm", "up", folder, *options], check=True, stdout=subprocess.DEVNULL)


def lose_of_nomad(engine, project, instance):
    folder = pathlib.Path(os.environ["WFC_NOMAD"])
    pids = holding(f"task\0{project}/run\0{instance}\0")
    environment = [pathlib.Path(f"/proc/{pid}/environ").read_text().split("\0") for pid in pids]
    told = dict(entry.split("=", 1) for entry in environment[0] if "=" in entry)
    # What Nomad does not know to run it would start elsewhere.
    until(lambda: '"ClientStatus":"running"' in engine.run(["sh", "-c", f"nomad operator api /v1/allocation/{told['NOMAD_ALLOC_ID']} </dev/null"], project).stdout)
    node = pathlib.Path(told["NOMAD_ALLOC_DIR"]).relative_to(folder).parts[0]
    subprocess.run([ROOT / "test/engines/lose", "nomad", folder, node], check=True)
    return lambda: subprocess.run([ROOT / "test/engines/nomad", "up", folder, *NOMAD], check=True, stdout=subprocess.DEVNULL)


def lose_all(engine, project, instance):
    """All is on one machine: whoever holds the run is lost too. All are stopped first, so that none sees another die."""
    lost = set()
    while found := set(holding(f"{project}/run")) - lost:
        send(found, signal.SIGSTOP)
        lost |= found
    send(lost, signal.SIGKILL)
    until(lambda: not holding(f"{project}/run"))
    return lambda: None


def send(pids, signal_):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal_)


def holding(text):
    """Pids whose command line or environment holds a text."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and text.encode() in (entry / "cmdline").read_bytes() + b"\0" + (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


@contextlib.contextmanager
def losing(engine, project, instance):
    """Loses the node on which an instance says that it is gone; gives it back at the end. The future is over once it is lost."""
    def work():
        until((project / "run.world/gone").exists)
        return engine.lose(project, instance)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        back = pool.submit(work)
        yield back
        back.result(timeout=60)()


@contextlib.contextmanager
def podman(engine, project):
    """A container engine of the run's own, found as RUN.world/box; where it lies must be short."""
    box = tempfile.mkdtemp(prefix="wfc-podman.", dir="/tmp")
    engine.own(box)
    (project / "run.world/box").symlink_to(box)
    try:
        engine.run([ROOT / "test/engines/podman", "up", box], project).check_returncode()
        yield
    finally:
        engine.run([ROOT / "test/engines/podman", "down", box], project)
        shutil.rmtree(box, ignore_errors=True)


def build(engine, project, flow, words=()):
    done = engine.run([BIN / "wfc", "build", flow, "--target", engine.name, "-o", "out", "--site", engine.site, *words], project, 60)
    if done.returncode != 0:
        raise Refused("\n\n".join(sorted(done.stdout.split("\n\n"), key=lambda part: not part.lstrip().startswith("error"))))


def start(engine, project, words=(), timeout=300):
    """Runs what was built, and says what is left."""
    try:
        done = engine.run([BIN / "wfr", "start", "out", "--run", project / "run", "--wait", *words], project, timeout)
    except subprocess.TimeoutExpired:
        engine.run([BIN / "wfr", "stop", project / "run"], project, timeout)
        done = subprocess.CompletedProcess([], "none", f"not over after {timeout} s")
    return observe(engine, project, done)


def stop_when(engine, project, family, count):
    """Stops a run once so many of a family are ok."""
    while True:
        time.sleep(1)
        status = engine.run([BIN / "wfr", "status", project / "run", "--json"], project).stdout
        try:
            ok = [i for i in json.loads(status)["instances"] if i["id"].startswith(f"{family}[") and i["state"] == "ok"]
        except ValueError:
            continue
        if len(ok) >= count:
            return engine.run([BIN / "wfr", "stop", project / "run"], project)


def observe(engine, project, done):
    run = project / "run"
    status = engine.run([BIN / "wfr", "status", run, "--json"], project).stdout
    try:
        status = json.loads(status)
    except ValueError:
        return {"exit": done.returncode, "said": done.stdout + status, "instances": {}, "files": {}, "links": {}, "notes": []}
    notes = project / "run.world/notes"
    return {"exit": done.returncode, "said": done.stdout, "status": status, "instances": instances(status), "files": files(run / "files"),
            "links": links(run / "published"), "notes": sorted(notes.read_text().splitlines()) if notes.exists() else []}


def instances(status):
    """By id: state, and attempts with what they count for."""
    found = {}
    for i in status["instances"]:
        # What hooks did is seen by their notes.
        if i["id"].startswith("hook.") or ".hook." in i["id"]:
            continue
        attempts = [[n, a["outcome"], "slice" if a.get("slice") else "uncounted" if a.get("uncounted") else "counted"]
                    for n, a in enumerate([a for a in i["attempts"] if a["n"] > 0], 1)]
        found[i["id"]] = {"state": i["state"], "attempts": attempts}
    return found


def title(path):
    """What the first line of a file says it is."""
    return path.read_text(errors="replace").partition("\n")[0].partition(" ")[2] or str(path)


def files(folder):
    """Every file of a run, by what its first line says it is."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = title(path)
            found[name if name not in found else f"{name} at {path.relative_to(folder)}"] = path.read_text(errors="replace")
    return found


def links(folder):
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and ".wfr-list." not in str(path.relative_to(folder)):
            lies = path.resolve()
            if lies.is_dir():
                found[str(path.relative_to(folder))] = sorted(title(p) for p in lies.rglob("*") if p.is_file())
            else:
                found[str(path.relative_to(folder))] = [title(lies)]
    return found


def differences(expected, seen):
    """A line for each difference between what the oracle says and what a run left. None is what the oracle cannot know."""
    if expected["exit"] != seen["exit"] and expected["determined"]:
        yield f"exit: expected {expected['exit']}, seen {seen['exit']}: {seen['said'][-300:]}"
    for name in sorted(expected["instances"].keys() | seen["instances"].keys()):
        want, got = expected["instances"].get(name), seen["instances"].get(name)
        if want and want["state"] is None:
            continue
        if want is None or got is None:
            yield f"instance {name}: expected {want and want['state']}, seen {got and got['state']}"
        elif want["state"] != got["state"] or want["attempts"] not in (None, got["attempts"]):
            yield f"instance {name}: expected {want['state']} {want['attempts']}, seen {got['state']} {got['attempts']}"
    if not expected["determined"]:
        return
    for kind in ("files", "links"):
        for name in sorted(expected[kind].keys() | seen[kind].keys()):
            want, got = expected[kind].get(name, "nothing"), seen[kind].get(name, "nothing")
            if want is not None and (sorted(want) if kind == "links" else want) != (sorted(got) if kind == "links" else got):
                yield f"{kind} {name}: expected {want!r:.600}, seen {got!r:.600}"
    if expected["notes"] != seen["notes"]:
        yield f"notes: expected {expected['notes']}, seen {seen['notes']}"


def checksum(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


if __name__ == "__main__":
    sys.exit("harness.py is a part of matrix.py and generate.py")
