"""Would a place's neighbours abroad hold as much, had their country the same texture and knew nothing of it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.permutation import p_value, simulate
from geocluster.splitting import FEWEST
from geocluster.surrogates import MAX_PLACES, SpectralBasis, cut_draws

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.autocorrelation.measures import Measure
    from geocluster.splitting import Rows

CHUNK = 1_024
"""Places judged at a time: so many columns of draws."""


def surrogate_p(
    rows: Rows,
    measured: Measure,
    observed: NDArray[np.float64],
    *,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
    only: NDArray[np.bool_] | None = None,
    bases: dict[int, SpectralBasis] | None = None,
) -> tuple[NDArray[np.float64], list[str]]:
    """Test each place's part abroad against spectral surrogates of the countries there.

    The place and its neighbours at home are held; each other country's values are redrawn as by
    `surrogates.spectral_draws` (Wagner & Dray 2015), a country of fewer than five is held. At
    single places these have no more power than size: the p stands beside that of permutation,
    it decides nothing.

    Parameters
    ----------
    rows : Rows
    measured : Measure
    observed : ndarray, shape (n,)
        Sums over the neighbours abroad.
    permutations : int
    rng : Generator
        Each country gets a child of it.
    workers : int
    only : ndarray of bool, shape (n,), optional
        Rows to test; all, if not given.
    bases : dict, optional
        Of countries met before; those made here are added.

    Returns
    -------
    p : ndarray, shape (n,)
        Two-sided; NaN without a neighbour abroad that could be redrawn.
    notes : list of str
        Countries that have too many places.
    """
    from scipy import sparse

    weights, code, n, k = measured.weights, rows.countries.code, rows.n, len(rows.countries.names)
    row = np.repeat(np.arange(n), np.diff(weights.indptr))
    crossing = code[row] != code[weights.indices]
    row, column, weight = row[crossing], weights.indices[crossing], weights.data[crossing]
    across = sparse.csr_array((weight, (row, column)), shape=(n, n))
    p = np.full(n, np.nan)
    asked = np.unique(code[column])
    large = [int(c) for c in asked if rows.too_many_places(int(c))]
    refused = np.isin(code[column], large)
    small = rows.countries.count[code[column]] < FEWEST
    fit = np.setdiff1d(row[~refused & ~small], row[refused])
    fit = fit if only is None else fit[only[fit]]
    bases = {} if bases is None else bases
    draws: dict[int, NDArray[np.float64]] = {}
    used: dict[int, NDArray[np.int64]] = {}
    children = rng.spawn(k)
    for c in np.unique(code[column[np.isin(row, fit)]]).tolist():
        if rows.countries.count[c] < FEWEST:
            continue
        held = np.flatnonzero(code == c)
        values = measured.near[held]
        if c not in bases:
            bases[c] = SpectralBasis.of(rows.points, held)
        draw = bases[c].draws(values)
        if measured.statistic == "join_count":
            draw = cut_draws(draw, int(values.sum()))
        used[c] = np.unique(column[code[column] == c])
        local = np.searchsorted(held, used[c])
        draws[c] = simulate(
            lambda generator, size, draw=draw, local=local: draw(generator, size)[:, local],  # type: ignore[misc]
            permutations=permutations, rng=children[c], workers=workers,
        )  # fmt: skip
    for first in range(0, len(fit), CHUNK):
        chunk = fit[first : first + CHUNK]
        part = sparse.csr_array(across[chunk])
        total = np.zeros((permutations, len(chunk)))
        for c in np.unique(code[part.indices]).tolist():
            if c in draws:
                total += _sum(measured, chunk, sparse.csr_array(part[:, used[c]]), draws[c])
            else:
                held = np.flatnonzero(code == c)
                total += _sum(measured, chunk, sparse.csr_array(part[:, held]), measured.near[held][None])
        p[chunk] = p_value(observed[chunk], total)
    names = ", ".join(rows.countries.names[c] for c in large)
    return p, [f"no surrogates of {names}: more than {MAX_PLACES:,} places"] if large else []


def _sum(measured: Measure, chunk: NDArray[np.int64], part: object, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Σ w_ij y_j, or Σ w_ij (x_i - y_j)², for each draw (rows) and place (columns)."""
    across = part.T.tocsr()  # type: ignore[attr-defined]
    lag: NDArray[np.float64] = values @ across
    if not measured.squared:
        return lag
    x, total = measured.own[chunk], np.asarray(across.sum(axis=0)).ravel()
    return np.asarray(x**2 * total - 2 * x * lag + values**2 @ across)
