#!/usr/bin/python3
"""Makes data/golden: whole networks and PyTorch's outputs, for the tests of the engine.

networks   data/golden/<name>.json     a config with its variants; weights are stated hashes or files
           data/golden/<name>.png      the input
           data/golden/<name>.<variant>.npy   the output, [c, h, w] float32: every STEP-th row and
                                       column of it, STEP from data/golden/index.json
families   data/golden/families/<name>.pth   a checkpoint as the source writes it (scripts/families.py)
           data/golden/families/<name>.png, .npy   an input, and the whole output
           data/golden/families/index.json   each with family, size, label and what a file cannot tell

Sums are in double precision, results rounded to float32.
"""
from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

import families
import safetensors_io
import torch_config
import torch_net

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "data" / "golden"
Json = dict[str, Any]


def plate(height: int, width: int, channels: int) -> np.ndarray:
    """A test image with all frequencies and a hard edge, [h, w] or [h, w, 3] bytes, in integers. Tiles of
    40 x 56 repeat, so that a large one is a small file."""
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    y, x = y % 40, x % 56
    rings = ((x + 3 * c) ** 2 * 2 + y * y * 3) // 7 % 511
    image = np.where(rings < 256, rings, 510 - rings)
    image = np.where((x * 2 + y) % 37 < 4, 255 - image // 4, image).astype(np.uint8)
    return image[:, :, 0] if channels == 1 else image


def to_tensor(image: np.ndarray, mean: float = 0.5, std: float = 0.5) -> Tensor:
    """[1, c, h, w], double, as the engine reads a file."""
    planes = image[None] if image.ndim == 2 else image.transpose(2, 0, 1)
    return (torch.from_numpy(planes.astype(np.float64)) / 255 - mean)[None] / std


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")


# --- networks ---------------------------------------------------------------------------------

DOWN = {"activation": "leaky_relu", "slope": 0.2, "kernel": 4, "stride": 2, "padding": 1, "bias": False,
        "norm": "batch"}
UP = {"activation": "relu", "decoder": "conv_transpose", "kernel": 4, "stride": 2, "padding": 1,
      "bias": False, "norm": "batch"}
DEFAULTS = {"down": DOWN, "up": UP, "skip": "concat", "skip_source": "activated", "fit": "error"}


def unet(name: str, size: list[int], channels: int, ngf: int, blocks: int, weights: Any, **others: Any) -> Json:
    """The U-Net of zi2zi and pix2pix at any width and depth."""
    listed = [{"name": f"b{i + 1}", "channels": width} for i, width in enumerate(families.widths(ngf, blocks))]
    listed[0] |= {"name": "outermost", "down": {"activation": "none", "norm": "none"},
                  "up": {"norm": "none", "bias": True}}
    listed[-1] |= {"name": "innermost", "down": {"norm": "none"}}
    return {"name": name, "input": {"channels": channels, "size": size, "mean": 0.5, "std": 0.5},
            "output": {"channels": channels, "activation": "tanh"}, "defaults": DEFAULTS, "blocks": listed,
            "weights": weights} | others


def innermost(**block: Any) -> Json:
    return {"blocks": {"innermost": block}}


def everywhere(**block: Any) -> Json:
    return {"blocks": {"*": block}}


def named(variants: dict[str, Json]) -> list[Json]:
    return [{"name": name} | variant for name, variant in variants.items()]


STRIDES = {
    "stride2": {},
    "stride1-up": innermost(up={"stride": 1}, fit="bilinear"),
    "stride1-down": innermost(down={"stride": 1}, fit="bilinear"),
    "stride1-both": innermost(down={"stride": 1}, up={"stride": 1}, fit="bilinear"),
}
RANDOM = {"weights": {"random": 7}}
DECODERS = {  # the checkpoint has no weights for them
    "pixel-shuffle": everywhere(up={"decoder": "pixel_shuffle"}) | RANDOM,
    "upsample-conv": everywhere(up={"decoder": "upsample_conv", "mode": "bilinear"}) | RANDOM,
}


def zi2zi() -> Json:
    """With a checkpoint as the source writes it: in hashed weights of 8 blocks the deep ones fade out."""
    net = families.make_awkward(families.family_a(1, 4, 8), 7, half=True)
    families.tame_output(net, to_tensor(plate(256, 256, 1)).float(), 2)
    torch.save({name: tensor.half() if tensor.is_floating_point() else tensor
                for name, tensor in net.state_dict().items()}, GOLDEN / "zi2zi.pth")
    return unet("zi2zi", [256, 256], 1, 4, 8, "zi2zi.pth",
                style={"mode": "concat", "count": 3, "dim": 5, "label": 2},
                variants=named(STRIDES | DECODERS | {"label-0": {"style": {"label": 0}}}))


def pix2pix() -> Json:
    """Batch norm on the image's own statistics, which also keeps the deep blocks of hashed weights alive."""
    config = unet("pix2pix", [256, 256], 3, 6, 8, {"random": 11}, variants=named(STRIDES | DECODERS | {
        "running": norms("batch"), "add": {"defaults": {"skip": "add"}}}))
    config["defaults"] = torch_config.merge(config["defaults"], norms("batch_stats")["defaults"])
    return config


def demo() -> Json:
    config = torch_config.load_config(ROOT / "configs" / "demo.json")
    config["weights"] = config["variants"][0]["weights"] = "../demo.safetensors"
    return config


def norms(norm: Any) -> Json:
    """That norm everywhere but where the base has none."""
    return {"defaults": {"down": {"norm": norm}, "up": {"norm": norm}}}


def acts(down: str, up: str, **others: Any) -> Json:
    return {"blocks": {"*": {"down": {"activation": down}, "up": {"activation": up}} | others,
                       "outermost": {"down": {"activation": "none"}}}}


def extra(block: str, place: str, *ops: Json, **others: Any) -> Json:
    return {"blocks": {block: {"extra": {place: list(ops)}} | others}}


def features() -> Json:
    """A small net of odd sizes and a variant for everything that a config can say."""
    config = unet("features", [40, 56], 1, 8, 4, {"random": 3})
    config["blocks"][2]["channels"] = config["blocks"][3]["channels"] = 24
    config["blocks"][3]["fit"] = "bilinear"
    style = {"count": 4, "dim": 5, "label": 2}
    config["variants"] = named({
        "base": {},
        "fit-nearest": innermost(fit="nearest"),
        "fit-bicubic": innermost(fit="bicubic"),
        "fit-pad": innermost(fit="pad"),
        "fit-crop": innermost(up={"kernel": 5, "output_padding": 1}, fit="crop"),
        "upsample-nearest": everywhere(up={"decoder": "upsample_conv"}),
        "upsample-bilinear": everywhere(up={"decoder": "upsample_conv", "mode": "bilinear"}),
        "upsample-bicubic": everywhere(up={"decoder": "upsample_conv", "mode": "bicubic", "bias": True}),
        "upsample-3x2": innermost(up={"decoder": "upsample_conv", "scale": [3, 2],
                                      "kernel": [1, 5], "padding": [0, 2]}),
        "pixel-shuffle": everywhere(up={"decoder": "pixel_shuffle"}),
        "pixel-shuffle-3x2": innermost(up={"decoder": "pixel_shuffle", "scale": [3, 2], "kernel": 1, "padding": 0}),
        "decoder-conv": everywhere(up={"decoder": "conv"}, fit="bilinear"),
        "output-padding": everywhere(up={"output_padding": [1, 0], "kernel": [3, 4]}),
        "rectangles": everywhere(down={"kernel": [3, 5], "stride": [2, 1], "padding": [1, 2]},
                                 up={"kernel": [4, 3], "stride": [2, 1]}, fit="bilinear"),
        "skip-add": everywhere(skip="add"),
        "skip-attention": everywhere(skip="attention"),
        "skip-none": everywhere(skip="none"),
        "skip-mixed": {"blocks": {"b2": {"skip": "add"}, "3": {"skip": "none"}, "innermost": {"skip": "attention"}}},
        "skip-source-input": {"defaults": {"skip_source": "input", "skip": "add"}},
        "norm-batch-plain": norms({"type": "batch", "affine": False, "eps": 0.01}),
        "norm-batch-stats": norms("batch_stats"),
        "norm-instance": norms("instance"),
        "norm-instance-affine": norms({"type": "instance", "affine": True}),
        "norm-group": norms("group"),
        "norm-group-5": norms({"type": "group", "groups": 5, "eps": 0.1}),
        "norm-layer": norms("layer"),
        "act-silu": acts("silu", "silu"),
        "act-silu-add": acts("silu", "silu", skip="add"),
        "act-elu-gelu": acts("elu", "gelu", skip="add"),
        "act-tanh-sigmoid": acts("tanh", "sigmoid", skip="add"),
        "act-slope": {"defaults": {"down": {"slope": -0.5}, "up": {"activation": "leaky_relu", "slope": 0.7}}},
        "output-none-2": {"output": {"channels": 2, "activation": "none"}},
        "style-expand": {"style": {"mode": "expand"} | style},
        "style-film": {"style": {"mode": "film"} | style},
        "style-concat-1x1": {"style": {"mode": "concat"} | style,
                             **innermost(down={"kernel": [5, 7], "stride": 1, "padding": 0},
                                         up={"kernel": [5, 7], "stride": 1, "padding": 0})},
        "extra-conv": extra("b2", "input", {"op": "conv", "as": "pre", "kernel": 5, "bias": True}),
        "extra-wider": extra("b3", "encoded", {"op": "conv", "as": "wide", "channels": 32, "kernel": 1}),
        "extra-conv-transpose": extra("innermost", "upsampled", {"op": "conv_transpose", "as": "again", "bias": True}),
        "extra-upsample": extra("innermost", "upsampled", {"op": "upsample", "scale": [1, 2], "mode": "bicubic"},
                                {"op": "activation", "activation": "leaky_relu", "slope": 0.3},
                                {"op": "norm", "as": "n", "norm": "group"}),
        "extra-res-1": extra("*", "decoded", {"op": "res_block", "as": "res", "bias": True}),
        "extra-res-2": extra("b2", "decoded", {"op": "res_block", "layers": 2, "norm": "batch", "activation": "elu"}),
        "extra-self-attention": extra("b2", "encoded", {"op": "self_attention", "as": "att", "reduction": 4}),
        "extra-linear-attention": extra("b2", "encoded", {"op": "linear_attention", "as": "att"}),
        "extra-transformer": extra("innermost", "encoded", {"op": "transformer", "as": "tr", "heads": 3, "ffn": 2}),
        "selectors": {"blocks": {"*": {"up": {"bias": True}, "fit": "nearest"}, "innermost": {"up": {"stride": 1}},
                                 "3": {"up": {"kernel": 3}}, "b3": {"up": {"output_padding": 1}}}},
        "three-blocks": {"blocks": [{"name": "first", "channels": 10, "up": {"norm": "none"}},
                                    {"name": "b2", "channels": 12}, {"name": "b3", "channels": 9}]},
    })
    return config


NETWORKS: dict[str, tuple[Callable[[], Json], int]] = {  # and the step of rows and columns kept
    "zi2zi": (zi2zi, 5), "pix2pix": (pix2pix, 7), "features": (features, 3), "demo": (demo, 3)}


def zi2zi_keys(net: Json) -> Callable[[str], str]:
    """From a plain name to that of the source A."""
    index = {block["name"]: i for i, block in enumerate(net["blocks"])}

    def key(name: str) -> str:
        if name == "style.embedding":
            return "embedder.weight"
        block, way, part, leaf = name.split(".")
        step = {("down", "conv"): min(index[block], 1), ("down", "norm"): 2, ("up", "conv"): 1,
                ("up", "norm"): 2}[way, part]
        return f"model{'.submodule' * index[block]}.{way}.{step}.{leaf}"
    return key


def network_weights(net: Json, folder: Path) -> dict[str, Tensor]:
    if isinstance(net["weights"], dict):
        return torch_net.make_state(net, torch_net.hashed(net["weights"]["random"]))
    path = folder / net["weights"]
    if path.suffix == ".pth":
        keys, state = zi2zi_keys(net), torch.load(path)
        return torch_net.make_state(net, lambda name, shape, role: state[keys(name)].float())
    tensors, _ = safetensors_io.load(path)
    return {name: torch.from_numpy(tensor) for name, tensor in tensors.items()}


def run_network(net: Json, image: np.ndarray) -> np.ndarray:
    weights = {name: tensor.double() for name, tensor in network_weights(net, GOLDEN).items()}
    x = to_tensor(image, net["input"]["mean"], net["input"]["std"])
    with torch.no_grad():
        return torch_net.forward(net, torch_net.Loaded(weights), x)[0].numpy()


def make_network(name: str) -> Json:
    make, step = NETWORKS[name]
    config = make()
    write_json(GOLDEN / f"{name}.json", config)
    first = torch_config.resolve(config)
    height, width = first["input"]["size"]
    if name == "demo":
        image = np.asarray(Image.open(sorted((ROOT / "data/glyphs/source").iterdir())[8]))
    else:
        image = plate(height, width, first["input"]["channels"])
    Image.fromarray(image).save(GOLDEN / f"{name}.png", optimize=True)
    outputs = {}
    for variant in torch_config.variant_names(config):
        outputs[variant] = run_network(torch_config.resolve(config, variant), image)
        np.save(GOLDEN / f"{name}.{variant}.npy", outputs[variant][:, ::step, ::step].astype(np.float32))
    base = next(iter(outputs.values()))
    for variant, output in outputs.items():
        change = abs(output - base).max() if output.shape == base.shape else float("nan")
        print(f"  {name:9} {variant:24} std {output.std():.3f}  differs from the first by {change:.2e}")
    return {"name": name, "step": step, "variants": list(outputs)}


# --- families ---------------------------------------------------------------------------------

@dataclass
class Case:
    """A checkpoint of one family. `cannot_tell` is what its names and shapes leave open."""
    name: str
    family: str
    channels: int
    ngf: int
    blocks: int
    size: tuple[int, int]
    seed: int
    options: Json = field(default_factory=dict)
    half: bool = True
    legacy: bool = False
    prefix: str = ""
    label: int = 1
    cannot_tell: str = ""

    def build(self) -> nn.Module:
        return getattr(families, f"family_{self.family}")(self.channels, self.ngf, self.blocks, **self.options)


LINEAR = "attention is linear"
SMALL = [  # what ships
    Case("a", "a", 1, 4, 5, (32, 32), 1),
    Case("b", "b", 1, 8, 5, (40, 52), 3),
    Case("c-conv", "c", 1, 4, 5, (40, 48), 5, cannot_tell=LINEAR),
    Case("c-upsample", "c", 1, 4, 5, (32, 48), 6, {"form": "upsample"}, cannot_tell=LINEAR),
    Case("c-pixelshuffle", "c", 1, 4, 5, (32, 48), 7, {"form": "pixelshuffle", "linear": False},
         cannot_tell="attention is softmax"),
    Case("d-2025-12", "d", 1, 4, 6, (128, 64), 8),
    Case("d-2026-03", "d", 1, 4, 5, (32, 64), 9, {"since_2026": True}, prefix="module."),
    Case("e", "e", 3, 4, 5, (32, 64), 10, legacy=True),
]


def family_output(case: Case) -> tuple[nn.Module, np.ndarray, np.ndarray]:
    """The module with its weights, an input image, and the output [c, h, w]."""
    net = families.make_awkward(case.build(), case.seed, case.half)
    image = plate(*case.size, case.channels)
    families.tame_output(net, to_tensor(image).float(), case.label)
    with torch.no_grad():
        output = net.double()(to_tensor(image), case.label)[0]
    return net.float(), image, output.numpy().astype(np.float32)


def make_family(case: Case, folder: Path) -> Json:
    net, image, output = family_output(case)
    state = {case.prefix + name: tensor.half() if case.half and tensor.is_floating_point() else tensor
             for name, tensor in net.state_dict().items()}
    torch.save(state, folder / f"{case.name}.pth", _use_new_zipfile_serialization=not case.legacy)
    Image.fromarray(image).save(folder / f"{case.name}.png", optimize=True)
    np.save(folder / f"{case.name}.npy", output)
    print(f"  {case.name:16} std {output.std():.3f}, {(abs(output) > 0.99).mean():.1%} saturated")
    return {"name": case.name, "family": case.family, "size": list(case.size), "label": case.label,
            "cannot_tell": case.cannot_tell}


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the golden data of whole networks.")
    parser.add_argument("what", nargs="*", help="networks by name, or families (all)")
    wanted = parser.parse_args().what or [*NETWORKS, "families"]
    torch.set_num_threads(1)
    unknown = set(wanted) - {*NETWORKS, "families"}
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(NETWORKS)} and families")
    (GOLDEN / "families").mkdir(parents=True, exist_ok=True)
    made = [make_network(name) for name in NETWORKS if name in wanted]
    index = GOLDEN / "index.json"
    kept = json.loads(index.read_text()) if index.exists() else []
    write_json(index, sorted(made + [entry for entry in kept if entry["name"] not in wanted],
                             key=lambda entry: entry["name"]))
    if "families" in wanted:
        folder = GOLDEN / "families"
        write_json(folder / "index.json", [make_family(case, folder) for case in SMALL])


if __name__ == "__main__":
    main()
