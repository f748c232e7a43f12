# times against invented ones of another day: the gate fires only when all of the interval clears it
bench() {
    stridelab bench "$ROOT/configs/demo.json" --isa base --threads 1 --runs 5 --warmup 0 --variant stride2 --variant stride1-up "$@" \
        >stdout 2>stderr
    echo "exit $?"
}
hash=$(stridelab trace "$ROOT/configs/demo.json" --variant stride2 --format json | sed -n 's/.*"architecture": "\(.*\)".*/\1/p')
baseline() { # file, samples, other conditions
    conditions=${3:-'"threads": 1, "batch": 1, "size": [128, 128]'}
    cat >"$1" <<END
{
  "schema": "stridelab.timing/1", "measured": "alone", "machine": "elsewhere", "isa": "base", $conditions, "exact": false,
  "variants": [
    { "name": "stride2", "architecture": "${hash:?}", "seconds_per_image": { "samples": [$2] } },
    { "name": "gone", "architecture": "", "seconds_per_image": { "samples": [1] } }
  ]
}
END
}
warnings() { grep -v 'contention\|unsteady\|outliers' stderr | sed 's/; this one: .*//'; }
numbers() { sed -E 's/[0-9]+\.[0-9]+/N/g'; }
baseline fast.json '1e-9, 1.1e-9, 1e-9, 1e-9, 1.2e-9'
bench --baseline fast.json --fail-if-slower 5% --junit gate.xml --github
warnings | numbers
grep '^::' stdout | numbers
numbers <gate.xml
sed -n '/^against/,$p' stdout | sed -E '3,$s/ +[0-9.]+/ N/g'
bench --baseline fast.json -q; cat stderr
baseline slow.json '1e3, 1e3, 1.1e3, 1e3, 1.2e3'
bench --baseline slow.json --fail-if-slower 5 -q --format json; cat stderr
grep -c '"to_baseline": {' stdout
baseline few.json '1e-9, 1e-9, 1e-9, 1e-9'
bench --baseline few.json --fail-if-slower 5; cat stderr
echo "other conditions"
baseline other.json '1, 1' '"threads": 3, "batch": 8, "size": [256, 256]'
bench --baseline other.json; cat stderr
echo "broken and hostile files"
printf '{ "schema": "stridelab.timing/1", ' >broken.json
bench --baseline broken.json; cat stderr
for samples in '' NaN '1e-3, -1e-3' 0 null 1e999; do
    baseline hostile.json "$samples"
    bench --baseline hostile.json; cat stderr
done
stridelab trace "$ROOT/configs/demo.json" --format json >trace.json
bench --baseline trace.json; cat stderr
bench --baseline none.json; cat stderr
mkdir in
cp "$ROOT/data/glyphs/source/U+4E04.png" in
stridelab run "$ROOT/configs/demo.json" --images in --out out --variant stride2 -q
bench --baseline out/timing.json; sed 's/:[0-9]*:[0-9]*:/:/' stderr
