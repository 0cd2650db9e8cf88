"""archive.py WFR DIR: `wfr move archive`: the source goes only when all of it is at the destination."""

import os
import subprocess
import time

import trees
from mover import HERE, WFR, move, summary


def moved():
    trees.make(f"{HERE}/src")
    before = trees.describe(f"{HERE}/src")
    told = summary("archive", "src", "far/away/dst")
    print("moved:", told["files"], trees.describe(f"{HERE}/far/away/dst") == before, os.path.exists(f"{HERE}/src"))
    print(move("archive", "src", "far/away/dst", status=1)[1], end="")
    print("again:", summary("archive", "src", "far/away/dst", "--again")["was_there"])
    print(move("archive", "nowhere/x", "y", status=1)[1], end="")
    print("not made:", not os.path.exists(f"{HERE}/nowhere"))
    trees.write(f"{HERE}/file", b"one file")
    move("archive", "file", "far/file")
    print("a file:", os.path.exists(f"{HERE}/file"), os.path.exists(f"{HERE}/far/file"))


def not_removed():
    trees.small(f"{HERE}/kept", 2, 3)
    trees.small(f"{HERE}/other", 1, 1)
    print(move("archive", "kept", "other", status=5)[1], end="")
    os.symlink("kept", f"{HERE}/link")
    print(move("archive", "link", "x", status=5)[1], end="")
    print(move("archive", "kept", "x", "--no-flush", status=2)[1], end="")
    # Already there with the same content: only the source goes.
    move("copy", "kept", "copied")
    before = trees.describe(f"{HERE}/kept")
    # Somebody writes into it while it is copied.
    trees.small(f"{HERE}/busy", 1, 40)
    with subprocess.Popen([WFR, "move", "archive", "busy", "busy2", "--rate", "100kB/s", "--threads", "1"], cwd=HERE, stderr=subprocess.PIPE,
                          text=True) as process:
        while not os.path.exists(f"{HERE}/.busy2.wfr-part/000/0000"):
            time.sleep(0.01)
        trees.write(f"{HERE}/busy/late", b"late")
        print("late:", process.stderr.read().splitlines()[0].rpartition("/")[2], process.wait())
    print("still there:", len(os.listdir(f"{HERE}/busy")), len(os.listdir(f"{HERE}/busy/000")))
    move("archive", "kept", "copied")
    print("the copy counts:", trees.describe(f"{HERE}/copied") == before, os.path.exists(f"{HERE}/kept"))


def main():
    os.makedirs(HERE)
    for part in (moved, not_removed):
        print(f"-- {part.__name__}", flush=True)
        part()
    print("leftovers:", trees.leftovers(HERE))


main()
