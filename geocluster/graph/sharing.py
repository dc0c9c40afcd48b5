"""How many rows stand on a point with others?

Compiled when this module is imported, which only its caller does, inside a function.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def rows_on_shared(lon, lat):  # type: ignore[no-untyped-def]
    """Count them, by a hash table with a place for each point."""
    size = 8
    while size < 2 * len(lon):
        size *= 2
    first, alone, shared = np.full(size, -1, np.int32), np.ones(size, np.bool_), 0
    for i in range(len(lon)):
        # in units of 1e-9 degrees these are whole numbers
        key = np.uint64(np.int64(lon[i] * 1e9)) * np.uint64(0x9E3779B97F4A7C15)
        key ^= np.uint64(np.int64(lat[i] * 1e9)) * np.uint64(0xC2B2AE3D27D4EB4F)
        key ^= key >> np.uint64(29)
        at = np.int64((key * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(20)) & np.uint64(size - 1))
        while first[at] >= 0 and (lon[first[at]] != lon[i] or lat[first[at]] != lat[i]):
            at = (at + 1) & (size - 1)
        if first[at] < 0:
            first[at] = i
            continue
        shared += 1 + alone[at]
        alone[at] = False
    return shared
