"""What else may a city's words mean, when no place bears them as they stand?"""

# ruff: noqa: RUF001, words of many scripts are what this module is about
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geocluster.geocoders.unspaced import POSTCODE_CA, POSTCODE_GB, POSTCODE_NL, split_unspaced
from geocluster.spelling import LONGEST, is_nothing, spelling_key

if TYPE_CHECKING:
    from geocluster.geocoders.place import Query

_BRACKETS = re.compile(r"[(\[{（]([^()\[\]{}（）]*)[)\]}）]")
_BESIDE = re.compile(r"\s*\(([A-Z]{2,3})\)$")
"""A state, canton or province in brackets: Laufenburg (AG) is not in Germany."""
_CODED = re.compile(r"^(.{3,}?)\s+([A-Z]{2,3})$")
_ZIPPED = re.compile(r"^([A-Z]{2,3})\s+\d{4,5}(?:-\d{4})?$")
_TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,100}>")
_POSTCODE = re.compile(
    r"^(?:[A-Za-z]{1,2}[- ]?)?\d(?:\d\d \d\d|[\d-]{2,8})\b[\s,]*|[\s,]*\b(?:[A-Za-z]{1,2}-)?\d{3}[\d-]{0,6}$"
)
_DIGIT = re.compile(r"\d")
_BREAK = re.compile(r"[\s-]")
_CEDEX = re.compile(r"\s*\bcedex\b.*$", re.IGNORECASE)
_NUMBER = re.compile(
    r"[\s,]+\d{1,2}(?:er|e|ème|eme|th|st|nd|rd|\.)?(?:\s+(?:arrondissement|bezirk|district|okres|kerület))?\s*$", re.I
)
_PREFIX = re.compile(
    r"^(?:the\s+)?(?:greater|(?:city|town|village|municipality|municipio|commune|comune|ville|ciudad|cidade|district"
    r"|metropolitan city|freie und hansestadt|hansestadt|landeshauptstadt|kreisstadt|universitätsstadt|stadt|gemeente"
    r"|gemeinde|kommune|kota administrasi|kota|kabupaten|kecamatan|kelurahan|город|ville)"
    r"(?:\s+(?:of|de|di|do|da|del|d['’]))?)\s+|^(?:г|гор|м|с|п|пос|пгт|дер)\.\s*",
    re.IGNORECASE,
)
_SUFFIX = re.compile(
    r"[\s-]+(?:shi|si|ku|gu|qu|shì|qū|cho|chō|machi|mura|gun|kun|xian|town|township|city|kommune|kommun|municipality"
    r"|metropolitan area|metro area|area|district|county|il|ilçesi|i̇lçesi|megye|stadt)\s*$",
    re.IGNORECASE,
)
_WARD = re.compile(r"[\s-]+(?:ku|gu|qu|qū)\s*$|[区區구]$", re.IGNORECASE)
_CJK_SUFFIX = re.compile(r"(?:特别市|特別市|특별시|광역시|特別自治市|市|区|區|县|縣|町|村|시|구|군)$")
_SPLIT = re.compile(r"[,/;|\n，、；／]| [-–—] ")
_HYPHEN = re.compile(r"(?<=\w)[-–](?=\w)")
_QUALIFIER = re.compile(
    r"\s+(?:am|an der|a\.? ?d\.?|im|in der|in|ob der|bei|b\.|vor der|auf|sur|en|l[eè]s|sous|upon|on|under|by|near|de la"
    r"|del|de|di|do|sul|nad|na|pod|aan den|aan de|op|a\.? ?m\.|i\.|a\.|an)[\s.].*$",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(r"(?<=\w)\s+\w{1,3}\.(?:\s*\w{1,6}\.?)*$")
_SHORTENED = re.compile(r"(?<=\w)\s*[/(]\s*(?:[^\W\d]|[^\W\d]{1,8}\.)\s*\)?$")
"""A word beside the name that is cut short: Frankfurt/O. is not Frankfurt with a district."""
_COMPASS = re.compile(
    r"^(?:north|south|east|west|central|greater|nord|sud|süd|ost)\s+"
    r"|\s+(?:north|south|east|west|central|nord|sud|süd|ost|selatan|utara|barat|timur|pusat)$",
    re.IGNORECASE,
)
_ARTICLES = frozenset({"la", "el", "los", "las", "le", "les", "the", "die", "der", "de", "o", "a", "os", "as"})
_CODES = "AT BE CH CZ DE DK EE FI HU IS LI LU NL NO PL SE TR"
UMLAUT_COUNTRIES = frozenset(_CODES.split())
"""Countries that have them in names; elsewhere ue is two sounds."""
_UMLAUTS = re.compile(r"(?<=[^aeq])([aou])e(?=[^i\W])")


MOST_WORDS_CUT = 2
"""Of more words none is cut at a hyphen: Wrangell-Saint Elias National Park is not in Wrangell."""
UMLAUTS, PIECES, QUALIFIED, DIRECTED, CODED = 1, 3, 4, 5, 6
"""Groups: ü for ue, cut at a hyphen, without a qualifier, a point of the compass, a state's code."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Other words for a city; a group is taken together, the next only if it finds nothing."""

    group: int
    city: str
    region: str = ""
    country: str = ""
    factor: float = 1.0
    ward: bool = False
    """Names that many wards bear: nothing without their region."""
    hint: tuple[str, ...] = ()
    """How the words left out begin: of Frankfurt a. M. that is a, m."""


def make_variants(query: Query) -> list[Variant]:
    """List what else the city of a query may be called, the likeliest first.

    Words of a country or region beside the city are split off; who asks has to
    find out which of them are ones.

    Examples
    --------
    >>> from geocluster.geocoders.place import Query
    >>> [v.city for v in make_variants(Query(city="75005 Paris Cedex 05"))]
    ['paris']
    >>> [v.city for v in make_variants(Query(city="Muenchen (Pasing)"))]
    ['muenchen', 'munchen', 'pasing']
    >>> make_variants(Query(city="Portland, OR"))[0].city
    'portland'
    """
    text = ("" if is_nothing(query.city) else query.city)[:LONGEST]
    whole = spelling_key(text)
    text = _BESIDE.sub(r", \1", _TAGS.sub(" ", text).strip())
    found: dict[str, Variant] = {}

    def add(words: str, group: int, factor: float = 1.0, *, region: str = "", country: str = "") -> None:
        ward = bool(_WARD.search(words))
        hint = tuple(spelling_key(text[len(words) :]).split()) if group == QUALIFIED else ()
        for name in _peel(words):
            key = spelling_key(name)
            if (
                key
                and (key != whole or region or country)
                and not key.isdigit()
                and key not in found
                and not _is_scrap(key)
            ):
                found[key] = Variant(group, key, region, country, factor, ward, hint)

    if not text:
        return _from_country(query)
    if _SHORTENED.search(text):
        add(_SHORTENED.sub("", text), QUALIFIED, 0.5)
        return list(found.values())
    outside = _BRACKETS.sub(" ", text).strip()
    add(outside, 0)
    parts = [bare for part in _SPLIT.split(outside) if (bare := _take_postcode(part.strip()).strip())]
    if len(parts) == 2 and parts[1].lower() in _ARTICLES and not (len(parts[1]) == 2 and parts[1].isupper()):
        outside = f"{parts[1]} {parts[0]}"
        parts = [outside]
        add(outside, 0)
    if len(parts) > 1:
        found.clear()
        for i, part in enumerate(parts[:4]):
            rest = parts[i + 1 :]
            beside = {"region": rest[-2] if len(rest) > 1 else "", "country": rest[-1]} if rest else {}
            add(part, 0, 1.0 if i == 0 else 0.3, **beside)
    for key in list(found) or [whole]:
        folded = _UMLAUTS.sub(r"\1", key)
        if folded != key:
            add(folded, UMLAUTS)
    if (inside := _BRACKETS.search(text)) and (inner := inside.group(1).strip()):
        add(inner, 2, 0.5)
    base = _peel(parts[0] if parts else outside)[0]
    region, pieces = ("", []) if base.isascii() else split_unspaced(base)
    for i, part in enumerate(pieces):
        add(part, 2, 1.0 if i == 0 else 0.3, region=region)
    if _HYPHEN.search(base) and len(base.split()) <= MOST_WORDS_CUT:
        pieces = _HYPHEN.split(base)
        add("-".join(pieces[:-1]) if len(pieces) > 2 else pieces[0], PIECES)
        if len(pieces[-1]) > 3:
            add(pieces[-1], PIECES, 0.2)
    add(_QUALIFIER.sub("", _ABBREVIATED.sub("", text)), QUALIFIED, 0.5)
    add(_COMPASS.sub("", base), DIRECTED, 0.5)
    if coded := _CODED.match(base):
        add(coded[1], CODED, 0.5, country=coded[2])
    return list(found.values())


def _take_postcode(words: str) -> str:
    """Take off a postcode."""
    if not _DIGIT.search(words):
        return words
    if zipped := _ZIPPED.match(words):
        return zipped[1]
    for form in (POSTCODE_GB, POSTCODE_CA, POSTCODE_NL):
        words = form.sub("", words)
    return _POSTCODE.sub("", words.strip())


def _is_scrap(key: str) -> bool:
    """Tell one or two plain letters: whole, some villages are called so, but not what is left of a name."""
    return key.isascii() and len(key) < 3


def _peel(words: str) -> list[str]:
    """Take off what is no name: a postcode, Cedex, the number of a quarter, the word for city."""
    peeled = words.strip()
    if _DIGIT.search(peeled):
        peeled = _NUMBER.sub("", _CEDEX.sub("", _take_postcode(peeled))).strip()
    elif "cedex" in peeled.lower():
        peeled = _CEDEX.sub("", peeled)
    bare = peeled
    if _BREAK.search(bare) or not bare.isascii():  # one plain word has no other beside it
        bare = _CJK_SUFFIX.sub("", _SUFFIX.sub("", _PREFIX.sub("", bare)))
    return [peeled] if bare == peeled else [peeled, bare]


def _from_country(query: Query) -> list[Variant]:
    """Find a city among the words of the country: Munich, Germany."""
    parts = [part.strip() for part in _SPLIT.split(query.country[:LONGEST]) if part.strip()]
    if len(parts) < 2:
        return []
    inner = make_variants(replace(query, city=", ".join(parts), country=""))
    return [variant for variant in inner if variant.group == 0]
