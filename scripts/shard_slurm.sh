#!/bin/sh
#SBATCH --job-name=stridelab
#SBATCH --array=1-8
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --open-mode=append
# One run over many images as a Slurm job array, a shard a task; the number of tasks is that of shards.
# A task that was preempted, killed or requeued goes on where it stopped. Then, once all are done, the
# comparison over all shards.
#
#   job=$(sbatch --parsable scripts/shard_slurm.sh OUT CONFIG RUN_OPTION...)
#   sbatch --dependency=afterok:$job --wrap 'stridelab compare OUT/shard-* >OUT/compare.txt'
#
#   sbatch --array=1-64 --cpus-per-task=4 --time=2:00:00 scripts/shard_slurm.sh out c.json --images in
#
# After a task that failed Slurm never starts the comparison: scontrol requeue JOB_TASK, and give the
# second line again. A task that was preempted needs nothing.
#
# OUT must be on a file system that all nodes see.
set -eu
out=$1 config=$2
shift 2
shard=$SLURM_ARRAY_TASK_ID shards=$SLURM_ARRAY_TASK_COUNT
if [ "$SLURM_ARRAY_TASK_MAX" -ne "$shards" ] || [ "$SLURM_ARRAY_TASK_MIN" -ne 1 ]; then
    echo "the array must be 1-N; after failed tasks, give the same array again" >&2
    exit 2
fi
status=0
"${STRIDELAB:-stridelab}" run "$config" "$@" --out "$out/shard-$shard" \
    --shard "$shard/$shards" --resume --threads "${SLURM_CPUS_PER_TASK:-1}" --no-progress || status=$?
[ "$status" -eq 3 ] && status=0 # some images failed: the report names them, and the others count
exit "$status"
