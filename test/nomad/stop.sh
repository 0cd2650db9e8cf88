#!/bin/bash
# stop.sh WFR: stops and goes on, in the folder of the artifacts.
set -euo pipefail
wfr=$1
alive() { nomad operator api "/v1/jobs?prefix=${1-}&filter=Status!=%22dead%22" </dev/null | python3 -c 'import json, sys; print(len(json.load(sys.stdin) or []))'; }
states() {
  "$wfr" status "$1" --json | python3 -c '
import collections, json, sys
counts = collections.Counter(i["state"] for i in json.load(sys.stdin)["instances"])
print(", ".join(f"{counts[s]} {s}" for s in sorted(counts)))'
}
# begun FOLDER COUNT: so many steps have begun.
begun() {
  for _ in {1..300}; do
    [[ ! -e $1/began ]] || (($(wc -l <"$1/began") < $2)) || return 0
    sleep 0.1
  done
  echo "never $2 in $1"
}
until_dead() {
  for _ in {1..100}; do
    (($(alive "$1") > 0)) || break
    sleep 0.2
  done
  printf 'left in Nomad: %s\n' "$(alive "$1")"
}

"$wfr" start out --run run
"$wfr" start out --run other
(
  "$wfr" start out --run run --wait && status=0 || status=$?
  echo "exit $status"
) >waiting.txt 2>&1 &
begun run 3
# It must have attached: one that comes after the wish takes it back.
until grep --quiet 'is at work' waiting.txt; do sleep 0.1; done
"$wfr" stop run
wait $!
cat waiting.txt
"$wfr" status run | head -1
begun other 1
echo "other run goes on"
"$wfr" start out --run run --wait && status=0 || status=$?
echo "exit $status"
"$wfr" status run | head -1
states run

"$wfr" start out --run third | sed 's/^registered \([^ ]*\)-\*;.*/\1/' >tag
begun third 2
nomad job stop -detach "$(<tag)-coordinator" >/dev/null
sleep 1
"$wfr" stop third && status=0 || status=$?
echo "stopped without a coordinator: exit $status"
until_dead "$(<tag)-"
grep --quiet --null-data --line-regexp --fixed-strings "WFR_RUN=$PWD/third" /proc/[0-9]*/environ 2>/dev/null || echo "nothing of the run is alive"
"$wfr" start out --run third --wait && status=0 || status=$?
echo "exit $status"
states third
