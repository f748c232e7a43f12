# bad images are named, the rest of the folder is done, exit status 3
mkdir in
cp "$ROOT/data/glyphs/source/U+4E04.png" "$ROOT/data/glyphs/source/U+4E3F.png" in
: > in/empty.png
head -c 100 in/U+4E04.png > in/short.png
echo text > in/text.png
cp "$ROOT"/data/images/rgb16-adam7.png in/small.png
mkdir in/folder.png
mkfifo in/fifo.png
stridelab run "$ROOT/configs/demo.json" --images in --out out -q; echo "$?"
ls out out/stride2

stridelab run "$ROOT/configs/demo.json" --images in --out out -q; echo "$?"
stridelab run "$ROOT/configs/demo.json" --images nothing --out out2; echo "$?"
stridelab run "$ROOT/configs/demo.json" --images in --out in/U+4E04.png; echo "$?"
mkdir none
stridelab run "$ROOT/configs/demo.json" --images none --out out3; echo "$?"
ls
