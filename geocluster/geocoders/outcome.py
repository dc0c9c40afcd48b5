"""What became of the rows of a table, and what can be done about the rest?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import OptionError
from geocluster.geocoders.advice import advise, list_unplaced
from geocluster.geocoders.restored import POINTLESS
from geocluster.results import Provenance, Result
from geocluster.schema import MAX_RADIUS_KM, check

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

STATUSES = ("ok", "coarse", "ambiguous", "conflict", "not_found", "bad_input")
PRECISIONS = ("given", "address", "postcode", "city", "region", "country", "none")
DOUBTED = 0.9
"""Answers less sure than this are counted."""
_WORDS = {
    "ambiguous": "ambiguous",
    "conflict": "contradictory",
    "coarse": "known by their country only",
    "not_found": "not found",
    "bad_input": "with nothing usable",
}
_PLACED = {
    "given": "coordinates given",
    "address": "by address",
    "postcode": "by postcode",
    "city": "by city",
    "region": "by region only",
}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class GeocodingSummary(Result):
    """What became of the rows of a geocoded table.

    Attributes
    ----------
    rows : int
        All of them.
    counts : DataFrame
        One row a status and precision: placed (has a point), n, share, radius_km
        (median, 95 %), radius_km_max.
    unplaced : DataFrame
        The names most often not placed: name, country, n, status, reason,
        candidate (the best one), advice.
    doubted : int
        Rows placed with a confidence below 0.9.
    wide : int
        Rows placed within more than 30 km, which statistics leave out.
    unused : int
        Rows placed by name although they have coordinates, which cannot be right
        (geo_conflict says why).
    near_border : int
        Rows whose point lies in another country than their own, by as much as
        positions err.
    sources : tuple of str
        Who is to be credited.
    provenance : Provenance
    """

    rows: int
    counts: DataFrame
    unplaced: DataFrame
    doubted: int
    wide: int
    near_border: int
    unused: int
    sources: tuple[str, ...]
    provenance: Provenance

    @property
    def placed(self) -> int:
        """How many rows have a point."""
        return int(self.counts.loc[self.counts["placed"], "n"].sum())

    def to_frame(self) -> DataFrame:
        """One row a status and precision."""
        return self.counts.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how many rows there are of each outcome, those without a point lighter."""
        return self._plot(ax, "en")

    def figure(self, *, language: str = "en") -> Figure:
        """Draw the same for print."""
        from matplotlib.figure import Figure

        page = Figure(figsize=(120 / 25.4, (18 + 7 * max(len(self._outcomes()), 2)) / 25.4), layout="constrained")
        self._plot(page.add_subplot(), language)
        return page

    def _plot(self, ax: Axes | None, language: str) -> Axes:
        from geocluster.charts import plot_counts

        outcomes = self._outcomes()
        muted = {f"outcome_{status}" for status in _WORDS}
        return plot_counts(outcomes, ax, muted=muted, language=language)

    def _outcomes(self) -> dict[str, int]:
        """Count by precision where there is a point, by status where there is none."""
        counted: dict[str, int] = {}
        held = self.counts[self.counts["placed"]]
        for precision in PRECISIONS:
            if n := int(held.loc[held["precision"] == precision, "n"].sum()):
                counted[f"outcome_{precision}"] = n
        for status in _WORDS:
            if n := self._missed(status):
                counted[f"outcome_{status}"] = n
        return counted

    def _missed(self, status: str) -> int:
        rest = self.counts[~self.counts["placed"]]
        return int(rest.loc[rest["status"] == status, "n"].sum())

    def sentence(self) -> str:
        """Say how many rows are placed, and why the others are not."""
        placed, missed = self.placed, self.rows - self.placed
        told = f"{self.rows:,} row{'s' * (self.rows != 1)}: {placed:,} placed ({_share(placed, self.rows)})"
        if not missed:
            return told
        parts = [f"{n:,} {words}" for status, words in _WORDS.items() if (n := self._missed(status))]
        return f"{told}, {missed:,} not: {', '.join(parts)}"

    def facts(self) -> list[str]:
        """Say how precisely, what is left and what to do about it, and whom to credit."""
        lines = []
        held = self.counts[self.counts["placed"]]
        for precision, words in _PLACED.items():
            rows = held[held["precision"] == precision]
            if rows.empty:
                continue
            n = int(rows["n"].sum())
            width = float(np.average(rows["radius_km"], weights=rows["n"]))
            most = float(rows["radius_km_max"].max())
            reach = f"typically {width:.3g} km, at most {most:.3g} km"
            reach = f"{most:.3g} km" if np.isclose(width, most) else reach
            lines.append(f"{words}: {n:,} ({_share(n, self.rows)}), radius {reach}")
        if self.doubted:
            lines.append(f"less sure: {self.doubted:,} placed with a confidence below {DOUBTED:g} (geo_confidence)")
        if self.wide:
            lines.append(f"wide: {self.wide:,} known to more than {MAX_RADIUS_KM:g} km only; statistics leave them out")
        if self.unused:
            lines.append(f"coordinates not used: {self.unused:,} placed by name instead (geo_conflict says why)")
        if self.near_border:
            beyond = f"{self.near_border:,} placed beyond it, by no more than positions err (near_border)"
            lines.append(f"near a border: {beyond}")
        lines += self._unplaced_facts()
        lines += [f"credit: {source}" for source in self.sources]
        return lines

    def _unplaced_facts(self) -> list[str]:
        if self.unplaced.empty:
            return []
        told = int(self.unplaced["n"].sum())
        missed = self.rows - self.placed
        of = "" if told == missed else f" ({told:,} of {missed:,} rows)"
        lines = [f"not placed, the most frequent first{of}:"]
        for row in self.unplaced.to_dict("records"):
            best = f" · best: {row['candidate']}" if row["candidate"] else ""
            why = f"{_WORDS_ONE[row['status']]}, {row['reason']}"
            lines.append(f"  {row['n']:,} × {row['name']}: {why}{best} → {row['advice']}")
        return lines


