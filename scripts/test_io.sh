#!/bin/sh
# Input and output fail, of more than a dozen commands: a system call gives EIO or ENOSPC, and the
# command either does all that it should (what failed did not matter) or ends with 2 to 5 and a
# message; every file is then the old one or the new one, and no temporary is left.
#
#   scripts/test_io.sh          a sample of 3 system calls for each command; SEED=n chooses it
#   scripts/test_io.sh COUNT    so many; 99999: every one
#
# At every one so far, without a failure: 3,148 errors at 1,574 system calls, SEED=1.
#
# `run` and `init` at every call, and going on afterwards: scripts/test_crash.sh.
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/scripts/small_run.sh"
binary=${STRIDELAB:-$ROOT/build/stridelab}
case $binary in /*) ;; *) binary=$ROOT/$binary ;; esac
most=${1:-3}
SEED=${SEED:-$(date +%s)}
if ! strace -o /dev/null true 2>/dev/null; then
    echo "skipped: no strace here"
    echo "0 passed, 0 failed"
    exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$binary" "$work/stridelab" && binary=$work/stridelab # it may be built anew meanwhile
unset CI NO_COLOR
passed=0 failed=0
bad() {
    failed=$((failed + 1))
    echo "failed: $*"
}

mkdir "$work/start" && cd "$work/start" || exit 1
small_run U+4E04 U+4E3F
cp "$ROOT/data/checkpoints/small.pth" "$ROOT/data/checkpoints/small.legacy.pth" \
    "$ROOT/data/checkpoints/small.safetensors" .
cp "$ROOT"/data/golden/families/*.pth .
family=$(ls "$ROOT"/data/golden/families/*.pth | head -n 1)
family=${family##*/}
run="run config.json --images images --targets targets --threads 1 --isa base -q"
"$binary" $run --out done || bad "the run to compare"
"$binary" check config.json --golden golden --update >/dev/null || bad "the golden traces"
echo old >old.json
cd "$work" || exit 1

# In a fresh copy of `start`, with strace's options $1, the command $words.
attempt() {
    rm -rf now
    cp -r start now
    (cd now && exec strace -o ../trace $1 "$binary" $words >../stdout 2>../stderr </dev/null)
}
# What is in `now` and neither as before nor as it should become; times and pages with them aside.
partial() {
    (cd now && find . -type f) | grep -v 'journal\.jsonl\|report\.html\|timing\.' | while read -r file; do
        cmp -s "now/$file" "start/$file" || cmp -s "now/$file" "end/$file" || echo "$file"
    done
}
is_complete() { # the answer and the files
    { [ "$varies" ] || cmp -s stdout answer; } && ! diff -rq end now | grep -qv 'journal\.jsonl\|report\.html\|timing\.'
}
judge() { # name, number, where, error; the exit status in $status
    problem=
    case $status,$3 in
    0,out) # also when a folder or a closing failed that has no part in it
        is_complete || problem="exit status 0, and not all is there"
        case $1 in write | rename | fsync | syncfs) problem="went unnoticed" ;; esac ;;
    0,machine) ;; # the machine is described with less
    0,*) is_complete || problem="exit status 0, and not all is there" ;;
    [2345],*) [ -s stderr ] || problem="exit status $status without a message" ;;
    *) problem="exit status $status: $(head -c 200 stderr)" ;;
    esac
    [ -z "$(find now -name '*.tmp')" ] || problem="$problem, a temporary"
    # With 3 an image could not be read, and the results are whole without it.
    [ "$3" = machine ] || [ "$status" -eq 3 ] || [ -z "$(partial)" ] ||
        problem="$problem, partial: $(partial | tr '\n' ' ')"
    if [ "$problem" ]; then bad "$words: $4 at $1 $2 ($3): $problem"; else passed=$((passed + 1)); fi
}
# `varies` before the words: what it prints are times.
torture() {
    varies=
    [ "$1" = varies ] && varies=1 && shift
    words=$*
    attempt -y
    status=$?
    [ $status -eq 0 ] || bad "$words: exit status $status: $(head -c 200 stderr)"
    rm -rf end && mv now end && mv stdout answer
    awk '/^munmap/ { loaded = 1 } { # by the loader, of its cache: its last call
        name = $1; sub(/\(.*/, "", name); count[name]++
        if (loaded && name ~ /^(openat|read|pread64|write|rename|close|fsync|syncfs|mkdir|ftruncate|lseek|newfstatat|getdents64)$/)
            print name, count[name], /cpuinfo/ ? "machine" : /^write\(1<|\.tmp|O_DIRECTORY/ ? "out" : "other"
    }' trace >calls
    awk -v seed="$SEED" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' calls | sort -n | head -n "$most" |
        cut -f 2 >chosen
    tried=0
    while read -r name number where; do
        for error in EIO ENOSPC; do
            attempt "-e inject=$name:error=$error:when=$number"
            status=$?
            tried=$((tried + 1))
            judge "$name" "$number" "$where" $error
        done
    done <chosen
    echo "$words: $(wc -l <calls) system calls, $tried failures"
}

# Its counts for `make coverage` may fail to be written: not over those of the other tests.
export GCOV_PREFIX="$work"
echo "seed $SEED"
torture trace config.json
torture trace config.json --format svg
torture explain config.json a b
torture check config.json --golden golden --junit junit.xml
torture check config.json --golden new --update
torture $run --out out
torture $run --out done --force
torture $run --out done --resume
torture compare done --junit junit.xml
torture varies bench config.json --runs 1 --warmup 0 --threads 1
torture probe config.json --images images --threads 1
torture selfcheck config.json --targets targets
torture weights small.pth
torture weights small.legacy.pth
torture weights small.safetensors
torture init pix2pix-256 --out old.json
torture init --from "$family"
torture export config.json --variant a --onnx net.onnx
torture schema
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
