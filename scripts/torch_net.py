"""Builds any variant of a stridelab config in PyTorch.

`forward` is the way of an image through the blocks of a variant that torch_config has resolved,
written with torch.nn.functional over a dict of tensors whose keys are the plain names. Nothing here
is fast or clever: it is what the C engine is compared with, and what scripts/train.py trains.
"""
from __future__ import annotations

import math
from typing import Any, Callable, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from torch_config import Json, extent

# --- weights ----------------------------------------------------------------------------------

class Weights(Protocol):
    """Where `forward` gets a tensor: by plain name, shape and role."""

    def __call__(self, name: str, shape: tuple[int, ...], role: str) -> Tensor: ...


Maker = Callable[[str, tuple[int, ...], str], Tensor]
BUFFERS = ("running_mean", "running_var")


class Made:
    """Makes each tensor when `forward` first asks for it, and keeps it."""

    def __init__(self, make: Maker):
        self.make, self.tensors = make, {}

    def __call__(self, name: str, shape: tuple[int, ...], role: str) -> Tensor:
        if name not in self.tensors:
            self.tensors[name] = self.make(name, shape, role)
        return self.tensors[name]


class Loaded:
    """The tensors of a state_dict; a shape that differs is an error."""

    def __init__(self, tensors: dict[str, Tensor]):
        self.tensors = tensors

    def __call__(self, name: str, shape: tuple[int, ...], role: str) -> Tensor:
        tensor = self.tensors[name]
        if tuple(tensor.shape) != shape:
            raise ValueError(f"{name}: expected {shape}, found {tuple(tensor.shape)}")
        return tensor


def fan_in(shape: tuple[int, ...], role: str) -> int:
    """Of a convolution or linear weight: inputs that one output sums over, all taps counted."""
    taps = math.prod(shape[2:])
    return (shape[0] if role == "conv_transpose" else shape[1]) * taps


def kaiming(generator: torch.Generator) -> Maker:
    """Fresh weights to train from: He normal, norms at identity, biases and gates zero."""
    def make(name: str, shape: tuple[int, ...], role: str) -> Tensor:
        if role in ("scale", "variance"):
            return torch.ones(shape)
        if role in ("shift", "mean", "bias", "gate"):
            return torch.zeros(shape)
        std = 1.0 if role == "embedding" else math.sqrt(2.0 / fan_in(shape, role))
        return torch.randn(shape, generator=generator) * std
    return make


def mix(x: np.ndarray) -> np.ndarray:
    """SplitMix64 of an array of uint64."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def fnv(text: str) -> int:
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) % 2**64
    return h


def hashed(seed: int) -> Maker:
    """The weights of `"weights": {"random": seed}`, bit for bit: see src/engine/random.c."""
    start = mix(np.array([seed], np.uint64))

    def make(name: str, shape: tuple[int, ...], role: str) -> Tensor:
        index = np.arange(math.prod(shape), dtype=np.uint64)
        bits = mix((np.uint64(fnv(name)) ^ start) + index) >> np.uint64(40)
        u = (bits.astype(np.int64) - 2**23) / 2.0**23
        offset, factor = {"scale": (1, 0.1), "shift": (0, 0.1), "bias": (0, 0.1), "mean": (0, 0.1),
                          "variance": (1, 0.5), "gate": (0.5, 0.25), "embedding": (0, 1)}.get(role, (0, 0))
        if role in ("conv", "conv_transpose"):
            factor = math.sqrt(3 / fan_in(shape, role))
        return torch.from_numpy((offset + u * factor).astype(np.float32).reshape(shape))
    return make


def make_state(net: Json, make: Maker, size: tuple[int, int] | None = None) -> dict[str, Tensor]:
    """All tensors of a resolved variant, by running it once on an empty image."""
    made = Made(make)
    with torch.no_grad():
        forward(net, made, torch.zeros(1, net["input"]["channels"], *(size or extent(net["input"]["size"]))))
    return made.tensors


# --- operations -------------------------------------------------------------------------------

class Misfit(ValueError):
    """A decoded map does not have the size it is to be joined at, and `fit` is error."""


def activate(x: Tensor, kind: str, slope: float = 0.2) -> Tensor:
    if kind == "none":
        return x
    if kind == "leaky_relu":
        return F.leaky_relu(x, slope)
    return {"relu": F.relu, "silu": F.silu, "elu": F.elu, "gelu": F.gelu, "tanh": torch.tanh,
            "sigmoid": torch.sigmoid}[kind](x)


def conv(weights: Weights, prefix: str, x: Tensor, channels: int, spec: Json) -> Tensor:
    """A convolution of stride 1 unless `spec` has one."""
    kernel = extent(spec["kernel"])
    weight = weights(f"{prefix}.weight", (channels, x.shape[1], *kernel), "conv")
    bias = weights(f"{prefix}.bias", (channels,), "bias") if spec["bias"] else None
    return F.conv2d(x, weight, bias, extent(spec.get("stride", 1)), extent(spec["padding"]))


def conv_1x1(weights: Weights, prefix: str, x: Tensor, channels: int) -> Tensor:
    return conv(weights, prefix, x, channels, {"kernel": 1, "padding": 0, "bias": True})


def convolution_gradients(gradient: Tensor, x: Tensor, weight: Tensor, stride: tuple[int, int],
                          padding: tuple[int, int], wanted: tuple[bool, bool]) -> tuple[Tensor, ...]:
    """Of conv2d(x, weight): with respect to x and to weight, as `wanted`."""
    return torch.ops.aten.convolution_backward(gradient, x, weight, None, stride, padding, (1, 1), False,
                                               (0, 0), 1, (*wanted, False))


class FastConvTranspose(torch.autograd.Function):
    """A transposed convolution as what it is, the gradient of a convolution. For training only:
    PyTorch 1.13 runs its own transposed convolution without oneDNN, which takes several times as long."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: tuple[int, int], padding: tuple[int, int],
                size: tuple[int, int]) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.geometry = stride, padding
        like = torch.empty((len(x), weight.shape[1], *size), memory_format=torch.channels_last)
        return convolution_gradients(x, like, weight, stride, padding, (True, False))[0]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        return (F.conv2d(gradient, weight, None, *ctx.geometry),
                convolution_gradients(x, gradient, weight, *ctx.geometry, (False, True))[1], None, None, None)


