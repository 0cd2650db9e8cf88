"""Every example on every engine, a row each: matrix.py [--engine NAME]… [--flow NAME]… [--param NAME=VALUE]…   `./dev matrix` calls it.

A row tells of one run how many instances there were and how they ended, how long it took, what the runtime asked the scheduler meanwhile (as it
counted, jobs and coordinators included), and whether all its files are those of the run on this machine. One run after the other, so that
times are their own; on engines that need none, no scheduler is asked.
"""
import argparse
import pathlib
import shutil
import sys
import tempfile
import time
import types

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "conformance"), str(HERE.parent)]
import harness  # noqa: E402
import same  # noqa: E402

# What stands beside `wfc` and `wfr` where a flow needs it, and parameters that make it small.
FLOWS = {"aurora/aurora": ("wfr", []), "aurora/aurora-torch": ("wfr-torch", ["-p", "epochs=2"]), "iwp/iwp": ("wfr-geo", []),
         "iwp/iwp-shared": ("wfr-geo", []), "autoeval/autoeval": ("wfr-geo", []), "autoeval/autoeval-plain": ("wfr-geo", []),
         "ensemble/ensemble": ("wfr", []), "dynvision/dynvision": ("wfr", []), "dynvision/dynvision-torch": ("wfr-torch", ["-p", "epochs=1"])}
# The nodes of this SLURM are those of Ursa.
URSA = harness.ROOT / "examples/aurora/sites/ursa.toml"
SITES = {"local": "sites/laptop.toml", "slurm": URSA, "rocoto": URSA, "nomad": "sites/nomad.toml", "snakemake": "sites/snakemake.toml"}


def project(engine, flow):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="example.", dir=engine.home)) / "project"
    shutil.copytree(harness.ROOT / "examples" / flow.split("/")[0], folder, ignore=shutil.ignore_patterns("out", ".wfc"))
    site = folder / "sites/nomad.toml"
    # Its devices are files.
    site.write_text("".join('h100 = "nomad/file/mock"\n' if line.startswith("h100 = ") else line for line in site.open()))
    engine.own(folder.parent)
    return folder


def told(status):
    """How the instances ended, as `wfr status` counts them."""
    return ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in status["counts"].items() if count)


def row(engine, flow, local, parameters):
    """What a run left, and the cells that tell of it."""
    folder = project(engine, flow)
    engine.site = SITES[engine.name]
    try:
        harness.build(engine, folder, flow.split("/")[1] + ".wf", FLOWS[flow][1] + parameters)
        began = time.time()
        done = engine.run([harness.BIN / "wfr", "start", "out", "--run", folder / "run", "--wait"], folder, 900)
        seconds = time.time() - began
        status = harness.status_of(engine, folder)
        run = types.SimpleNamespace(folder=str(folder / "run"))
        files = {**same.tree(run, "files"), **same.tree(run, "published")}
        calls = ", ".join(f"{count} {name}" for name, count in status.get("calls", {}).items())
        equal = "" if local is None else "yes" if files == local else "NO"
        return files, [f"exit {done.returncode}", str(len(status["instances"])), told(status), f"{seconds:.0f} s", calls, equal]
    except harness.Refused as refused:
        row = str(refused).partition("cannot carry ")[2].partition(" ")[0]
        return None, [f"refused: {row}" if row else f"no build: {refused}", "", "", "", "", ""]
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", action="append", choices=harness.ENGINES)
    parser.add_argument("--flow", action="append", choices=FLOWS)
    parser.add_argument("--param", action="append", default=[], help="a parameter of the flows")
    options = parser.parse_args()
    parameters = [word for parameter in options.param for word in ("-p", parameter)]
    names = list(dict.fromkeys(["local", *(options.engine or harness.ENGINES)]))
    harness.enter(names)
    wrong = 0
    print("| flow | engine | | instances | outcomes | wall time | calls of the scheduler | files as on local |\n|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="wfc-examples.", ignore_cleanup_errors=True) as folder:
        engines = [harness.ENGINES[name].up(folder) for name in names]
        for flow in options.flow or FLOWS:
            if not (harness.BIN / FLOWS[flow][0]).exists():
                print(f"| {flow.split('/')[1]} | | skipped: no {FLOWS[flow][0]} was built | | | | | |")
                continue
            local = None
            for engine in engines:
                files, cells = row(engine, flow, local, parameters)
                local = local or files
                wrong += cells[0] not in ("exit 0",) and not cells[0].startswith("refused: ") or cells[-1] == "NO"
                print(f"| {flow.split('/')[1]} | {engine.title} | {' | '.join(cells)} |", flush=True)
    return wrong != 0


sys.exit(main())