_WORDS_ONE = {**_WORDS, "ok": "no point", "coarse": "coarse", "bad_input": "nothing usable"}


def summarise_geocoding(table: GeoDataFrame, *, most: int = 10) -> GeocodingSummary:
    """Count what became of the rows of a geocoded table, and say what to do about the rest.

    Parameters
    ----------
    table : GeoDataFrame
        Geocoded, perhaps assigned to countries too.
    most : int, default 10
        How many of the names not placed are told.

    Returns
    -------
    GeocodingSummary

    Raises
    ------
    SchemaError
        If the table is not geocoded.
    OptionError
        If `most` is no number of names.

    Examples
    --------
    >>> import pandas as pd
    >>> from geocluster.geocoders import geocode
    >>> table = geocode(pd.DataFrame({"city": ["Bâle", "Neustadt"], "country": ["Suisse", "DE"]}))
    >>> summary = summarise_geocoding(table)
    >>> summary.sentence()
    '2 rows: 1 placed (50 %), 1 not: 1 ambiguous'
    >>> summary.unplaced[["name", "n", "advice"]].values.tolist()
    [['Neustadt, DE', 1, 'add the region or the postcode']]
    """
    if most < 0:
        raise OptionError(f"most must be a whole number, at least 0, got {most!r}.")
    check(
        table, "located", columns=("geo_status", "precision", "radius_km", "reason", "geo_candidates", "geo_conflict")
    )
    held = ~(table.geometry.isna() | table.geometry.is_empty).to_numpy()
    held &= ~table["precision"].isin(POINTLESS).to_numpy(dtype=bool)
    radius = table["radius_km"].to_numpy(dtype=float)
    near = table["near_border"].fillna(value=False).to_numpy(dtype=bool) if "near_border" in table.columns else ~held
    unplaced = list_unplaced(table[~held], most=most)
    unplaced["advice"] = advise(unplaced)
    return GeocodingSummary(
        rows=len(table),
        counts=_count(table, held),
        unplaced=unplaced.drop(columns=["text", "stated", "region", "placed_by", "given"]),
        doubted=int((table["geo_confidence"].to_numpy(dtype=float)[held] < DOUBTED).sum()),
        wide=int((radius[held] > MAX_RADIUS_KM).sum()),
        near_border=int((near & held).sum()),
        unused=int((held & table["geo_conflict"].notna().to_numpy(dtype=bool)).sum()),
        sources=tuple(map(str, table["geo_source"].value_counts().index)),
        provenance=Provenance({"most": most}),
    )


def _count(table: GeoDataFrame, held: Any) -> DataFrame:
    """Count by status and precision."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "status": pd.Categorical(table["geo_status"].fillna("bad_input"), STATUSES),
            "precision": pd.Categorical(table["precision"].fillna("none"), PRECISIONS),
            "placed": held,
            "radius_km": table["radius_km"].to_numpy(dtype=float),
        }
    )
    groups = frame.groupby(["status", "precision", "placed"], observed=True)["radius_km"]
    counts = groups.agg(n="size", radius_km="median", radius_km_max="max").reset_index()
    counts.insert(4, "share", counts["n"] / max(len(table), 1))
    counts["status"], counts["precision"] = counts["status"].astype("object"), counts["precision"].astype("object")
    return counts


def _share(part: int, whole: int) -> str:
    """Say a share so that neither all nor nothing is said of nearly so.

    Examples
    --------
    >>> _share(9_999, 10_000), _share(1, 3), _share(0, 0)
    ('99.9 %', '33 %', '0 %')
    """
    share = 100 * part / max(whole, 1)
    if share in (0, 100) or 1 <= share <= 99:
        return f"{share:.0f} %"
    return f"{np.floor(share * 10) / 10:.1f} %" if share > 99 else f"{np.ceil(share * 10) / 10:.1f} %"
