# measured again from the files of a run: the same numbers; gates; shards
mkdir in
cp "$ROOT"/data/glyphs/source/U+4E*.png in
run() { stridelab run "$ROOT/configs/demo.json" --isa base --images in --targets "$ROOT/data/glyphs/target" -q "$@" || echo "exit status $?"; }
run --out whole
run --out part2 --shard 2/2
run --out part1 --shard 1/2
stridelab compare whole --format csv > whole.csv && cmp whole.csv whole/metrics.csv && echo "same metrics"
stridelab compare part2 part1 --format json > parts.json && cmp parts.json whole/metrics.json && echo "same statistics"
stridelab compare part2 part1 --out all -q | tail -n 1; ls all
cp all/report.html first.html
stridelab compare part1 part2 --out all; echo "$?"
stridelab compare part1 part2 --out all --force > /dev/null && cmp all/report.html first.html && echo "same page"
for name in metrics.csv metrics.json; do cmp "all/$name" "whole/$name" && echo "same $name"; done
(cd all && tail -n +2 pairs.csv | cut -d, -f4,5 | tr , '\n' | while read -r file; do [ -f "$file" ] || echo "no $file"; done); sed -n 2p all/pairs.csv
grep -o '<img[^>]*src="data:image/png' all/report.html | wc -l; grep -c 'src="\.' all/report.html
stridelab compare part1 part2 --force; echo "$?"
stridelab run "$ROOT/configs/demo.json" --isa base --images in --targets "$ROOT/data/glyphs/target" -q --shard 1/2 --set input.resize=bilinear --out other
stridelab compare other part2; echo "$?"
stridelab compare part2; echo "$?"
stridelab compare part2 part1 part2; echo "$?"
stridelab compare whole --fail-if 'ssim(stride1-up) < ssim(stride2) - 0.5' -q > /dev/null; echo "$?"
stridelab compare whole --fail-if 'ssim(stride2) > 0.1' --junit gates.xml > /dev/null; echo "$?"
grep -c '<failure>' gates.xml
stridelab compare whole --fail-if 'ssim(nobody) > 0.1'; echo "$?"
stridelab compare in; echo "$?"
stridelab compare missing --out new/below; echo "$?"
stridelab compare whole --reference nobody --out ./new/; echo "$?"
mkdir empty && stridelab compare missing --out empty/new 2> /dev/null
[ -e new ] || [ -n "$(ls -A empty)" ] || echo "nothing is left"
