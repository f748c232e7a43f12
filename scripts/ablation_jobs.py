#!/usr/bin/python3
"""Which weights of a config are to be trained, and which variants can run.

    scripts/ablation_jobs.py CONFIG             a line for each file of weights that is absent: the
                                                variant it is trained as, the seed, the file
    scripts/ablation_jobs.py CONFIG --ready     the variants all of whose files are there

A file belongs to the first variant that names it, in its own document or the base's; what later
variants make of it is transplanted. Its name ends in the seed: stride2-3.safetensors.
"""
from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]


class Weights(NamedTuple):
    variant: str
    seed: int
    file: Path
    own: bool  # trained as this variant


def weights_of(config: Json, variant: Json) -> list[str]:
    """The files of a variant, as written; a source may be an object with a file."""
    named = variant.get("weights", config.get("weights", []))
    return [one["file"] if isinstance(one, dict) else one for one in (named if isinstance(named, list) else [named])]


def all_weights(path: Path) -> list[Weights]:
    """Of every variant in its order; the files of one are seeds of one design."""
    config, found, seen = json.loads(path.read_text(encoding="utf-8")), [], set()
    for variant in config["variants"]:
        for name in weights_of(config, variant):
            seed = re.search(r"-(\d+)\.safetensors$", name)
            if not seed:
                sys.exit(f"{path}: {name}: its name does not end in -SEED.safetensors")
            found.append(Weights(variant["name"], int(seed[1]), path.parent / name, name not in seen))
        seen.update(weights_of(config, variant))
    return found


def ready(weights: list[Weights]) -> list[str]:
    """The variants all of whose files are there."""
    names = dict.fromkeys(one.variant for one in weights)
    return [name for name in names if all(one.file.exists() for one in weights if one.variant == name)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Lists what is to be trained, or what can run.")
    parser.add_argument("config", type=Path)
    parser.add_argument("--ready", action="store_true", help="list the variants all of whose weights are there")
    options = parser.parse_args()
    weights = all_weights(options.config)
    if options.ready:
        print("\n".join(ready(weights)))
        return
    for one in weights:
        if one.own and not one.file.exists():
            print(one.variant, one.seed, one.file)


if __name__ == "__main__":
    main()
