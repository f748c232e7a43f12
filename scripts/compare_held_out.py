#!/usr/bin/python3
"""Does the engine reach the held-out loss that training wrote into its weights?

Every trained variant of a config runs over the held-out pairs with the shipped weights (half
precision), and the mean L1 of its raw outputs is compared with `held_out_l1` of the file's metadata,
which scripts/train.py measured in PyTorch with the same weights. Exit status 1 when one differs by
more than TOLERANCE, or was measured on other pairs.

    scripts/compare_held_out.py CONFIG --held-out build/glyphs/validation [--stridelab build/stridelab] [--csv FILE]
"""
from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import safetensors_io
from ablation_jobs import Weights, all_weights, ready

TOLERANCE = 1e-4  # of pixels in [0, 1]


def read_side(folder: Path, names: list[str]) -> np.ndarray:
    """Grey images as bytes [n, 1, h, w]."""
    return np.stack([np.asarray(Image.open(folder / name).convert("L"))[None] for name in names])


class HeldOut:
    def __init__(self, folder: Path):
        self.names = sorted(path.name for path in (folder / "source").iterdir())
        sides = [read_side(folder / side, self.names) for side in ("source", "target")]
        self.target = sides[1]
        digest = hashlib.sha256("\n".join(self.names).encode())  # as train.Pairs does
        for side in sides:
            digest.update(side.tobytes())
        self.sha256 = digest.hexdigest()

    def loss(self, outputs: Path, mean: float, std: float) -> float:
        """Mean L1, in pixels of [0, 1], of the raw outputs in a folder."""
        total = 0.0
        for name, target in zip(self.names, self.target):
            output = np.load(outputs / Path(name).with_suffix(".npy")).astype(np.float64)
            total += float(np.abs(output * std + mean - target / 255).mean())
        return total / len(self.names)


def run(options: argparse.Namespace, variants: list[str], out: Path) -> list[dict]:
    """Runs them over the held-out sources; what run.json says of each variant and seed."""
    command = [options.stridelab, "run", options.config, "--images", options.held_out / "source", "--out", out,
               "--save-raw", "--no-progress", "-q"]
    for name in variants:
        command += ["--variant", name]
    if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
        sys.exit(f"{options.config}: stridelab run failed")
    return json.loads((out / "run.json").read_text(encoding="utf-8"))["variants"]


def compare(one: Weights, outputs: Path, pixels: dict, held_out: HeldOut) -> tuple[float, float, str]:
    """The loss in training, in the engine, and what is wrong, if anything."""
    stored = safetensors_io.load(one.file)[1]
    trained = float(stored["held_out_l1"])
    engine = held_out.loss(outputs, pixels["mean"], pixels["std"])
    if stored["held_out_sha256"] != held_out.sha256:
        return trained, engine, "training was measured on other pairs"
    return trained, engine, "" if abs(trained - engine) <= TOLERANCE else "they differ"


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares the engine's held-out loss with that of training.")
    parser.add_argument("config", type=Path)
    parser.add_argument("--held-out", type=Path, required=True, help="folder with source/ and target/")
    parser.add_argument("--stridelab", default="build/stridelab")
    parser.add_argument("--csv", type=Path, help="write the losses here")
    options = parser.parse_args()
    weights = all_weights(options.config)
    trained = [name for name in ready(weights) if any(one.own and one.variant == name for one in weights)]
    if not trained:
        sys.exit(f"{options.config}: no variant has all its weights")
    held_out, lines, failed = HeldOut(options.held_out), ["variant,seed,training,engine"], 0
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        members = run(options, trained, out)
        pixels = {member["name"]: member["resolved"]["input"] for member in members if "resolved" in member}
        for one, member in zip([one for one in weights if one.variant in trained], members, strict=True):
            training, engine, wrong = compare(one, out / member["folder"], pixels[one.variant], held_out)
            print(f"{'FAIL' if wrong else 'ok  '} {one.variant} seed {one.seed}: training {training:.8f}, "
                  f"engine {engine:.8f}{wrong and ': ' + wrong}")
            lines.append(f"{one.variant},{one.seed},{training:.8f},{engine:.8f}")
            failed += bool(wrong)
    if options.csv:
        options.csv.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
