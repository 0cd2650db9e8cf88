"""The examples at the size of the systems that they stand for, built for every target that carries them and never run. bench.py runs it."""

import pathlib
import re
import shutil
import subprocess

import scale

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
SITES = {"local": "laptop", "slurm": "cluster", "rocoto": "cluster", "nomad": "nomad", "snakemake": "snakemake"}


def longer(name, before, after):
    """Another line in a flow, as one who has more would write it."""
    def change(folder):
        flow = folder / name
        text = flow.read_text()
        assert before in text, f"{name} does not say {before}"
        flow.write_text(text.replace(before, after))
    return change


def nodes(count):
    """A site with so many nodes, on whatever engine."""
    return lambda folder: [site.write_text(re.sub(r"(?m)^nodes = .*$", f"nodes = {count}", site.read_text())) for site in folder.glob("sites/*.toml")]


def areas(count):
    return lambda folder: subprocess.run(["python3", folder / "programs/areas.py", str(count)], check=True)


# What it is, the flow, what is changed, and what is given to the build.
VERSIONS = [
    ("aurora over 40 years: 487 windows", "aurora/aurora", longer("aurora.wf", "until 2025-12-31", "until 2064-12-31"), []),
    ("iwp, z 15 to 0 on 20 nodes", "iwp/iwp", nodes(20), ["top=15", "bottom=0", "machines=20"]),
    ("iwp-shared, z 15 to 0", "iwp/iwp-shared", None, ["top=15", "bottom=0"]),
    ("autoeval, 10,000 areas", "autoeval/autoeval", areas(10_000), ["most=30", "pause=10s"]),
    ("autoeval-plain, 10,000 areas", "autoeval/autoeval-plain", areas(10_000), []),
    ("an ensemble of 1,000", "ensemble/ensemble", longer("ensemble.wf", "id: 1 .. 3", "id: 1 .. 500"), []),
    ("dynvision in full: 72 models, 2,376 tests", "dynvision/dynvision", None, ["scale=full"]),
]


def versions(bench):
    """A row for each version and target, and all of it as one table."""
    table = [("built and never run", *SITES)]
    for title, flow, change, parameters in VERSIONS:
        folder = bench.work / title.split()[0].strip(",") / flow.split("/")[0]
        shutil.copytree(EXAMPLES / flow.split("/")[0], folder, ignore=shutil.ignore_patterns("out", ".wfc"))
        if change:
            change(folder)
        table.append((title, *(built(bench, title, folder, flow.split("/")[1], target, parameters) for target in SITES)))
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def built(bench, title, folder, flow, target, parameters):
    """Milliseconds and KiB, or the row of its table for which a target refuses."""
    site = next(path for path in (folder / f"sites/{SITES[target]}.toml", folder / "sites/ursa.toml") if path.exists())
    words = [word for parameter in parameters for word in ("-p", parameter)]
    out = folder / f"out-{flow}-{target}"
    command = [bench.wfc, "build", folder / f"{flow}.wf", "--target", target, "--site", site, *words, "-o", out]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if "WF0501" in tried.stderr:
        return "refused"
    seconds, _ = bench.best(command, before=lambda: shutil.rmtree(out, ignore_errors=True), times=3)
    size = scale.size_of(out)
    bench.row(f"{title}, {target}: build", seconds * 1000, "ms", "<= 300 ms", seconds <= 0.3)
    bench.row(f"{title}, {target}: artifacts", size / 1024, "KiB", "<= 2 MiB", size <= 2 << 20)
    return f"{seconds * 1000:.0f} ms, {size / 1024:,.0f} KiB"
