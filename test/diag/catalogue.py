#!/usr/bin/env python3
"""Compiles the examples of the catalogue: each `bad` must be reported under exactly its own id, with the
exit status its severity asks for, and each `good` must pass in silence.

usage: catalogue.py STAGE BIN_DIR WORK_DIR
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tomllib

CATALOG = pathlib.Path(__file__).resolve().parents[2] / "compiler/diag/catalog"


def write_files(text, folder):
    """Puts the files of an example into a folder; returns the one to check."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    name, files = "main.wf", {}
    for line in text.splitlines(keepends=True):
        mark = re.match(r"//--- (\S+)\s*$", line)
        if mark:
            name = mark.group(1)
            files[name] = ""
        else:
            files[name] = files.get(name, "") + line
    # What precedes the first mark is usually nothing.
    files = {name: body for name, body in files.items() if body.strip() or name != "main.wf"}
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(body, encoding="utf-8")
    return next((name for name in files if name.endswith(".wf")), "main.wf")


def run(entry, text, bin_dir, folder):
    """The ids reported, the exit status and the whole output."""
    env = dict(os.environ, PATH=f"{bin_dir}:{os.environ['PATH']}", NO_COLOR="1")
    if entry.get("shell"):
        folder.mkdir(parents=True, exist_ok=True)
        command = ["sh", "-c", text]
    else:
        main = write_files(text, folder)
        # What shellcheck says depends on the machine.
        command = ["wfc", "check", main, "--shellcheck=never"]
        if entry["stage"] == "audit":
            command = ["wfc", "audit", *(p.name for p in sorted(folder.iterdir()) if p.suffix not in (".toml", ".ent"))]
        command += ["--format=json", *shlex.split(entry.get("args", ""))]
        command[0] = os.path.join(bin_dir, "wfc")
    done = subprocess.run(command, cwd=folder, env=env, text=True, errors="replace", timeout=60,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if entry.get("shell"):
        ids = set(re.findall(r"\[(WF\d{4})\]", done.stdout))
    else:
        ids = set()
        for line in done.stdout.splitlines():
            try:
                ids.add(json.loads(line)["id"])
            except (ValueError, KeyError, TypeError):
                ids.add(f"not JSON: {line}")
    return ids, done.returncode, done.stdout


def problems(ident, entry, bin_dir, work):
    ids, status, output = run(entry, entry["bad"], bin_dir, work / ident / "bad")
    if ids != {ident}:
        yield f"{ident} bad: reported {sorted(ids) or 'nothing'}\n{output}"
    is_error = entry["severity"] == "error"
    expected = {1, 2} if entry.get("shell") and is_error else {1} if is_error else {0}
    if status not in expected:
        yield f"{ident} bad: exit status {status}\n{output}"
    ids, status, output = run(entry, entry["good"], bin_dir, work / ident / "good")
    if ids or status != 0:
        yield f"{ident} good: reported {sorted(ids) or 'nothing'}, exit status {status}\n{output}"


def main():
    stage, bin_dir, work = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    entries = tomllib.loads((CATALOG / f"{stage}.toml").read_text(encoding="utf-8"))
    failed = 0
    for ident, entry in entries.items():
        if entry.get("runtime"):
            continue
        entry["stage"] = stage
        for problem in problems(ident, entry, bin_dir, work):
            print(problem)
            failed += 1
    print(f"{stage}: {len(entries)} entries, {failed} problems")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
