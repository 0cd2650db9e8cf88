#!/bin/bash
# docker.sh WFR ENGINES: a run that cannot fetch its image, and one whose tasks and coordinator are containers, by Nomad's driver `docker`, which podman answers.
set -euo pipefail
wfr=$1 engines=$2
dir=$(mktemp --directory /tmp/wfc-docker.XXXXXX)
trap '"$engines/podman" down "$dir"' EXIT
"$engines/podman" up "$dir"
"$engines/podman" serve "$dir"
# runs: in a shell of its own, beside a Nomad.
runs() {
  local status=0
  timeout 60 "$1" start missing --run missing.run --wait >missing.log &
  for ((n = 0; n < 500; ++n)); do
    grep --only-matching 'the coordinator does not start.*Failed to pull' missing.log && break
    sleep 0.1
  done
  "$1" stop missing.run
  "$1" start out --run run --wait || status=$?
  echo "status $status"
}
export -f runs
"$engines/../nomad/with" --docker "$dir/docker.sock" -- bash -euo pipefail -c 'runs "$1"' runs "$wfr"
# shellcheck source=/dev/null
. "$dir/env.sh"
echo "left: $(podman ps --quiet | wc -l)"
