#!/bin/bash
# s3.sh BIN INPUTS SITE: the flow of INPUTS, its keys a variable of Nomad; first without that variable.
set -euo pipefail
bin=$1 inputs=$2
wfr() { "$bin/wfr" "$@"; }
mkdir input
for n in 1 2 3; do seq $((n * n * n)) >"input/$n"; done
wfr move copy -q input s3://data/in
# shellcheck source=/dev/null
. "$inputs/s3_keys"
# Nothing of the agent's own environment says where it is.
sed "s|\"cat keys\"|\"NOMAD_ADDR=$NOMAD_ADDR $(command -v nomad) var get -item=profile wfc/s3\"|" "$inputs/s3_flow.wf" >s3_flow.wf
"$bin/wfc" build s3_flow.wf --target nomad --site "$3" -o out
status=0
wfr start out --run early --wait >early.log 2>&1 || status=$?
echo "without the variable: $status"
wfr why early input | grep --only-matching 'attempt 1: .*, began' | sed 's/, began//'
nomad var put wfc/s3 profile=@keys >/dev/null 2>&1
rm keys
status=0
wfr start out --run run --wait >start.log 2>&1 || status=$?
echo "status $status"
cat run/published/lines
(cd store/buckets/data && find out -type f | sort)
for job in $(nomad operator api /v1/jobs </dev/null | python3 -c 'import json, sys; print(*(job["ID"] for job in json.load(sys.stdin)))'); do
  nomad operator api "/v1/job/$job" </dev/null
done >jobs.json
echo "in a job: $(grep --count wfc-test-secret jobs.json)"
echo "in a file: $(grep --recursive --files-with-matches wfc-test-secret run early out | wc -l)"
