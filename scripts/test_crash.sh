#!/bin/sh
# Nothing lost, nothing half written: a small run is killed at system calls, made to fail at system
# calls, interrupted, damaged and resumed; at the end its results are those of a run that nothing
# happened to, byte for byte.
#
#   scripts/test_crash.sh                        a sample of the system calls; SEED=n chooses it
#   scripts/test_crash.sh KILLS ERRORS RANDOM    kills at so many system calls, each error at so
#                                                many, and so many kills at random times;
#                                                99999 99999 1000 takes every call of some 600
#
# Long runs so far, all without a failure:
#   kills at each of the 592 system calls, SEED=1: each time no partial file, and equal after --resume
#   1,000 kills at random times, SEED=1: the same
#   EIO and ENOSPC at every call of the run that can give them, 1,335 errors, SEED=1: never a partial
#   file, and equal after --resume where the run had failed
#   again with the digest made beside other work: 596 kills, 200 at random times, 900 errors, SEED=2
#
# Needs strace for most of it, and says so where it is absent.
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/scripts/small_run.sh"
binary=${STRIDELAB:-$ROOT/build/stridelab}
case $binary in /*) ;; *) binary=$ROOT/$binary ;; esac
long=$1 most_kills=${1:-10} most_errors=${2:-12} most_random=${3:-10}
SEED=${SEED:-$(date +%s)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$binary" "$work/stridelab" && binary=$work/stridelab # it may be built anew meanwhile
unset CI NO_COLOR
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    echo "failed: $*"
}
check() { # what, then a command
    checked=$1
    shift
    if "$@"; then ok; else bad "$checked"; fi
}

cd "$work" || exit 1
small_run U+4E04 U+4E3F U+9F98
rm targets/U+9F98.png # one without a target
options="config.json --images images --targets targets --threads 1 --batch 2 --isa base --save-raw -q"
run() { "$binary" run $options "$@"; }

# What differs from the reference, apart from what may: times, and the order of the journal.
differences() { diff -rq reference "$1" 2>&1 | grep -v 'journal\.jsonl\|report\.html\|timing\.'; }
is_whole() {
    differences "$1" >differences
    [ ! -s differences ] || { cat differences && false; }
}
# What is there is as in the reference, temporaries of a killed process aside.
is_never_partial() {
    differences "$1" | grep -v '^Only in reference\|\.stridelab-[0-9-]*\.tmp$\|No such file' >differences
    [ ! -s differences ] || { cat differences && false; }
}
has_no_temporary() { [ -z "$(find "$1" -name '*.tmp' 2>/dev/null)" ]; }

now() { date +%s.%N; }
start=$(now)
run --out reference || bad "the reference run"
end=$(now)
run --out whole
check "two runs are equal" is_whole whole
run --out whole --resume
check "resuming a run that is done changes nothing" is_whole whole

# ---- damage
damage() { # what, then a command; in a copy of a whole run
    what=$1
    shift
    rm -rf out
    cp -r reference out
    "$@"
    run --out out --resume 2>message || bad "$what: exit status $? $(cat message)"
    check "$what" is_whole out
}
truncate_file() { head -c 50 "$1" >cut && cat cut >"$1"; }
damage "a cut image is done again" truncate_file out/a/U+4E04.png
damage "a changed raw output is done again" cp out/b/U+4E3F.npy out/b/U+4E04.npy
damage "a sheet that is gone is drawn again" rm out/sheets/U+9F98.png
damage "a folder that is gone comes back" rm -r out/inputs out/metrics.json out/report.html
damage "a torn line of the journal" sh -c 'head -c -200 reference/journal.jsonl >out/journal.jsonl'
damage "a damaged line of the journal" sed -i '2s/"metrics": \[/&7, /' out/journal.jsonl
damage "zeros in the journal" sh -c 'head -c 300 /dev/zero >>out/journal.jsonl'
damage "an empty journal" sh -c ': >out/journal.jsonl'
damage "stale temporaries" touch out/.stridelab-99-1.tmp out/a/.stridelab-99-2.tmp
check "stale temporaries go" has_no_temporary out
rm -rf out
"$binary" run config.json --images images --targets targets --threads 1 --batch 2 --isa base -q --out out
run --out out --resume
check "--resume adds the raw outputs" is_whole out

# ---- an older run
cp -r images more && cp images/U+4E04.png more/zzz.png
rm -rf out
"$binary" run config.json --images more -q --out out --save-raw && echo mine >out/a/mine.txt
run --out out --force
rm out/a/mine.txt || bad "--force keeps the files of others"
check "--force leaves nothing of an older run" is_whole out
run --out out 2>message
check "a full folder is refused" [ $? -eq 2 ]

# ---- resumes that are refused, by the field
refuse() { # field, then the options
    field=$1
    shift
    cp -r reference kept
    "$binary" run "$@" --out kept --resume >message 2>&1
    status=$?
    if [ $status -eq 2 ] && grep -qF "$field" message && diff -rq reference kept; then
        ok
    else
        bad "refuse $field: exit status $status: $(cat message)"
    fi
    rm -rf kept
}
refuse 'up.activation: was "relu", is "silu"' $options --set blocks.inner.up.activation=silu
refuse 'random' $options --set weights.random=2
refuse 'variants["b"]' $options --variant a
refuse 'machine.batch: was 2, is 3' $options --batch 3
refuse 'machine.isa: was "base", is "ref"' $options --isa ref
refuse 'inputs.shards' $options --shard 1/1
refuse 'inputs.files["zzz"]' $options --images more
cp images/U+4E3F.png more/U+4E04.png && rm more/zzz.png
refuse 'inputs.files["U+4E04"].sha256' $options --images more
refuse 'inputs.files["U+4E04"].target_sha256' $options --targets more
sed 's/"small"/"smell"/' config.json >other.json
refuse 'config.sha256' other.json ${options#config.json}
cp -r images moved && rm -rf out && cp -r reference out
"$binary" run $options --images moved --threads 2 --out out --resume >message 2>&1
check "the same images elsewhere and other threads go on" [ $? -eq 0 ]
mkdir foreign && echo mine >foreign/mine.txt
run --out foreign --resume 2>message
check "--resume refuses a folder of others" [ $? -eq 2 -a "$(ls foreign)" = mine.txt ]
cp -r images foreign/inputs
run --images foreign/inputs --out foreign --force 2>message
check "results never go where the images are" [ $? -eq 2 ]

# ---- a full disk under standard output
for words in "trace config.json" "explain config.json a b" "bench config.json --runs 1" "init --list" \
    "init pix2pix-128" schema help "help run" --version "compare reference" "run ${options% -q} --out full"; do
    "$binary" $words >/dev/full 2>message
    check "$words > /dev/full" [ $? -eq 4 ]
done
"$binary" schema >&- 2>message
check "a closed standard output" [ $? -eq 4 ]
run --out closed >&- <&- 2>&- && check "closed descriptors harm no file" is_whole closed
"$binary" run $options --set 'input.size=[4096,4096]' --batch 4096 --out large 2>message
status=$?
if [ $status -eq 5 ] && grep -q 'the largest --batch that fits' message && [ ! -e large ]; then
    ok
else
    bad "a plan over the memory: exit status $status: $(cat message)"
fi

echo "seed $SEED"
# From here on a process may be stopped as it writes what it counted for `make coverage`: not there.
export GCOV_PREFIX="$work"
# ---- kills at random times, of a run that is resumed after each of them until it is done
random_kills=0
rm -rf killed
awk -v n=$((20 * most_random)) -v start="$start" -v end="$end" -v seed="$SEED" \
    'BEGIN { srand(seed); while (n-- > 0) print rand() * (end - start) }' >times
while [ "$random_kills" -lt "$most_random" ] && read -r seconds; do
    timeout --foreground -s KILL "$seconds" "$binary" run $options --out killed --resume >message 2>&1 </dev/null
    status=$?
    case $status in
    0)
        check "done after kills at random times" is_whole killed
        rm -rf killed ;;
    137)
        random_kills=$((random_kills + 1))
        check "killed after $seconds s" is_never_partial killed ;;
    124) ;; # it ended by itself as the time was up
    *) bad "resumed after a kill: exit status $status: $(cat message)" ;;
    esac
done <times
run --out killed --resume 2>message </dev/null
check "done after the last kill at a random time" is_whole killed
rm -rf killed

if ! strace -o /dev/null true 2>/dev/null; then
    echo "no strace here: no system call fails, and none is the last"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
fi

# ---- signals, and two runs at once; a shell in the background hands on SIGINT ignored
env --default-signal=INT strace -o /dev/null -e inject=rename:signal=INT:when=8 "$binary" run $options --out signal 2>message
check "SIGINT ends with 130" [ $? -eq 130 ]
check "SIGINT lets the report be written" [ -s signal/metrics.csv -a -s signal/report.html ]
check "SIGINT writes nothing by half" has_no_temporary signal
run --out signal --resume
check "a run goes on after SIGINT" is_whole signal
strace -o /dev/null -e inject=rename:signal=TERM:when=8 "$binary" run $options --out term 2>message
check "SIGTERM ends with 143" [ $? -eq 143 ]
env --default-signal=INT strace -o /dev/null -e inject=rename:signal=INT:when=8+ "$binary" run $options --out twice 2>message
check "a second SIGINT ends at once" [ $? -eq 130 -a ! -e twice/metrics.csv ]
run --out twice --resume
check "a run goes on after two SIGINT" is_whole twice
strace -o /dev/null -e inject=rename:delay_enter=2000000:when=3 "$binary" run $options --out shared &
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -e shared/run.json ] || sleep 0.1; done
run --out shared --force 2>message
status=$?
if [ $status -eq 4 ] && grep -q 'in use by process [0-9]' message; then
    ok
else
    bad "two runs into one folder: exit status $status: $(cat message)"
fi
wait
check "the first of two runs is whole" is_whole shared

# ---- every system call: lines "name number path?" of a run, the loader's part left out
list_calls() { # trace -> calls
    awk -v out="$2" '{
        name = $1; sub(/\(.*/, "", name)
        if (name !~ /^[a-z_0-9]+$/ || name == "execve" || name == "exit_group") next
        count[name]++
        if (NR > 40)
            print name, count[name], index($0, out) ? "out" : index($0, "/proc/cpuinfo") ? "machine" : "other"
    }' "$1"
}
sample() { # how many
    awk -v seed="$SEED" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' | sort -n | head -n "$1" |
        cut -f 2
}
strace -y -o trace "$binary" run $options --out killed >/dev/null
list_calls trace killed >calls
kills=0
sample "$most_kills" <calls >chosen
while read -r name number where; do
    rm -rf killed
    strace -o /dev/null -e inject="$name:signal=KILL:when=$number" "$binary" run $options --out killed \
        >/dev/null 2>&1 </dev/null
    kills=$((kills + 1))
    is_never_partial killed || bad "killed at $name $number: a file is partial"
    run --out killed --resume 2>message </dev/null || bad "killed at $name $number: resume: $(cat message)"
    check "killed at $name $number, then resumed" is_whole killed
    has_no_temporary killed || bad "killed at $name $number: a temporary is left"
