"""How often does chance alone do as much?

Chance is drawn in blocks of 64, each with a generator of its own, so that the
same seed gives the same numbers on any number of threads.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geocluster.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

Seed = np.random.Generator | int | None
Alternative = Literal["two-sided", "greater", "less"]

BLOCK = 64
"""Draws that share a generator. Another number would change every result."""
TIE = 1e-9
"""Draws no further apart than so much of the largest are equal."""


def make_generator(rng: Seed) -> tuple[np.random.Generator, str]:
    """Return a generator, and the words by which a result names its seed.

    Parameters
    ----------
    rng : Generator, int or None
        None draws a fresh seed, which the words then hold.

    Raises
    ------
    OptionError
        If it is none of these.

    Examples
    --------
    >>> make_generator(7)[1]
    '7'
    """
    if isinstance(rng, np.random.Generator):
        sequence = rng.bit_generator.seed_seq
        entropy, key = getattr(sequence, "entropy", None), getattr(sequence, "spawn_key", ())
        return rng, f"generator {entropy} {tuple(key)}" if key else f"generator {entropy}"
    if rng is None:
        entropy = np.random.SeedSequence().entropy
        seed = int(entropy) % 2**63 if isinstance(entropy, int) else 0
        return np.random.default_rng(seed), str(seed)
    try:
        seed = operator.index(rng)
    except TypeError:
        seed = -1
    if seed >= 0:
        return np.random.default_rng(seed), str(seed)
    raise OptionError(f"rng must be a Generator, a whole number from 0 up, or None; got {rng!r}.")


def whole_number_faults(**options: Any) -> list[str]:
    """Say which options are not whole numbers from 1 up.

    Examples
    --------
    >>> whole_number_faults(permutations=999, workers=0)
    ['workers must be a whole number from 1 up, got 0.']
    """
    return [
        f"{name} must be a whole number from 1 up, got {given!r}."
        for name, given in options.items()
        if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < 1
    ]


def block_sizes(permutations: int) -> list[int]:
    """Sizes of the blocks that make up so many draws.

    Examples
    --------
    >>> block_sizes(150)
    [64, 64, 22]
    """
    if isinstance(permutations, bool) or not isinstance(permutations, (int, np.integer)):  # True counts as 1
        raise OptionError(f"permutations must be a whole number from 1 up, got {permutations!r}. 999 is usual.")
    if permutations < 1:
        raise OptionError(f"permutations must be at least 1, got {permutations}. 999 is usual.")
    full, rest = divmod(permutations, BLOCK)
    return [BLOCK] * full + ([rest] if rest else [])


def simulate(
    draw: Callable[[np.random.Generator, int], NDArray[np.float64]],
    *,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> NDArray[np.float64]:
    """Draw under the null, block by block.

    Parameters
    ----------
    draw : callable
        ``draw(generator, size)`` gives an array whose first axis has `size` draws.
    permutations : int
        Draws in all.
    rng : Generator
        Each block gets a child of it.
    workers : int, default 1
        Threads; the numbers do not depend on it.

    Returns
    -------
    ndarray, shape (permutations, ...)

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> simulate(lambda g, size: g.random(size), permutations=100, rng=rng).shape
    (100,)
    """
    sizes = block_sizes(permutations)
    tasks = list(zip(rng.spawn(len(sizes)), sizes, strict=True))
    if workers > 1 and len(tasks) > 1:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(workers) as pool:
            blocks = list(pool.map(lambda task: draw(*task), tasks))
    else:
        blocks = [draw(*task) for task in tasks]
    return np.concatenate(blocks)


def p_value(
    observed: ArrayLike, simulated: ArrayLike, *, alternative: Alternative = "two-sided"
) -> NDArray[np.float64]:
    """Count how often chance does as much: p = (r + 1) / (P + 1), ties as extreme.

    Two-sided, r counts the draws at least as far from the simulated mean as the
    observed value (Davison & Hinkley 1997, §4.2; Phipson & Smyth 2010, eq. 2).

    Parameters
    ----------
    observed : array_like, shape (...)
    simulated : array_like, shape (P, ...)
    alternative : {"two-sided", "greater", "less"}

    Returns
    -------
    ndarray, shape (...)
        NaN where the observed value is NaN or a draw is.

    Examples
    --------
    >>> float(p_value(9.0, [0.0, 1.0, 2.0]))
    0.25
    """
    value = np.asarray(observed, dtype=np.float64)
    draws = np.asarray(simulated, dtype=np.float64)
    if len(draws) < 1:
        raise OptionError("a p-value needs at least one draw.")
    if alternative == "two-sided":
        mean = draws.mean(axis=0)
        statistic, null = np.abs(value - mean), np.abs(draws - mean)
    elif alternative == "greater":
        statistic, null = value, draws
    elif alternative == "less":
        statistic, null = -value, -draws
    else:
        raise OptionError(f"alternative must be 'two-sided', 'greater' or 'less', got {alternative!r}.")
    # the identity permutation must count as a tie, however its sum was rounded
    slack = TIE * np.maximum(np.abs(value), np.abs(draws).max(axis=0))
    extreme = (null >= statistic - slack).sum(axis=0)
    p = (extreme + 1) / (len(draws) + 1)
    return np.where(np.isnan(value) | np.isnan(draws).any(axis=0), np.nan, p)


def permute_within(strata: NDArray[np.int64], rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Positions shuffled inside each stratum, never across.

    Parameters
    ----------
    strata : ndarray of int, shape (n,)
        The stratum (country) of each position.
    rng : Generator
    size : int
        Number of shuffles.

    Returns
    -------
    ndarray of int, shape (size, n)
        ``values[result[b]]`` is the b-th permutation of `values`.

    Examples
    --------
    >>> strata = np.array([0, 1, 0, 1])
    >>> bool((strata[permute_within(strata, np.random.default_rng(0), 3)] == strata).all())
    True
    """
    result = np.empty((size, len(strata)), dtype=np.int64)
    for stratum in np.unique(strata):
        positions = np.flatnonzero(strata == stratum)
        result[:, positions] = rng.permuted(np.broadcast_to(positions, (size, len(positions))), axis=1)
    return result
