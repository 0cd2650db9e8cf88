"""Every example is planned for each of its sites: the sums are those of the families."""
import json
import pathlib
import subprocess
import sys

wfc, examples = sys.argv[1], pathlib.Path(sys.argv[2])
TARGETS = {"ursa": ["slurm"], "cluster": ["slurm", "rocoto"], "laptop": ["local"], "nomad": ["nomad"], "snakemake": ["snakemake"]}
planned = 0
for name in ("aurora", "ensemble", "iwp", "autoeval", "dynvision"):
    for site in sorted((examples / name / "sites").glob("*.toml")):
        for target in TARGETS[site.stem]:
            ran = subprocess.run([wfc, "plan", examples / name / f"{name}.wf", "-t", target, "-s", site, "--format", "json"],
                                 capture_output=True, text=True, timeout=120)
            plan = json.loads(ran.stdout) if ran.returncode == 0 else None
            if plan is None:
                # Not every example can be carried everywhere; that is said, and nothing crashes.
                assert ran.returncode == 1 and '"severity":"error"' in ran.stdout, (name, site, target, ran)
                continue
            planned += 1
            known = [f["instances"] for f in plan["families"] if "n" in f["instances"]]
            assert plan["instances"]["n"] == sum(count["n"] for count in known), (name, target)
            assert plan["found_by_run"] == sum("n" not in f["instances"] for f in plan["families"])
            inside = {f["name"] for f in plan["families"] if f.get("pool")}
            hours = sum(f["once"]["node"] for f in plan["families"] if "once" in f and f["name"] not in inside)
            hours += sum(pool["once"]["node"] for pool in plan["pools"])
            assert abs(plan["hours"]["once"]["node"] - hours) < 1e-6, (name, target, plan["hours"], hours)
            assert plan["hours"]["ceiling"]["node"] >= hours - 1e-6
            assert (plan["calls"] != []) == (target not in ("local", "snakemake") or "cluster" in site.stem)
            assert ran.stdout == subprocess.run(ran.args, capture_output=True, text=True).stdout
assert planned >= 15, planned
print(f"{planned} plans")
