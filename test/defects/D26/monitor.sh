# monitor.sh WFR: the controller dies while stages are at work, which end with nobody there to hear of it.
set -euo pipefail
wfr=$1
"$wfr" start out --run run --wait >first.log 2>&1 &
controller=$!
for ((n = 0; n < 600; n++)); do
  [[ -e began ]] && (($(wc -l <began) == 3)) && break
  sleep 0.1
done
kill -KILL "$controller"
wait "$controller" 2>/dev/null || true
touch go
for ((n = 0; n < 600; n++)); do
  grep --quiet --null-data --line-regexp --fixed-strings "WFR_RUN=$PWD/run" /proc/[0-9]*/environ 2>/dev/null || break
  sleep 0.1
done
"$wfr" start out --run run --wait && echo "exit 0"
"$wfr" status run
echo "began: $(sort began | tr '\n' ' ')"
