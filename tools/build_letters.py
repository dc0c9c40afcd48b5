"""Count the letters of languages in ROR's local names: geocluster/readers/letters.py.

Run: python tools/build_letters.py SHARED/data/ror_organisations.csv.gz
"""

from __future__ import annotations

import csv
import gzip
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

# name: languages of local names, countries whose names and cities count too, scripts
LANGUAGES: dict[str, tuple[str, str, str]] = {
    "german": ("de", "DE AT", "LATIN"),
    "french": ("fr", "FR", "LATIN"),
    "iberian": ("es pt ca", "ES PT BR MX AR CO", "LATIN"),
    "italian": ("it", "IT", "LATIN"),
    "icelandic": ("is", "IS", "LATIN"),
    "lithuanian": ("lt", "LT", "LATIN"),
    "latvian": ("lv", "LV", "LATIN"),
    "nordic": ("sv da nb no fi is", "SE DK NO FI IS", "LATIN"),
    "polish": ("pl", "PL", "LATIN"),
    "czech": ("cs sk", "CZ SK", "LATIN"),
    "hungarian": ("hu", "HU", "LATIN"),
    "croatian": ("hr sl bs", "HR SI BA", "LATIN"),
    "western": (
        "fr de es pt it sv da nb no fi nl is ca et",
        "FR DE ES PT IT SE DK NO FI NL AT CH BE IS BR MX CO AR CA",
        "LATIN",
    ),
    "central": ("pl cs sk hu sl hr bs", "PL CZ SK HU SI HR BA", "LATIN"),
    "romanian": ("ro", "RO", "LATIN"),
    "turkish": ("tr az", "TR", "LATIN"),
    "baltic": ("lt lv et", "LT LV EE", "LATIN"),
    "russian": ("ru", "", "CYRILLIC"),
    "cyrillic": ("uk bg sr mk be kk", "", "CYRILLIC"),
    "greek": ("el", "", "GREEK"),
    "hebrew": ("he", "", "HEBREW"),
    "arabic": ("ar fa ur", "", "ARABIC"),
    "thai": ("th", "", "THAI"),
    "chinese": ("zh", "", "CJK"),
    "japanese": ("ja", "", "CJK HIRAGANA KATAKANA KATAKANA-HIRAGANA"),
    "korean": ("ko", "", "HANGUL"),
}
# the alphabets' other letters, which ROR has too seldom: last, small ones first
ALPHABETS = {
    "german": "äöüßÄÖÜ",
    "french": "éèêëàâçîïôùûüœæÿÉÈÊËÀÂÇÎÏÔÙÛÜŒ",
    "iberian": "áéíóúñüàâãçèêïòõôÁÉÍÓÚÑÇÂÃ",
    "italian": "àèéìòùÀÈÉÌÒÙ",
    "nordic": "åäöæøéÅÄÖÆØ",
    "icelandic": "áðéíóúýþæöÁÐÉÍÓÚÝÞÆÖ",
    "polish": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
    "czech": "áčďéěíňóřšťúůýžäľĺôŕÁČĎÉĚÍŇÓŘŠŤÚŮÝŽĽ",
    "hungarian": "áéíóöőúüűÁÉÍÓÖŐÚÜŰ",
    "croatian": "čćđšžČĆĐŠŽ",
    "romanian": "ăâîșțşţĂÂÎȘȚŞŢ",
    "turkish": "çğıöşüÇĞİÖŞÜ",
    "lithuanian": "ąčęėįšųūžĄČĘĖĮŠŲŪŽ",
    "latvian": "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ",
}
TARGET = Path(__file__).resolve().parents[1] / "geocluster" / "readers" / "letters.py"
MOST, MOST_OF_THOUSANDS, LINE = 66, 450, 50


def count(rows: list[dict[str, str]]) -> dict[str, Counter[str]]:
    """Count every letter beyond ASCII, by language."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        parts = [part.partition(":") for part in row["local_names"].split("|")]
        for name, (languages, countries, scripts) in LANGUAGES.items():
            texts = [text for language, _, text in parts if language in languages.split()]
            if row["country"] in countries.split():
                texts.append(row["name"] + row["city"] + row["region"])
            found[name].update(c for text in texts for c in text if is_letter(c, scripts))
    return found


def is_letter(c: str, scripts: str) -> bool:
    """Tell whether a letter beyond ASCII is of these scripts; Thai has vowels that are marks."""
    known = c.isalpha() or (scripts == "THAI" and unicodedata.category(c) == "Mn")
    return not c.isascii() and known and unicodedata.name(c, "?").split()[0] in scripts.split()


def written(name: str, letters: str) -> list[str]:
    """Write one entry of the mapping."""
    if len(letters) <= MOST:
        return [f'    "{name}": "{letters}",']
    parts = [f'        "{letters[at : at + LINE]}"' for at in range(0, len(letters), LINE)]
    return [f'    "{name}": (', *parts, "    ),"]


def main(path: str) -> None:
    """Put the counted letters into the module; what is written by hand there stays."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        counted = count([*csv.DictReader(stream)])
    lines = []
    for name, letters in counted.items():
        most = MOST_OF_THOUSANDS if name in ("chinese", "japanese", "korean") else MOST
        kept = sorted((c for c, n in letters.items() if n > 1), key=lambda c: (-letters[c], c))
        kept = [*dict.fromkeys([*kept[:most], *ALPHABETS.get(name, "")])]
        lines += written(name, "".join(kept))
    head = TARGET.read_text(encoding="utf-8").split("LETTERS = {")[0]
    by_hand = TARGET.read_text(encoding="utf-8").split('    "traditional": (')[1]
    lines += ['    "traditional": (' + by_hand.split("    ),")[0].rstrip("\n"), "    ),", "}"]
    TARGET.write_text(head + "LETTERS = {\n" + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1])
