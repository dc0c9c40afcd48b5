"""Which curves belong to the whole, to within, to across and to each pair of countries, and what of them is chance?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from geocluster.cross.measuring import Labelled
from geocluster.distance import RADIUS_KM
from geocluster.envelope import curve_p, global_envelope
from geocluster.splitting import holm

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.cross.distances import Distances
    from geocluster.cross.measuring import Function, Measured
    from geocluster.cross.scene import Kinds

RELATIVE = "across/within"
ALPHA = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Cells that make up a part; why nothing can be claimed of it, or nothing."""

    name: str
    cells: NDArray[np.int64]
    reason: str


def few_words(names: list[str], number: NDArray[np.int64], said: tuple[str, str], cell: tuple[int, int]) -> str:
    """Say which of the two ends of a cell has too few rows; empty if neither has."""
    words = []
    for kind, country in dict.fromkeys((0 if said[0] == said[1] else kind, cell[kind]) for kind in (0, 1)):
        if number[kind, country] < 5:
            words.append(f"{names[country]} has {number[kind, country]} of {said[kind]}")
    return f"too few: {', '.join(words)}" if words else ""


def list_parts(measured: Measured, kinds: Kinds, said: tuple[str, str]) -> list[Part]:
    """List the parts: whole, within, across, pairs DE-FR, and for two kinds ways DE→FR."""
    names, number = kinds.names, kinds.number()
    few = [few_words(kinds.names, number, said, cell) for cell in measured.cells]
    empty = [number[0, a] == 0 or number[1, b] == 0 for a, b in measured.cells]
    own = np.array([a == b for a, b in measured.cells], dtype=bool)
    cells = np.arange(len(measured.cells))

    def reason_of(chosen: NDArray[np.int64], *, strict: bool) -> str:
        if not len(chosen):
            return "not defined: nobody comes so near"
        told = [few[c] for c in chosen if few[c] and (not empty[c] or len(chosen) == 1)]
        sound = [c for c in chosen if not few[c]]
        if strict:
            return told[0] if told else ("" if sound else few[int(chosen[0])])
        return "" if sound else (told or [few[int(chosen[0])]])[0]

    one_country = len(names) < 2
    across = "not defined: one country" if one_country else reason_of(cells[~own], strict=False)
    parts = [
        Part("whole", cells, reason_of(cells, strict=False)),
        Part("within", cells[own], reason_of(cells[own], strict=False)),
        Part("across", cells[~own], across),
    ]
    pairs = sorted({(min(cell), max(cell)) for cell in measured.cells})
    for a, b in pairs:
        chosen = np.array([c for c, cell in enumerate(measured.cells) if (min(cell), max(cell)) == (a, b)])
        parts.append(Part(f"{names[a]}-{names[b]}", chosen, reason_of(chosen, strict=True)))
    if not kinds.same:
        parts += [
            Part(f"{names[a]}→{names[b]}", np.array([c]), few[c]) for c, (a, b) in enumerate(measured.cells) if a != b
        ]
    return parts


