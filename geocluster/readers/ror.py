"""Which organisations does ROR know, and which belongs to which?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geocluster.errors import ReadError
from geocluster.readers.files import find_file
from geocluster.readers.ror_records import COLUMNS, Record, id_of, read_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pandas import DataFrame

_ATTRIBUTION = "Research Organization Registry (ROR), CC0"
_KINDS = {"company": "firm", "education": "university", "facility": "institute", "government": "public body"}
_SYMMETRIC = "related"
_TURNED = {"child": "parent", "predecessor": "successor"}


@dataclass(frozen=True, slots=True, eq=False)
class RorData:
    """Organisations of ROR and how they are related.

    Attributes
    ----------
    organisations : DataFrame
        ror_id, name, kind, types, founded, city, region, country (ISO alpha-2), lat, lon,
        geonames_id, status, local_names; a table for `geocode`.
    relationships : DataFrame
        ror_id, related_id, relation: 'parent' (related_id is the parent of ror_id),
        'successor' (of ror_id) or 'related'; each once, though ROR states most from both sides.
    set_aside : DataFrame
        ror_id, name, reason: records not among the organisations.
    statuses : mapping
        Records by status: active, inactive, withdrawn.
    stated : int
        Relationships as stated, before those from both sides were joined.
    unusable : int
        Relationships with themselves, without an identifier, or of an unknown kind.
    source : str
        Attribution.
    """

    organisations: DataFrame
    relationships: DataFrame
    set_aside: DataFrame
    statuses: Mapping[str, int]
    stated: int
    unusable: int
    source: str = _ATTRIBUTION

    def summary(self) -> str:
        """Say how many there are, and what became of the others."""
        statuses = ", ".join(f"{count:,} {status}" for status, count in sorted(self.statuses.items()))
        relations = Counter(self.relationships["relation"])
        told = ", ".join(f"{count:,} {relation}" for relation, count in sorted(relations.items())) or "none"
        held = set(self.organisations["ror_id"])
        ends = self.relationships[["ror_id", "related_id"]].isin(held)
        both = int(ends.all(axis=1).sum())
        lines = [
            f"{len(self.organisations):,} organisations of ROR",
            f"  records by status: {statuses}",
            f"  relationships: {told} ({self.stated:,} stated, many from both sides; {both:,} with both ends here)",
        ]
        if self.unusable:
            lines.append(f"  relationships that cannot be used: {self.unusable:,}")
        lines += [f"  set aside: {count:,} {why}" for why, count in Counter(self.set_aside["reason"]).most_common(5)]
        return "\n".join([*lines, f"  data: {self.source}"])

    def __repr__(self) -> str:
        return f"<{self.summary().splitlines()[0]}>"


def read_ror(path: str | Path, *, relationships: str | Path | None = None, active_only: bool = True) -> RorData:
    r"""Read the data dump of the Research Organization Registry.

    Parameters
    ----------
    path : str or Path
        The dump as it is published (zip), or its JSON or CSV, gzipped or not, in schema
        version 1 or 2; from a zip with several, version 2 and JSON are taken first. Or a
        flat CSV with ror_id, name, city, country and so on.
    relationships : str or Path, optional
        For a flat CSV: another with ror_id, related_id, type.
    active_only : bool, default True
        Set inactive and withdrawn records aside.

    Returns
    -------
    RorData
        A record without a name or identifier, or with one that was there before, is set
        aside with a reason. kind: education is a 'university', company a 'firm', facility
        an 'institute', government a 'public body', else ROR's own word. Of several
        locations the first counts.

    Raises
    ------
    ReadError
        If it is no such file, or broken.

    References
    ----------
    https://ror.readme.io/docs/ror-data-structure (2.1), https://ror.readme.io/docs/schema-v1

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "ror.csv"
    >>> _ = file.write_text(
    ...     "ror_id,name,types,city,country,status\n"
    ...     "02s6k3f65,University of Basel,education,Basel,CH,active\nx,Old,other,Bern,CH,withdrawn\n"
    ... )
    >>> ror = read_ror(file)
    >>> ror.organisations[["name", "kind", "city"]].to_numpy().tolist()
    [['University of Basel', 'university', 'Basel']]
    >>> ror.set_aside["reason"].tolist()
    ['status withdrawn']
    """
    records = read_records(find_file(path))
    ties: list[tuple[str, str, str]] = []
    rows: dict[str, Record] = {}
    aside: list[tuple[str | None, str | None, str]] = []
    statuses: Counter[str] = Counter()
    count = 0
    for record in records:
        count += 1
        ties += record.relationships
        statuses[record.status or "without status"] += 1
        reason = _why_not(record, rows, active_only=active_only)
        if reason:
            aside.append((record.ror_id, record.name, reason))
        else:
            rows[str(record.ror_id)] = record
    if not count:
        raise ReadError(f"{find_file(path).name} has no records.")
    if not any(ident for ident, _, _ in aside) and not rows:
        raise ReadError(f"{find_file(path).name} is no dump of ROR: none of its records has an identifier.")
    if relationships is not None:
        ties += _flat_ties(find_file(relationships))
    joined, unusable = _joined(ties)
    return RorData(_table(rows.values()), joined, _frame(aside), dict(statuses), len(ties), unusable)


def _why_not(record: Record, rows: Mapping[str, Record], *, active_only: bool) -> str | None:
    if record.ror_id is None:
        return "no identifier"
    if record.name is None:
        return "no name"
    if record.ror_id in rows:
        return "the identifier stands twice; the first is kept"
    if active_only and record.status not in ("active", None):
        return f"status {record.status}"
    return None


def _kind(types: str | None) -> str:
    """Give the first of ROR's types that says what it is; 'funder' says only what it does."""
    words = [word for word in (types or "").split("|") if word]
    word = next((word for word in words if word != "funder"), words[0] if words else "other")
    return _KINDS.get(word, word)


