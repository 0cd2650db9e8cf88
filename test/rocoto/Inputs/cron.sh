# cron.sh WFR FOLDER: FOLDER/out is started by cron's line, which this script then calls as cron would.
set -euo pipefail
wfr=$1 folder=$2 line="$2/run/bin/step"
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/../../engines/crontab"
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
# Purged: its line goes too; one in the crontab of another host, a person has to take out.
"$wfr" start "$folder/out" --run "$folder/purged" --cron >/dev/null
"$wfr" purge "$folder/purged" --yes >/dev/null
(($(crontab -l 2>/dev/null | grep --count --fixed-strings "$folder/purged/" || true) == 0)) && echo "purged, with its line"
"$wfr" start "$folder/out" --run "$folder/purged" --cron >/dev/null
note=$folder/purged/ledger/cron
sed -i '2s/.*/elsewhere/' "$note"
"$wfr" purge "$folder/purged" --yes
crontab -l | { grep --invert-match --fixed-strings "$folder/purged/" || true; } | crontab -
