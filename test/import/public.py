"""Imports every public workflow that Rocoto loads: it builds back to an equivalent document, or is refused with the construct named.
What is imported is expanded once more by a reader that shares nothing with wfc (test/rocoto/document.py), and its tasks in all cycles
counted against the original's, by what they ask for.

usage: public.py BIN_DIR WORK_DIR

ROCOTO_WORKFLOWS is a folder that holds `valid`.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rocoto"))
import document as rocoto

# What they are refused for; those that are not listed are imported.
REFUSED = {
    "02-AdamSchnapp-task2_workflow.validate.xml": "cycles without a start",
    "08-NOAA-EMC-example.xml": "state=\"RUNNING\"",
    "14-NOAA-EMC-RTMA_3D.xml": "<deadline>",
    "26-bhuang95-NRT-DACycle.xml": "<sh>",
    "28-bhuang95-NRT-prepAODOBS-MODIS.xml": "<not>",
    "30-bhuang95-cycExp_ATMA_warm.xml": "<or>",
    "32-bhuang95-RET_EP4_AeroDA_YesSPE_41M_C96_201712.xml": "<sh>",
    "34-bhuang95-RET_FreeRun_NoEmisStoch_C96_202006_LongFcst.xml": "<sh>",
    "38-bhuang95-chgres_v16.xml": "<sh>",
    "42-haiqinli-new.xml": "<or>",
    "44-haiqinli-noent_c384.xml": "<not>",
    "46-haiqinli-rt_v17_p8_mynn.xml": "<not>",
    "48-kayeekayee-rt_ccpp_c384.xml": "<not>",
    "50-kayeekayee-rt_v17p8_ugwpv1_c3_mynn.xml": "<not>",
    "52-ufs-community-drive_fv3sar_template.xml": "nodes of several kinds",
    "56-zhanglikate-noent_ics.xml": "<not>",
    "58-zhanglikate-v16beta_l64.xml": "uneven times",
}


def asked(task, cycle):
    """Nodes, ranks, threads, seconds and account: what a flow always states."""
    def text(tag):
        element = task.element.first(tag)
        return "" if element is None else rocoto.compound(element, cycle)
    nodes = re.fullmatch(r"(\d+):ppn=(\d+)(?::tpp=(\d+))?", text("nodes"))
    size = (int(nodes[1]), int(nodes[2]), int(nodes[3] or 1)) if nodes else (1, int(text("cores") or 0), 1)
    return (*size, rocoto.seconds(text("walltime")), text("account"), text("queue"))


def expanded(path):
    """How many tasks of all cycles ask for what."""
    document = rocoto.read(path)
    found = collections.Counter()
    for cycle in document.cycles(10000):
        for task in document.tasks:
            if document.is_valid(task, cycle):
                found[asked(task, cycle)] += 1
    return found


def problem(bin_dir, path, work):
    """Empty, or what is wrong; and whether it was imported."""
    flow = work / path.with_suffix(".wf").name
    done = subprocess.run([f"{bin_dir}/wfc", "import", "--all", "--force", "--format=json", path, "-o", flow], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    reports = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    errors = [report["text"] for report in reports if report["severity"] == "error"]
    if path.name in REFUSED:
        named = any(REFUSED[path.name] in error for error in errors)
        return ("" if done.returncode == 1 and named and not flow.exists() else f"is not refused for {REFUSED[path.name]}:\n{done.stdout}"), False
    if done.returncode != 0 or "builds back to an equivalent document" not in done.stdout:
        return done.stdout, False
    out = work / path.stem
    subprocess.run([f"{bin_dir}/wfc", "build", flow, "--target", "rocoto", "--site", flow.with_suffix(".toml"), "-o", out], check=True)
    original, built = expanded(str(path)), expanded(str(out / "workflow.xml"))
    lost = sum(1 for report in reports if " in the cycle " in report["text"])
    missing, more = sum((original - built).values()), sum((built - original).values())
    return ("" if missing == lost and more == 0 else f"{missing} tasks are missing, {lost} were left out, {more} are too many"), True


def main():
    bin_dir, work = sys.argv[1], pathlib.Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    failed = imported = files = 0
    for path in sorted((pathlib.Path(os.environ["ROCOTO_WORKFLOWS"]) / "valid").glob("*.xml")):
        files += 1
        wrong, isImported = problem(bin_dir, path, work)
        imported += isImported
        if wrong:
            failed += 1
            print(f"{path.name}: {wrong}")
    refused = collections.Counter(REFUSED.values())
    print(f"imported {imported} of {files}, refused {sum(refused.values())}: {dict(refused.most_common())}; {failed} wrong")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
