#!/usr/bin/python3
"""Runs exported PyTorch modules and compares with expected outputs: see scripts/test_export.sh.

    scripts/compare_export.py LIST

Each line of LIST: the largest difference, in standard deviations of the output, name, module, PNG,
.npy, weights; tabs between. Weights are a checkpoint, or the config of a golden network, whose variant is
what follows the dot in the name. They must load strictly.
"""
from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

import torch_config
from make_golden import network_weights, to_tensor


def module_class(path: str) -> Any:
    classes = [value for name, value in runpy.run_path(path).items() if name.endswith("Generator")]
    return classes[0]


def state_of(name: str, weights: str) -> dict[str, torch.Tensor]:
    if weights.endswith(".pth"):
        return torch.load(weights, map_location="cpu")
    net = torch_config.resolve(torch_config.load_config(weights), name.split(".", 1)[1])
    if isinstance(net["weights"], str):
        return torch.load(Path(weights).parent / net["weights"], map_location="cpu")
    return network_weights(net, Path(weights).parent)


def compare(name: str, module: str, png: str, npy: str, weights: str) -> float:
    generator = module_class(module)()
    generator.load_state_dict(state_of(name, weights), strict=True)
    image = to_tensor(np.asarray(Image.open(png))).float()
    expected = np.load(npy)
    with torch.no_grad():
        output = generator.eval()(torch.cat((image, -image)))[0].numpy()
    step = -(-output.shape[1] // expected.shape[1])  # golden outputs hold every n-th row and column
    output = output[:, ::step, ::step]
    if output.shape != expected.shape:
        raise ValueError(f"output is {output.shape}, expected {expected.shape}")
    return float(abs(output - expected).max() / expected.std())


def main() -> None:
    passed, failed, worst = 0, 0, 0.0
    for line in Path(sys.argv[1]).read_text().splitlines():
        tolerance, *fields = line.split("\t")
        try:
            off = compare(*fields)
            if not off <= float(tolerance):
                raise ValueError(f"differs by {off:.2e} of the deviation")
            worst = max(worst, off)
            passed += 1
        except Exception as error:
            failed += 1
            print(f"FAIL {fields[0]}: {str(error)[:400]}")
    print(f"largest difference {worst:.2e} of the deviation")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
