"""Who takes part in the projects that CORDIS lists, and who works with whom?"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geocluster.errors import OptionError, ReadError
from geocluster.readers.files import UNPACK_FAULTS, ZIP, Source, find_file, open_member, open_source, unpack_once
from geocluster.spelling import is_nothing, spelling_key

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from pandas import DataFrame, Series

_ATTRIBUTION = "CORDIS, European Union, CC BY 4.0"
_NEEDED = ("projectID", "organisationID", "name")
_KEPT = ("shortName", "vatNumber", "street", "postCode", "city", "country", "nutsCode", "activityType", "geolocation")
_OURS = {"street": "address", "postCode": "postcode", "nutsCode": "nuts"}
_KINDS = {"HES": "university", "REC": "institute", "PRC": "firm", "PUB": "public body", "OTH": "other"}
_COUNTRIES = {"EL": "GR", "UK": "GB"}
"""The European Union writes two countries otherwise than ISO 3166."""


@dataclass(frozen=True, slots=True, eq=False)
class CordisData:
    """Participants of projects and the ties between them.

    Attributes
    ----------
    organisations : DataFrame
        One row an organisation: organisation_id, name, kind, address, postcode, city,
        country (ISO alpha-2), lat, lon, nuts, short_name, vat, projects (how many), names
        and positions (how many different ones were stated); a table for `geocode`.
    ties : DataFrame
        organisation_id, partner_id, weight: the projects they share; each pair once.
        With ``projects=True`` also project_ids, joined by '|'.
    set_aside : DataFrame
        project_id, name, reason: participations that cannot be used.
    large_projects : DataFrame
        project_id, participants: too large to make ties of.
    participations : int
        Organisations in projects, each counted once a project.
    source : str
        Attribution.
    """

    organisations: DataFrame
    ties: DataFrame
    set_aside: DataFrame
    large_projects: DataFrame
    participations: int
    max_participants: int
    source: str = _ATTRIBUTION

    def summary(self) -> str:
        """Say how many there are, and what was left out."""
        several = (self.organisations[["names", "positions"]] > 1).sum()
        placed = int(self.organisations["lat"].notna().sum())
        lines = [
            f"{len(self.organisations):,} organisations in CORDIS projects, {len(self.ties):,} pairs that share some",
            f"  participations: {self.participations:,}; organisations with a position: {placed:,}",
            f"  under several names: {several['names']:,}, at several positions: {several['positions']:,}",
        ]
        if len(self.large_projects):
            most = int(self.large_projects["participants"].max())
            lines.append(
                f"  no ties from {len(self.large_projects):,} projects of more than {self.max_participants} "
                f"participants (up to {most:,})"
            )
        counts = self.set_aside["reason"].value_counts()
        lines += [f"  set aside: {count:,} {reason}" for reason, count in counts.items()]
        return "\n".join([*lines, f"  data: {self.source}"])

    def __repr__(self) -> str:
        return f"<{self.summary().splitlines()[0]}>"


def read_cordis(path: str | Path, *, max_participants: int = 100, projects: bool = False) -> CordisData:
    r"""Read CORDIS's organization.csv: organisations, and who shares projects with whom.

    Parameters
    ----------
    path : str or Path
        organization.csv, or the zip that CORDIS publishes with it inside.
    max_participants : int, default 100
        Larger projects make no ties, since n participants make n(n - 1)/2 pairs; they are
        named in the result.
    projects : bool, default False
        Say for each tie which projects they are.

    Returns
    -------
    CordisData
        Rows with the same organisationID are one organisation; its name, address, city and
        position are those stated most often, of equals those stated last. Rows without
        organisationID are told apart by name and country. Rows without project or name
        are set aside.

    Raises
    ------
    ReadError
        If it is no such file, or broken.
    OptionError
        If `max_participants` is no whole number from 2 up.

    References
    ----------
    https://data.europa.eu/data/datasets/cordis-eu-research-projects-under-horizon-europe-2021-2027

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "organization.csv"
    >>> _ = file.write_text(
    ...     "projectID;organisationID;name;activityType;city;country;geolocation\n"
    ...     '1;10;UNIVERSITY OF BASEL;HES;BASEL;CH;"47.55,7.58"\n1;20;ATHENS LAB;REC;ATHENS;EL;\n'
    ...     "2;10;UNIBAS;HES;BASEL;CH;\n"
    ... )
    >>> cordis = read_cordis(file)
    >>> cordis.organisations[["name", "kind", "country", "projects"]].to_numpy().tolist()
    [['UNIBAS', 'university', 'CH', 2], ['ATHENS LAB', 'institute', 'GR', 1]]
    >>> cordis.ties.to_numpy().tolist()
    [['10', '20', 1]]
    """
    if type(max_participants) is not int or max_participants < 2:
        raise OptionError(f"max_participants must be a whole number from 2 up, got {max_participants!r}.")
    rows, aside = _usable(_read(find_file(path)))
    rows["key"] = _identity(rows)
    organisations = _organisations(rows)
    pairs = rows[["projectID", "key"]].drop_duplicates(ignore_index=True)
    ties, large = _ties(pairs, max_participants, projects=projects)
    return CordisData(organisations, ties, aside, large, len(pairs), max_participants)


def _read(path: Path) -> DataFrame:
    """Read the columns that are used, all as text."""
    import pandas as pd

    from geocluster.readers.delimited import read_delimited

    with path.open("rb") as stream:
        zipped = stream.read(4).startswith(ZIP)
    if zipped:
        member = _member(path)
        source, _ = unpack_once(
            Source(path, "text", lambda: open_member(path, member), packed=True, member=member), limit=True
        )
        raw = read_delimited(source, rows=20_000)
        batches = [*raw.batches]
    else:
        with open_source(path) as source:
            if source.kind != "text":
                raise ReadError(f"{path.name} is no CSV. Give CORDIS's organization.csv, or the zip that holds it.")
            raw = read_delimited(source, rows=20_000)
            batches = [*raw.batches]
    places = {cell: at for at, cell in enumerate(raw.header)}
    missing = [name for name in _NEEDED if name not in places]
    if missing:
        raise ReadError(
            f"{raw.name} is no organization.csv of CORDIS: it has no column {' and no '.join(missing)}. It has "
            f"{', '.join(raw.header[:30])}."
        )
    if not batches:
        raise ReadError(f"{raw.name} has a header but no rows.")
    whole = pd.concat(batches, ignore_index=True) if len(batches) > 1 else batches[0]
    names = [*_NEEDED, *_KEPT]
    return pd.DataFrame(
        {
            name: whole[places[name]] if name in places else pd.Series(None, index=whole.index, dtype="str")
            for name in names
        }
    )


def _member(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except UNPACK_FAULTS as error:
        raise ReadError(f"{path.name} is a broken zip archive: {error}. Is the file whole?") from error
    found = [name for name in names if name.rsplit("/", 1)[-1].lower() in ("organization.csv", "organisation.csv")]
    if len(found) != 1:
        raise ReadError(
            f"{path.name} holds {len(found) or 'no'} organization.csv among {', '.join(names[:10]) or 'nothing'}. "
            "Unpack it and give the one meant."
        )
    return found[0]


def _usable(rows: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Part the rows that name a project and an organisation from those that do not."""
    import numpy as np
    import pandas as pd

    nameless = rows["name"].isna() | rows["name"].fillna("").map(is_nothing)
    homeless = rows["projectID"].isna()
    reason = np.where(homeless, "no projectID", "no name")
    bad = nameless | homeless
    aside = pd.DataFrame(
        {"project_id": rows.loc[bad, "projectID"], "name": rows.loc[bad, "name"], "reason": reason[bad.to_numpy()]}
    )
    return rows[~bad].reset_index(drop=True), aside


