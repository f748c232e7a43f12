# golden traces: made, equal, different, missing, orphaned; never written under CI
cp "$ROOT/configs/demo.json" .
stridelab check demo.json --golden golden; echo "$?"
CI=true stridelab check demo.json --golden golden --update; echo "$?"
stridelab check demo.json --golden golden --update; echo "$?"
stridelab check demo.json --golden golden --junit ok.xml; echo "$?"
stridelab check demo.json --golden golden --set blocks.b5.down.stride=1 --set blocks.b5.fit=bilinear --junit bad.xml; echo "$?"
stridelab check demo.json --golden golden --max-resamples 0; echo "$?"
cp golden/demo.json golden/gone.json
stridelab check demo.json --golden golden; echo "$?"
cat ok.xml
grep -c "<failure>" bad.xml
