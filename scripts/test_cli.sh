#!/bin/sh
# The command line, pinned by data: every data/cli/NAME.sh runs in an empty folder, with `stridelab`
# on the PATH and $ROOT the top of the tree, and must give data/cli/NAME.expected: standard output,
# standard error and exit status. Times and paths that vary are for the case itself to cut.
#
#   scripts/test_cli.sh [--update] [NAME...]     --update accepts what they give now
. "$(dirname "$0")/on_path.sh"
update=
[ "$1" = --update ] && update=1 && shift
export ROOT
unset CI NO_COLOR STRIDELAB_THREADS
passed=0 failed=0
for script in "$ROOT"/data/cli/*.sh; do
    name=$(basename "$script" .sh)
    if [ $# -gt 0 ]; then
        case " $* " in *" $name "*) ;; *) continue ;; esac
    fi
    mkdir "$work/case"
    (cd "$work/case" && sh "$script" >"$work/stdout" 2>"$work/stderr" </dev/null)
    status=$?
    {
        sed "s|$ROOT|ROOT|g" "$work/stdout"
        echo "--- stderr"
        sed "s|$ROOT|ROOT|g" "$work/stderr"
        echo "--- exit $status"
    } >"$work/got"
    rm -rf "$work/case"
    expected=$ROOT/data/cli/$name.expected
    if [ -n "$update" ]; then
        cp "$work/got" "$expected"
    elif cmp -s "$work/got" "$expected"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "== $name"
        diff -u "$expected" "$work/got"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
