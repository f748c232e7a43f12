#!/bin/sh
# A shell user's world: completions in bash, zsh and fish, the manual page, install and uninstall, the
# Debian package, colour, annotations, standard input. What a test needs and the machine lacks is
# skipped with a word.
. "$(dirname "$0")/on_path.sh"
unset CI NO_COLOR CLICOLOR CLICOLOR_FORCE
TERM=xterm
export TERM
cd "$ROOT" || exit 1
passed=0 failed=0

is() { # name, got, want
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '== %s\n-- got:\n%s\n-- want:\n%s\n' "$1" "$2" "$3"
    fi
}
has() { # name, command or file that a test needs
    command -v "$2" >/dev/null 2>&1 && return 0
    echo "skipped $1: there is no $2"
    return 1
}
works() { # name, command...: it succeeds
    name=$1
    shift
    "$@" >"$work/output" 2>&1
    status=$?
    [ $status -eq 0 ] || tail -n 5 "$work/output"
    is "$name" $status 0
}

# Each shell completes these command lines, the cursor at their ends; a line of words for each. Words
# that begin with a dash complete from the options.
variants="stride1-both stride1-down stride1-up stride2"
cases='stridelab tra|trace
stridelab trace configs/demo.json --form|--format
stridelab trace configs/demo.json --format s|svg
stridelab trace configs/demo.json --variant |VARIANTS
stridelab trace configs/demo.json --format csv --variant stride1-b|stride1-both
stridelab trace --size 128 configs/demo.json --variant stride2 --variant stride1-u|stride1-up
stridelab explain configs/demo.json stride1-d|stride1-down
stridelab explain configs/demo.json stride2 stride1-d|stride1-down
stridelab probe configs/demo.json --block inn|innermost
stridelab weights data/demo.pth --config configs/demo.json --variant stride1-u|stride1-up
stridelab trace configs/pix2|configs/pix2pix-256.json
stridelab run configs/demo.json --images data/glyphs/sou|data/glyphs/source
stridelab init pix2pix-1|pix2pix-128
stridelab help sel|selfcheck
stridelab help --completion z|zsh
stridelab trace missing.json --variant |
stridelab run configs/demo.json --batch |'

completes() { # shell
    echo "$cases" >"$work/cases"
    while IFS='|' read -r line want; do
        [ "$want" = VARIANTS ] && want=$variants
        got=$("complete_$1" "$line" | sed 's|[ /]*$||' | LC_ALL=C sort | tr '\n' ' ' | sed 's/ *$//')
        is "$1: $line" "$got" "$want"
    done <"$work/cases"
}

