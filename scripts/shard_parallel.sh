#!/bin/sh
# One run over many images as independent shards under GNU parallel: on this machine, or over hosts
# that share its folders. Given again, the same command goes on where an interrupted or failed shard
# stopped.
#
#   scripts/shard_parallel.sh OUT SHARDS CONFIG RUN_OPTION...
#   PARALLEL="-j 2" scripts/shard_parallel.sh out 8 configs/demo.json --images data/glyphs/source --threads 1
#   PARALLEL="-S 4/node1,4/node2 --workdir ." scripts/shard_parallel.sh out 64 c.json --images in --threads 2
#
# parallel takes its options from $PARALLEL; without any it starts a shard per core, so give --threads 1.
# Writes OUT/shard-K, OUT/joblog, and the comparison over all shards: OUT/compare.txt, OUT/report.html
# and its tables. Exit status: that of the first shard that failed, else that of compare.
set -eu
if [ $# -lt 3 ]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
out=$1 shards=$2
shift 2
stridelab=${STRIDELAB:-stridelab}
mkdir -p "$out"
seq "$shards" | parallel -q --joblog "$out/joblog" "$stridelab" run "$@" --out "$out/shard-{}" \
    --shard "{}/$shards" --resume --no-progress -q || true # the log says how each ended
# Column 7 is the exit status, 8 the signal. With 3 some images failed: compare names them.
status=$(awk 'NR > 1 && (($7 != 0 && $7 != 3) || $8 != 0) { print $8 ? 128 + $8 : $7; exit }' "$out/joblog")
if [ -n "$status" ] || [ "$(wc -l <"$out/joblog")" -ne $((shards + 1)) ]; then
    echo "shards failed: see $out/joblog, and give the same command again" >&2
    exit "${status:-4}"
fi
set --
for shard in $(seq "$shards"); do set -- "$@" "$out/shard-$shard"; done
"$stridelab" compare "$@" --out "$out" --force >"$out/compare.txt"
