#!/bin/bash
# Submits the scripts of Inputs/chain as their submit.sh does, runs the flow that is imported from them, and compares what the
# two leave.
#
#   import.sh BIN KEY
set -euo pipefail
bin=$1 key=$2
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
dir=$("$here/cluster" "$key")
# shellcheck source=/dev/null
. "$dir/env.sh"
scene=$(mktemp -d "$dir/home/import.XXXXXX")
trap 'rm -rf "$scene"' EXIT
cp -r "$here/Inputs/chain" "$scene/hand"
cp -r "$here/Inputs/chain" "$scene/flow"
cp "$bin/wfr" "$scene/wfr"
cd "$scene/flow"
"$bin/wfc" import submit.sh ./*.slurm --from slurm -o chain.wf 2>/dev/null
"$bin/wfc" build chain.wf --target slurm --site chain.toml -o out >/dev/null 2>&1
chown -R "$WFC_TEST_USER" "$scene"
chmod 755 "$scene"
as() { "$here/../engines/as-user" "$dir" "$@"; }

cd "$scene/hand"
as ./submit.sh >/dev/null
cd "$scene/flow"
export WFR_SWEEP_SECONDS=5
as timeout 300 "$scene/wfr" start out --run run --wait >"$scene/log" 2>&1 || cat "$scene/log"
for ((n = 0; n < 1500; n++)); do
  [[ $(as squeue --me --noheader --format=%Z) == *"$scene/hand"* ]] || break
  sleep 0.2
done
cd "$scene"
printf 'by hand: %d files\n' "$(find hand/work -type f | wc -l)"
diff -r hand/work flow/work && echo "as a flow: the same"
head -n 50 hand/work/*
