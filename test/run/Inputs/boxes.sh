# boxes.sh WFR OUT PODMAN: a run in containers of a real engine; one whose wrapper is killed leaves none behind.
set -euo pipefail
wfr=$1 out=$2 engine=$3
trap '"$engine" down "$PWD/podman"' EXIT
"$engine" up "$PWD/podman"
# shellcheck source=/dev/null
. "$PWD/podman/env.sh"
soon() { for ((n = 0; n < 1200; ++n)); do "$@" 2>/dev/null && return; sleep 0.1; done; echo "never: $*"; return 1; }
"$wfr" start "$out" --run run --wait > log 2>&1 &
run=$!
soon test -s run/work/endless/_.1/.claim
read -r _ wrapper _ < run/work/endless/_.1/.claim
name=$(tail -n 1 run/work/endless/_.1/.container)
running() { [[ $(podman inspect --format '{{.State.Running}}' "$name") == true ]]; }
soon running
kill -KILL "$wrapper"
gone() { ! podman container exists "$name"; }
soon gone && echo "the container of the killed wrapper is gone"
wait "$run" || echo "status $?"
echo "left: $(podman ps --all --quiet | wc -l)"
