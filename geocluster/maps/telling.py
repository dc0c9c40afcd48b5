"""What else is said of a cluster in words: how sure its dependence is, how far it reaches, what one must doubt?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from geocluster.labels import WORDS, number, p_value, text

if TYPE_CHECKING:
    from collections.abc import Mapping

DEPENDENCE = ("bridged", "spill-over", "border-made")
NOT_ROBUST = "not robust"
"""How the test's own words begin where a clustered background disagrees."""
_STATES = {
    key: re.compile(r"\b([A-Z]{2})(?: is|,) " + WORDS[key][0].replace("{of}", "([A-Z]{2}(?:, [A-Z]{2})*)"))
    for key in ("enclave", "microstate")
}
"""How the test says it: "MC is a microstate beside FR", "VA, an enclave in IT: …"."""


def say_interval(cluster: Mapping[str, Any], language: str) -> str:
    """Say the border dependence with its interval, where both are known.

    Examples
    --------
    >>> say_interval({"dependence": "bridged", "delta": 0.2, "delta_low": 0.1, "delta_high": 0.42}, "en")
    'δ 0.20 (0.10–0.42)'
    """
    ends = [cluster.get(end) for end in ("delta", "delta_low", "delta_high")]
    if cluster.get("dependence") not in DEPENDENCE or any(end is None or end != end for end in ends):
        return ""
    delta, low, high = (number(float(end), language, decimals=2) for end in ends if end is not None)
    return text("dependence_interval", language, delta=delta, low=low, high=high)


def say_notes(cluster: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """Say the rest, a line each: a chain, ties, three countries, small states, doubt.

    Parameters
    ----------
    cluster : mapping
        A row of the table of clusters; of chain, reach, at_least, robust, reason what is there.
    language : {"en", "ru"}

    Examples
    --------
    >>> say_notes({"chain": True, "at_least": 3, "reason": "VA is an enclave in IT"}, "en")
    ('a chain: more than one place', 'three countries shown together', 'VA: an enclave in IT')
    """
    reason = str(cluster.get("reason") or "")
    notes = []
    if bool(cluster.get("chain")):
        notes.append(text("chain_note", language))
    if cluster.get("reach") == "transnational":
        notes.append(text("transnational", language))
    shown = cluster.get("at_least")
    if shown is not None and shown > 2:
        notes.append(text("shown_together", language, countries=say_countries(int(shown), language)))
    for key, form in _STATES.items():
        notes += [f"{code}: {text(key, language, of=others)}" for code, others in form.findall(reason)]
    if NOT_ROBUST in reason or NOT_ROBUST in str(cluster.get("robust")):
        notes.append(text("not_robust", language))
    return tuple(dict.fromkeys(notes))


def say_countries(count: int, language: str) -> str:
    """Say a number of countries.

    Examples
    --------
    >>> say_countries(3, "en"), say_countries(7, "en")
    ('three countries', '7 countries')
    """
    return text(f"countries_{count}", language) if count in (2, 3, 4) else text("countries_n", language, count=count)


def say_values(values: Mapping[str, float], language: str) -> str:
    """Say p by reading: 0.002 per head, 0.01 beyond city size."""
    return ", ".join(f"{p_value(p, language)} {say_reading(reading, language)}" for reading, p in values.items())


def say_reading(reading: str, language: str) -> str:
    """Name a reading in the middle of a sentence."""
    return text(f"p_{reading.replace(' ', '_')}", language)


def say_km(value: float, language: str) -> str:
    """Write a length: whole kilometres, or one decimal."""
    return number(value, language, decimals=0 if float(value).is_integer() else 1)
