"""The examples of the catalogue, given to the real Rocoto: it loads every good one; of the bad ones it refuses those that are wrong in
form, and takes the others in silence. What a cycle string is said to become is what Rocoto makes of it.

usage: real.py BIN_DIR WORK_DIR; ROCOTO_HOME is where Rocoto is
"""

import json
import os
import pathlib
import re
import subprocess
import sys

from examples import TAKEN, examples

ROOT = pathlib.Path(__file__).resolve().parents[2]
REFUSED = {"WF1034", "WF1035"}


def main():
    bin_dir, work = sys.argv[1], pathlib.Path(sys.argv[2])
    failed = asked = compared = 0
    for ident, kind, path in examples(work):
        done = subprocess.run(["ruby", ROOT / "test/rocoto/expansion.rb", os.environ["ROCOTO_HOME"], path, "2"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        isWrong = ident in REFUSED or (ident <= "WF1014" and ident not in TAKEN)
        asked += 1
        if (done.returncode != 0) != (kind == "bad" and isWrong):
            failed += 1
            print(f"{ident} {kind}: {'refused' if done.returncode else 'taken'}\n{done.stderr[:500]}")
        if kind == "bad" and ident in ("WF1025", "WF1026"):
            said = subprocess.run([f"{bin_dir}/wfc", "audit", "--format=json", path], stdout=subprocess.PIPE, text=True)
            becomes = re.search(r"becomes `(.*)`$", json.loads(said.stdout.splitlines()[0])["text"])[1]
            compared += 1
            if json.dumps(becomes)[1:-1] not in done.stdout:
                failed += 1
                print(f"{ident}: `{becomes}` is not what Rocoto makes:\n{done.stdout}")
    print(f"{asked} documents, {compared} strings, {failed} judged otherwise")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
