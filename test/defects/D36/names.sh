# Another batch fills the queue, and a job of the same user is called as the members of this one are.
mkdir ten && cp "$here/../defects/D36/ten.wf" ten/
"$bin/wfc" build ten/ten.wf --target slurm --site "$here/../../examples/aurora/sites/ursa.toml" -o ten/out >/dev/null
chown -R "$WFC_TEST_USER" ten
other=$(as sbatch --parsable --hold --account="$WFC_ACCOUNT" --partition=u1-compute --qos=batch --job-name=tst1.member --wrap=true)
wfr start ten/out --run "$scene/ten/run" >/dev/null
for ((n = 0; n < 600; n++)); do
  (($(wfr status ten/run | sed -n 's/.* \([0-9]*\) running.*/\1/p') == 4)) && break
  sleep 0.2
done
start --wait >start.txt && echo "tst1: exit 0"
wfr status "$run" | grep member
wfr status ten/run | grep member
echo "in the queue: tst1.member $(as squeue --noheader --job="$other" --format=%T)"
wfr purge "$run" --yes >/dev/null
echo "after a purge: tst1.member $(as squeue --noheader --job="$other" --format=%T), tst10 $(wfr status ten/run | grep member)"
as scancel "$other"
touch ten/end
as timeout 120 "$scene/wfr" start ten/out --run "$scene/ten/run" --wait >ten.txt && echo "tst10: exit 0"
