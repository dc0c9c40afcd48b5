"""How far is the nearest of one's kind, at home and abroad, against what chance gives: Clark and Evans?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geocluster.cross.distances import position_precision
from geocluster.distance import to_arc_km, to_ecef
from geocluster.errors import OptionError
from geocluster.permutation import block_sizes, make_generator, p_value, permute_within
from geocluster.results import Provenance, Result
from geocluster.schema import check, kind_word, kind_words, split_placed
from geocluster.splitting import FEWEST, say_p

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.cross.planar import Window
    from geocluster.permutation import Seed

EdgeCorrection = Literal["none", "donnelly", "cdf"]
SE = float(np.sqrt((4 - np.pi) / (4 * np.pi)))
"""Of a nearest distance, in units of sqrt(|W|/n): 0.26136 (Clark & Evans 1954)."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class NearestResult(Result):
    """Mean distances to the nearest of one's kind, own and foreign side by side.

    Attributes
    ----------
    label : str
    parts : DataFrame
        Index `part`: whole, own, foreign, and both by country ("CH own"): members, mean_km,
        expected_km with kinds permuted within countries, R = mean_km/expected_km (below 1: nearer
        than chance gives), sd, z, p, reason. They are no parts of a sum.
    set_aside : DataFrame
        On the table's index: the rows that could not enter, with `reason`.
    shared : float
        Share of the members that stand on a point with others of them.
    null : str
    notes : tuple of str
    provenance : Provenance
    """

    label: str
    parts: DataFrame
    set_aside: DataFrame
    shared: float
    null: str
    notes: tuple[str, ...]
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a part."""
        return self.parts.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the mean distances, each against its null."""
        from geocluster.charts import plot_parts

        frame = self.parts.rename(columns={"mean_km": "value", "expected_km": "expected"})
        ax = plot_parts(frame[frame["value"].notna()], ax)
        ax.set_title(f"{self.label}, km", fontsize=7, loc="left", parse_math=False)
        return ax

    def sentence(self) -> str:
        """Say R at home and abroad, each with its p."""
        words = []
        for part in ("own", "foreign"):
            row: Any = self.parts.loc[part]
            words.append(f"{part} " + (row["reason"] or f"{row['R']:.2f} (p {say_p(row['p'])})"))
        return f"{self.label}: R {', '.join(words)}"

    def facts(self) -> list[str]:
        """Say the null, each part, and what was left out."""
        lines = [f"null: {self.null}"]
        for part, row in self.parts.to_dict("index").items():
            said = f"{row['mean_km']:.3g} km, expected {row['expected_km']:.3g}, R {row['R']:.2f}, p {say_p(row['p'])}"
            lines.append(f"{part}: {row['reason'] or said}")
        if self.shared > 0:
            lines.append(f"{self.shared:.0%} of the members share a point with others of them; distance 0 counts")
        if len(self.set_aside):
            lines += [f"set aside {n:,}: {words}" for words, n in self.set_aside["reason"].value_counts().items()]
        return [*lines, *self.notes, *self.provenance.facts()]


def clark_evans_index(window: Window, xy: NDArray[np.float64], *, correction: EdgeCorrection = "none") -> float:
    """Mean distance to the nearest over that of points spread evenly at random (Clark & Evans 1954).

    *none*: 2 · mean · sqrt(n/|W|). *donnelly*: the expectation 0.5 sqrt(|W|/n) + (0.0514 + 0.0412/√n) ·
    perimeter/n, of rectangles (Donnelly 1978). *cdf*: the mean of the Kaplan-Meier estimate of G,
    over the mass that it reaches.

    Parameters
    ----------
    window : Window
    xy : ndarray, shape (n, 2)
    correction : {"none", "donnelly", "cdf"}

    Raises
    ------
    OptionError
        If the window of Donnelly's correction is no rectangle.

    Examples
    --------
    >>> from shapely import box
    >>> from geocluster.cross.planar import Window
    >>> xy = np.array([[0.25, 0.25], [0.25, 0.75], [0.75, 0.25], [0.75, 0.75]])
    >>> clark_evans_index(Window(box(0, 0, 1, 1)), xy)
    2.0
    """
    from scipy.spatial import KDTree

    n = len(xy)
    nearest = np.asarray(KDTree(xy).query(xy, k=[2])[0])[:, 0]
    even = 0.5 * float(np.sqrt(window.area / n))
    if correction == "donnelly":
        if window.rectangle is None:
            raise OptionError("Donnelly's correction is of rectangles: take 'none' or 'cdf'.")
        even += (0.0514 + 0.0412 / np.sqrt(n)) * float(window.polygon.length) / n
    if correction != "cdf":
        return float(nearest.mean()) / even
    edge = window.edge_distance(xy)
    seen = nearest <= edge
    at = np.sort(np.unique(nearest[seen]))
    risk = (np.minimum(nearest, edge)[:, None] >= at).sum(axis=0)
    dies = (nearest[seen][:, None] == at).sum(axis=0)
    alive = np.cumprod(1 - dies / risk)
    share = -np.diff(np.append(1.0, alive))
    return float((at * share).sum() / share.sum()) / even if len(at) else float("nan")


