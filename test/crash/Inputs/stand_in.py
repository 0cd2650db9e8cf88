#!/usr/bin/env -S python3 -S -E
"""A queue that stands in for SLURM's where the runtime's steps are broken at every call: sbatch, squeue, scontrol and scancel, by the name it
is called by. It keeps jobs in a file and runs none: steps.py does, one at a time, so that a run is the same each time. What the words mean
is as real SLURM was seen to behave; test/slurm runs the same steps there.
"""
import json
import os
import re
import sys

PLACE = os.environ.get("WALK_QUEUE", "")


def read():
    with open(PLACE + "/queue.json") as file:
        return json.load(file)


def write(queue):
    with open(PLACE + "/queue.new", "w") as file:
        json.dump(queue, file)
    os.rename(PLACE + "/queue.new", PLACE + "/queue.json")


def indices(text):
    numbers = []
    for piece in text.split("%")[0].split(","):
        first, _, last = piece.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def named(queue, word):
    """The tasks that `12` or `12_3` means."""
    job, _, index = word.partition("_")
    return [task for task in queue if task["job"] == int(job) and (not index or task["index"] == int(index))]


def name(task):
    return str(task["job"]) if task["index"] is None else f"{task['job']}_{task['index']}"


def is_over(task):
    return task["state"] not in ("PENDING", "RUNNING")


def judge(queue, task):
    """True: its dependencies are fulfilled; False: not yet; None: they never will be."""
    verdict = True
    for term in filter(None, task["dependency"].split(",")):
        kind, *words = term.split(":")
        if kind == "singleton":
            others = [t for t in queue if t["name"] == task["name"] and t["job"] < task["job"]]
            verdict = verdict and all(is_over(t) for t in others)
        for word in words:
            for other in named(queue, word):
                if kind == "aftercorr" and other["index"] != task["index"]:
                    continue
                if kind in ("afterok", "aftercorr") and is_over(other) and other["state"] != "COMPLETED":
                    return None
                verdict = verdict and is_over(other)
    return verdict


def next_task(queue):
    """The one that would run next: what need not wait for a time goes first."""
    for task in queue:
        if task["state"] == "PENDING" and task["kills"] and judge(queue, task) is None:
            task["state"] = "CANCELLED"
    ready = [t for t in queue if t["state"] == "PENDING" and not t["held"] and judge(queue, t)]
    return min(ready, key=lambda t: (t["later"], t["job"], t["index"] or 0), default=None)


def sbatch(words):
    options, script = {}, None
    for word in words:
        if word.startswith("--"):
            key, _, value = word[2:].partition("=")
            options[key] = value
        else:
            script = word
    queue = read()
    job = 1 + max((task["job"] for task in queue), default=0)
    if script is None:
        script = f"{PLACE}/{job}.sh"
        with open(script, "w") as file:
            file.write(sys.stdin.read())
    for index in indices(options["array"]) if "array" in options else [None]:
        queue.append({
            "job": job, "index": index, "script": script, "comment": options.get("comment", ""), "name": options.get("job-name", ""),
            "folder": options["chdir"], "output": options["output"], "state": "PENDING", "held": "hold" in options, "restarts": 0,
            "dependency": options.get("dependency", ""), "later": "begin" in options, "kills": "kill-on-invalid-dep" in options,
            "again": "", "environment": {n: v for n, v in os.environ.items() if n.startswith("WFR")}})
    write(queue)
    print(job)


def squeue(words):
    form = next(word[9:] for word in words if word.startswith("--format="))
    wanted = next((word[7:] for word in words if word.startswith("--jobs=")), None)
    queue = read()
    for task in queue if wanted is None else named(queue, wanted):
        values = {"%i": name(task), "%T": task["state"], "%k": task["comment"], "%Z": task["folder"], "%r": "None", "%S": "N/A"}
        print(re.sub("%.", lambda match: values[match[0]], form))


def control(words):
    queue = read()
    verb, rest = words[0], words[1:]
    if verb == "show":
        tasks = named(queue, rest[-1])
        if not tasks:
            return "slurm_load_jobs error: Invalid job id specified"
        for task in tasks:
            print(f"JobId={task['job']} JobName={task['name']} JobState={task['state']} Restarts={task['restarts']} PreemptTime=None")
    elif verb == "update":
        fields = dict(word.split("=", 1) for word in rest)
        for task in named(queue, fields["JobId"]):
            if "Dependency" in fields:
                task["dependency"] = fields["Dependency"]
    else:
        for word in ",".join(rest).split(","):
            for task in named(queue, word):
                if verb in ("release", "hold"):
                    task["held"] = verb == "hold"
                if verb in ("requeue", "requeuehold"):
                    # A job that runs is ended first; whoever asks for its own ignores that.
                    task["again"] = verb
                    task["held"] = verb == "requeuehold"
    write(queue)
    return ""


def scontrol(words):
    lines = [words] if words else [line.split() for line in sys.stdin]
    wrong = [error for error in map(control, lines) if error]
    sys.stderr.write("".join(line + "\n" for line in wrong))
    return bool(wrong)


def scancel(words):
    queue = read()
    for word in words:
        for task in named(queue, word) if not word.startswith("--") else []:
            if task["state"] == "PENDING":
                task["state"] = "CANCELLED"
    write(queue)


if __name__ == "__main__":
    sys.exit(globals()[os.path.basename(sys.argv[0])](sys.argv[1:]))
