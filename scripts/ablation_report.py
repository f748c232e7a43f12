#!/usr/bin/python3
"""Writes the report of an ablation, FILE.md and its figure FILE.svg, from what scripts/ablate.sh left.

    scripts/ablation_report.py configs/ablation-128.json configs/ablation-96.json \\
        --runs build/ablation --out data/ablation.md

Every number comes from files of `stridelab run`, `probe`, `bench` and `trace` and from the metadata of
the weights; only the intervals of checkerboards, which compare does not judge, are made here
(ablation_results.py). What is absent is named. The table of claims also goes to standard output.
Standard library only.
"""
from __future__ import annotations

import argparse
import math
import statistics
import textwrap
from pathlib import Path

from ablation_claims import claims
from ablation_figure import figure
from ablation_results import Interval, Results, difference_interval, metadata_of

VERDICTS = {"keeps-more": "**keeps more**", "more-below-margin": "measurably more, below the margin",
            "keeps-less": "**keeps less**", "less-below-margin": "measurably less, below the margin",
            "equivalent": "equivalent", "inconclusive": "inconclusive", "identical": "identical",
            "too-few-images": "too few images", "none": "not judged"}
JUDGED = ["dsnr_hi", "ssim", "iou", "components_diff", "holes_diff"]

OPENING = """\
Two written analyses end with: only an experiment can tell. This is one, small enough for a laptop. Every variant is
trained from scratch on the same glyph pairs, in the same order, for the same number of steps, with several seeds; test
and held-out characters were never trained on."""

CELLS = """\
Each cell: the mean, then the difference to {reference}, positive towards the better, and its 95 % interval over seeds
and glyphs (of times the ratio, over rounds). Pieces and holes: how many more or fewer than the target. Checkerboard:
share of energy at a period of 2 pixels, and how many outputs have one that the target has not. Holm p: of the glyphs
with these very trainings, adjusted for all comparisons; intervals and verdicts take other trainings into account."""

PROBED = """\
How far the output moves, of 255 levels, mean over {images} glyphs and the seeds (in parentheses the least and most of
the seeds), when the innermost block's result is replaced:"""

NOT_SHOWN = """\
## What this does not show

- One pair of typefaces, one script, small networks, short trainings: larger ones may part where these do not.
- L1 only. The generators that the question is about are trained against a discriminator; what that adds was not
  trained here.
- Few seeds. Intervals that resample three seeds are too narrow; the seeds are listed so that they can be looked at.
- The variants have neither equal numbers of weights nor equal costs: the table says both. A gain may be the gain of a
  larger network.
- Bilinear fits were trained with the network. What the fit costs by itself was not isolated.
- Metrics stand in for eyes. No reader was asked."""

AGAIN = """\
## Again

    make
    scripts/ablate.sh {configs}

The second renders the pairs, trains what is absent, checks, runs, compares, probes and times, and ends with this report
in `{report}`. Remove `data/ablation` to train anew."""


def wrap(words: str) -> str:
    return textwrap.fill(words, 150, subsequent_indent="  " if words.startswith("- ") else "", break_long_words=False,
                         break_on_hyphens=False)


def places(interval: Interval) -> int:
    """Decimals that show two digits of half the interval."""
    half = (interval[1] - interval[0]) / 2
    return min(6, max(0, 1 - math.floor(math.log10(half)))) if half > 0 else 3


def against(mean: float, interval: Interval) -> str:
    digits = places(interval)
    return f"{mean:+.{digits}f} [{interval[0]:+.{digits}f}, {interval[1]:+.{digits}f}]"


# --- the table of a config --------------------------------------------------------------------

def judged_cell(results: Results, name: str, metric: str) -> str:
    """Mean of what is measured, and the difference to the reference towards the better."""
    size = abs if metric.endswith("_diff") else float  # more or fewer are as bad
    mean = statistics.fmean(statistics.fmean(seed) for seed in results.values(name, metric, size))
    contrast = results.contrasts.get((name, metric))
    if not contrast:
        return f"{mean:.4g}"
    interval = contrast["interval"]["low"], contrast["interval"]["high"]
    return f"{mean:.4g}<br>{against(contrast['mean'], interval)}"


