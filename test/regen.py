#!/usr/bin/env python3
"""Rewrites everything that is generated and checked in, or says with --check what would change.

STEPS is the one list. A step is a function of the build's bin folder that returns {path: bytes} for the
files it owns, paths relative to the root; a step that owns a whole folder names it in OWNED, so that a
file it no longer makes is found too.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
OWNED = []


def diagnostics(bin_dir):
    catalogs = sorted((ROOT / "compiler/diag/catalog").glob("*.toml"))
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "diagnostics.md"
        subprocess.run([bin_dir / "wfc-catalog", "--docs", out, *catalogs], check=True)
        return {"docs/diagnostics.md": out.read_bytes()}


def pages(bin_dir):
    """What wfc itself prints of docs/."""
    return {f"docs/{page}.md": subprocess.run([bin_dir / "wfc", "docs", page], stdout=subprocess.PIPE, check=True).stdout
            for page in ("targets", "stdlib")}


def renderings(bin_dir):
    files = {}
    for script in sorted((ROOT / "test/diag/Inputs").glob("*/script")):
        for form in ("text", "colour", "json", "sarif", "github"):
            done = subprocess.run([bin_dir / "wfc-render", script, form], stdout=subprocess.PIPE)
            files[(script.parent / f"{form}.out").relative_to(ROOT).as_posix()] = done.stdout
    return files


def trees(bin_dir):
    files = {}
    for path in sorted((ROOT / "test/syntax/Inputs").glob("*/*.wf")):
        done = subprocess.run([bin_dir / "wfc-parse", path], stdout=subprocess.PIPE)
        files[path.with_suffix(".out").relative_to(ROOT).as_posix()] = done.stdout
    return files


# The examples' artifacts: flow, target, site, and the folder they are checked in under.
BUILDS = [
    ("examples/aurora/aurora.wf", "local", "examples/aurora/sites/laptop.toml", "examples/aurora/out/local"),
    ("examples/aurora/aurora.wf", "slurm", "examples/aurora/sites/ursa.toml", "examples/aurora/out/slurm"),
    ("examples/aurora/aurora.wf", "snakemake", "examples/aurora/sites/snakemake.toml", "examples/aurora/out/snakemake"),
    ("examples/aurora/aurora.wf", "rocoto", "examples/aurora/sites/ursa.toml", "examples/aurora/out/rocoto"),
    ("examples/aurora/aurora.wf", "nomad", "examples/aurora/sites/nomad.toml", "examples/aurora/out/nomad"),
]
SITES = {"local": "laptop", "slurm": "cluster", "rocoto": "cluster", "nomad": "nomad", "snakemake": "snakemake"}
BUILDS += [(f"examples/{name}/{flow}.wf", target, f"examples/{name}/sites/{site}.toml", f"examples/{name}/out/{target}")
           for name, flow in (("dynvision", "dynvision"), ("ensemble", "ensemble"))
           for target, site in SITES.items()]
BUILDS += [("examples/aurora/aurora-torch.wf", target, f"examples/aurora/sites/{site}.toml", f"examples/aurora/out/torch/{target}")
           for target, site in {**SITES, "slurm": "ursa", "rocoto": "ursa"}.items()]
BUILDS += [(f"examples/iwp/{flow}.wf", target, f"examples/iwp/sites/{SITES[target]}.toml", f"examples/iwp/out/{under}{target}")
           for flow, under, targets in (("iwp", "", ("local", "slurm")), ("iwp-shared", "shared/", SITES))
           for target in targets]
BUILDS += [(f"examples/autoeval/{flow}.wf", target, f"examples/autoeval/sites/{SITES[target]}.toml",
            f"examples/autoeval/out/{under}{target}")
           for flow, under, targets in (("autoeval", "", ("local", "slurm", "nomad")),
                                        ("autoeval-plain", "plain/", ("local", "slurm", "rocoto", "nomad", "snakemake")))
           for target in targets]
OWNED += [folder for *_, folder in BUILDS]


def examples(bin_dir):
    """Built where they are checked in, because the manifest says where the flow lies from there."""
    files = {}
    for flow, target, site, folder in BUILDS:
        with tempfile.TemporaryDirectory(dir=(ROOT / flow).parent) as work:
            out = pathlib.Path(work) / "out"
            subprocess.run([bin_dir / "wfc", "build", flow, "--target", target, "--site", site, "-o", out],
                           cwd=ROOT, check=True, capture_output=True)
            files.update({f"{folder}/{p.relative_to(out).as_posix()}": p.read_bytes()
                          for p in sorted(out.rglob("*")) if p.is_file()})
    return files


def graphs(bin_dir):
    files = {}
    for name, flow in (("aurora", "aurora"), ("dynvision", "dynvision"), ("ensemble", "ensemble"), ("iwp", "iwp"),
                       ("autoeval", "autoeval")):
        done = subprocess.run([bin_dir / "wfc", "graph", f"examples/{name}/{flow}.wf"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
        files[f"examples/{name}/graph.svg"] = done.stdout
    return files


DEFECTS = """# Defects of real systems

