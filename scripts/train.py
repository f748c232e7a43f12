#!/usr/bin/python3
"""Trains a variant of a config on a folder of pairs with L1 and writes a checkpoint for stridelab.

    scripts/render_glyphs.py --out build/glyphs
    scripts/train.py configs/demo.json --variant stride2 --pairs build/glyphs/train \\
        --held-out build/glyphs/validation --images 64000 --out data/demo.safetensors

--pairs and --held-out are folders with source/ and target/, whose files have equal names. Adam, the
step size falling to 0 by a cosine; one thread. The same seed, data and versions give the same
weights, also when a run was interrupted: --state keeps everything that goes on.

The file's metadata says what it is: variant, seed, steps, the hash of the data, the loss on the
held-out pairs with the weights as stored, and with --stridelab the hash of the architecture, by
which stridelab knows for what the weights were trained.
"""
from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import safetensors_io
import torch_config
import torch_net
from torch_config import Json, extent

KEEP_EVERY = 500  # steps


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


def start_shuffles_alike(net: Json, tensors: dict[str, Tensor]) -> None:
    """ICNR (Aitken et al. 2017): the channels that a pixel shuffle deals to one square of pixels
    start equal, so that the start has no checkerboard."""
    for block in net["blocks"]:
        if block["up"]["decoder"] == "pixel_shuffle":
            name, count = f"{block['name']}.up.conv.weight", math.prod(extent(block["up"]["scale"]))
            tensors[name] = tensors[name][::count].repeat_interleave(count, 0)


def edge_loss(output: Tensor, target: Tensor) -> Tensor:
    """L1 of the differences between neighbours, across and down."""
    error = output - target
    return error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()


class Training:
    """The weights and where their training stands."""

    def __init__(self, net: Json, pairs: Pairs, options: argparse.Namespace):
        self.net, self.pairs, self.options, self.step = net, pairs, options, 0
        self.smooth: float | None = None  # running mean of the L1 of the batches, in pixels of [0, 1]
        self.log: list[tuple[int, float, float | None]] = []  # step, smooth, held-out L1
        self.steps = math.ceil(options.images / options.batch)
        self.tensors = torch_net.make_state(net, torch_net.kaiming(torch.Generator().manual_seed(options.seed)))
        start_shuffles_alike(net, self.tensors)
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
                           options.rate, options.jitter, options.edge], sort_keys=True)

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

    def advance(self) -> None:
        """One step."""
        rate = self.options.rate * 0.5 * (1 + math.cos(math.pi * self.step / self.steps))
        self.optimiser.param_groups[0]["lr"] = rate
        picks = self.picks()
        source, target = self.pairs.batch(picks, self.shifts(len(picks)))
        output = torch_net.forward(self.net, torch_net.Loaded(self.tensors), source, training=True)
        l1 = (output - target).abs().mean()
        loss = l1 + self.options.edge * edge_loss(output, target) if self.options.edge else l1
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.step += 1
        pixels = l1.item() * self.pairs.std
        self.smooth = pixels if self.smooth is None else 0.98 * self.smooth + 0.02 * pixels

    def save_state(self) -> None:
        if not self.options.state:
            return
        part = f"{self.options.state}.part"
        torch.save({"identity": self.identity(), "step": self.step, "smooth": self.smooth, "log": self.log,
                    "tensors": self.tensors, "optimiser": self.optimiser.state_dict()}, part)
        os.replace(part, self.options.state)

    def load_state(self) -> None:
        if not self.options.state or not os.path.exists(self.options.state):
            return
        state = torch.load(self.options.state)
        if state["identity"] != self.identity():
            sys.exit(f"{self.options.state}: is of another run; remove it or name another --state")
        self.step, self.smooth, self.log = state["step"], state["smooth"], state["log"]
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


