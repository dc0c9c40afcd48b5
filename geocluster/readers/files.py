"""What is this file, where is its table, and is it safe to unpack?"""

from __future__ import annotations

import gzip
import io
import shutil
import tempfile
import zipfile
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from geocluster.errors import MissingFileError, ReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Kind = Literal["text", "json", "sheets", "layers", "parquet"]

TEXT_ENDINGS = (".csv", ".tsv", ".tab", ".txt")
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".ods")
_ENDINGS = (*TEXT_ENDINGS, ".json", ".geojson", *_WORKBOOKS, ".xls", ".gpkg", ".parquet", ".geoparquet")
SPEAKING = "CSV, TSV, Excel (.xlsx, .xls, .xlsb, .ods), GeoPackage, GeoJSON or Parquet, .gz or alone in a .zip"
MOST_BYTES = 1 << 30
"""A packed table may unpack to this much; larger ones are for `read_batches`."""
_RATIO, _RATIO_FROM = 250, 32 << 20
"""Text packs 3 to 50 times smaller; what gives more than this is made to fill a disk."""
_SOME = 1 << 20
_KEPT = 64 << 20
_OTHER_FORMATS = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
}
GZIP, ZIP, OLE, SQLITE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"SQLite format 3\x00"
_EMPTY_ZIP = b"PK\x05\x06"
UNPACK_FAULTS = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError)
"""What gzip and zipfile raise on broken, encrypted or odd archives."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file with a table in it: `open` gives its bytes, unpacked, as often as asked."""

    path: Path
    kind: Kind
    open: Callable[[], IO[bytes]]
    packed: bool = False
    member: str | None = None

    @property
    def name(self) -> str:
        """What faults call it."""
        return f"{self.member} in {self.path.name}" if self.member else self.path.name


def find_file(path: str | Path) -> Path:
    """Give the path of a file that is there and can be opened.

    Examples
    --------
    >>> find_file("firms_of_nowhere.csv")
    Traceback (most recent call last):
    geocluster.errors.MissingFileError: there is no file firms_of_nowhere.csv.
    """
    if not isinstance(path, str | Path):
        raise ReadError(f"a file is given by its path, not by {type(path).__name__}.")
    path = Path(path)
    try:
        if path.is_dir():
            raise ReadError(f"{path} is a folder, not a file. Give a file in it.")
        if not path.exists():
            beside = [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else []
            near = get_close_matches(path.name, beside, n=1, cutoff=0.75)
            raise MissingFileError(f"there is no file {path}." + (f" Is it {near[0]}?" if near else ""))
        if not path.is_file():
            raise ReadError(f"{path} is no file, but a pipe or a device. Save it as a file.")
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    return path


@contextmanager
def open_source(path: str | Path, *, limit: bool = True) -> Iterator[Source]:
    """Look into a file, through gzip or zip, and say what kind of table it holds.

    Parameters
    ----------
    path : str or Path
    limit : bool, default True
        Refuse what unpacks to more than `MOST_BYTES`.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "firms.csv"
    >>> _ = file.write_text("name,city")
    >>> with open_source(file) as source:
    ...     source.kind
    'text'
    """
    path = find_file(path)
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(GZIP) or path.name.lower().endswith(".gz"):
        source = Source(path, "text", lambda: open_gzip(path), packed=True)
    elif head.startswith((ZIP, _EMPTY_ZIP)):
        if _is_workbook(path):
            yield Source(path, "sheets", lambda: path.open("rb"))
            return
        source = _only_member(path)
    else:
        yield Source(path, _kind(path, path.name, head), lambda: path.open("rb"))
        return
    source, size = unpack_once(source, limit=limit)
    with source.open() as stream:
        head = stream.read(4096)
    inner = source.member or path.name.lower().removesuffix(".gz")
    if head.startswith(ZIP) and not inner.lower().endswith(_WORKBOOKS):
        raise ReadError(f"{source.name} is packed twice. Unpack it once.")
    kind = _kind(path, inner if size else "empty.csv", head)
    if kind == "text":
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="geocluster-") as folder:  # libraries below want a file
        unpacked = Path(folder) / Path(inner).name
        with source.open() as stream, unpacked.open("wb") as out:
            shutil.copyfileobj(stream, out, _SOME)
        yield Source(unpacked, kind, lambda: unpacked.open("rb"))


