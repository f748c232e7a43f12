stridelab trace "$ROOT/configs/pix2pix-256.json" --sizes 256..512/128
