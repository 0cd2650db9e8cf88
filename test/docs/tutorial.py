#!/usr/bin/env python3
"""Does what a page says: writes its files and runs its commands, in order, in one folder, and compares what they print.

    tutorial.py BIN PAGE FOLDER

A block `LANGUAGE NAME` is a file. In a block `console` a line that begins with `$ ` is a command, run by bash with BIN first on PATH, and the
lines behind it are what it prints, on both outputs. A line `…` stands for any lines, and `…` in a line for any text; nothing else varies. A
command must end with status 0.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

FENCE = re.compile(r"^```([a-z]+) ?(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pattern(shown):
    """The regular expression for what is shown."""
    lines = [r"(?:[^\n]*\n)*?" if line == "…" else re.escape(line).replace("…", "[^\n]*") + r"\n" for line in shown]
    return re.compile("".join(lines) + r"\Z")


def commands(text):
    """Each command, and the lines shown behind it."""
    for piece in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *shown = piece.splitlines()
        yield command, shown


def run(command, folder, path):
    env = {"PATH": f"{path}:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    return subprocess.run(["bash", "-c", command], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=300, check=False)


def main():
    path, page, folder = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    os.makedirs(folder)
    count = {"files": 0, "commands": 0}
    text = page.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        language, name, body = match.groups()
        if language != "console":
            (folder / name).write_text(body, encoding="utf-8")
            count["files"] += 1
            continue
        for command, shown in commands(body):
            done = run(command, folder, path)
            count["commands"] += 1
            if done.returncode != 0 or not pattern(shown).match(done.stdout):
                line = text.count("\n", 0, match.start()) + 1
                shown = "\n".join(shown)
                sys.exit(f"{page}:{line}: `{command}` ended with {done.returncode} and printed\n{done.stdout}--- and the page shows\n{shown}")
    print(f"{page.name}: {count['commands']} commands, {count['files']} files")


if __name__ == "__main__":
    main()
