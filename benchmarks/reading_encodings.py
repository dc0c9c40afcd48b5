"""How often is a text read in the wrong encoding? On names of GeoNames places, which the letters were not counted in.

Run: python benchmarks/reading_encodings.py
"""

from __future__ import annotations

import random

from geocluster.datasets import load_places
from geocluster.readers.encodings import CANDIDATES, rate

WRITTEN = {
    "cp1252": "DE FR ES PT IT SE DK NO IS BR",
    "cp1250": "PL CZ SK HU RO HR",
    "iso8859_2": "PL CZ HU",
    "cp1254": "TR",
    "cp1257": "LT LV EE",
    "cp850": "DE FR",
    "mac_roman": "DE FR",
}
TABLES = 60


def main() -> None:
    """Print, for tables of so many names beyond ASCII, how many are misread."""
    chance = random.Random(1)
    places = load_places()
    for size in (1, 3, 20):
        wrong = tables = 0
        for encoding, countries in WRITTEN.items():
            for country in countries.split():
                names = [name for name in places.loc[places["country"] == country, "name"] if not name.isascii()]
                for _ in range(TABLES):
                    text = "name,city\n" + "".join(
                        f"X,{name}\n" for name in chance.sample(names, min(size, len(names)))
                    )
                    try:
                        data = text.encode(encoding)
                    except UnicodeEncodeError:  # a letter that the encoding lacks
                        continue
                    likeliest = max(CANDIDATES, key=lambda codec: rate(data, codec))
                    tables += 1
                    wrong += data.decode(likeliest) != text
        print(f"{size:3d} names: {wrong} of {tables} tables misread ({100 * wrong / tables:.1f} %)")


if __name__ == "__main__":
    main()
