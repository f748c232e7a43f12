stridelab trace "$ROOT/configs/demo.json" --variant stride2 --format json
