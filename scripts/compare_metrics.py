#!/usr/bin/python3
"""Compares the metrics and statistics with numpy, scipy and scikit-image on random data.

    make build/test/metrics_dump_test
    scripts/compare_metrics.py build/test/metrics_dump_test [--pairs N] [--seed N]

The formulas here are written from the definitions, sharing nothing with the C code. Prints the
largest disagreement of every number; exit status 1 when one is over its tolerance.
"""
import argparse
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
from scipy import ndimage, stats
from skimage.measure import label
from skimage.metrics import structural_similarity
from skimage.morphology import skeletonize

NAN = float("nan")


def luma(image):
    if image.shape[2] == 1:
        return image[:, :, 0].astype(float)
    return (image.astype(np.int64) @ np.array([299, 587, 114])) / 1000.0


# --- structure

def ssim_map(r, t):
    _, full = structural_similarity(r, t, data_range=255, gaussian_weights=True, sigma=1.5,
                                    use_sample_covariance=False, full=True)
    return full[5:-5, 5:-5]


def contrast_structure(r, t):
    """Mean of the contrast-structure term: the SSIM map divided by its luminance term."""
    blur = lambda a: ndimage.gaussian_filter(a, 1.5, truncate=3.5)[5:-5, 5:-5]
    a, b = blur(r), blur(t)
    top, bottom = 2 * (blur(r * t) - a * b), blur(r * r) - a * a + blur(t * t) - b * b
    c2 = (0.03 * 255) ** 2
    return ((top + c2) / (bottom + c2)).mean()


def halve(a, mode):
    padded = np.pad(a, ((0, 1), (0, 1)), mode=mode)
    return ndimage.uniform_filter(padded, 2, mode="nearest", origin=-1)[: a.shape[0] : 2, : a.shape[1] : 2]


def ms_ssim(r, t):
    if min(r.shape) < 176:
        return NAN
    product = 1.0
    for scale, weight in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        term = ssim_map(r, t).mean() if scale == 4 else contrast_structure(r, t)
        product *= max(term, 0) ** weight
        r, t = halve(r, "edge"), halve(t, "edge")
    return product


def gmsd(r, t):
    def gradient(a):
        a = halve(a, "constant")
        return np.hypot(ndimage.prewitt(a, 0, mode="constant"), ndimage.prewitt(a, 1, mode="constant")) / 3
    a, b = gradient(r), gradient(t)
    return ((2 * a * b + 170) / (a * a + b * b + 170)).std(ddof=1)


# --- spectra

def signed(n):
    k = np.arange(n)
    return np.where(k <= n // 2, k, k - n)


def spectra(r, t):
    h, w = r.shape
    window = np.outer(*(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n) for n in (h, w)))
    transform = lambda a: np.fft.fft2((a - a.mean()) / 255 * window)
    # f^2 = q / (w h)^2 with an integer q: limits are compared exactly
    q = (signed(w)[None, :] * h) ** 2 + (signed(h)[:, None] * w) ** 2
    return transform(r), transform(t), q


