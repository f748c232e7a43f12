#!/usr/bin/env python3
"""The shipped JSON Schema accepts every shipped config, preset and example of the pages, and refuses
what stridelab refuses: each place of a few configs is spoiled in turn, and both must say the same.

    scripts/test_schema.py [--all]     without --all one spoiled config in SOME

Needs python3-jsonschema; without it nothing is checked, and a word says so. STRIDELAB is the program.
"""
import copy
import glob
import json
import os
import re
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: no python3-jsonschema")
    print("0 passed, 0 failed")
    sys.exit(0)

SOME = 16
passed = failed = 0


def check(ok, words):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print("failed:", words)


def stridelab(*arguments, **options):
    return subprocess.run([os.environ.get("STRIDELAB", "build/stridelab"), *arguments], capture_output=True,
                          text=True, **options)


with open("configs/stridelab.schema.json", encoding="utf-8") as f:
    schema = json.load(f)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)

shipped, examples = {}, {}
for path in sorted(glob.glob("configs/*.json")):
    if not path.endswith(".schema.json"):
        with open(path, encoding="utf-8") as f:
            shipped[path] = json.load(f)
for path in ["README.md", *sorted(glob.glob("configs/*.md"))]:
    with open(path, encoding="utf-8") as f:
        for block in re.findall(r"^```json\n(.*?)^```", f.read(), re.M | re.S):
            config = json.loads(block)
            examples[f"{path}: {config.get('name')}"] = config
presets = {}
for line in stridelab("init", "--list").stdout.splitlines():
    preset = line.split()[0]
    presets[f"init {preset}"] = json.loads(stridelab("init", preset).stdout)
check(min(len(shipped), len(examples), len(presets)) >= 2, "there are configs to check")
configs = {**shipped, **examples, **presets}
for path, config in configs.items():
    errors = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(config)]
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

# --- beside the program ------------------------------------------------------------------------


def places(value, way=()):
    """The way to every value of a document but the document itself."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*way, step)
        yield from places(inner, (*way, step))


def spoiled(config, way):
    """The config with another value at `way`, an unknown key beside it, or nothing there."""
    for value in (None, True, -1, 0, 2.5, 10**7, "", "no such word", [], [1, 2, 3], {}, {"key": 1}):
        result = copy.deepcopy(config)
        place = result
        for step in way[:-1]:
            place = place[step]
        place[way[-1]] = value
        yield result
    result = copy.deepcopy(config)
    place = result
    for step in way[:-1]:
        place = place[step]
    if isinstance(place, dict):
        place["no_such_key"] = 1
        yield copy.deepcopy(result)
        del place["no_such_key"]
    del place[way[-1]]
    yield result


def program_says(config):
    """What `stridelab` has against the config, "" for nothing. Shapes are not looked at."""
    return stridelab("help", "--names", "variants", "-", input=json.dumps(config)).stderr


# What its own words say is wrong with one value, and so for a schema to know. (A --set may bring the
# blocks that a file lacks.)
LOCAL = re.compile(r"unknown key|is not allowed; give|the key \"(?!blocks)[a-z]*\" is missing|elements; give")
seen = compared = 0
for name, config in examples.items():
    if not name.startswith("configs/GUIDE.md"):
        continue
    for way in list(places(config)):
        for other in spoiled(config, way):
            seen += 1
            if seen % SOME and "--all" not in sys.argv:
                continue
            words, valid = program_says(other), validator.is_valid(other)
            check(valid or words, f"{name}: {way}: the schema refuses what the program takes: {json.dumps(other)}")
            check(not (valid and LOCAL.search(words)), f"{name}: {way}: the schema takes what the program refuses: {words}")
            compared += 1

print(f"{len(configs)} configs, {len(good)} changes to accept, {len(bad)} to refuse, {compared} compared")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
