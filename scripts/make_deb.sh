#!/bin/sh
# Makes BUILD/stridelab_VERSION_ARCH.deb from an install tree. Needs dpkg-deb; with dpkg-dev it also
# finds the least versions of the libraries that the program needs.
#
#   scripts/make_deb.sh [BUILD]       (`make deb`)
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
value() { sed -n "s/^#define STRIDELAB_$1 *\"\(.*\)\".*/\1/p" src/cli/version.h; }
version=$(value VERSION)
maintainer="${DEBFULLNAME:-stridelab} <${DEBEMAIL:-stridelab@example.org}>"
architecture=$(dpkg --print-architecture)
tree=$build/deb
rm -rf "$tree"
umask 022
make -s install BUILD="$build" DESTDIR="$tree" PREFIX=/usr ZSH_DIR=/usr/share/zsh/vendor-completions >/dev/null
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$tree/usr/bin/stridelab"
gzip -9n "$tree/usr/share/man/man1/stridelab.1"

docs=$tree/usr/share/doc/stridelab
mkdir -p "$docs" "$tree/DEBIAN"
{
    echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
    echo "Upstream-Name: stridelab"
    echo
    echo "Files: *"
    echo "Copyright: $(sed -n 's/^Copyright (c) //p' LICENSE | head -n 1)"
    echo "License: Expat"
    sed -n '/^Permission/,$ s/^/ /p' LICENSE | sed 's/^ $/ ./'
} >"$docs/copyright"
{
    echo "stridelab ($version) unstable; urgency=medium"
    echo
    echo "  * Version $version."
    echo
    echo " -- $maintainer  $(LC_ALL=C date -u -R -d "$(value DATE)")"
} | gzip -9n >"$docs/changelog.gz"

depends="libc6, libcjson1"
if command -v dpkg-shlibdeps >/dev/null; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir "$work/debian"
    echo "Source: stridelab" >"$work/debian/control"
    cp "$tree/usr/bin/stridelab" "$work"
    found=$(cd "$work" && dpkg-shlibdeps -O stridelab 2>/dev/null | sed -n 's/^shlibs:Depends=//p') || found=
    depends=${found:-$depends}
fi
cat >"$tree/DEBIAN/control" <<END
Package: stridelab
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)
Depends: $depends
Section: science
Priority: optional
Description: compare variants of a U-Net generator
 Traces every shape of a U-Net generator (zi2zi, pix2pix) and of variants of
 it, proves which of them cannot differ, runs real checkpoints over a folder of
 images with an engine of its own, and writes images, times and metrics with
 statistics. Needs neither Python nor a GPU.
END
(cd "$tree" && find usr -type f | LC_ALL=C sort | xargs md5sum) >"$tree/DEBIAN/md5sums"
dpkg-deb --root-owner-group --build "$tree" "$build/stridelab_${version}_$architecture.deb"
