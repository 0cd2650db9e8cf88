#!/bin/bash
# queue.sh WFR: one that cannot be placed, and its end.
set -euo pipefail
wfr=$1
"$wfr" start out --run run --wait >said.txt 2>&1 &
for _ in {1..300}; do
  ! grep --quiet 'waits in Nomad' said.txt || break
  sleep 0.2
done
cat said.txt
"$wfr" why run a
"$wfr" stop run
wait $! && status=0 || status=$?
((status == 3)) && echo "stopped in time"
"$wfr" status run
for _ in {1..50}; do
  left=$(nomad operator api '/v1/jobs?filter=Status!=%22dead%22' </dev/null | python3 -c 'import json, sys; print(len(json.load(sys.stdin) or []))')
  ((left > 0)) || break
  sleep 0.2
done
echo "left in Nomad: $left"
