# measured again from the files of a run: the same numbers; gates; shards
mkdir in
cp "$ROOT"/data/glyphs/source/U+4E*.png in
run() { stridelab run "$ROOT/configs/demo.json" --isa base --images in --targets "$ROOT/data/glyphs/target" -q "$@" || echo "exit status $?"; }
run --out whole
run --out part2 --shard 2/2
run --out part1 --shard 1/2
stridelab compare whole --format csv > whole.csv && cmp whole.csv whole/metrics.csv && echo "same metrics"
stridelab compare part2 part1 --format json > parts.json && cmp parts.json whole/metrics.json && echo "same statistics"
stridelab compare part2; echo "$?"
stridelab compare part2 part1 part2; echo "$?"
stridelab compare whole --fail-if 'ssim(stride1-up) < ssim(stride2) - 0.5' -q > /dev/null; echo "$?"
stridelab compare whole --fail-if 'ssim(stride2) > 0.1' --junit gates.xml > /dev/null; echo "$?"
grep -c '<failure>' gates.xml
stridelab compare whole --fail-if 'ssim(nobody) > 0.1'; echo "$?"
stridelab compare in; echo "$?"
