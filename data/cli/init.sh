stridelab init --list
stridelab init pix2pix-128 --ngf 8 --size 64 --set blocks.2.up.stride=1 --vary blocks.innermost.up.decoder=conv_transpose,pixel_shuffle
stridelab init nothing; echo "$?"
stridelab init; echo "$?"
stridelab init pix2pix-128 --set blocks.nobody.up.stride=1; echo "$?"
stridelab init pix2pix-128 --set input.size=-3; echo "$?"
stridelab init "$ROOT/data/demo.pth"; echo "$?"
mkdir pix2pix-256 && stridelab init pix2pix-256 | head -n 3
