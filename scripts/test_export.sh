#!/bin/sh
# Do exported models compute what `stridelab run` computes? Every variant of the golden networks and
# every generator family is exported, its ONNX model run in ONNX Runtime (alone and in a batch of 3)
# and its PyTorch module in PyTorch, where the families' checkpoints must load strictly.
#
#   scripts/test_export.sh [full]     the short form leaves the networks of 256 x 256 and the presets out
#
# ONNXRUNTIME names a folder in which `npm install --ignore-scripts onnxruntime-node` was run.
# PYTHON (/usr/bin/python3) has torch, numpy and PIL. What is not there is skipped.
ROOT=$(cd "$(dirname "$0")/.." && pwd)
binary=${STRIDELAB:-$ROOT/build/stridelab}
case $binary in /*) ;; *) binary=$ROOT/$binary ;; esac
python=${PYTHON:-/usr/bin/python3}
onnx= torch=
if [ -n "$ONNXRUNTIME" ] && node -e 'require(process.argv[1] + "/node_modules/onnxruntime-node")' \
    "$ONNXRUNTIME" 2>/dev/null; then
    onnx=1
else
    echo "skipped: no onnxruntime-node (npm install --ignore-scripts onnxruntime-node in a folder, and give it as ONNXRUNTIME)"
fi
if "$python" -c 'import importlib.util as u, sys
sys.exit(not all(map(u.find_spec, ("torch", "numpy", "PIL"))))' 2>/dev/null; then
    torch=1
else
    echo "skipped: no PyTorch in $python"
fi
if [ -z "$onnx$torch" ]; then
    echo "0 passed, 0 failed"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
golden=$ROOT/data/golden

# A line for each case tells the comparing scripts: the largest difference, in standard deviations of
# the output, name, export, image, expected output, and the label to give (ONNX) or where the weights
# are (PyTorch).
tolerance=1e-4
add() {
    list=$1
    shift
    (IFS='	' && echo "$tolerance	$*") >>"$work/$list"
}

# export_case NAME CONFIG VARIANT IMAGE EXPECTED WEIGHTS [LABEL]
export_case() {
    label=$7
    if ! "$binary" export "$2" --variant "$3" ${label:+--label "$label"} --onnx "$work/$1.onnx" \
        --torch >"$work/$1.py"; then
        failed=$((failed + 1))
        return
    fi
    add onnx "$1" "$work/$1.onnx" "$4" "$5"
    add torch "$1" "$work/$1.py" "$4" "$5" "$6"
    [ -z "$label" ] && return
    "$binary" export "$2" --variant "$3" --label-input --onnx "$work/$1.label.onnx" ||
        failed=$((failed + 1))
    add onnx "$1, label given" "$work/$1.label.onnx" "$4" "$5" "$label"
}

# run CONFIG IMAGE OUT [OPTION...]: the expected outputs
run() {
    from=$1 images=$2 out=$3
    shift 3
    "$binary" run "$from" --images "$images" --out "$out" --save-raw --no-progress -q "$@" \
        >/dev/null || failed=$((failed + 1))
}

variants() { # of a config
    "$binary" trace "$1" --format csv | sed 1d | cut -d, -f1 | uniq
}

# network NAME: the variants of a golden config. Outputs of 2 channels are no images that run could
# write: they are compared with the golden ones, which hold every third row and column.
network() {
    config=$golden/$1.json image=$golden/$1.png selected=
    for variant in $(variants "$config"); do
        [ "$variant" = output-none-2 ] || selected="$selected --variant $variant"
    done
    run "$config" "$image" "$work/out-$1" $selected
    for variant in $(variants "$config"); do
        expected=$work/out-$1/$variant/$1.npy
        [ "$variant" = output-none-2 ] && expected=$golden/$1.$variant.npy
        export_case "$1.$variant" "$config" "$variant" "$image" "$expected" "$config"
    done
}

# family NAME HxW: the checkpoint of a generator family
family() {
    checkpoint=$golden/families/$1.pth image=$golden/families/$1.png config=$work/$1.json label=1
    [ "$1" = e ] && label=
    "$binary" init --from "$checkpoint" --size "$2" --out "$config" -q || failed=$((failed + 1))
    # What names and shapes cannot tell (index.json).
    [ "$1" = c-pixelshuffle ] && sed -i s/linear_attention/self_attention/ "$config"
    variant=$(variants "$config" | head -n 1)
    run "$config" "$image" "$work/out-$1" --variant "$variant" ${label:+--label "$label"}
    export_case "$1" "$config" "$variant" "$image" "$work/out-$1/$variant/$1.npy" "$checkpoint" \
        "$label"
}

# preset NAME: the variants of a preset, eight times narrower. Their random weights amplify rounding.
preset() {
    config=$work/$1.json image=$golden/zi2zi.png
    case $1 in pix2pix-*) image=$golden/pix2pix.png ;; esac
    "$binary" init "$1" --ngf 8 --size 256x256 --set 'weights={"random": 1}' --out "$config" -q ||
        failed=$((failed + 1))
    run "$config" "$image" "$work/out-$1"
    for variant in $(variants "$config"); do
        export_case "$1.$variant" "$config" "$variant" "$image" \
            "$work/out-$1/$variant/$(basename "$image" .png).npy" "$config"
    done
}

# other_size PRESET VARIANT SIZE: the model of SIZE x SIZE, on the image of 256 x 256
other_size() {
    image=$golden/zi2zi.png
    case $1 in pix2pix-*) image=$golden/pix2pix.png ;; esac
    "$binary" export "$work/$1.json" --variant "$2" --set "input.size=[$3,$3]" --onnx "$work/$1.$3.onnx" ||
        failed=$((failed + 1))
    add onnx "$1.$2, made for $3" "$work/$1.$3.onnx" "$image" "$work/out-$1/$2/$(basename "$image" .png).npy"
}

network features
if [ "$1" = full ]; then
    network zi2zi
    network pix2pix
    tolerance=1e-3
    for name in $("$binary" init --list | sed 's/ .*//'); do preset "$name"; done
    other_size pix2pix-128 stride2 128
    other_size zi2zi-2025-04-pixelshuffle stride2-down 512
    tolerance=1e-4
fi
family a 32x32
family b 40x52
family c-conv 40x48
family c-upsample 32x48
family c-pixelshuffle 32x48
family d-2025-12 128x64
family d-2026-03 32x64
family e 32x64

passed=0
compare() { # name, command...
    name=$1
    shift
    "$@" >"$work/report"
    bad=$? line=$(tail -n 1 "$work/report")
    sed '$d' "$work/report"
    echo "$name: $line"
    case $line in
    *" passed, "*" failed") passed=$((passed + ${line%% *})) bad=${line#*, } bad=${bad%% *} ;;
    *) bad=1 ;;
    esac
    failed=$((failed + bad))
}
[ -n "$onnx" ] && compare "ONNX Runtime" node "$ROOT/scripts/compare_onnx.js" "$ONNXRUNTIME" "$work/onnx"
[ -n "$torch" ] && compare PyTorch "$python" "$ROOT/scripts/compare_export.py" "$work/torch"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
