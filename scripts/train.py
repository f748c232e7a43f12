#!/usr/bin/python3
"""Trains a variant of a config on a folder of pairs with L1 and writes a checkpoint for stridelab.

    scripts/render_glyphs.py --out build/glyphs
    scripts/train.py configs/demo.json --variant stride2 --pairs build/glyphs/train \\
        --held-out build/glyphs/validation --images 64000 --out data/demo.safetensors

--pairs and --held-out are folders with source/ and target/, whose files have equal names. Adam, the
step size falling to 0 by a cosine; one thread. The same seed, data and versions give the same
weights, also when a run was interrupted: --state keeps everything that goes on.
"""
from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import math
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import safetensors_io
import torch_net
from torch_net import Json, extent

STATE_EVERY = 500  # steps


def keep_freed_memory() -> None:
    """Activations are freed and made anew at every step; without this glibc gives them back to the
    kernel each time, and half of the time goes into page faults."""
    m_trim_threshold, m_mmap_max = -1, -4
    libc = ctypes.CDLL(None)
    libc.mallopt(m_mmap_max, 0)
    libc.mallopt(m_trim_threshold, 2**31 - 1)


class Pairs:
    """All pairs of a folder in memory, as bytes [n, c, h, w]."""

    def __init__(self, folder: Path, net: Json):
        self.mean, self.std = net["input"]["mean"], net["input"]["std"]
        names = sorted(path.name for path in (folder / "source").iterdir())
        if names != sorted(path.name for path in (folder / "target").iterdir()) or not names:
            sys.exit(f"{folder}: source/ and target/ must hold the same names")
        self.source = self.read(folder / "source", names, net["input"]["channels"], net)
        self.target = self.read(folder / "target", names, net["output"]["channels"], net)
        digest = hashlib.sha256("\n".join(names).encode())
        for side in (self.source, self.target):
            digest.update(side.numpy().tobytes())
        self.sha256 = digest.hexdigest()

    @staticmethod
    def read(folder: Path, names: list[str], channels: int, net: Json) -> Tensor:
        height, width = extent(net["input"]["size"])
        images = np.empty((len(names), channels, height, width), np.uint8)
        for index, name in enumerate(names):
            with Image.open(folder / name) as image:
                if image.size != (width, height):
                    sys.exit(f"{folder / name}: {image.size[0]}x{image.size[1]}, expected {width}x{height}")
                pixels = np.asarray(image.convert("L" if channels == 1 else "RGB"))
            images[index] = pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)
        return torch.from_numpy(images)

    def __len__(self) -> int:
        return len(self.source)

    def batch(self, picks: Tensor, shifts: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The picked pairs as the network reads them, each rolled by its row of shifts (down, right)."""
        sides = [self.source[picks], self.target[picks]]
        if shifts is not None:
            sides = [torch.stack([image.roll(tuple(shift), (1, 2)) for image, shift in zip(side, shifts.tolist())])
                     for side in sides]
        return tuple(((side.float() / 255 - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
                     for side in sides)


class Training:
    """The weights and where their training stands."""

    def __init__(self, net: Json, pairs: Pairs, options: argparse.Namespace):
        self.net, self.pairs, self.options, self.step = net, pairs, options, 0
        self.steps = math.ceil(options.images / options.batch)
        self.tensors = torch_net.make_state(net, torch_net.kaiming(torch.Generator().manual_seed(options.seed)))
        for name, tensor in self.tensors.items():
            if tensor.dim() == 4:
                self.tensors[name] = tensor = tensor.contiguous(memory_format=torch.channels_last)
            tensor.requires_grad_(not name.endswith(torch_net.BUFFERS))
        self.optimiser = torch.optim.Adam([t for t in self.tensors.values() if t.requires_grad], options.rate,
                                          betas=(0.5, 0.999))

    def identity(self) -> str:
        """What must be equal for a kept state to be of this very run."""
        options = self.options
        return json.dumps([self.net, self.pairs.sha256, options.seed, options.images, options.batch,
                           options.rate, options.jitter], sort_keys=True)

    def picks(self) -> Tensor:
        """The pairs of this step: every epoch has its own order, by seed and number alone."""
        per_epoch = max(1, len(self.pairs) // self.options.batch)
        epoch, place = divmod(self.step, per_epoch)
        generator = torch.Generator().manual_seed(self.options.seed * 1_000_003 + epoch)
        order = torch.randperm(len(self.pairs), generator=generator)
        return order[place * self.options.batch:(place + 1) * self.options.batch]

    def shifts(self, count: int) -> Tensor | None:
        """How far each pair of this step is moved, by seed and number alone."""
        jitter = self.options.jitter
        if not jitter:
            return None
        generator = torch.Generator().manual_seed(self.options.seed * 1_000_003 + 500_000_000 + self.step)
        return torch.randint(-jitter, jitter + 1, (count, 2), generator=generator)

    def advance(self) -> float:
        """One step; its loss."""
        rate = self.options.rate * 0.5 * (1 + math.cos(math.pi * self.step / self.steps))
        self.optimiser.param_groups[0]["lr"] = rate
        picks = self.picks()
        source, target = self.pairs.batch(picks, self.shifts(len(picks)))
        loss = (torch_net.forward(self.net, torch_net.Loaded(self.tensors), source, training=True)
                - target).abs().mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.step += 1
        return loss.item()

    def save_state(self) -> None:
        if not self.options.state:
            return
        part = f"{self.options.state}.part"
        torch.save({"identity": self.identity(), "step": self.step, "tensors": self.tensors,
                    "optimiser": self.optimiser.state_dict()}, part)
        os.replace(part, self.options.state)

    def load_state(self) -> None:
        if not self.options.state or not os.path.exists(self.options.state):
            return
        state = torch.load(self.options.state)
        if state["identity"] != self.identity():
            sys.exit(f"{self.options.state}: is of another run; remove it or name another --state")
        self.step = state["step"]
        with torch.no_grad():
            for name, tensor in self.tensors.items():
                tensor.copy_(state["tensors"][name])
        self.optimiser.load_state_dict(state["optimiser"])


def held_out_loss(net: Json, tensors: dict[str, Tensor], pairs: Pairs) -> tuple[float, float]:
    """Mean L1 in pixels of [0, 1], with running statistics: of the network, and of the source itself."""
    total = copied = 0.0
    with torch.no_grad():
        for picks in torch.arange(len(pairs)).split(16):
            source, target = pairs.batch(picks)
            output = torch_net.forward(net, torch_net.Loaded(tensors), source)
            total += (output - target).abs().mean().item() * len(picks)
            if source.shape == target.shape:
                copied += (source - target).abs().mean().item() * len(picks)
    scale = pairs.std / len(pairs)
    return total * scale, copied * scale


def show_progress(step: int, steps: int, loss: float, started: float, first: int) -> None:
    left = (time.monotonic() - started) / (step - first) * (steps - step)
    bar = "#" * (30 * step // steps)
    end = "\n" if step == steps else ""
    print(f"\r[{bar:30}] {step}/{steps}  L1 {loss:.4f}  {left / 60:4.1f} min left", end=end, file=sys.stderr,
          flush=True)


def held_out_words(training: Training, held_out: Pairs | None) -> str:
    if held_out is None:
        return ""
    return f"  held-out {held_out_loss(training.net, training.tensors, held_out)[0]:.4f}"


def run(training: Training, held_out: Pairs | None) -> None:
    training.load_state()
    first, started, smooth = training.step, time.monotonic(), None
    terminal = sys.stderr.isatty()
    while training.step < training.steps:
        loss = training.advance()
        smooth = loss if smooth is None else 0.98 * smooth + 0.02 * loss
        if training.step % STATE_EVERY == 0:
            training.save_state()
            if not terminal:
                print(f"step {training.step}/{training.steps}  L1 {smooth * training.pairs.std:.4f}"
                      f"{held_out_words(training, held_out)}  {time.monotonic() - started:.0f} s",
                      file=sys.stderr, flush=True)
        if terminal and (training.step % 10 == 0 or training.step == training.steps):
            show_progress(training.step, training.steps, smooth * training.pairs.std, started, first)
    training.save_state()


def write(options: argparse.Namespace, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    kind = torch.float16 if options.half else torch.float32
    plain = {name: tensor.detach().contiguous().to(kind) for name, tensor in tensors.items()}
    safetensors_io.save(options.out, {name: tensor.numpy() for name, tensor in plain.items()}, metadata)
    if options.pth:
        torch.save(plain, options.pth)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Trains a variant on pairs of images with L1.")
    parser.add_argument("config")
    parser.add_argument("--variant", help="name of the variant (the base)")
    parser.add_argument("--pairs", type=Path, required=True, help="folder with source/ and target/")
    parser.add_argument("--held-out", type=Path, help="another such folder, for the loss that is kept")
    parser.add_argument("--out", type=Path, required=True, help="the safetensors file")
    parser.add_argument("--pth", type=Path, help="the same as a PyTorch checkpoint")
    parser.add_argument("--half", action="store_true", help="store half precision")
    parser.add_argument("--images", type=int, default=64000, help="images to train on in all (64000)")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3, help="first step size of Adam (0.002)")
    parser.add_argument("--jitter", type=int, default=0, metavar="PIXELS",
                        help="roll both images of a pair by up to this in each direction (0)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=Path, help="file to keep and resume the run from")
    parser.add_argument("--architecture", default="", help="hash of the design that stridelab states, for the metadata")
    return parser.parse_args()


def main() -> None:
    options = parse()
    keep_freed_memory()
    torch.set_num_threads(1)
    net = torch_net.resolve(torch_net.load_config(options.config), options.variant)
    training = Training(net, Pairs(options.pairs, net), options)
    held_out = Pairs(options.held_out, net) if options.held_out else None
    run(training, held_out)
    metadata = {"variant": options.variant or "base", "seed": str(options.seed), "steps": str(training.steps),
                "batch": str(options.batch), "data_sha256": training.pairs.sha256}
    if options.architecture:
        metadata["stridelab.architecture"] = options.architecture
    if held_out:
        loss, copied = held_out_loss(net, training.tensors, held_out)
        metadata["held_out_l1"] = f"{loss:.6f}"
        print(f"held-out L1 {loss:.5f} (the source itself: {copied:.5f})", file=sys.stderr)
    write(options, training.tensors, metadata)


if __name__ == "__main__":
    main()
