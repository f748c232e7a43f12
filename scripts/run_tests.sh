#!/bin/sh
# Runs the tests of the build folder $1 and ends with the sum as a line "N passed, N failed".
#
#   scripts/run_tests.sh [BUILD [WHAT...]]    WHAT: programs (BUILD/test/*_test), or NAME of a
#                                             scripts/test_NAME.sh; all without
#
# A test that dies without its own closing line is one failure; one that cannot run here says
# "skipped: ..." and closes with "0 passed, 0 failed".
build=${1:-build}
[ $# -gt 0 ] && shift
what=$*
passed=0 failed=0
wanted() { # name
    [ -z "$what" ] && return 0
    case " $what " in *" $1 "*) return 0 ;; esac
    return 1
}
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
        echo "ok $1: $(grep '^skipped' "$2" | tr '\n' ' ')$line"
    fi
}
output=$(mktemp)
trap 'rm -f "$output"' EXIT
for test in "$build"/test/*_test; do
    { [ -x "$test" ] && wanted programs; } || continue
    "$test" >"$output" 2>&1
    report "$(basename "$test")" "$output" $?
done
for script in scripts/test_*.sh; do
    wanted "$(basename "$script" .sh | cut -c6-)" || continue
    STRIDELAB="$build/stridelab" sh "$script" >"$output" 2>&1
    report "$(basename "$script")" "$output" $?
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
