"""Where is a postcode?"""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.datasets import data_folder
from geocluster.errors import PackageDataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = 1
POSTCODES_VARIABLE = "GEOCLUSTER_POSTCODES"
"""The environment variable that points to another table of postcodes."""
STEPS = 100
"""Points are kept in hundredths of a degree: at most 0.8 km off."""

# the digits of a code, and those of the part that the table knows; here of countries that write nothing but digits
_LENGTHS = {
    (3, 3): "AD FO IS",
    (4, 4): "AR AT AU AZ BD BE BG CH CY DK GL HT HU LI LU LV MD MK NL NO NZ PH SI SJ ZA",
    (5, 5): "AX CR CZ DE DO DZ EE ES FI FR GF GP GT HR IT KR LK LT MA MC MQ MX MY NC PA PE PF PK PL PM RE RS SE SK SM "
    "TH TR UA UY VA WF YT",
    (6, 6): "BY CO EC IN MW RO RU",
    (9, 5): "AS FM GU MH MP PR PW US VI",
    (8, 5): "BR",
    (7, 7): "CL",
    (6, 4): "CN",
    (7, 5): "JP",
    (7, 4): "PT",
    (6, 2): "SG",
}
_DIGITS = {country: lengths for lengths, countries in _LENGTHS.items() for country in countries.split()}
_UK = re.compile(r"([A-Z]{1,2}\d{1,2})[A-Z]?(?:\d[A-Z]{2})?")
_LETTERED = {
    **dict.fromkeys(("GB", "GG", "IM", "JE"), _UK),
    "CA": re.compile(r"([A-Z]\d[A-Z])(?:\d[A-Z]\d)?"),
    "IE": re.compile(r"([A-Z]\d[0-9W])(?:[A-Z0-9]{4})?"),
    "MT": re.compile(r"([A-Z]{3})(?:\d{2,4})?"),
    "BM": re.compile(r"([A-Z]{2}(?:\d\d|[A-Z]{2}))"),
}
_SHORT_OR_LONG = _LENGTHS[9, 5].split()
PARTIAL = frozenset([*_LETTERED, *(country for country, (whole, kept) in _DIGITS.items() if kept < whole)]) - frozenset(
    _SHORT_OR_LONG
)
"""Countries of whose codes the table knows but the beginning."""
_CEDEX = re.compile(r"CEDEX.*")
_NUMBER = re.compile(r"[A-Z]{0,3}?(\d{1,9})[A-Z]{0,3}")
LOST_ZEROS = 2
"""A spreadsheet takes leading zeros from a code: so many are put back."""


def postcode_key(country: str, text: str) -> str:
    """Fold a postcode to the part of it that the table knows.

    Parameters
    ----------
    country : str
        ISO alpha-2.
    text : str
        As it was written, the letters of the country before it or not.

    Returns
    -------
    str
        Empty where the text is no postcode of that country.

    Examples
    --------
    >>> postcode_key("FR", "F-67081 Cedex"), postcode_key("GB", "EC1A 1BB"), postcode_key("US", "2139")
    ('67081', 'EC1', '02139')
    >>> postcode_key("NL", "5216 TZ"), postcode_key("JP", "〒362-8550"), postcode_key("DE", "none")
    ('5216', '36285', '')
    """
    upper = unicodedata.normalize("NFKC", text[:40]).upper()
    plain = [str(unicodedata.decimal(c, c)) for c in _CEDEX.sub("", upper)]
    code = "".join([c for c in plain if c.isascii() and c.isalnum()])
    if country in _LETTERED:
        match = _LETTERED[country].fullmatch(code)
        return match[1] if match else ""
    if country not in _DIGITS:
        return ""
    match = _NUMBER.fullmatch(code)
    if not match:
        return ""
    whole, kept = _DIGITS[country]
    digits = match[1]
    if len(digits) in (kept, whole):
        return digits[:kept]
    # a spreadsheet took zeros away; of nine digits in the United States nobody writes eight
    length = kept if country in _SHORT_OR_LONG else whole
    return digits.zfill(length)[:kept] if 0 < length - len(digits) <= LOST_ZEROS else ""


@dataclass(frozen=True, slots=True, eq=False)
class Postcodes:
    """A table of postcodes, sorted by country and code."""

    key: NDArray[np.bytes_]
    longitude: NDArray[np.float64]
    """Degrees, EPSG:4326."""
    latitude: NDArray[np.float64]
    spread_km: NDArray[np.uint8]
    """How far the places of a code lie from its middle."""

    def find(self, country: str, text: str) -> int:
        """Find the position of a postcode; -1 where it is not known.

        Examples
        --------
        >>> load_postcodes().find("CH", "999999")
        -1
        """
        folded = postcode_key(country, text)
        if not folded:
            return -1
        wanted = np.bytes_(f"{country}{folded}".encode())
        i = int(np.searchsorted(self.key, wanted))
        return i if i < len(self.key) and self.key[i] == wanted else -1


def load_postcodes(path: str | os.PathLike[str] | None = None) -> Postcodes:
    """Load a table of postcodes.

    Parameters
    ----------
    path : path, optional
        What ``tools/build_postcodes.py`` wrote; if not given, that of
        `GEOCLUSTER_POSTCODES`, else the one that comes along.

    Returns
    -------
    Postcodes

    Raises
    ------
    PackageDataError
        If it is missing, broken, or of another format.

    Examples
    --------
    >>> len(load_postcodes().key) > 100_000
    True
    """
    told = os.environ.get(POSTCODES_VARIABLE)
    return _load(str(path or told or data_folder() / "postcodes" / "postcodes.npz"))


@cache
def _load(path: str) -> Postcodes:
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as held:
            arrays: dict[str, NDArray[Any]] = {name: held[name] for name in held.files}
        found = int(arrays["format"])
        key, spread = arrays["key"], arrays["spread_km"]
        points = [np.cumsum(arrays[name], dtype=np.int64) / STEPS for name in ("longitude_steps", "latitude_steps")]
    except FileNotFoundError:
        raise PackageDataError(f"the table of postcodes {path} is missing. {_remedy(path)}.") from None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as fault:
        raise PackageDataError(f"the table of postcodes {path} cannot be read: {fault}. {_remedy(path)}.") from None
    same = key.ndim == 1 and len(key) == len(spread) == len(points[0]) == len(points[1])
    if found != FORMAT or not same:
        raise PackageDataError(f"the table of postcodes {path} is of format {found}, not {FORMAT}. {_remedy(path)}.")
    return Postcodes(key, points[0], points[1], spread)


def _remedy(path: str) -> str:
    if path == os.environ.get(POSTCODES_VARIABLE):
        return f"Mend or unset {POSTCODES_VARIABLE}"
    return "Build it with tools/build_postcodes.py, or install geocluster-borders again"
