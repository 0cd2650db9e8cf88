#!/usr/bin/env python3
"""Changes each thing that artifacts are made from, one at a time, and expects that `wfc build --check` says stale, and the manifest what.

    made.py WFC INPUTS WORK
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path


def build(wfc, folder, *words):
    return subprocess.run([wfc, "build", "flow.wf", "-s", "site.toml", "-o", "out", *words], cwd=folder, capture_output=True, text=True, check=False)


def manifest(folder):
    return json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))


def main():
    wfc, inputs, work = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    for file in ["flow.wf", "other.wf", "members.csv", "site.toml", "-p"]:
        folder = work / file
        shutil.copytree(inputs, folder)
        build(wfc, folder).check_returncode()
        before = manifest(folder)
        fresh = build(wfc, folder, "--check")
        words = ["-p", "last=3"] if file == "-p" else []
        if not words:
            path = folder / file
            path.write_text(path.read_text(encoding="utf-8") + ("\n3,2.5\n" if file.endswith("csv") else "\n"), encoding="utf-8")
        stale = build(wfc, folder, "--check", *words)
        build(wfc, folder, *words).check_returncode()
        after = manifest(folder)
        hashes = [{each["path"]: each["hash"] for each in found["made_from"]} for found in (before, after)]
        changed = sorted(path for path in hashes[1] if hashes[0].get(path) != hashes[1][path])
        print(f"{file}: fresh {fresh.returncode}, then {stale.returncode}; changed {' '.join(changed) or after['params']}")
    print("from", *sorted(hashes[0]), "by wfc", before["wfc"], "for", before["target"], before["site_file"], before["flow"])
    listed = {each["path"] for each in before["artifacts"]} | {"manifest.json"}
    print("lists every artifact:", listed == {str(p.relative_to(folder / "out")) for p in (folder / "out").rglob("*") if p.is_file()})


if __name__ == "__main__":
    main()
