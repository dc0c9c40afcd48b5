"""Does what stands across the border go with what stands here?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.permutation import p_value, simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame
    from scipy.sparse import csr_array

    from geocluster.splitting.parts import Countries
    from geocluster.surrogates import Draw

COLUMNS = ["pair", "held", "redrawn", "value", "expected", "sd", "z", "p", "reason"]


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


@dataclass(frozen=True, slots=True, eq=False)
class CrossTest:
    """The cross part by direction.

    Attributes
    ----------
    frame : DataFrame
        One row a direction: pair, held, redrawn, value, expected, sd, z, p, reason.
    simulated : ndarray, shape (permutations, directions)
        The standard form under the null; NaN where nothing was asked.
    standard : dict of str to float
        The standard form over all, `across`, and by pair.
    """

    frame: DataFrame
    simulated: NDArray[np.float64]
    standard: dict[str, float]


def cross_test(
    countries: Countries,
    directions: Sequence[Direction],
    pulls: Sequence[csr_array],
    draws: Callable[[int, NDArray[np.intp]], Draw],
    *,
    features: Callable[[NDArray[np.float64]], Sequence[NDArray[np.float64]]] = lambda values: (values,),
    held: NDArray[np.float64] | None = None,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> CrossTest:
    """Test the cross part by direction: one country held, the other redrawn.

    Parameters
    ----------
    countries : Countries
    directions : sequence of Direction
    pulls : sequence of csr_array, shape (k, n)
        One a feature: ``pull[a, j]`` is how much the feature of row j counts beside country a.
    draws : callable
        ``draws(country, among)`` gives the redraws of those rows of a country that count.
    features : callable
        What of the values counts; the values themselves if not given.
    held : ndarray, shape (k, k), optional
        What a held country adds to the numerator by itself, by [held, redrawn].
    permutations : int
    rng : Generator
        Each redrawn country gets a child of it.
    workers : int
    """
    import pandas as pd

    names = countries.names
    children = dict(zip(range(len(names)), rng.spawn(len(names)), strict=True))
    simulated: dict[tuple[int, int], NDArray[np.float64]] = {}
    listed = _by_country(countries, pulls)
    for country in sorted({one.redrawn for one in directions if not one.reason}):
        asked = [one.held for one in directions if one.redrawn == country and not one.reason]
        among, dense = _beside(listed, country, asked)
        draw = draws(country, among)

        def sums(
            generator: np.random.Generator, size: int, draw: Draw = draw, dense: list[NDArray[np.float64]] = dense
        ) -> NDArray[np.float64]:
            seen = features(draw(generator, size))
            result: NDArray[np.float64] = sum(one @ beside.T for one, beside in zip(seen, dense, strict=True))  # type: ignore[assignment]
            return result

        found = simulate(sums, permutations=permutations, rng=children[country], workers=workers)
        for i, a in enumerate(asked):
            simulated[a, country] = found[:, i] + (0.0 if held is None else held[a, country])
    rows = []
    draws_of = np.full((permutations, len(directions)), np.nan)
    for position, one in enumerate(directions):
        low, high = sorted((one.held, one.redrawn))
        row: dict[str, Any] = {"pair": f"{names[low]}-{names[high]}", "held": names[one.held]}
        row |= {"redrawn": names[one.redrawn], "value": np.nan, "expected": np.nan, "sd": np.nan, "z": np.nan}
        row |= {"p": np.nan, "reason": one.reason}
        if one.denominator:
            row["value"] = one.numerator / one.denominator
        if not one.reason:
            null = draws_of[:, position] = simulated[one.held, one.redrawn] / one.denominator
            row["expected"], row["sd"] = null.mean(), null.std()
            row["p"] = float(p_value(row["value"], null))
            if row["sd"] > 1e-12:
                row["z"] = (row["value"] - row["expected"]) / row["sd"]
            else:  # all ties, so p is 1: it must not be left out of the larger of two
                row["reason"] = f"the redraws of {names[one.redrawn]} do not vary"
        rows.append(row)
    return CrossTest(pd.DataFrame(rows, columns=COLUMNS), draws_of, _standard(countries, directions))


Listed = list[tuple[Any, ...]]


def _by_country(countries: Countries, pulls: Sequence[csr_array]) -> Listed:
    """List each pull by the country of its rows: bounds, held country, row within its country, value."""
    code, k = countries.code, len(countries.names)
    rank = np.empty(len(code), dtype=np.intp)
    rank[np.argsort(code, kind="stable")] = np.arange(len(code))
    rank -= (np.cumsum(countries.count) - countries.count)[code]
    listed = []
    for pull in pulls:
        entries = pull.tocoo()
        held, row = entries.coords
        sort = np.argsort(code[row], kind="stable")
        bounds = np.searchsorted(code[row[sort]], np.arange(k + 1))
        listed.append((bounds, held[sort], rank[row[sort]], entries.data[sort]))
    return listed


def _beside(listed: Listed, country: int, asked: list[int]) -> tuple[NDArray[np.intp], list[NDArray[np.float64]]]:
    """Give the rows of a country that count beside others, and each pull as an array of (asked, such rows)."""
    some = [(held[a:b], row[a:b], value[a:b]) for bounds, held, row, value in listed for a, b in [bounds[country:][:2]]]
    among = np.unique(np.concatenate([row for _, row, _ in some]))
    dense = []
    for held, row, value in some:
        array = np.zeros((max(int(held.max(initial=0)), *asked) + 1, len(among)))
        array[held, np.searchsorted(among, row)] = value
        dense.append(array[asked])
    return among, dense


def _standard(countries: Countries, directions: Sequence[Direction]) -> dict[str, float]:
    """Give the standard form of each pair, both directions together, and over all pairs."""
    sums: dict[str, list[float]] = {}
    for one in directions:
        low, high = sorted((one.held, one.redrawn))
        for name in ("across", f"{countries.names[low]}-{countries.names[high]}"):
            both = sums.setdefault(name, [0.0, 0.0])
            both[0] += one.numerator
            both[1] += one.denominator
    return {name: above / below for name, (above, below) in sums.items() if below > 0}


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
    """Test the cross part by direction, as `cross_test` does, with redraws of whole countries.

    Parameters
    ----------
    countries, directions
        As there.
    pull : csr_array, shape (k, n)
    draws : mapping of int to callable
        By redrawn country: its values anew, shape (size, n_c), in the order of its rows.
    permutations, rng, workers
        As there.

    Returns
    -------
    DataFrame
        One row a direction: pair, held, redrawn, value, expected, sd, z, p, reason.
    """

    def some(country: int, among: NDArray[np.intp]) -> Draw:
        return lambda generator, size: draws[country](generator, size)[:, among]

    return cross_test(
        countries, directions, [pull], some, permutations=permutations, rng=rng, workers=workers
    ).frame  # fmt: skip


def join_cross(parts: DataFrame, cross: DataFrame, standard: dict[str, float]) -> DataFrame:
    """Give the cross rows of the parts the p of the cross test.

    A pair's p is the larger of its two directions'; that of the whole cross part is
    the smallest over the pairs, after Holm (1979). z is that of the deciding direction.
    """
    at = {name: position for position, name in enumerate(parts.index)}
    standard_form, z, p = (parts[name].to_numpy(dtype=float, copy=True) for name in ("standard", "z", "p"))
    for name, value in standard.items():
        standard_form[at[name]] = value
    pairs = cross["pair"].tolist()
    for name in ("across", *pairs):
        z[at[name]] = p[at[name]] = np.nan
    adjusted = p.copy()
    of_way, z_of_way = cross["p"].to_numpy(dtype=float), cross["z"].to_numpy(dtype=float)
    deciding: dict[str, int] = {}
    for way, name in enumerate(pairs):
        if np.isfinite(of_way[way]) and (name not in deciding or of_way[way] > of_way[deciding[name]]):
            deciding[name] = way
    if deciding:
        ways, rows = list(deciding.values()), [at[name] for name in deciding]
        z[rows], p[rows], adjusted[rows] = z_of_way[ways], of_way[ways], holm(of_way[ways])
        p[at["across"]] = adjusted[at["across"]] = adjusted[rows].min()
        z[at["across"]] = z_of_way[ways[0]] if len(ways) == 1 else np.nan
    return parts.assign(standard=standard_form, z=z, p=p, p_adjusted=adjusted)


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
