#!/bin/bash
# drift.sh WFR: changes what is registered for a run, then lets it end, and goes back in it.
set -euo pipefail
wfr=$1
drift() {
  "$wfr" drift "$@" && status=0 || status=$?
  echo "exit $status"
}
attempts() {
  "$wfr" status run --json | python3 -c '
import json, sys
print("; ".join(i["id"] + ": " + ", ".join(a["outcome"] for a in i["attempts"]) for i in json.load(sys.stdin)["instances"]))'
}
"$wfr" start out --run run >started
for _ in {1..300}; do [[ ! -e run/began ]] || break; sleep 0.1; done
drift run
# Its job, and the allocation of it, lead to the instance from anywhere.
dispatched=$("$wfr" status run --json | python3 -c '
import json, sys
print(next(a["job"] for i in json.load(sys.stdin)["instances"] if i["id"] == "a" for a in i["attempts"]))')
allocation=$(nomad operator api "/v1/job/$dispatched/allocations" </dev/null | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["ID"])')
for id in "$dispatched" "$allocation"; do
  (cd / && "$wfr" why "$id") 2>&1 | sed -n 1,2p
done
job=$(sed 's/^registered \([^ ]*\)-\*;.*/\1/' started)-a
nomad operator api "/v1/job/$job" </dev/null >job.json
python3 -c '
import json
job = json.load(open("job.json"))
job["TaskGroups"][0]["Tasks"][0]["Resources"]["MemoryMB"] = 99
json.dump({"Job": job}, open("job.json", "w"))'
nomad operator api -X POST /v1/jobs <job.json >/dev/null
drift run
drift run --artifacts later
touch run/go
"$wfr" start out --run run --wait >/dev/null && status=0 || status=$?
echo "exit $status"
drift run
"$wfr" retry run >/dev/null
"$wfr" start out --run run --wait >/dev/null || true
echo "retried: $(attempts)"
"$wfr" rewind run a >/dev/null
"$wfr" start out --run run --wait >/dev/null || true
echo "rewound: $(attempts)"
