#!/bin/sh
# Memory runs out at allocation n, of a dozen commands: each must end with exit status 5, say so,
# print nothing, leave no temporary file and no file by half. Needs a build of `make torture`.
#
#   scripts/torture_alloc.sh          a sample of 12 for each command; SEED=n chooses it
#   scripts/torture_alloc.sh COUNT    so many; 0: every one
#
# Long run so far: 100 each of the first 14 commands below, SEED=7: 1400 tried, no failure.
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/scripts/small_run.sh"
binary=${STRIDELAB:-$ROOT/build-faults/stridelab}
case $binary in /*) ;; *) binary=$ROOT/$binary ;; esac
most=${1:-12}
SEED=${SEED:-$(date +%s)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$binary" "$work/stridelab"
unset CI NO_COLOR
passed=0 failed=0
bad() {
    failed=$((failed + 1))
    echo "failed: $*"
}

cd "$work" || exit 1
small_run U+4E04 U+4E3F
cp "$ROOT/data/demo.safetensors" "$ROOT/configs/demo.json" .
[ -f "$ROOT/data/demo.pth" ] && cp "$ROOT/data/demo.pth" .
run="run config.json --images images --targets targets --threads 1 --isa base"
./stridelab $run --out reference --save-raw >/dev/null || bad "the reference run"
./stridelab check config.json --golden golden --update >/dev/null || bad "the golden traces"

# Runs the command with allocation $1 failing, in a folder `out` as a whole run left it (full) or
# without one.
attempt() {
    rm -rf out
    [ "$full" ] && cp -r reference out && rm -f out/a/*.png
    STRIDELAB_FAIL_ALLOC=$1 ./stridelab $words >stdout 2>stderr </dev/null
}
is_never_partial() {
    [ ! -e out ] && return
    diff -rq reference out |
        grep -v '^Only in reference\|journal\.jsonl\|report\.html\|timing\.\|\.stridelab' >differences
    [ ! -s differences ] || { cat differences && false; }
}
torture() {
    full=
    [ "$1" = full ] && full=1 && shift
    words=$*
    attempt 0
    normal=$?
    [ $normal -eq 0 ] || { bad "$words: exit status $normal" && return; }
    low=0 high=1
    while attempt $high; [ $? -eq 5 ]; do low=$high high=$((2 * high)); done
    while [ $((high - low)) -gt 1 ]; do
        middle=$(((low + high) / 2))
        if attempt $middle; then high=$middle; else low=$middle; fi
    done
    count=$low
    awk -v n="$count" -v most="$most" -v seed="$SEED" 'BEGIN {
        srand(seed)
        if (most == 0 || most >= n) for (i = 1; i <= n; i++) print i
        else for (i = 0; i < most; i++) print 1 + int(n * (i + rand()) / most)
    }' >numbers
    tried=0
    while read -r n; do
        attempt "$n"
        status=$?
        tried=$((tried + 1))
        problem=
        [ $status -eq 5 ] || problem="exit status $status"
        grep -q '^stridelab: out of memory' stderr || problem="$problem, $(head -c 200 stderr)"
        [ -s stdout ] && problem="$problem, output"
        [ -z "$(find . -name '*.tmp')" ] || problem="$problem, a temporary"
        is_never_partial || problem="$problem, a partial file"
        if [ "$problem" ]; then bad "$words: allocation $n: $problem"; else passed=$((passed + 1)); fi
    done <numbers
    echo "$words: $count allocations, $tried tried"
}

echo "seed $SEED"
torture trace config.json
torture trace config.json --format json
torture trace config.json --sizes 32..64/32 --format csv
torture trace config.json --format svg
torture explain config.json a b
torture check config.json --golden golden
torture $run --out out --save-raw
torture full $run --out out --save-raw --resume
torture full $run --out out --save-raw --force
torture compare reference
torture bench config.json --runs 1 --warmup 0 --threads 1 --format json
torture weights demo.safetensors
[ -f demo.pth ] && torture weights demo.pth
torture init pix2pix-256
torture init pix2pix-256 --out made.json
torture schema
torture help run
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
