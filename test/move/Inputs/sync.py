"""sync.py WFR DIR: `wfr move sync`, looked at from outside."""

import os
import signal
import subprocess
import time

import trees
from mover import HERE, WFR, move, summary

SECOND = 10**9


def told(summary_):
    return {name: summary_[name] for name in ("files", "same", "removed", "skipped")}


def changed_only():
    trees.make(f"{HERE}/src")
    move("sync", "src", "dst")
    trees.same(f"{HERE}/src", f"{HERE}/dst")
    print("nothing to do:", told(summary("sync", "src", "dst")))
    trees.write(f"{HERE}/src/program", b"changed", 0o755, 1_800_000_000 * SECOND)
    trees.write(f"{HERE}/src/new", b"new")
    # Another time alone, another mode alone: nothing is written.
    os.utime(f"{HERE}/src/large", ns=(1, 1_750_000_000 * SECOND))
    os.chmod(f"{HERE}/src/block", 0o600)
    os.unlink(f"{HERE}/src/link")
    os.symlink("elsewhere", f"{HERE}/src/link")
    before = os.stat(f"{HERE}/dst/large").st_ino
    print("some changed:", told(summary("sync", "src", "dst")))
    trees.same(f"{HERE}/src", f"{HERE}/dst")
    print("not rewritten:", os.stat(f"{HERE}/dst/large").st_ino == before)
    # The same size and time, another content: seen only when asked.
    info = os.stat(f"{HERE}/src/large")
    with open(f"{HERE}/src/large", "r+b") as file:
        file.write(b"unseen")
    os.utime(f"{HERE}/src/large", ns=(1, info.st_mtime_ns))
    print("unseen:", told(summary("sync", "src", "dst"))["files"])
    print("seen:", told(summary("sync", "src", "dst", "--by-content"))["files"], trees.differences(f"{HERE}/src", f"{HERE}/dst"))


def too_much():
    trees.small(f"{HERE}/a", 2, 3)
    move("sync", "a", "b")
    trees.write(f"{HERE}/b/extra", b"extra")
    os.unlink(f"{HERE}/a/000/0000")
    move("sync", "a", "b")
    print("kept:", os.path.exists(f"{HERE}/b/extra"), os.path.exists(f"{HERE}/b/000/0000"))
    print("deleted:", told(summary("sync", "a", "b", "--delete")), trees.differences(f"{HERE}/a", f"{HERE}/b"))


def in_the_way():
    trees.small(f"{HERE}/from", 1, 3)
    move("sync", "from", "to")
    trees.write(f"{HERE}/to/000/0000", b"somebody's", mtime=2_000_000_000 * SECOND)
    os.unlink(f"{HERE}/to/000/0001")
    os.makedirs(f"{HERE}/to/000/0001/folder")
    print(move("sync", "from", "to", status=1)[1], end="")
    print("kept:", open(f"{HERE}/to/000/0000").read(), os.path.isdir(f"{HERE}/to/000/0001"))
    move("sync", "from", "to", "--replace")
    trees.same(f"{HERE}/from", f"{HERE}/to")
    trees.write(f"{HERE}/file", b"")
    print(move("sync", "file", "to", status=5)[1], end="")
    print(move("sync", "from", "file", status=5)[1], end="")


def again_and_again():
    """While somebody works in the source; the last pass takes what was left."""
    os.makedirs(f"{HERE}/work")
    trees.write(f"{HERE}/work/old", b"old")
    with subprocess.Popen([WFR, "move", "sync", "work", "kept", "--every", "0.2s", "--until", f"{HERE}/over", "--settle", "1h", "-q"],
                          cwd=HERE) as process:
        wait_for(f"{HERE}/kept/old")
        with open(f"{HERE}/work/fresh", "w") as file:
            file.write("fresh")
        time.sleep(0.5)
        print("left to settle:", not os.path.exists(f"{HERE}/kept/fresh"))
        open(f"{HERE}/over", "w").close()
        print("until a file:", process.wait(60), os.path.exists(f"{HERE}/kept/fresh"))
    for name, end in (("signal", lambda child, other: child.send_signal(signal.SIGTERM)), ("process", lambda child, other: other.terminate())):
        with subprocess.Popen(["sleep", "1000"]) as other, subprocess.Popen(
                [WFR, "move", "sync", "work", f"by-{name}", "--every", "100s", "--until", f"pid:{other.pid}", "-q"], cwd=HERE) as process:
            wait_for(f"{HERE}/by-{name}/fresh")
            trees.write(f"{HERE}/work/last", b"last")
            end(process, other)
            if name == "process":
                other.wait()
            print(f"until a {name}:", process.wait(60), os.path.exists(f"{HERE}/by-{name}/last"))
            other.kill()
        os.unlink(f"{HERE}/work/last")


def wait_for(path):
    for _ in range(600):
        if os.path.exists(path):
            return
        time.sleep(0.1)
    raise SystemExit(f"{path} does not appear")


def at_once():
    """Two at one destination: one of them is refused."""
    trees.write(f"{HERE}/big", os.urandom(1 << 20))
    with subprocess.Popen([WFR, "move", "copy", "big", "once", "--rate", "300kB/s", "-q"], cwd=HERE) as process:
        wait_for(f"{HERE}/.once.wfr-part")
        # Some of it is there.
        while os.stat(f"{HERE}/.once.wfr-part").st_blocks == 0:
            time.sleep(0.01)
        print(move("copy", "big", "once", status=5)[1], end="")
        # A signal: what is there is kept, and gone on with.
        process.send_signal(signal.SIGINT)
        print("stopped:", process.wait(60))
    print("gone on with:", summary("copy", "big", "once")["resumed"]["bytes"] > 0)
    trees.same(f"{HERE}/big", f"{HERE}/once")
    begun = time.monotonic()
    move("copy", "big", "slow", "--rate", "1MB/s")
    print("not faster:", time.monotonic() - begun > 0.7)


def main():
    os.makedirs(HERE)
    for part in (changed_only, too_much, in_the_way, again_and_again, at_once):
        print(f"-- {part.__name__}", flush=True)
        part()
    print("leftovers:", trees.leftovers(HERE))


main()
