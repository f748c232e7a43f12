"""The U-Net generators that users bring, as PyTorch modules with the sources' structure: nested
blocks, in-place activations, the sources' attribute names, and so their checkpoints' key names.

    A  zi2zi-pytorch, 2020         B  the fork of March 2025        C  the fork of April 2025
    D  the fork of 2025-12 / 2026-03                                E  pix2pix

Written from a description of their functions, not from their code. Only the forward pass is here;
dropout, which never acts in it, is left out. A level is one block, 1 the innermost; the four
outermost are always 5 to 8.
"""
from __future__ import annotations

import math
from typing import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def widths(ngf: int, blocks: int) -> list[int]:
    """What each block's down convolution gives, the outermost first."""
    return [ngf * min(2**index, 8) for index in range(blocks)]


def level(index: int, blocks: int) -> int:
    """The source's number of block `index` (from 0, the outermost)."""
    return 8 - index if index < 4 else blocks - index


def groups_for(channels: int) -> int:
    return next(groups for groups in range(min(8, channels), 0, -1) if channels % groups == 0)


def batch(channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels)


def instance(channels: int) -> nn.Module:
    return nn.InstanceNorm2d(channels, affine=False)


def fitted(decoded: Tensor, x: Tensor) -> Tensor:
    if decoded.shape[2:] == x.shape[2:]:
        return decoded
    return F.interpolate(decoded, size=x.shape[2:], mode="bilinear", align_corners=False)


# --- parts ------------------------------------------------------------------------------------

