#!/bin/sh
# Which of two revisions of the engine is faster, and in which steps? Both are built, loaded into one
# process and run in alternation: a revision against itself comes out within a hundredth.
#
#   scripts/compare_revisions.sh A B [bench's arguments: CONFIG --variant NAME --threads N --batch N]
#
# A and B are revisions, or "." for the files as they are. ROUNDS (40) may be set. With one thread
# everything stays on the first core.
ROOT=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 2 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
set -e
build() { # name, revision
    mkdir "$work/$1"
    if [ "$2" = . ]; then
        cp -r "$ROOT/src" "$ROOT/Makefile" "$work/$1"
    else
        git -C "$ROOT" archive "$2" src Makefile | tar -x -C "$work/$1"
    fi
    make -s -C "$work/$1" BUILD=build HARDEN=-fPIC LDFLAGS= all
    gcc -std=gnu11 -O2 -fPIC -shared -Wl,-Bsymbolic -I"$work/$1/src" -isystem /usr/include/cjson \
        -o "$work/$1.so" "$ROOT/scripts/revision_engine.c" \
        -Wl,--start-group "$work/$1"/build/lib*.a -Wl,--end-group -lcjson -lm -lpthread
}
build A "$1"
build B "$2"
shift 2
[ $# -gt 0 ] || set -- "$ROOT/configs/zi2zi-2020.json" --variant stride2 --threads 1 --batch 1
gcc -std=gnu11 -O2 -o "$work/compare" "$ROOT/scripts/compare_revisions.c" -ldl
pinned=
case " $* " in
*" --threads 1 "*) first=$(taskset -pc $$ 2>/dev/null | sed 's/.*: //; s/[,-].*//')
    [ -z "$first" ] || pinned="taskset -c $first" ;;
esac
$pinned "$work/compare" "$work/A.so" "$work/B.so" "${ROUNDS:-40}" bench "$@"
