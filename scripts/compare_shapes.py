#!/usr/bin/python3
"""Does `stridelab trace` give the shapes, joins and refusals that PyTorch gives?

Random configs, each run once in PyTorch (scripts/torch_net.py) on an empty image and traced: what a
block reads, encodes and decodes, what it is joined at, the output, the number of parameters, and
whether it fits at all must agree. Exit status 1 when one does not; the config is then printed.

    scripts/compare_shapes.py [--stridelab build/stridelab] [--count 200] [--seed 1]
    scripts/compare_shapes.py --write data/golden/shapes.json [--count 60] [--seed 1]

With --write PyTorch's answers go to a file for src/report/shapes_golden_test.c instead.
"""
from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    import torch
    import torch_config
    import torch_net
except ImportError as missing:
    print(f"compare_shapes: skipped, {missing}")
    sys.exit(0)

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent


# --- random configs ---------------------------------------------------------------------------

def pair(rng: random.Random, low: int, high: int) -> int | list[int]:
    """Mostly one number, now and then [height, width]."""
    if rng.random() < 0.85:
        return rng.randint(low, high)
    return [rng.randint(low, high), rng.randint(low, high)]


def random_extra(rng: random.Random, number: int) -> Json:
    op = rng.choice(["conv", "conv_transpose", "upsample", "norm", "activation", "res_block", "self_attention",
                     "linear_attention", "transformer"])
    extra: Json = {"op": op, "as": f"x{number}"}
    if op in ("conv", "conv_transpose"):
        extra |= {"channels": 8, "kernel": pair(rng, 1, 4), "stride": pair(rng, 1, 2), "padding": pair(rng, 0, 1)}
    elif op == "upsample":
        extra |= {"scale": pair(rng, 1, 2), "mode": rng.choice(["nearest", "bilinear", "bicubic"])}
    elif op == "norm":
        extra["norm"] = rng.choice(["batch", "instance", "group", "layer"])
    elif op == "activation":
        extra["activation"] = "silu"
    elif op == "res_block":
        extra |= {"layers": rng.randint(1, 2), "bias": rng.random() < 0.5, "norm": rng.choice(["group", "instance"])}
    return {key: value for key, value in extra.items() if key != "as" or op not in ("upsample", "activation")}


def random_block(rng: random.Random, name: str, mild: bool) -> Json:
    """Mild blocks are near the usual k4 s2 p1, so that deep nets often fit."""
    norms = ["none", "batch", "batch", "instance", "group", "layer", "batch_stats"]
    block: Json = {"name": name, "channels": 8, "skip": rng.choice(["concat", "concat", "add", "attention", "none"]),
                   "skip_source": rng.choice(["activated", "input"]),
                   "fit": rng.choice(["error", "error", "bilinear", "nearest", "bicubic", "crop", "pad"]),
                   "down": {"norm": rng.choice(norms), "bias": rng.random() < 0.5},
                   "up": {"norm": rng.choice(norms), "bias": rng.random() < 0.5}}
    if not mild:
        block["down"] |= {"kernel": pair(rng, 2, 5), "stride": pair(rng, 1, 3), "padding": pair(rng, 0, 2)}
    decoder = "conv_transpose" if mild and rng.random() < 0.6 else rng.choice(list(torch_config.DECODERS))
    block["up"]["decoder"] = decoder
    if decoder == "conv_transpose" and not mild:
        block["up"] |= {"kernel": pair(rng, 2, 5), "stride": pair(rng, 1, 3), "padding": pair(rng, 0, 2),
                        "output_padding": rng.choice([0, 0, 0, 1, [0, 1]])}
    elif decoder in ("upsample_conv", "pixel_shuffle") and not mild:
        block["up"]["scale"] = pair(rng, 1, 3)
    if rng.random() < 0.3:
        place = rng.choice(["input", "encoded", "upsampled"])
        block["extra"] = {place: [random_extra(rng, n) for n in range(rng.randint(1, 2))]}
    return block


def random_config(rng: random.Random) -> Json:
    mild = rng.random() < 0.6
    count = rng.randint(1, 5)
    size = [rng.randint(4, 70), rng.randint(4, 70)]
    if rng.random() < 0.5:
        size = [rng.choice([16, 32, 48, 64])] * 2
    style: Json = {"mode": rng.choice(["none", "none", "concat", "expand", "film"])}
    if style["mode"] != "none":
        style |= {"count": 3, "dim": 5}
    return {"name": "random", "input": {"channels": rng.choice([1, 3]), "size": size},
            "output": {"channels": rng.choice([1, 3]), "activation": "tanh"}, "style": style,
            "blocks": [random_block(rng, f"b{i + 1}", mild) for i in range(count)],
            "weights": {"random": 1}, "variants": [{"name": "only"}]}


