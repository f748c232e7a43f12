#!/usr/bin/python3
"""Does stridelab give PyTorch's numbers for every generator family, straight from its checkpoint?

For each case: the module of scripts/families.py with awkward weights is saved as its source saves it,
`stridelab init --from` makes a config of the file, `stridelab run` runs it, and the raw output is
compared with the module's. The shipped small cases come first, then larger ones, which also differ in
depth, width and size. Exit status 1 when one differs by more than TOLERANCE.

    scripts/compare_families.py [--stridelab build/stridelab] [--work build/families] [case...]
"""
from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from make_golden import LINEAR, SMALL, Case, make_family

TOLERANCE = 1e-4  # of outputs within [-1, 1]
SOFTMAX = "attention is softmax"

LARGE = [
    Case("a-8-rgb", "a", 3, 6, 8, (256, 256), 21, half=False),
    Case("a-7", "a", 1, 10, 7, (128, 128), 22, half=False, legacy=True, prefix="module."),
    Case("a-6-wide-style", "a", 1, 6, 6, (64, 64), 23, {"count": 40, "dim": 17}, label=39),
    Case("b-8", "b", 1, 8, 8, (256, 256), 24, half=False),
    Case("b-7-odd", "b", 1, 8, 7, (151, 166), 25, half=False),
    Case("b-6-no-style", "b", 1, 16, 6, (66, 90), 26, {"dim": 0, "attention": False}),
    Case("c-8-conv", "c", 1, 6, 8, (256, 256), 27, half=False, cannot_tell=LINEAR),
    Case("c-8-upsample", "c", 1, 6, 8, (256, 256), 28, {"form": "upsample", "attention": (4,)}, half=False,
         cannot_tell=LINEAR),
    Case("c-7-pixelshuffle", "c", 1, 10, 7, (128, 192), 29, {"form": "pixelshuffle", "attention": (6, 3)},
         half=False, cannot_tell=LINEAR),
    Case("c-6-softmax", "c", 3, 6, 6, (100, 84), 30, {"linear": False}, half=False, cannot_tell=SOFTMAX),
    Case("d-8-2025-12", "d", 1, 6, 8, (256, 256), 31, half=False),
    Case("d-7-2026-03", "d", 1, 10, 7, (128, 256), 32, {"since_2026": True}, half=False),
    Case("e-8", "e", 3, 6, 8, (256, 256), 33, half=False),
    Case("e-7", "e", 1, 10, 7, (128, 128), 34, half=False, legacy=True, prefix="module."),
]


def command(arguments: list[str]) -> None:
    result = subprocess.run(arguments, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: exit status {result.returncode}\n{result.stderr.strip()}")


def run_case(case: Case, stridelab: str, folder: Path) -> float:
    """The largest difference between stridelab's output and PyTorch's."""
    here = folder / case.name
    (here / "images").mkdir(parents=True, exist_ok=True)
    make_family(case, here)
    (here / f"{case.name}.png").replace(here / "images" / f"{case.name}.png")
    config = here / "config.json"
    config.unlink(missing_ok=True)
    height, width = case.size
    command([stridelab, "init", "--from", str(here / f"{case.name}.pth"), "--size", f"{height}x{width}",
             "--out", str(config)])
    text = config.read_text()
    if case.cannot_tell == SOFTMAX:
        text = text.replace("linear_attention", "self_attention")
        config.write_text(text)
    variants = json.loads(text).get("variants", [{"name": "base"}])
    arguments = [stridelab, "run", str(config), "--images", str(here / "images"), "--out", str(here / "out"),
                 "--variant", variants[0]["name"], "--save-raw", "--force", "--no-progress"]
    if case.options.get("dim") != 0 and case.family != "e":
        arguments += ["--label", str(case.label)]
    command(arguments)
    output = np.load(here / "out" / variants[0]["name"] / f"{case.name}.npy")
    expected = np.load(here / f"{case.name}.npy")
    if output.shape != expected.shape:
        raise RuntimeError(f"output is {output.shape}, expected {expected.shape}")
    return float(abs(output - expected).max())


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares stridelab with PyTorch on every generator family.")
    parser.add_argument("cases", nargs="*", help="names of cases (all)")
    parser.add_argument("--stridelab", default="build/stridelab")
    parser.add_argument("--work", type=Path, default=Path("build/families"))
    options = parser.parse_args()
    cases = {case.name: case for case in SMALL + LARGE}
    unknown = [name for name in options.cases if name not in cases]
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; there are {', '.join(cases)}")
    failed = 0
    for name in options.cases or cases:
        try:
            difference = run_case(cases[name], options.stridelab, options.work)
            fine = difference <= TOLERANCE
            print(f"{'ok  ' if fine else 'FAIL'} {name:18} differs by {difference:.2e}", flush=True)
        except RuntimeError as error:
            fine = False
            print(f"FAIL {name:18} {error}", flush=True)
        failed += not fine
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
