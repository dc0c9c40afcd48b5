"""Which circles were shown to span, and what is said of each?

The map shows a claim beside the clusters: a circle of its radius, with a Roman
numeral, and in the table its p by reading and what each country has there, observed
against expected. So two national clusters that stand in one circle are both seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from geocluster.labels import number, p_value, text
from geocluster.maps.page import CAP, join, put, put_badge, put_rule, wrap
from geocluster.maps.rows import COUNTRIES_AT, GROUP_MM, LINE_MM, NAME_AT, column_ends
from geocluster.maps.telling import NOT_ROBUST, say_countries, say_km, say_reading, say_values
from geocluster.style import BADGE_MM, COLOUR, POINT_MM, TYPE_PT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.maps.rows import Row

_NUMERALS = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_GAP_MM = 0.6
_END_MM = 0.75


@dataclass(frozen=True, slots=True)
class Claim:
    """One circle shown to span, in the readings that show it.

    Attributes
    ----------
    sign : str
        Its Roman numeral.
    longitude, latitude, r_km : float
        Degrees, EPSG:4326; the radius on the ground.
    countries : tuple of str
        Shown in excess there, ISO alpha-2.
    p : dict of str to float
        By reading.
    counts : dict of str to tuple
        By reading: country, observed, expected.
    clusters : tuple of int
        Those with a member inside.
    at_least : dict of (int, float) to dict
        p by reading of "at least u countries within r km", for u of three and more.
    disputed : dict of str to float
        p on a clustered background of the readings which it does not bear out.
    """

    sign: str
    longitude: float
    latitude: float
    r_km: float
    countries: tuple[str, ...] = ()
    p: dict[str, float] = field(default_factory=dict)
    counts: dict[str, tuple[tuple[str, float, float], ...]] = field(default_factory=dict)
    clusters: tuple[int, ...] = ()
    at_least: dict[tuple[int, float], dict[str, float]] = field(default_factory=dict)
    disputed: dict[str, float] = field(default_factory=dict)


def roman(value: int) -> str:
    """Write a number in Roman numerals.

    Examples
    --------
    >>> roman(1), roman(4), roman(19)
    ('I', 'IV', 'XIX')
    """
    word = ""
    for step, sign in _NUMERALS:
        count, value = divmod(value, step)
        word += sign * count
    return word


def circle_ring(longitude: float, latitude: float, r_km: float, *, corners: int = 144) -> NDArray[np.float64]:
    """Give the circle of a true radius about a point, in degrees, closed.

    Returns
    -------
    ndarray, shape (corners + 1, 2)
        Longitude, latitude; WGS 84 geodesics.

    Examples
    --------
    >>> ring = circle_ring(7.6, 47.6, 25.0)
    >>> ring.shape, (ring[0] == ring[-1]).all().item(), ring[:, 1].max().round(3).item()
    ((145, 2), True, 47.825)
    """
    from pyproj import Geod

    turn = np.arange(corners) * (360 / corners)
    full = np.full(corners, 1.0)
    lon, lat, _ = Geod(ellps="WGS84").fwd(longitude * full, latitude * full, turn, r_km * 1000 * full)
    ring = np.column_stack([lon, lat])
    return np.vstack([ring, ring[:1]])


def read_claims(
    windows: DataFrame, counts: DataFrame | None = None, conjunctions: DataFrame | None = None
) -> list[Claim]:
    """Gather the claims of a spanning test: the same circle of two readings is one.

    Parameters
    ----------
    windows : DataFrame
        lon, lat, r_km; and claim, reading, p, countries, clusters, p_lgcp, robust where known.
    counts, conjunctions : DataFrame, optional
        Those of a `SpanningResult`.

    Examples
    --------
    >>> import pandas as pd
    >>> told = {"claim": 1, "reading": ["per head", "beyond city size"], "p": [0.002, 0.01], "r_km": 25.0,
    ...     "lon": 7.6, "lat": 47.6, "countries": "CH DE", "clusters": "1 3"}
    >>> [(claim.sign, claim.p, claim.clusters) for claim in read_claims(pd.DataFrame(told))]
    [('I', {'per head': 0.002, 'beyond city size': 0.01}, (1, 3))]
    """
    found: dict[tuple[float, float, float], Claim] = {}
    for window in windows.to_dict("records"):
        lon, lat, r_km = (float(window[column]) for column in ("lon", "lat", "r_km"))
        key = (round(lon, 4), round(lat, 4), round(r_km, 2))
        if not np.isfinite(key).all() or r_km <= 0:
            continue
        held = found.get(key) or Claim(roman(len(found) + 1), lon, lat, r_km)
        reading, claim = str(window.get("reading", "")), window.get("claim")
        changes: dict[str, object] = {
            "countries": tuple(dict.fromkeys([*held.countries, *str(window.get("countries", "")).split()])),
            "clusters": tuple(sorted({*held.clusters, *map(int, str(window.get("clusters", "")).split())})),
        }
        if reading:
            changes["p"] = {**held.p, reading: float(window.get("p", np.nan))}
            changes["counts"] = {**held.counts, reading: _counts_of(counts, claim, reading)}
            changes["at_least"] = _deeper(held.at_least, conjunctions, claim, reading)
        if str(window.get("robust", "")).startswith(NOT_ROBUST):
            changes["disputed"] = {**held.disputed, reading: float(window.get("p_lgcp", np.nan))}
        found[key] = replace(held, **changes)  # type: ignore[arg-type]
    return list(found.values())


def _counts_of(counts: DataFrame | None, claim: object, reading: str) -> tuple[tuple[str, float, float], ...]:
    if counts is None or claim is None or not len(counts):
        return ()
    own = counts[(counts["of"] == "window") & (counts["number"] == claim) & (counts["reading"] == reading)]
    return tuple(
        (str(country), float(observed), float(expected))
        for country, observed, expected in zip(own["country"], own["observed"], own["expected"], strict=True)
    )


def _deeper(
    held: Mapping[tuple[int, float], dict[str, float]], conjunctions: DataFrame | None, claim: object, reading: str
) -> dict[tuple[int, float], dict[str, float]]:
    found = {key: dict(p) for key, p in held.items()}
    if conjunctions is None or claim is None or not len(conjunctions):
        return found
    own = conjunctions[(conjunctions["claim"] == claim) & (conjunctions["reading"] == reading)]
    for u, r_km, p in zip(own["at_least"], own["r_km"], own["p"], strict=True):
        if int(u) > 2:
            found.setdefault((int(u), float(r_km)), {})[reading] = float(p)
    return found


def claim_lines(claim: Claim, badges: Mapping[int, str], language: str) -> list[str]:
    """Say what stands below a claim's first line: observed and expected, what is in it, what one must doubt.

    Parameters
    ----------
    claim : Claim
    badges : mapping of int to str
        Of the clusters that have a row.
    language : {"en", "ru"}
    """
    lines = []
    told: dict[str, list[str]] = {}
    for reading, counts in claim.counts.items():
        said = ", ".join(
            f"{country}\u00a0{number(observed, language)}/{number(expected, language, decimals=1)}"
            for country, observed, expected in counts
            if not claim.countries or country in claim.countries
        )
        if said:
            told.setdefault(said, []).append(say_reading(reading, language))
    for said, readings in told.items():
        lines.append(text("claim_counts", language, reading=", ".join(readings), counts=said))
    inside = [badges[label] for label in claim.clusters if label in badges]
    if inside:
        lines.append(text("claim_holds", language, clusters=", ".join(inside)))
    for (u, r_km), p in sorted(claim.at_least.items()):
        countries, radius = say_countries(u, language), say_km(r_km, language)
        said = text("claim_deeper", language, countries=countries, radius=radius, values=say_values(p, language))
        lines.append(said)
    if claim.disputed:
        lines.append(text("claim_disputed", language, values=say_values(claim.disputed, language)))
    return lines


@dataclass(frozen=True, slots=True)
class ClaimBlock:
    """The claims that fit below a table, their lines, how many did not fit, and the room they take, mm."""

    claims: tuple[tuple[Claim, tuple[str, ...]], ...]
    further: int
    height: float


def fit_claims(claims: Sequence[Claim], rows: Sequence[Row], room: float, width: float, language: str) -> ClaimBlock:
    """Take the claims that fit into a height; at least a line says how many there are.

    Parameters
    ----------
    claims : sequence of Claim
    rows : sequence of Row
        Of the clusters, for their badges.
    room, width : float
        mm.
    language : {"en", "ru"}
    """
    badges = {row.label: row.badge for row in rows}
    if not claims:
        return ClaimBlock((), 0, GROUP_MM + _GAP_MM)
    kept: list[tuple[Claim, tuple[str, ...]]] = []
    tall = GROUP_MM + _GAP_MM
    for claim in claims:
        lines = tuple(
            part
            for line in claim_lines(claim, badges, language)
            for part in wrap(line, width - NAME_AT, TYPE_PT["table_small"], lines=2)
        )
        more = LINE_MM * (1 + len(lines)) + _END_MM
        last = claim is claims[-1]
        if tall + more + (0.0 if last else LINE_MM) > room:
            break
        kept.append((claim, lines))
        tall += more
    further = len(claims) - len(kept)
    return ClaimBlock(tuple(kept), further, tall + (LINE_MM if further else 0.0))


def draw_claims(
    page: Axes, block: ClaimBlock, columns: Sequence[str], x0: float, x1: float, top: float, language: str,
    *, shift: float = 0.0,
) -> float:  # fmt: skip
    """Draw the claims down from `top`, in the columns of the table; return where they end."""
    grey, ends = COLOUR["grey"], column_ends(x1, len(columns))
    if not block.claims and not block.further:
        put(page, x0, top - 3.15, text("claims_none", language), "table_small", gid="claims:none", colour=grey)
        return top - block.height
    put(page, x0, top - 3.15, text("claims", language), "table_small", gid="claims:head", weight="bold")
    y = top - GROUP_MM
    for i, (claim, lines) in enumerate(block.claims):
        if i:
            put_rule(page, x0, x1, y, 0.3, COLOUR["rule"])
        base = y - 2.85
        gid = f"claim-row:{claim.sign}"
        put_badge(
            page, x0 + BADGE_MM + 0.1, base + CAP * TYPE_PT["table"] * POINT_MM, claim.sign, look="claim",
            radius=claim_mm(claim.sign, BADGE_MM - 0.08), gid=f"table-claim:{claim.sign}",
        )  # fmt: skip
        words = text("claim_circle", language, radius=say_km(claim.r_km, language))
        put(page, x0 + NAME_AT, base, words, "table", gid=f"{gid}:name", weight="bold")
        if claim.countries:
            put(page, x0 + COUNTRIES_AT + shift, base, join(claim.countries), "table", gid=f"{gid}:countries")
        for k, (end, column) in enumerate(zip(ends, columns, strict=True)):
            value = next((p for reading, p in claim.p.items() if f"p_{reading.replace(' ', '_')}" == column), np.nan)
            put(page, end, base, p_value(value, language), "table", gid=f"{gid}:p{k}", ha="right")
        for k, line in enumerate(lines):
            put(page, x0 + NAME_AT, base - (k + 1) * LINE_MM + 0.05, line, "table_small", gid=f"{gid}:{k}", colour=grey)
        y -= LINE_MM * (1 + len(lines)) + _END_MM
    if block.further:
        words = text("further_claims", language, count=number(block.further, language))
        put(page, x0 + NAME_AT, y - 2.6, words, "table_small", gid="claims:further", colour=grey)
        y -= LINE_MM
    put_rule(page, x0, x1, y - _GAP_MM / 2, 0.9)
    return y - _GAP_MM


def claim_mm(sign: str, radius: float) -> float:
    """Give the radius of a claim's badge: as told, or as its numeral needs."""
    from geocluster.maps.page import SMALLEST_PT, width_mm

    return max(radius, width_mm(sign, SMALLEST_PT, "bold") / 2 + 0.5)