def clark_evans_p(window: Window, xy: NDArray[np.float64]) -> float:
    """Two-sided p of the uncorrected index against points spread evenly: normal, sd 0.26136 · sqrt(|W|)/n."""
    from scipy.stats import norm

    n = len(xy)
    even = 0.5 * float(np.sqrt(window.area / n))
    away = (clark_evans_index(window, xy) - 1) * even / (SE / np.sqrt(n * n / window.area))
    return float(2 * norm.sf(abs(away)))


def clark_evans_test(table: GeoDataFrame, *, kind: str, permutations: int = 999, rng: Seed = None) -> NearestResult:
    """Test whether members of a kind stand nearer to their like than chance gives, at home and abroad.

    R = mean distance to the nearest of the kind over what it is with kinds permuted within
    countries (after Clark & Evans 1954, who spread points evenly: the globe's towns are not). *own*:
    the nearest of the member's country; *foreign*: the nearest of any other; *whole*: the nearer of
    both. A least distance is no sum: they stand side by side. In a window of the plane the classical
    index is `clark_evans_index`.

    Parameters
    ----------
    table : GeoDataFrame
        Assigned, with a column `kind`; rows of other kinds are what labels are exchanged with.
    kind : str
    permutations : int, default 999
    rng : Generator, int or None
        Seed.

    Returns
    -------
    NearestResult

    Raises
    ------
    SchemaError
        If the table is not assigned or has no column `kind`.
    OptionError
        If the kind is not there or is the only one, or all rows stand in one place.

    Examples
    --------
    >>> import geopandas as gpd
    >>> x = np.arange(40)
    >>> table = gpd.GeoDataFrame(
    ...     {"country": np.where(x < 20, "CH", "FR"), "kind": np.where(x % 20 < 7, "firm", "university")},
    ...     geometry=gpd.points_from_xy(7.5 + x / 100, 47.5 + x % 7 / 100),
    ...     crs="EPSG:4326",
    ... )
    >>> result = clark_evans_test(table, kind="firm", permutations=99, rng=1)
    >>> bool(result.to_frame().loc["own", "R"] < 1)
    True
    """
    import pandas as pd

    check(table, "assigned", columns=["kind"])
    block_sizes(permutations)
    placed, aside = split_placed(table.assign(kind=kind_words(table["kind"])))
    kind = kind_word(kind)
    told = [aside["reason"]]
    nameless = placed["kind"].isna().to_numpy(dtype=bool)
    told.append(pd.Series("no kind", index=placed.index[nameless], dtype=object))
    placed = placed[~nameless]
    mine = (placed["kind"] == kind).to_numpy(dtype=bool)
    if not mine.any() or mine.all():
        there = ", ".join(map(repr, sorted(placed["kind"].astype(str).unique())[:8])) or "none"
        words = f"no row has the kind {kind!r}. There are {there}." if not mine.any() else (
            f"there is one kind only, {kind!r}: its labels cannot be changed. Give rows of others too."
        )  # fmt: skip
        raise OptionError(words)
    xyz = to_ecef(placed.geometry.x.to_numpy(), placed.geometry.y.to_numpy())
    if np.ptp(xyz, axis=0).max() <= 0:
        raise OptionError("all points stand in one place: nobody is nearer than others.")
    names, country = np.unique(placed["country"].astype(str).to_numpy(dtype=str), return_inverse=True)
    generator, seed = make_generator(rng)
    number = np.bincount(country[mine], minlength=len(names))
    strata = np.where((mine & (number < FEWEST)[country]), len(names) + np.arange(len(mine)), country)
    seen = _means(xyz, country, mine, len(names))
    draws = np.empty((permutations, *seen.shape))
    done = 0
    sizes = block_sizes(permutations)
    for child, size in zip(generator.spawn(len(sizes)), sizes, strict=True):
        for order in permute_within(strata, child, size):
            draws[done] = _means(xyz, country, mine[order], len(names))
            done += 1
    of_kind = placed[mine]
    precision = position_precision(of_kind)
    notes = [f"half of the positions are known no better than {precision:.3g} km"] * (precision > 0)
    shared = pd.Series(list(zip(of_kind.geometry.x, of_kind.geometry.y, strict=True))).duplicated(keep=False)
    return NearestResult(
        label=f"nearest {kind} of each {kind}",
        parts=_lay_out(seen, draws, names.tolist(), number, precision),
        set_aside=pd.concat(told).rename("reason").to_frame(),
        shared=float(shared.mean()),
        null="kinds permuted among all rows of their country",
        notes=tuple(notes),
        provenance=Provenance({"statistic": "clark_evans", "kind": kind, "permutations": permutations}, seed),
    )


