stridelab trace "$ROOT/configs/pix2pix-256.json" --size 384
