#!/usr/bin/python3
"""Are variants that `stridelab trace` calls equal equal in PyTorch?

Random configs of several variants that differ in geometry are traced; then each variant is run in
PyTorch (scripts/torch_net.py) exactly as its config says, with weights by name. Shapes that are equal
by another way may take another algorithm there, with another order of summation, so this runs in
double precision and two outputs count as equal when they agree to 1e-12 of the largest value; that
they agree in every bit in stridelab's own reference is src/engine/equal_true_test.c's to check. Norms
are PyTorch's own functions of their names. Exit status 1 when a claim is false.

    scripts/compare_equal.py [--stridelab build/stridelab] [--pairs 1000] [--seed 1]
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
    import torch.nn.functional as F
    import torch_config
    import torch_net
    from torch import Tensor
except ImportError as missing:
    print(f"compare_equal: skipped, {missing}")
    sys.exit(0)

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
TOLERANCE = 1e-12
VARIANTS = 6
ACTIVATIONS = ["none", "relu", "leaky_relu", "elu", "silu", "tanh", "sigmoid"]
NORMS = ["batch", "batch", "none", "batch_stats", "instance", "group", "layer"]
FITS = ["error", "nearest", "bilinear", "bilinear", "bicubic", "crop", "pad"]


# --- random configs ---------------------------------------------------------------------------

def random_block(rng: random.Random, number: int) -> Json:
    block: Json = {"name": f"b{number}", "channels": rng.randint(2, 4), "fit": rng.choice(FITS),
                   "skip": rng.choice(["concat", "concat", "concat", "add", "attention", "none"]),
                   "skip_source": rng.choice(["activated", "activated", "input"]),
                   "down": {"norm": rng.choice(NORMS), "bias": rng.random() < 0.5},
                   "up": {"norm": rng.choice(NORMS), "bias": rng.random() < 0.5}}
    if rng.random() < 0.25:
        block["down"] |= {"kernel": rng.randint(2, 5), "stride": rng.randint(1, 3), "padding": rng.randint(0, 1)}
    decoder = rng.choice(["conv_transpose"] * 3 + list(torch_config.DECODERS))
    block["up"]["decoder"] = decoder
    if decoder == "conv_transpose" and rng.random() < 0.25:
        block["up"] |= {"kernel": rng.randint(2, 5), "stride": rng.randint(1, 3), "padding": rng.randint(0, 1)}
    elif decoder in ("upsample_conv", "pixel_shuffle"):
        block["up"]["scale"] = rng.randint(1, 2)
    return block


def variation(rng: random.Random, block: Json, inner: bool) -> Json:
    """One key of a block, mostly one that cannot act where there is one position."""
    up, decoder = block["up"], block["up"]["decoder"]
    choices: list[Json] = [{"down": {"stride": rng.randint(1, 3)}}] * (3 if inner else 1)
    choices += [{"fit": rng.choice(FITS)}, {"skip_source": rng.choice(["activated", "input"])},
                {rng.choice(["down", "up"]): {"activation": rng.choice(ACTIVATIONS)}},
                {rng.choice(["down", "up"]): {"activation": "leaky_relu", "slope": rng.choice([0.2, 0, 1])}}]
    for half in ("down", "up"):
        same = {"batch_stats": [{"type": "instance", "affine": True}, {"type": "group", "groups": 64}],
                "layer": [{"type": "group", "groups": 1}]}.get(block[half]["norm"])
        if same:
            choices.append({half: {"norm": rng.choice(same)}})
    if decoder == "conv_transpose":
        choices += [{"up": {"stride": rng.randint(1, 3)}}] * (3 if inner else 1) + [{"up": {"output_padding": 1}}]
    elif decoder == "upsample_conv":
        choices += [{"up": {"mode": rng.choice(["bilinear", "bicubic"])}}] * 2
    elif decoder == "pixel_shuffle" and up["scale"] == 1:
        choices += [{"up": {"decoder": "conv"}}]
    return rng.choice(choices)


def random_config(rng: random.Random) -> Json:
    count = rng.randint(2, 5)
    blocks = [random_block(rng, i + 1) for i in range(count)]
    size = [max(8, 2**count)] * 2 if rng.random() < 0.7 else [rng.randint(8, 48), rng.randint(8, 48)]
    style: Json = {"mode": rng.choice(["none", "concat", "expand", "film"])}
    if style["mode"] != "none":
        style |= {"count": 3, "dim": 5}
    variants: list[Json] = [{"name": "v0"}]
    for number in range(1, VARIANTS):
        variant: Json = {"name": f"v{number}", "blocks": {}}
        for _ in range(rng.randint(1, 2)):
            block = blocks[-1] if rng.random() < 0.6 else rng.choice(blocks)
            over = variation(rng, block, block is blocks[-1])
            variant["blocks"][block["name"]] = torch_config.merge(variant["blocks"].get(block["name"], {}), over)
        if style["mode"] in ("concat", "expand") and rng.random() < 0.3:
            variant["style"] = {"mode": "expand" if style["mode"] == "concat" else "concat"}
        variants.append(variant)
    return {"name": "random", "input": {"channels": 1, "size": size}, "output": {"channels": 1}, "style": style,
            "blocks": blocks, "weights": {"random": rng.randint(1, 1 << 20)}, "variants": variants}


# --- PyTorch's output -------------------------------------------------------------------------

def normalise(weights: Any, prefix: str, x: Tensor, norm: str | Json, training: bool) -> Tensor:
    """Each norm by the function that has its name."""
    spec = norm if isinstance(norm, dict) else {"type": norm}
    kind, channels, eps = spec.get("type", "batch"), x.shape[1], spec.get("eps", 1e-5)
    if kind in ("none", "batch", "group"):
        return torch_normalise(weights, prefix, x, norm, training)
    gamma = beta = None
    if spec.get("affine", kind != "instance"):
        gamma = weights(f"{prefix}.weight", (channels,), "scale")
        beta = weights(f"{prefix}.bias", (channels,), "shift")
    if kind == "batch_stats":
        return F.batch_norm(x, None, None, gamma, beta, True, 0.1, eps)
    if kind == "instance":
        return F.instance_norm(x, None, None, gamma, beta, True, 0.1, eps)
    y = F.layer_norm(x, x.shape[1:], eps=eps)
    return y if gamma is None else y * gamma[:, None, None] + beta[:, None, None]


torch_normalise = torch_net.normalise


def run(config: Json, name: str, image: Tensor) -> Tensor:
    make = torch_net.hashed(config["weights"]["random"])
    made = torch_net.Made(lambda tensor, shape, role: make(tensor, shape, role).double())
    with torch.no_grad():
        return torch_net.forward(torch_config.resolve(config, name), made, image)


def agree(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and bool((a - b).abs().max() <= TOLERANCE * max(1e-300, float(a.abs().max())))


# --- the comparison ---------------------------------------------------------------------------

def trace(stridelab: str, config: Json) -> list[Json]:
    result = subprocess.run([stridelab, "trace", "-", "--format", "json"], input=json.dumps(config), text=True,
                            capture_output=True, check=False)
    if result.returncode not in (0, 1):
        raise SystemExit(f"{result.stderr}\n{json.dumps(config)}")
    return json.loads(result.stdout)["variants"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stridelab", default=str(ROOT / "build" / "stridelab"))
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    torch_net.normalise = normalise
    rng = random.Random(options.seed)
    pairs = claimed = false = silent = 0
    while pairs < options.pairs:
        config = random_config(rng)
        image = torch.rand(1, 1, *config["input"]["size"], generator=torch.Generator().manual_seed(pairs)) * 2 - 1
        fitting = [variant for variant in trace(options.stridelab, config) if variant["ok"]]
        outputs = {variant["name"]: run(config, variant["name"], image) for variant in fitting}
        for variant in fitting[1:]:
            pairs += 1
            other = variant["equal_to"] or fitting[0]["name"]
            same = agree(outputs[other], outputs[variant["name"]])
            claimed += variant["equal_to"] is not None
            silent += same and variant["equal_to"] is None
            if variant["equal_to"] and not same:
                false += 1
                print(f"{variant['name']} is not {other}: {variant['equal_because']}", json.dumps(config), sep="\n")
    print(f"seed {options.seed}: {pairs} pairs that fit, {claimed} claimed equal, {false} of these differ; "
          f"{silent} agree and are not claimed")
    return 1 if false else 0


if __name__ == "__main__":
    sys.exit(main())