class Attention(nn.Module):
    """gamma * attention + x; `suffix` is how the source ends the names of its convolutions."""

    def __init__(self, channels: int, suffix: str = "", linear: bool = False):
        super().__init__()
        self.suffix, self.linear = suffix, linear
        for leaf, out in (("query", channels // 8), ("key", channels // 8), ("value", channels)):
            setattr(self, leaf + suffix, nn.Conv2d(channels, out, 1))
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (getattr(self, leaf + self.suffix)(x).flatten(2) for leaf in ("query", "key", "value"))
        if self.linear:
            q, k = F.elu(q) + 1, F.elu(k) + 1
            context = torch.einsum("bdn,bcn->bdc", k, v)
            total = torch.einsum("bdn,bd->bn", q, k.sum(2)).clamp_min(1e-6)
            out = torch.einsum("bdn,bdc->bcn", q, context) / total[:, None]
        else:
            scores = torch.bmm(q.transpose(1, 2), k) / math.sqrt(q.shape[1])
            out = torch.bmm(v, F.softmax(scores, -1).transpose(1, 2))
        return self.gamma * out.view_as(x) + x


class ResSkip(nn.Module):
    """B: x + SiLU(GroupNorm8(conv(x)))."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, 1, 1)
        self.norm = nn.GroupNorm(8, channels)
        self.act = nn.SiLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.act(self.norm(self.conv(x)))


class ResSkip2(nn.Module):
    """C: x + two layers, the last SiLU before the sum."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm1 = nn.GroupNorm(groups_for(channels), channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm2 = nn.GroupNorm(groups_for(channels), channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = F.silu(self.norm1(self.conv1(x)))
        return x + F.silu(self.norm2(self.conv2(inner)))


class TransformerBlock(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.attn = nn.MultiheadAttention(channels, 4, batch_first=True)
        self.norm1, self.norm2 = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.ffn = nn.Sequential(nn.Linear(channels, 4 * channels), nn.SiLU(), nn.Linear(4 * channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(2).transpose(1, 2)
        tokens = self.norm1(tokens + self.attn(tokens, tokens, tokens, need_weights=False)[0])
        tokens = self.norm2(tokens + self.ffn(tokens))
        return tokens.transpose(1, 2).reshape(x.shape)


class FiLM(nn.Module):
    def __init__(self, dim: int, channels: int):
        super().__init__()
        self.film = nn.Linear(dim, 2 * channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        gamma, beta = self.film(style)[:, :, None, None].chunk(2, 1)
        return gamma * x + beta


class UpsampleDecoder(nn.Module):
    """C, form b."""

    def __init__(self, channels_in: int, channels: int):
        super().__init__()
        self.upsample = nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False),
                                      nn.Conv2d(channels_in, channels, 3, 1, 1))
        self.fusion_conv = nn.Conv2d(channels, channels, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.fusion_conv(self.upsample(x)))


class PixelShuffleDecoder(nn.Module):
    """C, form c."""

    def __init__(self, channels_in: int, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels_in, 4 * channels, 3, 1, 1, bias=False)
        self.post_conv = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
                                       nn.GroupNorm(groups_for(channels), channels), nn.SiLU(inplace=True),
                                       ResSkip2(channels))

    def forward(self, x: Tensor) -> Tensor:
        return self.post_conv(F.pixel_shuffle(self.conv(x), 2))


# --- blocks of A to D -------------------------------------------------------------------------

class Block(nn.Module):
    """What A to D share: `down`, `submodule`, `up`, and where the style comes in."""

    def __init__(self, down: list[nn.Module], up: list[nn.Module], inner: nn.Module | None, outermost: bool):
        super().__init__()
        self.down, self.up, self.outermost = nn.Sequential(*down), nn.Sequential(*up), outermost
        self.submodule = inner

    def enter(self, x: Tensor) -> Tensor:
        return x

    def encode(self, encoded: Tensor) -> Tensor:
        return encoded

    def add_style(self, encoded: Tensor, style: Tensor | None) -> Tensor:
        if style is None:
            return encoded
        return torch.cat([style[:, :, None, None].expand(-1, -1, *encoded.shape[2:]), encoded], 1)

    def decode(self, decoded: Tensor, x: Tensor) -> Tensor:
        return decoded

    def join(self, x: Tensor, decoded: Tensor) -> Tensor:
        return torch.cat([x, decoded], 1)

    def forward(self, x: Tensor, style: Tensor | None) -> Tensor:
        x = self.enter(x)
        encoded = self.encode(self.down(x))  # from here on x is activated: down begins in place
        inner = self.add_style(encoded, style) if self.submodule is None else self.submodule(encoded, style)
        decoded = self.decode(self.up(inner), x)
        return decoded if self.outermost else self.join(x, decoded)


class BlockB(Block):
    def decode(self, decoded: Tensor, x: Tensor) -> Tensor:
        decoded = fitted(decoded, x)
        return self.res_skip(decoded) if hasattr(self, "res_skip") else decoded

    def encode(self, encoded: Tensor) -> Tensor:
        return self.self_attn(encoded) if hasattr(self, "self_attn") else encoded


class BlockC(Block):
    def enter(self, x: Tensor) -> Tensor:
        return self.attn_block(x) if hasattr(self, "attn_block") else x

    def add_style(self, encoded: Tensor, style: Tensor | None) -> Tensor:
        return self.film(self.transformer_block(encoded), style)

    decode = BlockB.decode


class BlockD(Block):
    def encode(self, encoded: Tensor) -> Tensor:
        return self.att(encoded) if hasattr(self, "att") else encoded

    def join(self, x: Tensor, decoded: Tensor) -> Tensor:
        return x + decoded


class Generator(nn.Module):
    def __init__(self, model: nn.Module, count: int, dim: int):
        super().__init__()
        self.model = model
        if dim:
            self.embedder = nn.Embedding(count, dim)

    def forward(self, x: Tensor, label: int = 0) -> Tensor:
        style = None
        if hasattr(self, "embedder"):
            style = self.embedder(torch.full((len(x),), label, dtype=torch.long))
        return self.model(x.clone(), style)


Nested = Callable[[int, nn.Module | None], nn.Module]


def nest(blocks: int, make: Nested) -> nn.Module:
    """Blocks from the innermost outwards: make(index, the block inside)."""
    block = None
    for index in reversed(range(blocks)):
        block = make(index, block)
    return block


def plain_down(channels_in: int, channels: int, index: int, last: int, norm: Callable[[int], nn.Module],
               bias: bool) -> list[nn.Module]:
    """Of A, B and D."""
    conv = nn.Conv2d(channels_in, channels, 4, 2, 1, bias=bias)
    if index == 0:
        return [conv]
    return [nn.LeakyReLU(0.2, inplace=True), conv] + ([norm(channels)] if index < last else [])


def plain_up(inner: int, outer: int, index: int, norm: Callable[[int], nn.Module], bias: bool) -> list[nn.Module]:
    """Of A and B."""
    conv = nn.ConvTranspose2d(inner, outer, 4, 2, 1, bias=bias or index == 0)
    return [nn.ReLU(inplace=True), conv, nn.Tanh() if index == 0 else norm(outer)]


def family_a(channels: int, ngf: int, blocks: int, count: int = 3, dim: int = 5) -> nn.Module:
    width, last = widths(ngf, blocks), blocks - 1

    def make(index: int, inside: nn.Module | None) -> nn.Module:
        outer = width[index - 1] if index else channels
        inner = width[index] + dim if index == last else 2 * width[index]
        return Block(plain_down(outer, width[index], index, last, batch, False),
                     plain_up(inner, outer, index, batch, False), inside, index == 0)
    return Generator(nest(blocks, make), count, dim)


def family_b(channels: int, ngf: int, blocks: int, count: int = 3, dim: int = 5, attention: bool = True) -> nn.Module:
    width, last = widths(ngf, blocks), blocks - 1

    def make(index: int, inside: nn.Module | None) -> nn.Module:
        outer = width[index - 1] if index else channels
        inner = width[index] + dim if index == last else 2 * width[index]
        block = BlockB(plain_down(outer, width[index], index, last, instance, True),
                       plain_up(inner, outer, index, instance, True), inside, index == 0)
        if 0 < index < last:
            block.res_skip = ResSkip(outer)
        if attention and level(index, blocks) in (4, 6):
            block.self_attn = Attention(width[index])
        return block
    return Generator(nest(blocks, make), count, dim)


def family_c(channels: int, ngf: int, blocks: int, count: int = 3, dim: int = 5, form: str = "conv",
             attention: tuple[int, ...] = (4, 6), linear: bool = True) -> nn.Module:
    """`form` is the decoder: conv, upsample or pixelshuffle; `attention` the levels that have one."""
    width, last = widths(ngf, blocks), blocks - 1

    def decoder(inner: int, outer: int) -> nn.Module:
        if form == "conv":
            return nn.ConvTranspose2d(inner, outer, 4, 2, 1, output_padding=1)
        return UpsampleDecoder(inner, outer) if form == "upsample" else PixelShuffleDecoder(inner, outer)

    def make(index: int, inside: nn.Module | None) -> nn.Module:
        outer = width[index - 1] if index else channels
        inner = width[index] if index == last else 2 * width[index]
        kernel, stride = (3, 1) if index == last else (4, 2)
        down = [nn.Conv2d(outer, width[index], kernel, stride, 1)]
        if index:
            down = [nn.SiLU(inplace=True), *down] + ([instance(width[index])] if index < last else [])
        up = [nn.SiLU(inplace=True), decoder(inner, outer), instance(outer) if index else nn.Tanh()]
        block = BlockC(down, up, inside, index == 0)
        if index and level(index, blocks) in (4, 5, 6, 7):
            block.res_skip = ResSkip2(outer)
        if level(index, blocks) in attention:
            block.attn_block = Attention(outer, linear=linear)
        if index == last:
            block.transformer_block, block.film = TransformerBlock(width[index]), FiLM(dim, width[index])
        return block
    return Generator(nest(blocks, make), count, dim)


def family_d(channels: int, ngf: int, blocks: int, count: int = 3, dim: int = 5, since_2026: bool = False) -> nn.Module:
    width, last = widths(ngf, blocks), blocks - 1
    attention = (2, 3) if since_2026 else (4, last)

    def make(index: int, inside: nn.Module | None) -> nn.Module:
        outer = width[index - 1] if index else channels
        inner = width[index] + (dim if index == last else 0)
        up = [nn.ReLU(inplace=True), nn.Conv2d(inner, 4 * outer, 3, 1, 1, bias=index == 0), nn.PixelShuffle(2),
              batch(outer) if index else nn.Tanh()]
        block = BlockD(plain_down(outer, width[index], index, last, batch, False), up, inside, index == 0)
        if index in attention:
            block.att = Attention(width[index], "_conv")
        return block
    return Generator(nest(blocks, make), count, dim)


# --- E ----------------------------------------------------------------------------------------

class BlockE(nn.Module):
    def __init__(self, steps: list[nn.Module], outermost: bool):
        super().__init__()
        self.model, self.outermost = nn.Sequential(*steps), outermost

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


class GeneratorE(nn.Module):
    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, x: Tensor, label: int = 0) -> Tensor:
        return self.model(x.clone())


def family_e(channels: int, ngf: int, blocks: int) -> nn.Module:
    width, last = widths(ngf, blocks), blocks - 1

    def make(index: int, inside: nn.Module | None) -> nn.Module:
        outer = width[index - 1] if index else channels
        inner = width[index] * (1 if index == last else 2)
        steps = plain_down(outer, width[index], index, last, batch, False)
        steps += [inside] if inside is not None else []
        return BlockE(steps + plain_up(inner, outer, index, batch, False), index == 0)
    return GeneratorE(nest(blocks, make))


# --- weights ----------------------------------------------------------------------------------

def make_awkward(net: nn.Module, seed: int, half: bool = False) -> nn.Module:
    """Fills `net` with weights that hide nothing: norms far from the identity, some negative; biases
    and attention gates that matter. With `half` all values are half-precision numbers."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(tensor: Tensor, low: float, high: float) -> Tensor:
        return torch.rand(tensor.shape, generator=generator) * (high - low) + low

    norms = (nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm)
    norm_weights = {f"{name}.weight" for name, module in net.named_modules() if isinstance(module, norms)}
    transposed = {f"{name}.weight" for name, module in net.named_modules() if isinstance(module, nn.ConvTranspose2d)}
    state = net.state_dict()
    for name, tensor in state.items():
        if tensor.dtype == torch.long:
            value = torch.tensor(1234)
        elif name in norm_weights:
            value = uniform(tensor, 0.5, 1.7) * torch.where(uniform(tensor, 0, 1) < 0.25, -1.0, 1.0)
        elif name.endswith("running_var"):
            value = torch.exp(uniform(tensor, -2.5, 1.0))
        elif name.endswith("running_mean"):
            value = uniform(tensor, -0.8, 0.8)
        elif name.endswith("gamma"):
            value = uniform(tensor, 0.6, 0.9)
        elif tensor.dim() == 1:
            value = uniform(tensor, -0.4, 0.4)
        elif name.startswith("embedder"):
            value = uniform(tensor, -2, 2)
        else:
            outputs = tensor.shape[1 if name in transposed else 0]
            bound = math.sqrt(3 * outputs / tensor.numel())
            value = uniform(tensor, -bound, bound)
        state[name] = value.half().float() if half and value.is_floating_point() else value
    net.load_state_dict(state)
    return net.eval()


def tame_output(net: nn.Module, image: Tensor, label: int) -> None:
    """Scales the last convolution so that the final tanh does not saturate and hide differences."""
    steps = next(list(module) for module in net.modules() if isinstance(module, nn.Sequential)
                 and isinstance(module[-1], nn.Tanh))
    last = next((step for step in reversed(steps) if isinstance(step, (nn.Conv2d, nn.ConvTranspose2d))), None)
    if last is None:
        return
    seen = []
    hook = steps[-1].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].std().item()))
    with torch.no_grad():
        net(image, label)
        hook.remove()
        for parameter in last.parameters():
            parameter *= 2.0 ** round(math.log2(0.7 / seen[0]))