complete_bash() {
    bash --norc -c '
        source "$1"
        read -ra COMP_WORDS <<<"$2"
        [[ $2 == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _stridelab stridelab "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf "%s\n" "${COMPREPLY[@]}"' bash "$work/stridelab.bash" "$1" 2>&1
}

# In a pseudo-terminal: the line is typed, then a tab. All candidates pass through compadd, which with
# -A gives those that match; -p is a folder before them.
start_zsh() {
    mkdir "$work/zsh"
    cp "$work/stridelab.zsh" "$work/zsh/_stridelab"
    cat >"$work/setup.zsh" <<END
PS1= fpath=($work/zsh \$fpath)
autoload -Uz compinit && compinit -u -C -d $work/zcompdump
compadd() {
    [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]] && { builtin compadd "\$@"; return }
    local -a hits before=() other=()
    builtin compadd -A hits "\$@"
    zparseopts -E -a other p:=before
    print -rl -- \$before[2]\$^hits >>$work/candidates
    builtin compadd "\$@"
}
show() { _main_complete; compstate[insert]= compstate[list]=; print END >>$work/candidates }
zle -C show complete-word show
bindkey '^I' show
print READY >>$work/candidates
END
    cat >"$work/complete.zsh" <<'END'
zmodload zsh/zpty zsh/zselect
work=$2
until_it_says() { repeat 500; do grep -qx $1 $work/candidates && return; zselect -t 1; done; print nothing comes }
zpty z zsh -f -i
zpty -w z " source $work/setup.zsh"
until_it_says READY
: >$work/candidates
zpty -n -w z $1$'\t'
until_it_says END
zpty -d z
grep -vx END $work/candidates | sort -u
END
}
complete_zsh() {
    : >"$work/candidates"
    zsh -f "$work/complete.zsh" "$1" "$work" | sed 's/\\//g'
}

complete_fish() {
    fish --no-config -c 'source $argv[1]; complete -C $argv[2] | string replace -r "\t.*" ""' \
        "$work/stridelab.fish" "$1" 2>&1
}

for shell in bash zsh fish; do
    stridelab help --completion "$shell" >"$work/stridelab.$shell"
    has "completion in $shell" "$shell" || continue
    works "$shell: syntax" "$shell" -n "$work/stridelab.$shell"
    [ "$shell" = zsh ] && start_zsh
    completes "$shell"
done

# A name from a file is data: nothing in it runs, in completions of any shell.
mkdir "$work/hostile"
cat >"$work/hostile/run.json" <<'END'
not a run
END
is "names of no run" "$(stridelab help --names variants "$work/hostile" 2>/dev/null; echo $?)" 2
is "names of a config on standard input" \
    "$(stridelab help --names variants - <configs/demo.json | LC_ALL=C sort | tr '\n' ' ')" "$variants "

stridelab help --man >"$work/stridelab.1"
if has "lint of the manual" mandoc; then
    is "mandoc has no warning" "$(mandoc -T lint -W warning "$work/stridelab.1" 2>&1)" ""
fi
if has "the manual in man" man && man --version 2>/dev/null | grep -q '^man 2'; then
    is "man has no warning" "$(LC_ALL=C man --warnings -E UTF-8 -l "$work/stridelab.1" 2>&1 >/dev/null)" ""
fi
for verb in $(stridelab help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
    for option in $(stridelab "$verb" --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p'); do
        grep -qF -- "$(echo "$option" | sed 's/-/\\-/g')" "$work/stridelab.1" || echo "$verb $option"
    done
done >"$work/missing"
is "every option is in the manual" "$(cat "$work/missing")" ""

# Install trees are made from the program under test, as if it had just been built.
build=$work/build
mkdir "$build"
cp "$binary" "$build/stridelab"
make_quietly() { make -s BUILD="$build" -o "$build/stridelab" "$@"; }
works "make install" make_quietly install DESTDIR="$work/root" PREFIX=/usr/local
is "what is installed" "$(cd "$work/root" && find . -type f ! -path '*/share/stridelab/*' | LC_ALL=C sort)" \
    "./usr/local/bin/stridelab
./usr/local/share/bash-completion/completions/stridelab
./usr/local/share/fish/vendor_completions.d/stridelab.fish
./usr/local/share/man/man1/stridelab.1
./usr/local/share/zsh/site-functions/_stridelab"
shared=$work/root/usr/local/share/stridelab
is "what installed configs name is there" "$(grep -oh '"\.\./[^"]*' "$shared"/configs/*.json | sort -u |
    while read -r path; do [ -f "$shared/configs/${path#?}" ] || echo "$path"; done)" ""
for config in demo demo-96; do
    works "the installed $config runs" "$work/root/usr/local/bin/stridelab" run "$shared/configs/$config.json" \
        --images "$shared/data/glyphs${config#demo}/source/U+4E04.png" \
        --targets "$shared/data/glyphs${config#demo}/target" --out "$work/out-$config"
done
works "make uninstall" make_quietly uninstall DESTDIR="$work/root" PREFIX=/usr/local
is "what uninstall leaves" "$(find "$work/root" -type f)" ""
if has "the Debian package" dpkg-deb; then
    works "make deb" make_quietly deb
    deb=$(echo "$build"/stridelab_*.deb)
    dpkg-deb -x "$deb" "$work/unpacked"
    dpkg-deb -e "$deb" "$work/control"
    is "the package's checksums" "$(cd "$work/unpacked" && md5sum --quiet -c "$work/control/md5sums" 2>&1)" ""
    is "the package's version" "stridelab $(dpkg-deb -f "$deb" Version)" "$(stridelab --version)"
    is "the package's program" "$("$work/unpacked/usr/bin/stridelab" --version)" "$(stridelab --version)"
    if has "lint of the package" lintian; then
        is "lintian has no error" "$(lintian --fail-on error "$deb" 2>&1 | grep '^[EW]:')" ""
    fi
fi

escape=$(printf '\033')
painted() { stridelab trace configs/pix2pix-256.json --size 384 "$@" | grep -c "$escape"; }
is "no colour in a pipe" "$(painted)" 0
is "--color always" "$([ "$(painted --color always)" -gt 10 ] && echo yes)" yes
is "NO_COLOR and --color always" "$([ "$(NO_COLOR=1 painted --color always)" -gt 10 ] && echo yes)" yes
is "CLICOLOR_FORCE" "$([ "$(CLICOLOR_FORCE=1 painted)" -gt 10 ] && echo yes)" yes
is "NO_COLOR and CLICOLOR_FORCE" "$(NO_COLOR=1 CLICOLOR_FORCE=1 painted)" 0
is "--color never and CLICOLOR_FORCE" "$(CLICOLOR_FORCE=1 painted --color never)" 0
is "no colour in JSON" "$(painted --color always --format json)" 0
is "colour changes no text" \
    "$(stridelab trace configs/pix2pix-256.json --size 384 --color always | sed "s/${escape}\[[0-9]*m//g")" \
    "$(stridelab trace configs/pix2pix-256.json --size 384)"
if has "a terminal" script && script --version 2>/dev/null | grep -q util-linux; then
    terminal() { script -qec "stridelab check configs/demo.json" /dev/null </dev/null | tr -d '\r'; }
    is "colour on a terminal" "$(terminal)" "${escape}[32mok${escape}[0m   configs/demo.json"
    is "NO_COLOR on a terminal" "$(NO_COLOR=1 terminal)" "ok   configs/demo.json"
    is "a dumb terminal" "$(TERM=dumb terminal)" "ok   configs/demo.json"
fi

is "check --github names the file" \
    "$(stridelab check configs/demo.json --set blocks.b5.down.stride=1 --github |
        grep -c '^::error file=configs/demo.json,title=stridelab check::stride2: decoded is ')" 1
is "check --github, nothing to say" "$(stridelab check configs/demo.json --github)" "ok   configs/demo.json"
printf '{\n  "nam": 1 }\n' >"$work/bad.json"
is "check --github, a bad config" \
    "$(stridelab check "$work/bad.json" --github 2>/dev/null | grep -c "^::error file=$work/bad.json,line=2,col=3,title=")" 1

# What Slurm gives the two tasks of an array.
for task in 1 2; do
    works "task $task of a Slurm array" env STRIDELAB="$binary" SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_COUNT=2 \
        SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=2 SLURM_CPUS_PER_TASK=1 \
        sh scripts/shard_slurm.sh "$work/slurm" configs/demo.json --images data/pairs --pairs left
done
works "comparing what the tasks wrote" stridelab compare "$work/slurm/shard-1" "$work/slurm/shard-2"

is "a config on standard input" "$(stridelab trace - --format json <configs/pix2pix-256.json)" \
    "$(stridelab trace configs/pix2pix-256.json --format json)"
is "init --out -" "$(stridelab init pix2pix-256 --out -)" "$(stridelab init pix2pix-256)"
is "init | trace -" "$(stridelab init pix2pix-256 | stridelab trace - >/dev/null; echo $?)" 0

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
