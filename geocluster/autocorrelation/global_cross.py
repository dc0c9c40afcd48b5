"""How like is what stands on the two sides of a border, once each country is measured by itself?

The cross part of each statistic in its standard form, and its test by direction: one country keeps
what it holds, the other's is redrawn. Between h held and r redrawn, s_ij = w_ij + w_ji:

- Moran Σ s z_i z_j / Σ s, Geary Σ s (z_i - z_j)² / 2Σ s, z standardised within its country;
- general G Σ s u_i u_j / Σ s, u = x over the mean of its country: 1 where sides are independent;
- join counts, over what the shares of each country would give: 1 where sides are independent;
- bivariate Moran Σ w_ij z^x_i z^y_j / Σ w_ij from h to r only: y is redrawn.

Lee's L has none: it smooths both values abroad, and nothing that stands at home is held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.splitting import CrossForm, Sides

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from geocluster.autocorrelation.joins import Kinds

    Features = Callable[[NDArray[np.float64]], Sequence[NDArray[np.float64]]]

NO_TEST = "not defined: Lee's L smooths both values abroad, so that no side can be held"


def moran_form(sides: Sides, x: NDArray[np.float64]) -> CrossForm:
    """Σ s z_i z_j / Σ s."""
    z, flat = sides.scores(x)
    both = sides.both
    below = sides.between(sides.beside(both))
    return CrossForm(z, [sides.beside(both, z)], below, np.stack([flat, flat]))


def geary_form(sides: Sides, x: NDArray[np.float64]) -> CrossForm:
    """Σ s (z_i - z_j)² / 2Σ s: what the held side adds, the squares, the products."""
    z, flat = sides.scores(x)
    both = sides.both
    around = sides.beside(both)
    return CrossForm(
        z, [around, -2 * sides.beside(both, z)], 2 * sides.between(around), np.stack([flat, flat]),
        held=sides.between(sides.beside(both, z**2)), features=lambda values: (values**2, values),
    )  # fmt: skip


def getis_ord_form(sides: Sides, x: NDArray[np.float64]) -> CrossForm:
    """Σ s u_i u_j / Σ s."""
    code, count = sides.countries.code, sides.countries.count
    v = x / (float(x.max()) or 1.0)
    mean = np.bincount(code, weights=v) / count
    flat = (mean == 0) | sides.scores(x)[1]
    u = v / np.where(mean > 0, mean, 1.0)[code]
    both = sides.both
    return CrossForm(u, [sides.beside(both, u)], sides.between(sides.beside(both)), np.stack([flat, flat]))


def bivariate_form(sides: Sides, x: NDArray[np.float64], y: NDArray[np.float64]) -> CrossForm:
    """Σ w_ij z^x_i z^y_j / Σ w_ij."""
    (here, flat_here), (near, flat_near) = sides.scores(x), sides.scores(y)
    below = sides.between(sides.beside(sides.weights))
    return CrossForm(near, [sides.beside(sides.weights, here)], below, np.stack([flat_here, flat_near]))


def join_forms(sides: Sides, kinds: Kinds) -> dict[str, CrossForm]:
    """Give joins over what the shares of both countries would, for each pair of kinds and all unlike ones.

    With more than two kinds surrogates redraw one kind at a time: like joins only.
    """
    code, held = sides.countries.code, kinds.indicators()
    both = sides.both
    around = sides.beside(both)
    between = sides.between(around)
    share = np.stack([np.bincount(code, weights=one) for one in held]) / sides.countries.count
    pulls = [sides.beside(both, one) for one in held]
    two = len(kinds.names) == 2
    codes = kinds.code.astype(np.float64)
    alone = "" if two else "not defined: surrogates redraw one kind at a time; cross_null='permutation' asks this too"
    forms = {}
    common: dict[str, Any] = {"cut": True}
    for label, (a, b) in zip(kinds.labels(), kinds.joins, strict=False):
        wide = share[[a, b]].min(axis=0) == 1
        flat = np.stack([wide, wide]) | (share[[a, b]].max(axis=0) == 0)
        if a == b and not two:
            below = between * np.outer(share[a], share[a])
            forms[label] = CrossForm(held[a], [pulls[a]], below, flat, **common)
        elif a == b:
            below = between * np.outer(share[a], share[a])
            only = _features((a,))
            forms[label] = CrossForm(codes, [pulls[a]], below, flat, features=only, **common)
        else:
            below = between * (np.outer(share[a], share[b]) + np.outer(share[b], share[a]))
            forms[label] = CrossForm(
                codes, [pulls[a], pulls[b]], below, flat, features=_features((b, a)), reason=alone, **common
            )
    every = range(len(kinds.names))
    flat = np.stack([share.max(axis=0) == 1] * 2)
    below = between * (1 - share.T @ share)
    others = [around - pull for pull in pulls]
    forms[kinds.labels()[-1]] = CrossForm(
        codes, others, below, flat, features=_features(tuple(every)), reason=alone, **common
    )
    return forms


def _features(wanted: tuple[int, ...]) -> Features:
    """Give an indicator for each of some codes."""
    return lambda values: [(values == kind).astype(np.float64) for kind in wanted]
