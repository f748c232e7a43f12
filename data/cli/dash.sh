# `-` is a stream, where a file is wanted; where a folder is, nothing of that name is made
demo=$ROOT/configs/demo.json
try() { stridelab "$@" >out; echo "$? $*"; [ -s out ] && echo "unexpected output"; rm out; }
try run demo.json --images in --out -
try run demo.json --images - --out out --targets -
try compare out --out=-
try check demo.json --golden - --update
ls -A
stridelab init pix2pix-128 > printed.json
stridelab init pix2pix-128 --out - | cmp - printed.json && echo "a config"
stridelab export "$demo" --variant stride2 --onnx model.onnx
stridelab export "$demo" --variant stride2 --onnx - | cmp - model.onnx && echo "a model"
stridelab export "$demo" --variant stride2 --onnx - > /dev/full; echo "$?"
stridelab check "$demo" --junit -
ls -A
mkdir ./- && stridelab check "$demo" --golden ./- --update && ls ./-
