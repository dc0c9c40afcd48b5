"""Whose is the nearest neighbour, of which kind, own or foreign: Dixon's table?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.colocation.enough import worker_faults
from geocluster.colocation.moments import chi_square, label_moments
from geocluster.colocation.pairs import PARTS, Pairs, choose_kinds, counts_frame, measure_pairs
from geocluster.graph import build_graph
from geocluster.results import Provenance, Result
from geocluster.schema import check, kind_words
from geocluster.splitting import check_choices, say_p
from geocluster.splitting.discovery import FDRS, adjust_for_discovery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from pandas import DataFrame

    from geocluster.permutation import Seed

SIDES = dict(zip(PARTS, ("all", "own", "foreign"), strict=True))


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class NeighbourTable(Result):
    """Nearest neighbours by kind, own and foreign.

    Attributes
    ----------
    kinds : tuple of str
    cells : DataFrame
        One row a pair of kinds and side: `kind`, `near_kind`, `side` (all = own + foreign),
        `observed` (equally near ones share), `expected`, `sd`, `z` and `p` with kinds permuted
        within countries, `p_adjusted` over all pairs of a side; of all, `expected_complete`
        n_a n_b'/(N - 1), `sd_complete` and `z_complete` if all rows were one country (Dixon 1994);
        `reason` why nothing is claimed.
    rows : DataFrame
        One row a kind, and one, `all`, for the whole table: `chi2` and `p` with kinds permuted within
        countries, `chi2_complete`, `df` and `p_complete` if all rows were one country (Dixon 2002),
        `reason`.
    counts : DataFrame
        Rows of each kind by country.
    undefined : str
        Why there is no foreign side; empty if there is.
    set_aside : DataFrame
        On the table's index: the rows that could not enter, with `reason`.
    null : str
    notes : tuple of str
    provenance : Provenance
    """

    kinds: tuple[str, ...]
    cells: DataFrame
    rows: DataFrame
    counts: DataFrame
    undefined: str
    set_aside: DataFrame
    null: str
    notes: tuple[str, ...]
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a pair of kinds and side."""
        return self.cells.copy()

    def table(self, column: str = "observed") -> DataFrame:
        """Lay it out as Dixon does: rows kind and side, columns the kind of the nearest."""
        laid = self.cells.pivot(index=["kind", "side"], columns="near_kind", values=column)
        order = [(kind, side) for kind in self.kinds for side in SIDES.values()]
        return laid.reindex(index=order, columns=list(self.kinds))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw observed counts of each pair against the null."""
        from geocluster.charts import plot_parts

        told = self.cells[self.cells["side"] == "all"]
        frame = told.rename(columns={"observed": "value"})
        frame.index = [f"{a} → {b}" for a, b in zip(told["kind"], told["near_kind"], strict=True)]
        return plot_parts(frame, ax)

    def sentence(self) -> str:
        """Say how many pairs are not chance, and how many nearest neighbours are foreign."""
        told = self.cells[self.cells["side"] == "all"]
        foreign = self.cells.loc[self.cells["side"] == "foreign", "observed"].sum()
        found = int((told["p_adjusted"] <= 0.05).sum())
        return (
            f"{len(self.kinds)} kinds: {found} of {int(told['p'].notna().sum())} pairs are not chance; "
            f"{foreign:.0f} of {told['observed'].sum():.0f} nearest neighbours are foreign"
        )

    def facts(self) -> list[str]:
        """Say the null, each pair that is not chance, and what was left out."""
        lines = [f"null: {self.null}", self._told_whole()]
        lines += [
            f"{row['kind']} → {row['near_kind']}, {row['side']}: {row['observed']:.4g}, expected "
            f"{row['expected']:.4g}, p {say_p(row['p'])}, adjusted {say_p(row['p_adjusted'])}"
            for row in self.cells[self.cells["p_adjusted"] <= 0.05].to_dict("records")
        ]
        lines += [f"foreign: {self.undefined}"] * bool(self.undefined)
        if len(self.set_aside):
            lines += [f"set aside {n:,}: {words}" for words, n in self.set_aside["reason"].value_counts().items()]
        return [*lines, *self.notes, *self.provenance.facts()]

    def _told_whole(self) -> str:
        """Say how far the whole table is off, within countries and as if there were none."""
        row = self.rows.iloc[-1]
        plain = f"{row['chi2_complete']:.3g}, {row['df']} df, p {say_p(row['p_complete'])}"
        inside = row["reason"] or f"χ² {row['chi2']:.3g}, p {say_p(row['p'])}"
        return f"whole table: {inside}; if all rows were one country χ² {plain} (Dixon 2002)"


def dixon_test(
    table: GeoDataFrame,
    *,
    kinds: Sequence[str] | None = None,
    permutations: int = 999,
    rng: Seed = None,
    workers: int = 1,
) -> NeighbourTable:
    """Count nearest neighbours by kind, own and foreign, against kinds permuted within countries.

    N_ab is the number of a whose nearest neighbour is of b (Dixon 1994); equally near ones share.
    The nearest neighbour is own or foreign: own + foreign = all. All and own are tested with kinds
    permuted within countries; the foreign side with A's country held and B permuted abroad, the
    larger p of both directions (more than two countries: Holm). False discoveries are counted over
    all pairs of a side. The whole table, and each of its rows, has χ² = (N - E)' V⁻ (N - E): E and V
    from the redraws within countries, p its rank among them; beside it the analytic E and V with all
    labels permuted and p of the χ² law, as in Dixon (1994; 2002), who knows no countries.

    Parameters
    ----------
    table : GeoDataFrame
        Assigned, every row with a point; rows without a kind are set aside.
    kinds : sequence of str, optional
        Default: all of the table.
    permutations : int, default 999
    rng : Generator, int or None
        Seed.
    workers : int, default 1

    Returns
    -------
    NeighbourTable

    Raises
    ------
    SchemaError
        If the table is not assigned or has no column `kind`.
    OptionError
        If a kind is not there, or there are fewer than two.

    Examples
    --------
    >>> import geopandas as gpd
    >>> x = np.arange(24.0)
    >>> table = gpd.GeoDataFrame(
    ...     {"country": ["CH"] * 12 + ["FR"] * 12, "kind": ["firm", "university"] * 12},
    ...     geometry=gpd.points_from_xy(7.5 + x * x / 1000, 47.5),
    ...     crs="EPSG:4326",
    ... )
    >>> result = dixon_test(table, permutations=99, rng=1)
    >>> float(result.table().loc[("firm", "all")].sum())
    12.0
    """
    check_choices("dixon", ["dixon"], null="permutation", permutations=permutations, faults=worker_faults(workers))
    check(table, "assigned", columns=["kind"])
    chosen = choose_kinds(table, kinds)
    nameless = kind_words(table["kind"]).isna()
    told = table[~nameless]
    found = measure_pairs(
        table if len(told) == len(table) else told, build_graph(told, nearest=1), chosen, null="permutation",
        permutations=permutations, rng=rng, workers=workers,
    )  # fmt: skip
    frame = found.count
    cells = frame[["kind", "near_kind"]].assign(
        side=frame["part"].map(SIDES),
        observed=frame["value"],
        expected=frame["expected"],
        sd=frame["sd"],
        z=frame["z"],
        p=frame["p"],
        p_adjusted=np.nan,
        expected_complete=np.nan,
        sd_complete=np.nan,
        z_complete=np.nan,
        reason=frame["reason"],
    )
    rows = _rows(found, cells)
    for side in SIDES.values():
        mine = cells["side"] == side
        cells.loc[mine, "p_adjusted"] = adjust_for_discovery(cells.loc[mine, "p"])
    import pandas as pd

    aside = pd.concat([found.rows.set_aside, pd.DataFrame({"reason": "no kind"}, index=table.index[nameless])])
    return NeighbourTable(
        kinds=tuple(chosen),
        cells=cells,
        rows=rows,
        counts=counts_frame(chosen, found.number, found.rows.countries.names),
        undefined=found.rows.undefined(),
        set_aside=aside,
        null=f"kinds permuted within countries; {FDRS['bh']}",
        notes=found.notes,
        provenance=Provenance(
            {"statistic": "dixon", "kinds": ", ".join(chosen), "permutations": permutations}, found.seed
        ),
    )


def _rows(found: Pairs, cells: DataFrame) -> DataFrame:
    """Test the whole table and each of its rows, and write the moments of complete labelling into the cells."""
    import pandas as pd
    from scipy import stats

    k = len(found.kinds)
    mean, covariance = label_moments(found.weights, found.number.sum(axis=1))
    mine = (cells["side"] == "all").to_numpy()
    seen = cells.loc[mine, "observed"].to_numpy(dtype=np.float64)
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    z = np.divide(seen - mean, sd, out=np.full(len(sd), np.nan), where=sd > 1e-12)
    cells.loc[mine, ["expected_complete", "sd_complete", "z_complete"]] = np.column_stack([mean, sd, z])
    # what is observed counts as one of the redraws, so that all are ranked by one measure
    pooled = np.vstack([seen, found.drawn])
    pooled = pooled - pooled.mean(axis=0)
    reasons = cells.loc[mine, "reason"].to_numpy(dtype=object)
    told = []
    for at, name in enumerate([*found.kinds, "all"]):
        row = np.arange(k * k) if at == k else np.arange(at * k, (at + 1) * k)
        length, varies = chi_square(pooled[:, row], np.cov(pooled[:, row].T, bias=True))
        complete, freedom = chi_square((seen - mean)[row], covariance[np.ix_(row, row)])
        reason = "" if (reasons[row] == "").any() else str(reasons[row[0]])
        if not reason and not varies:
            reason = "the redraws do not vary"
        told.append(
            {"kind": name, "chi2": np.nan if reason else float(length[0]),
             "p": np.nan if reason else float((length >= length[0] * (1 - 1e-9)).mean()),
             "chi2_complete": float(complete) if freedom else np.nan, "df": freedom,
             "p_complete": float(stats.chi2.sf(complete, freedom)) if freedom else np.nan, "reason": reason}
        )  # fmt: skip
    return pd.DataFrame(told).set_index("kind")
