"""Kills whoever drives a run on Rocoto, again and again, at moments that a seed chooses, and starts it anew: nothing is lost, nothing is
done twice, and the end is that of an undisturbed run.

    kills.py BIN FLOW SITE FOLDER [--as COMMAND] [--kills N] [--seed N] [--jobs]

Killed are, by turns, `wfr start --wait` alone, it with the rocotorun that it has started, and, with --jobs, the wrapper of one attempt.
"""
import argparse
import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("bin", "flow", "site", "folder"):
        parser.add_argument(name)
    parser.add_argument("--as", dest="prefix", default="")
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", action="store_true")
    return parser.parse_args()


def processes(run, *words):
    """Those whose command line names the run and begins with one of the words."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                line = file.read().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if run in line and any(word in line for word in words):
            found.append(int(name))
    return found


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def main():
    options = arguments()
    rng = random.Random(options.seed)
    run, out = f"{options.folder}/run", f"{options.folder}/out"
    prefix = shlex.split(options.prefix)
    subprocess.run([*prefix, f"{options.bin}/wfc", "build", options.flow, "-t", "rocoto", "-s", options.site, "-o", out],
                   check=True, capture_output=True)
    log = open(f"{options.folder}/log", "w")

    def start():
        return subprocess.Popen([*prefix, f"{options.bin}/wfr", "start", out, "--run", run, "--wait"], stdout=log, stderr=log)

    kinds = ["start", "both"] + (["job"] if options.jobs else [])
    for n in range(options.kills):
        started = start()
        time.sleep(rng.uniform(0.05, 4))
        kind = kinds[n % len(kinds)]
        if kind == "job":
            kill(processes(run, "bin/wfr task ")[:1])
        else:
            kill(processes(run, "wfr start ") + (processes(run, "rocotorun") if kind == "both" else []))
            started.wait()
        if started.poll() is None:
            started.terminate()
            started.wait()
            # A person's stop is taken back by the next start.
    last = start()
    status = last.wait(timeout=300)
    state = json.loads(subprocess.run([*prefix, f"{options.bin}/wfr", "status", run, "--json"], capture_output=True, check=True).stdout)
    counts = {}
    for instance in state["instances"]:
        counts[instance["state"]] = counts.get(instance["state"], 0) + 1
    # One attempt of each counted; a body writes a line when it has come to its end.
    again = [i["id"] for i in state["instances"] if sum(not a.get("uncounted", False) for a in i["attempts"]) != 1]
    with open(f"{options.folder}/bodies") as file:
        ended = [line.split()[1] for line in file if line.startswith("end ")]
    doubled = sorted({name for name in ended if ended.count(name) > 1})
    print(f"exit {status}: {', '.join(f'{n} {s}' for s, n in sorted(counts.items()))}")
    print(f"counted more or less than once: {again}")
    # The body of a killed wrapper may have come to its end.
    if not options.jobs:
        print(f"ended more than once: {doubled}")
    return status


sys.exit(main())
