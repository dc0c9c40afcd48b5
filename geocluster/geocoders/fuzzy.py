"""Which names does a country have that are a letter or two from this one?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.datasets import Gazetteer

LETTERS = 4
"""A shorter name is never taken for a misspelling: too many are a letter from it."""
SHORT = 5
TWO_EDITS_FROM = 8
EDIT_FACTOR, FIRST_LETTER_FACTOR, SHORT_FACTOR = 0.03, 0.1, 0.3
"""For each edit beyond the first, for another first letter, for names up to five letters."""
ALIKE = 0.7
"""Share of letters that a name must have in common with a key, to be worth a suggestion."""
_REMEMBERED = 20_000
_ONES = np.array([bin(i).count("1") for i in range(1 << 16)], dtype=np.uint8)


class Spellings:
    """The names of all countries as text, each country read when it is first asked for.

    Examples
    --------
    >>> from geocluster.datasets import load_gazetteer
    >>> gazetteer = load_gazetteer()
    >>> Spellings(gazetteer).find("eindhofen", gazetteer.table("countries").index("NL"))
    [('eindhoven', 1)]
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._shelves: dict[int, _Shelf] = {}
        self._found: dict[tuple[str, int], list[tuple[str, int]]] = {}

    def find(self, key: str, country: int) -> list[tuple[str, int]]:
        """Find the names nearest to a key in a country, by edits; neighbours swapped count as one.

        Only the nearest are given: none two edits away if one is one edit away.
        """
        if len(key.replace(" ", "")) < LETTERS or key.replace(" ", "").isdigit():
            return []
        found = self._found.get((key, country))
        if found is None:
            if len(self._found) > _REMEMBERED:
                self._found.clear()
            found = self._found[key, country] = self._shelf(country).find(key)
        return found

    def suggest(self, key: str, country: int) -> str:
        """Find the name most like a key that is too far from it to be an answer; empty where none is like it."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extractOne

        plain = key.replace(" ", "")
        if len(plain) < LETTERS or plain.isdigit():
            return ""
        names = self._shelf(country).text.split("\n")
        best = extractOne(key, names, scorer=OSA.normalized_similarity, score_cutoff=ALIKE)
        return str(best[0]) if best else ""

    def _shelf(self, country: int) -> _Shelf:
        if country not in self._shelves:
            start, stop = self._gazetteer.array("spelling_offsets")[country : country + 2].tolist()
            self._shelves[country] = _Shelf(self._gazetteer.array("spelling_text")[start:stop].tobytes().decode())
        return self._shelves[country]


class _Shelf:
    """The names of one country, a line each; the shortest first, with a bit for each letter that a name has."""

    def __init__(self, text: str) -> None:
        letters = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        stops = np.flatnonzero(letters == ord("\n"))
        starts = np.concatenate([[0], stops[:-1] + 1]) if len(stops) else stops
        lengths = stops - starts
        # a name's end adds the same bit to all
        bits = np.left_shift(np.uint32(1), letters & np.uint32(31))
        masks = np.bitwise_or.reduceat(bits, starts) if len(starts) else np.zeros(0, dtype=np.uint32)
        order = np.argsort(lengths, kind="stable")
        self.text, self.starts, self.stops, self.masks = text, starts[order], stops[order], masks[order]
        self.firsts = np.searchsorted(lengths[order], np.arange(int(lengths.max(initial=0)) + 2))

    def find(self, key: str) -> list[tuple[str, int]]:
        """Find the nearest names within one edit, or else within two if the key is long."""
        for edits in (1, 2) if len(key) >= TWO_EDITS_FROM else (1,):
            if found := self._within(key, edits):
                return found
        return []

    def _within(self, key: str, edits: int) -> list[tuple[str, int]]:
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        last = len(self.firsts) - 1
        low, high = (int(self.firsts[min(max(n, 0), last)]) for n in (len(key) - edits, len(key) + edits + 1))
        mask = 1 << ord("\n")
        for letter in key:
            mask |= 1 << (ord(letter) & 31)
        # an edit changes two letters at most: one that goes, one that comes
        apart = _count_ones(self.masks[low:high] ^ np.uint32(mask))
        near = np.flatnonzero(apart <= 2 * edits) + low
        ends = zip(self.starts[near].tolist(), self.stops[near].tolist(), strict=True)
        close = [self.text[start:stop] for start, stop in ends]
        found = extract(key, close, scorer=OSA.distance, score_cutoff=edits, limit=None)
        return sorted((name, int(distance)) for name, distance, _ in found)


def _count_ones(values: NDArray[np.uint32]) -> NDArray[np.uint8]:
    if hasattr(np, "bitwise_count"):
        counted: NDArray[np.uint8] = np.bitwise_count(values)
        return counted
    return np.asarray(_ONES[values & np.uint32(0xFFFF)] + _ONES[values >> np.uint32(16)])


def weigh_edits(key: str, name: str, edits: int) -> float:
    """Weigh a name by how far it is from the key.

    Examples
    --------
    >>> weigh_edits("strasborg", "strasbourg", 1), weigh_edits("kilm", "kiel", 1)
    (1.0, 0.3)
    """
    factor: float = EDIT_FACTOR ** (edits - 1)
    if key[:1] != name[:1]:
        factor *= FIRST_LETTER_FACTOR
    if len(key) <= SHORT:
        factor *= SHORT_FACTOR
    return factor
