"""Changes a flow in each way over a run that stands: adopt.py WFC WFR DIR [CHANGE;… [OPTION OF BUILD…]].

For each change: what `wfr start --adopt --json` says of every instance, which bodies ran after it, and that files and links are then
those of a run of the changed flow that began anew.
"""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WFC, WFR, TOP = map(os.path.abspath, sys.argv[1:4])
ONLY = sys.argv[4].split(";") if len(sys.argv) > 4 else []
BUILD = sys.argv[5:]


def text(path):
    return open(path).read() if os.path.exists(path) else ""


def edit(old, new):
    def change():
        flow = text("adopt.wf")
        assert old in flow, old
        open("adopt.wf", "w").write(flow.replace(old, new))
    return change


def write(path, content):
    return lambda: open(path, "w").write(content)


def touch():
    os.utime("data.txt", (1, 1))


# Name, the change, parameters after it, how many of each fate, and what runs.
LEFT = "left[1] left[2] left[3] raw[1] raw[2] raw[3]"
CHANGES = [
    ("nothing", lambda: None, [], "16 reused", ""),
    ("text, same result", edit("% 7)) >", "% 7 + 0)) >"), [], "8 reused, 6 rerun, 2 rerun_if_changed", LEFT),
    ("text, another result", edit("% 7)) >", "% 5)) >"), [], "8 reused, 6 rerun, 2 rerun_if_changed", LEFT + " told total"),
    ("a parameter", lambda: None, ["-p", "by=11"], "8 reused, 3 rerun, 5 rerun_if_changed", LEFT + " told total"),
    ("a parameter, same result", lambda: None, ["-p", "by=17"], "8 reused, 3 rerun, 5 rerun_if_changed", LEFT),
    ("a member more", lambda: None, ["-p", "last=4"], "14 reused, 2 rerun_if_changed, 2 new", "left[4] raw[4] told total"),
    ("a member less", lambda: None, ["-p", "last=2"], "12 reused, 1 rerun, 1 rerun_if_changed, 2 orphaned", "told total"),
    ("a family renamed", edit("told", "said"), [], "15 reused, 1 new, 1 orphaned", "said"),
    ("a task renamed", edit("rest(", "remainder("), [], "16 reused", ""),
    ("needs", edit("task read(f: file) -> out: file {\n  needs memory 16MiB", "task read(f: file) -> out: file {\n  needs memory 32MiB"), [], "16 reused", ""),
    ("needs of what failed", edit("task fails(n: Int) -> out: file {\n  needs memory 16MiB", "task fails(n: Int) -> out: file {\n  needs memory 32MiB"), [], "15 reused, 1 rerun", "failing[2]"),
    ("an input's content", write("data.txt", "other\n"), [], "15 reused, 1 rerun", "seen"),
    ("an input touched", touch, [], "16 reused", ""),
    ("an input of a member", write("in/b.txt", "other\n"), [], "15 reused, 1 rerun", "copied[in%2Fb.txt]"),
    ("a file more", write("in/c.txt", "c\n"), [], "16 reused, 1 new", "copied[in%2Fc.txt]"),
    ("a file less", lambda: os.unlink("in/b.txt"), [], "15 reused, 1 orphaned", ""),
    ("a set that grows", lambda: None, ["-p", "count=3"], "13 reused, 1 rerun, 2 rerun_if_changed", "one[p3] parts"),
    ("a set that shrinks", lambda: None, ["-p", "count=1"], "13 reused, 1 rerun, 2 rerun_if_changed", "parts"),
    # For engines that take seconds to start a body: what a text, a member less and a set that grows ask of them.
    ("three at once", edit("% 7)) >", "% 7 + 0)) >"), ["-p", "last=2", "-p", "count=3"], "5 reused, 6 rerun, 3 rerun_if_changed, 2 orphaned",
     "left[1] left[2] one[p3] parts raw[1] raw[2] told total"),
    ("the environment", edit("task tell(n: Int) -> out: file {", "task tell(n: Int) -> out: file {\n  env MODE = \"x\""), [], "15 reused, 1 rerun", "told"),
    ("a condition", edit("told = tell(n: total.total)", "if total.total < 100 { told = tell(n: total.total) }"), [], "16 reused", ""),
    ("a condition that is false", edit("told = tell(n: total.total)", "if total.total > 100 { told = tell(n: total.total) }"), [], "15 reused, 1 rerun_if_changed", ""),
    ("a new end", edit("  publish told at \"told\"", "  again = read(f: told)\n  publish again at \"told\""), [], "16 reused, 1 new", "again"),
]


