# pairs side by side in one file, labels in the names, every image at its own size
config="$ROOT/data/golden/zi2zi.json"
run() { stridelab run "$config" --set 'weights={"random":5}' --set input.resize=bilinear --variant stride2 -q "$@"; echo "$?"; }
run --images "$ROOT/data/pairs" --pairs right --label-from-name --out by-name --save-raw
run --images "$ROOT/data/pairs" --pairs right --label 2 --out by-option --save-raw
head -n 1 by-name/metrics.csv | cut -c1-30
ls by-name/targets
cmp by-name/inputs/2_U+9F98.png by-option/inputs/2_U+9F98.png && echo "same input"
cmp by-name/stride2/2_U+9F98.npy by-option/stride2/2_U+9F98.npy && echo "the same with label 2"
cmp -s by-name/stride2/0_U+4E2B.npy by-option/stride2/0_U+4E2B.npy || echo "another label, another output"
run --images "$ROOT/data/glyphs/source" --label-from-name --out no-label 2>&1 | tail -n 2
run --images "$ROOT/data/pairs" --pairs right --label 99 --out wrong
run --images "$ROOT/data/images" --out odd --pairs left 2>&1 | tail -n 3 | grep -v " images failed" # sanitizer builds refuse JPEG
mkdir sizes
cp "$ROOT/data/pairs/0_U+4E2B.png" sizes/wide.png
cp "$ROOT/data/glyphs/source/U+4E2B.png" sizes/square.png
stridelab run "$ROOT/configs/demo.json" --set input.resize=native --variant stride2 --images sizes --out native -q; echo "$?"
stridelab run "$ROOT/configs/demo.json" --set input.resize=pad --set 'input.size=[128,256]' --variant stride2 --images sizes --out pad -q; echo "$?"
cmp native/stride2/wide.png pad/stride2/wide.png && echo "the size at hand needs no padding"
