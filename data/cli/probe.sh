# how much a block matters, where variants part ways, which statistics batch norm wants
probe() { stridelab probe "$ROOT/configs/demo.json" --isa base --no-progress "$@"; echo "exit status $?"; }
mkdir in
cp "$ROOT"/data/glyphs/source/U+4E0*.png "$ROOT"/data/glyphs/source/U+9FE*.png in
probe --images in --targets "$ROOT/data/glyphs/target" --variant stride2 --variant stride1-up
probe --images in --variant stride2 --block '*' --format csv | cut -d, -f1-6
probe --images in/U+4E04.png --variant stride2 --variant stride1-both --format json > probe.json
grep -e '"schema"' -e '"images_' -e '"name"' -e '"status"' probe.json | sed 's/, "mean".*//'
