"""kills.py WFR DIR SCENARIO [POINTS]: kill -9 at each call of the system that writes something, then the same command again.

strace ends the process at its n-th call of that kind. What must hold at the moment of death and what must hold after the
second run is each scenario's. POINTS bounds how many calls are tried; 0: every one.
"""

import collections
import os
import re
import subprocess
import sys

import scenes
import trees
from mover import HERE, WFR

WRITES = ("openat,mkdir,mkdirat,write,pwrite64,ftruncate,fallocate,rename,renameat,renameat2,unlink,unlinkat,linkat,symlinkat,fchmod,"
          "fchmodat,fchown,utimensat,fsync,fdatasync,syncfs,flock,copy_file_range")


def traced(words, where, inject, threads):
    """Exit status, how often each call was made, and standard error."""
    log = f"{where}/strace.log"
    trace = ["strace", "-f", "-qq", "-o", log, "-e", f"trace={WRITES}", "-e", "signal=none"]
    if inject:
        call, number = inject
        trace += ["-e", f"inject={call}:signal=KILL:when={number}"]
    done = subprocess.run([*trace, WFR, "move", *words, "--threads", str(threads)], cwd=f"{where}/scene", capture_output=True, check=False)
    with open(log, encoding="utf-8", errors="replace") as file:
        calls = collections.Counter(re.findall(r"^\d+ +(\w+)\(", file.read(), re.MULTILINE))
    return done.returncode, calls, done.stderr.decode(errors="replace")


def fresh(scene, where):
    subprocess.run(["chmod", "-R", "u+w", where], check=False, stderr=subprocess.DEVNULL)
    subprocess.run(["rm", "-rf", where], check=True)
    os.makedirs(f"{where}/scene")
    scene.make(f"{where}/scene")


def main():
    scene = getattr(scenes, sys.argv[3])()
    points = int(sys.argv[4]) if len(sys.argv) > 4 else 40
    fresh(scene, f"{HERE}/whole")
    status, calls, errors = traced(scene.words, f"{HERE}/whole", None, 1)
    if status != 0:
        raise SystemExit(f"the unbroken run: exit status {status}\n{errors}")
    scene.ended(f"{HERE}/whole/scene")
    every = [(call, number) for call, count in sorted(calls.items()) for number in range(1, count + 1)]
    tried = every if points == 0 or len(every) <= points else [every[n * (len(every) - 1) // (points - 1)] for n in range(points)]
    killed = lost = 0
    for place, (call, number) in enumerate(tried):
        where = f"{HERE}/{place}"
        fresh(scene, where)
        # Every third with threads, each of which makes its share of the calls, another one each time.
        threads = 3 if place % 3 == 2 else 1
        status, _, errors = traced(scene.words, where, (call, max(1, number // threads)), threads)
        killed += status in (-9, 137)
        try:
            scene.died(f"{where}/scene")
            again = subprocess.run([WFR, "move", *scene.words], cwd=f"{where}/scene", capture_output=True, check=False)
            if again.returncode != 0:
                raise SystemExit(f"the second run: exit status {again.returncode}\n{again.stderr.decode(errors='replace')}")
            scene.ended(f"{where}/scene")
            if trees.leftovers(f"{where}/scene"):
                raise SystemExit(f"leftovers: {trees.leftovers(f'{where}/scene')}")
        except SystemExit as problem:
            lost += 1
            print(f"killed at {call} number {number}: {problem}")
        subprocess.run(["chmod", "-R", "u+w", where], check=True)
        subprocess.run(["rm", "-rf", where], check=True)
    print(f"{sys.argv[3]}: {len(every)} calls that write, {len(tried)} tried, {killed} killed there")
    print(f"{sys.argv[3]}: losses: {lost}")
    print(f"{sys.argv[3]}: enough points: {len(tried) > 10 and killed >= len(tried) * 2 // 3}")


main()
