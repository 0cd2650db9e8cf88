"""The flood maps of many areas on one engine, one job in a hundred of which is lost: autoeval.py ENGINE [AREAS MOST]

Of the example's 171 instances two are lost in the middle of their first attempt: one with its wrapper, the other with its node (where all
is one machine, with its wrapper too). At the end nothing is missing: the outcomes and the table are those of a run that lost nothing. And by
the ledger never more areas were open than the limit says, once it was reached none was opened before enough were over, and never two
at once. With more areas, of every twelfth a job is lost, and the table is that of a run without limits on this machine.
"""
import collections
import contextlib
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "conformance"))
import harness  # noqa: E402

AREAS, MOST = (int(word) for word in sys.argv[2:] or ("24", "6"))
PAUSE = 200 if MOST < 10 else 100
KILLED, GONE = "wet[12040303,120403031]", "wet[12041212,120412120]"
# Put before the program's own lines.
LOSE = """import lose
lose.lose()
"""


def example(folder):
    """A copy of the example, with as many areas as were asked for, and what must come out."""
    shutil.copytree(harness.ROOT / "examples/autoeval", folder, ignore=shutil.ignore_patterns("out", ".wfc"))
    if AREAS != 24:
        subprocess.run([sys.executable, folder / "programs/areas.py", str(AREAS)], check=True)
        subprocess.run([harness.BIN / "wfc", "run", "autoeval-plain.wf", "--site", "sites/laptop.toml"], cwd=folder, check=True, capture_output=True)
        shutil.copyfile(folder / ".wfc/autoeval-plain/run/published/agreement.csv", folder / "expected/agreement.csv")


def project(engine):
    """The example, whose program is lost now and then."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="autoeval.", dir=engine.home)) / "project"
    example(folder)
    shutil.copy(HERE / "Inputs/lose.py", folder / "programs")
    program = folder / "programs/floods.py"
    program.write_text(LOSE + program.read_text())
    # Who ends its wrapper, and who waits for its node.
    wishes = {f"{12_040_000 + 101 * area}1": "wrapper" for area in range(31, AREAS, 12)}
    wishes |= {KILLED[:-1].partition(",")[2]: "wrapper", GONE[:-1].partition(",")[2]: "node" if engine.lost == "counted" else "wrapper"}
    (folder / "run.world").mkdir()
    for catchment, how in wishes.items():
        (folder / f"run.world/catchment-{catchment}.json").write_text(how)
    engine.own(folder.parent)
    return folder


def opened(run):
    """When each area was open, by the ledger: from the first of its instances handed over or started, to the last that ended."""
    spans = {}
    for journal in (run / "ledger").glob("journal.*"):
        for line in journal.read_text(encoding="utf-8").splitlines():
            _, kind, at, instance, *_ = line.split("\t")
            if kind in ("submit", "start", "end", "settle") and "[" in instance:
                area = instance.partition("[")[2].rstrip("]").partition(",")[0]
                first, last = spans.get(area, (int(at), int(at)))
                spans[area] = min(first, int(at)), max(last, int(at))
    return spans


def limits(spans):
    """The most that were open, whether the open ones had drained where they had to, and the shortest time between two that opened."""
    events = sorted([(first, 1) for first, _ in spans.values()] + [(last, 0) for _, last in spans.values()])
    count, most, full, drained = 0, 0, False, True
    for _, opens in events:
        if opens:
            drained = drained and not (full and count > MOST // 2)
            full = False
        count += 1 if opens else -1
        most = max(most, count)
        full = full or count == MOST
    starts = [first for first, _ in sorted(spans.values())]
    return most, drained, min(b - a for a, b in zip(starts, starts[1:]))


def lost(instances):
    """How many lost an attempt; those of one node are as many as ran there."""
    return sum(any(outcome == "node_lost" for _, outcome, _ in instance["attempts"]) for instance in instances.values())


def main():
    name = sys.argv[1]
    harness.enter([name])
    engine = harness.ENGINES[name]
    with tempfile.TemporaryDirectory(prefix="wfc-autoeval.", ignore_cleanup_errors=True) as folder, contextlib.ExitStack() as stack:
        engine.up(folder)
        here = project(engine)
        stack.callback(shutil.rmtree, here.parent, ignore_errors=True)
        harness.build(engine, here, "autoeval.wf", ["-p", f"most={MOST}", "-p", f"pause={PAUSE}ms"])
        if engine.lost == "counted":
            stack.enter_context(harness.losing(engine, here, GONE))
        seen = harness.start(engine, here, timeout=600)
        states = collections.Counter(instance["state"] for instance in seen["instances"].values())
        print(f"{engine.title}: exit {seen['exit']},", ", ".join(f"{count} {state}" for state, count in sorted(states.items())))
        for name in (KILLED, GONE):
            print(name, *(f"{outcome} ({counts})" for _, outcome, counts in seen["instances"][name]["attempts"]))
        table = here / "run/published/agreement.csv"
        print("lost:", lost(seen["instances"]), "the table:", table.exists() and table.read_text() == (here / "expected/agreement.csv").read_text())
        most, drained, gap = limits(opened(here / "run"))
        print(f"areas open: {most}, refilled when drained: {drained}, one after the other: {gap >= 0.8 * PAUSE}")


main()
