"""Compares what the real Rocoto and our reader make of documents: tasks × their first cycles × texts and dependencies.

    expansion.py ROCOTO_HOME DOCUMENT…     a line for each document; exit status 1 if one differs
"""
import datetime
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import document as rocoto

MOST_CYCLES = 6
HERE = os.path.dirname(os.path.abspath(__file__))


def tree(node, cycle):
    inner = [tree(child, cycle) for child in node.elements()]
    offset = rocoto.seconds(node.attributes.get("cycle_offset"))
    if node.tag in ("true", "false"):
        return [node.tag]
    if node.tag in ("streq", "strneq"):
        return ["str"]
    if node.tag == "some":
        return ["some", float(node.attributes["threshold"]), *inner]
    if node.tag == "taskdep":
        return ["taskdep", node.attributes["task"], node.attributes.get("state", "SUCCEEDED").upper(), offset]
    if node.tag == "cycleexistdep":
        return ["cycleexistdep", offset]
    if node.tag == "taskvalid":
        return ["taskvalid", node.attributes["task"]]
    if node.tag == "datadep":
        return ["datadep", rocoto.compound(node, cycle), rocoto.seconds(node.attributes.get("age"))]
    if node.tag in ("timedep", "sh", "rb"):
        return [node.tag, rocoto.compound(node, cycle)]
    return [node.tag, *inner]


def text(task, tag, cycle):
    element = task.element.first(tag)
    return "" if element is None else rocoto.compound(element, cycle)


def in_cycle(task, cycle):
    texts = [text(task, tag, cycle) for tag in ("command", "jobname", "join", "account", "queue", "walltime", "memory")]
    natives = [rocoto.compound(e, cycle) for e in task.element.elements("native")]
    envars = {}
    for variable in task.element.elements("envar"):
        value = variable.first("value")
        envars[rocoto.compound(variable.first("name"), cycle)] = rocoto.compound(value, cycle) if value else ""
    dependency = task.element.first("dependency")
    return {"cycle": rocoto.stamp(cycle), "texts": texts + natives, "envars": [list(v) for v in sorted(envars.items())],
            "dependency": None if dependency is None else tree(dependency.elements()[0], cycle)}


def ours(path):
    document = rocoto.read(path)
    cycles = document.cycles(MOST_CYCLES)
    tasks = [{"name": task.name, "maxtries": int(task.element.attributes.get("maxtries", 9999999)),
              "throttle": int(task.element.attributes.get("throttle", 9999999)), "metatasks": ",".join(task.metatasks),
              "cycles": [in_cycle(task, c) for c in cycles if document.is_valid(task, c)]} for task in document.tasks]
    return {"cycles": [rocoto.stamp(c) for c in cycles], "tasks": tasks}


def theirs(home, path):
    done = subprocess.run(["ruby", f"{HERE}/expansion.rb", home, path, str(MOST_CYCLES)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1:]}
    return json.loads(done.stdout)


def differences(a, b, where=""):
    if type(a) is not type(b) and not (isinstance(a, (int, float)) and isinstance(b, (int, float))):
        yield f"{where}: {a!r:.200} is {b!r:.200}"
    elif isinstance(a, dict):
        for key in sorted(a.keys() | b.keys()):
            yield from differences(a.get(key), b.get(key), f"{where}/{key}")
    elif isinstance(a, list):
        if len(a) != len(b):
            yield f"{where}: {len(a)} is {len(b)}"
        for n, (left, right) in enumerate(zip(a, b)):
            yield from differences(left, right, f"{where}/{n}")
    elif a != b:
        yield f"{where}: {a!r:.200} is {b!r:.200}"


def main():
    home, failed = sys.argv[1], 0
    for path in sys.argv[2:]:
        real = theirs(home, path)
        wrong = [f"Rocoto: {real['error']}"] if "error" in real else list(differences(real, ours(path)))
        counts = f"{len(real.get('tasks', []))} tasks in {len(real.get('cycles', []))} cycles"
        print(f"{os.path.basename(path)}: {counts}{', the same' if not wrong else ''}")
        for line in wrong[:5]:
            print(f"  {line}")
        failed |= bool(wrong)
    return failed


if __name__ == "__main__":
    sys.exit(main())
