"""What does a curve of pairs answer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.results import Provenance, Result
from geocluster.splitting import say_p

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

MUCH_SHARED = 0.2
WHAT = {
    "K": "pairs within",
    "L": "pairs within",
    "g": "pairs at",
    "nearest": "nearest ones within",
    "M": "among all within",
    "m": "among all at",
    "Kd": "pairs at",
    "mark_connection": "among pairs at",
}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class CurveResult(Result):
    """Who is near whom at which distance, by how much more than chance, within countries and across.

    Attributes
    ----------
    label : str
        Which kind near which.
    function : str
        K, L, g, nearest, M, m, Kd or mark_connection.
    curves : DataFrame
        One row a part and distance: observed, expected, ratio, low and high (global envelope of
        the ratio, 95 %), value (K in km², L in km, g, or the share whose nearest is so near; parts
        of all but L add up to the whole; Kd per km), null_mean and null_sd of the ratio, null_low and
        null_high, its local band at each distance (95 %, no test), resolved.
    parts : DataFrame
        Index `part`: whole, within, across, across/within, pairs DE-FR (DE-DE: inside Germany) and
        ways DE→FR (first kind in DE, second in FR). p of the whole curve, two-sided; p_attraction
        of pairs and ways, p_adjusted after Holm; reason where nothing is claimed.
    cross : DataFrame
        One row a pair or way and direction: held, redrawn, p, reason.
    counts : DataFrame
        Rows of each kind by country.
    set_aside : DataFrame
        On the table's index: the rows that could not enter, with `reason`.
    precision_km : float
        Below it nothing is resolved.
    shared : float
        Share of the rows that stand on a point with others.
    null : str
        What was redrawn, in words.
    notes : tuple of str
    provenance : Provenance
    """

    label: str
    function: str
    curves: DataFrame
    parts: DataFrame
    cross: DataFrame
    counts: DataFrame
    set_aside: DataFrame
    precision_km: float
    shared: float
    null: str
    notes: tuple[str, ...]
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a part and distance, with the p of the part's whole curve."""
        told = self.parts[["p", "p_attraction", "p_adjusted", "reason"]]
        return self.curves.join(told, on="part")

    def curve(self, part: str) -> DataFrame:
        """Give the curve of one part by distance."""
        return self.curves[self.curves["part"] == part].drop(columns="part").set_index("distance_km")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw observed over expected within countries and across, each with its global envelope."""
        from geocluster.cross.drawing import plot_curves

        return plot_curves(self.curves, ax, parts=["within", "across"])

    def figure(self, *, language: str = "en") -> Figure:
        """Draw for print: within countries | across the border | across against within, side by side."""
        from geocluster.cross.drawing import draw_curve_page

        return draw_curve_page(self, language=language)

    def sentence(self) -> str:
        """Say how many times as many across the border as expected, and the p of attraction."""
        row = self.parts.loc["across"]
        if row["reason"]:
            return f"{self.label}: across the border {row['reason']}"
        told = self.curve("across")
        told = told[told["resolved"] & told["ratio"].notna()]
        if told.empty:
            return f"{self.label}: across the border nothing is resolved"
        near, far = told.index[0], told.index[-1]
        words = f"{self.label}: across the border {told.loc[near, 'ratio']:.2f} times as many {WHAT[self.function]} "
        words += f"{near:.3g} km as expected"
        if far > near:
            words += f", {told.loc[far, 'ratio']:.2f} {WHAT[self.function].split()[-1]} {far:.3g} km"
        p, plain = (float(str(row[name])) for name in ("p_adjusted", "p"))
        attraction = f"attraction p {say_p(p)}" if np.isfinite(p) else f"p {say_p(plain)}"
        return f"{words} ({attraction})"

    def facts(self) -> list[str]:
        """Say the null, each part with its p, each direction of the test of attraction, and what was left out."""
        lines = [f"null: {self.null}"]
        for name, row in self.parts.iterrows():
            curve = self.curve(str(name))
            curve = curve[curve["resolved"] & curve["ratio"].notna()]
            if row["reason"] or curve.empty:
                lines.append(f"{name}: {row['reason'] or 'nothing is resolved'}")
                continue
            ends = [curve.index[0], curve.index[-1]] if len(curve) > 1 else [curve.index[0]]
            said = ", ".join(f"{curve.loc[at, 'ratio']:.2f} at {at:.3g} km" for at in ends)
            attraction = ""
            if np.isfinite(row["p_attraction"]):
                attraction = f"; attraction p {say_p(row['p_attraction'])}, after Holm {say_p(row['p_adjusted'])}"
            lines.append(f"{name}: observed/expected {said}; p {say_p(row['p'])}{attraction}")
        for way in self.cross[~self.cross["part"].str.contains("→", regex=False)].to_dict("records"):
            said = f"p {say_p(way['p'])}" if np.isfinite(way["p"]) else way["reason"]
            lines.append(f"{way['part']}, {way['held']} held, {way['redrawn']} redrawn: {said}")
        told = ", ".join(f"{name} {' + '.join(map(str, row))}" for name, *row in self.counts.itertuples())
        lines.append(f"rows by country: {told}")
        below = int((~self.curve("whole")["resolved"]).sum())
        if self.precision_km:
            words = f"; {below} distances below that are not resolved and claim nothing" if below else ""
            lines.append(f"half of the positions are known no better than {self.precision_km:.3g} km{words}")
        if self.shared > 0:
            coarse = self.shared > MUCH_SHARED and not self.precision_km
            words = "; the table has no radius_km, so it is not known which distances are resolved" if coarse else ""
            lines.append(f"{self.shared:.0%} of the rows share a point with others; distance 0 counts{words}")
        if len(self.set_aside):
            reasons = self.set_aside["reason"].value_counts()
            lines += [f"set aside {count:,}: {reason}" for reason, count in reasons.items()]
        lines += self.notes
        return [*lines, *self.provenance.facts()]
