# variants that are proved equal give the same file, byte for byte; threads and company change nothing
mkdir in
cp "$ROOT"/data/glyphs/source/U+4E04.png "$ROOT"/data/glyphs/source/U+9F98.png in
config=$ROOT/configs/pix2pix-256.json
run() { stridelab run "$config" --set input.channels=1 --set output.channels=1 --set blocks.outermost.channels=8 \
    --set 'input.size=[256,256]' --set input.resize=bilinear --images in -q --save-raw "$@" || echo "exit status $?"; }
run --out all --threads 2
run --out one --threads 1 --variant stride1-up --batch 8
for variant in stride1-up stride1-down stride1-both; do
    for name in U+4E04 U+9F98; do
        cmp "all/stride2/$name.png" "all/$variant/$name.png" && cmp "all/stride2/$name.npy" "all/$variant/$name.npy" &&
            echo "$variant $name equal"
    done
done
cmp one/stride1-up/U+9F98.npy all/stride1-up/U+9F98.npy && echo "alone and in company, one thread and two: equal"
grep -A1 '"name": "stride1-up"' all/timing.json