def conv_transpose(weights: Weights, prefix: str, x: Tensor, channels: int, spec: Json) -> Tensor:
    kernel, stride, padding = extent(spec["kernel"]), extent(spec["stride"]), extent(spec["padding"])
    extra = extent(spec["output_padding"])
    weight = weights(f"{prefix}.weight", (x.shape[1], channels, *kernel), "conv_transpose")
    bias = weights(f"{prefix}.bias", (channels,), "bias") if spec["bias"] else None
    if not weight.requires_grad:
        return F.conv_transpose2d(x, weight, bias, stride, padding, extra)
    size = tuple((x.shape[2 + i] - 1) * stride[i] - 2 * padding[i] + kernel[i] + extra[i] for i in (0, 1))
    y = FastConvTranspose.apply(x, weight, stride, padding, size)
    return y if bias is None else y + bias[:, None, None]


def linear(weights: Weights, prefix: str, x: Tensor, channels: int) -> Tensor:
    return F.linear(x, weights(f"{prefix}.weight", (channels, x.shape[-1]), "conv"),
                    weights(f"{prefix}.bias", (channels,), "bias"))


def divisor(groups: int, channels: int) -> int:
    """`groups`, lowered until it divides `channels`."""
    return next(g for g in range(min(groups, channels), 0, -1) if channels % g == 0)


def normalise(weights: Weights, prefix: str, x: Tensor, norm: str | Json, training: bool) -> Tensor:
    spec = norm if isinstance(norm, dict) else {"type": norm}
    kind, channels, eps = spec.get("type", "batch"), x.shape[1], spec.get("eps", 1e-5)
    if kind == "none":
        return x
    gamma = beta = None
    if spec.get("affine", kind != "instance"):
        gamma = weights(f"{prefix}.weight", (channels,), "scale")
        beta = weights(f"{prefix}.bias", (channels,), "shift")
    if kind == "batch":
        mean = weights(f"{prefix}.running_mean", (channels,), "mean")
        variance = weights(f"{prefix}.running_var", (channels,), "variance")
        return F.batch_norm(x, mean, variance, gamma, beta, training, 0.1, eps)
    groups = {"batch_stats": channels, "instance": channels, "layer": 1,
              "group": divisor(spec.get("groups", 8), channels)}[kind]
    return F.group_norm(x, groups, gamma, beta, eps)


def resample(x: Tensor, size: tuple[int, int], mode: str) -> Tensor:
    if tuple(x.shape[2:]) == size:
        return x
    if mode == "nearest":
        return F.interpolate(x, size, mode="nearest")
    return F.interpolate(x, size, mode=mode, align_corners=False)


def upsample(x: Tensor, spec: Json) -> Tensor:
    scale = extent(spec["scale"])
    return resample(x, (x.shape[2] * scale[0], x.shape[3] * scale[1]), spec["mode"])