def spectral(r, t, out):
    h, w = r.shape
    side, area2 = max(h, w), (h * w) ** 2
    R, T, q = spectra(r, t)
    power_r, power_t, cross = abs(R) ** 2, abs(T) ** 2, (R * T.conj()).real
    bands = {"lo": (q * 1024 >= area2) & (q * 64 < area2), "mid": (q * 64 >= area2) & (q * 16 < area2),
             "hi": q * 16 >= area2}
    total = power_r[q > 0].sum()
    for name, m in bands.items():
        pr, pt = power_r[m].sum(), power_t[m].sum()
        good = pr > 0 and pr >= 1e-6 * total
        error = (abs(R - T)[m] ** 2).sum() / pr if good else NAN
        out["dsnr_" + name] = min(60, -10 * math.log10(error)) if error > 0 else 60 if good else NAN
        if name == "hi":
            out["gain_hi"] = math.sqrt(pt / pr) if good else NAN
            out["corr_hi"] = cross[m].sum() / math.sqrt(pr * pt) if good and pt > 0 else NAN
    ring = np.rint(side * np.sqrt(q) / (h * w)).astype(int).ravel()
    n = side // 2
    sums = lambda v: np.bincount(ring, v.ravel(), minlength=n + 1)[: n + 1]
    ring_r, ring_t, ring_x, count = sums(power_r), sums(power_t), sums(cross), sums(np.ones_like(cross))
    f = np.full(n + 1, NAN)
    f[0] = 1
    for k in range(1, n + 1):
        if ring_r[k] > 1e-20 * total:
            full = ring_t[k] > 1e-20 * power_t[q > 0].sum()
            f[k] = ring_x[k] / math.sqrt(ring_r[k] * ring_t[k]) if full else 0
    out["frc_auc"] = np.nanmean(f[1:]) if np.isfinite(f[1:]).any() else NAN
    out["frc_cutoff"] = cutoff(f, side) if np.isfinite(f[1:]).any() else NAN
    db = 10 * np.log10((ring_t / count + 1e-12) / (ring_r / count + 1e-12))[1:]
    out["lsd"] = math.sqrt((db * db).mean())
    profile(power_r, power_t, cross, q, out)


