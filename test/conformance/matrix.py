"""The same flow on every engine: matrix.py [--engine NAME]… [--flow NAME]…

Each flow of Inputs/ runs on the local engine and on the others, with the same faults. Equal must be: instances, states, attempts with
their causes, every file's bytes, links, what hooks said, the exit status; and every edge must be respected in time. Where an engine's
table refuses a row that the flow is for, the refusal must come, and nothing else is refused. It prints the matrix: same, refused (row),
or differs, and what differs; where an engine is a stand-in, what is left to what it stands for.

b.wf holds the tasks that the flows share, in/ their files, template/ and tools/ what some are filled from and load. A flow's first lines say what
it needs: `// fault: ID ATTEMPT FAULT [ARG]` (harness.py FAULTS), `// value: ID JSON` and `// set: ID KEY…`
for what tasks compute and find, `// row: NAME` if the flow is not named as its row is, `// appear: FILE SECONDS`, `// exit: N` and
`// counts: TEXT` of its `wfr status`, `// most: FAMILY N` for how many of one may run at once (of all in a flow: `FLOW.`), `// stop: FAMILY N`
to stop the run once so many are ok, `// hidden: TEXT` for what nothing of a run may hold, `// partition: NAME` for the parameter that names
the partition with GPUs, `// podman: yes` for a container engine in RUN.world/box, `// gone: ID` for whose first attempt is lost with its node,
`// alone: yes` for what
runs only if it is named.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import json
import pathlib
import re
import shutil
import sys
import tempfile
import threading
import time

import harness

FLOWS = harness.HERE / "Inputs"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", action="append", choices=harness.ENGINES)
    parser.add_argument("--flow", action="append")
    parser.add_argument("-j", type=int, default=8, help="flows side by side")
    parser.add_argument("--keep", help="a folder in which the runs stay")
    return parser.parse_args()


class Flow:
    def __init__(self, path):
        self.name = path.stem
        self.says = collections.defaultdict(list)
        for line in path.read_text().splitlines():
            found = re.fullmatch(r"// ([a-z]+): (.*)", line)
            if found:
                self.says[found[1]].append(found[2].strip())
        self.rows = self.says["row"] or [self.name]
        self.appear = [word.split() for word in self.says["appear"]]

    def faults(self):
        table = {}
        for line in self.says["fault"]:
            name, attempt, *fault = line.split()
            table.setdefault(name, {})[attempt] = fault
        return table

    def world(self, project):
        values = {v.split()[0]: json.loads(v.partition(" ")[2]) for v in self.says["value"]}
        sets = {s.split()[0]: s.split()[1:] for s in self.says["set"]}
        harness.world(project / "run.world", self.faults(), values, sets)


def run(engine, flow, folder):
    """What a flow left on an engine, or the text of a refusal."""
    project = folder / f"{engine.name}.{flow.name}"
    shutil.copytree(FLOWS, project)
    flow.world(project)
    engine.own(project)
    try:
        harness.build(engine, project, f"{flow.name}.wf", [word for name in flow.says["partition"] for word in ("-p", f"{name}={engine.gpus}")])
    except harness.Refused as refused:
        return str(refused)
    for file, seconds in flow.appear:
        threading.Timer(float(seconds), (project / file).write_text, ["there\n"]).start()
    for line in flow.says["stop"]:
        threading.Thread(target=harness.stop_when, args=[engine, project, line.split()[0], int(line.split()[1])], daemon=True).start()
    with contextlib.ExitStack() as stack:
        if flow.says["podman"]:
            stack.enter_context(harness.podman(engine, project))
        lost = [stack.enter_context(harness.losing(engine, project, instance)) for instance in flow.says["gone"]]
        seen = harness.start(engine, project)
        if seen["exit"] == -9:
            # Whoever is at killing would kill the next start too.
            concurrent.futures.wait(lost, timeout=60)
            seen = harness.start(engine, project)
    gone(engine, flow, seen)
    seen["links"] = {path: sorted(names) for path, names in seen["links"].items()}
    seen["told"] = [str(path) for text in flow.says["hidden"] for path in holding(text, [project / "run", project / "out"])]
    return seen


def gone(engine, flow, seen):
    """An attempt whose node was lost, as that counts on this engine, is one word."""
    for instance in flow.says["gone"]:
        attempts = seen["instances"][instance]["attempts"]
        if attempts and attempts[0][2] == engine.lost and (engine.lost == "uncounted" or attempts[0][1] == "node_lost"):
            attempts[0] = "gone"


def holding(text, folders):
    return [path for folder in folders for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def itself(flow, seen):
    """What is wrong with one run by itself: what its flow says of it, edges out of time, too many at once."""
    wrong = []
    if str(seen["exit"]) != (flow.says["exit"] or ["0"])[0]:
        wrong.append(f"exit {seen['exit']}: {seen['said'][-300:]}")
    counts = ", ".join(f"{n} {state.replace('_', ' ')}" for state, n in sorted(states(seen).items(), key=lambda s: ORDER.index(s[0])))
    if flow.says["counts"] and counts != flow.says["counts"][0]:
        wrong.append(f"counts: {counts}")
    wrong += [f"{path} holds what is hidden" for path in seen["told"]]
    times = spans(seen)
    for name, text in seen["files"].items():
        reader = name.split(" ")[0]
        for line in text.splitlines()[1:]:
            read = re.fullmatch(r"[a-z_0-9]+ [0-9a-f]{64} (\S+).*", line)
            if read and read[1] in times and reader in times and times[read[1]][-1][1] > times[reader][-1][0]:
                wrong.append(f"{reader} began before {read[1]} had ended")
    for line in flow.says["most"]:
        family, most = line.split()
        spans_of = [s for name, all_ in times.items() if name.split("[")[0] == family or family[-1] == "." and name.startswith(family) for s in all_]
        if max((sum(a < other[1] and other[0] <= a for other in spans_of) for a, _ in spans_of), default=0) > int(most):
            wrong.append(f"more than {most} of {family} at once")
    return wrong


ORDER = ["ok", "no_data", "failed", "cancelled", "skipped", "ready", "queued", "waiting", "running"]


def states(seen):
    return collections.Counter(i["state"] for i in seen["instances"].values())


def spans(seen):
    """Begin and end of each attempt, by instance."""
    found = {}
    for i in seen.get("status", {}).get("instances", []):
        found[i["id"]] = [(a["start"], a["end"]) for a in i["attempts"] if a["n"] > 0 and a.get("start") and a.get("end")]
    return {name: all_ for name, all_ in found.items() if all_}


def judge(engine, flow, seen, local):
    """same, refused (row), left to another, or differs, and why."""
    if left := [engine.without[row] for row in flow.rows if row in engine.without]:
        return left[0], []
    rows = [row for row in flow.rows if row in engine.refusals]
    if rows:
        return (f"refused ({rows[0]})", []) if isinstance(seen, str) and f"cannot carry {rows[0]}" in seen else ("differs", [f"{rows[0]} is not refused"])
    if isinstance(seen, str):
        return "differs", [f"refused: {seen[:600]}"]
    wrong = itself(flow, seen)
    if local is not seen and not isinstance(local, str):
        wrong += list(harness.differences({**local, "determined": True}, seen))
    return ("differs" if wrong else "same"), wrong


def column(engine, flows, folder, options):
    """All flows of one engine, side by side."""
    engine.up(folder)
    engine.refusals = engine.refused()
    own = pathlib.Path(tempfile.mkdtemp(prefix="matrix.", dir=engine.home))
    engine.own(own)
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        seen = dict(zip([f.name for f in flows], pool.map(lambda f: run(engine, f, own), flows)))
    if not options.keep:
        shutil.rmtree(own, ignore_errors=True)
    return seen


def main():
    options = arguments()
    flows = [Flow(path) for path in sorted(FLOWS.glob("*.wf")) if path.stem != "b" and (not options.flow or path.stem in options.flow)]
    # One that loses a node runs on an engine of its own.
    flows = [flow for flow in flows if options.flow or not flow.says["alone"]]
    if unknown := sorted(set(options.flow or []) - {flow.name for flow in flows}):
        sys.exit(f"matrix.py: no flow is called {', '.join(unknown)}")
    names = list(dict.fromkeys(["local", *(options.engine or harness.ENGINES)]))
    harness.enter(names)
    began = time.time()
    with tempfile.TemporaryDirectory(prefix="wfc-matrix.", ignore_cleanup_errors=True) as folder:
        folder = options.keep or folder
        with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
            seen = dict(zip(names, pool.map(lambda n: column(harness.ENGINES[n], flows, folder, options), names)))
    print(f"{'':20}" + "".join(f"{name:26}" for name in names))
    failed = 0
    for flow in flows:
        cells = [judge(harness.ENGINES[n], flow, seen[n][flow.name], seen["local"][flow.name]) for n in names]
        print(f"{flow.name + '.wf':20}" + "".join(f"{cell:26}" for cell, _ in cells).rstrip())
        for name, (_, wrong) in zip(names, cells):
            failed += bool(wrong)
            for line in wrong[:8]:
                # FileCheck shows but the beginning of what it reads.
                print(f"    {name}: {line[:900]}")
                print(f"{flow.name}.wf on {name}: {line[:900]}", file=sys.stderr)
    print(f"{len(flows)} flows on {', '.join(harness.ENGINES[name].title for name in names)}: {failed} differ")
    print(f"{time.time() - began:.0f} s", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
