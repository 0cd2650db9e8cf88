"""Breaks what jobs of SLURM do, `wfr start`, `wfr task` and `wfr step`, at every call that writes the run, goes on, and compares.

  steps.py WFC WFR CRASH DIR [--deeds kill,crash,tear,full] [--seconds N] [--workers N]

The jobs are those that `wfc` made and `wfr` submits; stand_in.py stands in for slurmctld, and here they run, one after the other, so that each
process of the unbroken run is known by its number. A worker keeps the state before each of them, and breaks from there. A wrapper that
dies is a job that failed, and what its body left running goes, as slurmstepd sees to it. Then the queue goes on by itself; only when nothing can run
any more, somebody says `wfr start` again. Losses are those of walk.py.
"""
import argparse
import collections
import concurrent.futures
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import stand_in  # noqa: E402
from leaves import tree  # noqa: E402

parser = argparse.ArgumentParser()
for word in ("wfc", "wfr", "crash", "dir"):
    parser.add_argument(word, type=os.path.abspath)
parser.add_argument("--deeds", default="kill,crash,tear,full")
parser.add_argument("--seconds", type=float, default=0)
parser.add_argument("--workers", type=int, default=2)
args = parser.parse_args()
TOO_MANY = 120


class Place:
    """A worker's folder: always the same path, because a run names absolute ones."""

    def __init__(self, number):
        self.folder = os.path.join(args.dir, f"place{number}")
        self.kept = self.folder + ".kept"
        self.queue = os.path.join(self.folder, "queue")
        self.log = self.folder + ".log"
        self.tried = 0
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(os.path.join(self.queue, "bin"))
        for name in ("sbatch", "squeue", "scontrol", "scancel"):
            os.symlink(os.path.join(HERE, "stand_in.py"), os.path.join(self.queue, "bin", name))
        open(os.path.join(self.queue, "queue.json"), "w").write("[]")
        shutil.copy(os.path.join(HERE, "crash.wf"), self.folder)
        self.environment = {n: v for n, v in os.environ.items() if not n.startswith(("SLURM", "WFR"))}
        self.environment |= {"PATH": os.path.join(self.queue, "bin") + ":" + os.environ["PATH"], "WALK_QUEUE": self.queue, "WFC_ACCOUNT": "walk"}
        build = [args.wfc, "build", "crash.wf", "-t", "slurm", "-s", os.path.join(HERE, "site.toml"), "-o", "out"]
        subprocess.run(build, cwd=self.folder, check=True, capture_output=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def jobs(self):
        return json.load(open(os.path.join(self.queue, "queue.json")))

    def save(self, jobs):
        json.dump(jobs, open(os.path.join(self.queue, "queue.json"), "w"))

    # ---- one process after the other

    def traced(self, deed):
        """What stands before wfr on its command line."""
        return [args.crash, self.path("run"), self.log, *deed, "--"]

    def start(self, deed=None):
        before = self.traced(deed) if deed is not None else []
        return subprocess.run([*before, args.wfr, "start", "out", "--run", "run"], cwd=self.folder, env=self.environment, capture_output=True,
                              text=True, timeout=120)

    def run(self, task, deed=None):
        """A job, as slurmd runs it."""
        name = stand_in.name(task)
        mark = f"{self.folder}:{name}:{task['restarts']}"
        environment = self.environment | task["environment"] | {
            "SLURM_JOB_ID": str(task["job"]), "SLURMD_NODENAME": "node1", "WALK_JOB": mark}
        if task["index"] is not None:
            environment |= {"SLURM_ARRAY_JOB_ID": str(task["job"]), "SLURM_ARRAY_TASK_ID": str(task["index"])}
        if task["restarts"]:
            environment["SLURM_RESTART_COUNT"] = str(task["restarts"])
        if deed is not None:
            environment["WFR"] = self.path("traced")
            with open(self.path("traced"), "w") as shim:
                words = " ".join(f"'{word}'" for word in [*self.traced(deed), self.path("run/bin/wfr")])
                shim.write(f"#!/bin/sh\nexec {words} \"$@\"\n")
            os.chmod(self.path("traced"), 0o755)
        output = task["output"].replace("%A", str(task["job"])).replace("%a", str(task["index"])).replace("%j", str(task["job"]))
        with open(output, "ab") as log:
            done = subprocess.run(["bash", task["script"]], cwd=task["folder"], env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                  stderr=log, timeout=120)
        self.sweep(mark)
        jobs = self.jobs()
        (own,) = stand_in.named(jobs, name)
        own["state"] = "COMPLETED" if done.returncode == 0 else "FAILED"
        if own["again"]:
            own.update(state="PENDING", again="", restarts=own["restarts"] + 1)
        self.save(jobs)

    @staticmethod
    def sweep(mark):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if f"WALK_JOB={mark}".encode() in open(f"/proc/{pid}/environ", "rb").read().split(b"\0"):
                    os.kill(int(pid), signal.SIGKILL)
            except OSError:
                pass

    def state(self):
        done = subprocess.run([args.wfr, "status", "run", "--json"], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else {"state": done.stderr, "instances": []}

    def is_over(self):
        """Every instance has ended, and the run's own word on that is in its ledger."""
        ledger = self.path("run/ledger")
        return any(b"\tclose\t" in open(os.path.join(ledger, n), "rb").read() for n in os.listdir(ledger) if n.startswith("journal."))

    def take(self):
        """The job that runs next, marked; None: nothing can."""
        jobs = self.jobs()
        task = stand_in.next_task(jobs)
        if task is not None:
            task["state"] = "RUNNING"
        self.save(jobs)
        return task

    # ---- the unbroken run

    def unbroken(self):
        """Its points, process by process; the state before each is kept."""
        shutil.rmtree(self.kept, ignore_errors=True)
        points = []
        for number in range(TOO_MANY):
            shutil.copytree(self.folder, f"{self.kept}/{number}", symlinks=True)
            open(self.log, "w").close()
            if number == 0:
                done = self.start(deed=[])
                assert done.returncode == 0, done.stderr
            else:
                task = None if self.is_over() else self.take()
                if task is None:
                    break
                self.run(task, deed=[])
            points += [(number, line) for line in open(self.log).read().splitlines()]
        assert self.is_over(), self.state()
        self.result = self.outcome()
        return points

    def outcome(self):
        return {"states": {i["id"]: i["state"] for i in self.state()["instances"]}, "files": tree(self.path("run/files")),
                "links": tree(self.path("run/published"))}

    def ran(self):
        return collections.Counter(open(self.path("ran")).read().split("\n")) if os.path.exists(self.path("ran")) else collections.Counter()

    def acknowledged(self):
        ids, ledger = set(), self.path("run/ledger")
        names = [os.path.join(top, n) for top, _, files in os.walk(ledger) for n in files if n.startswith("journal.") or top.endswith("/inbox") and not n.startswith(".")]
        for path in names:
            for line in open(path, "rb").read().split(b"\n")[:-1]:
                fields = line.split(b"\t")
                if len(fields) > 6 and fields[1] == b"end" and fields[6] == b"ok":
                    ids.add(fields[3].decode())
        return ids

    # ---- a broken one

    def restore(self, number):
        shutil.rmtree(self.folder)
        shutil.copytree(f"{self.kept}/{number}", self.folder, symlinks=True)

    def broken(self, number, point, deed):
        self.restore(number)
        open(self.log, "w").close()
        if number == 0:
            self.start([point, deed])
        else:
            self.run(self.take(), [point, deed])
        met = open(self.log).read().endswith("met\n")
        done, before, wrong = self.acknowledged(), self.ran(), []
        starts = 0
        for _ in range(TOO_MANY):
            if os.path.exists(self.path("run/ledger")) and self.is_over():
                break
            task = self.take()
            if task is not None:
                self.run(task)
                continue
            starts += 1
            said = self.start()
            if starts > 6:
                wrong.append(f"cannot go on: {said.stderr} {self.state()['state']}")
                break
        result = self.outcome()
        wrong += [f"{what}: {result[what]}" for what in result if result[what] != self.result[what]]
        again = sorted(i for i in done if self.ran()[i] > before[i])
        if again:
            wrong.append(f"acknowledged and run again: {again}")
        return met, starts, wrong


class Workers(threading.local):
    place = None


def main():
    os.makedirs(args.dir, exist_ok=True)
    places = [Place(n) for n in range(args.workers)]
    # Every worker's own: paths are in what is kept.
    points = [place.unbroken() for place in places][0]
    tasks = [(k, p, deed) for deed in args.deeds.split(",") for k, p in points if deed != "tear" or p.split("|")[1] == "write"]
    total = len(tasks)
    if args.seconds:
        step = next(s for s in range(int(total * 0.618), total + 2) if math.gcd(s, total) == 1)
        tasks = [tasks[n * step % total] for n in range(total)]
    free, mine = list(places), Workers()
    began, tried, missed, losses, restarts = time.time(), collections.Counter(), collections.Counter(), [], 0

    def attempt(task):
        if args.seconds and time.time() - began > args.seconds:
            return None
        mine.place = mine.place or free.pop()
        return task, *mine.place.broken(*task)

    with concurrent.futures.ThreadPoolExecutor(args.workers) as pool:
        for outcome in pool.map(attempt, tasks):
            if outcome is None:
                continue
            (number, point, deed), met, starts, wrong = outcome
            tried[deed] += met
            missed[deed] += not met
            restarts += starts > 0
            if wrong:
                losses.append(wrong)
                print(f"LOST {deed} in process {number} at {point}: {wrong}", flush=True)
    processes = len({number for number, _ in points})
    print(f"slurm: {len(points)} points of {processes} processes; {total} ways to break them")
    for deed in args.deeds.split(","):
        print(f"  {deed}: {tried[deed]} tried" + (f", {missed[deed]} never came" if missed[deed] else ""))
    print(f"{sum(tried.values())} tried in {time.time() - began:.0f} s, {restarts} went on by `wfr start`, the others by themselves; losses: {len(losses)}")
    return bool(losses)


sys.exit(main())