# --- PyTorch's answer -------------------------------------------------------------------------

def ask_torch(config: Json) -> Json:
    """The trace as PyTorch has it: maps that were reached, joins, and whether it ran through."""
    net = torch_config.resolve(config, "only")
    blocks: dict[str, Json] = {block["name"]: {} for block in net["blocks"]}
    extras, fit_to = torch_net.extras, torch_net.fit_to

    def noting_extras(weights: Any, block: Json, place: str, x: Any, training: bool) -> Any:
        if place == "input":
            blocks[block["name"]]["in"] = list(x.shape[1:])
        y = extras(weights, block, place, x, training)
        if place == "encoded":
            blocks[block["name"]]["encoded"] = list(y.shape[1:])
        return y

    def noting_fit(x: Any, size: tuple[int, int], fit: str, name: str) -> Any:
        blocks[name] |= {"decoded": list(x.shape[1:]), "to": list(size)}
        return fit_to(x, size, fit, name)

    torch_net.extras, torch_net.fit_to = noting_extras, noting_fit
    made = torch_net.Made(torch_net.kaiming(torch.Generator().manual_seed(0)))
    answer: Json = {"ok": True, "blocks": blocks}
    try:
        with torch.no_grad():
            output = torch_net.forward(net, made, torch.zeros(1, net["input"]["channels"], *net["input"]["size"]))
        answer["output"] = list(output.shape[1:])
        answer["parameters"] = sum(tensor.numel() for name, tensor in made.tensors.items()
                                   if name.rsplit(".", 1)[-1] not in torch_net.BUFFERS)
    except (RuntimeError, ValueError) as refusal:
        answer |= {"ok": False, "refusal": str(refusal).split("\n")[0]}
    finally:
        torch_net.extras, torch_net.fit_to = extras, fit_to
    return answer


# --- stridelab's ------------------------------------------------------------------------------

def ask_stridelab(stridelab: str, config: Json) -> Json:
    result = subprocess.run([stridelab, "trace", "-", "--format", "json"], input=json.dumps(config), text=True,
                            capture_output=True, check=False)
    if result.returncode not in (0, 1):
        return {"ok": None, "error": result.stderr}
    return json.loads(result.stdout)["variants"][0]


def differences(answer: Json, trace: Json) -> list[str]:
    """Where PyTorch stopped, only what it reached is compared: a trace goes on after a misfit."""
    if trace["ok"] != answer["ok"]:
        return [f"fits: PyTorch {answer['ok']} ({answer.get('refusal')}), stridelab {trace['ok']} ({trace['error']})"]
    found = []
    for block in trace["blocks"]:
        for key, shape in answer["blocks"][block["name"]].items():
            mine = (block["join"] or {}).get("to", [None])[1:] if key == "to" else block[key]
            if mine != shape:
                found.append(f"{block['name']}.{key}: PyTorch {shape}, stridelab {mine}")
    for key in ("output", "parameters"):
        if answer["ok"] and trace[key] != answer[key]:
            found.append(f"{key}: PyTorch {answer[key]}, stridelab {trace[key]}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stridelab", default=str(ROOT / "build" / "stridelab"))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path, metavar="FILE")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng = random.Random(options.seed)
    configs = [random_config(rng) for _ in range(options.count)]
    if options.write:
        cases = [{"config": config, **ask_torch(config)} for config in configs]
        lines = ",\n".join(json.dumps(case) for case in cases)
        options.write.write_text(f'{{"schema": "stridelab.shapes/1", "cases": [\n{lines}\n]}}\n', encoding="utf-8")
        print(f"{len(cases)} cases, {sum(case['ok'] for case in cases)} fit")
        return 0
    bad = fit = 0
    for config in configs:
        answer = ask_torch(config)
        fit += answer["ok"]
        found = differences(answer, ask_stridelab(options.stridelab, config))
        if found:
            bad += 1
            print("\n".join(found), json.dumps(config), sep="\n")
    print(f"seed {options.seed}: {len(configs)} configs, {fit} fit, {bad} differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
