#!/bin/bash
# The whole chain: prepare, an array of runs, per-index summaries, one report.
set -e
export MODEL=small
mkdir -p work logs
prepare=$(sbatch --parsable prepare.slurm 2025)
run=$(sbatch --parsable --dependency=afterok:$prepare run.slurm)
sum=$(sbatch --parsable --dependency=aftercorr:$run sum.slurm)
sbatch --dependency=afterok:${sum} report.slurm
cleanup=$(sbatch --dependency=afterany:$prepare:$run clean.slurm | awk '{print $4}')
echo "submitted $prepare $run $sum $cleanup"
