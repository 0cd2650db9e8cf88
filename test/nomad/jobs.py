"""Holds the jobs of a folder of artifacts against Nomad itself: jobs.py OUT.

HCL is as `nomad fmt` writes it; HCL and JSON pass `nomad job validate`; and what Nomad makes of the HCL holds every key of the JSON with
the same value. Nomad drops keys of JSON that it does not know without a word, but prints all it knows: so a key that it lacks is unknown.
"""
import json
import pathlib
import subprocess
import sys


def differences(ours, theirs, place):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            if key not in theirs:
                yield f"{place}: Nomad knows no {key}"
            else:
                yield from differences(value, theirs[key], f"{place}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (left, right) in enumerate(zip(ours, theirs)):
            yield from differences(left, right, f"{place}[{number}]")
    elif ours != theirs:
        yield f"{place}: {ours} in JSON, {theirs} in HCL"


def problems(hcl):
    twin = hcl.with_suffix(".json")
    for command in (["fmt", "-check", hcl], ["job", "validate", hcl], ["job", "validate", "-json", twin]):
        done = subprocess.run(["nomad", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            yield f"nomad {command[0]} {hcl}: {done.stdout}"
    parsed = subprocess.run(["nomad", "job", "run", "-output", hcl], stdout=subprocess.PIPE, check=True, text=True)
    yield from differences(json.loads(twin.read_text()), json.loads(parsed.stdout), hcl.name)


def main():
    jobs = sorted(pathlib.Path(sys.argv[1]).rglob("*.nomad.hcl"))
    wrong = [problem for job in jobs for problem in problems(job)]
    print("\n".join(wrong + [f"{len(jobs)} jobs, {len(wrong)} problems"]))
    return 1 if wrong or not jobs else 0


sys.exit(main())
