# start.sh WFR FOLDER: as the guide has cron do it, FOLDER/out is started again and again.
set -euo pipefail
wfr=$1 folder=$2 line="$2/run/bin/step"
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/../../engines/crontab"
for ((n = 0; n < 10; n++)); do "$wfr" start "$folder/out" --run "$folder/run" --cron >/dev/null; done
echo "started 10 times: $(lines) line"
for ((n = 0; n < 120; n++)); do
  # Cron gives hardly any environment.
  env --ignore-environment PATH=/usr/bin:/bin sh -c "$line"
  (($(lines) > 0)) || break
  sleep 0.5
done
echo "ended: $(lines) lines$([[ $(others) == "$before" ]] && echo ", others the same")"
tail -1 "$folder/run/logs/step.log"
