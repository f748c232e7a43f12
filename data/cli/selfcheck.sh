# do the metrics behave on this data?
check() { stridelab selfcheck "$ROOT/configs/demo.json" --no-progress "$@"; echo "exit status $?"; }
mkdir targets
cp "$ROOT"/data/glyphs/target/U+4E*.png targets
check --targets targets
check --targets targets --format json | head -8
check --targets targets --set compare.primary=components_diff > out; tail -1 out
check --targets targets --set compare.primary=beauty
check
echo "not an image" > targets/z.png
check --targets targets > out; tail -1 out
