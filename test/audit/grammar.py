"""The examples of the catalogue, validated by Rocoto's own grammar: it takes every good one, refuses the bad ones of ids up to
WF1014, and takes those beyond in silence: this is what an audit is for.

usage: grammar.py WORK_DIR; ROCOTO_SCHEMA is the folder of the grammar
"""

import os
import pathlib
import re
import subprocess
import sys
import tomllib

CATALOG = pathlib.Path(__file__).resolve().parents[2] / "compiler/diag/catalog/audit.toml"
# Not well-formed, or with files beside.
NOT_ASKED = {"WF1001", "WF1002", "WF1003", "WF1004"}
# An attribute of the grammar that nothing reads.
TAKEN = {"WF1013"}


def document(text):
    return re.search(r"//--- workflow\.xml\n(.*?)(?=^//--- |\Z)", text, re.S | re.M)[1]


def main():
    schema, work = pathlib.Path(os.environ["ROCOTO_SCHEMA"]) / "schema_with_metatasks.rng", pathlib.Path(sys.argv[1])
    work.mkdir(parents=True, exist_ok=True)
    failed = asked = 0
    for ident, entry in tomllib.loads(CATALOG.read_text(encoding="utf-8")).items():
        if not ident.startswith("WF10") or ident in NOT_ASKED:
            continue
        for kind in ("good", "bad"):
            path = work / f"{ident}.{kind}.xml"
            path.write_text(document(entry[kind]), encoding="utf-8")
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
