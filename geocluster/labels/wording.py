"""How are words, numbers and names of countries written in a language?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geocluster.errors import OptionError
from geocluster.labels.chart_words import CHART_WORDS
from geocluster.labels.map_words import MAP_WORDS
from geocluster.labels.method_words import METHOD_WORDS
from geocluster.labels.neighbour_words import NEIGHBOUR_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "ru")

WORDS: Mapping[str, tuple[str, str]] = {**MAP_WORDS, **METHOD_WORDS, **NEIGHBOUR_WORDS, **CHART_WORDS}
"""Key → the words in English, in Russian."""


def text(key: str, language: str = "en", **values: object) -> str:
    """Give the words of a key in a language, its values filled in.

    Parameters
    ----------
    key : str
        A key of `WORDS`.
    language : {"en", "ru"}
    **values
        What stands in braces in the words.

    Raises
    ------
    OptionError
        If there is no such language or no such key.

    Examples
    --------
    >>> text("further_national", count=3)
    'and 3 more within one country'
    >>> text("firm", "ru")
    'Фирма'
    """
    check_language(language)
    if key not in WORDS:
        raise OptionError(f"there are no words for {key!r}.")
    words = WORDS[key][LANGUAGES.index(language)]
    return words.format(**values) if values else words


def check_language(language: str) -> None:
    """Refuse a language that the table does not have.

    Examples
    --------
    >>> check_language("la")
    Traceback (most recent call last):
    geocluster.errors.OptionError: language must be 'en' or 'ru', got 'la'.
    """
    if language not in LANGUAGES:
        raise OptionError(f"language must be 'en' or 'ru', got {language!r}.")


def number(value: float, language: str = "en", *, decimals: int = 0) -> str:
    """Write a number with the language's decimal sign and thin spaces between thousands.

    Examples
    --------
    >>> number(0.0125, "ru", decimals=3), number(12345)
    ('0,013', '12\u202f345')
    """
    words = f"{value:,.{decimals}f}".replace(",", "\u202f")
    return words.replace(".", ",") if language == "ru" else words


def p_value(value: float, language: str = "en") -> str:
    """Write a p-value as it is, to the digits that it has: never '<', a dash where there is none.

    Examples
    --------
    >>> p_value(0.002), p_value(0.0002), p_value(0.31), p_value(float("nan"))
    ('0.002', '0.0002', '0.31', '–')
    """
    if value != value:
        return "–"
    if value >= 0.9995:
        return "1"
    if value >= 0.095 or value <= 0:
        return number(value, language, decimals=2)
    # at least three, and as many as show the first digit that is not nought
    return number(value, language, decimals=max(3, math.ceil(-math.log10(value / 0.95) - 1e-9)))


_COUNTRIES_RU: Mapping[str, str] = {
    "AD": "Андорра", "AL": "Албания", "AT": "Австрия", "BA": "Босния и Герцеговина", "BE": "Бельгия",
    "BG": "Болгария", "BY": "Белоруссия", "CA": "Канада", "CH": "Швейцария", "CN": "Китай", "CY": "Кипр",
    "CZ": "Чехия", "DE": "Германия", "DK": "Дания", "EE": "Эстония", "ES": "Испания", "FI": "Финляндия",
    "FR": "Франция", "GB": "Великобритания", "GR": "Греция", "HR": "Хорватия", "HU": "Венгрия",
    "IE": "Ирландия", "IS": "Исландия", "IT": "Италия", "KZ": "Казахстан", "LI": "Лихтенштейн",
    "LT": "Литва", "LU": "Люксембург", "LV": "Латвия", "MC": "Монако", "MD": "Молдавия",
    "ME": "Черногория", "MK": "Северная Македония", "MT": "Мальта", "MX": "Мексика", "NL": "Нидерланды",
    "NO": "Норвегия", "PL": "Польша", "PT": "Португалия", "RO": "Румыния", "RS": "Сербия", "RU": "Россия",
    "SE": "Швеция", "SI": "Словения", "SK": "Словакия", "SM": "Сан-Марино", "TR": "Турция",
    "UA": "Украина", "US": "США", "VA": "Ватикан", "XK": "Косово",
}  # fmt: skip


def country_name(code: str, language: str = "en", *, english: str) -> str:
    """Give the name of a country for a map: the English one where the table has no other.

    Examples
    --------
    >>> country_name("DE", english="Germany"), country_name("DE", "ru", english="Germany")
    ('Germany', 'Германия')
    """
    check_language(language)
    return english if language == "en" else _COUNTRIES_RU.get(code, english)