def checkerboard_cell(results: Results, name: str) -> str:
    """Thousandths of energy at the period of 2, less being better; and outputs with a checkerboard."""
    reference, values = (results.values(one, "cbi2", lambda v: 1e3 * v) for one in (results.reference, name))
    mean = statistics.fmean(statistics.fmean(seed) for seed in values)
    marked = f"{results.summaries[name]['checkerboards']} of {sum(map(len, values))}"
    if name == results.reference:
        return f"{mean:.3g}<br>{marked}"
    base = statistics.fmean(statistics.fmean(seed) for seed in reference)
    return f"{mean:.3g}<br>{against(base - mean, difference_interval(values, reference))}<br>{marked}"


def time_cell(results: Results, name: str) -> str:
    time = results.times.get(name)
    if not time:
        return ""
    cell, ratio = f"{1e3 * time['seconds_per_image']['median']:.3g}", time["ratio"]
    if name == results.reference:
        return cell
    return f"{cell}<br>x{ratio['median']:.2f} [{ratio['low']:.2f}, {ratio['high']:.2f}]"


def verdict_cell(results: Results, name: str) -> str:
    contrast = results.contrasts.get((name, results.primary))
    if not contrast:
        return "the reference"
    words = VERDICTS[contrast["verdict"]]
    if results.summaries[name]["origin"] != "trained":
        return f"{words}: {results.summaries[name]['origin']}"
    return f"{words} (Holm p {contrast['wilcoxon']['p_holm']:.2g})"


def table(results: Results) -> list[str]:
    lines = ["| variant | fine detail kept, dB | SSIM | ink IoU | pieces wrong | holes wrong | checkerboard, 1e-3 "
             "| ms an image | MACs, M | weights, k | verdict on fine detail |", "|" + "---|" * 11]
    for name in results.variants():
        trace = results.traces[name]
        cells = [name, *(judged_cell(results, name, metric) for metric in JUDGED), checkerboard_cell(results, name),
                 time_cell(results, name), f"{trace['macs']['effective'] / 1e6:.1f}",
                 f"{trace['parameters'] / 1e3:.0f}", verdict_cell(results, name)]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def seeds(results: Results) -> list[str]:
    """Each training by itself: its fine detail and its held-out loss."""
    lines = ["| variant | fine detail kept of each seed, dB | held-out L1 of each seed |", "|---|---|---|"]
    for name in results.trained():
        means = ", ".join(f"{mean:.3f}" for mean in results.seed_means(name, results.primary))
        losses = ", ".join(f"{float(metadata_of(one.file)['held_out_l1']):.5f}" for one in results.files(name))
        lines.append(f"| {name} | {means} | {losses} |")
    return lines


def bottleneck(results: Results) -> list[str]:
    """What of the output the innermost block's result carries."""
    lines = ["| variant | zeros in its place | its mean | another glyph's | fine detail left with zeros, dB |",
             "|---|---|---|---|---|"]
    for name in dict.fromkeys(one["name"] for one in results.probe.get("variants", [])):
        blocks = [one["blocks"][0] for one in results.probe["variants"] if one["name"] == name]
        moved = [f"{statistics.fmean(b[what]['levels'] for b in blocks):.2f} "
                 f"({min(b[what]['levels'] for b in blocks):.2f} to {max(b[what]['levels'] for b in blocks):.2f})"
                 for what in ("zero", "mean", "shuffle")]
        left = statistics.fmean(b["zero"]["dsnr_hi"] for b in blocks)
        lines.append(f"| {name} | " + " | ".join(moved) + f" | {left:.1f} |")
    return lines


# --- the text ---------------------------------------------------------------------------------

