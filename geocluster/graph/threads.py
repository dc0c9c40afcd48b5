"""How is a compiled loop shared among threads?"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

_SMALL = 256


def in_threads(kernel: Any, count: int, workers: int, *arguments: Any) -> None:
    """Run ``kernel(low, high, *arguments)`` over the ranges that make up `count`, several at once.

    Threads of Python, not of numba: those end the process when it forks, or when two
    threads call.

    Examples
    --------
    >>> in_threads(lambda low, high: print(low, high), 5, 1)
    0 5
    """
    if workers <= 1 or count < 2 * _SMALL:
        kernel(0, count, *arguments)
        return
    from concurrent.futures import ThreadPoolExecutor

    cuts = np.linspace(0, count, 4 * workers + 1).astype(np.int64).tolist()
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(kernel, low, high, *arguments) for low, high in pairwise(cuts)]:
            done.result()
