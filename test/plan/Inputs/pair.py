"""What the plan of pair.wf says, beside what was counted by hand."""
import json
import sys

plan = json.load(open(sys.argv[1]))
families = {family["name"]: family for family in plan["families"]}
MiB = 1 << 20
# 1 + 2 + 3 + 4 cores and tens of MiB; the condition leaves n = 2 and 3 of the other.
assert families["a"]["once"] == {"wall": 4, "node": 4, "core": 10, "gpu": 0}, families["a"]
assert families["a"]["bytes"] == {"stated": 100 * MiB, "parts": 4, "not_stated": 0}
assert families["d"]["instances"] == {"how": "exactly", "n": 2}
assert families["d"]["once"]["core"] == 5
assert families["b"]["bytes"] == {"stated": 0, "parts": 0, "not_stated": 4}
assert plan["instances"] == {"how": "exactly", "n": 14}
assert plan["bytes"]["stated"] == 150 * MiB and plan["bytes"]["not_stated"] == 8
# Four chains a, b, c, and two more beside them; all of a and of d together are 15 cores.
assert plan["peak"]["instances"] == 6 and plan["peak"]["cores"] == 15, plan["peak"]
assert plan["critical_path"]["hours"] == 2
assert [step["families"][0]["name"] for step in plan["critical_path"]["steps"]] == ["a", "b", "c"]
assert families["c"]["start"] == 1.5 and families["c"]["end"] == 2
assert plan["work"] is True and plan["target"] == "local" and len(plan["artifact"]) == 64
