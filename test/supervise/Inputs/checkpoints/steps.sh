wfc=$1 wfr=$2
supervise() { "$wfr" supervise --settle 0.1s --checkpoint 'saved/step-*.txt' -- python3 count.py saved "$@" 2>said; }
supervise 20 0.01
supervise 40 0.01
echo "latest.txt leads to $(readlink saved/latest.txt)"
# A file's BLAKE3, and not a hash of our own.
python3 - <<'PY'
import subprocess
print("as b3sum says:", sum(len(line.split("  ")[0]) == 64 for line in open("saved/latest.txt.b3")))
PY
echo 7 >saved/step-040.txt
supervise 30 0.01 | sed 's/^/then: /' >then
sed 's/^wfr: //' said | head -1
sed 's/^then: //' then
echo slices
"$wfc" build train.wf -o out && "$wfr" start out --run run --wait >log 2>&1 || cat log
"$wfr" status run --json | python3 -c '
import json, sys
for attempt in json.load(sys.stdin)["instances"][0]["attempts"]:
    print(attempt["outcome"] + (", a slice" if attempt.get("slice") else ""))'
grep --no-filename --only-matching 'from .*\|it has saved.*' run/logs/model/*.log
