# what cannot be probed, and why
probe() { stridelab probe "$ROOT/configs/demo.json" --variant stride2 "$@" > out; echo "exit status $?"; }
mkdir in
cp "$ROOT/data/glyphs/source/U+4E04.png" in
probe
probe --images in --block outermost
probe --images in --block b9 --block 3
probe --images in --format svg
probe --images in --pairs left --targets in
probe --images in --set 'blocks.innermost.up.padding=0'; cat out
echo "not an image" > in/z.png
probe --images in; head -1 out
rm in/U+4E04.png
probe --images in; cat out
