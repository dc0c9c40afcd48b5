"""How far do like values stand together, and does it end at the border?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.autocorrelation.globally import autocorrelation_test, rows_without, say_missing
from geocluster.envelope import curve_p, global_envelope
from geocluster.errors import OptionError
from geocluster.graph import build_sparse, to_number
from geocluster.labels import number
from geocluster.permutation import Seed, make_generator
from geocluster.results import Provenance, Result
from geocluster.splitting import holm, say_p

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from pandas import DataFrame
    from scipy.sparse import csr_array

    from geocluster.autocorrelation.global_result import GlobalResult

PARTS = ("whole", "within", "across", "mixed")
LEVEL = 0.05
_UNITS = {"within_km": "km", "bins_km": "km", "nearest": "neighbours"}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class CorrelogramResult(Result):
    """A statistic of neighbours over several distances, or numbers of neighbours, split at the border.

    Attributes
    ----------
    label : str
        What was measured, in words.
    by : {"within_km", "bins_km", "nearest"}
        What the curve runs over.
    curve : DataFrame
        One row a step and part (whole, within, across; Lee's L also mixed): `at` (km or neighbours), `beyond`
        (where the ring begins, km), `part`, `value` (the parts add up to the whole), `share`
        of the weights, `over_pairs` = value / share: the statistic over the pairs of this part
        alone (not for Lee's L, whose parts have no share); `expected`, `sd` and `p` as in
        `autocorrelation_test`; `p_adjusted` after Holm over the steps; `low`, `high`: the 95 %
        global envelope of the null, of value; `islands`.
    p_curve : dict of str to float
        One p for the whole curve of each part that has an envelope (extreme rank lengths).
    n : int
        Rows that entered.
    set_aside : DataFrame
        The others, with `reason`.
    null : str
        What was redrawn, in words.
    notes : tuple of str
    provenance : Provenance
    """

    label: str
    by: str
    curve: DataFrame
    p_curve: dict[str, float]
    n: int
    set_aside: DataFrame
    null: str
    notes: tuple[str, ...]
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a step and part."""
        return self.curve.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the statistic over the pairs of each part, against its null."""
        from geocluster.autocorrelation.correlogram_drawing import plot_correlogram

        return plot_correlogram(self, ax)

    def figure(self, *, language: str = "en") -> Figure:
        """Draw for print: over the pairs of each part, and how the parts add up."""
        from geocluster.autocorrelation.correlogram_drawing import draw_page

        return draw_page(self, language=language)

    def sentence(self) -> str:
        """Say where the cross part is shown."""
        steps = self.curve.loc[self.curve["part"] == "across"]
        shown = steps.loc[steps["p_adjusted"] <= LEVEL, "at"].tolist()
        unit = _UNITS[self.by]
        first, last = (_say(float(steps["at"].iloc[i])) for i in (0, -1))
        if shown:
            where = f"across the border p ≤ {LEVEL} at {', '.join(map(_say, shown))} {unit} (Holm)"
        elif steps["p"].notna().any():
            where = f"across the border at none of them p ≤ {LEVEL} (Holm)"
        else:
            where = "across the border nothing is measured"
        return f"{self.label}, {len(steps)} steps from {first} to {last} {unit}: {where}"

    def facts(self) -> list[str]:
        """Say the null, the curve step by step, and what was left out."""
        lines = [f"null: {self.null}"]
        lines += [f"{part}: p of the whole curve {say_p(p)} (global envelope)" for part, p in self.p_curve.items()]
        for at, rows in self.curve.groupby("at", sort=False):
            told = [
                f"{row['part']} {_figure(row['value'])} (p {say_p(row['p_adjusted'])})"
                for row in rows.to_dict("records")
            ]
            islands = int(rows["islands"].iloc[0])
            alone = f"; {islands:,} rows without a neighbour" if islands else ""
            lines.append(f"{_say(float(str(at)))} {_UNITS[self.by]}: {', '.join(told)}{alone}")
        lines.append(f"p by step after Holm over {self.curve['at'].nunique()} steps")
        lines.append(f"{self.n:,} rows")
        if len(self.set_aside):
            lines += [f"set aside {count:,}: {why}" for why, count in self.set_aside["reason"].value_counts().items()]
        return [*lines, *self.notes, *self.provenance.facts()]


def _say(value: float) -> str:
    return f"{value:g}"


def _figure(value: float) -> str:
    return number(value, decimals=3) if np.isfinite(value) else "not defined"


def correlogram(
    table: GeoDataFrame,
    *,
    column: str,
    within_km: Sequence[float] | None = None,
    bins_km: Sequence[float] | None = None,
    nearest: Sequence[int] | None = None,
    row_standardise: bool = False,
    permutations: int = 999,
    rng: Seed = None,
    workers: int = 1,
    **options: Any,
) -> CorrelogramResult:
    """Measure autocorrelation over several distances, or numbers of neighbours, split at the border.

    Give exactly one of the three lists. `within_km` and `nearest` ask how much a result
    hangs on the choice of the graph; `bins_km` is the classical correlogram, each pair in
    one ring. Each step is an `autocorrelation_test`; the permutations within countries
    are the same ones at every step, so that the curve as a whole is tested too: global
    envelope by extreme rank lengths (Myllymäki et al. 2017). p of a step is adjusted
    by Holm (1979) over the steps.

    Parameters
    ----------
    table : GeoDataFrame
        Assigned, every row with a point, or areas.
    column : str
        As in `autocorrelation_test`. Rows without a value, there or in `other_column`, are set
        aside, with the reason, before neighbours are searched.
    within_km : sequence of float, optional
        Widths of distance bands.
    bins_km : sequence of float, optional
        Ends of rings: the first holds 0 <= d <= bins_km[0], the others the distances above
        the end before.
    nearest : sequence of int, optional
        Numbers of neighbours.
    row_standardise : bool, default False
        Whether each row of the weights is made to sum to 1.
    permutations : int, default 999
    rng : Generator, int or None
        Seed.
    workers : int, default 1
        Threads. Results do not depend on it.
    **options
        Further options of `autocorrelation_test`, such as `statistic` and `null`.

    Returns
    -------
    CorrelogramResult

    Raises
    ------
    OptionError
        If not exactly one list is given, or it does not rise from above 0.
    SchemaError
        If the table is not assigned, a column is not there or does not hold what the statistic takes.
    GraphSizeError
        If the widest graph would hold more than 1e8 edges.

    Examples
    --------
    >>> import geopandas as gpd
    >>> x = np.arange(24.0)
    >>> table = gpd.GeoDataFrame(
    ...     {"country": ["CH", "FR"] * 12, "founded": 1900 + x},
    ...     geometry=gpd.points_from_xy(7.5 + x / 100, 47.5 + x % 2 / 100),
    ...     crs="EPSG:4326",
    ... )
    >>> result = correlogram(table, column="founded", within_km=[2, 4], permutations=99, rng=1)
    >>> result.to_frame()["part"].tolist()
    ['whole', 'within', 'across', 'whole', 'within', 'across']
    """
    from geocluster.schema import check

    by, steps = _steps(within_km=within_km, bins_km=bins_km, nearest=nearest)
    statistic, other = options.get("statistic", "moran"), options.get("other_column")
    asked = [column] if other is None else [column, other]
    check(table, "assigned", columns=asked, areas=True)
    generator, seed = make_generator(rng)
    key = int(generator.integers(2**63 - 1))
    country = table["country"]
    homeless = (country.isna() | (country.astype("string").fillna("") == "")).to_numpy(dtype=bool)
    entering = table[~rows_without(table, asked, statistic) & ~homeless]
    rows: list[tuple[float, float, GlobalResult]] = []
    for low, at in reversed(list(zip([0.0, *steps[:-1]], steps, strict=True))):  # the widest first: it may be refused
        found = _neighbours(entering, by, low, at, row_standardise=row_standardise, workers=workers)
        result = autocorrelation_test(
            entering, found, column=column, permutations=permutations, rng=np.random.default_rng(key), workers=workers,
            **options,
        )  # fmt: skip
        rows.insert(0, (low if by == "bins_km" else 0.0, at, result))
    curve, p_curve = _join(rows)
    first = rows[0][2]
    set_aside = _set_aside(table, entering.index, homeless, say_missing(statistic, asked))
    notes = dict.fromkeys(note for _, _, result in rows for note in result.notes)
    chosen = {"by": by, "steps": ", ".join(map(_say, steps)), "row_standardise": row_standardise}
    kept = {name: value for name, value in first.provenance.parameters.items() if name != "edges"}
    made_by = Provenance({**kept, **chosen}, seed)
    return CorrelogramResult(first.label, by, curve, p_curve, first.n, set_aside, first.null, tuple(notes), made_by)


def _steps(**lists: Sequence[float] | None) -> tuple[str, list[float]]:
    """Take the one list that is given; raise one error with all that is wrong."""
    given = {name: value for name, value in lists.items() if value is not None}
    if len(given) != 1:
        told = ", ".join(given) or "none"
        raise OptionError(f"give one of {', '.join(lists)}, got {told}. within_km=[10, 20, 40] is usual.")
    [(name, values)] = given.items()
    steps = [to_number(value) for value in values] if hasattr(values, "__len__") and not isinstance(values, str) else []
    rising = bool(steps) and steps[0] > 0 and np.isfinite(steps).all() and bool((np.diff(steps) > 0).all())
    if len(steps) < 2 or not rising or (name == "nearest" and any(not step.is_integer() for step in steps)):
        kind = "whole numbers" if name == "nearest" else "kilometres"
        raise OptionError(f"{name} must be two or more {kind} that rise from above 0, got {values!r}.")
    return name, steps


def _neighbours(
    table: GeoDataFrame, by: str, low: float, at: float, *, row_standardise: bool, workers: int
) -> csr_array:
    """Build the graph of one step."""
    if by == "nearest":
        return build_sparse(table, nearest=int(at), row_standardise=row_standardise, workers=workers)
    beyond = low if by == "bins_km" and low > 0 else None
    return build_sparse(table, within_km=at, beyond_km=beyond, row_standardise=row_standardise, workers=workers)


def _join(
    rows: list[tuple[float, float, GlobalResult]],
) -> tuple[DataFrame, dict[str, float]]:
    """Lay out the steps, adjust their p, and test each curve as a whole."""
    import pandas as pd

    told = ["value", "expected", "sd", "p", "share"]
    names = [part for part in PARTS if part in rows[0][2].parts.index]
    frames = []
    for low, at, result in rows:
        frame = result.parts.loc[names, told].reset_index()
        frame.insert(0, "at", at)
        frame.insert(1, "beyond", low)
        frame["over_pairs"] = frame["value"] / frame["share"].where(frame["share"] > 0)
        frame["islands"] = result.islands
        frames.append(frame)
    curve = pd.concat(frames, ignore_index=True)
    curve["p_adjusted"], curve["low"], curve["high"] = np.nan, np.nan, np.nan
    p_curve: dict[str, float] = {}
    for k, part in enumerate(names):
        mine = (curve["part"] == part).to_numpy()
        p = curve.loc[mine, "p"].to_numpy(dtype=float)
        adjusted = np.full(len(p), np.nan)
        adjusted[np.isfinite(p)] = holm(p[np.isfinite(p)])
        curve.loc[mine, "p_adjusted"] = adjusted
        if part == "across":  # its p is of another null
            continue
        drawn = [np.asarray(result.simulated).reshape(len(result.simulated), -1) for _, _, result in rows]
        if k >= drawn[0].shape[1]:
            continue
        null, value = np.column_stack([one[:, k] for one in drawn]), curve.loc[mine, "value"].to_numpy(dtype=float)
        sound = np.isfinite(null).all(axis=0) & np.isfinite(value)
        if not sound.any():
            continue
        low_high = np.full((2, len(value)), np.nan)
        low_high[:, sound] = global_envelope(value[sound], null[:, sound], alpha=LEVEL)
        curve.loc[mine, "low"], curve.loc[mine, "high"] = low_high
        p_curve[part] = curve_p(value[sound], null[:, sound])
    columns = [
        "at",
        "beyond",
        "part",
        "value",
        "share",
        "over_pairs",
        "expected",
        "sd",
        "p",
        "p_adjusted",
        "low",
        "high",
    ]
    return curve[[*columns, "islands"]], p_curve


def _set_aside(table: GeoDataFrame, kept: Any, homeless: NDArray[np.bool_], why: str) -> DataFrame:
    """Say of the rows that did not enter why."""
    import pandas as pd

    out = ~table.index.isin(kept)
    reason = np.where(homeless, "no country", why)[out]
    return pd.DataFrame({"reason": reason}, index=table.index[out])
