"""room.py WFR DIR: small file systems, forbidden places and terminals. Needs root, and mounts of its own."""

import contextlib
import os
import pty
import subprocess
import threading
import time

import trees
from mover import HERE, WFR, move, summary


@contextlib.contextmanager
def small_disk(options):
    os.makedirs(f"{HERE}/small", exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "wfr-test", f"{HERE}/small"], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", f"{HERE}/small"], check=True)


def too_large():
    os.makedirs(f"{HERE}/large")
    trees.write(f"{HERE}/large/file", os.urandom(20_000_000))
    trees.small(f"{HERE}/many", 1, 299)
    with small_disk("size=8m,nr_inodes=100"):
        print(move("copy", "large", "small/dst", status=5)[1], end="")
        print(move("copy", "many", "small/dst", status=5)[1], end="")
        print("nothing written:", os.listdir(f"{HERE}/small") == [])
        print("packed instead:", summary("pack", "many", "small/many.zip")["forecast"]["new_inodes"] == 1)


def fills_up():
    """Somebody else takes the room while it is copied."""
    trees.small(f"{HERE}/src", 10, 100)
    with small_disk("size=9m"):
        with subprocess.Popen([WFR, "move", "copy", "src", "small/dst", "--rate", "1MB/s"], cwd=HERE, stderr=subprocess.PIPE, text=True) as process:
            while not os.path.exists(f"{HERE}/small/.dst.wfr-part/000/0000"):
                time.sleep(0.01)
            with contextlib.suppress(OSError), open(f"{HERE}/small/other", "wb") as other:
                while True:
                    other.write(b"x" * 4096)
                    other.flush()
            print(process.stderr.read(), end="")
            if process.wait() != 1:
                raise SystemExit(f"exit status {process.returncode}")
        print("not there:", not os.path.exists(f"{HERE}/small/dst"))
        os.unlink(f"{HERE}/small/other")
        print("gone on with:", summary("copy", "src", "small/dst")["resumed"]["files"] > 0)
        trees.same(f"{HERE}/src", f"{HERE}/small/dst")
        print("small/dst: the same")


def not_allowed():
    os.makedirs(f"{HERE}/locked", mode=0o555)
    os.chmod(f"{HERE}/src/000", 0)
    os.chmod(f"{HERE}/src/001/0000", 0)
    # Root without the right to read and write whatever it likes.
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]

    def refused(*words):
        done = subprocess.run([*bound, WFR, "move", *words], cwd=HERE, capture_output=True, text=True, check=False)
        print(done.returncode, done.stderr, end="")

    refused("copy", "src", "dst")
    os.chmod(f"{HERE}/src/000", 0o755)
    refused("copy", "src/001", "dst")
    os.chmod(f"{HERE}/src/001/0000", 0o644)
    refused("copy", "src", "locked/dst")


def terminal():
    """What a person sees, and that it is gone in the end."""
    ours, theirs = pty.openpty()
    seen = []
    reader = threading.Thread(target=lambda: seen.extend(iter(lambda: read(ours), b"")))
    reader.start()
    subprocess.run([WFR, "move", "copy", "src", "slow", "--rate", "2MB/s"], cwd=HERE, stderr=theirs, env={**os.environ, "TERM": "xterm"}, check=True)
    os.close(theirs)
    reader.join()
    text = b"".join(seen)
    lines = text.split(b"\r\x1b[K")
    print("one line:", any(b"copy: " in line and b" of 1,000 files, " in line and b"/s" in line for line in lines) and text.count(b"\n") == 1)
    print("quiet:", subprocess.run([WFR, "move", "copy", "src", "quick", "-q"], cwd=HERE, capture_output=True, check=True).stderr)


def read(fd):
    try:
        return os.read(fd, 4096)
    except OSError:
        return b""


def main():
    os.makedirs(HERE)
    for part in (too_large, fills_up, not_allowed, terminal):
        print(f"-- {part.__name__}", flush=True)
        part()


main()
