"""How fast are the colocation quotient under 999 labellings and M under 200, within countries?

CLQ, 8 nearest, n = 1e5: beside a numpy loop that shuffles labels country by country and sums
over the edges. M, ten radii to 50 km, n = 2e4: beside scipy.sparse, which multiplies the matrix
of each radius with the labels of all labellings. Both peers are asserted to give the same observed
value (M: every value); interleaved, medians, compilation left out; processor time of one thread each. Writes its
table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from tables import write_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

WORKERS = 1
REPEATS, CITIES, SPREAD_KM = 3, 300, 15.0
LABELLINGS_CLQ, LABELLINGS_M = 999, 200
PEER_CALLS = 20
"""The numpy loop is timed on some labellings, and scaled."""
AT_KM = np.linspace(5, 50, 10)


def draw(rng: np.random.Generator, n: int) -> tuple[Any, Any, NDArray[np.int64]]:
    """Scatter rows about cities drawn by population."""
    from geocluster.datasets import place_arrays

    places = place_arrays()
    share = places.population / places.population.sum()
    city = rng.choice(len(share), CITIES, replace=False, p=share)[rng.integers(CITIES, size=n)]
    longitude = places.longitude[city] + rng.normal(0, SPREAD_KM / 111, n) / np.cos(np.radians(places.latitude[city]))
    latitude = places.latitude[city] + rng.normal(0, SPREAD_KM / 111, n)
    country = np.unique(places.country[city].astype(str), return_inverse=True)[1]
    return longitude, latitude, country.astype(np.int64)


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds, all threads together, and what it gave: others may share the machine."""
    start = time.process_time()
    found = run()
    return time.process_time() - start, found


def clq(rng: np.random.Generator, n: int) -> list[str]:
    """Time the quotient."""
    from geocluster.colocation.quotient import _parts
    from geocluster.distance import to_ecef
    from geocluster.graph import sparse_neighbours
    from geocluster.splitting import Countries, Workbench, standardise

    longitude, latitude, country = draw(rng, n)
    weights = standardise(sparse_neighbours(longitude, latitude, nearest=8))
    kind = rng.choice(3, n, p=[0.4, 0.3, 0.3])
    mine, near = (kind == 0).astype(float), (kind == 1).astype(float)
    xyz = to_ecef(longitude, latitude)
    row, column = np.repeat(np.arange(n), np.diff(weights.indptr)), weights.indices
    members = [np.flatnonzero(country == c) for c in np.unique(country)]

    def ours() -> float:
        bench = Workbench(
            weights, Countries.of(country.astype(str)), xyz, permutations=LABELLINGS_CLQ,
            rng=np.random.default_rng(1), workers=WORKERS,
        )  # fmt: skip
        return float(_parts(bench, mine, near)[0][0])

    def peer() -> float:
        shuffled = kind.copy()
        for _ in range(PEER_CALLS):
            for rows in members:
                shuffled[rows] = rng.permutation(shuffled[rows])
            a, b = shuffled[row] == 0, shuffled[column] == 1
            weights.data[a & b].sum()
        return float(weights.data[(kind[row] == 0) & (kind[column] == 1)].sum())

    def same(mine: float, theirs: float) -> None:
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)

    return compare(f"CLQ, {LABELLINGS_CLQ} labellings", n, ours, peer, LABELLINGS_CLQ / PEER_CALLS, same, "numpy loop")


def m(rng: np.random.Generator, n: int) -> list[str]:
    """Time M."""
    from scipy import sparse
    from scipy.spatial import cKDTree

    from geocluster.cross.relative import Relative, labellings
    from geocluster.cross.scene import Kinds
    from geocluster.distance import to_ecef
    from geocluster.graph import reach_km

    longitude, latitude, country = draw(rng, n)
    kind = rng.choice(3, n, p=[0.4, 0.3, 0.3])
    names = [str(c) for c in range(int(country.max()) + 1)]
    kinds = Kinds(names, country, kind == 0, kind == 1, None)
    xyz, chords = to_ecef(longitude, latitude), np.array([reach_km(r) for r in AT_KM])
    drawn = list(labellings(kinds, LABELLINGS_M, np.random.default_rng(1)))
    left, right = (np.concatenate([one[side] for one in drawn], axis=1) for side in (0, 1))

    def ours() -> Any:
        relative = Relative.of(kinds, xyz, chords, workers=WORKERS)
        parts = [relative.sums(a, b).sum(axis=1) / relative.below(a, b) for a, b in drawn]
        return np.concatenate(parts)

    def peer() -> Any:
        tree = cKDTree(xyz)
        near = tree.sparse_distance_matrix(tree, chords[-1], output_type="ndarray")
        near = near[near["i"] != near["j"]]
        order = np.lexsort((near["j"], near["i"]))
        i, j, v = (near[name][order] for name in ("i", "j", "v"))
        b, a = right.astype(np.float64), left.astype(np.float64)
        found = np.empty((LABELLINGS_M, len(chords)))
        rest = 1 / (n - 1)
        for at, chord in enumerate(chords):
            kept = v <= chord
            inside = sparse.csr_array((np.ones(int(kept.sum())), (i[kept], j[kept])), shape=(n, n))
            total = np.diff(inside.indptr)
            share = np.divide(1.0, total, out=np.zeros(n), where=total > 0)
            above = ((inside @ b) * share[:, None] * a).sum(axis=0)
            below = b.sum(axis=0) * rest * a[total > 0].sum(axis=0)
            found[:, at] = above / below
        return found

    def same(mine: Any, theirs: Any) -> None:
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)

    return compare(f"M, 10 radii, {LABELLINGS_M} labellings", n, ours, peer, 1.0, same, "scipy.sparse")


def compare(
    name: str,
    n: int,
    ours: Callable[[], Any],
    peer: Callable[[], Any],
    scale: float,
    same: Callable[[Any, Any], None],
    who: str,
) -> list[str]:
    """Time both in turns."""
    ours(), peer()
    mine, theirs = [], []
    for _ in range(REPEATS):
        seconds, a = timed(ours)
        mine.append(seconds)
        seconds, b = timed(peer)
        theirs.append(seconds * scale)
        same(a, b)
    one, other = statistics.median(mine), statistics.median(theirs)
    row = [name, f"{n:,}", who, f"{other:.2f}", f"{one:.2f}", f"{other / one:.1f}×"]
    print(" | ".join(row), flush=True)
    return row


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clq", type=int, default=100_000)
    parser.add_argument("--m", type=int, default=20_000)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    rows = [clq(np.random.default_rng(1), asked.clq), m(np.random.default_rng(2), asked.m)]
    if asked.write:
        head = ["| work | n | peer | peer, s | ours, s | ratio |", "|---|---|---|---|---|---|"]
        write_table("benchmarks.md", "colocation_speed", [*head, *(f"| {' | '.join(row)} |" for row in rows)])


if __name__ == "__main__":
    main()
