#!/bin/sh
# The Debian package on a clean Debian: debootstrap makes a minimal root in a temporary folder, apt
# installs the package there with what it depends on, an ordinary user runs the demo from the installed
# files, and after a purge nothing of it may be left. Takes minutes, root and a mirror, and so is not
# part of `make test`; says so and ends with 0 where it cannot run.
#
#   scripts/clean_root.sh [BUILD [SUITE [MIRROR]]]     SUITE: by default this machine's own
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:-build} suite=${2:-$(. /etc/os-release && echo "$VERSION_CODENAME")} mirror=${3:-http://deb.debian.org/debian}
skip() {
    echo "skipped: $1"
    echo "0 passed, 0 failed"
    exit 0
}
[ "$(id -u)" -eq 0 ] || skip "a new root needs root"
command -v debootstrap >/dev/null || skip "there is no debootstrap"
command -v dpkg-deb >/dev/null || skip "there is no dpkg-deb"
make -s BUILD="$build" deb >/dev/null || exit 1
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root
if ! debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$work/log" 2>&1; then
    tail -n 3 "$work/log"
    skip "debootstrap got no $suite from $mirror"
fi
cp "$build"/stridelab_*.deb "$root/tmp/stridelab.deb"

passed=0 failed=0
works() { # name, command in the new root
    if chroot "$root" sh -euc "$2" >"$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "== $1"
        tail -n 10 "$work/log"
    fi
}
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
user='su nobody -s /bin/sh -c'
works "nothing of it is there before" '! command -v stridelab && [ -z "$(find / -xdev -name "stridelab*" ! -path "/tmp/*")" ]'
works "install" 'apt-get install -y --no-install-recommends /tmp/stridelab.deb && dpkg -L stridelab >/tmp/files'
works "every library is found" '! ldd /usr/bin/stridelab | grep "not found"'
works "help" "$user 'stridelab --version && stridelab help && stridelab help run'"
works "the manual" 'zcat /usr/share/man/man1/stridelab.1.gz | grep -q "^\.SH NAME"'
works "completions" 'bash -n /usr/share/bash-completion/completions/stridelab && [ -s /usr/share/zsh/vendor-completions/_stridelab ]'
works "init and trace" "$user 'stridelab init zi2zi-2020 --out /tmp/z.json && stridelab trace /tmp/z.json'"
works "every installed config" "$user 'cd /usr/share/stridelab && stridelab check configs/*.json'"
works "run" "$user 'cd /usr/share/stridelab && stridelab run configs/demo.json --images data/glyphs/source \
    --targets data/glyphs/target --out /tmp/out && [ -s /tmp/out/report.html ]'"
works "compare" "$user 'stridelab compare /tmp/out'"
works "purge" 'apt-get purge -y stridelab'
works "what purge leaves" '[ -z "$(find / -xdev -name "*stridelab*" ! -path "/tmp/*")" ]
    while read -r path; do [ -d "$path" ] || [ ! -e "$path" ]; done </tmp/files'
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
