# every misuse: a message that says what would be right, and exit status 2
try() { stridelab "$@" >out; echo "$? $*"; [ -s out ] && echo "unexpected output"; }
try
try frobnicate
try trac x.json
try trace
try trace a.json b.json
try trace --sise 3 a.json
try trace --images x a.json
try trace --size 0 a.json
try trace --size 3x a.json
try trace --sizes 64..32/8 a.json
try trace --format xml a.json
try trace --set novalue a.json
try trace --size
try run --resume=yes a.json
try run x.json
try run x.json --images a --out b --resume --force
try run x.json --images a --out b --pairs middle
try run x.json --images a --out b --shard 3/2
try bench --isa mmx a.json
try bench --threads 0 a.json
try help frobnicate
exit 0
