"""How does an analysis become tables that any spreadsheet opens, safely?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame, Series

    from geocluster.pipeline import Analysis

CLUSTER_COLUMNS = (
    "cluster",
    "name",
    "verdict",
    "reading",
    "p",
    "r_km",
    "countries",
    "n",
    "members",
    "observed",
    "expected",
    "circle_km",
    "p_by_country",
    "excess",
    "reach",
    "at_least",
    "p_lgcp",
    "robust",
    "dependence",
    "delta",
    "delta_low",
    "delta_high",
    "class_share",
    "chain",
    "extent_km",
    "lon",
    "lat",
)
"""r_km is told where the reading claims; observed and expected are those of the circle of circle_km."""
DECIMALS = {
    "border_km": 3,
    "circle_km": 3,
    "class_share": 4,
    "delta": 4,
    "delta_high": 4,
    "delta_low": 4,
    "extent_km": 3,
    "geo_confidence": 4,
    "lat": 6,
    "lon": 6,
    "p": 7,
    "p_lgcp": 7,
    "r_km": 3,
    "radius68_km": 3,
    "radius_km": 3,
    "scan_expected": 3,
    "scan_lat": 6,
    "scan_llr": 4,
    "scan_lon": 6,
    "scan_p": 7,
    "scan_r_km": 3,
}
_FORMULA = re.compile(r"'*[=+\-@\t]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def clusters_sheet(analysis: Analysis) -> DataFrame:
    """Give one row a cluster and reading: verdict, p, radius, O and E by country."""
    import pandas as pd

    spanning = analysis.spanning
    rows: list[dict[str, Any]] = []
    for label, cluster in analysis.to_frame().iterrows():
        own = spanning.readings[spanning.readings["cluster"] == label].set_index("reading")
        shares = zip(str(cluster["countries"]).split(), str(cluster["counts"]).split(), strict=True)
        row = {
            "cluster": label,
            **{name: cluster[name] for name in cluster.index if name in CLUSTER_COLUMNS or name.startswith("scan_")},
            "members": " · ".join(f"{country} {count}" for country, count in shares),
            **dict.fromkeys(("r_km", "at_least", "p_lgcp", "robust")),
        }
        for reading in spanning.asked or [""]:
            told: dict[str, Any] = {}
            if reading in own.index:
                line = own.loc[reading]
                counts = spanning.in_excess(int(label))  # type: ignore[call-overload]
                counts = counts[counts["reading"] == reading]
                told = {
                    "p": line["p"],
                    "r_km": line["r_km"] if line["claimed"] else None,
                    "observed": " · ".join(f"{r.country} {r.observed:.0f}" for r in counts.itertuples()),
                    "expected": " · ".join(f"{r.country} {r.expected:.2f}" for r in counts.itertuples()),
                    "circle_km": line["r_km"],
                    "p_by_country": " · ".join(f"{r.country} {r.p:.2g}" for r in counts.itertuples()),
                    "excess": line["excess"],
                    "at_least": line["at_least"],
                    "p_lgcp": line["p_lgcp"],
                    "robust": line["robust"],
                }
            rows.append(row | {"reading": reading} | told)
    # a scan's own p is that its circle holds more than its share, none of spanning
    own_columns = [name for name in analysis.to_frame().columns if str(name).startswith("scan_")]
    return pd.DataFrame(rows, columns=[*CLUSTER_COLUMNS, *own_columns])


def circles_sheet(analysis: Analysis) -> DataFrame:
    """Give one row a claim and reading: its circle, O and E by country, the clusters it meets."""
    spanning = analysis.spanning
    frame = spanning.windows.copy()
    for column in ("observed", "expected"):
        words = []
        for row in spanning.windows.itertuples(index=False):
            counts = spanning.counts[
                (spanning.counts["of"] == "window")
                & (spanning.counts["number"] == row.claim)
                & (spanning.counts["reading"] == row.reading)
            ]
            places = 2 if column == "expected" else 0
            words.append(" · ".join(f"{r.country} {getattr(r, column):.{places}f}" for r in counts.itertuples()))
        frame[column] = words
    return frame


def conjunctions_sheet(analysis: Analysis) -> DataFrame:
    """Give one row a claim, reading and number u: "at least u countries hold more than their share"."""
    spanning = analysis.spanning
    met = spanning.windows.set_index(["claim", "reading"])["clusters"]
    frame = spanning.conjunctions.copy()
    keys = zip(frame["claim"], frame["reading"], strict=True)
    frame["clusters"] = [str(met.get(key, "")) for key in keys]
    return frame


def rows_sheet(table: GeoDataFrame) -> DataFrame:
    """Give the rows with lon and lat in place of the geometry; a row without a point keeps what it was given."""
    import pandas as pd

    frame = pd.DataFrame(table.drop(columns=table.geometry.name))
    if "row" in frame.columns:
        frame = frame.rename(columns={"row": "row_original"})
    frame.insert(0, "row", table.index)
    held = (~(table.geometry.isna() | table.geometry.is_empty)).to_numpy()
    for name, values in (("lon", table.geometry.x), ("lat", table.geometry.y)):
        told = values.round(DECIMALS[name])
        frame[name] = told if held.all() or name not in table.columns else told.astype(object).where(held, table[name])
    return frame


def safe(frame: DataFrame) -> DataFrame:
    """Round what was computed, and keep a spreadsheet from taking a text for a formula."""
    import pandas as pd

    result = frame.copy()
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        if pd.api.types.is_float_dtype(column):
            if name in DECIMALS:
                result.isetitem(position, column.round(DECIMALS[name]).array)
            elif (column.dropna() % 1 == 0).all():  # years with gaps went through floats
                result.isetitem(position, column.astype("Int64").array)
        elif not pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            result.isetitem(position, _guarded(column).array)
    result.columns = pd.Index([guard(str(name)) for name in frame.columns])
    return result


def _guarded(column: Series[Any]) -> Series[Any]:
    cells = column if column.dtype == object else column.unique()
    texts = {value for value in cells if isinstance(value, str)}
    changed = {text: safe for text in texts if (safe := guard(text)) != text}
    if not changed:
        return column
    column = column.astype(object)
    return column.map(lambda value: changed.get(value, value) if isinstance(value, str) else value)


def guard(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula.

    `read_table` takes it away again. A plain number stays; line ends become those
    of the file, what UTF-8 cannot hold a question mark.

    Examples
    --------
    >>> guard("=1+1"), guard("-5"), guard("Basel")
    ("'=1+1", '-5', 'Basel')
    """
    text = clean_text(text)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def clean_text(text: str) -> str:
    r"""Make a text such as UTF-8 can hold, with the line ends of the file and no NUL.

    Examples
    --------
    >>> clean_text("a\r\nb\ud800")
    'a\nb?'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")
    return text.encode("utf-8", "replace").decode("utf-8")
