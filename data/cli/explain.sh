stridelab explain "$ROOT/configs/demo.json" stride2 stride1-both
stridelab explain "$ROOT/configs/demo.json" stride2 nobody
