"""The tree-sitter grammar as its own command line sees it: tree_sitter.py TREE-SITTER ROOT WFC-PARSE WORK

It reads every text that the compiler's grammar reads, its corpus has the trees that are written there, and its queries name what they should.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

program, root, parse, work = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
folder = work / "grammar"
shutil.copytree(root / "editors/tree-sitter-wf", folder, ignore=shutil.ignore_patterns("src"))
# What it compiles stays here.
env = {**os.environ, "TREE_SITTER_LIBDIR": str(work / "lib"), "HOME": str(work), "XDG_CONFIG_HOME": str(work)}


def tool(*words, check=True):
    done = subprocess.run([program, *words], cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if check and done.returncode != 0:
        sys.exit(f"tree-sitter {' '.join(words)}:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def accepted():
    """The texts without a mistake of syntax."""
    found = []
    for place in ("test", "examples", "stdlib", "targets"):
        for path in sorted((root / place).rglob("*.wf")):
            if subprocess.run([parse, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0:
                found.append(str(path))
    return found


def captures(query, text):
    """What each place is: of several patterns the last one counts, as editors have it."""
    seen, pattern = {}, 0
    for line in tool("query", f"queries/{query}.scm", text).splitlines():
        if match := re.search(r"pattern: (\d+)", line):
            pattern = int(match[1])
        elif match := re.search(r"capture: (?:\d+ - )?([\w.]+), start: \((\d+), (\d+)\), end: \((\d+), \d+\)(?:, text: `(.*)`)?", line):
            name, row, column, last, word = match.groups()
            where = int(row) + 1, int(column), word or f"to line {int(last) + 1}"
            seen[where] = max(seen.get(where, (0, "")), (pattern, name))
    return [f"{line} {word}: {name}" for (line, _, word), (_, name) in sorted(seen.items())]


tool("generate")
texts = accepted()
(work / "paths").write_text("\n".join(texts) + "\n")
wrong = [line.split()[0] for line in tool("parse", "--quiet", "--paths", str(work / "paths"), check=False).splitlines() if "ERROR" in line or "MISSING" in line]
print("texts read:", "all" if not wrong and len(texts) > 200 else f"not {wrong} of {len(texts)}")
tool("test")
print("corpus: passed")
sample = str(root / "test/editors/Inputs/sample.wf")
for query in ("highlights", "injections", "folds", "locals", "indents"):
    print(f"== {query}", *captures(query, sample), sep="\n")
