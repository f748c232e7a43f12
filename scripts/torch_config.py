"""A stridelab config as every variant means it: `resolve` merges a variant into its base and fills
the defaults by the rules of the config (see README, "The config")."""
from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

Json = dict[str, Any]

DOWN: Json = {"activation": "leaky_relu", "slope": 0.2, "kernel": 4, "stride": 2, "padding": 1,
              "bias": False, "norm": "batch"}
UP: Json = {"activation": "relu", "slope": 0.2, "decoder": "conv_transpose", "bias": False,
            "norm": "batch"}
DECODERS: dict[str, Json] = {
    "conv_transpose": {"kernel": 4, "stride": 2, "padding": 1, "output_padding": 0},
    "upsample_conv": {"kernel": 3, "padding": 1, "scale": 2, "mode": "nearest"},
    "pixel_shuffle": {"kernel": 3, "padding": 1, "scale": 2},
    "conv": {"kernel": 3, "padding": 1},
}
GEOMETRY = ("kernel", "stride", "padding", "output_padding", "scale", "mode")
BLOCK: Json = {"skip": "concat", "skip_source": "activated", "fit": "error"}
EXTRAS: dict[str, Json] = {
    "conv": {"kernel": 3, "stride": 1, "bias": False},
    "conv_transpose": {"kernel": 4, "stride": 2, "output_padding": 0, "bias": False},
    "upsample": {"scale": 2, "mode": "nearest"},
    "norm": {"norm": "batch"},
    "activation": {"slope": 0.2},
    "res_block": {"layers": 1, "bias": False, "norm": "group", "activation": "silu", "slope": 0.2},
    "self_attention": {"reduction": 8},
    "linear_attention": {"reduction": 8},
    "transformer": {"heads": 4, "ffn": 4},
}


def merge(base: Any, over: Any) -> Any:
    """Objects are merged deeply, everything else is replaced."""
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return deepcopy(over)
    merged = deepcopy(base)
    for key, value in over.items():
        merged[key] = merge(merged[key], value) if key in merged else deepcopy(value)
    return merged


def merge_part(base: Json, over: Json) -> Json:
    """`merge` for a block or `defaults`: another decoder drops the geometry of the former one."""
    up, new = base.get("up", {}), over.get("up", {})
    if "decoder" in new and new["decoder"] != up.get("decoder", UP["decoder"]):
        base = {**base, "up": {key: value for key, value in up.items() if key not in GEOMETRY}}
    return merge(base, over)


def selected(selector: str, index: int, name: str, count: int) -> int | None:
    """How strongly `selector` picks block `index` (from 0), or None."""
    if selector == "*":
        return 0
    if (selector, index) in (("outermost", 0), ("innermost", count - 1)):
        return 1 if selector != name else 3
    if selector == str(index + 1):
        return 2
    return 3 if selector == name else None


def select(blocks: list[Json], selectors: Json) -> list[Json]:
    """The blocks after a variant's selectors, the weakest first."""
    result = []
    for index, block in enumerate(blocks):
        picks = [(selected(key, index, block["name"], len(blocks)), part)
                 for key, part in selectors.items()]
        for _, part in sorted((pick for pick in picks if pick[0] is not None),
                              key=lambda pick: pick[0]):
            block = merge_part(block, part)
        result.append(block)
    return result


def fill_block(defaults: Json, block: Json) -> Json:
    block = merge_part(defaults, block)
    up = {**UP, **block.get("up", {})}
    extra = {place: [fill_extra(op) for op in ops] for place, ops in block.get("extra", {}).items()
             if place != "$comment"}
    return {**BLOCK, **block, "extra": extra, "down": {**DOWN, **block.get("down", {})},
            "up": {**DECODERS[up["decoder"]], **up}}


def fill_extra(written: Json) -> Json:
    op = {"as": written["op"], **EXTRAS[written["op"]], **written}
    if "kernel" in op and "padding" not in op:
        op["padding"] = [(side - 1) // 2 for side in extent(op["kernel"])]
    return op


def resolve(config: Json, name: str | None = None) -> Json:
    """The variant `name` (None: the base) of a config, with every default filled in."""
    base = {key: value for key, value in config.items() if key != "variants"}
    defaults, blocks = base.get("defaults", {}), base["blocks"]
    if name is not None:
        variant = next(v for v in config["variants"] if v["name"] == name)
        defaults = merge_part(defaults, variant.get("defaults", {}))
        over = variant.get("blocks", {})
        blocks = over if isinstance(over, list) else select(blocks, over)
        base = merge(base, {k: v for k, v in variant.items() if k not in ("blocks", "defaults")})
    base["defaults"] = defaults
    base["blocks"] = [fill_block(defaults, block) for block in blocks]
    base["input"] = {"channels": 1, "mean": 0.5, "std": 0.5, "resize": "error", **base.get("input", {})}
    base["output"] = {"channels": base["input"]["channels"], "activation": "tanh", "slope": 0.2,
                      **base.get("output", {})}
    base["style"] = {"mode": "none", "label": 0, **base.get("style", {})}
    return base


def load_config(path: str | Path) -> Json:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def variant_names(config: Json) -> list[str]:
    return [variant["name"] for variant in config.get("variants", [])]


def extent(value: int | list[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])