def show_progress(training: Training, started: float, first: int) -> None:
    step, steps = training.step, training.steps
    left = (time.monotonic() - started) / (step - first) * (steps - step)
    bar = "#" * (30 * step // steps)
    end = "\n" if step == steps else ""
    print(f"\r[{bar:30}] {step}/{steps}  L1 {training.smooth:.4f}  {left / 60:4.1f} min left", end=end,
          file=sys.stderr, flush=True)


def keep(training: Training, held_out: Pairs | None) -> None:
    """Adds to the log where the training stands, and saves what goes on from there."""
    loss = held_out_loss(training.net, training.tensors, held_out)[0] if held_out else None
    training.log.append((training.step, training.smooth, loss))
    training.save_state()


def run(training: Training, held_out: Pairs | None) -> None:
    training.load_state()
    first, started, terminal = training.step, time.monotonic(), sys.stderr.isatty()
    while training.step < training.steps:
        training.advance()
        if training.step % KEEP_EVERY == 0 or training.step == training.steps:
            keep(training, held_out)
            if not terminal:
                loss = training.log[-1][2]
                print(f"{training.options.out.stem}: step {training.step}/{training.steps}  L1 {training.smooth:.4f}"
                      f"{'' if loss is None else f'  held-out {loss:.4f}'}  {time.monotonic() - started:.0f} s",
                      file=sys.stderr, flush=True)
        if terminal and (training.step % 10 == 0 or training.step == training.steps):
            show_progress(training, started, first)


def architecture(options: argparse.Namespace) -> str:
    """The hash of the variant's design, as stridelab states it."""
    command = [options.stridelab, "trace", options.config, "--format", "json"]
    if options.variant:
        command += ["--variant", options.variant]
    result = subprocess.run(command, stdout=subprocess.PIPE)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit status {result.returncode}; the variant must fit")
    stated = json.loads(result.stdout)["variants"][0].get("architecture")
    if stated is None:
        sys.exit(f"{options.stridelab}: its trace states no architecture: build the program of this source")
    return stated


def write(options: argparse.Namespace, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    part = f"{options.out}.part"
    safetensors_io.save(part, {name: tensor.numpy() for name, tensor in tensors.items()}, metadata)
    os.replace(part, options.out)
    if options.pth:
        torch.save(tensors, options.pth)


def write_log(path: Path, log: list[tuple[int, float, float | None]]) -> None:
    lines = ["step,l1,held_out_l1"]
    lines += [f"{step},{l1:.6f},{'' if held_out is None else f'{held_out:.6f}'}" for step, l1, held_out in log]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


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
    parser.add_argument("--edge", type=float, default=0.0, metavar="WEIGHT",
                        help="add the L1 of differences between neighbouring pixels, so much (0)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=Path, help="file to keep and resume the run from")
    parser.add_argument("--log", type=Path, help=f"CSV file for the losses, every {KEEP_EVERY} steps and at the end")
    parser.add_argument("--stridelab", type=Path, help="the program, for the hash of the architecture")
    return parser.parse_args()


def main() -> None:
    options = parse()
    keep_freed_memory()
    torch.set_num_threads(1)
    net = torch_config.resolve(torch_config.load_config(options.config), options.variant)
    metadata = {"stridelab.architecture": architecture(options)} if options.stridelab else {}
    training = Training(net, Pairs(options.pairs, net), options)
    held_out = Pairs(options.held_out, net) if options.held_out else None
    run(training, held_out)
    kind = torch.float16 if options.half else torch.float32
    stored = {name: tensor.detach().contiguous().to(kind) for name, tensor in training.tensors.items()}
    metadata |= {"variant": options.variant or "base", "seed": str(options.seed), "steps": str(training.steps),
                 "batch": str(options.batch), "rate": str(options.rate), "jitter": str(options.jitter),
                 "edge": str(options.edge), "data_sha256": training.pairs.sha256}
    if held_out:
        loss, copied = held_out_loss(net, {name: tensor.float() for name, tensor in stored.items()}, held_out)
        metadata |= {"held_out_l1": f"{loss:.8f}", "held_out_sha256": held_out.sha256}
        print(f"{options.out.stem}: held-out L1 {loss:.5f} (the source itself: {copied:.5f})", file=sys.stderr)
    if options.log:
        write_log(options.log, training.log)
    write(options, stored, metadata)


if __name__ == "__main__":
    main()
