"""Breaks a run at every call that writes its ledger or publishes, goes on, and compares with the unbroken run.

  walk.py WFC WFR CRASH DIR FLOW [--deeds kill,crash,tear,full,stop] [--seconds N] [--workers N]

FLOW is `start`, a run from its beginning, or `adopt`, a run that is given a changed flow. The points of a few unbroken runs are taken
together; each is broken in each way. A point that does not come in a run (two at work may take turns otherwise) is tried three times.
With --seconds as many are tried as fit, spread evenly. A loss is an acknowledged instance that ran again, an outcome, an output or a
link other than unbroken, or a run that cannot go on.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from leaves import tree  # noqa: E402

parser = argparse.ArgumentParser()
for name in ("wfc", "wfr", "crash", "dir"):
    parser.add_argument(name, type=os.path.abspath)
parser.add_argument("flow", choices=["start", "adopt"])
parser.add_argument("--deeds", default="kill,crash,tear,full,stop")
parser.add_argument("--seconds", type=float, default=0)
parser.add_argument("--workers", type=int, default=2)
args = parser.parse_args()
ADOPT = ["--adopt"] if args.flow == "adopt" else []


def call(words, folder):
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60)


def states(folder):
    done = call([args.wfr, "status", "run", "--json"], folder)
    return {i["id"]: i["state"] for i in json.loads(done.stdout)["instances"]} if done.returncode == 0 else done.stderr


def ran(folder):
    path = os.path.join(folder, "ran")
    return collections.Counter(open(path).read().split("\n")) if os.path.exists(path) else collections.Counter()


def acknowledged(folder):
    """Instances whose good end is in the ledger, whole."""
    ids = set()
    ledger = os.path.join(folder, "run/ledger")
    texts = [os.path.join(ledger, n) for n in os.listdir(ledger) if n.startswith("journal.")] if os.path.isdir(ledger) else []
    inbox = os.path.join(ledger, "inbox")
    texts += [os.path.join(inbox, n) for n in os.listdir(inbox) if not n.startswith(".")] if os.path.isdir(inbox) else []
    for path in texts:
        for line in open(path, "rb").read().split(b"\n")[:-1]:
            fields = line.split(b"\t")
            if len(fields) > 6 and fields[1] == b"end" and fields[6] == b"ok":
                ids.add(fields[3].decode())
    return ids


def prepare(folder):
    shutil.copytree(os.path.join(args.dir, "template"), folder, symlinks=True)


def command(folder, log, *deed):
    return [args.crash, os.path.join(folder, "run"), log, *deed, "--", args.wfr, "start", "out", "--run", "run", "--wait", "-j2", *ADOPT]


def make_template():
    folder = os.path.join(args.dir, "template")
    os.makedirs(folder)
    shutil.copy(os.path.join(HERE, "crash.wf"), folder)
    build = [args.wfc, "build", "crash.wf", "-o", "out"]
    assert call(build, folder).returncode == 0
    if args.flow == "adopt":
        # The header of a run names absolute folders: it is made where it is used.
        flow = open(os.path.join(folder, "crash.wf")).read()
        changed = flow.replace("for n in 1 .. 2 {", "for n in 2 .. 3 {").replace("echo first", "echo other").replace("even", "last")
        open(os.path.join(folder, "crash.wf"), "w").write(changed)
        assert call([*build[:-1], "new"], folder).returncode == 0


def begin(folder):
    prepare(folder)
    if args.flow == "adopt":
        done = call([args.wfr, "start", "out", "--run", "run", "--wait", "-j2"], folder)
        assert done.returncode == 0, done.stderr
        os.rename(os.path.join(folder, "ran"), os.path.join(folder, "ran.before"))
        os.rename(os.path.join(folder, "out"), os.path.join(folder, "old"))
        os.rename(os.path.join(folder, "new"), os.path.join(folder, "out"))


class Result:
    def __init__(self, folder):
        self.states = states(folder)
        # Of a changed flow, orphans keep their outputs until they are cleaned away.
        call([args.wfr, "clean", "run"], folder)
        self.files = tree(os.path.join(folder, "run/files"))
        self.links = tree(os.path.join(folder, "run/published"))


def broken_in(folder, unbroken):
    """What was lost, as words; empty: nothing. The run was broken and is still so."""
    wrong = []
    done, before = acknowledged(folder), ran(folder)
    half = os.path.exists(os.path.join(folder, "run/next"))
    isRun = os.path.exists(os.path.join(folder, "run/run"))
    if isRun and isinstance(states(folder), str) and not half:
        wrong.append("status: " + states(folder))
    if args.flow == "adopt" and not half and "adopted" not in open(os.path.join(folder, "run/run")).read():
        # Still the run of before, whole.
        if set(states(folder).values()) != {"ok"}:
            wrong.append("the old run is spoilt: " + str(states(folder)))
    for _ in range(6):
        end = call([args.wfr, "start", "out", "--run", "run", "--wait", "-j2", *ADOPT], folder)
        if end.returncode in (0, 1):
            break
        time.sleep(0.2)
    if end.returncode != 0:
        wrong.append(f"going on ended {end.returncode}: {end.stderr}")
    result = Result(folder)
    for what in ("states", "files", "links"):
        if getattr(result, what) != getattr(unbroken, what):
            wrong.append(f"{what}: {getattr(result, what)}")
    if args.flow == "start":
        again = sorted(i for i in done if ran(folder)[i] > before[i])
        if again:
            wrong.append(f"acknowledged and run again: {again}")
    return wrong


def attempt(task):
    number, deed, point = task
    folder = os.path.join(args.dir, f"{number}.{deed}")
    log = folder + ".log"
    for _ in range(3):
        begin(folder)
        second = [f"cd {folder} && {args.wfr} start out --run run --wait {' '.join(ADOPT)} >/dev/null 2>&1; echo $? > second"] if deed == "stop" else []
        call(command(folder, log, point, deed, *second), folder)
        met = open(log).read().endswith("met\n")
        wrong = []
        if deed == "stop" and met and open(os.path.join(folder, "second")).read().strip() not in ("5", "2") and not point.startswith("attendant"):
            # Before the lease is taken somebody else may do it all.
            if open(os.path.join(folder, "second")).read().strip() != "0":
                wrong.append("a second start ended " + open(os.path.join(folder, "second")).read())
        wrong += broken_in(folder, UNBROKEN)
        if wrong or met:
            break
        shutil.rmtree(folder)
    if not wrong:
        shutil.rmtree(folder, ignore_errors=True)
    os.unlink(log)
    return deed, point, met, wrong


make_template()
points, seen = [], set()
for n in range(3):
    folder = os.path.join(args.dir, f"unbroken.{n}")
    begin(folder)
    log = folder + ".log"
    done = call(command(folder, log), folder)
    assert done.returncode == 0, done.stderr
    UNBROKEN = Result(folder)
    for line in open(log).read().splitlines():
        if line not in seen:
            seen.add(line)
            points.append(line)
tasks = []
for deed in args.deeds.split(","):
    tasks += [(n, deed, p) for n, p in enumerate(points) if deed != "tear" or p.split("|")[1] in ("write", "send")]
total = len(tasks)
began, losses = time.time(), []
tried, missed = collections.Counter(), collections.Counter()
if args.seconds:
    # An order that is spread evenly however soon it ends.
    step = next(s for s in range(int(total * 0.618), total + 2) if __import__("math").gcd(s, total) == 1)
    tasks = [tasks[(n * step) % total] for n in range(total)]
with concurrent.futures.ThreadPoolExecutor(args.workers) as pool:
    waiting, left = set(), iter(tasks)
    while True:
        while len(waiting) < args.workers and not (args.seconds and time.time() - began > args.seconds):
            task = next(left, None)
            if task is None:
                break
            waiting.add(pool.submit(attempt, task))
        if not waiting:
            break
        finished, waiting = concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
        for future in finished:
            deed, point, met, wrong = future.result()
            tried[deed] += met
            missed[deed] += not met
            if wrong:
                losses.append((deed, point, wrong))
                print(f"LOST {deed} at {point}: {wrong}", flush=True)
print(f"{args.flow}: {len(points)} points of {len({p.rsplit('|', 1)[0] for p in points})} calls; {total} ways to break them")
for deed in args.deeds.split(","):
    print(f"  {deed}: {tried[deed]} tried" + (f", {missed[deed]} never came" if missed[deed] else ""))
print(f"{sum(tried.values())} tried in {time.time() - began:.0f} s; losses: {len(losses)}")
sys.exit(bool(losses))
