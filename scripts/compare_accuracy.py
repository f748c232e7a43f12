#!/usr/bin/python3
"""How far are the engine's outputs from float64, beside PyTorch's own in float32?

The module that `stridelab export --torch` prints computes one image in float64 and in float32;
`stridelab run` computes it at both batch sizes, as it likes and with --exact. Prints every error,
largest and rms, as a multiple of PyTorch's. Without CHECKPOINT the weights are made: those of a
zi2zi generator of 2020 with awkward batch norms. Exit status 1 when one is over its LIMITS.

    scripts/compare_accuracy.py [CONFIG VARIANT CHECKPOINT] [--image PNG] [--stridelab build/stridelab]
"""
from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import families

ROOT = Path(__file__).resolve().parent.parent
LIMITS = {"": 3.0, "--exact": 1.5}  # times PyTorch's


def make_checkpoint(path: Path) -> None:
    torch.manual_seed(0)
    net = families.family_a(1, 64, 8, 40, 128)
    families.make_awkward(net, 3)
    torch.save(net.state_dict(), path)


def load_module(text: str, checkpoint: Path) -> torch.nn.Module:
    names: dict = {}
    exec(compile(text, "exported", "exec"), names)  # pylint: disable=exec-used
    module = [value for value in names.values() if isinstance(value, type) and issubclass(value, torch.nn.Module)][-1]()
    state = torch.load(checkpoint, map_location="cpu")
    module.load_state_dict(state.get("state_dict", state))
    return module.eval()


def errors(output: np.ndarray, exact: np.ndarray) -> tuple[float, float]:
    difference = output.astype(np.float64) - exact
    return float(np.abs(difference).max()), float(np.sqrt((difference**2).mean()))


def run(options: argparse.Namespace, work: Path, batch: int, flag: str) -> np.ndarray:
    out = work / f"{batch}{flag}"
    command = [options.stridelab, "run", options.config, "--variant", options.variant, "--weights", options.checkpoint,
               "--images", options.image, "--out", out, "--save-raw", "-q", "--no-progress", "--batch", str(batch)]
    subprocess.run(command + ([flag] if flag else []), check=True, stdout=subprocess.DEVNULL)
    return np.load(out / options.variant / (options.image.stem + ".npy"))


def compare(options: argparse.Namespace, work: Path) -> int:
    if options.checkpoint is None:
        options.checkpoint = work / "made.pth"
        make_checkpoint(options.checkpoint)
    module = load_module(subprocess.run(
        [options.stridelab, "export", options.config, "--variant", options.variant, "--weights", options.checkpoint,
         "--torch"], check=True, capture_output=True, text=True).stdout, options.checkpoint)
    pixels = np.asarray(Image.open(options.image), dtype=np.float64)
    pixels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    x = torch.from_numpy((pixels / 255 - 0.5) / 0.5)[None]
    with torch.no_grad():
        single = module(x.float())[0].numpy()
        double = module.double()(x)[0].numpy()
    own = errors(single, double)
    print(f"PyTorch {torch.__version__}, float32: largest error {own[0]:.2e}, rms {own[1]:.2e}")
    over = 0
    for flag, limit in LIMITS.items():
        for batch in (1, 8):
            ratio = [mine / theirs for mine, theirs in zip(errors(run(options, work, batch, flag), double), own)]
            over += max(ratio) > limit
            print(f"batch {batch} {flag:8} largest {ratio[0]:.2f} times, rms {ratio[1]:.2f} times")
    return over


def main() -> int:
    parser = argparse.ArgumentParser(description="Errors against float64 beside PyTorch's.")
    parser.add_argument("config", nargs="?", default=ROOT / "configs/zi2zi-2020.json", type=Path)
    parser.add_argument("variant", nargs="?", default="stride2")
    parser.add_argument("checkpoint", nargs="?", type=Path)
    parser.add_argument("--image", default=ROOT / "data/golden/zi2zi.png", type=Path)
    parser.add_argument("--stridelab", default=ROOT / "build/stridelab", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        return 1 if compare(options, Path(work)) else 0


if __name__ == "__main__":
    sys.exit(main())