def _identity(rows: DataFrame) -> Series[Any]:
    """Give the organisationID; without one, name and country stand for it."""
    number = rows["organisationID"]
    if not number.isna().any():
        return number
    names = rows["name"].map(spelling_key) + "@" + rows["country"].fillna("")
    return number.where(number.notna(), names)


def _organisations(rows: DataFrame) -> DataFrame:
    import numpy as np
    import pandas as pd

    keys = pd.Index(rows["key"].drop_duplicates())
    made: dict[str, Any] = {"organisation_id": pd.Series(keys, dtype="str").to_numpy()}
    for theirs in ("name", *_KEPT):
        made[theirs] = _most_stated(rows, theirs).reindex(keys)
    table = pd.DataFrame({name: np.asarray(values, dtype=object) for name, values in made.items()})
    place = table.pop("geolocation")
    lat, lon = _position(place)
    activity = table.pop("activityType")
    table.insert(2, "kind", [_KINDS.get(str(word).upper(), "other") for word in activity])
    table["country"] = [
        None if pd.isna(code) else _COUNTRIES.get(code.upper(), code.upper()) for code in table["country"]
    ]
    table = table.rename(columns={**_OURS, "shortName": "short_name", "vatNumber": "vat"})
    table = table.assign(lat=lat, lon=lon)
    table["projects"] = rows.groupby("key")["projectID"].nunique().reindex(keys).to_numpy()
    table["names"] = rows.groupby("key")["name"].nunique().reindex(keys).to_numpy()
    table["positions"] = rows.groupby("key")["geolocation"].nunique().reindex(keys).to_numpy()
    order = ["organisation_id", "name", "kind", "address", "postcode", "city", "country", "lat", "lon", "nuts"]
    order += ["short_name", "vat", "projects", "names", "positions"]
    table = table[order]
    text = [name for name in order if name not in ("lat", "lon", "projects", "names", "positions")]
    return table.astype(dict.fromkeys(text, "str"))


