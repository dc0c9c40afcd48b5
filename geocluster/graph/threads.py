"""How is a compiled loop shared among threads?"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

_SMALL = 256


def in_threads(kernel: Any, count: int, workers: int, *arguments: Any) -> list[Any]:
    """Run ``kernel(low, high, *arguments)`` over the ranges that make up `count`: what each returns.

    Threads of Python, not of numba: those end the process when it forks, or when two
    threads call.

    Examples
    --------
    >>> in_threads(lambda low, high: high - low, 5, 1)
    [5]
    """
    if workers <= 1 or count < 2 * _SMALL:
        return [kernel(0, count, *arguments)]
    from concurrent.futures import ThreadPoolExecutor

    cuts = np.linspace(0, count, 4 * workers + 1).astype(np.int64).tolist()
    with ThreadPoolExecutor(workers) as pool:
        asked = [pool.submit(kernel, *cut, *arguments) for cut in pairwise(cuts)]
        return [done.result() for done in asked]
