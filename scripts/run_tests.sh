#!/bin/sh
# Runs every test program of the build folder $1, then the end-to-end tests, and ends with the sum
# as a line "N passed, N failed". A program that dies without its own closing line is one failure.
build=${1:-build}
passed=0 failed=0
report() { # name, output file, exit status
    line=$(tail -n 1 "$2")
    case $line in
    *[0-9]" passed, "[0-9]*" failed"*)
        ok=${line%% passed*} bad=${line#*passed, } bad=${bad%% failed*} ;;
    *) ok=0 bad=1 ;;
    esac
    [ "$3" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    passed=$((passed + ok)) failed=$((failed + bad))
    if [ "$bad" -ne 0 ]; then
        echo "== $1: exit status $3"
        tail -n 40 "$2"
    else
        echo "ok $1: $line"
    fi
}
output=$(mktemp)
trap 'rm -f "$output"' EXIT
for test in "$build"/test/*_test; do
    [ -x "$test" ] || continue
    "$test" >"$output" 2>&1
    report "$(basename "$test")" "$output" $?
done
for script in scripts/test_*.sh; do
    [ -f "$script" ] || continue
    STRIDELAB="$build/stridelab" sh "$script" >"$output" 2>&1
    report "$(basename "$script")" "$output" $?
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