def call(*words):
    return subprocess.run(words, capture_output=True, text=True)


def start(run, *words):
    done = call(WFR, "start", "out", "--run", run, "--wait", *words)
    if done.returncode not in (0, 1):
        print(done.stdout, done.stderr)
    return done


def build(parameters):
    done = call(WFC, "build", "adopt.wf", "-o", "out", *BUILD, *parameters)
    if done.returncode != 0:
        print(done.stderr)


def states(run):
    return {i["id"]: i["state"] for i in json.loads(call(WFR, "status", run, "--json").stdout)["instances"]}


def tree(run):
    """Outputs of what is ok, and links; folders of lists have a time in their names."""
    found = {}
    for top, _, names in os.walk(os.path.join(run, "published")):
        for name in names:
            path = os.path.join(top, name)
            found["link " + os.path.relpath(path, run)] = text(path)
    for instance in json.loads(call(WFR, "status", run, "--json").stdout)["instances"]:
        for output in instance.get("outputs", []):
            found[instance["id"] + " " + str(output.get("path"))] = output.get("hash")
    return found


def attempt(name, change, parameters, fates, ran):
    folder = os.path.join(TOP, name.replace(" ", "_").replace(",", "").replace("'", ""))
    os.makedirs(folder + "/in")
    os.chdir(folder)
    shutil.copy(os.path.join(HERE, "adopt.wf"), ".")
    for path, content in (("in/a.txt", "a\n"), ("in/b.txt", "b\n"), ("data.txt", "d\n")):
        open(path, "w").write(content)
    build([])
    start("run")
    change()
    build(parameters)
    os.rename("ran", "ran.before")
    before = states("run")
    dry = call(WFR, "start", "out", "--run", "run", "--dry-run", "--json")
    refused = name not in ("nothing", "an input's content", "an input touched", "an input of a member", "a file more", "a file less")
    wrong = []
    plain = call(WFR, "start", "out", "--run", "run") if refused else None
    if refused and (plain.returncode != 2 or "nothing was changed" not in plain.stderr):
        wrong.append(f"started without --adopt: {plain.returncode} {plain.stderr}")
    if text("ran") or states("run") != before:
        wrong.append("something was done before it was asked for")
    done = start("run", "--adopt", "--json")
    said = json.loads(done.stdout.split("\n")[0])
    # The state is the run's of that moment, and taking it over changes it.
    if json.loads(dry.stdout) | {"adopted": True, "state": said["state"]} != said:
        wrong.append("--dry-run said something else")
    counts = ", ".join(f"{n} {fate}" for fate, n in said["counts"].items() if n > 0)
    if counts != fates:
        wrong.append(f"said {counts}")
        wrong += [f"  {i['id']} {i['fate']} {i.get('why')}" for i in said["instances"] if i["fate"] != "reused"]
    bodies = " ".join(sorted(text("ran").split()))
    if bodies.split() != sorted(ran.split()):
        wrong.append("ran " + bodies)
    start("fresh")
    if states("run") != states("fresh"):
        wrong.append(f"states {states('run')} and of a fresh run {states('fresh')}")
    if tree("run") != tree("fresh"):
        wrong.append(f"outputs {sorted(set(tree('run').items()) ^ set(tree('fresh').items()))}")
    again = start("run", "--adopt", "--json")
    if json.loads(again.stdout.split("\n")[0])["counts"]["reused"] != len(states("run")):
        wrong.append("adopted twice, it is not the same: " + again.stdout[:400])
    kept = tree("run")
    call(WFR, "clean", "run")
    if tree("run") != kept or os.path.exists("run/past"):
        wrong.append("clean removed something else")
    for instance in said["instances"]:
        path = "run/files/" + instance["id"].replace("[", "/").replace("]", "")
        if instance["fate"] == "orphaned" and os.path.exists(path):
            wrong.append(path + " is still there")
    print(f"{name}: {counts}; ran {bodies or 'nothing'}" + ("" if not wrong else "\n  WRONG " + "\n  ".join(wrong)))
    return not wrong


if __name__ == "__main__":
    changes = [change for change in CHANGES if not ONLY or change[0] in ONLY]
    good = sum(attempt(*change) for change in changes)
    print(f"{good} of {len(changes)} changes as they should be")
    sys.exit(good != len(changes))
