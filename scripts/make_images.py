#!/usr/bin/env python3
"""Makes data/images: small images in every form that is read, and what they must decode to.

NAME.png, .jpg, .bmp are inputs; NAME.ppm (RGB, 8 bits) holds the pixels expected of it, and of its interlaced twin NAME-adam7. PNGs are
written here chunk by chunk, as PIL writes neither interlaced nor 16-bit colour images; PIL then reads
all that it can (at most 8 bits), and must agree with the formulas of this file.
Needs numpy, PIL and torch. Run from the repository root: python3 scripts/make_images.py
"""
import io
import os
import struct
import zlib

import numpy as np
import torch
from PIL import Image

OUT = "data/images"
WIDTH, HEIGHT = 19, 13
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def filtered(rows, step):
    """Each row behind its filter byte; the five filters take turns."""
    out, above = b"", bytes(len(rows[0]))
    for y, row in enumerate(rows):
        kind, line = y % 5, bytearray()
        for i, v in enumerate(row):
            left = row[i - step] if i >= step else 0
            up, corner = above[i], above[i - step] if i >= step else 0
            guess = [0, left, up, (left + up) // 2, paeth(left, up, corner)][kind]
            line.append((v - guess) & 255)
        out += bytes([kind]) + bytes(line)
        above = row
    return out


def packed_rows(samples, depth):
    """samples [h, w, c] -> bytes per row, most significant bits first."""
    rows = []
    for line in samples:
        flat = [int(v) for v in line.reshape(-1)]
        if depth == 16:
            rows.append(b"".join(struct.pack(">H", v) for v in flat))
            continue
        bits = "".join(format(v, "0%db" % depth) for v in flat)
        bits += "0" * (-len(bits) % 8)
        rows.append(bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)))
    return rows


def png(samples, depth, colour, interlaced=False, palette=None, trns=None):
    height, width, channels = samples.shape
    step = max(1, channels * depth // 8)
    if interlaced:
        data = b""
        for x, y, dx, dy in ADAM7:
            part = samples[y::dy, x::dx]
            if part.size:
                data += filtered(packed_rows(part, depth), step)
    else:
        data = filtered(packed_rows(samples, depth), step)
    out = b"\x89PNG\r\n\x1a\n"
    out += chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced)))
    out += chunk(b"tEXt", b"Comment\0made by make_images.py")
    if palette is not None:
        out += chunk(b"PLTE", palette.astype(np.uint8).tobytes())
    if trns is not None:
        out += chunk(b"tRNS", trns)
    body = zlib.compress(data, 9)
    half = len(body) // 2
    return out + chunk(b"IDAT", body[:half]) + chunk(b"IDAT", body[half:]) + chunk(b"IEND", b"")


