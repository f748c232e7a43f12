#!/bin/sh
# Runs the examples of README.md and of the pages in configs/, each page's in their order, in a copy of
# the tree's data, with the built stridelab on the PATH. By the mark of a fenced block:
#
#   json      a config: saved as NAME.json, its "name"; it must load, and may misfit
#   sh        commands, which must succeed
#   console   after commands, and before the next: lines that they print, in this order; `...` stands
#             for any others. One that follows no commands is not looked at, nor is any other block
#
#   scripts/test_docs.sh [PAGE...]
. "$(dirname "$0")/on_path.sh"
unset STRIDELAB CI COLUMNS NO_COLOR CLICOLOR CLICOLOR_FORCE
cd "$ROOT" || exit 1
[ $# -gt 0 ] || set -- README.md configs/*.md

# Blocks of the page $1 as files $work/blocks/NNN.KIND, in their order.
split() {
    awk -v dir="$work/blocks" '
        /^```(json|sh)$/           { file = sprintf("%s/%03d.%s", dir, ++block, substr($0, 4)); inside = 1; commands = /sh/; next }
        /^```console$/ && commands { file = sprintf("%s/%03d.console", dir, ++block); inside = 1; commands = 0; next }
        /^```/                     { inside = 0; next }
        inside                     { print > file }' "$1"
}
# Whether the lines of $1 stand in $2: those between two `...` without a gap.
prints() {
    awk -v want="$1" '
        { got[++count] = $0 }
        function fits(from, i) {
            for (i = 1; i <= length_; i++) if (got[from + i] != part[i]) return 0
            return 1
        }
        function take() { # the lines of part, the first time that they stand after `at`
            while (at + length_ <= count && !fits(at)) at++
            if (at + length_ > count) { print "not printed, or not in this place: " part[1]; exit 1 }
            at += length_
            length_ = 0
        }
        END {
            while ((getline line < want) > 0) if (line ~ /^ *\.\.\.$/) take(); else part[++length_] = line
            take()
        }' "$2"
}
passed=0 failed=0
verdict() { # exit status, page, block
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "== this example of $2 fails:"
        cat "$3"
        echo "-- it says:"
        cat "$work/output"
    fi
}
for page; do
    rm -rf "$work/blocks" "$work/tree"
    mkdir "$work/blocks" "$work/tree" "$work/tree/scripts"
    cp -r configs data "$work/tree"
    cp scripts/shard_*.sh "$work/tree/scripts"
    split "$page"
    for block in "$work"/blocks/*; do
        case $block in
        *.json)
            name=$(sed -n 's/^ *"name": "\([^"]*\)",$/\1/p' "$block" | head -n 1)
            cp "$block" "$work/tree/${name:-unnamed}.json"
            (cd "$work/tree" && stridelab help --names variants "${name:-unnamed}.json" >"$work/output" 2>&1)
            verdict $? "$page" "$block" ;;
        *.sh)
            if grep -q shard_parallel "$block" && ! command -v parallel >/dev/null; then
                echo "skipped an example of $page: there is no parallel"
                continue
            fi
            (cd "$work/tree" && sh -e "$block" >"$work/output" 2>&1 </dev/null)
            verdict $? "$page" "$block"
            cp "$work/output" "$work/printed" ;;
        *.console)
            prints "$block" "$work/printed" >"$work/output"
            verdict $? "$page" "$block" ;;
        esac
    done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
