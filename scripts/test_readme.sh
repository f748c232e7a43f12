#!/bin/sh
# Runs every example of README.md: the fenced blocks marked `sh`, each in the order of the page, in a
# copy of the tree's data, with the built stridelab on the PATH. Blocks marked `console` or anything
# else are not run.
ROOT=$(cd "$(dirname "$0")/.." && pwd)
binary=${STRIDELAB:-$ROOT/build/stridelab}
case $binary in /*) ;; *) binary=$ROOT/$binary ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/tree"
ln -s "$binary" "$work/bin/stridelab"
cp -r "$ROOT/configs" "$ROOT/data" "$work/tree"
PATH=$work/bin:$PATH
export PATH
awk -v dir="$work" '
    /^```sh$/ { block++; file = sprintf("%s/block-%03d.sh", dir, block); inside = 1; next }
    /^```/    { inside = 0; next }
    inside    { print > file }' "$ROOT/README.md"
passed=0 failed=0
for script in "$work"/block-*.sh; do
    [ -f "$script" ] || continue
    if (cd "$work/tree" && sh -e "$script" >"$work/output" 2>&1 </dev/null); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "== this example of README.md fails:"
        cat "$script"
        echo "-- it says:"
        cat "$work/output"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