def _means(
    xyz: NDArray[np.float64], country: NDArray[np.int64], mine: NDArray[np.bool_], k: int
) -> NDArray[np.float64]:
    """Mean distance to the nearest, km: whole, own, foreign over all countries, then by country: shape (1 + k, 3)."""
    from scipy.spatial import KDTree

    at, of = xyz[mine], country[mine]
    own, foreign = np.full((2, len(at)), np.inf)
    for c in range(k):
        here, away = of == c, of != c
        if here.sum() > 1:
            own[here] = np.asarray(KDTree(at[here]).query(at[here], k=[2])[0])[:, 0]
        if here.any() and away.any():
            foreign[here] = KDTree(at[away]).query(at[here])[0]
    gap = np.column_stack([np.minimum(own, foreign), own, foreign])
    arcs = np.where(np.isfinite(gap), to_arc_km(np.where(np.isfinite(gap), gap, 0.0)), np.nan)
    result = np.full((1 + k, 3), np.nan)
    for row in range(1 + k):
        rows = arcs if row == 0 else arcs[of == row - 1]
        held = np.isfinite(rows)
        count = held.sum(axis=0)
        result[row] = np.divide(np.where(held, rows, 0.0).sum(axis=0), count, out=np.full(3, np.nan), where=count > 0)
    return result


def _lay_out(
    seen: NDArray[np.float64],
    draws: NDArray[np.float64],
    names: list[str],
    number: NDArray[np.int64],
    precision_km: float,
) -> DataFrame:
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for row, name in enumerate(["", *names]):
        for at, part in enumerate(("whole", "own", "foreign")):
            if row and not at:
                continue
            members = int(number.sum()) if not row else int(number[row - 1])
            enough = number >= FEWEST
            abroad = enough.sum() > 1 if not row else np.delete(enough, row - 1).any()
            reason = ""
            if part == "foreign" and len(names) < 2:
                reason = "not defined: one country"
            elif not (enough.any() if not row else enough[row - 1]):
                reason = f"too few: {members} of the kind" + (f" in {name}" if row else " in any country")
            elif part == "foreign" and not abroad:
                reason = f"too few: fewer than {FEWEST} of the kind abroad"
            value, null = float(seen[row, at]), draws[:, row, at]
            mean, sd = float(null.mean()), float(null.std())
            if not reason and max(value, mean) < precision_km:
                reason = f"not resolved: half of the positions are known no better than {precision_km:.3g} km"
            ok = not reason and np.isfinite(value) and np.isfinite(mean)
            if ok and sd <= 1e-12:
                ok, reason = False, "the redraws do not vary"
            rows.append(
                {"part": f"{name} {part}".strip(), "members": members, "mean_km": value, "expected_km": mean,
                 "R": value / mean if mean > 0 else np.nan, "sd": sd, "z": (value - mean) / sd if ok else np.nan,
                 "p": float(p_value(value, null)) if ok else np.nan, "reason": reason}
            )  # fmt: skip
    return pd.DataFrame(rows).set_index("part")
