"""How are the fonts of the figures made?

Noto Sans (OFL 1.1) cut down to Latin, Greek, Cyrillic and the signs that a map needs, so that a figure
looks the same on every machine. The source is the untouched TTF of an npm package:

    npm pack @expo-google-fonts/noto-sans@0.4.2
    python tools/build_fonts.py expo-google-fonts-noto-sans-0.4.2.tgz

Needs fonttools 4.68.0: the bytes hang on its version. Writes data/fonts/ and data/LICENSES/noto-sans.txt.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
import tarfile
from pathlib import Path

import fontTools
from fontTools import subset
from fontTools.ttLib import TTFont

SHA256 = "98cf14a19b8e67a0e76bfd4d5df98937b9734e6dde570bd750f2259042042548"
FONTTOOLS = "4.68.0"
FACES = {
    "NotoSans-Regular.ttf": "400Regular/NotoSans_400Regular.ttf",
    "NotoSans-Bold.ttf": "700Bold/NotoSans_700Bold.ttf",
    "NotoSans-Italic.ttf": "400Regular_Italic/NotoSans_400Regular_Italic.ttf",
}
RANGES = (
    (0x20, 0x24F),  # Latin, with its extensions A and B
    (0x2B9, 0x2DD),  # modifier letters
    (0x300, 0x36F),  # combining marks
    (0x370, 0x3FF),  # Greek
    (0x400, 0x4FF),  # Cyrillic
    (0x1E00, 0x1EF9),  # Latin, further (Vietnamese)
    (0x2000, 0x206F),  # punctuation and thin spaces
    (0x2070, 0x209C),  # superscripts
    (0x20A0, 0x20BF),  # currencies
    (0x2116, 0x2122),
    (0x2190, 0x2193),
    (0x2200, 0x2265),
)


def cut(data: bytes) -> bytes:
    """Keep the glyphs of the ranges; drop hints, which print does not use."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern", "ccmp"]
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for low, high in RANGES for code in range(low, high + 1)])
    subsetter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def main() -> int:
    """Read the package, write the three faces and the licence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path)
    package = parser.parse_args().package
    data = Path(__file__).resolve().parents[1] / "data"
    if fontTools.version != FONTTOOLS:
        print(f"fonttools is {fontTools.version}, not {FONTTOOLS}: the bytes will differ.", file=sys.stderr)
    if hashlib.sha256(package.read_bytes()).hexdigest() != SHA256:
        print(f"{package} is not the package this recipe knows (sha256 {SHA256}).", file=sys.stderr)
        return 2
    (data / "fonts").mkdir(parents=True, exist_ok=True)
    with tarfile.open(package) as archive:

        def read(name: str) -> bytes:
            member = archive.extractfile(f"package/{name}")
            if member is None:
                raise FileNotFoundError(name)
            return member.read()

        for target, source in FACES.items():
            made = cut(read(source))
            (data / "fonts" / target).write_bytes(made)
            print(f"{target}  {len(made):,} bytes  sha256 {hashlib.sha256(made).hexdigest()}")
        (data / "LICENSES" / "noto-sans.txt").write_bytes(read("LICENSE_FONT"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
