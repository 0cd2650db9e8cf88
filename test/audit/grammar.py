"""The examples of the catalogue, validated by Rocoto's own grammar: it takes every good one, refuses the bad ones of ids up to
WF1014, and takes those beyond in silence: this is what an audit is for.

usage: grammar.py WORK_DIR; ROCOTO_SCHEMA is the folder of the grammar
"""

import os
import pathlib
import subprocess
import sys

from examples import TAKEN, examples

# Not well-formed, or with files beside.
NOT_ASKED = {"WF1001", "WF1002", "WF1003", "WF1004"}


def main():
    schema = pathlib.Path(os.environ["ROCOTO_SCHEMA"]) / "schema_with_metatasks.rng"
    failed = asked = 0
    for ident, kind, path in examples(pathlib.Path(sys.argv[1])):
        if ident in NOT_ASKED:
            continue
        done = subprocess.run(["xmllint", "--noout", "--noent", "--relaxng", schema, path], stderr=subprocess.PIPE, text=True)
        isRefused = kind == "bad" and ident <= "WF1014" and ident not in TAKEN
        asked += 1
        if (done.returncode != 0) != isRefused:
            failed += 1
            print(f"{ident} {kind}: {'taken' if done.returncode == 0 else 'refused'}\n{done.stderr}")
    print(f"{asked} documents, {failed} judged otherwise")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
