"""How does a layer of a GeoPackage, or a GeoJSON file, become rows?"""

from __future__ import annotations

import warnings
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from geocluster.errors import ReadError
from geocluster.readers.raw import Raw
from geocluster.readers.shapes import NOT_POINTS, make_room, points_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pandas import DataFrame

    from geocluster.readers.files import Source

_GEO: tuple[str, ...] = ("FeatureCollection", "Feature", "Point", "MultiPoint", "Polygon", "MultiPolygon", "LineString")
_GEO += ("MultiLineString", "GeometryCollection")


def read_layer(source: Source, path: Path, *, rows: int, layer: str | None = None) -> Raw:
    """Read one layer; its geometries give lat and lon, whatever the CRS.

    Parameters
    ----------
    source : Source
    path : Path
        Where the unpacked file lies.
    rows : int
        Rows of a batch.
    layer : str, optional
        Its name; needed if there are several.

    Raises
    ------
    ReadError
        If it is broken, if there is no layer or no such layer, or several could be meant.
    """
    import pyogrio

    with _gdal(source):
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    if not layers:
        raise ReadError(f"{source.name} has no layers. Save the table in it again.")
    if source.kind == "json":
        layer = layers[0]
    if layer is None and len(layers) > 1:
        raise ReadError(f"{source.name} has {len(layers)} layers. Give layer=... (--layer ...): {_told(layers)}.")
    layer = layer or layers[0]
    if layer not in layers:
        near = get_close_matches(layer, layers, n=1)
        hint = f" Is it {near[0]!r}?" if near else ""
        raise ReadError(f"{source.name} has no layer {layer!r}.{hint} It has {_told(layers)}.")
    with _gdal(source):
        about = pyogrio.read_info(path, layer=layer)
    fields = [str(field) for field in about["fields"]]
    located = about["geometry_type"] is not None
    facts: dict[str, Any] = {"format": "GeoJSON" if source.kind == "json" else "GeoPackage"}
    if source.kind != "json":
        facts["layer"] = layer
    if located and source.kind != "json" and about["crs"] not in (None, "EPSG:4326"):
        facts["crs"] = str(about["crs"])
    header = [*make_room(fields), "lat", "lon"] if located else fields
    batches = _batches(source, path, layer, rows, fields, located=located, facts=facts)
    return Raw(source.name, header, batches, facts)


def check_geojson(source: Source) -> None:
    """Refuse JSON that is no GeoJSON, before GDAL guesses at it."""
    with source.open() as stream:
        head = stream.read(1 << 16).decode("utf-8-sig", "replace")
    if not head.lstrip().startswith("{") or not any(
        f'"type":"{what}"' in head.replace(" ", "").replace("\n", "").replace("\r", "").replace("\t", "")
        for what in _GEO
    ):
        raise ReadError(f"{source.name} holds JSON that is not GeoJSON. Save the table as CSV.")


def _told(names: list[str]) -> str:
    return ", ".join(map(repr, names[:20])) + (" …" if len(names) > 20 else "")


class _gdal:  # noqa: N801, used as a with-statement
    """Tell in words what GDAL says of a broken file; its warnings are less clear than the faults here."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __enter__(self) -> None:
        self.caught = warnings.catch_warnings()
        self.caught.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

        self.caught.__exit__(None, None, None)
        faults = (DataLayerError, DataSourceError, FieldError, GeometryError, RuntimeError, ValueError, OSError)
        if isinstance(error, faults) and not isinstance(error, ReadError):
            words = str(error).split("; It might help")[0].replace(str(self.source.path), self.source.name).rstrip(".")
            raise ReadError(f"{self.source.name} cannot be read: {words}. Is the file whole? Save it again.") from error


def _batches(
    source: Source, path: Path, layer: str, rows: int, fields: list[str], *, located: bool, facts: dict[str, Any]
) -> Iterator[DataFrame]:
    import pandas as pd
    import shapely
    from pyogrio.raw import open_arrow

    with (
        _gdal(source),
        open_arrow(path, layer=layer, batch_size=min(rows, 65_536), use_pyarrow=True) as (about, reader),
    ):
        shape = about["geometry_name"] or "wkb_geometry"
        for batch in reader:
            held = [batch.column(batch.schema.get_field_index(field)) for field in fields]
            frame = pd.DataFrame({at: _plain(cells).to_pandas() for at, cells in enumerate(held)})
            if located:
                wkb = batch.column(batch.schema.get_field_index(shape))
                shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False), on_invalid="raise")
                lat, lon, others = points_of(source.name, shapes, about["crs"])
                if others:
                    facts["notes"] = [NOT_POINTS]
                frame[len(fields)], frame[len(fields) + 1] = lat, lon
            if len(frame):
                yield frame


def _plain(cells: Any) -> Any:
    """Decode what Arrow keeps in a dictionary."""
    import pyarrow as pa

    return cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells
