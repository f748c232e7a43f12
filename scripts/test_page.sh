#!/bin/sh
# report.html in a headless browser. STRIDELAB is the program, CHROMIUM the browser; with SHOTS the
# folder for pictures of the page. Ends with "N passed, N failed".
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
[ -n "$SHOTS" ] && mkdir -p "$SHOTS"
node "$ROOT/scripts/test_page.js" "$chromium" "$work/out/report.html" $SHOTS
