"""policies.py WFC WFR [POLICY…]: the ensemble of this folder with its members of number 2 broken, under each policy."""
import pathlib
import shutil
import subprocess
import sys

wfc, wfr, *policies = sys.argv[1:]
for policy in policies or ["strict", "quorum", "best_effort", "hasty"]:
    for folder in (".wfc", "archive"):
        shutil.rmtree(folder, ignore_errors=True)
    command = [wfc, "run", "ensemble.wf", "--site", "sites/laptop.toml", "-p", f"policy={policy}", "-p", "broken=2"]
    status = subprocess.run(command, capture_output=True).returncode
    run = pathlib.Path(".wfc/ensemble/run")
    archived = sorted(path.name for path in pathlib.Path("archive").iterdir())
    assert not any(name.startswith("2-") for name in archived), archived
    summary = run / "published/summary/summary.csv"
    summed = str(len(summary.read_text().splitlines()) - 1) if summary.exists() else "none"
    # The folder that a failed member was prepared in stays for whoever looks into it.
    kept = sorted(path.name for path in (run / "files/work").iterdir())
    if policy == "hasty":
        print(f"hasty: exit {status}, {'all' if len(archived) > 3 else 'not all'} archived, summed up {summed}, kept {'some' if kept else 'none'}")
    else:
        assert kept == ["2,0.5", "2,1.0"], kept
        print(f"{policy}: exit {status}, archived {len(archived)}, summed up {summed}, kept {len(kept)}")