def sphere_area(at_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area of a cap, 2πR²(1 - cos(r/R)), km².

    Examples
    --------
    >>> sphere_area(np.array([10.0])).round(2).tolist()
    [314.16]
    """
    return 4 * np.pi * RADIUS_KM**2 * np.sin(at_km / (2 * RADIUS_KM)) ** 2


def curve_frames(
    measured: Measured,
    parts: list[Part],
    distances: Distances,
    function: Function,
    *,
    first_total: float | NDArray[np.float64],
    area: NDArray[np.float64],
) -> tuple[DataFrame, DataFrame]:
    """Lay out the curves of every part, and one row a part with its p.

    Parameters
    ----------
    measured : Measured
    parts : list of Part
    distances : Distances
    function : {"K", "L", "g", "nearest"}
    first_total : float or ndarray, shape (distances,)
        N of the first kind.
    area : ndarray, shape (distances,)
        Of a disc of each radius, km².

    Returns
    -------
    curves, parts : DataFrame
    """
    import pandas as pd

    at, resolved = distances.at_km, distances.resolved
    whole_expected = measured.expected.sum(axis=0)
    curves: list[dict[str, NDArray[np.float64]]] = []
    rows: list[dict[str, Any]] = []
    kept: dict[str, tuple[NDArray[np.float64], NDArray[np.float64], str]] = {}
    for part in parts:
        observed = measured.observed[part.cells].sum(axis=0)
        expected = measured.expected[part.cells].sum(axis=0)
        simulated = measured.simulated[:, part.cells].sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(expected > 0, observed / expected, np.nan)
            drawn = np.where(expected > 0, simulated / expected, np.nan)
            value = _value(function, observed, ratio, whole_expected, first_total, area)
            if measured.exact is not None:
                value = measured.exact[part.cells].sum(axis=0)
        if part.name in ("within", "across"):
            kept[part.name] = (ratio, drawn, part.reason)
        curve, spread, row = _judge(part.name, part.reason, ratio, drawn, resolved)
        curves.append({"observed": observed, "expected": expected, "ratio": ratio, **curve, "value": value} | spread)
        rows.append(row)
    (ratio_w, drawn_w, reason_w), (ratio_x, drawn_x, reason_x) = kept["within"], kept["across"]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, drawn = ratio_x / ratio_w, drawn_x / drawn_w
    drawn[:, ~np.isfinite(drawn).all(axis=0)] = np.nan
    ratio = np.where(np.isfinite(ratio), ratio, np.nan)
    curve, spread, row = _judge(RELATIVE, reason_x or reason_w, ratio, drawn, resolved)
    nothing = np.full(len(at), np.nan)
    rows.insert(3, row)
    curves.insert(3, {"observed": nothing, "expected": nothing, "ratio": ratio, **curve, "value": nothing} | spread)
    laid: dict[str, Any] = {"part": np.repeat([str(row["part"]) for row in rows], len(at))}
    laid |= {"distance_km": np.tile(at, len(rows))}
    laid |= {name: np.concatenate([curve[name] for curve in curves]) for name in curves[0]}
    return pd.DataFrame(laid | {"resolved": np.tile(resolved, len(rows))}), pd.DataFrame(rows).set_index("part")


def _value(
    function: Function,
    observed: NDArray[np.float64],
    ratio: NDArray[np.float64],
    whole_expected: NDArray[np.float64],
    first_total: float | NDArray[np.float64],
    area: NDArray[np.float64],
) -> NDArray[np.float64]:
    """K, g and nearest neighbours: a part's share in the whole; L: the part by itself."""
    if function == "L":
        return np.sqrt(ratio * area / np.pi)
    if function == "nearest":
        total = np.broadcast_to(np.asarray(first_total, dtype=np.float64), observed.shape)
        return np.where(total > 0, observed / total, np.nan)
    if function in get_args(Labelled):
        return observed
    share = np.where(whole_expected > 0, observed / whole_expected, np.nan)
    return share * area if function == "K" else share


def _judge(
    name: str, reason: str, ratio: NDArray[np.float64], drawn: NDArray[np.float64], resolved: NDArray[np.bool_]
) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]], dict[str, Any]]:
    """Give the global envelope and the p of a curve at the distances that count, and mean and sd of the redraws."""
    usable = np.isfinite(ratio) & np.isfinite(drawn).all(axis=0) & resolved
    low, high = np.full((2, len(ratio)), np.nan)
    p = float("nan")
    if not reason and not usable.any():
        reason = "not defined: nothing is expected at any distance that is resolved"
    if not reason:
        p = curve_p(ratio[usable], drawn[:, usable])
        low[usable], high[usable] = global_envelope(ratio[usable], drawn[:, usable], alpha=ALPHA)
    spread = {"null_mean": drawn.mean(axis=0), "null_sd": drawn.std(axis=0)}
    spread |= dict(zip(("null_low", "null_high"), np.quantile(drawn, (ALPHA / 2, 1 - ALPHA / 2), axis=0), strict=True))
    return {"low": low, "high": high}, spread, {"part": name, "p": p, "reason": reason}


def attraction_frames(
    measured: Measured, parts: list[Part], kinds: Kinds, distances: Distances, frame: DataFrame
) -> tuple[DataFrame, DataFrame]:
    """Test attraction across each border as a partial conjunction, and write it into the parts.

    p = max(p | a held, b redrawn; p | b held, a redrawn), one-sided; Holm over the pairs, and
    over the ways DE→FR. The row `across` has the smallest adjusted p over pairs.

    Returns
    -------
    cross : DataFrame
        One row a part and direction: part, held, redrawn, p, reason.
    parts : DataFrame
        With p_attraction and p_adjusted.
    """
    import pandas as pd

    names, rows = kinds.names, []
    for part in parts:
        if part.name in ("whole", "within", "across") or not len(part.cells):
            continue
        a, b = measured.cells[int(part.cells[0])]
        if a == b:
            continue
        low, high = (min(a, b), max(a, b)) if "→" not in part.name else (a, b)
        for held, redrawn in ((low, high), (high, low)):
            # way 0 redraws the country of the second kind, way 1 that of the first
            drawn = np.zeros(measured.simulated.shape[::2])
            for c in part.cells:
                way = 0 if measured.cells[int(c)][1] == redrawn else 1
                drawn += measured.held[way][:, c]
            observed = measured.observed[part.cells].sum(axis=0)
            expected = measured.expected[part.cells].sum(axis=0)
            usable = distances.resolved & (expected > 0)
            row: dict[str, Any] = {"part": part.name, "held": names[held], "redrawn": names[redrawn], "p": np.nan}
            row["reason"] = part.reason
            if not part.reason and not usable.any():
                row["reason"] = "not defined: nothing is expected at any distance that is resolved"
            if not row["reason"]:
                row["p"] = curve_p(observed[usable], drawn[:, usable], alternative="greater")
            rows.append(row)
    cross = pd.DataFrame(rows, columns=["part", "held", "redrawn", "p", "reason"])
    told = frame.copy()
    told["p_attraction"], told["p_adjusted"] = np.nan, np.nan
    largest = cross.dropna(subset="p").groupby("part", sort=False)["p"].max()
    ways = np.array(["→" in str(name) for name in largest.index], dtype=bool)
    for chosen in (~ways, ways):
        family = largest[chosen]
        if len(family):
            told.loc[family.index, "p_attraction"] = family
            told.loc[family.index, "p_adjusted"] = holm(family.to_numpy(dtype=np.float64))
    pairs = told.loc[largest.index[~ways], "p_adjusted"]
    if len(pairs):
        told.loc["across", ["p_attraction", "p_adjusted"]] = float(pairs.min())
    return cross, told
