# what does not fit is said and the rest runs; what is one computation is said; nothing measured, nothing claimed
image=$ROOT/data/glyphs/source/U+4E04.png
stridelab run "$ROOT/configs/demo.json" --set input.size=96 --set input.resize=bilinear --images "$image" --out some
echo "$?"
stridelab run "$ROOT/configs/demo.json" --set input.size=96 --set input.resize=bilinear --images "$image" --out none --variant stride2
echo "$?"
[ -e none ] || echo "nothing is written"
stridelab run "$ROOT/configs/demo.json" --set input.size=64 --set input.resize=bilinear --images "$image" --out equal
stridelab run "$ROOT/configs/demo.json" --images "$ROOT/data/pairs" --set input.size=256 --set input.resize=error --variant stride2 --out failed
