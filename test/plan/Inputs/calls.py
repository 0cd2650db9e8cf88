"""The first count of sbatch in a plan for SLURM, beside what `wfr plan-submission` would submit, a sweep and an end job."""
import json
import pathlib
import subprocess
import sys

wfc, wfr, out, site, *flows = sys.argv[1:]
compared = 0
for flow in flows:
    own = pathlib.Path(flow).parent / "sites"
    site_of = next((str(own / name) for name in ("ursa.toml", "cluster.toml") if (own / name).exists()), site)
    made = subprocess.run([wfc, "build", flow, "-t", "slurm", "-s", site_of, "-o", out, "--shellcheck", "never"], capture_output=True)
    if made.returncode != 0:
        continue  # a module, or nothing for SLURM
    plan = json.loads(subprocess.run([wfc, "plan", flow, "-t", "slurm", "-s", site_of, "--format", "json"], check=True,
                                     capture_output=True).stdout)
    lines = subprocess.run([wfr, "plan-submission", out], check=True, capture_output=True, text=True).stdout.splitlines()
    arrays = sum(line.startswith("sbatch ") for line in lines)
    call = plan["calls"][0]
    assert call["program"] == "sbatch" and call["least"] == call["most"] == arrays + 2, (flow, call, arrays)
    compared += 1
assert compared >= 10, compared
print(f"{compared} flows")
