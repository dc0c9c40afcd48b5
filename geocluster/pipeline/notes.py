"""What should a reader know of the rows that went in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocluster.pipeline.options import NEIGHBOURS
from geocluster.schema import KINDS

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


def table_notes(placed: GeoDataFrame) -> list[str]:
    """Say what a reader should know of the rows: same twice, unknown kinds, shared points."""
    notes = []
    same = [column for column in ("name", "city", "country") if column in placed.columns]
    if "name" in same:
        names = placed[same].astype("string").apply(lambda column: column.str.casefold().str.strip())
        twice = placed.index[names.duplicated(keep=False) & placed["name"].notna().to_numpy()]
        if len(twice):
            told = [_short(name) for name in dict.fromkeys(placed.loc[twice, "name"].tolist())]
            first = ", ".join(told[:3]) + (" …" if len(told) > 3 else "")
            notes.append(
                f"{len(twice):,} rows name an organisation more than once (same {', '.join(same)}), all kept: {first}"
            )
    if "kind" in placed.columns:
        others = placed["kind"][~placed["kind"].isin([*KINDS, "other"])].value_counts()
        if len(others):
            words = ", ".join(f"{_short(word)} ({n:,})" for word, n in others.head(5).items())
            more = " …" if len(others) > 5 else ""
            notes.append(
                f"{len(others):,} other word{'s' * (len(others) > 1)} for kind, drawn as 'other': {words}{more}"
            )
    return notes


def value_notes(placed: GeoDataFrame, value: str | None) -> list[str]:
    """Say why there is no Moran's I, where it was asked for."""
    if value is None:
        return []
    from geocluster.autocorrelation import is_number

    n = int(is_number(placed, value).sum())
    if n > NEIGHBOURS:
        return []
    return [f"no Moran's I of {value}: {n} of the rows placed have a number, {NEIGHBOURS + 1} are needed"]


def _short(word: object) -> str:
    """Put a stranger's word on one line of a summary."""
    line = " ".join(str(word).split())
    return line if len(line) <= 40 else f"{line[:39]}…"