Five systems that run at real centres were read from their sources: Aurora (a forecast model trained on and on, by Rocoto), IWP (tiles of
the arctic, by Ray on SLURM), autoeval (flood maps, by Nomad), the model ensembler (ensembles of models, on SLURM) and DynVision (a sweep
of trainings, by Snakemake). These are the mistakes that were found in them, and what becomes of each here; the folder holds it in
our language, as its author would have meant it, the right way beside it, and the test. *Refused*: it does not compile, or draws a warning
at the place. *Right*: what is made of it is right. *Run*: the run gets it right, with the fault made to happen. *Replaced*: it cannot be
said, and what stands in its place is tested. Generated from the heads of the tests by `./dev regen`.

| | system | what was wrong | what happens here |
|---|---|---|---|
"""


def defects(_):
    """A row for each folder of test/defects, from the first two lines of its test."""
    names = {ident: entry["name"] for path in (ROOT / "compiler/diag/catalog").glob("*.toml")
             for ident, entry in tomllib.loads(path.read_text(encoding="utf-8")).items()}
    rows = {}
    for test in (ROOT / "test/defects").glob("D*/defect.test"):
        head = test.read_text(encoding="utf-8").splitlines()[:2]
        number, system, wrong = re.fullmatch(r"# D(\d+), (.+?): (.+)", head[0]).groups()
        kind, why = re.fullmatch(r"# (Refused|Right|Run|Replaced): (.+)", head[1]).groups()
        marks = {ident for path in test.parent.iterdir() if path.suffix in (".wf", ".toml")
                 for ident in re.findall(r"\^ (WF\d{4}) ", path.read_text(encoding="utf-8"))}
        links = ", ".join(f"[{ident}](diagnostics.md#{names[ident]})" for ident in sorted(marks))
        folder = f"[D{number}](../test/defects/{test.parent.name})"
        rows[int(number)] = f"| {folder} | {system} | {wrong} | *{kind}*{f' ({links})' if links else ''}. {why} |"
    table = "\n".join(row for _, row in sorted(rows.items()))
    return {"docs/defects.md": f"{DEFECTS}{table}\n".encode()}


def grammars(_):
    sys.path.insert(0, str(ROOT / "editors"))
    import grammars as made  # pylint: disable=import-outside-toplevel
    return {path: text.encode() for path, text in made.files().items()}


STEPS = [examples, graphs, trees, diagnostics, pages, renderings, defects, grammars]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail on a difference")
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    bin_dir = (ROOT / options.build / "bin").resolve()

    wanted = {}
    for step in STEPS:
        wanted.update(step(bin_dir))
    changed = [path for path, data in sorted(wanted.items())
               if not (ROOT / path).is_file() or (ROOT / path).read_bytes() != data]
    for folder in OWNED:
        present = (p.relative_to(ROOT).as_posix() for p in (ROOT / folder).rglob("*") if p.is_file())
        changed += [path for path in sorted(present) if path not in wanted]

    for path in changed:
        print(f"{'stale' if options.check else 'rewritten'}: {path}")
        if options.check:
            continue
        if path not in wanted:
            (ROOT / path).unlink()
            continue
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_bytes(wanted[path])
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
