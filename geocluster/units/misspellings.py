"""Which names differ by one misspelt word?

Two names are near if all their words but one are the same, in any order, and that one
is a misspelling of the other. Names are compared only with those that share all other
words, so that time grows with the names, not with their square.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHORTEST, TWO_EDITS_FROM = 4, 8
"""Letters of the shortest word that may be misspelt, by one edit and by two."""
_MOST_WORDS = 30
_MOST_TOGETHER = 500
"""Words compared each with each; of more, each with those beside it in the alphabet, read both ways."""
_BESIDE = 10
_ROMAN = frozenset(["viii", "xiii", "xvii", "xviii", "xxii", "xxiii", "xxiv", "xxvi", "xxvii", "xxix"])


def near_names(names: Sequence[str], *, threshold: float) -> dict[str, list[str]]:
    """Find the names that differ by one misspelt word.

    Parameters
    ----------
    names : sequence of str
        Distinct; words in the order of the alphabet, parted by spaces.
    threshold : float
        Least likeness, 0 to 100: 100 times twice the letters that both have in the same
        order over the letters of both (rapidfuzz's ratio).

    Returns
    -------
    dict
        For each name with near ones: these, in order.

    Examples
    --------
    >>> near_names(["basel novartis", "basel novratis", "basel novartos 2"], threshold=85)
    {'basel novartis': ['basel novratis'], 'basel novratis': ['basel novartis']}
    """
    from rapidfuzz.fuzz import ratio

    buckets: dict[tuple[str, str], dict[str, str]] = {}
    for name in names:
        words = name.split()
        for i, word in enumerate(words if len(words) <= _MOST_WORDS else ()):
            if len(word) >= SHORTEST and word.isalpha() and word not in _ROMAN:
                rest = " ".join(words[:i] + words[i + 1 :])
                buckets.setdefault((rest, word[0]), {})[word] = name
    near: dict[str, set[str]] = {}
    for held in buckets.values():
        if len(held) < 2:
            continue
        for word, other in _near_words(sorted(held)):
            one, two = held[word], held[other]
            if one != two and ratio(one, two) >= threshold:
                near.setdefault(one, set()).add(two)
                near.setdefault(two, set()).add(one)
    return {name: sorted(near[name]) for name in sorted(near)}


def _near_words(words: list[str]) -> Iterator[tuple[str, str]]:
    """Give pairs of words that are misspellings of each other."""
    if len(words) > _MOST_TOGETHER:
        for order in (words, sorted(words, key=lambda word: word[::-1])):
            for i, word in enumerate(order):
                for other in order[i + 1 : i + 1 + _BESIDE]:
                    if _is_near(word, other):
                        yield word, other
        return
    if len(words) < 8:
        for i, word in enumerate(words):
            for other in words[i + 1 :]:
                if _is_near(word, other):
                    yield word, other
        return
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cdist

    edits = cdist(words, words, scorer=OSA.distance, score_cutoff=2, dtype=np.int32, workers=1)
    for i, j in np.argwhere(np.triu(edits <= 2, 1)).tolist():
        if edits[i, j] <= 1 or min(len(words[i]), len(words[j])) >= TWO_EDITS_FROM:
            yield words[i], words[j]


def _is_near(word: str, other: str) -> bool:
    from rapidfuzz.distance import OSA

    most = 2 if min(len(word), len(other)) >= TWO_EDITS_FROM else 1
    return abs(len(word) - len(other)) <= most and OSA.distance(word, other, score_cutoff=most) <= most
