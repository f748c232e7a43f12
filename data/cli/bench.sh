# times: what the table and the document hold, no number of which is pinned
bench() { stridelab bench "$ROOT/configs/demo.json" --isa base --threads 1 --runs 5 --warmup 1 -q "$@"; }
names() { sed -n 's/^ *"\([a-z_0-9]*\)":.*/\1/p'; }
numbers() { sed -E 's/ +[0-9]+(\.[0-9]+)?/ N/g'; }
bench --variant stride2 --variant stride1-up | sed 1d | numbers
bench --variant stride2 --variant stride1-up --reference stride1-up --format md | grep '^- ratio'
bench --variant stride2 -v | grep -A5 'of all' | numbers
bench --variant stride2 --format csv | head -3 | sed 's/,[0-9].*//'
bench --variant stride2 --format json >bench.json
names <bench.json | head -28 | tr '\n' ' '; echo
grep -A1 '"outermost"' bench.json | head -1
bench --isa ref --variant stride2 -v | grep reference | numbers
bench --variant stride2 --reference stride1-up; echo "$?"
stridelab bench none.json --format svg; echo "$?"
stridelab bench none.json --runs 3 --fail-if-slower 5%; echo "$?"
stridelab bench none.json --fail-if-slower 5e1; echo "$?"
stridelab bench none.json --junit out.xml; echo "$?"
sed 's/"size": \[128, 128\]/"resize": "native"/' "$ROOT/configs/demo.json" >native.json
stridelab bench native.json; echo "$?"