def absences(every: list[Results]) -> list[str]:
    """What a reader would miss without a word."""
    lines = []
    for results in every:
        absent: dict[str, list[int]] = {}
        for one in results.absent():
            absent.setdefault(one.variant, []).append(one.seed)
        lines += [f"- {results.name}: {name} is not trained yet with seed {', '.join(map(str, numbers))}."
                  for name, numbers in absent.items()]
        if results.not_run():
            lines.append(f"- {results.name}: did not run: {', '.join(results.not_run())}.")
    return ["Absent so far:", "", *lines, ""] if lines else []


def trained_how(results: Results) -> str:
    files = results.files()
    if not files:
        return f"{results.name}: no weights."
    about = metadata_of(files[0].file)
    widths = ", ".join(str(block["channels"]) for block in results.document["blocks"])
    steps = {metadata_of(one.file)["steps"] for one in files}
    text = (f"{results.name}: {results.size[0]}x{results.size[1]}, channels {widths}; {len(files)} trainings of "
            f"{' or '.join(sorted(steps))} steps of {about['batch']} pairs, L1")
    if float(about["edge"]):
        text += f" and {about['edge']} times the edge loss"
    differences = [abs(float(row["training"]) - float(row["engine"])) for row in results.held_out]
    if differences:
        text += (f". The engine's held-out loss is that of training to {max(differences):.1e} in all "
                 f"{len(differences)} files")
    return text + "."


def one_config(results: Results) -> list[str]:
    if not results.metrics:
        return [f"## {results.name}", "", "Did not run.", ""]
    images = results.contrasts[next(iter(results.contrasts))]["images"]
    lines = [f"## {results.name}: {images} test glyphs", "", CELLS.format(reference=results.reference)]
    if results.bench:
        load = results.bench["load"]
        lines.append(f"Times: one thread of {results.bench['machine']}, {results.bench['isa']}, at a load average of "
                     f"{load['load_average']:.1f} on {load['cores']} cores.")
    lines += ["", *table(results), "", *seeds(results), ""]
    if results.probe:
        lines += [PROBED.format(images=len(results.probe["images"])), "", *bottleneck(results), ""]
    return lines


def report(every: list[Results], figure_name: str, rows: list[tuple[str, str, str]], runs: Path) -> str:
    ran = [results for results in every if results.metrics]
    lines = ["# Does a stride of 1, another decoder or another skip keep more detail?", "", OPENING, "",
             *absences(every), *(wrap(f"- {trained_how(results)}") for results in every), ""]
    if ran:
        margin = ran[0].about[ran[0].primary]["margin"]
        lines += [f"The metric that decides was named beforehand in the configs: {ran[0].primary}, with a margin of "
                  f"{margin} dB.", "Everything else is secondary.", "",
                  f"![Differences to the reference, and losses over the training]({figure_name})", ""]
    lines += ["## The claims", "", "| claim | what was seen | verdict |", "|---|---|---|",
              *(f"| {' | '.join(row)} |" for row in rows), ""]
    for results in every:
        lines += one_config(results)
    configs = " ".join(str(results.config) for results in every)
    return "\n".join([*lines, NOT_SHOWN, "", AGAIN.format(configs=configs, report=runs / "ablation.md")]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes the report of an ablation.")
    parser.add_argument("configs", nargs="+", type=Path)
    parser.add_argument("--runs", type=Path, required=True, help="where scripts/ablate.sh left its results")
    parser.add_argument("--out", type=Path, required=True, help="the report; its figure stands beside it as .svg")
    options = parser.parse_args()
    every = [Results(config, options.runs / config.stem) for config in options.configs]
    rows = claims(every, options.runs / "claims")
    ran = [results for results in every if results.metrics]
    picture = options.out.with_suffix(".svg")
    if ran:
        picture.write_text(figure(ran), encoding="utf-8")
    options.out.write_text(report(every, picture.name, rows, options.runs), encoding="utf-8")
    for claim, seen, verdict in rows:
        print(f"{verdict.replace('*', '')}: {claim}\n    {seen}")


if __name__ == "__main__":
    main()
