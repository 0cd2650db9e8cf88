# cron.sh WFR FOLDER: FOLDER/out is started by cron's line, which this script then calls as cron would.
set -euo pipefail
wfr=$1 folder=$2 line="$2/run/bin/step"
# One test at a time writes to this user's crontab.
exec 9>/tmp/wfc-crontab.lock
flock 9
others() { crontab -l 2>/dev/null | grep --invert-match --fixed-strings "$line" || true; }
lines() { crontab -l 2>/dev/null | grep --count --fixed-strings "$line" || true; }
before=$(others)
"$wfr" start "$folder/out" --run "$folder/run" --cron
"$wfr" start "$folder/out" --run "$folder/run" --cron
echo "$(lines) line"
[[ $(others) == "$before" ]] && echo "others the same"
for ((n = 0; n < 120; n++)); do
  # Cron gives hardly any environment.
  env --ignore-environment PATH=/usr/bin:/bin sh -c "$line"
  (($(lines) > 0)) || break
  sleep 0.5
done
[[ $(others) == "$before" ]] && echo "$(lines) lines at the end, others the same"
tail -1 "$folder/run/logs/step.log"
