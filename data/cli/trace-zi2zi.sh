# the question that the tool exists for: at 256 the stride variants are the same function
stridelab trace "$ROOT/configs/zi2zi-2020.json"
