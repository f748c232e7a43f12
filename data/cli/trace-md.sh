stridelab trace "$ROOT/configs/demo.json" --variant stride1-both --format md
stridelab trace "$ROOT/configs/demo.json" --variant stride1-both --format csv
