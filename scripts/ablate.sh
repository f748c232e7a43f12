#!/bin/sh
# A whole ablation: for each CONFIG whose weights are named NAME-SEED.safetensors, the glyph pairs are
# rendered, the weights that are absent are trained, the held-out losses of training and engine are
# compared, and the variants run, compared, probed and timed on the test pairs; then the report.
#
#   scripts/ablate.sh configs/ablation-128.json configs/ablation-96.json
#
# Given again, the same command goes on where it was stopped; trained weights are kept. Writes the weights
# and the course of their losses where the configs name them, everything else below $OUT. Settings:
#
#   STRIDELAB  the program (build/stridelab)
#   OUT        results (build/ablation)
#   IMAGES     images to train on (64000)
#   JOBS       trainings side by side (2); 0 trains nothing and goes on with the variants that are whole
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -lt 1 ]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
STRIDELAB=${STRIDELAB:-$root/build/stridelab} OUT=${OUT:-$root/build/ablation}
IMAGES=${IMAGES:-64000} JOBS=${JOBS:-2}
if [ ! -x "$STRIDELAB" ]; then
    echo "there is no $STRIDELAB: make it, or name it in STRIDELAB" >&2
    exit 2
fi
python=/usr/bin/python3 # the one that Debian's packages are for
export STRIDELAB IMAGES python root

# The pairs of a size, as scripts/render_glyphs.py makes them.
glyphs_of() { # size
    if [ "$1" = 128 ]; then echo "$root/build/glyphs"; else echo "$root/build/glyphs-$1"; fi
}

# Runs for each line of `variant seed file` on standard input, as many side by side as JOBS says. What
# side by side trainings say goes through a pipe, for lines instead of bars.
train() { # config glyphs states
    # shellcheck disable=SC2016
    xargs -r -P "$JOBS" -L 1 sh -c '
        mkdir -p "$(dirname "$6")"
        "$python" "$root/scripts/train.py" "$1" --variant "$4" --seed "$5" --out "$6" --log "${6%.safetensors}.csv" \
            --state "$3/$4-$5.state" --pairs "$2/train" --held-out "$2/validation" --images "$IMAGES" \
            --half --stridelab "$STRIDELAB" && rm "$3/$4-$5.state"' train "$1" "$2" "$3"
}

ablate() { # config
    name=$(basename "$1" .json)
    out=$OUT/$name
    size=$("$STRIDELAB" trace "$1" --format json | sed -n 's/^ *"size": \[\([0-9]*\),.*/\1/p' | head -n 1)
    glyphs=$(glyphs_of "$size")
    mkdir -p "$out/states"
    # The last that are rendered are those to test on; older ones may be of other faces.
    [ "$(find -L "$glyphs/test/target" -name '*.png' -newer "$root/scripts/render_glyphs.py" 2>/dev/null |
        wc -l)" -eq 128 ] ||
        "$python" "$root/scripts/render_glyphs.py" --size "$size" --out "$glyphs"
    if [ "$JOBS" -eq 1 ]; then
        "$root/scripts/ablation_jobs.py" "$1" | train "$1" "$glyphs" "$out/states"
    elif [ "$JOBS" -gt 1 ]; then
        "$root/scripts/ablation_jobs.py" "$1" | train "$1" "$glyphs" "$out/states" 2>&1 | cat >&2
        # The pipe hides how trainings ended.
        if [ -n "$("$root/scripts/ablation_jobs.py" "$1")" ]; then
            echo "$1: trainings failed; give the same command again" >&2
            exit 1
        fi
    fi
    "$root/scripts/compare_held_out.py" "$1" --held-out "$glyphs/validation" --stridelab "$STRIDELAB" \
        --csv "$out/held-out.csv"
    config=$1
    set --
    for variant in $("$root/scripts/ablation_jobs.py" "$config" --ready); do set -- "$@" --variant "$variant"; done
    "$STRIDELAB" run "$config" "$@" --images "$glyphs/test/source" --targets "$glyphs/test/target" \
        --out "$out/run" --force >"$out/run.txt"
    "$STRIDELAB" compare "$out/run" --targets "$glyphs/test/target" >"$out/compare.txt"
    "$STRIDELAB" probe "$config" "$@" --images "$glyphs/test/source" --targets "$glyphs/test/target" \
        --format json >"$out/probe.json"
    "$STRIDELAB" bench "$config" "$@" --threads 1 --format json >"$out/bench.json"
}

# Shapes that were claimed without a training.
trace_claims() {
    mkdir -p "$OUT/claims"
    trace() { # name trace-option...
        file=$OUT/claims/$1.json
        shift
        "$STRIDELAB" trace "$@" --format json >"$file" || [ $? -eq 1 ]
    }
    trace zi2zi-256 "$root/configs/zi2zi-2020.json"
    trace zi2zi-384 "$root/configs/zi2zi-2020.json" --size 384
    trace pix2pix-256 "$root/configs/pix2pix-256.json"
    trace pix2pix-384 "$root/configs/pix2pix-256.json" --size 384
    trace pix2pix-512 "$root/configs/pix2pix-256.json" --size 512
    trace everywhere "$root/configs/pix2pix-256.json" --variant stride2 --set defaults.down.stride=1 \
        --set defaults.up.stride=1
    "$STRIDELAB" init zi2zi-2025-04 | trace generator-c -
}

for config; do ablate "$config"; done
trace_claims
"$root/scripts/ablation_report.py" "$@" --runs "$OUT" --out "$OUT/ablation.md"
