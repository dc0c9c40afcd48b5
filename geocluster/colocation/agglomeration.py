"""Are the employees of a kind gathered in few regions, more than large plants make them: Ellison and Glaeser?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.results import Provenance, Result
from geocluster.splitting import FEWEST

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from pandas import DataFrame

WHOLE = "whole"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class AgglomerationResult(Result):
    """Ellison and Glaeser's index of each kind, and of each pair of kinds, over all regions and by country.

    Attributes
    ----------
    kinds : DataFrame
        One row a country (or `whole`) and kind: plants, weight, G, H, gamma, reason.
    pairs : DataFrame
        One row a country (or `whole`) and pair of kinds: kind, near_kind, coagglomeration, and
        `industry_mean`, the same against the mean of the kinds' shares; reason.
    set_aside : DataFrame
        On the table's index: the rows that could not enter, with `reason`.
    notes : tuple of str
    provenance : Provenance
    """

    kinds: DataFrame
    pairs: DataFrame
    set_aside: DataFrame
    notes: tuple[str, ...]
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a country and kind."""
        return self.kinds.copy()

    def side_by_side(self) -> DataFrame:
        """Lay γ of each kind (rows) out by country (columns): they are no parts of the whole."""
        return self.kinds.pivot(index="kind", columns="country", values="gamma").reindex(
            columns=list(dict.fromkeys(self.kinds["country"]))
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw γ of each kind, the whole filled, each country hollow."""
        from geocluster.colocation.agglomeration_figure import plot_agglomeration

        return plot_agglomeration(self.kinds, ax)

    def sentence(self) -> str:
        """Say which kind is gathered most."""
        told = self.kinds[(self.kinds["country"] == WHOLE) & self.kinds["gamma"].notna()]
        if told.empty:
            return "Ellison and Glaeser's γ: not defined for any kind"
        first = told.sort_values("gamma", kind="stable").iloc[-1]
        return f"Ellison and Glaeser's γ of {len(told)} kinds: largest {first['gamma']:.3g}, {first['kind']}"

    def facts(self) -> list[str]:
        """Say γ by country, and what was left out."""
        lines = []
        for kind, told in self.kinds.groupby("kind", sort=False):
            words = [
                f"{row['country']} {row['reason'] or format(row['gamma'], '.3g')}" for row in told.to_dict("records")
            ]
            lines.append(f"{kind}: " + "; ".join(words))
        lines.append("no parts of a whole: each country is compared with its own regions")
        if len(self.set_aside):
            lines += [f"set aside {n:,}: {words}" for words, n in self.set_aside["reason"].value_counts().items()]
        return [*lines, *self.notes, *self.provenance.facts()]


def agglomeration_index(
    table: DataFrame, *, region: str = "region", kind: str = "kind", weight: str | None = None
) -> AgglomerationResult:
    """Compare the regional shares of each kind with those of all, chance lumps of large plants taken off.

    γ = (G - (1 - Σ x²) H) / ((1 - Σ x²)(1 - H)), G = Σ (s - x)², s the shares of the kind's employees by
    region, x those of all kinds, H = Σ z² the plants' shares in the kind (Ellison & Glaeser 1997, eq. 5).
    Coagglomeration of two kinds Σ (s_a - x)(s_b - x) / (1 - Σ x²) (Ellison, Glaeser & Kerr 2010, eq. 1),
    x of all employees, and against the mean of the kinds' shares as they have it. γ is no sum over
    pairs: it stands over all regions and, side by side, in each country against its own.

    Parameters
    ----------
    table : DataFrame
        One row a plant, with a column `country`.
    region, kind : str
        Columns. A region is one of its country: those of one name in two countries are two.
    weight : str, optional
        Column of employees; 1 each if not given. Rows without one are set aside.

    Returns
    -------
    AgglomerationResult
        A kind with fewer than five plants, or all in one plant, has no γ.

    Raises
    ------
    SchemaError
        If a column is absent, or no row is left.
    OptionError
        If there are not two regions.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {"country": "CH", "region": ["BS"] * 5 + ["ZH"] * 5 + ["BS"] * 3 + ["ZH"] * 7,
    ...      "kind": ["chemistry"] * 5 + ["banking"] * 5 + ["other"] * 10}
    ... )
    >>> agglomeration_index(table).side_by_side().loc["chemistry", "whole"].round(3)
    np.float64(1.625)
    """
    import pandas as pd

    wanted = ["country", region, kind, *([weight] if weight else [])]
    if not hasattr(table, "columns"):
        raise SchemaError(f"a table is a DataFrame, not {type(table).__name__}. Run read_table(path).")
    absent = [
        Fault(name, "there is no such column.", f"The table has {', '.join(map(str, table.columns))}.")
        for name in wanted
        if name not in table.columns
    ]
    if absent:
        raise SchemaError("the table cannot be measured", absent)
    size = np.ones(len(table))
    if weight:
        size = pd.to_numeric(table[weight], errors="coerce").to_numpy(dtype=np.float64)
    reason = pd.Series("", index=table.index, dtype=object)
    reason[~(np.isfinite(size) & (size > 0))] = f"no {weight} above 0"
    for name in (kind, region, "country"):
        words = table[name].astype("string").fillna("")
        reason[(words == "").to_numpy(dtype=bool)] = f"no {name}"
    keep = (reason == "").to_numpy()
    if not keep.any():
        told = "; ".join(f"{count:,}: {words}" for words, count in reason.value_counts().items())
        fault = Fault("table", f"no row is left of {len(table):,} ({told}).", "Give rows that have them.")
        raise SchemaError("nothing to measure", [fault])
    held = table.loc[keep, wanted].astype(dict.fromkeys(("country", region, kind), str))
    held = pd.DataFrame(
        {"country": held["country"], "region": held["country"] + "\n" + held[region], "kind": held[kind],
         "size": size[keep]}
    )  # fmt: skip
    if held["region"].nunique() < 2:
        raise OptionError(f"there is one region only in {region!r}: nothing can be gathered in it.")
    kinds, pairs = [], []
    for name, part in ((WHOLE, held), *held.groupby("country")):
        one, two = _measure(part, list(dict.fromkeys(sorted(held["kind"]))))
        kinds.append(one.assign(country=str(name)))
        pairs.append(two.assign(country=str(name)))
    return AgglomerationResult(
        kinds=pd.concat(kinds, ignore_index=True)[["country", "kind", "plants", "weight", "G", "H", "gamma", "reason"]],
        pairs=pd.concat(pairs, ignore_index=True)[
            ["country", "kind", "near_kind", "coagglomeration", "industry_mean", "reason"]
        ],
        set_aside=pd.DataFrame({"reason": reason[~keep]}),
        notes=(),
        provenance=Provenance({"statistic": "ellison_glaeser", "region": region, "kind": kind, "weight": weight}),
    )


def _measure(held: DataFrame, names: list[str]) -> tuple[DataFrame, DataFrame]:
    """Give the index of each kind, and of each pair, over some regions."""
    import pandas as pd

    sums = held.pivot_table(index="region", columns="kind", values="size", aggfunc="sum", fill_value=0.0)
    sums = sums.reindex(columns=names, fill_value=0.0)
    total = sums.to_numpy().sum(axis=1)
    x = total / total.sum()
    below = 1 - float(x @ x)
    by_kind = sums.to_numpy().sum(axis=0)
    share = np.divide(sums.to_numpy(), by_kind, out=np.zeros(sums.shape), where=by_kind > 0)
    mean = share[:, by_kind > 0].mean(axis=1)
    below_mean = 1 - float(mean @ mean)
    rows: list[dict[str, Any]] = []
    reasons = {}
    for at, name in enumerate(names):
        sizes = held.loc[held["kind"] == name, "size"].to_numpy()
        gathered = float(((share[:, at] - x) ** 2).sum()) if len(sizes) else np.nan
        lumps = float(((sizes / sizes.sum()) ** 2).sum()) if len(sizes) else np.nan
        reasons[name] = _reason(len(sizes), below, lumps)
        gamma = np.nan if reasons[name] else (gathered - below * lumps) / (below * (1 - lumps))
        rows.append(
            {"kind": name, "plants": len(sizes), "weight": sizes.sum(), "G": gathered, "H": lumps, "gamma": gamma,
             "reason": reasons[name]}
        )  # fmt: skip
    told: list[dict[str, Any]] = []
    for a, name in enumerate(names):
        for b in range(a + 1, len(names)):
            reason = reasons[name] or reasons[names[b]]
            told.append(
                {"kind": name, "near_kind": names[b], "reason": reason,
                 "coagglomeration": np.nan if reason else _covary(share[:, a], share[:, b], x, below),
                 "industry_mean": np.nan if reason else _covary(share[:, a], share[:, b], mean, below_mean)}
            )  # fmt: skip
    columns = ["kind", "near_kind", "coagglomeration", "industry_mean", "reason"]
    return pd.DataFrame(rows), pd.DataFrame(told, columns=columns)


def _covary(a: NDArray[np.float64], b: NDArray[np.float64], x: NDArray[np.float64], below: float) -> float:
    return float((a - x) @ (b - x)) / below if below > 0 else float("nan")


def _reason(plants: int, below: float, lumps: float) -> str:
    if plants < FEWEST:
        return f"too few: {plants} plants"
    if below <= 1e-12:
        return "not defined: all in one region"
    return "not defined: one plant has all" if lumps >= 1 - 1e-12 else ""
