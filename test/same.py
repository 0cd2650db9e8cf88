"""Runs one flow on the local engine and on another, and compares what is left of it.

Equal must be: the exit status, the instances with their states, the attempts of each with outcome, exit status and what they count for,
every file's bytes, every published link. What differs is printed, a line each; else one line with the counts. It waits for both runs at
once and asks nothing but what a user could: `wfr status --json` and the folder of the run.

    same.py BIN FOLDER FLOW.wf [OPTION…]

    --engine NAME        the target to compare with local (slurm)
    --site FILE          its site file
    --as COMMAND         said before each command of that engine and of the runtime
    --choose NAME        one flow of several in the file
    -p NAME=VALUE        for both builds
    --appear FILE=S      a file that appears in both projects S seconds after the start
    --stop-at ID         both runs are stopped once this instance is ok
    --hidden FILE        its text must be in no file of either run
    --within A B         A ended before B did, in both

FOLDER holds the flow and what it needs; FOLDER.local and FOLDER.NAME become the projects, their runs are called `run`.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("folder")
    parser.add_argument("flow")
    parser.add_argument("--engine", default="slurm")
    parser.add_argument("--site")
    parser.add_argument("--local-site", default="local.toml")
    parser.add_argument("--as", dest="prefix", default="")
    parser.add_argument("--choose", help="one flow of several in the file")
    parser.add_argument("-p", dest="parameters", action="append", default=[])
    parser.add_argument("--appear", action="append", default=[])
    parser.add_argument("--stop-at")
    parser.add_argument("--hidden")
    parser.add_argument("--within", nargs=2, action="append", default=[])
    parser.add_argument("--timeout", type=int, default=240)
    return parser.parse_args()


class Run:
    """One flow on one engine."""

    def __init__(self, options, engine):
        self.options, self.engine = options, engine
        self.project = f"{os.path.abspath(options.folder)}.{engine}"
        self.folder = f"{self.project}/run"
        self.prefix = shlex.split(options.prefix)

    def wfr(self, *words, **more):
        return subprocess.run([*self.prefix, f"{self.options.bin}/wfr", *words], cwd=self.project, text=True, **more)

    def build(self):
        site = self.options.local_site if self.engine == "local" else self.options.site
        command = [f"{self.options.bin}/wfc", "build", self.options.flow, "--target", self.engine, "-o", "out", "--site", site]
        if self.options.choose:
            command += ["--flow", self.options.choose]
        for parameter in self.options.parameters:
            command += ["-p", parameter]
        subprocess.run([*self.prefix, *command], cwd=self.project, check=True, capture_output=True)

    def appear(self):
        for wish in self.options.appear:
            name, seconds = wish.split("=")
            time.sleep(float(seconds))
            with open(f"{self.project}/{name}", "w") as file:
                file.write("there\n")

    def status(self):
        return json.loads(self.wfr("status", self.folder, "--json", capture_output=True, check=True).stdout)

    def stop_at(self):
        end = time.time() + self.options.timeout
        while time.time() < end:
            if any(i["id"] == self.options.stop_at and i["state"] == "ok" for i in self.status()["instances"]):
                return self.wfr("stop", self.folder).returncode
            time.sleep(0.5)
        raise TimeoutError(f"{self.options.stop_at} was never ok on {self.engine}")

    def work(self):
        self.build()
        with open(f"{self.project}.log", "w") as log, concurrent.futures.ThreadPoolExecutor() as pool:
            start = pool.submit(self.wfr, "start", "out", "--run", self.folder, "--wait", stdout=log, stderr=log,
                                timeout=self.options.timeout)
            self.appear()
            if self.options.stop_at:
                time.sleep(2)
                self.stop_at()
            self.exit = start.result().returncode
        self.state = self.status()
        return self


def instances(run):
    """By id: state and attempts, without what must differ (jobs, nodes, times). Whether an attempt began before its deadline was over
    depends on the machine, and so does what a body that is cut off ends with: it hears of it, and so does what it waits for."""
    found = {}
    for instance in run.state["instances"]:
        attempts = [(a["n"], a["outcome"], a["outcome"] != "timed_out" and a["exit"], a.get("slice", False), a.get("uncounted", False))
                    for a in instance["attempts"] if a["n"] > 0 and a.get("why") != "its deadline passed"]
        found[instance["id"]] = (instance["state"], attempts)
    return found


def tree(run, name):
    """By path: hash of a file's bytes, or where a link in the run's folder leads."""
    found = {}
    root = f"{run.folder}/{name}"
    for folder, dirs, files in os.walk(root):
        for entry in dirs + files:
            path = os.path.join(folder, entry)
            key = os.path.relpath(path, run.folder)
            # Lists lie behind a link in a folder named by the time.
            if ".wfr-list." in key:
                continue
            if os.path.islink(path):
                target = os.path.realpath(path)
                inside = sorted(os.path.relpath(os.path.realpath(f"{path}/{e}"), run.folder) for e in os.listdir(path)) \
                    if os.path.isdir(path) else []
                found[key] = inside or os.path.relpath(target, run.folder)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    found[key] = hashlib.sha256(file.read()).hexdigest()[:12]
    return found


def differences(what, left, right):
    for key in sorted(left.keys() | right.keys()):
        if left.get(key) != right.get(key):
            yield f"{what} {key}: local {left.get(key)}, other {right.get(key)}"


def leaks(run, hidden):
    with open(f"{run.project}/{hidden}", "rb") as file:
        secret = file.read().strip()
    for folder, _, files in os.walk(run.folder):
        for name in files:
            with open(os.path.join(folder, name), "rb") as file:
                if secret in file.read():
                    yield f"the secret is in {os.path.relpath(os.path.join(folder, name), run.folder)} on {run.engine}"


def last_end(run, name):
    instance = next(i for i in run.state["instances"] if i["id"] == name)
    return max(a["end"] for a in instance["attempts"] if a["n"] > 0)


def main():
    options = arguments()
    runs = [Run(options, "local"), Run(options, options.engine)]
    for run in runs:
        shutil.copytree(options.folder, run.project)
        if run.prefix:
            subprocess.run(["chown", "-R", f"--reference={os.path.dirname(run.project)}", run.project], check=True)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        local, other = pool.map(Run.work, runs)
    wrong = list(differences("instance", instances(local), instances(other)))
    trees = []
    for name in ("files", "published"):
        trees.append(tree(local, name))
        wrong += differences("file", trees[-1], tree(other, name))
    for run in runs:
        if options.hidden:
            wrong += leaks(run, options.hidden)
        for before, after in options.within:
            if last_end(run, before) >= last_end(run, after):
                wrong.append(f"{before} waited for {after} on {run.engine}")
    if local.exit != other.exit:
        wrong.append(f"exit status: local {local.exit}, other {other.exit}")
    print("\n".join(wrong + [other.wfr("status", other.folder, capture_output=True).stdout.rstrip()]))
    attempts = sum(len(a) for _, a in instances(other).values())
    print(f"exit {other.exit}: {len(other.state['instances'])} instances, {attempts} attempts, {len(trees[0])} files, "
          f"{len(trees[1])} links{', the same' if not wrong else ''}")
    return wrong != []


if __name__ == "__main__":
    sys.exit(main())
