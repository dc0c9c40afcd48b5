"""Does what stands across the border go with what stands here?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.permutation import p_value, simulate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame
    from scipy.sparse import csr_array

    from geocluster.splitting.parts import Countries
    from geocluster.surrogates import Draw


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction of the cross test: `held` keeps what it has, `redrawn` is redrawn.

    Attributes
    ----------
    held, redrawn : int
        Codes of countries.
    numerator, denominator : float
        Of the standard form.
    reason : str
        Why nothing can be asked; empty if it can.
    """

    held: int
    redrawn: int
    numerator: float
    denominator: float
    reason: str = ""


def cross_frame(
    countries: Countries,
    directions: Sequence[Direction],
    pull: csr_array,
    draws: dict[int, Draw],
    *,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> DataFrame:
    """Test the cross part by direction: one country held, the other redrawn.

    Parameters
    ----------
    countries : Countries
    directions : sequence of Direction
    pull : csr_array, shape (k, n)
        ``pull[a, j]``: how much the value of row j counts beside country a.
    draws : mapping of int to callable
        By redrawn country: its values anew, shape (size, n_c), in the order of its rows.
    permutations : int
    rng : Generator
        Each redrawn country gets a child of it.
    workers : int

    Returns
    -------
    DataFrame
        One row a direction: pair, held, redrawn, value, expected, sd, z, p, reason.
    """
    import pandas as pd

    names = countries.names
    children = dict(zip(range(len(names)), rng.spawn(len(names)), strict=True))
    simulated: dict[tuple[int, int], NDArray[np.float64]] = {}
    for country in sorted({one.redrawn for one in directions if not one.reason}):
        held = [one.held for one in directions if one.redrawn == country and not one.reason]
        beside = pull[held][:, np.flatnonzero(countries.code == country)].toarray()
        draw = draws[country]
        found = simulate(
            lambda generator, size, draw=draw, beside=beside: draw(generator, size) @ beside.T,  # type: ignore[misc]
            permutations=permutations,
            rng=children[country],
            workers=workers,
        )
        simulated |= {(a, country): found[:, i] for i, a in enumerate(held)}
    rows = []
    for one in directions:
        low, high = sorted((one.held, one.redrawn))
        row: dict[str, Any] = {"pair": f"{names[low]}-{names[high]}", "held": names[one.held]}
        row |= {"redrawn": names[one.redrawn], "value": np.nan, "expected": np.nan, "sd": np.nan, "z": np.nan}
        row |= {"p": np.nan, "reason": one.reason}
        if one.denominator:
            row["value"] = one.numerator / one.denominator
        if not one.reason:
            null = simulated[one.held, one.redrawn] / one.denominator
            row["expected"], row["sd"] = null.mean(), null.std()
            row["p"] = float(p_value(row["value"], null))
            if row["sd"] > 1e-12:
                row["z"] = (row["value"] - row["expected"]) / row["sd"]
            else:  # all ties, so p is 1: it must not be left out of the larger of two
                row["reason"] = f"the redraws of {names[one.redrawn]} do not vary"
        rows.append(row)
    return pd.DataFrame(rows, columns=["pair", "held", "redrawn", "value", "expected", "sd", "z", "p", "reason"])


def join_cross(parts: DataFrame, cross: DataFrame, standard: dict[str, float]) -> DataFrame:
    """Give the cross rows of the parts the p of the cross test.

    A pair's p is the larger of its two directions'; that of the whole cross part is
    the smallest over the pairs, after Holm (1979). z is that of the deciding direction.
    """
    frame = parts.copy()
    crossing = ["across", *cross["pair"].drop_duplicates()]
    frame.loc[crossing, ["z", "p"]] = np.nan
    for name, value in standard.items():
        frame.loc[name, "standard"] = value
    frame["p_adjusted"] = frame["p"]
    tested = cross.dropna(subset="p")
    if len(tested):
        deciding = tested.loc[tested.groupby("pair")["p"].idxmax()].set_index("pair")
        p, z = deciding["p"].to_numpy(dtype=float), deciding["z"].to_numpy(dtype=float)
        adjusted = holm(p)
        frame.loc[deciding.index, "p"] = p
        frame.loc[deciding.index, "z"] = z
        frame.loc[deciding.index, "p_adjusted"] = adjusted
        frame.loc["across", ["p", "p_adjusted"]] = float(adjusted.min())
        frame.loc["across", "z"] = float(z[0]) if len(z) == 1 else np.nan
    return frame


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust p-values by Holm's (1979) step-down rule.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    result = np.empty_like(p)
    result[order] = np.minimum(stepped, 1.0)
    return result
