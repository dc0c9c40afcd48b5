"""How is the way to a result told under its map?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocluster.labels import number, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geocluster.spanning import SpanningResult


def method_words(told: Mapping[str, Any], language: str) -> str:
    """Say how clusters were found.

    Parameters
    ----------
    told : mapping
        Parameters of an analysis: method, radius_km, minimum, method_options.
    language : {"en", "ru"}

    Examples
    --------
    >>> method_words({"method": "hdbscan", "radius_km": None, "minimum": 5, "method_options": {}}, "en")
    'HDBSCAN, at least 5'
    """
    own = told["method_options"]
    radius = told["radius_km"]
    words = text(
        f"method_{told['method'].replace('-', '_')}",
        language,
        radius="" if radius is None else kilometres(radius, language),
        minimum=told["minimum"],
        column=own.get("labels", ""),
    )
    if "minimum_weight" in own:
        least = number(float(own["minimum_weight"]), language, decimals=0)
        words += text("method_weight", language, least=least, column=own["weight"])
    return words


def found_words(told: Mapping[str, Any]) -> str:
    """Say the same in a summary, where density is understood.

    Examples
    --------
    >>> found_words({"method": "dbscan", "radius_km": 10.0, "minimum": 5, "method_options": {}})
    'within 10 km, at least 5'
    """
    return method_words(told, "en").removeprefix("DBSCAN ")


def null_words(spanning: SpanningResult, language: str) -> str:
    """Say what the spanning test redrew."""
    asked = spanning.asked
    key = "null_controls" if "controls" in asked else "null_flat" if "flat" in asked else "null_population"
    words = text(key, language, draws=number(spanning.permutations, language, decimals=0))
    return words + text("null_beside", language) if spanning.readings["p_lgcp"].notna().any() else words


def kilometres(value: float, language: str) -> str:
    """Write kilometres as short as they are.

    Examples
    --------
    >>> kilometres(10.0, "en"), kilometres(7.5, "ru")
    ('10', '7,5')
    """
    return number(value, language, decimals=0 if float(value).is_integer() else 1)
