# start.sh WFR FOLDER: as the guide has cron do it, FOLDER/out is started again and again.
set -euo pipefail
wfr=$1 folder=$2 line="$2/run/bin/step"
# One test at a time writes to this user's crontab.
exec 9>/tmp/wfc-crontab.lock
flock 9
others() { crontab -l 2>/dev/null | grep --invert-match --fixed-strings "$line" || true; }
lines() { crontab -l 2>/dev/null | grep --count --fixed-strings "$line" || true; }
before=$(others)
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
