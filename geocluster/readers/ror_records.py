"""What does one record of ROR say, in whichever schema it is written?"""

from __future__ import annotations

import json
import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol

from geocluster.errors import ReadError
from geocluster.readers.files import (
    GZIP,
    UNPACK_FAULTS,
    ZIP,
    Source,
    check_size,
    open_gzip,
    open_member,
    open_source,
    unpack_once,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

COLUMNS = (
    *("ror_id", "name", "types", "founded", "city", "region", "country", "lat", "lon", "geonames_id", "status"),
    "local_names",
)
_ID = re.compile(r"(?:https?://)?(?:ror\.org/)?([0-9a-z]+)/?\s*", re.IGNORECASE)
_SOME = 1 << 20
_MOST_RECORD = 8 << 20
_FLAT = {  # column of a CSV to the field of a record: flat, version 1, version 2
    "ror_id": ("ror_id", "id"),
    "name": ("name", "names.types.ror_display"),
    "types": ("types",),
    "founded": ("established",),
    "city": ("city", "addresses[0].geonames_city.name", "addresses[0].city", "locations.geonames_details.name"),
    "region": (
        "region",
        "addresses[0].geonames_city.geonames_admin1.name",
        "addresses[0].state",
        "locations.geonames_details.country_subdivision_name",
    ),
    "country": ("country", "country.country_code", "locations.geonames_details.country_code"),
    "lat": ("lat", "addresses[0].lat", "locations.geonames_details.lat"),
    "lon": ("lng", "lon", "addresses[0].lng", "locations.geonames_details.lng"),
    "geonames_id": ("geonames_id", "addresses[0].geonames_city.id", "locations.geonames_id"),
    "status": ("status",),
    "local_names": ("local_names", "labels", "names.types.label"),
    "relationships": ("relationships",),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One organisation; types and local names are joined by '|'."""

    ror_id: str | None
    name: str | None
    types: str | None = None
    founded: str | float | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    lat: str | float | None = None
    lon: str | float | None = None
    geonames_id: str | None = None
    status: str | None = None
    local_names: str | None = None
    relationships: tuple[tuple[str, str, str], ...] = ()


def id_of(text: object) -> str | None:
    """Give the bare identifier.

    Examples
    --------
    >>> id_of("https://ror.org/02s6k3f65"), id_of("")
    ('02s6k3f65', None)
    """
    found = _ID.fullmatch(str(text or "").strip())
    return found[1].lower() if found else None


def read_records(path: Path) -> Iterator[Record]:
    """Read the records of a dump one by one, whatever its form."""
    with _source(path) as (name, stream, is_json):
        if is_json:
            for one in _objects(name, stream):
                yield _of_json(name, one)
            return
    yield from _of_csv(path)


@contextmanager
def _source(path: Path) -> Iterator[tuple[str, _Reads, bool]]:
    """Open the JSON in a dump, or find that there is CSV only."""
    member = _member(path)
    with path.open("rb") as stream:
        head = stream.read(8)
    if member is None and not head.startswith(GZIP):
        with path.open("rb") as stream:
            yield path.name, stream, _is_json(stream)
        return
    packed = path.stat().st_size
    try:
        with open_member(path, member) if member else open_gzip(path) as unpacked:
            yield path.name, _Counted(path, unpacked, packed), _is_json(unpacked)
    except UNPACK_FAULTS as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{path.name} cannot be unpacked: {error}. Is the file whole?") from error


class _Reads(Protocol):
    """What gives bytes."""

    def read(self, size: int, /) -> bytes: ...


class _Counted:
    """A stream that stops where a bomb would go on."""

    def __init__(self, path: Path, stream: IO[bytes], packed: int) -> None:
        self._path, self._stream, self._packed, self._size = path, stream, packed, 0

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._size += len(data)
        check_size(self._path, self._size, self._packed, limit=False)
        return data


def _is_json(stream: Any) -> bool:
    head = stream.peek(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    return bool(head.startswith((b"[", b"{")))


def _member(path: Path) -> str | None:
    """Choose the file of a zip: version 2 before 1, JSON before CSV."""
    with path.open("rb") as stream:
        if not stream.read(4).startswith(ZIP):
            return None
    try:
        with zipfile.ZipFile(path) as archive:
            names = [n for n in archive.namelist() if n.lower().endswith((".json", ".csv")) and "__MACOSX" not in n]
    except UNPACK_FAULTS as error:
        raise ReadError(f"{path.name} is a broken zip archive: {error}. Is the file whole?") from error
    if not names:
        raise ReadError(f"{path.name} holds no JSON and no CSV: is it a dump of ROR?")
    return min(names, key=lambda name: ("schema_v2" not in name, not name.lower().endswith(".json"), name))


def _objects(name: str, stream: _Reads) -> Iterator[dict[str, Any]]:
    """Read the objects of a JSON array one at a time: the whole would take a GB of memory."""
    import codecs

    decoder, text, at, ended = json.JSONDecoder(), "", 0, False
    bytes_decoder = codecs.getincrementaldecoder("utf-8-sig")()
    started, number = False, 0
    while True:
        at = _skip(text, at)
        if at < len(text) and not started and text[at] == "[":
            started, at = True, at + 1
            continue
        if at < len(text) and text[at] == "]":
            return
        if at < len(text):
            try:
                one, at = decoder.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                if ended or len(text) - at > _MOST_RECORD:
                    raise ReadError(f"{name} is broken in record {number + 1}: {error}. Is the file whole?") from error
            else:
                number += 1
                if not isinstance(one, dict):
                    raise ReadError(f"{name} is no dump of ROR: record {number} is no object.")
                yield one
                if not started:
                    return
                continue
        if ended:
            raise ReadError(f"{name} ends after {number} records, before its end. Is the file whole?")
        try:
            data = stream.read(_SOME)
            text, at, ended = text[at:] + bytes_decoder.decode(data, final=not data), 0, not data
        except UnicodeDecodeError as error:
            raise ReadError(f"{name} is not UTF-8 after record {number}. Is the file whole?") from error


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _of_json(name: str, one: Mapping[str, Any]) -> Record:
    try:
        return _version_2(one) if "names" in one else _version_1(one)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise ReadError(f"{name} is no dump of ROR: the record {str(one)[:80]!r} is not in its schema.") from error


def _version_2(one: Mapping[str, Any]) -> Record:
    names = one.get("names") or []
    shown = next((n["value"] for n in names if "ror_display" in (n.get("types") or ())), None)
    place: Mapping[str, Any] = next(iter(one.get("locations") or ()), {}) or {}
    details = place.get("geonames_details") or {}
    local = [(n.get("lang"), n["value"]) for n in names if "label" in (n.get("types") or ()) and n["value"] != shown]
    return _record(
        one,
        name=shown or next((n["value"] for n in names), None),
        city=details.get("name"),
        region=details.get("country_subdivision_name"),
        country=details.get("country_code"),
        lat=details.get("lat"),
        lon=details.get("lng"),
        geonames_id=place.get("geonames_id"),
        local=local,
    )


def _version_1(one: Mapping[str, Any]) -> Record:
    place: Mapping[str, Any] = next(iter(one.get("addresses") or ()), {}) or {}
    town = place.get("geonames_city") or {}
    return _record(
        one,
        name=one.get("name"),
        city=town.get("city") or place.get("city"),
        region=(town.get("geonames_admin1") or {}).get("name") or place.get("state"),
        country=(one.get("country") or {}).get("country_code"),
        lat=place.get("lat"),
        lon=place.get("lng"),
        geonames_id=town.get("id"),
        local=[(label.get("iso639"), label["label"]) for label in one.get("labels") or ()],
    )


def _record(one: Mapping[str, Any], *, local: list[tuple[Any, str]], **fields: Any) -> Record:
    ror_id = id_of(one.get("id"))
    ties = [
        (ror_id or "", id_of(tie.get("id")) or "", str(tie.get("type")).lower())
        for tie in one.get("relationships") or ()
    ]
    geonames = fields.pop("geonames_id")
    text = {name: _text(fields.pop(name)) for name in ("name", "city", "region", "country")}
    return Record(
        ror_id=ror_id,
        types="|".join(str(word).lower() for word in one.get("types") or ()) or None,
        founded=one.get("established"),
        status=_text(one.get("status")),
        geonames_id=None if geonames is None else str(geonames),
        local_names="|".join(f"{lang or ''}:{word}" for lang, word in local) or None,
        relationships=tuple(ties),
        **text,
        **fields,
    )


def _text(value: object) -> str | None:
    return str(value).strip() or None if value is not None else None


def _of_csv(path: Path) -> Iterator[Record]:
    from geocluster.readers.delimited import read_delimited

    member = _member(path)
    with _csv_source(path, member) as source:
        raw = read_delimited(source, rows=20_000)
        places = {cell: at for at, cell in enumerate(raw.header)}
        at = {ours: next((places[name] for name in names if name in places), None) for ours, names in _FLAT.items()}
        missing = [_FLAT[ours][0] for ours in ("ror_id", "name") if at[ours] is None]
        if missing:
            raise ReadError(
                f"{raw.name} is no dump of ROR: it has no column {' and no '.join(missing)}. It has "
                f"{', '.join(raw.header[:20])}."
            )
        flat = "ror_id" in places
        for batch in raw.batches:
            cells = {
                ours: [None] * len(batch)
                if place is None
                else batch[place].astype(object).where(batch[place].notna(), None).tolist()
                for ours, place in at.items()
            }
            for row in zip(*cells.values(), strict=True):
                yield _of_cells(dict(zip(cells, row, strict=True)), flat=flat)


@contextmanager
def _csv_source(path: Path, member: str | None) -> Iterator[Source]:
    if member is None:
        with open_source(path) as source:
            if source.kind != "text":
                raise ReadError(f"{path.name} is no dump of ROR: it is neither JSON nor CSV.")
            yield source
        return
    yield unpack_once(Source(path, "text", lambda: open_member(path, member), packed=True, member=member), limit=True)[
        0
    ]


def _of_cells(cells: dict[str, Any], *, flat: bool) -> Record:
    """Read a row; in the dumps lists are parted by '; ' and names led by their language."""
    ties = cells.pop("relationships")
    ror_id = id_of(cells.pop("ror_id"))
    types = cells.pop("types")
    if not flat and types:
        types = "|".join(word.strip().lower() for word in types.split(";"))
    if not flat and cells["local_names"]:
        parts = (part.partition(":") for part in cells["local_names"].split(";"))
        cells["local_names"] = "|".join(
            f"{'' if lang.strip() == 'no_lang_code' else lang.strip()}:{name.strip()}" for lang, _, name in parts
        )
    return Record(ror_id=ror_id, types=types, relationships=_ties(ror_id, ties), **cells)


def _ties(ror_id: str | None, text: str | None) -> tuple[tuple[str, str, str], ...]:
    """Read 'Parent: id, id; Child: id'; a colon stands in every address too."""
    found = []
    for part in (text or "").split(";"):
        what, _, ids = part.partition(":")
        found += [(ror_id or "", id_of(one) or "", what.strip().lower()) for one in ids.split(",") if one.strip()]
    return tuple(found)
