"""Runs `wfr move` for the tests, and says what it told."""

import json
import subprocess
import sys

WFR, HERE = sys.argv[1], sys.argv[2]


def move(*words, status=0, **options):
    """(standard output, standard error) of a `wfr move` that must end with `status`."""
    done = subprocess.run([WFR, "move", *words], cwd=HERE, capture_output=True, check=False, **options)
    if done.returncode != status:
        raise SystemExit(f"{words}: exit status {done.returncode}, not {status}\n{done.stderr.decode(errors='replace')}")
    return done.stdout.decode(errors="surrogateescape"), done.stderr.decode(errors="replace")


def summary(*words, **more):
    return json.loads(move(*words, "--json", **more)[0])
