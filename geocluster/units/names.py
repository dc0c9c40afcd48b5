"""What is left of an organisation's name without its legal form?"""

# ruff: noqa: RUF001, letters of many scripts are meant
from __future__ import annotations

import re
from dataclasses import dataclass

from geocluster.country_names import country_code
from geocluster.spelling import LONGEST, NOTHING
from geocluster.units.cells import name_key

_LAST = """
ag gmbh mbh ggmbh ug kg kgaa ohg gbr ev eg se sa sas sasu sarl eurl scop spa srl ltd plc llc llp lp inc corp co company
pty pte pvt bv nv vof vzw bvba sprl asbl ab hb aps as asa oy oyj abp ehf hf sl slu sau ltda lda eireli sp spzoo zoo
sro spol doo dd ad ood eood kft zrt nyrt bt sia uab ou kk sdn bhd tbk zao ooo oao pao ao
ооо оао зао пао ао тоо тов пп нко ано фгбу фгуп гуп муп прат
"""
_FIRST = """
ооо оао зао пао ао тоо тов пп нко ано фгбу фгбоу фгаоу фгуп гуп муп прат ип ooo oao zao pao pt sia uab firma
"""
_ASIAN = ("株式会社", "有限会社", "合同会社", "股份有限公司", "有限责任公司", "有限公司", "주식회사")
_SAME = {"limited": "ltd", "incorporated": "inc", "corporation": "corp", "company": "co", "mbh": "gmbh", "ooo": "ооо",
         "oao": "оао", "zao": "зао", "pao": "пао", "ao": "ао", "aktiengesellschaft": "ag"}  # fmt: skip
_WRITTEN_OUT = {
    "gesellschaft mit beschränkter haftung": "gmbh",
    "gesellschaft mit beschraenkter haftung": "gmbh",
    "eingetragener verein": "ev",
    "public limited company": "plc",
    "societe anonyme": "sa",
    "societe par actions simplifiee": "sas",
    "societe a responsabilite limitee": "sarl",
    "societa per azioni": "spa",
    "sociedad anonima": "sa",
    "sociedad limitada": "sl",
    "naamloze vennootschap": "nv",
    "besloten vennootschap": "bv",
    "spolka akcyjna": "sa",
    "spolka z ograniczona odpowiedzialnoscia": "spzoo",
    "общество с ограниченной ответственностью": "ооо",
    "публичное акционерное общество": "пао",
    "открытое акционерное общество": "оао",
    "закрытое акционерное общество": "зао",
    "акционерное общество": "ао",
}
_BRACKET = re.compile(r"\(([^()]+)\)\s*$")
_LONG = {name_key(words): form for words, form in _WRITTEN_OUT.items()}
_LONG_PATTERN = re.compile(r"\b(?:" + "|".join(_LONG) + r")\b")
_LEGAL_LAST, _LEGAL_FIRST = frozenset([*_LAST.split(), *_SAME]), frozenset(_FIRST.split())
_LITTLE = frozenset(
    [
        *("of", "the", "and", "for", "in", "at", "und", "der", "die", "das", "des", "dem", "fur", "von", "zu"),
        *("et", "de", "du", "la", "le", "les", "d", "l", "y", "e", "el", "los", "di", "del", "della", "dei"),
        *("da", "do", "dos", "og", "och", "en", "van", "voor", "i", "и", "в", "по"),
    ]
)
"""Words that come and go between the spellings of one name."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name, and what is left of it.

    Attributes
    ----------
    whole : str
        Its key.
    words : str
        Its words in the order of the alphabet, without legal form and little words.
    letters : str
        The same in their own order, without spaces.
    form : str
        Its legal form; empty without one.
    """

    whole: str
    words: str
    letters: str
    form: str


def read_name(text: str) -> Name:
    """Part a name from its legal form, and from its country in brackets; a name of nothing else stays whole.

    Parameters
    ----------
    text : str
        Any script.

    Returns
    -------
    Name
        Empty where the text is no name.

    Examples
    --------
    >>> read_name("ATOX Co., Ltd. (Japan)").words
    'atox'
    >>> name = read_name("Endress + Hauser GmbH & Co. KG")
    >>> name.words, name.letters, name.form
    ('endress hauser', 'endresshauser', 'gmbh co kg')
    >>> read_name("Acme S.p.A.").form, read_name("Nestlé S.A.").words
    ('spa', 'nestle')
    >>> read_name("University of Basel").words == read_name("Basel University").words
    True
    """
    whole = name_key(text)
    if whole in NOTHING:
        return Name("", "", "", "")
    bracket = _BRACKET.search(text[:LONGEST])
    if bracket and bracket.start() and country_code(bracket[1], corrected=False):
        whole = name_key(text[: bracket.start()]) or whole
    words = _join_letters(_LONG_PATTERN.sub(lambda match: _LONG[match[0]], whole).split())
    form: list[str] = []
    while len(words) > 1 and words[0] in _LEGAL_FIRST:
        form.append(words.pop(0))
    last: list[str] = []
    while len(words) > 1 and words[-1] in _LEGAL_LAST:
        last.insert(0, words.pop())
    for mark in _ASIAN:
        for i in {0, len(words) - 1}:
            bare = words[i].removeprefix(mark).removesuffix(mark)
            if bare != words[i] and (bare or len(words) > 1):
                words[i], form = bare, [*form, mark]
                words = [word for word in words if word]
                break
    bare_words = [word for word in words if word not in _LITTLE] or words
    told = " ".join(_SAME.get(word, word) for word in [*form, *last])
    return Name(whole, " ".join(sorted(bare_words)), "".join(bare_words), told)


def _join_letters(words: list[str]) -> list[str]:
    """Join letters that stand alone side by side: s a r l is sarl."""
    joined: list[str] = []
    before = False
    for word in words:
        alone = len(word) == 1 and word.isalpha()
        if alone and before:
            joined[-1] += word
        else:
            joined.append(word)
        before = alone
    return joined


def say_why(one: Name, other: Name) -> str:
    """Say in which way two names are the same; 'near name' if only nearly.

    Examples
    --------
    >>> say_why(read_name("Roche AG"), read_name("Roche"))
    'same name, legal form aside'
    >>> say_why(read_name("Basel University"), read_name("University of Basel"))
    'same words'
    """
    if one.whole == other.whole:
        return "same name"
    if one.words != other.words:
        return "same letters" if one.letters == other.letters else "near name"
    if one.form != other.form:
        return f"same name, {'other legal form' if one.form and other.form else 'legal form aside'}"
    return "same words"