def _table(records: Iterable[Record]) -> DataFrame:
    import pandas as pd

    held = [*records]
    made: dict[str, Any] = {"kind": pd.Series([_kind(record.types) for record in held], dtype="str")}
    for column in COLUMNS:
        values = [getattr(record, column) for record in held]
        if column in ("lat", "lon", "founded"):
            made[column] = pd.to_numeric(pd.Series(values, dtype="object"), errors="coerce").astype("float64")
        else:
            made[column] = pd.Series(values, dtype="str")
    order = ["ror_id", "name", "kind", *(column for column in COLUMNS if column not in ("ror_id", "name"))]
    return pd.DataFrame(made)[order]


def _frame(aside: list[tuple[str | None, str | None, str]]) -> DataFrame:
    import pandas as pd

    return pd.DataFrame(aside, columns=["ror_id", "name", "reason"], dtype="str")


def _flat_ties(path: Path) -> list[tuple[str, str, str]]:
    from geocluster.readers.delimited import read_delimited
    from geocluster.readers.files import open_source

    with open_source(path) as source:
        raw = read_delimited(source, rows=20_000)
        places = {cell.casefold(): at for at, cell in enumerate(raw.header)}
        missing = [name for name in ("ror_id", "related_id", "type") if name not in places]
        if missing:
            raise ReadError(f"{raw.name} has no column {', '.join(missing)}. It has {', '.join(raw.header[:20])}.")
        wanted = [places[name] for name in ("ror_id", "related_id", "type")]
        return [
            (str(id_of(one) or ""), str(id_of(other) or ""), str(what).casefold())
            for batch in raw.batches
            for one, other, what in batch[wanted].fillna("").itertuples(index=False)
        ]


def _joined(ties: list[tuple[str, str, str]]) -> tuple[DataFrame, int]:
    """Turn every relationship one way, and keep it once."""
    import pandas as pd

    seen: dict[tuple[str, str, str], None] = {}
    unusable = 0
    for one, other, what in ties:
        if not one or not other or one == other or what not in (_SYMMETRIC, *_TURNED, *_TURNED.values()):
            unusable += 1
        elif what == _SYMMETRIC:
            seen[(min(one, other), max(one, other), what)] = None
        elif what in _TURNED:
            seen[(other, one, _TURNED[what])] = None
        else:
            seen[(one, other, what)] = None
    return pd.DataFrame([*seen], columns=["ror_id", "related_id", "relation"], dtype="str"), unusable
