"""What is a place called in the language of a map?

English maps show the names of the gazetteer, which are local but for the best known
(Copenhagen, Köln); Russian ones those of data/russian, and where it has none, the same.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from geocluster.datasets import data_path, place_arrays, place_names
from geocluster.labels import check_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


def names_in(language: str, geonames_id: ArrayLike, own: Sequence[str]) -> list[str]:
    """Name places in a language.

    Parameters
    ----------
    language : {"en", "ru"}
    geonames_id : array_like of int, shape (n,)
    own : sequence of str, length n
        Their names in the gazetteer: kept where the language has no other.

    Examples
    --------
    >>> names_in("ru", [2661604, 1], ["Basel", "Nowhere"])
    ['Базель', 'Nowhere']
    """
    check_language(language)
    if language == "en" or not len(own):
        return list(own)
    known, words = _russian()
    wanted = np.asarray(geonames_id, dtype=np.int64)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    found = known[at] == wanted
    return [words[i] if yes else name for i, yes, name in zip(at.tolist(), found.tolist(), own, strict=True)]


def places_called(positions: Sequence[int], language: str = "en") -> list[str]:
    """Name places of the gazetteer by their positions in `place_arrays`.

    Examples
    --------
    >>> places_called([int(place_arrays().population.argmax())], "ru")
    ['Шанхай']
    """
    which = np.asarray(positions, dtype=np.int64)
    return names_in(language, place_arrays().geonames_id[which], place_names(which))


@cache
def _russian() -> tuple[NDArray[np.int64], list[str]]:
    """Ids, sorted, and the names beside them."""
    with np.load(data_path("russian/names.npz"), allow_pickle=False) as held:
        return held["geonames_id"].astype(np.int64), held["text"].tobytes().decode().split("\n")
