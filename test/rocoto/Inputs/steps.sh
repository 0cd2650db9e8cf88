# steps.sh WFR FOLDER PYTHON TABLE.PY: starts FOLDER/out and takes steps until all that is not held is ok.
set -euo pipefail
"$1" start "$2/out" --run "$2/run"
for ((n = 0; n < 120; n++)); do
  "$1" step "$2/run"
  (($("$1" status "$2/run" --json | "$3" "$4" | grep --count '^rest.* ok: ok') < 7)) || exit 0
  sleep 1
done
exit 1
