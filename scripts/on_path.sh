# For tests to source, with $0 in scripts/: the top of the tree as $ROOT, an empty folder as $work until
# the end, and the program of $STRIDELAB (build/stridelab) on the PATH as `stridelab`.
ROOT=$(cd "$(dirname "$0")/.." && pwd)
binary=${STRIDELAB:-$ROOT/build/stridelab}
case $binary in /*) ;; *) binary=$ROOT/$binary ;; esac
if [ ! -x "$binary" ]; then
    echo "there is no $binary: make it, or name it in STRIDELAB"
    exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$binary" "$work/bin/stridelab"
PATH=$work/bin:$PATH
export PATH
