"""Random flows on a real engine, compared with the oracle: generate.py --seeds 1-1000 --engine local -j2

A failing seed is shrunk and printed with its flow, its faults and what differs. At the end it counts the constructs that were covered.
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import shutil
import sys
import tempfile

import harness
import shrink
from describe import If, Loop, Repeat, references, statements
from expand import expand
from flows import make
from oracle import judge
from render import render


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1-20")
    parser.add_argument("--engine", default="local", choices=harness.ENGINES)
    parser.add_argument("-j", type=int, default=2)
    parser.add_argument("--keep", help="a folder in which the runs stay")
    parser.add_argument("--no-shrink", action="store_true")
    parser.add_argument("--show", action="store_true", help="print the flow of each seed and run nothing")
    return parser.parse_args()


def prepare(project, program, graph):
    """The project folder of a flow: its text, and the table that bodies read."""
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir(parents=True)
    (project / "flow.wf").write_text(render(program))
    (project / "gate").write_text("open\n")
    values = {i["id"]: i["small"] for i in graph["instances"] if i.get("small")}
    sets = {i["id"]: i["makes"] for i in graph["instances"] if i["makes"] is not None}
    harness.world(project / "run.world", program.faults, values, sets)


def loosen(program):
    """Lifts the limits of loops, under which a turn could wait for one that never opens: rightly refused."""
    found = False
    for flow in program.flows:
        for loop in (s for s in statements(flow.body) if isinstance(s, Loop)):
            kept = [c for c in loop.clauses if not c.startswith("limit") or " per " in c]
            found |= len(kept) < len(loop.clauses)
            loop.clauses = kept
    return found


def try_one(engine, project, program):
    """What differs between the oracle and a run of a program, a line each."""
    graph = expand(program)
    prepare(project, program, graph)
    engine.own(project)
    expected = judge(graph, program.faults)
    try:
        harness.build(engine, project, "flow.wf")
    except harness.Refused as refused:
        if "[WF0738]" in str(refused) and loosen(program):
            return try_one(engine, project, program)
        return [f"refused: {str(refused)}"]
    return list(harness.differences(expected, harness.start(engine, project)))


def covered(program, graph):
    """The constructs of a program, for the counts at the end."""
    found = collections.Counter()
    for flow in program.flows:
        for s in statements(flow.body):
            found[type(s).__name__.lower()] += 1
            if isinstance(s, Loop):
                found[f"over {s.space.kind}"] += 1
            if isinstance(s, If):
                found["guard at run time" if s.cond.ref else "static guard"] += 1
            call = s.call if isinstance(s, Repeat) else s
            for clause in getattr(call, "clauses", []):
                found[f"{type(s).__name__.lower()} {clause.split()[0]}"] += 1
            for name in ("temp", "slices", "retries", "exits", "hooks", "makes"):
                found[name] += bool(getattr(call, name, None))
    for ref in references(program):
        found[f"reference {ref.demand}{' otherwise' if ref.otherwise else ''}"] += 1
        for i in ref.index:
            found[f"index {i.kind}"] += 1
    for table in program.faults.values():
        for fault in table.values():
            found[f"fault {fault[0]}"] += 1
    found["instances"] += len(graph["instances"])
    return found


def work(options, engine, folder, seed):
    program, graph = make(seed, engine.refusals)
    if options.show:
        print(render(program), json.dumps(program.faults, indent=1))
        return None
    project = folder / f"seed{seed}"
    wrong = try_one(engine, project, program)
    if wrong and not options.no_shrink:
        program, wrong = shrink.shrink(program, wrong, lambda p: try_one(engine, folder / f"seed{seed}.small", p))
    if wrong:
        report = [f"seed {seed}:", *(f"  {line}" for line in wrong[:20]), render(program), f"faults: {json.dumps(program.faults)}"]
        print("\n".join(report), flush=True)
    elif not options.keep:
        shutil.rmtree(project)
    states = collections.Counter(f"state {end['state']}" for end in judge(graph, program.faults)["instances"].values())
    return bool(wrong), covered(program, graph) + states


def main():
    options = arguments()
    first, _, last = options.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    harness.enter([options.engine])
    engine = harness.ENGINES[options.engine]
    temporary = tempfile.TemporaryDirectory(prefix="wfc-generate.", ignore_cleanup_errors=True)
    engine.up(options.keep or temporary.name)
    engine.refusals = engine.refused()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="generate.", dir=engine.home))
    engine.own(folder)
    counts, failed = collections.Counter(), []
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        for n, (seed, done) in enumerate(zip(seeds, pool.map(lambda s: work(options, engine, folder, s), seeds)), 1):
            if done is None:
                continue
            counts += done[1]
            if done[0]:
                failed.append(seed)
            if n % 50 == 0:
                print(f"{n} of {len(seeds)} seeds, {len(failed)} failed", file=sys.stderr, flush=True)
    for name, count in sorted(counts.items()):
        print(f"{count:7} {name}")
    print(f"{len(seeds)} seeds on {engine.title}: {len(failed)} failed {failed or ''}")
    if not options.keep and not failed:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