done <chosen

# ---- every error: 0 only when all is right, 4 when a result cannot be written, and nothing by half
errors=0 turn=0
grep -E '^(write|openat|rename|close|read|pread64|ftruncate|fcntl|mkdir|getdents64|lseek|newfstatat|fsync|syncfs) ' calls |
    sample "$most_errors" >chosen
while read -r name number where; do
    for error in ENOSPC EIO EINTR; do
        turn=$((turn + 1))
        [ -n "$long" ] || [ $((turn % 4)) -eq 0 ] || continue # the sample has each of the three
        errors=$((errors + 1))
        rm -rf killed
        strace -o /dev/null -e inject="$name:error=$error:when=$number" "$binary" run $options \
            --out killed >/dev/null 2>message </dev/null
        status=$?
        case $status,$error,$name,$where in
        0,*,machine) # without /proc/cpuinfo the machine is described by its architecture
            sed 's/\("description": "\).*\(, [0-9]* cores,\)/\1'"$(uname -m)"'\2/' reference/run.json |
                cmp -s - killed/run.json && cp reference/run.json killed
            is_whole killed || bad "$error at $name $number: exit status 0, and it is not whole" ;;
        0,*) is_whole killed || bad "$error at $name $number: exit status 0, and it is not whole" ;;
        *,EINTR,write,* | *,EINTR,read,* | *,EINTR,rename,* | *,EINTR,openat,out | *,EINTR,close,*)
            bad "$error at $name $number ($where): exit status $status: $(cat message)" ;;
        4,*,out) [ -s message ] || bad "$error at $name $number: no message" ;;
        *,out) bad "$error at $name $number on a result: exit status $status: $(cat message)" ;;
        [2345],*) [ -s message ] || bad "$error at $name $number: no message" ;;
        *) bad "$error at $name $number: exit status $status: $(cat message)" ;;
        esac
        case $status,$error,$name,$where in
        0,ENOSPC,write,out | 0,EIO,write,out | 0,ENOSPC,rename,* | 0,EIO,rename,* | 0,EIO,syncfs,*)
            bad "$error at $name $number went unnoticed" ;;
        esac
        has_no_temporary killed || bad "$error at $name $number: a temporary is left"
        [ "$where" = other ] || is_never_partial killed ||
            [ $status -ne 0 ] || bad "$error at $name $number: a file is partial"
        run --out killed --resume 2>message </dev/null || run --out killed --force 2>message </dev/null
        check "$error at $name $number, then resumed" is_whole killed
    done
