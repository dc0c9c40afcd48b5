"""In which encoding is this text?

Bytes that are UTF-8 are UTF-8. Else every usual encoding is tried on the lines
that need one, and the text that looks most like a language wins: its letters are
frequent there (log-likelihood under `letters.LETTERS`), words stay in one script
and begin, not end, with capitals. What looks like no language is refused.
"""

from __future__ import annotations

import codecs
import math
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import IO, TYPE_CHECKING

from geocluster.errors import OptionError, ReadError
from geocluster.readers.letters import LETTERS, SIGNS, TYPOGRAPHY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geocluster.readers.files import Source

_SOME = 1 << 20
_EVIDENCE = 16_384
_ESCAPE = b"\x1b$"
"""Japanese e-mail (ISO 2022) turns to two-byte letters with it; UTF-8 has no use for it."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = ("western", "german", "french", "iberian", "italian", "nordic", "icelandic")
_CENTRAL = ("central", "polish", "czech", "hungarian", "croatian", "romanian")
# encoding: languages written in it, and the log odds of meeting it beside cp1252
CANDIDATES: dict[str, tuple[tuple[str, ...], float]] = {
    "cp1252": (_WESTERN, 0.0),
    "cp1250": (_CENTRAL, -1.0),
    "cp1251": (("russian", "cyrillic"), -0.2),
    "koi8_r": (("russian",), -1.5),
    "koi8_u": (("cyrillic",), -2.0),
    "cp866": (("russian",), -2.0),
    "iso8859_5": (("russian", "cyrillic"), -3.0),
    "mac_cyrillic": (("russian", "cyrillic"), -5.0),
    "cp1253": (("greek",), -1.5),
    "cp1254": (("turkish",), -1.0),
    "cp1255": (("hebrew",), -1.0),
    "cp1256": (("arabic",), -1.0),
    "cp1257": (("baltic", "lithuanian", "latvian"), -1.5),
    "cp874": (("thai",), -1.0),
    "iso8859_2": (_CENTRAL, -1.5),
    "iso8859_15": (_WESTERN, -2.0),
    "iso8859_16": (("romanian",), -2.5),
    "cp850": (_WESTERN, -4.0),
    "cp852": (_CENTRAL, -3.5),
    "mac_roman": (_WESTERN, -4.0),
    "gb18030": (("chinese",), -0.5),
    "big5hkscs": (("traditional",), -1.0),
    "cp932": (("japanese",), -0.5),
    "euc_jp": (("japanese",), -1.5),
    "cp949": (("korean",), -0.5),
}
_USUAL_NAMES = {"cp932": "shift_jis (cp932)", "cp949": "euc-kr (cp949)", "big5hkscs": "big5", "koi8_r": "koi8-r"}
_TYPOGRAPHIC, _SIGN = math.log(0.003), math.log(0.0003)
_SAME_SCRIPT, _ODD, _NO_TEXT = math.log(1e-5), math.log(1e-7), math.log(1e-10)
_CAPITAL, _SMALL_FIRST, _CASE_TURNED, _SCRIPTS_MIXED = -0.7, -2.5, -3.0, -4.0
_LEAST = -7.0
"""A text whose letters are rarer than this on average (nats) is no text."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """What a text is written in; `line_end` parts its lines."""

    codec: str
    line_end: str = "\n"

    @property
    def name(self) -> str:
        """As people write it."""
        return _USUAL_NAMES.get(self.codec, self.codec.removesuffix("-sig").replace("_", "-"))


def find_encoding(source: Source, encoding: str | None = None) -> Encoding:
    """Find the encoding of a text by reading all of it, a part at a time.

    Parameters
    ----------
    source : Source
    encoding : str, optional
        Used as given, if the text is in it.

    Raises
    ------
    OptionError
        If there is no such encoding.
    ReadError
        If the text is in none, or holds NUL.
    """
    if encoding is not None:
        return _given(source, encoding)
    with source.open() as stream:
        head = stream.read(_SOME)
    codec = next((name for mark, name in _MARKS if head.startswith(mark)), None) or _wide(head)
    codec = codec or ("iso2022_jp" if _ESCAPE in head and head.isascii() else "utf-8")
    newline, place = _scan(source, codec)
    if place is not None:
        if codec != "utf-8":
            raise _undecodable(source, codec, place)
        codec, newline = _guess(source, place)
    return Encoding(codec, "\n" if newline else "\r")


def _given(source: Source, encoding: str) -> Encoding:
    try:
        codec = codecs.lookup(encoding)
        "".encode(encoding)  # base64 and its like are no encodings of text
        name = "utf-8-sig" if codec.name == "utf-8" else codec.name
        newline, place = _scan(source, name)
    except ReadError:
        raise
    except (LookupError, TypeError, UnicodeError, ValueError) as error:
        raise OptionError(f"there is no encoding {encoding!r}. 'utf-8', 'cp1252' and 'utf-16' are usual.") from error
    if place is not None:
        raise _undecodable(source, name, place)
    return Encoding(name, "\n" if newline else "\r")


def _parts(source: Source) -> Iterator[bytes]:
    with source.open() as stream:
        while part := stream.read(_SOME):
            yield part


def _scan(source: Source, codec: str) -> tuple[bool, int | None]:
    """Decode all of it: whether a line feed is in it, and where the first byte is that cannot be."""
    decoder, newline, place = codecs.getincrementaldecoder(codec)(), False, 0
    for part, last in _ends(_parts(source)):
        waiting = len(decoder.getstate()[0]) if codec.startswith("utf-8") else 0
        try:
            text = decoder.decode(part, final=last)
        except UnicodeDecodeError as error:
            return newline, max(place - waiting + error.start, 0)
        if "\x00" in text:
            line = text.count("\n", 0, text.index("\x00")) + 1
            where = f"line {line}" if place <= _SOME else "a line far down"
            raise ReadError(
                f"{source.name} is not a table, or not {codec.upper()}: {where} holds NUL. Save it as CSV in UTF-8, or "
                "give encoding='utf-16-le' (--encoding utf-16-le) if it is that."
            )
        newline = newline or "\n" in text
        place += len(part)
    return newline, None


def _ends(parts: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    for part in parts:
        yield part, False
    yield b"", True


def _undecodable(source: Source, codec: str, place: int) -> ReadError:
    """Name the line and the byte that cannot be."""
    seen, line, byte = 0, 1, 0
    for part in _parts(source):
        upto = max(min(place - seen, len(part)), 0)
        line += part.count(b"\n", 0, upto)
        if upto < len(part):
            byte = part[upto]
            break
        seen += len(part)
    return ReadError(
        f"{source.name} is not {codec.removesuffix('-sig').upper()}: line {line} has the byte 0x{byte:02x}. Save it as "
        "UTF-8, or give encoding='cp1252' (--encoding cp1252) or what it is."
    )


def _wide(head: bytes) -> str | None:
    """Find UTF-16 without its mark: zero bytes beside the separators, on one side only."""
    if b"\x00" not in head:
        return None
    head = head[: len(head) // 2 * 2]
    zeros = (head[0::2].count(0), head[1::2].count(0))
    for codec, mine, other in (("utf-16-le", zeros[1], zeros[0]), ("utf-16-be", zeros[0], zeros[1])):
        if mine > 8 * other and mine > 2:
            text = head.decode(codec, "replace")
            if sum(unicodedata.category(c) in ("Cn", "Co", "Cs") or c == "\ufffd" for c in text) * 50 <= len(text):
                return codec
    return None


def _guess(source: Source, place: int) -> tuple[str, bool]:
    """Choose the encoding in which the lines look most like a language."""
    evidence: list[bytes] = []
    room, whole = _EVIDENCE, 0
    with source.open() as stream:
        for line in _lines(stream):
            if not line.isascii():
                evidence.append(line)
                room -= len(line)
                whole += _is_utf8(line)
            if room <= 0:
                break
    if 2 * whole > len(evidence):  # UTF-8 with a flaw, not another encoding
        raise _undecodable(source, "utf-8", place)
    sample = b"".join(evidence)
    rated = sorted(((rate(sample, codec), codec) for codec in CANDIDATES), reverse=True)
    for likelihood, codec in rated:
        if likelihood == -math.inf:
            break
        letters = sum(not c.isascii() for c in sample.decode(codec, "ignore"))
        if likelihood / max(letters, 1) >= _LEAST:
            newline, unread = _scan(source, codec)
            if unread is None:
                return codec, newline
    raise _undecodable(source, "utf-8", place)


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(_EVIDENCE):
        yield line


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def rate(sample: bytes, codec: str) -> float:
    """Give the log-likelihood of bytes as text of one encoding, -inf if they cannot be.

    Examples
    --------
    >>> word = "Łódź".encode("cp1250")
    >>> rate(word, "cp1250") > rate(word, "cp1252")
    True
    """
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        return -math.inf
    languages, odds = CANDIDATES[codec]
    best = -math.inf
    for language in languages:
        chances, scripts = _chances(language)
        best = max(best, sum(_letter(c, chances, scripts) for c in text if not c.isascii()))
    return odds + best + _shape(text)


@cache
def _chances(language: str) -> tuple[dict[str, float], frozenset[str]]:
    """Give the log chances of the letters of a language, by rank (Zipf), and its scripts."""
    letters = LETTERS[language]
    weights = [1 / (rank + 5) for rank in range(len(letters))]
    chances = {c: math.log(w / sum(weights)) for c, w in zip(letters, weights, strict=True)}
    return chances, frozenset(map(_script, letters))


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split()[0]


def _letter(letter: str, chances: dict[str, float], scripts: frozenset[str]) -> float:
    known = chances.get(letter, _SAME_SCRIPT)
    if letter.isupper():
        known = max(known, chances.get(letter.lower(), _SAME_SCRIPT))
    if known > _SAME_SCRIPT:
        return known
    if letter in TYPOGRAPHY:
        return _TYPOGRAPHIC
    if letter in SIGNS:
        return _SIGN
    if unicodedata.category(letter) in ("Cc", "Cn", "Co", "Cs"):
        return _NO_TEXT
    if (letter.isalpha() or unicodedata.category(letter) == "Mn") and _script(letter) in scripts:
        return _SAME_SCRIPT
    return _ODD


def _shape(text: str) -> float:
    """Weigh capitals where they begin a word, after small letters, and small letters where a cell begins."""
    worse = 0.0
    before = "\n"
    for c in text:
        if not (c.isascii() and before.isascii()) and c.isalpha():
            if before.isalpha():
                if c.isupper() and before.islower():
                    worse += _CASE_TURNED
                if c.isascii() != before.isascii() and _script(c) != _script(before):
                    worse += _SCRIPTS_MIXED
            elif c.isupper():
                worse += _CAPITAL
            elif c.islower() and before in "\n,;\t|":
                worse += _SMALL_FIRST
        before = c
    return worse
