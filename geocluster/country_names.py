"""Which country do these words name?"""

from __future__ import annotations

import re

import numpy as np

from geocluster.datasets import Gazetteer, load_gazetteer
from geocluster.spelling import hash_key, spelling_key

INSIDE_OTHERS = {"HK": "CN", "MO": "CN", "TW": "CN", "PR": "US"}
"""Countries by ISO 3166 that are often stated together with another; they win."""
_SEPARATORS = re.compile(r"[,;|()\[\]]")


def country_code(text: str) -> str | None:
    """Find the country that a text names, in any language.

    Parameters
    ----------
    text : str
        A name, an official name, or an ISO 3166 code of two or three letters.

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
    >>> country_code("Atlantis") is None
    True
    """
    return _country_code(load_gazetteer(), text)


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


def _country_code(gazetteer: Gazetteer, text: str) -> str | None:
    key = spelling_key(text)
    if not key:
        return None
    found = _look_up(gazetteer, key)
    if found is not None or not _SEPARATORS.search(text):
        return found
    # "Hong Kong, China"; other words beside a country are not read here
    parts = {code for part in _SEPARATORS.split(text[:400]) if (code := _look_up(gazetteer, spelling_key(part)))}
    for winner, loser in INSIDE_OTHERS.items():
        if winner in parts and parts <= {winner, loser}:
            return winner
    return None


def _look_up(gazetteer: Gazetteer, key: str) -> str | None:
    if not key:
        return None
    keys = gazetteer.array("country_keys")
    wanted = hash_key(key)
    i = int(np.searchsorted(keys, np.uint64(wanted)))
    if i < len(keys) and int(keys[i]) == wanted:
        return gazetteer.table("countries")[int(gazetteer.array("country_values")[i])]
    return None
