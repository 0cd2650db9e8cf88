# hanging.sh WFR OUT: the wrapper of an attempt is killed while a check of it hangs, then the run is stopped while one does.
set -euo pipefail
wfr=$1 out=$2
# soon COMMAND…: until it succeeds, for a minute at most.
soon() { for ((n = 0; n < 600; ++n)); do "$@" 2>/dev/null && return; sleep 0.1; done; echo "never: $*"; return 1; }
gone() { ! kill -0 "$1"; }
"$wfr" start "$out" --run run2 --wait > log 2>&1 &
run=$!
soon test -s check.pid.1
read -r check < check.pid.1
read -r _ wrapper _ < run2/work/hang/_.1/.claim
kill -KILL "$wrapper"
soon gone "$check" && echo "the check of the killed one is gone"
soon test -s check.pid.2
read -r check < check.pid.2
"$wfr" stop run2
wait "$run" || echo "status $?"
soon gone "$check" && echo "the check of the stopped one is gone"
