stridelab weights "$ROOT/data/demo.pth" --config "$ROOT/configs/demo.json" --variant stride1-up
stridelab weights "$ROOT/data/golden/families/a.pth" --config "$ROOT/configs/demo.json" --variant stride2 | sed -n '/^stride2/,$p'
echo "$?"
head -c 1000 "$ROOT/data/demo.pth" > short.pth
stridelab weights short.pth; echo "$?"
stridelab weights "$ROOT/data/demo.safetensors" --config "$ROOT/configs/demo.json" --variant stride2 --format json | sed -n "/\"imbalance\"/,\$p"
stridelab weights "$ROOT/data/checkpoints/two.pth"; echo "$?"
stridelab weights "$ROOT/data/checkpoints/two.pth" --set weights.key=params_ema
