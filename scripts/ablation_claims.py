"""What the two analyses claimed, beside what tracing proves and what the trainings show: rows of claim,
what was seen, verdict. Standard library only."""
from __future__ import annotations

import statistics
from pathlib import Path

from ablation_results import Json, Results, difference_interval, read_json

Row = tuple[str, str, str]
FINE = "fine detail"

# What a verdict of compare makes of "this keeps more", and of "this does harm".
HELPS = {"keeps-more": "**holds here**", "more-below-margin": "holds, but by less than the margin",
         "keeps-less": "**the opposite holds here**", "less-below-margin": "slightly worse, by less than the margin",
         "equivalent": "does not hold here: equivalent", "inconclusive": "**inconclusive**",
         "identical": "does not hold: identical", "too-few-images": "too few images", "none": "not judged"}
HARMS = {**HELPS, "keeps-more": "**the opposite holds here**",
         "more-below-margin": "slightly better, by less than the margin",
         "keeps-less": "**holds here**", "less-below-margin": "holds, but by less than the margin"}


# --- what tracing proves ----------------------------------------------------------------------

def traced(folder: Path, name: str) -> dict[str, Json]:
    """The variants of a trace, by name; empty when it was not made."""
    return {one["name"]: one for one in read_json(folder / f"{name}.json").get("variants", [])}


def sides(block: Json) -> str:
    """in -> encoded -> decoded, one side each."""
    return " -> ".join(str(block[key][1]) if block[key] else "none" for key in ("in", "encoded", "decoded"))


def inner(trace: Json) -> str:
    """The way through the innermost block, and whether it fits."""
    block = trace["blocks"][-1]
    status = (block["join"] or {}).get("status", trace["error"] and trace["error"]["message"])
    return f"{sides(block)} ({status})"


def giga(trace: Json) -> float:
    return trace["macs"]["effective"] / 1e9


def shape_claims(folder: Path) -> list[Row]:
    """From traces alone: no training is needed."""
    small, large, wide = traced(folder, "zi2zi-256"), traced(folder, "pix2pix-384"), traced(folder, "pix2pix-512")
    style, base, every = traced(folder, "zi2zi-384"), traced(folder, "pix2pix-256"), traced(folder, "everywhere")
    other = traced(folder, "generator-c")
    if not (small and large and wide and style and base and every and other):
        return [("the claims about shapes", "not traced", "absent")]
    side, code, back = (wide["stride1-both"]["blocks"][-1][key][1] for key in ("in", "encoded", "decoded"))
    equal = ", ".join(name for name, one in small.items() if one["equal_to"])
    refused = style["stride1-both"]["error"]["message"]
    memory = every["stride2"]["activation_bytes"] / base["stride2"]["activation_bytes"]
    return [
        ("a transposed convolution k4 s1 p1 keeps the size", f"pix2pix at 512: {code} -> {back}, n + 1", "**wrong**"),
        ("a convolution k4 s1 p1 keeps the size", f"pix2pix at 512: {side} -> {code}, n - 1", "**wrong**"),
        ("at 256 with 8 blocks it may help",
         f"zi2zi: {equal} cannot differ from stride2, given equal weights: the same function, bit for bit",
         "**wrong**: nothing can change"),
        ("the change breaks the skip connection",
         f"zi2zi at 256: {inner(small['stride1-up'])}; pix2pix at 384, stride 2: {inner(large['stride2'])}, "
         f"stride 1 up: {inner(large['stride1-up'])}, both: {inner(large['stride1-both'])}; at 512, up: "
         f"{inner(wide['stride1-up'])}, both: {inner(wide['stride1-both'])}", "depends on the size"),
        ("a style is fused more finely there", f"zi2zi at 384, both strides 1: {refused}", "**cannot be built** so"),
        ("down stride 1 costs much more",
         f"innermost only, pix2pix at 512: {giga(wide['stride1-down']):.2f} against {giga(wide['stride2']):.2f} G MACs; "
         f"everywhere, at 256: {giga(every['stride2']):.0f} against {giga(base['stride2']):.2f}, and {memory:.0f} "
         "times the activations", "innermost: little; everywhere: holds"),
        ("\"interpolate if needed\" is a harmless fix",
         f"with output_padding 1 (generator C) {other['as-trained']['resamples']} levels are resampled at 256, the "
         "last after tanh, without a word", "not what was meant: what it costs was not measured")]


# --- what the trainings show ------------------------------------------------------------------

def contrast_words(results: Results, name: str) -> str:
    one = results.contrasts[name, results.primary]
    low, high = one["interval"]["low"], one["interval"]["high"]
    return (f"{results.size[0]}: {one['mean']:+.3f} dB [{low:+.3f}, {high:+.3f}], "
            f"{results.summaries[name]['seeds']} seeds, {one['images']} glyphs")


