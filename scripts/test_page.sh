#!/bin/sh
# report.html in a headless browser. STRIDELAB is the program, CHROMIUM the browser; with SHOTS the
# folder for pictures of the pages. Ends with "N passed, N failed".
ROOT=$(cd "$(dirname "$0")/.." && pwd)
binary=${STRIDELAB:-$ROOT/build/stridelab}
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
if [ -z "$chromium" ] || ! command -v node >/dev/null; then
    echo "skipped: no chromium or no node"
    echo "0 passed, 0 failed"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/source" "$work/target"
for name in $(ls "$ROOT/data/glyphs/source" | head -n 6); do
    cp "$ROOT/data/glyphs/source/$name" "$work/source"
    cp "$ROOT/data/glyphs/target/$name" "$work/target"
done
if ! "$binary" run "$ROOT/configs/demo.json" --images "$work/source" --targets "$work/target" \
    --out "$work/out" >/dev/null 2>"$work/errors"; then
    cat "$work/errors"
    echo "0 passed, 1 failed"
    exit 1
fi
# The page of a run, and that of compare over two shards, whose images are in other folders.
for shard in 1 2; do
    "$binary" run "$ROOT/configs/demo.json" --images "$work/source" --targets "$work/target" -q \
        --shard $shard/2 --out "$work/parts/$shard"
done
"$binary" compare "$work/parts/2" "$work/parts/1" --out "$work/whole" >/dev/null
passed=0 failed=0
for page in out whole; do
    [ -n "$SHOTS" ] && mkdir -p "$SHOTS/$page"
    node "$ROOT/scripts/test_page.js" "$chromium" "$work/$page/report.html" ${SHOTS:+"$SHOTS/$page"} >"$work/log"
    sed "\$d; s/^/$page: /" "$work/log"
    set -- $(tail -n 1 "$work/log") # "N passed, N failed"
    passed=$((passed + ${1:-0})) failed=$((failed + ${3:-1}))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
