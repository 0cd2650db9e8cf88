# A job of the same user and the same name must survive the stop.
other=$(as sbatch --parsable --hold --account="$WFC_ACCOUNT" --partition=u1-compute --qos=batch --job-name=initial_training --wrap=true)
start
until_running initial_training/_.1 && echo "initial_training is at work"
for ((n = 0; n < 300; n++)); do
  job=$(wfr status "$run" --json | python3 -c '
import json, sys
attempts = next(i["attempts"] for i in json.load(sys.stdin)["instances"] if i["id"] == "initial_training")
print(next((a["job"] for a in attempts if a["n"] == 1), ""))')
  [[ -z $job ]] || break
  sleep 0.2
done
wfr stop "$run" >stop.txt && echo "stopped"
for ((n = 0; n < 100; n++)); do
  state=$(as scontrol show job "${job#slurm:}" --oneliner | sed 's/.* JobState=\([A-Z]*\).*/\1/')
  [[ $state != RUNNING && $state != COMPLETING ]] && break
  sleep 0.2
done
echo "initial_training: $state"
echo "somebody's initial_training: $(as squeue --noheader --job="$other" --format=%T)"
as scancel "$other"
echo "left of the run: $(as squeue --me --noheader --format=%Z | grep --count --fixed-strings --line-regexp "$run" || true)"