def profile(power_r, power_t, cross, q, out):
    """What the plots of spectra show, in their hundredths of a dB and ten-thousandths."""
    h, w = q.shape
    points = min(max(h, w) // 2, 64)
    annulus = np.rint(2 * points * np.sqrt(q) / (h * w)).astype(int).ravel()
    sums = lambda v: np.bincount(annulus, v.ravel(), minlength=points + 1)[1 : points + 1]
    r, t, x, count = sums(power_r), sums(power_t), sums(cross), sums(np.ones_like(cross))
    for j in range(points):
        power = 10 * math.log10(t[j] / count[j] / (h * w * 9 / 64) + 1e-12)
        out["profile_power_%d" % j] = 100 * power if t.sum() else NAN
        full = t[j] > 1e-20 * t.sum()
        frc = (x[j] / math.sqrt(r[j] * t[j]) if full else 0) if r[j] > 1e-20 * r.sum() else NAN
        out["profile_frc_%d" % j] = 10000 * frc


def cutoff(f, side):
    last = None
    for k in range(len(f)):
        near = f[max(0, k - 1) : k + 2]
        if np.isnan(near).all():
            continue
        s = np.nanmean(near)
        if s < 0.5:
            return 0 if last is None else (last[0] + (k - last[0]) * (last[1] - 0.5) / (last[1] - s)) / side
        last = (k, s)
    return 0.5


def checkerboard(t, out):
    q = t - ndimage.uniform_filter(t, 3, mode="nearest")
    means = np.array([q[i::2, j::2].mean() for i in (0, 1) for j in (0, 1)])
    out["cbi2"] = ((means - q.mean()) ** 2).mean() / q.var() if q.var() > 1e-20 else NAN
    h, w = (n // 2 * 2 for n in t.shape)
    if min(h, w) < 16:
        out["cb_peak"] = NAN
        return
    a = t[:h, :w]
    power = abs(np.fft.fft2(a - a.mean())) ** 2
    peaks = []
    for v, u in ((0, w // 2), (h // 2, 0), (h // 2, w // 2)):
        around = np.roll(power, (4 - v, 4 - u), (0, 1))[:9, :9].copy()
        peak = around[4, 4]
        around[3:6, 3:6] = NAN
        peaks.append(10 * math.log10((peak + 1e-9) / (np.nanmedian(around) + 1e-9)))
    out["cb_peak"] = max(peaks)


# --- shapes

def boundary(m):
    return m & ~ndimage.binary_erosion(m, np.ones((3, 3)))


def holes(m):
    return label(np.pad(~m, 1, constant_values=True), connectivity=1).max() - 1


def shapes(r, t, out):
    A, B = r < 128, t < 128
    either = (A | B).sum()
    out["iou"] = (A & B).sum() / either if either else 1
    out["components_diff"] = int(label(B, connectivity=2).max()) - int(label(A, connectivity=2).max())
    out["holes_diff"] = int(holes(B)) - int(holes(A))
    a, b = boundary(A), boundary(B)
    if not a.any() or not b.any():
        both = not a.any() and not b.any()
        out["chamfer"] = out["hd95"] = 0 if both else NAN
        out["bf1"] = float(both)
        return
    to = lambda m: ndimage.distance_transform_edt(~m)
    d1, d2 = to(a)[b], to(b)[a]
    out["chamfer"] = (d1.mean() + d2.mean()) / 2
    out["hd95"] = max(np.percentile(d1, 95), np.percentile(d2, 95))
    p, q = (d1 <= 1).mean(), (d2 <= 1).mean()
    out["bf1"] = 2 * p * q / (p + q) if p + q else 0
    # Implementations of thinning differ by pixels: compared on shapes with strokes only.
    width = lambda m: 2 * ndimage.distance_transform_edt(m)[skeletonize(m)].mean()
    if A.any() and B.any() and not A.all() and not B.all():
        out["stroke_ratio"] = width(B) / width(A)


def sharpness(a):
    laplacian = ndimage.convolve(a, np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]), mode="mirror").var()
    sobel = (ndimage.sobel(a, 0, mode="mirror") ** 2 + ndimage.sobel(a, 1, mode="mirror") ** 2).mean()
    dx, dy = np.diff(a, axis=1)[:-1], np.diff(a, axis=0)[:, :-1]
    return laplacian, sobel, (dx * dx + dy * dy).mean()


def metrics(reference, test):
    d = reference.astype(np.int64) - test
    mse = (d * d).mean()
    r, t = luma(reference), luma(test)
    out = {"l1": abs(d).mean() / 255, "rmse": math.sqrt(mse) / 255,
           "psnr": 10 * math.log10(255 ** 2 / mse) if mse else NAN}
    m = ssim_map(r, t)
    ink = ndimage.binary_dilation((r < 128) | (t < 128), np.ones((11, 11)))[5:-5, 5:-5]
    out.update(ssim=m.mean(), ssim_ink=m[ink].mean() if ink.any() else NAN, ms_ssim=ms_ssim(r, t), gmsd=gmsd(r, t))
    spectral(r, t, out)
    checkerboard(t, out)
    shapes(r, t, out)
    for name, a, b in zip(("varlap", "tenengrad", "gradient"), sharpness(r), sharpness(t)):
        out[name + "_ratio"] = b / a if a > 1e-12 else NAN
    return out


# --- random data

def random_pair(rng):
    h, w = (int(rng.integers(11, 513)) for _ in range(2))
    if rng.random() < 0.3:
        w = h
    channels = int(rng.choice([1, 1, 3]))
    kind = rng.integers(4)
    if kind == 0:
        a = rng.integers(0, 256, (h, w, channels)).astype(float)
    elif kind == 1:
        a = ndimage.gaussian_filter(rng.normal(0, 1, (h, w, channels)), (3, 3, 0))
        a = 128 + 100 * a / abs(a).max()
    elif kind == 2:  # strokes
        a = np.full((h, w, channels), 255.0)
        y, x = np.mgrid[:h, :w]
        for _ in range(int(rng.integers(1, 7))):
            angle, offset, width = rng.random() * math.pi, rng.random(), 1.5 + 3 * rng.random()
            distance = (x - w * offset) * math.sin(angle) - (y - h * offset) * math.cos(angle)
            a[abs(distance) < width] = 0
    else:
        y, x = np.mgrid[:h, :w]
        a = np.repeat((127 + 127 * np.sin((x * x + 2 * y * y) / (20 + 200 * rng.random())))[:, :, None], channels, 2)
    damage = rng.integers(5)
    if damage == 0:
        b = a + rng.normal(0, 10, a.shape)
    elif damage == 1:
        b = ndimage.gaussian_filter(a, (1, 1, 0))
    elif damage == 2:
        b = np.roll(a, 1, axis=1)
    elif damage == 3:
        b = a + 6.0 * (1 - 2 * (np.indices((h, w)).sum(0) % 2))[:, :, None]
    else:
        b = a.copy()
    return tuple(np.clip(np.rint(v), 0, 255).astype(np.uint8) for v in (a, b))


def random_differences(rng):
    n = int(rng.integers(6, 80))
    if rng.random() < 0.5:
        return rng.normal(0.3, 1, n)
    return rng.integers(-3, 5, n).astype(float)


def statistics(d):
    i, j = np.triu_indices(len(d))
    ranks = stats.rankdata(abs(d))
    interval = stats.bootstrap((d,), np.mean, n_resamples=100000, method="BCa", batch=2000,
                               random_state=1).confidence_interval
    out = {"hodges_lehmann": np.median((d[i] + d[j]) / 2), "w_plus": ranks[d > 0].sum(),
           "w_minus": ranks[d < 0].sum(),
           "p_normal": stats.wilcoxon(d, zero_method="pratt", method="approx").pvalue,
           "low": interval.low, "high": interval.high}
    if len(d) <= 50 and len(set(abs(d))) == len(d) and 0 not in d:
        out["p"] = stats.wilcoxon(d, method="exact").pvalue
    return out


# --- the comparison

TOLERANCE = {"ssim": 1e-12, "lsd": 1e-8, "cb_peak": 1e-8, "stroke_ratio": 0.1, "p": 1e-12,
             "p_normal": 1e-12}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the built metrics_dump_test")
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print("seed", arguments.seed)
    rng = np.random.default_rng(arguments.seed)
    worst, failures = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "case")
        for case in range(arguments.pairs):
            if case % 4 == 3:
                d = random_differences(rng)
                header, data, want = "differences %d\n" % len(d), d.tobytes(), statistics(d)
            else:
                r, t = random_pair(rng)
                header = "pair %d %d %d\n" % (r.shape[1], r.shape[0], r.shape[2])
                data, want = r.tobytes() + t.tobytes(), metrics(r, t)
            with open(path, "wb") as f:
                f.write(header.encode() + data)
            lines = subprocess.run([arguments.program, path], check=True, capture_output=True, text=True).stdout
            got = {name: float(value) for name, value in (line.split() for line in lines.splitlines())}
            for name, value in want.items():
                tolerance = TOLERANCE.get(name, 1e-9)
                if name in ("low", "high"):
                    # both are random: 3 % of the width, or one step of a coarse sample
                    off, tolerance = abs(got[name] - value) / max(want["high"] - want["low"], 1e-9), 0.03
                elif math.isnan(value) or math.isnan(got[name]):
                    off = 0.0 if math.isnan(value) == math.isnan(got[name]) else math.inf
                elif name.startswith("profile_"):
                    off, tolerance = abs(got[name] - value), 0.501  # rounded to whole numbers
                else:
                    off = abs(got[name] - value) / max(1.0, abs(value)) if not name.startswith("p") or name == "psnr" \
                        else abs(got[name] - value) / value
                kind = name.rstrip("_0123456789") if name.startswith("profile_") else name
                worst[kind] = max(worst.get(kind, 0.0), off)
                if off > tolerance:
                    failures += 1
                    print("case %d, %s: %s got %.17g want %.17g" % (case, header.strip(), name, got[name], value))
    for name, off in worst.items():
        print("%-16s %.2g" % (name, off))
    print("%d cases, %d numbers over tolerance" % (arguments.pairs, failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
