"""The figure of the ablation's report, as SVG: how far each variant is from the reference in the
primary metric, and the held-out loss over the training. Standard library only."""
from __future__ import annotations

import statistics
from html import escape

from ablation_results import Results

WIDTH, ROW, TOP, LABELS = 1080, 26, 56, 190
LEFT, RIGHT = (LABELS, 560), (640, 890)  # the two plots, from x to x
COLOURS = ["#000000", "#e69f00", "#56b4e9", "#009e73", "#b8a800", "#0072b2", "#d55e00", "#cc79a7", "#7a5195",
           "#8c8c8c"]


class Axis:
    """A linear scale from values to pixels, with round ticks."""

    def __init__(self, values: list[float], pixels: tuple[float, float]):
        low, high = min(values), max(values)
        margin = (high - low) * 0.05 or 1
        self.low, self.high, self.pixels = low - margin, high + margin, pixels
        step = 10.0 ** -6
        while (self.high - self.low) / step > 8:
            step *= 2.5 if f"{step:e}"[0] == "2" else 2
        first = -(-self.low // step)
        self.ticks = [(first + i) * step for i in range(int((self.high - first * step) / step) + 1)]

    def __call__(self, value: float) -> float:
        low, high = self.pixels
        return low + (value - self.low) / (self.high - self.low) * (high - low)


def text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, more: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {more}/>'


# --- differences ------------------------------------------------------------------------------

class Row:
    """A variant: its interval against the reference, and its seeds against the reference's mean."""

    def __init__(self, results: Results, name: str):
        self.name = name
        reference = statistics.fmean(results.seed_means(results.reference, results.primary))
        self.seeds = [mean - reference for mean in results.seed_means(name, results.primary)]
        contrast = results.contrasts.get((name, results.primary))
        self.mean = contrast["mean"] if contrast else 0.0
        self.interval = (contrast["interval"]["low"], contrast["interval"]["high"]) if contrast else None
        self.judged = name in results.trained()


def draw_row(row: Row, axis: Axis, y: float) -> list[str]:
    colour = "#0072b2" if row.judged else "#999999"
    parts = [text(LABELS - 10, y + 4, row.name, 'text-anchor="end"')]
    parts += [f'<circle cx="{axis(seed):.1f}" cy="{y + 6:.1f}" r="2.5" fill="none" stroke="{colour}"/>'
              for seed in row.seeds]
    if row.interval:
        parts.append(line(axis(row.interval[0]), y - 2, axis(row.interval[1]), y - 2,
                          f'stroke="{colour}" stroke-width="2"'))
        parts.append(f'<circle cx="{axis(row.mean):.1f}" cy="{y - 2:.1f}" r="4" fill="{colour}"/>')
    return parts


def draw_differences(every: list[Results]) -> tuple[list[str], float]:
    """One panel under the other; and where they end."""
    rows = {results.name: [Row(results, name) for name in results.variants()] for results in every}
    margin = every[0].about[every[0].primary]["margin"] or 0.0
    reach = [value for panel in rows.values() for row in panel for value in [*row.seeds, *(row.interval or ())]]
    axis, parts, y = Axis([*reach, -margin, margin], LEFT), [], TOP
    for results in every:
        panel = rows[results.name]
        bottom = y + ROW * len(panel)
        parts.append(text(LABELS, y - 10, f"{results.name}: {results.primary} against {results.reference}, "
                                          f"{results.about[results.primary]['unit']}", 'font-weight="bold"'))
        parts.append(f'<rect x="{axis(-margin):.1f}" y="{y}" width="{axis(margin) - axis(-margin):.1f}" '
                     f'height="{bottom - y}" fill="#eeeeee"/>')
        for tick in axis.ticks:
            parts.append(line(axis(tick), y, axis(tick), bottom, f'stroke="{"#888" if abs(tick) < 1e-9 else "#ddd"}"'))
            parts.append(text(axis(tick), bottom + 16, f"{tick:+g}" if abs(tick) > 1e-9 else "0",
                              'text-anchor="middle" font-size="11"'))
        for row in panel:
            parts += draw_row(row, axis, y + ROW / 2)
            y += ROW
        y += 70
    return parts, y


# --- losses -----------------------------------------------------------------------------------

def mean_curve(results: Results, name: str) -> list[tuple[float, float]]:
    """Step and held-out L1, the mean of the seeds that got that far."""
    points: dict[int, list[float]] = {}
    for one in results.files(name):
        for row in results.log(one):
            if row["held_out_l1"]:
                points.setdefault(int(row["step"]), []).append(float(row["held_out_l1"]))
    return [(step, statistics.fmean(losses)) for step, losses in sorted(points.items())]


def draw_losses(results: Results, bottom: float) -> list[str]:
    curves = {name: mean_curve(results, name) for name in results.trained()}
    curves = {name: curve for name, curve in curves.items() if len(curve) > 1}
    if not curves:
        return []
    # The first losses would make the rest flat.
    low = min(loss for curve in curves.values() for _, loss in curve)
    high = max(statistics.median(loss for _, loss in curve) for curve in curves.values()) * 1.1
    across = Axis([0, max(step for curve in curves.values() for step, _ in curve)], RIGHT)
    up = Axis([low, high], (bottom, TOP))
    parts = [text(RIGHT[0], TOP - 10, f"{results.name}: held-out L1 over training steps", 'font-weight="bold"'),
             f'<clipPath id="losses"><rect x="{RIGHT[0]}" y="{TOP}" width="{RIGHT[1] - RIGHT[0]}" '
             f'height="{bottom - TOP}"/></clipPath>']
    for tick in up.ticks:
        parts.append(line(RIGHT[0], up(tick), RIGHT[1], up(tick), 'stroke="#ddd"'))
        parts.append(text(RIGHT[0] - 6, up(tick) + 4, f"{tick:g}", 'text-anchor="end" font-size="11"'))
    for tick in across.ticks:
        if tick >= 0:
            parts.append(text(across(tick), bottom + 16, f"{tick:g}", 'text-anchor="middle" font-size="11"'))
    ends = sorted(curves, key=lambda name: curves[name][-1][1])
    for place, name in enumerate(ends):
        colour = COLOURS[list(curves).index(name) % len(COLOURS)]
        points = " ".join(f"{across(step):.1f},{up(loss):.1f}" for step, loss in curves[name])
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5" '
                     'clip-path="url(#losses)"/>')
        y = bottom - 16 * place
        parts.append(text(RIGHT[1] + 10, y, f"{curves[name][-1][1]:.4f} {name}", f'fill="{colour}"'))
    return parts


def figure(every: list[Results]) -> str:
    """Of those that ran; the losses are of the first."""
    parts, height = draw_differences(every)
    losses_end = TOP + ROW * max(10, len(every[0].variants()))
    parts += draw_losses(every[0], losses_end)
    parts.append(text(LABELS, height - 30, "dot and line: mean and 95 % interval over glyphs and seeds; "
                                           "circles: seeds; grey: transplanted weights; band: the margin",
                      'font-size="11"'))
    body = "\n".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" '
            f'viewBox="0 0 {WIDTH} {height:.0f}" font-family="sans-serif" font-size="12" fill="#222">\n'
            f'<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n')
