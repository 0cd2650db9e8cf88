"""What RUN.world names after the program's input is lost at its first attempt: with its node, for which it waits, or with its wrapper."""
import os
import pathlib
import signal
import sys
import time


def lose():
    if sys.argv[1] != "inundate":
        # So long an area is open at least, on the fastest machine too.
        time.sleep(1.5 if sys.argv[1] == "catchments" else 0)
        return
    wish = pathlib.Path("run.world", pathlib.Path(sys.argv[sys.argv.index("--catchment") + 1]).name)
    if not wish.exists():
        return
    how = wish.read_text(encoding="utf-8")
    wish.unlink()
    if how == "node":
        pathlib.Path("run.world/gone").touch()
        time.sleep(600)
    # The parent is the body, and its parent the wrapper.
    body = pathlib.Path(f"/proc/{os.getppid()}/stat").read_text(encoding="utf-8")
    os.kill(int(body.rpartition(")")[2].split()[1]), signal.SIGKILL)
    os._exit(1)
