"""Audits public workflows, and compares with what was found and looked at by hand.

usage: public.py BIN_DIR

ROCOTO_WORKFLOWS is a folder that holds `valid` and `invalid`, workflows that Rocoto loads and that it refuses. A file that is not in the tables must be sound.
"""

import collections
import json
import os
import pathlib
import subprocess
import sys

# Of those that Rocoto loads. Every finding was looked at; what is not listed is silent.
VALID = {
    # #numk# stands in two variables; the metatask around has no such variable, so jobs get the mark itself.
    "04-EricRogers-NOAA-NAM_wcoss2.xml": {"WF1036": 2},
    # <memory> without content, of which Rocoto warns too, at each submission.
    "08-NOAA-EMC-example.xml": {"WF1038": 5},
    # Cycles that no task names.
    "18-ShunLiu-NOAA-FV3LAM_wflow.xml": {"WF1016": 1},
    "26-bhuang95-NRT-DACycle.xml": {"WF1016": 1},
    # The first cycle has nothing before it, no task of it says so, and none is final: it is never done. `dep` is left over.
    "30-bhuang95-cycExp_ATMA_warm.xml": {"WF1023": 4, "WF1037": 2},
    # 'a','b' in 'quotes': the quotes that a namelist needs are gone.
    "32-bhuang95-RET_EP4_AeroDA_YesSPE_41M_C96_201712.xml": {"WF1042": 1},
    # There is one cycle, and two tasks that wait for the one before it.
    "36-bhuang95-ModelSpinup-1C192-20C192.xml": {"WF1020": 2},
    # Three tasks, each after another and the first after the third of the cycle before: nothing begins. `dep` is left over.
    "42-haiqinli-new.xml": {"WF1024": 1, "WF1037": 2},
    # A template that was not filled in: `_BCNODES_:ppn=1` is 0 nodes to Rocoto.
    "52-ufs-community-drive_fv3sar_template.xml": {"WF1041": 4},
}

# Of those that it refuses: an id that must be there, which says why.
INVALID = {
    "02-NOAA-EMC-workflow.xml": "WF1007",
    "04-NOAA-EMC-workflow.xml": "WF1007",
    "06-NOAA-GSL-test_JKH.xml": "WF1006",
    "08-TingLei-daprediction-2.xml": "WF1009",
    "10-TingLei-daprediction-k2.xml": "WF1009",
    "12-bbakernoaa-workflow_auroragcafs_test.xml": "WF1014",
    "14-dtcenter-FV3SAR_wflow.xml": "WF1014",
    "16-ufs-community-FV3SAR_wflow.xml": "WF1014",
    "18-ufs-community-rocoto-bad.xml": "WF1007",
}


def audit(bin_dir, path):
    done = subprocess.run([f"{bin_dir}/wfc", "audit", "--all", "--format", "json", path], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def main():
    bin_dir, folder = sys.argv[1], pathlib.Path(os.environ["ROCOTO_WORKFLOWS"])
    failed, findings, files = 0, collections.Counter(), 0
    for path in sorted((folder / "valid").glob("*.xml")):
        status, reports = audit(bin_dir, path)
        found = dict(collections.Counter(report["id"] for report in reports))
        hasErrors = any(report["severity"] == "error" for report in reports)
        files += 1
        findings.update(found)
        if found != VALID.get(path.name, {}) or status != int(hasErrors):
            failed += 1
            print(f"{path.name}: found {found}, expected {VALID.get(path.name, {})}, status {status}")
            for report in reports:
                print("   ", report["id"], report.get("line"), report["text"])
    for path in sorted((folder / "invalid").glob("*.xml")):
        status, reports = audit(bin_dir, path)
        if status != 1 or INVALID[path.name] not in {report["id"] for report in reports}:
            failed += 1
            print(f"{path.name}: status {status}, {INVALID[path.name]} is missing")
    print(f"{files} sound to Rocoto, {sum(findings.values())} findings: {dict(sorted(findings.items()))}; {failed} differ")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
