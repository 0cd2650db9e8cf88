# What a person asks of a run while its target works on it; sourced, with `wfr`, `start` and $run at hand. The flow is verbs.wf.
states() { wfr status "$run" --json | python3 -c 'import json, sys; print(" ".join(i["id"] + "=" + i["state"] for i in json.load(sys.stdin)["instances"]))'; }
# none_left COMMAND…: what it counts, once that is none, or after a while.
none_left() {
  local n
  for ((n = 0; n < 150; n++)); do
    (($("$@") != 0)) || break
    sleep 0.2
  done
  "$@"
}
until_states() {
  local n
  for ((n = 0; n < 600; n++)); do
    ! states | grep --quiet --extended-regexp "$1" || return 0
    sleep 0.3
  done
  echo "never $1: $(states)"
}
start >/dev/null
until_states 'naps\[1\]=running'
wfr hold "$run" 'naps[4]' end | head -1
# One at a time would never be three: more may run at once from now on.
wfr set "$run" limit.n=3 | head -1
until_states 'naps\[1\]=ok naps\[2\]=ok naps\[3\]=ok'
sleep 3
states
wfr why "$run" 'naps[4]' | grep --only-matching --max-count=1 'held'
wfr release "$run" 'naps[4]' | head -1
until_states 'naps\[4\]=ok'
wfr release "$run" >/dev/null
until_states 'end=ok'
states
# The end of the last body is known before that of the run.
wfr watch "$run" </dev/null | tail -1
wfr log "$run" end
wfr report "$run" >/dev/null && test -s "$run/report.html" && echo "a report"
wfr clean "$run" >/dev/null && wfr clean "$run" --dry-run
wfr retry "$run"
wfr purge "$run" --yes | sed "s|$run|RUN|"
test -e "$run" || echo "gone"
