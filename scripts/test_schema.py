#!/usr/bin/env python3
"""The shipped JSON Schema accepts every shipped config, and refuses what stridelab refuses.

Needs python3-jsonschema; without it nothing is checked, and a word says so.
"""
import copy
import glob
import json
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: no python3-jsonschema")
    print("0 passed, 0 failed")
    sys.exit(0)

passed = failed = 0


def check(ok, words):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print("failed:", words)


with open("configs/stridelab.schema.json", encoding="utf-8") as f:
    schema = json.load(f)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)

paths = [p for p in sorted(glob.glob("configs/*.json")) if not p.endswith(".schema.json")]
check(len(paths) >= 2, "there are configs to check")
for path in paths:
    with open(path, encoding="utf-8") as f:
        errors = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(json.load(f))]
    check(not errors, f"{path}: {errors}")

with open("configs/zi2zi-2020.json", encoding="utf-8") as f:
    base = json.load(f)


def changed(*way, value):
    config = copy.deepcopy(base)
    place = config
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = value
    return config


good = [
    changed("defaults", "up", "kernel", value=[4, 3]),
    changed("defaults", "down", "norm", value={"type": "group", "groups": 4}),
    changed("weights", value=["a.pth", {"file": "b.pth", "naming": "plain"}]),
    changed("init", value={"*": "zero", "b2.": {"method": "kaiming", "seed": 3}}),
    changed("variants", 0, "blocks", value={"*": {"skip": "add"}, "3": {"channels": 2}}),
    changed("variants", 0, "blocks", value=[{"name": "a", "channels": 1}]),
    changed("blocks", 1, "extra", value={"encoded": [{"op": "self_attention", "as": "att.x"}]}),
    changed("blocks", 1, "$comment", value="words"),
]
bad = [
    changed("strid", value=1),
    changed("defaults", "up", "stride", value=0),
    changed("defaults", "up", "padding", value=[1, 1, 1]),
    changed("defaults", "up", "decoder", value="pixelshuffle"),
    changed("blocks", value={"*": {"skip": "add"}}),
    changed("blocks", 1, "name", value="7"),
    changed("blocks", 1, "name", value="style"),
    changed("blocks", 1, "extra", value={"encoded": [{"op": "self_attention", "as": "down"}]}),
    changed("blocks", 1, "extra", value={"encoded": [{"op": "activation"}]}),
    changed("variants", 0, "name", value=".hidden"),
    changed("weights", value={"sha256": "abc"}),
    changed("input", "std", value=0),
]
for config in good:
    check(validator.is_valid(config), f"accepted: {[e.message for e in validator.iter_errors(config)]}")
for i, config in enumerate(bad):
    check(not validator.is_valid(config), f"bad[{i}] is refused")

print(f"{len(paths)} configs, {len(good)} changes to accept, {len(bad)} to refuse")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
