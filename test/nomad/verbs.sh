#!/bin/bash
# verbs.sh WFR: what test/run/Inputs/verbs.sh asks, in the folder of the artifacts.
set -euo pipefail
program=$1
run=$PWD/run
wfr() { "$program" "$@"; }
start() { wfr start out --run "$run" "$@"; }
# shellcheck source=/dev/null
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../run/Inputs/verbs.sh"
alive() { nomad operator api '/v1/jobs?filter=Status!=%22dead%22' </dev/null | python3 -c 'import json, sys; print(len(json.load(sys.stdin) or []))'; }
printf 'left in Nomad: %s\n' "$(none_left alive)"
