# from a checkpoint to an output, for every family that there is
for family in a b c-conv c-upsample c-pixelshuffle d-2025-12 d-2026-03 e; do
    stridelab init --from "$ROOT/data/golden/families/$family.pth" --out config.json -q || exit
    stridelab weights "$ROOT/data/golden/families/$family.pth" --config config.json | sed -n '/bind/p'
done
stridelab init --from "$ROOT/data/golden/families/c-conv.pth" | head -n 12
