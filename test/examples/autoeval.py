"""The flood maps of many areas on one engine, one job in a hundred of which is lost: autoeval.py ENGINE

Two of the 171 instances are lost in the middle of their first attempt: one with its wrapper, the other with its node (where all is one
machine, with its wrapper too). At the end nothing is missing: the outcomes and the table are those of a run that lost nothing. And by
the ledger never more areas were open than the limit says, once it was reached none was opened before enough were over, and never two
at once.
"""
import collections
import contextlib
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "conformance"))
import harness  # noqa: E402

MOST, REFILL, PAUSE = 6, 3, 200
KILLED, GONE = "wet[12040303,120403031]", "wet[12041212,120412120]"
# Put before the program's own lines.
LOSE = """import lose
lose.lose()
"""


def project(engine):
    """A copy of the example, whose program is lost now and then."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="autoeval.", dir=engine.home)) / "project"
    shutil.copytree(harness.ROOT / "examples/autoeval", folder, ignore=shutil.ignore_patterns("out", ".wfc"))
    (folder / "run.world").mkdir()
    shutil.copy(HERE / "Inputs/lose.py", folder / "programs")
    program = folder / "programs/floods.py"
    program.write_text(LOSE + program.read_text())
    # Who waits for its node, and who ends its wrapper.
    for instance in (KILLED, GONE):
        node = instance == GONE and engine.lost == "counted"
        (folder / "run.world" / f"catchment-{instance[:-1].partition(',')[2]}.json").write_text("node" if node else "wrapper")
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
            drained = drained and not (full and count > REFILL)
            full = False
        count += 1 if opens else -1
        most = max(most, count)
        full = full or count == MOST
    starts = [first for first, _ in sorted(spans.values())]
    return most, drained, min(b - a for a, b in zip(starts, starts[1:]))


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
        seen = harness.start(engine, here)
        states = collections.Counter(instance["state"] for instance in seen["instances"].values())
        print(f"{engine.title}: exit {seen['exit']},", ", ".join(f"{count} {state}" for state, count in sorted(states.items())))
        for name in (KILLED, GONE):
            print(name, *(f"{outcome} ({counts})" for _, outcome, counts in seen["instances"][name]["attempts"]))
        table = here / "run/published/agreement.csv"
        print("the table:", table.exists() and table.read_text() == (here / "expected/agreement.csv").read_text())
        most, drained, gap = limits(opened(here / "run"))
        print(f"areas open: {most}, refilled when drained: {drained}, one after the other: {gap >= 0.8 * PAUSE}")


main()
