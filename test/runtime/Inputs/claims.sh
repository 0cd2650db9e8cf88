# claims.sh WFR OUT: the engine, and then the wrapper too, are killed after the claim and before the body.
set -euo pipefail
wfr=$1 out=$2
# begin RUN: starts it, and comes back when its attempt is at work.
begin() {
  rm -f fetching runs
  "$wfr" start "$out" --run "$1" --wait > "$1.log" 2>&1 &
  engine=$!
  for ((n = 0; n < 600; ++n)); do [[ -e fetching ]] && return; sleep 0.1; done
}
finish() {
  wait "$engine" 2> /dev/null || true
  "$wfr" start "$out" --run "$1" --wait && echo "$1: exit 0, bodies: $(wc -l < runs)"
  "$wfr" why "$1" one | grep attempt
}
begin lone
kill -KILL "$engine"
finish lone
begin dead
read -r _ wrapper _ < dead/work/one/_.1/.claim
kill -KILL "$engine" "$wrapper"
finish dead