def _most_stated(rows: DataFrame, column: str) -> Series[Any]:
    """Give each organisation's most frequent cell, of equals the last one stated."""
    import numpy as np
    import pandas as pd

    held = pd.DataFrame({"key": rows["key"], "cell": rows[column], "at": np.arange(len(rows))}).dropna()
    counts = held.groupby(["key", "cell"], sort=False)["at"].agg(["size", "max"]).reset_index()
    best = counts.sort_values(["size", "max"], kind="stable").drop_duplicates("key", keep="last")
    return best.set_index("key")["cell"]


def _position(cells: Series[Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Read 'lat,lon'; older files put brackets about it."""
    import numpy as np

    parts = cells.astype("str").str.extract(
        r"^\s*[\[(]?\s*([-+]?\d+(?:\.\d+)?)\s*[,; ]\s*([-+]?\d+(?:\.\d+)?)\s*[\])]?\s*$"
    )
    lat, lon = parts[0].astype("float64").to_numpy(), parts[1].astype("float64").to_numpy()
    off = ~((np.abs(lat) <= 90) & (np.abs(lon) <= 180)) | ((lat == 0) & (lon == 0))
    return np.where(off, np.nan, lat), np.where(off, np.nan, lon)


def _ties(pairs: DataFrame, max_participants: int, *, projects: bool) -> tuple[DataFrame, DataFrame]:
    """Count the projects that two organisations share: the incidence matrix times itself."""
    import numpy as np
    import pandas as pd
    from scipy import sparse

    project, names = pd.factorize(pairs["projectID"])
    sizes = np.bincount(project, minlength=len(names))
    large = np.flatnonzero(sizes > max_participants)
    told = pd.DataFrame({"project_id": np.asarray(names)[large], "participants": sizes[large]})
    told = told.sort_values("participants", ascending=False, kind="stable", ignore_index=True)
    small = sizes[project] <= max_participants
    who, keys = pd.factorize(pairs["key"], sort=True)
    project, who = project[small], who[small]
    shape = (len(keys), len(names))
    incidence = sparse.csr_array((np.ones(len(who), dtype=np.int64), (who, project)), shape=shape)
    joint = sparse.triu(incidence @ incidence.T, k=1).tocoo()
    order = np.lexsort((joint.col, joint.row))
    ids = np.asarray(keys, dtype=object)
    ties = pd.DataFrame(
        {
            "organisation_id": pd.Series(ids[joint.row[order]], dtype="str"),
            "partner_id": pd.Series(ids[joint.col[order]], dtype="str"),
            "weight": joint.data[order].astype(np.int64),
        }
    )
    if projects:
        rows = {at: set(incidence.indices[incidence.indptr[at] : incidence.indptr[at + 1]]) for at in range(len(keys))}
        labels = np.asarray(names, dtype=object)
        ties["project_ids"] = pd.Series(
            [
                "|".join(sorted(str(labels[at]) for at in rows[one] & rows[other]))
                for one, other in zip(joint.row[order], joint.col[order], strict=True)
            ],
            dtype="str",
        )
    return ties, told