def _kind(path: Path, name: str, head: bytes) -> Kind:
    """Tell a kind by the first bytes; the ending only says that a text is meant as a table."""
    if head.startswith(SQLITE):
        return "layers"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(OLE):
        return "sheets"
    if head.startswith(ZIP):
        return "sheets"
    other = next((what for mark, what in _OTHER_FORMATS.items() if head.startswith(mark)), None)
    if other or not name.lower().endswith(_ENDINGS):
        raise ReadError(
            f"{path.name} is {other or 'no table of a kind that can be read'}. Save the table as CSV, or as another "
            f"of {SPEAKING}."
        )
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if begin.startswith(b"<"):
        raise ReadError(f"{path.name} holds HTML or XML, whatever its name. Open it and save the table as CSV or xlsx.")
    if begin.startswith(b"{") or (begin.startswith(b"[") and begin[1:].lstrip()[:1] in (b"{", b"]", b"[")):
        if not name.lower().endswith("json"):
            raise ReadError(f"{path.name} holds JSON, whatever its name. Call it .geojson, or save the table as CSV.")
        return "json"
    if not name.lower().endswith((*TEXT_ENDINGS, ".json", ".geojson")):
        what = "is empty" if not head.strip() else "is not what its name says, or only a part of it"
        raise ReadError(f"{path.name} {what}. Save or download it again.")
    return "text"


def _is_workbook(path: Path) -> bool:
    names: list[str] = []
    with suppress(*UNPACK_FAULTS), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return "[Content_Types].xml" in names or ("content.xml" in names and "mimetype" in names)


def _only_member(path: Path) -> Source:
    """Find the one table in a zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            held = [info for info in archive.infolist() if not info.is_dir() and not _is_clutter(info.filename)]
    except UNPACK_FAULTS as error:
        raise ReadError(
            f"{path.name} is a zip archive, such as xlsx or ods, and broken: {error}. Is the file whole?"
        ) from error
    tables = [info for info in held if info.filename.lower().endswith(_ENDINGS)]
    if len(tables) != 1:
        names = ", ".join(info.filename for info in (tables or held)[:10]) or "nothing"
        raise ReadError(
            f"{path.name} holds {len(tables) or 'no'} tables ({names}). Unpack it and give one of {SPEAKING}."
        )
    info = tables[0]
    return Source(path, "text", lambda: open_member(path, info.filename), packed=True, member=info.filename)


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")


def open_gzip(path: Path) -> IO[bytes]:
    """Open what a gzip holds."""
    return io.BufferedReader(gzip.open(path, "rb"))


def open_member(path: Path, name: str) -> IO[bytes]:
    """Open one file of a zip; the archive closes with it."""
    with zipfile.ZipFile(path) as archive:  # a member keeps the file below it open
        return io.BufferedReader(_Member(archive.open(name)))


class _Member(io.RawIOBase):
    """A member of a zip as a raw stream."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, room: object) -> int:
        view = memoryview(room)  # type: ignore[arg-type]
        data = self._stream.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def unpack_once(source: Source, *, limit: bool) -> tuple[Source, int]:
    """Unpack once: is it whole, and does it stay within reason? What is small is kept, not unpacked again."""
    size, packed = 0, source.path.stat().st_size
    kept: list[bytes] = []
    try:
        with source.open() as stream:
            while some := stream.read(_SOME):
                size += len(some)
                check_size(source.path, size, packed, limit=limit)
                if size <= _KEPT:
                    kept.append(some)
    except ReadError:
        raise
    except UNPACK_FAULTS as error:
        raise ReadError(f"{source.name} cannot be unpacked: {error}. Is the file whole?") from error
    if size > _KEPT:
        return source, size
    data = b"".join(kept)
    return replace(source, open=lambda: io.BytesIO(data)), size


def check_size(path: Path, size: int, packed: int, *, limit: bool = True) -> None:
    """Refuse what unpacks to far more than a table would."""
    if size > _RATIO_FROM and size > _RATIO * packed:
        raise ReadError(
            f"{path.name} unpacks to more than {_RATIO} times its size: no table does so. It is not read further."
        )
    if limit and size > MOST_BYTES:
        raise ReadError(
            f"{path.name} unpacks to more than {MOST_BYTES >> 20:,} MiB. Unpack it, or use read_batches(path)."
        )
