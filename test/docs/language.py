#!/usr/bin/env python3
"""Compiles every example of a page, or checks (writes, with --write) the table of builtin functions of docs/language.md.

    language.py examples WFC DIR [PAGE…]
                                       the blocks, one `wfc check` each, in DIR; of docs/language.md if no page is named
    language.py functions [--write]    the table against compiler/ir/builtins.cpp

A block is marked by the word behind its fence: `wf` must pass without a report, `wf-error ID` must give exactly reports of
this id, `wf-part` is a fragment that nobody reads. `wf NAME` and `csv NAME` are files that later blocks find beside them
(a `.wf` is checked too); words like `-p name=value` are given to `wfc check`.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "language.md"
FENCE = re.compile(r"^```([a-z-]*) ?(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BEGIN, END = "<!-- functions:", "<!-- end of functions -->"


def blocks(text):
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield line, match[1], match[2].split(), match[3]


def reports(wfc, folder, name, flags):
    """The ids that `wfc check` reports, and its exit status."""
    done = subprocess.run(
        [wfc, "check", name, "--shellcheck=never", "--format", "json", *flags], cwd=folder, capture_output=True, text=True, check=False
    )
    found = [json.loads(line) for line in (done.stdout + done.stderr).splitlines() if line.startswith("{")]
    return [(each.get("id"), each.get("message", "")) for each in found if each.get("id")], done.returncode


def wrong(kind, words, found, status):
    """Why a block is not what its mark says, or nothing."""
    ids = {each for each, _ in found}
    if kind == "wf-error":
        if ids == set(words) and status == 1:
            return ""
        return f"should give exactly {words[0]}, and gives {sorted(ids) or 'nothing'} (status {status})"
    if found or status:
        return f"should pass, and gives {found or 'nothing'} (status {status})"
    return ""


def check_examples(wfc, folder, page):
    folder.mkdir(parents=True, exist_ok=True)
    counts = {"wf": 0, "wf-error": 0, "wf-part": 0}
    failures = []
    for line, kind, words, text in blocks(page.read_text(encoding="utf-8")):
        is_file = len(words) == 1 and kind != "wf-error"
        name = words[0] if is_file else "example.wf"
        if is_file or kind in counts:
            (folder / name).write_text(text, encoding="utf-8")
        if kind not in counts:
            continue
        counts[kind] += 1
        if kind == "wf-part":
            continue
        flags = [] if is_file or kind == "wf-error" else words
        found, status = reports(wfc, folder, name, flags)
        if why := wrong(kind, words, found, status):
            failures.append(f"{page.name}:{line}: {why}")
    print("\n".join(failures))
    print(f"{page.name}: " + "{wf} pass, {wf-error} are reported, {wf-part} fragments".format(**counts))
    enough = counts["wf"] > (30 if page == DOCS else 1) and counts["wf-part"] * 10 <= sum(counts.values())
    return 0 if enough and not failures else 1


def function_table():
    source = (ROOT / "compiler" / "ir" / "builtins.cpp").read_text(encoding="utf-8")
    rows = re.findall(r'\{\{"\w+",\s*"([^"]+)",\s*"([^"]+)"\}', source)
    lines = [f"| `{signature}` | {doc} |" for signature, doc in rows]
    return "\n".join(["", "| function | |", "|---|---|", *lines, ""])


def check_functions(write):
    text = DOCS.read_text(encoding="utf-8")
    begin = text.index("\n", text.index(BEGIN)) + 1
    end = text.index(END)
    wanted = text[:begin] + function_table() + "\n" + text[end:]
    if write:
        DOCS.write_text(wanted, encoding="utf-8")
    elif wanted != text:
        print("docs/language.md: the table of functions is stale; test/docs/language.py functions --write")
        return 1
    return 0


def main(arguments):
    if arguments[:1] == ["examples"] and len(arguments) >= 3:
        pages = [Path(page) for page in arguments[3:]] or [DOCS]
        return max(check_examples(arguments[1], Path(arguments[2]) / page.stem, page) for page in pages)
    if arguments[:1] == ["functions"] and arguments[1:] in ([], ["--write"]):
        return check_functions(bool(arguments[1:]))
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
