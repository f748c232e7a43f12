# all problems of a config at once, each with its place and what would be right
cat > bad.json <<'J'
{
  "name": "bad",
  "input": { "channels": 1, "size": [256, "x"] },
  "defaults": { "down": { "strdie": 2 }, "skip": "sum" },
  "blocks": [ { "name": "a", "channels": 0 }, { "name": "a", "channels": 8, "up": { "decoder": "conv", "output_padding": 1 } } ],
  "variants": [ { "name": "v" }, { "name": "v", "blocks": { "nobody": {} } }, { "name": "../w" } ]
}
J
stridelab trace bad.json
echo "$?"
printf '{ "name": "x", }' > comma.json
stridelab trace comma.json
echo "$?"
printf '{ "a": 1, "a": 2 }' > twice.json
stridelab trace twice.json
echo "$?"
stridelab trace missing.json
echo "$?"
stridelab trace "$ROOT/configs/demo.json" --set blocks.innermost.up.strid=1
stridelab trace latest_net_G.pth
echo "$?"
stridelab trace "$ROOT/configs/demo.json" --variant stride1-u
