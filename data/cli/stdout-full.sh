# a full disk under standard output is an error
stridelab trace "$ROOT/configs/demo.json" > /dev/full; echo "$?"
stridelab schema > /dev/full; echo "$?"
