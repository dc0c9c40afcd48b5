"""When has chance done as much often enough to stop asking?

Draws come in a fixed order, in waves whose size does not depend on the number of
threads. Once the best window of a country was reached so often that all P draws
could no longer make it a claim, the rest is left undrawn (Besag & Clifford 1991).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from geocluster.permutation import block_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

Block = TypeVar("Block")

WAVE = 4
"""Blocks drawn before one looks again. Another number changes the time, not the outcome."""


def draw_blocks(
    draw: Callable[[np.random.Generator, int], Block],
    *,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> Iterator[Block]:
    """Draw block by block as `permutation.simulate` does, with the same numbers, a few blocks ahead of who asks."""
    sizes = block_sizes(permutations)
    if workers <= 1:
        for size in sizes:
            yield draw(rng.spawn(1)[0], size)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(sizes), WAVE):
            wave = sizes[start : start + WAVE]
            yield from list(pool.map(draw, rng.spawn(len(wave)), wave))


def allowed_exceedances(permutations: int, limit: float) -> int:
    """Say at how many draws as high as the observed p = (r + 1)/(P + 1) must pass the limit.

    Examples
    --------
    >>> allowed_exceedances(999, 0.025)  # (24 + 1)/1000 would do, (25 + 1)/1000 no longer does
    25
    """
    return int(np.floor(limit * (permutations + 1) * (1 + 1e-12) + 1e-9))


def draw_until(
    draw: Callable[[np.random.Generator, int], NDArray[np.float64]],
    *,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
    height: float = -np.inf,
    limit: float | None = None,
) -> NDArray[np.float64]:
    """Draw maxima until the highest observed value can no longer reach p ≤ limit.

    Parameters
    ----------
    draw : callable
        As for `permutation.simulate`.
    permutations : int
        Draws at most.
    rng : Generator
    workers : int
        Threads; the numbers do not depend on it.
    height : float
        The highest observed value.
    limit : float, optional
        The largest p that could still be part of a claim; None: all draws are made.

    Returns
    -------
    ndarray
        The first draws, up to the one at which `height` was reached too often. With m
        of them p = (r + 1)/(m + 1) ≥ (r + 1)/(P + 1) passes the limit, as it would
        have with all P: no claim is won or lost; and it is at least Besag & Clifford's r/m.
    """
    blocks = draw_blocks(draw, permutations=permutations, rng=rng, workers=workers)
    return until_settled(blocks, permutations=permutations, height=height, limit=limit)


def until_settled(
    blocks: Iterable[NDArray[np.float64]], *, permutations: int, height: float = -np.inf, limit: float | None = None
) -> NDArray[np.float64]:
    """Take blocks of maxima up to the draw that settles it; parameters as those of `draw_until`.

    Examples
    --------
    >>> until_settled([np.array([0.0, 3.0]), np.array([3.0, 0.0])], permutations=19, height=2.0, limit=0.1).tolist()
    [0.0, 3.0, 3.0]
    """
    enough = None if limit is None else allowed_exceedances(permutations, limit)
    maxima: list[NDArray[np.float64]] = []
    drawn, reached = 0, 0
    for values in blocks:
        maxima.append(values)
        if enough is not None and enough > 0:
            here = np.flatnonzero(values >= height)
            if reached + len(here) >= enough:
                last = drawn + int(here[enough - reached - 1]) + 1
                return np.concatenate(maxima)[:last]
            reached += len(here)
        drawn += len(values)
    return np.concatenate(maxima)
