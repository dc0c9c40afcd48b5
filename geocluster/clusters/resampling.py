"""How sure is a cluster's dependence on the border?

Organisations are drawn again, with replacement, inside each country, and the rule of
density is asked again of the members (Efron & Tibshirani 1993, percentile intervals).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.choices import RADIUS_KM
from geocluster.clusters.density import Density, find_dense
from geocluster.clusters.dependence import BORDER_MADE, BRIDGED, NATIONAL, SPILL_OVER, stay_core, tell_dependence
from geocluster.clusters.telling import rows_of
from geocluster.errors import GraphSizeError, OptionError
from geocluster.graph import distinct_points, reach_km, to_number
from geocluster.permutation import Seed, make_generator, simulate
from geocluster.results import Provenance, Result

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from pandas import DataFrame
    from scipy.sparse import csr_array

    from geocluster.clusters.result import ClusterResult

MAX_EDGES = 100_000_000


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class DependenceResult(Result):
    """Border dependence of clusters, with intervals.

    Attributes
    ----------
    frame : DataFrame
        One row a cluster: name, n, countries, dependence, delta, low, high (percentiles of
        the resamples), class_share (resamples with the same class), vanished (resamples in
        which no member is core).
    level : float
    resamples : int
    provenance : Provenance
    """

    frame: DataFrame
    level: float
    resamples: int
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a cluster."""
        return self.frame.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each δ with its interval, on the given axes if any."""
        from geocluster.clusters.drawing import draw_dependence

        return draw_dependence(self.frame, self.level, ax)

    def figure(self, *, language: str = "en") -> Figure:
        """Draw it on a page of its own."""
        from geocluster.clusters.drawing import draw_dependence, on_page

        rows = int((self.frame["dependence"] != NATIONAL).sum())
        return on_page(lambda ax: draw_dependence(self.frame, self.level, ax, language=language), rows, language)

    def sentence(self) -> str:
        """Say how many clusters hang on the border for sure."""
        held = self.frame[self.frame["dependence"] != NATIONAL]
        sure = int((held["low"] > 0).sum())
        return (
            f"{len(held):,} cluster{'' if len(held) == 1 else 's'} with members across a border, "
            f"{sure or 'none'} with δ above 0 at {self.level:.0%}"
        )

    def facts(self) -> list[str]:
        """Say each cluster that lies across a border, then how it was drawn."""
        held = self.frame[self.frame["dependence"] != NATIONAL]
        lines = [
            f"{label} {row['name']}: {row['dependence']} (in {row['class_share']:.0%} of the resamples), "
            f"δ {row['delta']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
            for label, row in held.head(20).iterrows()
        ]
        lines.append(f"{self.resamples:,} resamples of the organisations inside each country, percentiles")
        return lines + self.provenance.facts()


def dependence_bootstrap(
    table: GeoDataFrame,
    clusters: ClusterResult,
    *,
    radius_km: float | None = None,
    minimum: int | None = None,
    resamples: int = 200,
    level: float = 0.95,
    rng: Seed = None,
    workers: int = 1,
) -> DependenceResult:
    """Give the border dependence of each cluster an interval.

    δ = 1 - (cores that stay core when own-country neighbours alone count)/(cores), over
    the members of the cluster as it was found. Organisations are drawn with replacement
    inside each country, so that each country keeps its number.

    Parameters
    ----------
    table : GeoDataFrame
        The table in which the clusters were found.
    clusters : ClusterResult
    radius_km, minimum : optional
        The rule of density; that of the clusters if not given. Clusters dense in weights
        (`minimum_weight`) have none in organisations: give `minimum`.
    resamples : int, default 200
    level : float, default 0.95
        Of the percentile interval.
    rng : int, Generator or None
    workers : int, default 1
        Threads; results do not depend on it.

    Returns
    -------
    DependenceResult

    Raises
    ------
    OptionError
        If there is no rule of density, an option is wrong, or the clusters are of other rows.
    GraphSizeError
        If the members have too many neighbours to list.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geocluster.clusters import find_clusters
    >>> table = gpd.GeoDataFrame(
    ...     {"country": ["BG"] * 4 + ["RO"] * 2},
    ...     geometry=gpd.points_from_xy([25.95] * 4 + [25.97] * 2, [43.85] * 4 + [43.9] * 2),
    ...     crs="EPSG:4326",
    ... )
    >>> told = dependence_bootstrap(table, find_clusters(table, minimum=3), rng=1)
    >>> told.frame[["dependence", "delta", "low", "high"]].round(2).values.tolist()
    [['spill-over', 0.33, 0.33, 0.33]]
    """
    from geocluster.clusters.result import ClusterResult

    if not isinstance(clusters, ClusterResult):
        raise OptionError(f"clusters must be what find_clusters returns, got {type(clusters).__name__}.")
    radius, least = _rule(clusters, radius_km, minimum, resamples, level)
    rows = rows_of(table)
    if not clusters.labels.index.equals(table.index):
        raise OptionError("clusters were found in another table: their labels have another index.")
    longitude, latitude, _, code = rows
    label = clusters.labels.fillna(0).to_numpy(dtype=np.int64)
    total = int(label.max(initial=0))
    found = find_dense(longitude, latitude, radius_km=radius, minimum=least)
    stays = stay_core(found, code, longitude, latitude, radius_km=radius, minimum=least)
    core = Density(label, found.core & (label > 0))
    told = tell_dependence(label, core.core, stays & core.core, code)
    sites = _Sites.of(longitude, latitude, code, label)
    every, own = _neighbours(sites, reach_km(radius))
    generator, seed = make_generator(rng)

    def draw(chance: np.random.Generator, size: int) -> NDArray[np.float64]:
        return _deltas(sites, every, own, least, total, chance, size)

    draws = simulate(draw, permutations=resamples, rng=generator, workers=workers)
    delta, national = draws[:, 0], draws[:, 1]
    low, high = np.zeros(total), np.zeros(total)
    gone = np.isnan(delta).all(axis=0)
    low[gone] = high[gone] = np.nan
    edge = (1 - level) / 2
    if not gone.all():
        low[~gone], high[~gone] = np.nanquantile(delta[:, ~gone], [edge, 1 - edge], axis=0)
    words = np.array([BORDER_MADE, SPILL_OVER, BRIDGED], dtype=object)[np.minimum(national, 2).astype(np.int64)]
    same = np.mean(words == np.array(told.word, dtype=object)[None], axis=0) if total else np.zeros(0)
    frame = clusters.frame[["name", "n", "countries"]].assign(
        dependence=told.word,
        delta=told.delta,
        low=low,
        high=high,
        class_share=np.where(np.array(told.word, dtype=object) == NATIONAL, 1.0, same),
        vanished=np.isnan(delta).mean(axis=0) if total else np.zeros(0),
    )
    parameters = {"radius_km": radius, "minimum": least, "resamples": resamples, "level": level}
    return DependenceResult(frame, float(level), int(resamples), Provenance(parameters, seed=seed))


def _rule(
    clusters: ClusterResult, radius_km: float | None, minimum: int | None, resamples: int, level: float
) -> tuple[float, int]:
    """Return radius and minimum, or raise one error with all faults."""
    made = clusters.provenance.parameters
    radius = made.get("radius_km") if radius_km is None else radius_km
    least = made.get("minimum", 5) if minimum is None else minimum
    faults = []
    if radius is None:
        faults.append(
            f"method {made.get('method')!r} has no radius: give radius_km, the rule that δ is asked of. "
            f"{RADIUS_KM:g} is usual."
        )
    elif not 0 < to_number(radius) < np.inf:
        faults.append(f"radius_km must be a number of kilometres above 0, got {radius!r}. 10 is usual.")
    if "minimum_weight" in made and minimum is None:
        faults.append(
            "minimum must be given: the clusters are dense in weights, δ is resampled in organisations, "
            "and how many of them make a core is not known."
        )
    whole = {"minimum": (least, 5), "resamples": (resamples, 200)}
    for name, (value, usual) in whole.items():
        if not (to_number(value) >= 1 and float(value).is_integer()):
            faults.append(f"{name} must be a whole number from 1 up, got {value!r}. {usual} is usual.")
    if not 0 < to_number(level) < 1:
        faults.append(f"level must be a number between 0 and 1, got {level!r}. 0.95 is usual.")
    if faults:
        raise OptionError("\n".join(faults))
    return float(radius), int(least)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class _Sites:
    """Distinct points, one for each country on them."""

    xyz: NDArray[np.float64]
    country: NDArray[np.int64]
    count: NDArray[np.int64]
    label: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        longitude: NDArray[np.float64],
        latitude: NDArray[np.float64],
        code: NDArray[np.int64],
        label: NDArray[np.int64],
    ) -> _Sites:
        points = distinct_points(longitude, latitude)
        # a user's clusters may share a point
        key, count = np.unique(np.column_stack([points.of_row, code, label]), axis=0, return_counts=True)
        if not len(key):
            key = np.zeros((0, 3), dtype=np.int64)
        return cls(points.xyz[key[:, 0]], key[:, 1], count.astype(np.int64), key[:, 2])


def _neighbours(sites: _Sites, reach: float) -> tuple[csr_array, csr_array]:
    """List the sites about each member, and those of its own country, as matrices."""
    from scipy import sparse
    from scipy.spatial import cKDTree

    members = np.flatnonzero(sites.label > 0)
    shape = (len(members), len(sites.count))
    if not len(members):
        return sparse.csr_array(shape), sparse.csr_array(shape)
    tree = cKDTree(sites.xyz)
    edges = int(np.sum(tree.query_ball_point(sites.xyz[members], reach, return_length=True)))
    if edges > MAX_EDGES:
        raise GraphSizeError(f"members have {edges:,} neighbours, more than {MAX_EDGES:,}. Give a smaller radius_km.")
    near: Any = tree.query_ball_point(sites.xyz[members], reach)
    row = np.repeat(np.arange(len(members)), [len(found) for found in near])
    at = np.concatenate([np.asarray(found, dtype=np.int64) for found in near])
    own = sites.country[members][row] == sites.country[at]

    def matrix(held: Any) -> csr_array:
        ones = np.ones(int(held.sum()), dtype=np.float32)
        return sparse.csr_array((ones, (row[held], at[held])), shape=shape)

    return matrix(np.ones(len(row), dtype=bool)), matrix(own)


def _deltas(
    sites: _Sites, every: csr_array, own: csr_array, minimum: int, total: int, rng: np.random.Generator, size: int
) -> NDArray[np.float64]:
    """δ of each cluster, and how many countries keep a core, in so many resamples: shape (size, 2, clusters)."""
    weight = np.zeros((len(sites.count), size), dtype=np.float32)
    for c in np.unique(sites.country):
        here = np.flatnonzero(sites.country == c)
        n = int(sites.count[here].sum())
        weight[here] = rng.multinomial(n, sites.count[here] / n, size=size).T
    members = np.flatnonzero(sites.label > 0)
    drawn = weight[members]
    core = ((every @ weight) >= minimum) & (drawn > 0)
    stays = ((own @ weight) >= minimum) & core
    label, country = sites.label[members] - 1, sites.country[members]
    result = np.zeros((size, 2, total))
    pair, of_member = np.unique(np.column_stack([label, country]), axis=0, return_inverse=True)
    for b in range(size):
        cores = np.bincount(label, weights=drawn[:, b] * core[:, b], minlength=total)
        left = np.bincount(label, weights=drawn[:, b] * stays[:, b], minlength=total)
        with np.errstate(invalid="ignore"):
            result[b, 0] = np.where(cores > 0, 1 - left / np.where(cores > 0, cores, 1), np.nan)
        if len(pair):
            kept = np.bincount(of_member.ravel(), weights=stays[:, b], minlength=len(pair)) > 0
            result[b, 1] = np.bincount(pair[kept, 0], minlength=total)
    return result
