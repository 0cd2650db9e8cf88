#!/usr/bin/env python3
"""Counts the results of a lit run and prints them as one line, the last of `./dev test`.

Unsupported tests are skipped, a line for each feature that they lack, so that a skipped engine is seen.
An expected failure that passes is a failure: what was asserted to be wrong no longer is.
"""

import json
import sys

PASSED = {"PASS", "FLAKYPASS", "XFAIL"}
SKIPPED = {"UNSUPPORTED", "SKIPPED", "EXCLUDED"}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        tests = json.load(file)["tests"]
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    lacking = {}
    for test in tests:
        code = test["code"]
        if code in PASSED:
            counts["passed"] += 1
            if code == "FLAKYPASS":
                print(f"passed at the second try only: {test['name']}\n{test['output']}")
        elif code in SKIPPED:
            counts["skipped"] += 1
            if code == "UNSUPPORTED":
                why = test["output"].rpartition("features: ")[2].strip() or "it"
                lacking.setdefault(why, []).append(test["name"].rpartition(" :: ")[2])
        else:
            counts["failed"] += 1
            print(f"failed: {test['name']}")
    for why, names in sorted(lacking.items()):
        print(f"skipped without {why}: {', '.join(names)}")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 0 if counts["failed"] == 0 and counts["passed"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
