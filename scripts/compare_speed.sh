#!/bin/sh
# How fast is the engine beside ONNX Runtime? A variant is exported, its output compared for one image,
# and both are timed in alternation: the same size, batch and threads, random pixels.
#
#   scripts/compare_speed.sh [CONFIG VARIANT IMAGE]     the image must be a PNG of the config's size
#
# ONNXRUNTIME names a folder in which `npm install --ignore-scripts onnxruntime-node` was run.
# THREADS ("1 2"), BATCHES ("1 8") and ROUNDS (11) may be set. Nothing else should be running. One
# thread of either stays on the first core: the cores of a virtual machine can be a quarter apart.
ROOT=$(cd "$(dirname "$0")/.." && pwd)
binary=${STRIDELAB:-$ROOT/build/stridelab}
case $binary in /*) ;; *) binary=$PWD/$binary ;; esac
config=${1:-$ROOT/configs/zi2zi-2020.json} variant=${2:-stride2} image=${3:-$ROOT/data/golden/zi2zi.png}
if [ -z "$ONNXRUNTIME" ] || ! node -e 'require(process.argv[1] + "/node_modules/onnxruntime-node")' \
    "$ONNXRUNTIME" 2>/dev/null; then
    echo "skipped: no onnxruntime-node (set ONNXRUNTIME)"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
set -e
"$binary" export "$config" --variant "$variant" --onnx "$work/model.onnx" -q
"$binary" run "$config" --variant "$variant" --images "$image" --out "$work/out" --save-raw \
    --no-progress -q >/dev/null
name=$(basename "$image" .png)
# The same network is within 1e-3: norms over few pixels magnify the rounding of both.
printf '1e-3\t%s\t%s\t%s\t%s\n' "$variant" "$work/model.onnx" "$image" "$work/out/$variant/$name.npy" \
    >"$work/list"
echo "outputs: $(node "$ROOT/scripts/compare_onnx.js" "$ONNXRUNTIME" "$work/list" | head -n 1)"
"$binary" trace "$config" --variant "$variant" --format json >"$work/trace.json"
first=$(taskset -pc $$ 2>/dev/null | sed 's/.*: //; s/[,-].*//')
for batch in ${BATCHES:-1 8}; do
    for threads in ${THREADS:-1 2}; do
        pinned=
        [ "$threads" -ne 1 ] || [ -z "$first" ] || pinned="taskset -c $first"
        $pinned node "$ROOT/scripts/compare_speed.js" "$ONNXRUNTIME" "$work" "$binary" "$config" "$variant" \
            "$batch" "$threads" "${ROUNDS:-11}"
    done
done
