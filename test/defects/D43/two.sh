# two.sh WFR: a second controller beside the first, and one after the first was killed.
set -euo pipefail
wfr=$1
"$wfr" start out --run run --wait >first.log 2>&1 &
controller=$!
for ((n = 0; n < 1200; n++)); do
  [[ -e began ]] && (($(wc -l <began) == 3)) && break
  sleep 0.05
done
"$wfr" start out --run run --wait 2>second.log && status=0 || status=$?
echo "beside the first: exit $status"
sed 's/[0-9][0-9]*/N/g; s/on .*/on HERE/' second.log
kill -KILL "$controller"
wait "$controller" 2>/dev/null || true
touch end
"$wfr" start out --run run --wait 2>third.log && echo "after the first was killed: exit 0"
echo "began: $(sort began | tr '\n' ' ')"
