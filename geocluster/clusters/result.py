"""What is known of each cluster?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.choices import MAX_DIAMETER_KM
from geocluster.clusters.density import exact_sums
from geocluster.clusters.dependence import NATIONAL, UNDEFINED, tell_dependence
from geocluster.clusters.extent import centres, widest_km
from geocluster.clusters.naming import name_clusters
from geocluster.graph import coordinates_of
from geocluster.results import Provenance, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    from geocluster.clusters.partition import Partition
    from geocluster.graph import Points

MANY_SHARED = 0.2
"""Above this share of rows on shared points a result warns."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ClusterResult(Result):
    """Clusters of a table, whatever country their members are in.

    Attributes
    ----------
    labels : Series of Int64
        On the table's index: 1 for the largest cluster, <NA> outside.
    core : Series of bool
        On the table's index: at least `minimum` rows stand within the radius; where a
        method has no such rule, all members.
    frame : DataFrame
        One row a cluster, index `cluster`: name, n, n_core, countries ("CH DE FR", most
        members first), counts ("33 15 10"), largest_share, n_<kind> for each kind, lon,
        lat (degrees), extent_km, chain (wider than `max_diameter_km`), dependence, delta;
        then what the method adds: weight; birth_km, stability (HDBSCAN); llr, p, expected,
        r_km, at_lon, at_lat, from_year, to_year (scans); given (a column); cut_from (chains
        that were split); merged (ties).
    points : GeoDataFrame
        The table's kind, country and geometry, with `cluster`, and `strength` (0 to 1)
        where the method knows it.
    shared : float
        Share of rows on a point with others; NaN without rows.
    provenance : Provenance
    notes : sequence of str
        What the method has to say: its null, rows set aside and why, chains that were cut.
    steps : DataFrame or None
        Merges by ties: one, other, RI, RC.
    """

    labels: Series[Any]
    core: Series[Any]
    frame: DataFrame
    points: GeoDataFrame
    shared: float
    provenance: Provenance
    notes: Sequence[str] = ()
    steps: DataFrame | None = None

    def to_frame(self) -> DataFrame:
        """One row a cluster."""
        return self.frame.copy()

    def by_country(self) -> DataFrame:
        """One row a cluster and country, with n; most members first."""
        import pandas as pd

        rows = [
            (label, country, int(n))
            for label, countries, counts in zip(
                self.frame.index, self.frame["countries"], self.frame["counts"], strict=True
            )
            for country, n in zip(countries.split(), counts.split(), strict=True)
        ]
        return pd.DataFrame(rows, columns=["cluster", "country", "n"]).astype({"cluster": "int64", "n": "int64"})

    def names(self, *, language: str = "en") -> Series[str]:
        """Name each cluster after its largest place on each side, in a language.

        Parameters
        ----------
        language : {"en", "ru"}
            A place without a Russian name keeps its own.

        Returns
        -------
        Series of str
            On the index of `frame`.
        """
        import pandas as pd

        held = self.points[self.labels.notna().to_numpy(dtype=bool)]
        told = name_clusters(
            [codes.split() for codes in self.frame["countries"]],
            held["cluster"].to_numpy(dtype=np.int64),
            held["country"].tolist(),
            *coordinates_of(held),
            language=language,
        )
        return pd.Series(told, index=self.frame.index, name="name", dtype=object)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a quick map, on the given axes if any."""
        from geocluster.maps import plot_groups

        words = [
            "a chain, not one cluster" if chain else _unasked(len(codes.split()))
            for codes, chain in zip(self.frame["countries"], self.frame["chain"], strict=True)
        ]
        return plot_groups(self.points, self.frame.assign(verdict=words), ax=ax)

    def sentence(self) -> str:
        """Say how many clusters of how many, and how many lie in more than one country."""
        rows = len(self.labels)
        if self.frame.empty:
            return f"no clusters among {rows:,} stakeholder{'' if rows == 1 else 's'}"
        clusters, members = len(self.frame), int(self.frame["n"].sum())
        sides = [len(codes.split()) for codes in self.frame["countries"]]
        several = sum(side > 1 for side in sides)
        where = "two countries" if max(sides) == 2 else "more than one country"
        chains = int(self.frame["chain"].sum())
        told = "" if not chains else f", {chains:,} {'a chain' if chains == 1 else 'chains'}"
        return (
            f"{clusters:,} cluster{'' if clusters == 1 else 's'} of {members:,} stakeholder"
            f"{'' if members == 1 else 's'}, {several or 'none'} in {where}{told}"
        )

    def facts(self) -> list[str]:
        """Say each cluster in a line, then what stands outside, and what a reader should know."""
        lines = [_say(label, row) for label, row in self.frame.head(20).iterrows()]
        if len(self.frame) > 20:
            lines.append(f"… and {len(self.frame) - 20:,} more")
        lines.append(f"{int(self.labels.isna().sum()):,} of {len(self.labels):,} in no cluster")
        lines += self.notes
        if self.shared > MANY_SHARED:
            lines.append(
                f"warning: {self.shared:.0%} of the rows share a point with others: "
                "scales below the geocoding precision are not resolved"
            )
        return lines + self.provenance.facts()


def _unasked(sides: int) -> str:
    """Say no more than the clusters know: no test has been made."""
    return ("in one country", "in two countries, spanning not shown", "in several countries, spanning not shown")[
        min(sides, 3) - 1
    ]


def _say(label: Any, row: Series[Any]) -> str:
    """Say one cluster in a line."""
    pairs = zip(row["countries"].split(), row["counts"].split(), strict=True)
    sides = " · ".join(f"{country} {n}" for country, n in pairs)
    known = row["dependence"] not in (NATIONAL, UNDEFINED)
    depends = f", {row['dependence']} (δ {row['delta']:.2f})" if known else ""
    chain = ", a chain: not one place" if row["chain"] else ""
    if "p" in row.index:
        depends += f", log-likelihood ratio {row['llr']:.3g}, p {row['p']:.3g}"
    return f"{label} {row['name']}: {row['n']} ({sides}), {row['extent_km']:.1f} km wide{depends}{chain}"


def describe(
    found: Partition,
    country: NDArray[np.object_],
    code: NDArray[np.int64],
    kind: NDArray[np.object_] | None,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    *,
    points: Points,
    weight: NDArray[np.float64] | None = None,
    max_diameter_km: float = MAX_DIAMETER_KM,
) -> DataFrame:
    """Put together what is known of each cluster: the `frame` of a `ClusterResult`.

    Parameters
    ----------
    found : Partition
    country, code, kind : ndarray, shape (n,)
        Country as text and as a number; kind None where the table has none.
    longitude, latitude : ndarray, shape (n,)
        Degrees, EPSG:4326.
    points : Points
        The distinct points of the rows.
    weight : ndarray, shape (n,), optional
        Summed over each cluster.
    max_diameter_km : float
        What is wider is a chain.
    """
    import pandas as pd

    inside = found.label > 0
    label, clusters = found.label[inside], int(found.label.max(initial=0))
    lon, lat = longitude[inside], latitude[inside]
    points = replace(points, of_row=points.of_row[inside])
    codes, counts = _sides(label, code[inside], country[inside], clusters)
    size = np.bincount(label, minlength=clusters + 1)[1:]
    columns: dict[str, Any] = {
        "name": name_clusters(codes, label, country[inside], lon, lat, points=points),
        "n": size,
        "n_core": np.bincount(found.label[found.core], minlength=clusters + 1)[1:],
        "countries": [" ".join(own) for own in codes],
        "counts": [" ".join(map(str, own)) for own in counts],
        "largest_share": [own[0] / sum(own) for own in counts],
    }
    if kind is not None:
        words = kind[inside]
        for word in sorted(set(kind.tolist())):
            column = f"n_{'_'.join(word.split())}"
            column = "n_core_kind" if column == "n_core" else column
            columns[column] = columns.get(column, 0) + np.bincount(label[words == word], minlength=clusters + 1)[1:]
    cluster, spot, count = _spots(label, points)
    columns["lon"], columns["lat"] = centres(points.xyz[spot], cluster, clusters, count=count)
    columns["extent_km"] = _extents(cluster, points.xyz[spot], clusters)
    columns["chain"] = columns["extent_km"] > max_diameter_km
    dependence = tell_dependence(found.label, found.core, found.stays, code)
    columns["dependence"] = dependence.word
    columns["delta"] = dependence.delta
    if weight is not None:
        columns["weight"] = exact_sums(found.label, weight, clusters + 1)[1:]
    columns.update(found.columns)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(1, clusters + 1, name="cluster"))
    text = dict.fromkeys(("name", "countries", "counts", "dependence"), "object")
    return frame.astype({**text, "largest_share": "float64"})


def _sides(
    label: NDArray[np.int64], code: NDArray[np.int64], country: NDArray[np.object_], clusters: int
) -> tuple[list[list[str]], list[list[int]]]:
    """Countries of each cluster and their members, most members first, then by the country's letters."""
    countries = int(code.max(initial=0)) + 1
    pair, first, number = np.unique(label * countries + code, return_index=True, return_counts=True)
    codes: list[list[str]] = [[] for _ in range(clusters)]
    counts: list[list[int]] = [[] for _ in range(clusters)]
    words = [str(word) for word in country[first]]
    cluster = pair // countries - 1
    for k in sorted(range(len(pair)), key=lambda k: (-number[k], words[k])):
        codes[cluster[k]].append(words[k])
        counts[cluster[k]].append(int(number[k]))
    return codes, counts


def _spots(label: NDArray[np.int64], points: Points) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Give the distinct points of each cluster, sorted, so that no sum hangs on the order of rows; and their rows."""
    total = max(len(points.count), 1)
    key = np.sort(label * total + points.of_row)
    fresh = np.flatnonzero(np.append(key[:1] >= 0, key[1:] != key[:-1]))
    return key[fresh] // total, key[fresh] % total, np.diff(np.append(fresh, len(key)))


def _extents(cluster: NDArray[np.int64], xyz: NDArray[np.float64], clusters: int) -> NDArray[np.float64]:
    """Width of each cluster, by its distinct points, which stand cluster by cluster."""
    first = np.searchsorted(cluster, np.arange(1, clusters + 1))
    groups = np.split(xyz, first[1:]) if clusters else []
    return np.array([widest_km(group) for group in groups], dtype=np.float64)
