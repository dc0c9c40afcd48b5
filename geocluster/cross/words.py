"""Which points bear which label, 64 points a word?

Kinds are relabelled within each country: Bernoulli words first, then labels are
set or cleared one by one at random until each country holds its number. Given its
number a Bernoulli draw is uniform, and stays so: this is exactly a random
relabelling, without a shuffle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORD = 64


def pack(slots: NDArray[np.int64], leaves: int) -> NDArray[np.uint64]:
    """Set the bits of some slots.

    Examples
    --------
    >>> pack(np.array([0, 2, 65]), 2).tolist()
    [5, 2]
    """
    words = np.zeros(leaves, dtype=np.uint64)
    np.bitwise_or.at(words, slots // WORD, np.uint64(1) << (slots % WORD).astype(np.uint64))
    return words


def unpack(words: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Give the bits of words, shape (leaves, draws), by slot: shape (64 leaves, draws).

    Examples
    --------
    >>> unpack(np.array([[5], [2]], dtype=np.uint64))[[0, 1, 2, 65], 0].tolist()
    [True, False, True, True]
    """
    leaves, draws = words.shape
    octets = np.ascontiguousarray(words).astype("<u8", copy=False).view(np.uint8).reshape(leaves, draws, 8)
    bits = np.unpackbits(octets, axis=2, bitorder="little")
    return np.moveaxis(bits, 2, 1).reshape(leaves * WORD, draws).astype(np.bool_)


def relabel(
    keys: NDArray[np.uint64],
    free: NDArray[np.uint64],
    first_leaf: NDArray[np.int64],
    wanted: NDArray[np.int64],
) -> NDArray[np.uint64]:
    """Draw labels of several kinds among the free slots of each country, none of which gets two.

    Parameters
    ----------
    keys : ndarray of uint64, shape (draws,)
        A draw depends on its own key alone, not on the thread that makes it.
    free : ndarray of uint64, shape (leaves,)
        Slots that may get a label.
    first_leaf : ndarray of int, shape (k + 1,)
    wanted : ndarray of int, shape (kinds, k)
        Labels of each kind in each country; together at most its free slots.

    Returns
    -------
    ndarray of uint64, shape (kinds, leaves, draws)

    Examples
    --------
    >>> free = np.array([255], dtype=np.uint64)
    >>> words = relabel(np.arange(9, dtype=np.uint64), free, np.array([0, 1]), np.array([[3], [4]]))
    >>> {bin(word).count("1") for word in words[0].ravel().tolist()}, bool((words[0] & words[1]).any())
    ({3}, False)
    """
    from geocluster.cross.word_kernels import relabel_words

    words = np.zeros((len(wanted), len(free), len(keys)), dtype=np.uint64)
    relabel_words(keys, free, first_leaf, wanted, words)
    return words


def count_ranges(words: NDArray[np.uint64], ends: NDArray[np.int64]) -> NDArray[np.int32]:
    """Count the labels in ranges of slots.

    Parameters
    ----------
    words : ndarray of uint64, shape (leaves, draws)
    ends : ndarray of int, shape (2, ranges)
        First slot, and the one after the last.

    Returns
    -------
    ndarray of int32, shape (ranges, draws)
    """
    from geocluster.cross.word_kernels import count_slots

    counts = np.zeros((ends.shape[1], words.shape[1]), dtype=np.int32)
    count_slots(words, ends[0], ends[1], counts)
    return counts
