"""What `stridelab run`, `probe` and `bench`, and scripts/train.py, left of one ablation, as
scripts/ablate.sh lays it out: CONFIG's weights, and below FOLDER run/, probe.json, bench.json and
held-out.csv. What is absent is empty here, not an error. Standard library only."""
from __future__ import annotations

import csv
import json
import random
import statistics
import struct
from pathlib import Path
from typing import Any, Callable, Sequence

from ablation_jobs import Weights, all_weights

Json = dict[str, Any]
Interval = tuple[float, float]
RESAMPLES = 2000
LEVEL = 0.95


def read_json(path: Path) -> Json:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def read_csv(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def metadata_of(path: Path) -> dict[str, str]:
    """Of a safetensors file."""
    with path.open("rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        return json.loads(file.read(length)).get("__metadata__", {})


def percentiles(samples: list[float]) -> Interval:
    """The middle LEVEL of them."""
    samples = sorted(samples)
    tail = (1 - LEVEL) / 2
    return samples[round(tail * (len(samples) - 1))], samples[round((1 - tail) * (len(samples) - 1))]


def difference_interval(a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> Interval:
    """Of mean(b) - mean(a), each [seed][image]: seeds of each are drawn, then images, as stridelab
    compare does for the metrics that it judges."""
    rng, images, samples = random.Random(1), len(a[0]), []
    for _ in range(RESAMPLES):
        drawn = [[rng.choice(side) for _ in side] for side in (a, b)]
        picks = rng.choices(range(images), k=images)
        means = [statistics.fmean(sum(seed[i] for i in picks) / images for seed in side) for side in drawn]
        samples.append(means[1] - means[0])
    return percentiles(samples)


class Results:
    def __init__(self, config: Path, folder: Path):
        self.config, self.folder = config, folder
        self.document = json.loads(config.read_text(encoding="utf-8"))
        self.name, self.size = self.document["name"], self.document["input"]["size"]
        self.weights = all_weights(config)
        self.metrics = read_json(folder / "run" / "metrics.json")
        self.traces = {one["name"]: one for one in read_json(folder / "run" / "trace.json").get("variants", [])}
        self.probe = read_json(folder / "probe.json")
        self.bench = read_json(folder / "bench.json")
        self.times = {one["name"]: one for one in self.bench.get("variants", [])}
        self.held_out = read_csv(folder / "held-out.csv")
        self.summaries = {one["name"]: one for one in self.metrics.get("variants", [])}
        self.contrasts = {(one["variant"], one["metric"]): one for one in self.metrics.get("contrasts", [])}
        self.about = {one["name"]: one for one in self.metrics.get("metrics", [])}
        self.reference = self.metrics.get("reference", "")
        self.primary = self.metrics.get("primary", "")

    def variants(self) -> list[str]:
        """Those that ran, in the config's order."""
        return list(self.summaries)

    def trained(self) -> list[str]:
        return [name for name, one in self.summaries.items() if one["origin"] == "trained"]

    def absent(self) -> list[Weights]:
        return [one for one in self.weights if one.own and not one.file.exists()]

    def not_run(self) -> list[str]:
        return [name for name in dict.fromkeys(one.variant for one in self.weights) if name not in self.summaries]

    def files(self, variant: str | None = None) -> list[Weights]:
        """The weights that are there and were trained as the variant, or as any."""
        return [one for one in self.weights if one.own and variant in (None, one.variant) and one.file.exists()]

    def log(self, one: Weights) -> list[dict[str, str]]:
        """The course of its losses."""
        return read_csv(one.file.with_suffix(".csv"))

    def values(self, variant: str, metric: str, of: Callable[[float], float] = float) -> list[list[float]]:
        """[seed][image] of the metric, the images in their order."""
        seeds: dict[int, list[float]] = {}
        for row in self.metrics.get("rows", []):
            if row["variant"] == variant and row[metric] is not None:
                seeds.setdefault(row["seed"], []).append(of(row[metric]))
        return list(seeds.values())

    def seed_means(self, variant: str, metric: str) -> list[float]:
        return [statistics.fmean(seed) for seed in self.values(variant, metric)]
