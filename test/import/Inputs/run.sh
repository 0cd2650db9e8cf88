#!/bin/bash
# Runs a document by the interpreter of Rocoto, runs the flow that is imported from it, and compares what the two leave.
#
#   run.sh BIN WORK_DIR
set -euo pipefail
bin=$1 work=$2
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
rocoto=$here/../../rocoto
rm -rf "$work"
mkdir -p "$work/hand" "$work/flow"
for way in hand flow; do sed "s#PLACE#$work/$way/made#" "$here/small.xml" >"$work/$way/small.xml"; done

cd "$work/hand"
for ((n = 0; n < 600; n++)); do
  "$rocoto/with" "$rocoto/interpreter/bin/rocotorun" -w small.xml -d small.db >>rocotorun.log 2>&1
  [[ ! -s made/report ]] || break
  sleep 0.5
done

cd "$work/flow"
"$bin/wfc" import small.xml 2>/dev/null
"$bin/wfc" build small.wf --target rocoto --site small.toml -o out >/dev/null 2>&1
timeout 600 "$rocoto/with" "$bin/wfr" start out --run run --wait >log 2>&1 || cat log

diff -r "$work/hand/made" "$work/flow/made"
ls "$work/flow/made"
cat "$work/flow/made/report"