def pixel_shuffle(x: Tensor, scale: tuple[int, int]) -> Tensor:
    """[c * sh * sw, h, w] to [c, h * sh, w * sw]; torch has it for squares only."""
    n, channels, h, w = x.shape
    sh, sw = scale
    x = x.reshape(n, channels // (sh * sw), sh, sw, h, w).permute(0, 1, 4, 2, 5, 3)
    return x.reshape(n, channels // (sh * sw), h * sh, w * sw)


def decode(weights: Weights, prefix: str, x: Tensor, channels: int, up: Json) -> Tensor:
    decoder = up["decoder"]
    if decoder == "conv_transpose":
        return conv_transpose(weights, prefix, x, channels, up)
    if decoder == "upsample_conv":
        return conv(weights, prefix, upsample(x, up), channels, {**up, "stride": 1})
    if decoder == "pixel_shuffle":
        scale = extent(up["scale"])
        x = conv(weights, prefix, x, channels * scale[0] * scale[1], {**up, "stride": 1})
        return pixel_shuffle(x, scale)
    return conv(weights, prefix, x, channels, {**up, "stride": 1})


def fit_to(x: Tensor, size: tuple[int, int], fit: str, name: str) -> Tensor:
    h, w = x.shape[2:]
    if (h, w) == size:
        return x
    if fit == "error":
        raise Misfit(f"{name}: decoded map is {h}x{w}, it is joined at {size[0]}x{size[1]}")
    if fit == "crop" and h >= size[0] and w >= size[1]:
        return x[:, :, :size[0], :size[1]]
    if fit == "pad" and h <= size[0] and w <= size[1]:
        return F.pad(x, (0, size[1] - w, 0, size[0] - h))
    if fit in ("crop", "pad"):
        raise Misfit(f"{name}: {fit} does not make {size[0]}x{size[1]} of {h}x{w}")
    return resample(x, size, fit)


def attention_inputs(weights: Weights, prefix: str, x: Tensor, reduction: int) -> tuple[Tensor, ...]:
    """q, k [n, d, positions] and v [n, c, positions]."""
    inner = x.shape[1] // reduction
    return tuple(conv_1x1(weights, f"{prefix}.{leaf}", x, channels).flatten(2)
                 for leaf, channels in (("query", inner), ("key", inner), ("value", x.shape[1])))


def self_attention(weights: Weights, prefix: str, x: Tensor, op: Json) -> Tensor:
    q, k, v = attention_inputs(weights, prefix, x, op["reduction"])
    scores = torch.softmax(q.transpose(1, 2) @ k / math.sqrt(q.shape[1]), -1)
    out = (v @ scores.transpose(1, 2)).reshape(x.shape)
    return weights(f"{prefix}.gamma", (1,), "gate") * out + x


def linear_attention(weights: Weights, prefix: str, x: Tensor, op: Json) -> Tensor:
    q, k, v = attention_inputs(weights, prefix, x, op["reduction"])
    q, k = F.elu(q) + 1, F.elu(k) + 1
    total = q.transpose(1, 2) @ k.sum(2, keepdim=True)
    out = (q.transpose(1, 2) @ (k @ v.transpose(1, 2))) / total.clamp_min(1e-6)
    return weights(f"{prefix}.gamma", (1,), "gate") * out.transpose(1, 2).reshape(x.shape) + x


def layer_norm(weights: Weights, prefix: str, x: Tensor) -> Tensor:
    channels = x.shape[-1]
    return F.layer_norm(x, (channels,), weights(f"{prefix}.weight", (channels,), "scale"),
                        weights(f"{prefix}.bias", (channels,), "shift"), 1e-5)


def transformer(weights: Weights, prefix: str, x: Tensor, op: Json) -> Tensor:
    n, channels, h, w = x.shape
    x = x.flatten(2).transpose(1, 2)
    qkv = F.linear(x, weights(f"{prefix}.attn.in_proj_weight", (3 * channels, channels), "conv"),
                   weights(f"{prefix}.attn.in_proj_bias", (3 * channels,), "bias"))
    heads, width = op["heads"], channels // op["heads"]
    q, k, v = (part.reshape(n, h * w, heads, width).transpose(1, 2) for part in qkv.chunk(3, -1))
    out = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(width), -1) @ v
    out = out.transpose(1, 2).reshape(n, h * w, channels)
    x = layer_norm(weights, f"{prefix}.norm1", x + linear(weights, f"{prefix}.attn.out_proj", out, channels))
    inner = F.silu(linear(weights, f"{prefix}.ffn.0", x, op["ffn"] * channels))
    x = layer_norm(weights, f"{prefix}.norm2", x + linear(weights, f"{prefix}.ffn.2", inner, channels))
    return x.transpose(1, 2).reshape(n, channels, h, w)


def res_block(weights: Weights, prefix: str, x: Tensor, op: Json, training: bool) -> Tensor:
    inner = x
    for layer in ("",) if op["layers"] == 1 else ("1", "2"):
        inner = conv(weights, f"{prefix}.conv{layer}", inner, x.shape[1],
                     {"kernel": 3, "padding": 1, "bias": op["bias"]})
        inner = normalise(weights, f"{prefix}.norm{layer}", inner, op["norm"], training)
        inner = activate(inner, op["activation"], op["slope"])
    return x + inner


def extras(weights: Weights, block: Json, place: str, x: Tensor, training: bool) -> Tensor:
    for op in block["extra"].get(place, []):
        kind, prefix = op["op"], f"{block['name']}.{op['as']}"
        if kind == "conv":
            x = conv(weights, prefix, x, op.get("channels", x.shape[1]), op)
        elif kind == "conv_transpose":
            x = conv_transpose(weights, prefix, x, op.get("channels", x.shape[1]), op)
        elif kind == "upsample":
            x = upsample(x, op)
        elif kind == "norm":
            x = normalise(weights, prefix, x, op["norm"], training)
        elif kind == "activation":
            x = activate(x, op["activation"], op["slope"])
        elif kind == "res_block":
            x = res_block(weights, prefix, x, op, training)
        elif kind == "self_attention":
            x = self_attention(weights, prefix, x, op)
        elif kind == "linear_attention":
            x = linear_attention(weights, prefix, x, op)
        else:
            x = transformer(weights, prefix, x, op)
    return x


# --- the network ------------------------------------------------------------------------------

def add_style(weights: Weights, style: Json, x: Tensor, labels: Tensor) -> Tensor:
    if style["mode"] == "none":
        return x
    table = weights("style.embedding", (style["count"], style["dim"]), "embedding")
    row = F.embedding(labels, table)
    if style["mode"] == "film":
        gamma, beta = linear(weights, "style.film", row, 2 * x.shape[1])[:, :, None, None].chunk(2, 1)
        return gamma * x + beta
    if style["mode"] == "concat" and x.shape[2:] != (1, 1):
        raise Misfit(f"style concat needs a 1x1 map, the innermost block gives {tuple(x.shape[2:])}")
    return torch.cat([row[:, :, None, None].expand(-1, -1, *x.shape[2:]), x], 1)


def join(weights: Weights, block: Json, kept: Tensor, decoded: Tensor) -> Tensor:
    skip = block["skip"]
    if skip == "none":
        return decoded
    if skip == "add":
        return kept + decoded
    if skip == "attention":
        gate, half = f"{block['name']}.gate", kept.shape[1] // 2
        both = conv_1x1(weights, f"{gate}.x", kept, half) + conv_1x1(weights, f"{gate}.g", decoded, half)
        kept = kept * torch.sigmoid(conv_1x1(weights, f"{gate}.psi", F.relu(both), 1))
    return torch.cat([kept, decoded], 1)


def run_block(net: Json, weights: Weights, index: int, x: Tensor, labels: Tensor, training: bool) -> Tensor:
    block = net["blocks"][index]
    name, down, up = block["name"], block["down"], block["up"]
    outermost, innermost = index == 0, index == len(net["blocks"]) - 1

    image = x
    x = extras(weights, block, "input", x, training)
    size = tuple((image if outermost else x).shape[2:])
    channels = net["output"]["channels"] if outermost else x.shape[1]
    activated = activate(x, down["activation"], down["slope"])
    kept = activated if block["skip_source"] == "activated" else x

    x = conv(weights, f"{name}.down.conv", activated, block["channels"], down)
    x = normalise(weights, f"{name}.down.norm", x, down["norm"], training)
    x = extras(weights, block, "encoded", x, training)
    if innermost:
        x = add_style(weights, net["style"], x, labels)
    else:
        x = run_block(net, weights, index + 1, x, labels, training)

    x = activate(x, up["activation"], up["slope"])
    x = decode(weights, f"{name}.up.conv", x, channels, up)
    x = extras(weights, block, "upsampled", x, training)
    x = normalise(weights, f"{name}.up.norm", x, up["norm"], training)
    if outermost:
        x = activate(x, net["output"]["activation"], net["output"]["slope"])
    x = fit_to(x, size, block["fit"], name)
    x = extras(weights, block, "decoded", x, training)
    return x if outermost else join(weights, block, kept, x)


def forward(net: Json, weights: Weights, images: Tensor, labels: Tensor | None = None,
            training: bool = False) -> Tensor:
    """[n, c, h, w] to [n, output channels, h, w]; `net` from `resolve`. With `training`, batch norm
    uses the batch's statistics and moves the running ones."""
    if labels is None:
        labels = torch.full((len(images),), net["style"]["label"], dtype=torch.long)
    return run_block(net, weights, 0, images, labels, training)
