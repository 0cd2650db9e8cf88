"""A sweep of a million is planned as quickly as one of ten, and counted."""
import json
import subprocess
import sys
import time

wfc, flow, site = sys.argv[1:]
took = {}
for n in (10, 1_000_000):
    began = time.monotonic()
    # Were its members looked at one by one, a million would take longer than this by far.
    text = subprocess.run([wfc, "plan", flow, "-s", site, "-p", f"n={n}", "--format", "json"], check=True,
                          capture_output=True, timeout=60).stdout
    took[n] = time.monotonic() - began
    plan = json.loads(text)
    assert plan["instances"] == {"how": "exactly", "n": n}, plan["instances"]
    assert plan["hours"]["once"]["core"] == 2 * n and plan["peak"]["instances"] == n
print({n: round(seconds, 3) for n, seconds in took.items()})
