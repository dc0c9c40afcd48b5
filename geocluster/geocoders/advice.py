"""Which names were not placed most often, and what can be done about each?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from geocluster.country_names import country_code, country_name, stated_countries, suggest_country
from geocluster.geocoders.answers import quote
from geocluster.geocoders.normalise import states_country
from geocluster.geocoders.place import Place, Query
from geocluster.spelling import is_nothing, spelling_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from pandas import DataFrame

_FIELDS = ("city", "address", "postcode", "region", "name")
"""By which of them a row is called, the first that says something."""
_MENDS = re.compile(r"; state its (?:region|country)$")
_PAIR = re.compile(r": lat=\S+, lon=\S+$")
_NO_COUNTRY = re.compile("no country is called|not one country is named by")
_SWAPPED = "look swapped"


def list_unplaced(rows: GeoDataFrame, *, most: int) -> DataFrame:
    """List the names that stand most often in rows without a point.

    Parameters
    ----------
    rows : GeoDataFrame
        Geocoded rows without a point.
    most : int
        How many names.

    Returns
    -------
    DataFrame
        name (with the country stated), n, status, reason, candidate, and what
        advice hangs on: text and stated (as they stand in the table), region,
        placed_by and given (whether a region, any field of a place, or coordinates
        are told).
    """
    import pandas as pd

    told = {
        field: [_line(cell) for cell in rows[field].tolist()] if field in rows.columns else [""] * len(rows)
        for field in _FIELDS
    }
    stated = stated_countries(rows).tolist() if "country" in rows.columns else [""] * len(rows)
    frame = pd.DataFrame(
        {
            "text": [next(filter(None, cells), "") for cells in zip(*told.values(), strict=True)],
            "stated": [_line(cell) if states_country(_text(cell)) else "" for cell in stated],
            "region": [bool(cell) for cell in told["region"]],
            "placed_by": [any(cells) for cells in zip(*(told[field] for field in _FIELDS[:-1]), strict=True)],
            "status": [_text(cell) for cell in rows["geo_status"]],
            "reason": [_MENDS.sub("", " ".join(_text(cell).split())) for cell in rows["reason"]],
            "candidate": [_best(cell) for cell in rows["geo_candidates"]],
        },
        columns=["text", "stated", "region", "placed_by", "status", "reason", "candidate"],
    )
    frame["given"] = frame["reason"].str.contains("coordinates", regex=False) if len(frame) else []
    # coordinates differ row by row; what is wrong with them does not
    frame["reason"] = [_PAIR.sub("", reason) for reason in frame["reason"]]
    frame["key"] = [
        (spelling_key(text) or text, country.casefold())
        for text, country in zip(frame["text"], frame["stated"], strict=True)
    ]
    groups = frame.groupby(["key", "status", "given"], sort=False)
    listed = groups.first().assign(n=groups.size()).reset_index()
    listed = listed.sort_values("n", ascending=False, kind="stable").head(most)
    listed.loc[~listed["placed_by"].astype(bool), "candidate"] = ""  # no place is told: a guess would be silly
    listed["name"] = [
        ", ".join(filter(None, [text or "(no place)", country]))
        for text, country in zip(listed["text"], listed["stated"], strict=True)
    ]
    return listed[
        ["name", "n", "status", "reason", "candidate", "text", "stated", "region", "placed_by", "given"]
    ].reset_index(drop=True)


def advise(unplaced: DataFrame) -> list[str]:
    """Say of each name what to do about it."""
    meant = _suggest(unplaced)
    return [_advise(row, meant.get(i, "")) for i, row in enumerate(unplaced.to_dict("records"))]


def _advise(row: Mapping[Any, Any], meant: str) -> str:
    """Say what to do about one name."""
    if row["given"] and _SWAPPED in row["reason"]:
        return "swap lat and lon"
    if row["given"] and row["status"] in ("conflict", "bad_input", "coarse"):
        return "check lat, lon and country; take out what is wrong"
    if row["status"] == "coarse":
        return "add the city"
    if row["status"] == "bad_input" or not row["placed_by"]:
        return "fill in city and country, or lat and lon"
    if row["status"] == "conflict":
        if _NO_COUNTRY.match(row["reason"]):
            return f"did you mean {meant}? Write the country in full or as its code" if meant else "check the country"
        if row["reason"].startswith("postcode"):
            return "check city and postcode: one of them is wrong"
        return f"check the country: is it {meant}?" if meant else "check city and country"
    if row["status"] == "ambiguous":
        if not row["stated"]:
            return "add the country"
        if not row["region"]:
            return "add the region or the postcode"
        return "check the region, or add the postcode"
    if meant:
        return f"did you mean {meant}?"
    if not row["stated"]:
        return "add the country: then misspelt names are understood too"
    return "check the spelling, add the postcode or a larger place nearby"


def _suggest(unplaced: DataFrame) -> dict[int, str]:
    """Find what was perhaps meant: a country or a city."""
    from geocluster.datasets import load_gazetteer
    from geocluster.geocoders.fuzzy import Spellings
    from geocluster.geocoders.gazetteer import offline_geocoder

    meant: dict[int, str] = {}
    asked: dict[int, Query] = {}
    gazetteer = load_gazetteer()
    spellings, codes = Spellings(gazetteer), gazetteer.table("countries")
    for i, row in enumerate(unplaced.to_dict("records")):
        code = (country_code(row["stated"]) if row["stated"] else None) or ""
        if row["status"] == "conflict" and _NO_COUNTRY.match(row["reason"]):
            found = suggest_country(row["stated"])
            meant[i] = country_name(found) if found else ""
        elif row["status"] == "conflict" and row["candidate"]:
            meant[i] = _country_of(row["candidate"])
        elif row["status"] == "not_found" and row["candidate"]:
            meant[i] = row["candidate"]
        elif row["status"] == "not_found" and code in codes:
            key = spellings.suggest(spelling_key(row["text"]), codes.index(code))
            if key:
                asked[i] = Query(city=key, country=code)
    for i, answer in zip(asked, offline_geocoder()(list(asked.values())), strict=True):
        if isinstance(answer, Place):
            meant[i] = answer.name
        elif answer.candidates:
            meant[i] = answer.candidates[0].name
    return meant


def _country_of(candidate: str) -> str:
    """Give the country of a candidate as `geocode` tells it: Kehl, DE.01."""
    code = candidate.rpartition(", ")[2].partition(".")[0]
    return country_name(code)


def _best(cell: Any) -> str:
    """Give the first candidate without its point and figures; empty where there is none."""
    first = _text(cell).partition(" | ")[0]
    return first.rpartition(" (")[0] or first


def _text(cell: Any) -> str:
    return "" if cell is None or cell != cell or str(cell) in ("<NA>", "None") else str(cell)


def _line(cell: Any) -> str:
    """Put a cell on one line, no longer than one can read; empty where it says nothing."""
    told = _text(cell)
    return "" if is_nothing(told) else quote(told)[1:-1]
