"""Which country do these words name?"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from geocluster.datasets import Gazetteer, load_gazetteer
from geocluster.spelling import hash_key, spelling_key

if TYPE_CHECKING:
    from pandas import DataFrame, Series

INSIDE_OTHERS = {"HK": "CN", "MO": "CN", "TW": "CN", "PR": "US"}
"""Countries by ISO 3166 that are often stated together with another; they win."""
SHORTEST_CORRECTED, TWO_EDITS_FROM = 5, 8
"""Letters of the shortest name that is corrected, by one edit and by two."""
ALIKE = 0.65
"""Share of letters that a country's name must have in common with words, to be worth a suggestion."""
PLATES = {
    "A": "AT",
    "B": "BE",
    "D": "DE",
    "E": "ES",
    "F": "FR",
    "H": "HU",
    "I": "IT",
    "L": "LU",
    "N": "NO",
    "P": "PT",
    "S": "SE",
}
"""Letters of number plates that are stated for countries."""
_SEPARATORS = re.compile(r"[,;|/()\[\]]")


def country_code(text: str, *, corrected: bool = True) -> str | None:
    """Find the country that a text names, in any language.

    Parameters
    ----------
    text : str
        A name, an official name, or an ISO 3166 code of two or three letters; names
        of the same country in two languages (Schweiz/Suisse).
    corrected : bool, default True
        Whether a misspelt name is understood: within one edit, two from eight
        letters on, of the same first letter, and of one country alone; and the one
        letter of a number plate (D, F).

    Returns
    -------
    str or None
        ISO 3166 alpha-2; None where the words name no country, or more than one
        (Kongo).

    Examples
    --------
    >>> country_code("Deutschland"), country_code("中国"), country_code("UK"), country_code("che")
    ('DE', 'CN', 'GB', 'CH')
    >>> country_code("Taiwan, Province of China"), country_code("Hong Kong, China"), country_code("Puerto Rico, USA")
    ('TW', 'HK', 'PR')
    >>> country_code("Deutchland"), country_code("Munich, Germany")
    ('DE', 'DE')
    >>> country_code("Atlantis") is None
    True
    """
    return _country_code(load_gazetteer(), text, corrected=corrected)


def country_name(code: str) -> str:
    """Give the English name of a country; an unknown code stays as it is.

    Examples
    --------
    >>> country_name("CH"), country_name("??")
    ('Switzerland', '??')
    """
    gazetteer = load_gazetteer()
    try:
        return gazetteer.table("country_names")[gazetteer.table("countries").index(code)]
    except ValueError:
        return code


def suggest_country(text: str) -> str | None:
    """Find the country whose name is most like words that name none; None where no name is like them.

    Examples
    --------
    >>> suggest_country("Swizerlandia"), suggest_country("Xyzzy")
    ('CH', None)
    """
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extractOne

    key = spelling_key(text)
    if len(key) < SHORTEST_CORRECTED or key.isdigit():
        return None
    names, codes = _names(load_gazetteer())
    best = extractOne(key, names.get(key[0], []), scorer=OSA.normalized_similarity, score_cutoff=ALIKE)
    return codes[best[0]] if best else None


def stated_countries(table: DataFrame) -> Series[Any]:
    """Give what a table states of countries, also where `assign_countries` has put it aside.

    Parameters
    ----------
    table : DataFrame
        With country; with country_stated and country_source too if it was assigned.

    Returns
    -------
    Series
        country_stated where there is one, but for rows whose country was written
        over since; else country.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"country": ["CH", None, "DE"], "country_stated": ["Suisse", "Atlantis", "Suisse"]})
    >>> stated_countries(table.assign(country_source=["stated", None, "stated"])).tolist()
    ['Suisse', 'Atlantis', 'DE']
    """
    told = table["country"]
    if not {"country_stated", "country_source"} <= set(table.columns):
        return told
    stated, source = table["country_stated"], table["country_source"].astype("object")
    words = {text for text in stated.dropna() if isinstance(text, str)}
    codes = {text: country_code(text) for text in words}
    meant = stated.astype("object").map(lambda text: codes.get(text) if isinstance(text, str) else None)
    written_over = told.notna() & (told.astype("object") != "") & (told.astype("object") != meant.fillna(""))
    return stated.where(~written_over | source.isin(["place", "polygon"]), told)


def _country_code(gazetteer: Gazetteer, text: str, *, corrected: bool) -> str | None:
    key = spelling_key(text)
    if not key:
        return None
    found = _look_up(gazetteer, key)
    if found is not None:
        return found
    if corrected and (plate := PLATES.get(text.strip(" ."))):
        return plate
    if _SEPARATORS.search(text):
        return _find_part(gazetteer, [spelling_key(part) for part in _SEPARATORS.split(text[:400])])
    return _correct(gazetteer, key) if corrected else None


def _find_part(gazetteer: Gazetteer, keys: list[str]) -> str | None:
    """Find the country of several parts: Hong Kong, China; or the last of parts that are otherwise none."""
    keys = [key for key in keys if key]
    named = {code for key in keys if (code := _look_up(gazetteer, key))}
    for winner, loser in INSIDE_OTHERS.items():
        if winner in named and named <= {winner, loser}:
            return winner
    return named.pop() if len(named) == 1 and _look_up(gazetteer, keys[-1]) else None


def _correct(gazetteer: Gazetteer, key: str) -> str | None:
    """Find the one country whose names are an edit from the key, or two if that is long."""
    if len(key) < SHORTEST_CORRECTED or key.isdigit() or key in gazetteer.header.get("country_names_contested", ()):
        return None
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    names, codes = _names(gazetteer)
    for edits in (1, 2) if len(key) >= TWO_EDITS_FROM else (1,):
        held = names.get(key[0], [])
        near = extract(key, held, scorer=OSA.distance, score_cutoff=edits, limit=None)
        found = {codes[name] for name, _, _ in near}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


@cache
def _names(gazetteer: Gazetteer) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Names of four letters and more by their first, and the codes that they stand for."""
    countries = gazetteer.table("countries")
    text = gazetteer.array("country_text").tobytes().decode()
    codes: dict[str, str] = {}
    by_first: dict[str, list[str]] = {}
    for line, value in zip(text.splitlines(), gazetteer.array("country_values").tolist(), strict=True):
        if len(line) >= SHORTEST_CORRECTED:
            codes[line] = countries[value]
            by_first.setdefault(line[0], []).append(line)
    return by_first, codes


@cache
def _table(gazetteer: Gazetteer) -> dict[int, int]:
    keys, values = gazetteer.array("country_keys"), gazetteer.array("country_values")
    return dict(zip(keys.tolist(), values.tolist(), strict=True))


def _look_up(gazetteer: Gazetteer, key: str) -> str | None:
    if not key:
        return None
    found = _table(gazetteer).get(hash_key(key))
    return None if found is None else gazetteer.table("countries")[found]
