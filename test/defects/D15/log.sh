grep '^#SBATCH' out/jobs/trained.sbatch
start --wait >start.txt && echo "exit 0"
wfr log "$run" trained | grep 'a line'
