#!/usr/bin/python3
"""Renders pairs of glyphs: the same character in two typefaces, as grey PNG files.

Source is Noto Sans CJK TC Bold, target Noto Serif CJK TC Regular (Debian: fonts-noto-cjk, SIL Open
Font License): heavy even strokes to hairlines and serifs, so that there is detail to lose.
Characters are those of U+4E00..U+9FFF that both faces have, in the order of the SHA-256 of
"<seed>:<code point>", so the sets do not depend on any library's random numbers:

    test        128 characters: 64 in order, then the 32 lightest and the 32 heaviest of the rest's
                first 4096, by the ink in Noto Sans CJK TC Regular
    validation   64 characters, in order
    train      16384 characters (--train), in order

The three sets are disjoint. The same font files, Pillow and FreeType give the same bytes; the
versions that made what ships are in data/glyphs/README.md.

    scripts/render_glyphs.py --out build/glyphs --size 128           all sets, a folder each
    scripts/render_glyphs.py --ship                                  what lies in data/
"""
import argparse
import hashlib
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

FONTS = Path("/usr/share/fonts/opentype/noto")
SOURCE = ("NotoSansCJK-Bold.ttc", "Noto Sans CJK TC")
TARGET = ("NotoSerifCJK-Regular.ttc", "Noto Serif CJK TC")
WEIGHED = ("NotoSansCJK-Regular.ttc", "Noto Sans CJK TC")
SEED = 20260
TEST_PLAIN, TEST_EXTREME, EXTREME_POOL, VALIDATION = 64, 32, 4096, 64
SHIPPED = 24


def open_face(file: str, family: str, em: int) -> ImageFont.FreeTypeFont:
    """The face of that family in a font collection."""
    index = 0
    while True:
        try:
            font = ImageFont.truetype(str(FONTS / file), em, index, layout_engine=ImageFont.Layout.BASIC)
        except OSError:
            sys.exit(f"{FONTS / file}: no face named {family} (Debian: apt install fonts-noto-cjk)")
        if font.getname()[0] == family:
            return font
        index += 1


def render(font: ImageFont.FreeTypeFont, char: str, size: int) -> Image.Image:
    """Black on white, the em box centred; ideographs stand from 0.88 em above the baseline."""
    image = Image.new("L", (size, size), 255)
    margin = (size - font.size) // 2
    ImageDraw.Draw(image).text((margin, margin + round(0.88 * font.size)), char, 0, font, anchor="ls")
    return image


class Faces:
    def __init__(self, size: int):
        self.size = size
        em = size * 7 // 8
        self.source, self.target = open_face(*SOURCE, em), open_face(*TARGET, em)

    def pair(self, char: str) -> tuple[Image.Image, Image.Image]:
        return render(self.source, char, self.size), render(self.target, char, self.size)


def ink(image: Image.Image) -> int:
    return sum((255 - value) * count for value, count in enumerate(image.histogram()))


def choose(seed: int, train: int) -> dict[str, list[str]]:
    """The three sets, each in its order."""
    faces = Faces(64)
    missing = [render(face, "\U0010fffd", 64).tobytes() for face in (faces.source, faces.target)]
    order = sorted(map(chr, range(0x4E00, 0xA000)),
                   key=lambda char: hashlib.sha256(f"{seed}:{ord(char)}".encode()).digest())
    wanted = TEST_PLAIN + VALIDATION + EXTREME_POOL + train
    present = []
    for char in order:
        if any(image.tobytes() == none for image, none in zip(faces.pair(char), missing)):
            continue
        present.append(char)
        if len(present) == wanted:
            break
    plain, validation = present[:TEST_PLAIN], present[TEST_PLAIN:TEST_PLAIN + VALIDATION]
    rest = present[TEST_PLAIN + VALIDATION:]
    weighed = open_face(*WEIGHED, faces.source.size)
    by_ink = sorted(rest[:EXTREME_POOL], key=lambda char: (ink(render(weighed, char, 64)), char))
    extreme = by_ink[:TEST_EXTREME] + by_ink[-TEST_EXTREME:]
    taken = set(extreme)
    return {"train": [char for char in rest if char not in taken][:train],
            "validation": validation, "test": plain + extreme}


def write_pairs(chars: list[str], size: int, folder: Path, small: bool = False) -> None:
    """folder/source/U+XXXX.png and folder/target/U+XXXX.png."""
    faces = Faces(size)
    for side in ("source", "target"):
        (folder / side).mkdir(parents=True, exist_ok=True)
    for char in chars:
        for side, image in zip(("source", "target"), faces.pair(char)):
            image.save(folder / side / f"U+{ord(char):04X}.png", optimize=small)


def write_lists(sets: dict[str, list[str]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, chars in sets.items():
        lines = ["".join(chars[i:i + 64]) for i in range(0, len(chars), 64)]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def shipped(test: list[str]) -> list[str]:
    """A third each of the plain, the lightest and the heaviest test characters."""
    third = SHIPPED // 3
    return test[:third] + test[TEST_PLAIN:TEST_PLAIN + third] + test[-third:]


def main() -> None:
    parser = argparse.ArgumentParser(description="Renders pairs of glyphs.")
    parser.add_argument("--out", type=Path, help="folder for the sets, each with source/ and target/")
    parser.add_argument("--size", type=int, default=128, help="pixels a side (128)")
    parser.add_argument("--train", type=int, default=16384, help="characters to train on (16384)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"order of the characters ({SEED})")
    parser.add_argument("--ship", action="store_true", help="write data/glyphs and data/glyphs-96")
    options = parser.parse_args()
    if not options.ship and not options.out:
        parser.error("one of --out and --ship")
    sets = choose(options.seed, options.train)
    versions = f"Pillow {Image.__version__}, FreeType {features.version('freetype2')}"
    if options.ship:
        data = Path(__file__).resolve().parent.parent / "data"
        write_lists(sets, data / "glyphs")
        write_pairs(shipped(sets["test"]), 128, data / "glyphs", small=True)
        write_pairs(shipped(sets["test"]), 96, data / "glyphs-96", small=True)
    if options.out:
        write_lists(sets, options.out)
        for name, chars in sets.items():
            write_pairs(chars, options.size, options.out / name)
    print(f"{', '.join(f'{len(chars)} {name}' for name, chars in sets.items())}; {versions}",
          file=sys.stderr)


if __name__ == "__main__":
    main()