done <chosen

# ---- one document: the old one stands until the new one is on the disk
"$binary" init pix2pix-128 --out old.json && "$binary" init pix2pix-256 --out new.json
cp old.json document.json
strace -y -o trace "$binary" init pix2pix-256 --out document.json
for pair in 'write(.*\.tmp>' 'fsync(.*\.tmp>' 'rename(' 'fsync('; do
    line=$(grep -n "$pair" trace | tail -n 1 | cut -d: -f1)
    [ "${line:-0}" -gt "${before:-0}" ] || bad "not in order: $pair"
    before=$line
done
list_calls trace document >calls
grep '^\(write\|openat\|rename\|close\|fsync\) ' calls | sample $((most_errors / 3)) >chosen
while read -r name number where; do
    for what in error=ENOSPC error=EIO signal=KILL; do
        cp old.json document.json
        strace -o /dev/null -e inject="$name:$what:when=$number" "$binary" init pix2pix-256 \
            --out document.json >/dev/null 2>message </dev/null
        status=$?
        if cmp -s old.json document.json; then
            [ $status -ne 0 ]
        else
            cmp -s new.json document.json
        fi
        check "$what at $name $number of init" [ $? -eq 0 ]
        [ $what = signal=KILL ] || has_no_temporary . || bad "$what at $name $number of init: temporary"
        rm -f .stridelab-*.tmp
    done
done <chosen
echo "$kills kills, $random_kills at random times, $errors errors"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