def judge(contrast: Json, verdicts: dict[str, str]) -> str:
    """As compare says it: a difference that many comparisons could show by chance is marked."""
    words, p = verdicts[contrast["verdict"]], contrast["wilcoxon"]["p_holm"]
    doubtful = contrast["verdict"] not in ("equivalent", "inconclusive", "none", "identical") and not p < 0.05
    return f"{words}, not significant once adjusted for all comparisons (Holm p {p:.2g})" if doubtful else words


def measured(every: list[Results], claim: str, name: str, verdicts: dict[str, str]) -> Row:
    """A claim about fine detail, in every config that has the variant."""
    ran = [results for results in every if (name, results.primary) in results.contrasts and name in results.trained()]
    if not ran:
        return claim, f"{name} was not run with trained weights", "absent"
    verdict = [(results.size[0], judge(results.contrasts[name, results.primary], verdicts)) for results in ran]
    words = dict.fromkeys(word for _, word in verdict)
    return (claim, f"{name}, {FINE} against stride2: " + "; ".join(contrast_words(results, name) for results in ran),
            next(iter(words)) if len(words) == 1 else "; ".join(f"{size}: {word}" for size, word in verdict))


def checkerboard(every: list[Results], claim: str, name: str) -> Row:
    """Less energy at a period of two pixels, and fewer outputs with a checkerboard than stride2's."""
    for results in every:
        if name not in results.trained():
            continue
        values, reference = (results.values(one, "cbi2", lambda v: 1e3 * v) for one in (name, results.reference))
        low, high = difference_interval(reference, values)
        marked, before = (results.summaries[one]["checkerboards"] for one in (name, results.reference))
        mean = statistics.fmean(map(statistics.fmean, values)) - statistics.fmean(map(statistics.fmean, reference))
        verdict = "**holds here**" if high < 0 else "**the opposite holds here**" if low > 0 else "**inconclusive**"
        return (claim, f"{name}: {marked} outputs with a checkerboard against {before} of {sum(map(len, values))}; "
                f"its share of energy {mean:+.3g}e-3 [{low:+.3g}, {high:+.3g}]", verdict)
    return claim, f"{name} was not run with trained weights", "absent"


def one_design(every: list[Results]) -> Row | None:
    """Where tracing proves two variants equal and both were trained: no more than seeds do."""
    claim = "two trainings of one design differ by no more than seeds do"
    for results in every:
        for name in results.trained():
            other = results.traces[name]["equal_to"]
            if other not in results.trained() or (name, results.primary) not in results.contrasts:
                continue
            means = [results.seed_means(one, results.primary) for one in (other, name)]
            between = statistics.fmean(means[1]) - statistics.fmean(means[0])
            within = max(max(seeds) - min(seeds) for seeds in means)
            verdict = results.contrasts[name, results.primary]["verdict"]
            calm = verdict in ("equivalent", "inconclusive", "identical") and abs(between) <= within
            return (claim, f"{name} and {other} at {results.size[0]}, proved equal: means {between:+.3f} dB apart, "
                    f"seeds of one up to {within:.3f}; compare says: {verdict}",
                    "**holds here**" if calm else "**does not hold here**")
    return None


def transplanted(every: list[Results]) -> list[Row]:
    """An edit under weights that were trained for stride2: described, not judged."""
    rows = []
    for results in every:
        for name, one in results.summaries.items():
            if one["origin"] == "transplanted" and (name, "l1") in results.contrasts:
                worse = -results.contrasts[name, "l1"]["mean"]
                rows.append(("the stride can be edited after training",
                             f"{name} at {results.size[0]}: L1 {one['means']['l1']:.4f}, {worse:+.4f} against stride2 "
                             f"with the same weights; {contrast_words(results, name)}", "described, not judged"))
    return rows


def claims(every: list[Results], traces: Path) -> list[Row]:
    every = [results for results in every if results.metrics]
    rows = shape_claims(traces) + [
        measured(every, "up stride 1 in the innermost block keeps more detail", "stride1-up", HELPS),
        measured(every, "down stride 1 there is a very bad idea", "stride1-down", HARMS),
        measured(every, "both strides 1 keep more detail", "stride1-both", HELPS),
        measured(every, "a stride 1 decoder with an extra upsample after it keeps more detail",
                 "stride1-then-upsample", HELPS),
        checkerboard(every, "upsample + convolution avoids checkerboards", "upsample-conv"),
        measured(every, "upsample + convolution helps detail", "upsample-conv", HELPS),
        checkerboard(every, "pixel shuffle avoids checkerboards", "pixel-shuffle"),
        measured(every, "pixel shuffle helps detail", "pixel-shuffle", HELPS),
        measured(every, "a 3x3 stride 1 refinement helps detail", "refinement", HELPS),
        measured(every, "an attention skip helps detail", "attention-skip", HELPS),
        measured(every, "(not claimed) a residual skip in place of concat", "add-skip", HELPS)]
    same = one_design(every)
    return rows + ([same] if same else []) + transplanted(every)
