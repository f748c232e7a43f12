#!/bin/sh
# Runs the fuzz targets under libFuzzer: scripts/fuzz.sh BUILD SECONDS [NAME...], all without names.
# BUILD has test/fuzz_NAME_test made by clang -fsanitize=fuzzer; what was found so far is kept in
# BUILD/corpus/NAME, and goes on from there. An input that fails is kept in BUILD/found; a report then
# does not say where memory came from, which costs much to note for every run: run it once more.
build=$1 seconds=$2
shift 2
[ $# -gt 0 ] || set -- $(ls src/fuzz/fuzz_*_test.c | sed 's,.*/fuzz_\(.*\)_test\.c,\1,')
mkdir -p "$build/found"
failed=0
for name; do
    corpus=$build/corpus/$name program=$build/test/fuzz_${name}_test log=$build/$name.log
    mkdir -p "$corpus"
    sed -n '/fuzz_seeds\[\] =/,/;/p' "src/fuzz/fuzz_${name}_test.c" | grep -o '"[^"]*"' | tr -d '"' |
        while read -r pattern; do ls $pattern; done | paste -sd, >"$build/$name.seeds"
    ASAN_OPTIONS=quarantine_size_mb=4:malloc_context_size=0 "$program" -max_total_time="$seconds" -max_len=8192 \
        -timeout=20 -print_final_stats=1 -artifact_prefix="$build/found/$name-" \
        -seed_inputs="@$build/$name.seeds" "$corpus" >"$log" 2>&1 || {
        failed=$((failed + 1))
        tail -n 30 "$log"
    }
    echo "$name: $(grep -o 'Seed: [0-9]*' "$log" | head -n 1)," \
        "$(sed -n 's/.*number_of_executed_units: *//p' "$log") runs," \
        "$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -n 1)"
done
[ "$failed" -eq 0 ]
