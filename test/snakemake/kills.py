"""Kills a run on Snakemake with -9 and goes on each time: kills.py WFC WFR DIR.

Hit are in turn `wfr start` alone, Snakemake with it, and all processes of the run. At the end the files and states are as
they should be, and of the instances only those that a kill of all hit in the middle have run again.
"""
import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


def processes(run):
    """Pid -> name of the program, of every process of this run but the controller."""
    mark = b"WFR_RUN=" + os.fsencode(str(run)) + b"\0"
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes():
                found[int(entry.name)] = (entry / "cmdline").read_bytes()
        except OSError:
            pass
    return found


def began(run):
    path = run / "began"
    return path.read_text().split() if path.exists() else []


def wait_for(run, count):
    end = time.time() + 60
    while len(began(run)) < count:
        if time.time() > end:
            raise TimeoutError(f"only {began(run)} began")
        time.sleep(0.05)


def main():
    wfc, wfr, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(HERE / "Inputs/chain.wf", folder)
    subprocess.run([wfc, "build", "chain.wf", "-t", "snakemake", "-s", HERE / "Inputs/site.toml", "-o", "out"], cwd=folder,
                   check=True, capture_output=True)
    run = folder / "run"
    start = [wfr, "start", "out", "--run", "run", "--wait", "--jobs", "2"]
    with open(folder / "said", "w", encoding="utf-8") as said:
        for whom, count in (("start", 2), ("snakemake", 4), ("all", 7)):
            controller = subprocess.Popen(start, cwd=folder, stdout=said, stderr=said)
            wait_for(run, count)
            os.kill(controller.pid, signal.SIGKILL)
            controller.wait()
            for pid, command in processes(run).items():
                if whom == "all" or (whom == "snakemake" and b"workflow-profile" in command):
                    os.kill(pid, signal.SIGKILL)
        done = subprocess.run(start, cwd=folder, stdout=said, stderr=said, timeout=120)
    states = subprocess.run([wfr, "status", "run", "--json"], cwd=folder, stdout=subprocess.PIPE, check=True, text=True)
    counts = collections.Counter(i["state"] for i in json.loads(states.stdout)["instances"])
    print(f"exit {done.returncode}: " + ", ".join(f"{counts[state]} {state}" for state in sorted(counts)))
    again = sum(n - 1 for n in collections.Counter(began(run)).values())
    print(f"run again: {'at most 2' if again <= 2 else again}")
    print("last:", " ".join((run / "files/last").read_text().split()))
    print("left:", len(processes(run)))


main()
