"""When are two spellings the same name?

Names are compared by a key: case, accents, points and apostrophes are gone, and
the usual short words are written out. The gazetteer is built with the same key
as it is asked with.
"""

# ruff: noqa: RUF001, letters of many scripts are what this module is about
from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

KEY_BYTES = 6
"""Length of a hashed key: 48 bits."""

_LONG = {
    "ß": "ss",
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "ħ": "h",
    "ŋ": "n",
}
_LETTERS = {"ə": "a", "ʻ": "", "ʼ": "", "ʿ": "", "ʾ": "", "ʹ": "", "ʺ": "", "ˈ": "", "’": "", "‘": "", "`": "", "´": ""}
_ARABIC = {"ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ھ": "ه", "ہ": "ه", "ٱ": "ا", "ـ": ""}
# soft hyphen, joiners, marks of direction, selectors of a letter's shape: nobody sees them
_UNSEEN = dict.fromkeys(
    (
        *(0xAD, 0x200B, 0x200D, 0x200E, 0x200F, 0xFEFF, *range(0x180B, 0x180F), *range(0x202A, 0x202F)),
        *(*range(0x2060, 0x2070), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)),
    ),
    "",
)
_FOLD = str.maketrans({**_LONG, **_LETTERS, **_ARABIC, **_UNSEEN, "'": "", "臺": "台"})
# marks that are accents, not letters: general, Cyrillic, Hebrew points, Arabic harakat
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# what parts words; the marks of Indic, Thai, Lao, Khmer, Burmese and kana are letters here, though \w leaves them out
_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)} | {ord("'"): "", ord("`"): ""}
_EXPAND = {"st": "saint", "ste": "saint", "sankt": "saint", "sainte": "saint", "mt": "mount", "ft": "fort"}
LONGEST = 200
"""Longer text is no name: it is cut here, so that hostile text costs nothing."""


def spelling_key(text: str) -> str:
    """Fold a name to what it shares with its other spellings.

    Parameters
    ----------
    text : str
        Any script; what stands beyond 200 characters is left out.

    Returns
    -------
    str
        Empty if nothing of the text is a letter or a digit.

    Examples
    --------
    >>> spelling_key("  St. Gallen "), spelling_key("Sankt-Gallen"), spelling_key("ŁÓDŹ")
    ('saint gallen', 'saint gallen', 'lodz')
    >>> spelling_key("Кёльн"), spelling_key("臺北"), spelling_key("'s-Gravenhage")
    ('кельн', '台北', 's gravenhage')
    """
    text = text[:LONGEST].casefold()
    if not text.isascii():
        # twice: a folded letter may carry an accent, and a decomposed one may need folding (ǿ)
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).translate(_FOLD))
        text = _ACCENTS.sub("", text).casefold().translate(_FOLD)
    if text.isascii():  # most are, once their accents are gone
        words = text.translate(_ASCII).split()
    else:
        text = unicodedata.normalize("NFC", text)
        words = "".join([c if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") else " " for c in text]).split()
    if not _EXPAND.keys().isdisjoint(words):
        words = [_EXPAND.get(word, word) for word in words]
    return " ".join(words)


NOTHING = frozenset(
    [
        *("", "n a", "na", "nan", "none", "null", "nil", "unknown", "not available", "not known", "not applicable"),
        *("tbd", "tba", "unbekannt", "inconnu", "desconocido", "unspecified", "undefined", "missing", "no data"),
        *("x", "xx", "xxx"),
    ]
)
"""Keys of the texts that stand for no text."""


def is_nothing(text: str) -> bool:
    """Tell whether a text stands for no text.

    Examples
    --------
    >>> is_nothing("N/A"), is_nothing(" - "), is_nothing("Basel")
    (True, True, False)
    """
    return spelling_key(text) in NOTHING


def hash_key(key: str) -> int:
    """Hash a key to 48 bits (BLAKE2b).

    Examples
    --------
    >>> hex(hash_key("basel"))
    '0x...'
    >>> hash_key("basel") < 2**48
    True
    """
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest(), "big")


_REGION_WORDS = frozenset(
    {
        "autonomous",
        "canton",
        "cantone",
        "comunidad",
        "county",
        "da",
        "de",
        "del",
        "departamento",
        "departement",
        "department",
        "di",
        "district",
        "du",
        "estado",
        "governorate",
        "kanton",
        "krai",
        "kraj",
        "municipality",
        "oblast",
        "of",
        "prefecture",
        "prefektur",
        "province",
        "provincia",
        "provincie",
        "provinz",
        "regiao",
        "region",
        "regione",
        "state",
        "the",
        "voivodeship",
        "voivodship",
        "wojewodztwo",
    }
)


def region_key(text: str) -> str:
    """Fold the name of a region, without the words that only say that it is one.

    Examples
    --------
    >>> region_key("Canton of Zug"), region_key("Mazovian Voivodeship"), region_key("Region")
    ('zug', 'mazovian', 'region')
    """
    key = spelling_key(text)
    return " ".join([word for word in key.split() if word not in _REGION_WORDS]) or key