def on_white(colour, alpha, top):
    """To the nearest, in the depth of the file."""
    colour, alpha = colour.astype(np.int64), alpha.astype(np.int64)
    return (colour * alpha + top * (top - alpha) + top // 2) // top


def expected(samples, depth, colour, palette=None, trns=None):
    samples = samples.astype(np.int64)
    top = 2**depth - 1
    if colour == 3:
        index = samples[..., 0]
        rgb = palette[index].astype(np.int64)
        alpha = np.full(256, 255)
        if trns:
            alpha[: len(trns)] = list(trns)
        return on_white(rgb, alpha[index][..., None], 255).astype(np.uint8)
    colours = samples[..., : 1 if colour in (0, 4) else 3]
    if depth < 8:
        colours = colours * 255 // top
    alpha = np.full(samples.shape[:2] + (1,), max(top, 255))
    if colour in (4, 6):
        alpha = samples[..., -1:]
    if trns:
        key = np.array(struct.unpack(">%dH" % (len(trns) // 2), trns))
        alpha = np.where((samples == key).all(-1, keepdims=True), 0, max(top, 255))
    out = on_white(colours, alpha, max(top, 255))
    if depth == 16:
        out = (out * 255 + 32767) // 65535
    return np.broadcast_to(out, out.shape[:2] + (3,)).astype(np.uint8)


def by_pil(data):
    image = Image.open(io.BytesIO(data)).convert("RGBA")
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return np.array(Image.alpha_composite(white, image).convert("RGB"))


def save_ppm(name, pixels):
    height, width, _ = pixels.shape
    with open(os.path.join(OUT, name + ".ppm"), "wb") as f:
        f.write(b"P6\n%d %d\n255\n" % (width, height) + pixels.astype(np.uint8).tobytes())


def save(name, ending, data, pixels=None):
    with open(os.path.join(OUT, name + ending), "wb") as f:
        f.write(data)
    if pixels is not None:
        save_ppm(name, pixels)


def make_pngs(random):
    ramp = np.linspace(0, 1, WIDTH)[None, :, None] * np.linspace(0.3, 1, HEIGHT)[:, None, None]
    for colour, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}.items():
        for depth in depths:
            top = 2**depth - 1
            shape = (HEIGHT, WIDTH, CHANNELS[colour])
            samples = np.clip(ramp * top + random.normal(0, top * 0.1 + 0.3, shape), 0, top).astype(np.int64)
            if colour == 3:
                samples = random.integers(0, min(top, 199) + 1, shape)
            palette = random.integers(0, 256, (min(top, 199) + 1, 3)) if colour == 3 else None
            forms = {"": None}
            if colour == 3:
                forms["-trns"] = bytes(int(v) for v in random.integers(0, 256, min(top + 1, 150)))
            if colour in (0, 2):
                forms["-trns"] = struct.pack(">%dH" % shape[2], *samples[5, 7])
            for form, trns in forms.items():
                want = expected(samples, depth, colour, palette, trns)
                for interlaced in (False, True):
                    kind = {0: "grey", 2: "rgb", 3: "palette", 4: "grey-alpha", 6: "rgba"}[colour]
                    name = "%s%d%s%s" % (kind, depth, form, "-adam7" if interlaced else "")
                    data = png(samples, depth, colour, interlaced, palette, trns)
                    # PIL compares a grey tRNS with samples already scaled to 8 bits.
                    if depth == 8 or (depth < 8 and not (colour == 0 and trns)):
                        difference = np.abs(by_pil(data).astype(int) - want).max()
                        assert difference == 0, (name, difference)
                    save(name, ".png", data, None if interlaced else want)


def make_jpegs():
    y, x = np.mgrid[0:40, 0:56]
    rgb = np.stack([128 + 100 * np.sin(x / 9), 128 + 90 * np.cos(y / 7), (x * 2 + y * 2) % 256], -1)
    image = Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8))
    for name, picture, options in [
        ("jpeg-grey", image.convert("L"), {}),
        ("jpeg-444", image, {"subsampling": 0}),
        ("jpeg-420", image, {"subsampling": 2}),
        ("jpeg-progressive", image, {"progressive": True}),
        ("jpeg-cmyk", image.convert("CMYK"), {}),
    ]:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=90, **options)
        back = np.array(Image.open(io.BytesIO(out.getvalue())).convert("RGB"))
        save(name, ".jpg", out.getvalue(), None if name == "jpeg-cmyk" else back)
    out = io.BytesIO()
    image.crop((0, 0, 19, 13)).save(out, "BMP")
    save("bmp24", ".bmp", out.getvalue(), np.array(image.crop((0, 0, 19, 13))))


def resized(source, width, height):
    tensor = torch.tensor(source, dtype=torch.float64).permute(2, 0, 1)[None]
    out = torch.nn.functional.interpolate(tensor, (height, width), mode="bilinear", align_corners=False)
    return out[0].permute(1, 2, 0).numpy()


def make_resizes(random):
    """torch's interpolate, bilinear, align_corners false, without antialiasing; rounded half up."""
    sizes = [(28, 18), (8, 5), (31, 4), (14, 9), (1, 1)]
    while True:
        source = random.integers(0, 256, (9, 14, 3))
        results = [resized(source, *size) for size in sizes]
        distance = [np.abs(r - np.floor(r) - 0.5) for r in results]
        if all(((d == 0) | (d > 1e-6)).all() for d in distance):
            break  # no tie that rounding errors decide
    save_ppm("resize-from", source)
    for size, result in zip(sizes, results):
        save_ppm("resize-%dx%d" % size, np.floor(result + 0.5))


def make_pairs():
    """zi2zi's training files: <label>_<name>.png, the target left, the source right."""
    folder = os.path.join(os.path.dirname(OUT), "pairs")
    os.makedirs(folder, exist_ok=True)
    for label, name in ((0, "U+4E2B"), (2, "U+9F98")):
        pair = Image.new("L", (256, 128))
        for at, side in ((0, "target"), (128, "source")):
            pair.paste(Image.open(f"data/glyphs/{side}/{name}.png"), (at, 0))
        pair.save(os.path.join(folder, f"{label}_{name}.png"))


def main():
    os.makedirs(OUT, exist_ok=True)
    make_pairs()
    random = np.random.default_rng(7)
    make_pngs(random)
    make_jpegs()
    make_resizes(random)


if __name__ == "__main__":
    main()
