#!/usr/bin/env python3
"""Rewrites everything that is generated and checked in, or says with --check what would change.

STEPS is the one list. A step is a function of the build's bin folder that returns {path: bytes} for the
files it owns, paths relative to the root; a step that owns a whole folder names it in OWNED, so that a
file it no longer makes is found too.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
OWNED = []


def diagnostics(bin_dir):
    catalogs = sorted((ROOT / "compiler/diag/catalog").glob("*.toml"))
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "diagnostics.md"
        subprocess.run([bin_dir / "wfc-catalog", "--docs", out, *catalogs], check=True)
        return {"docs/diagnostics.md": out.read_bytes()}


def targets(bin_dir):
    done = subprocess.run([bin_dir / "wfc", "docs", "targets"], stdout=subprocess.PIPE, check=True)
    return {"docs/targets.md": done.stdout}


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
OWNED += [folder for *_, folder in BUILDS]


def examples(bin_dir):
    """Built where they are checked in, because the manifest says where the flow lies from there."""
    files = {}
    for flow, target, site, folder in BUILDS:
        with tempfile.TemporaryDirectory(dir=(ROOT / flow).parent) as work:
            out = pathlib.Path(work) / "out"
            subprocess.run([bin_dir / "wfc", "build", flow, "--target", target, "--site", site, "-o", out],
                           cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            files.update({f"{folder}/{p.relative_to(out).as_posix()}": p.read_bytes()
                          for p in sorted(out.rglob("*")) if p.is_file()})
    return files


def graphs(bin_dir):
    done = subprocess.run([bin_dir / "wfc", "graph", "examples/aurora/aurora.wf"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return {"examples/aurora/graph.svg": done.stdout}


STEPS = [examples, graphs, trees, diagnostics, targets, renderings]


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
